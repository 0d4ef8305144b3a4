# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain requests through the tunnel: what goes over the wire, and what a broken wire does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine import streams, tunnel
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import (
    EngineAccessError,
    EngineConflictError,
    EngineDownError,
    EngineError,
    EngineNotFoundError,
    PipeModeError,
    TunnelLostError,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ProtocolError, RemoteError, RemoteTimeout
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.network import ConnectionLost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Output

from .conftest import Wire, http, said

Dial = Callable[..., EngineClient]
LOST = ConnectionLost("the host did not answer within 30 seconds")
CREATE = "POST /v1.51/containers/create?name=web"


def create(engine: EngineClient, image: str = "image") -> None:
    """One request that changes something."""
    engine.api.create_container(image, name="web")


def test_the_api_version_is_asked_for_once_and_then_spoken(wire: Wire, dial: Dial) -> None:
    wire.answer("GET /v1.51/containers/web/json", http(b'{"Id": "1"}'))
    engine = dial()
    assert engine.version["Version"] == "28.5.2"
    assert engine.api.inspect_container("web") == {"Id": "1"}
    assert wire.requests() == ["GET /version", "GET /v1.51/containers/web/json"]
    assert engine.requests == 2


def test_requests_share_one_tunnel_and_cost_one_write_each(wire: Wire, dial: Dial) -> None:
    wire.answer(CREATE, http(b'{"Id": "1"}', "201 Created"))
    wire.answer("GET /v1.51/info", http(b"{}"))
    engine = dial()
    create(engine, "x" * 50_000)
    engine.api.info()
    assert (wire.opened, len(wire.writes)) == (1, 3)


def test_an_answer_may_be_cut_anywhere(wire: Wire, dial: Dial) -> None:
    answer = http(b'{"Id": "' + b"a" * 300 + b'"}')
    wire.answer("GET /v1.51/info", *[answer[index : index + 7] for index in range(0, len(answer), 7)])
    assert dial().api.info() == {"Id": "a" * 300}


def test_nothing_of_the_controllers_own_docker_setup_takes_part(
    wire: Wire, dial: Dial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text('{"HttpHeaders": {"X-Mine": "1"}, "proxies": {"default": {"httpProxy": "http://mine"}}}')
    (tmp_path / "netrc").write_text("machine localhost login me password secret-of-mine")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    wire.answer(CREATE, http(b'{"Id": "1"}', "201 Created"))
    engine = dial()
    engine.api.create_container("image", "cmd", name="web")
    sent = b"".join(wire.writes)
    assert b"mine" not in sent
    assert b"Authorization" not in sent


@pytest.mark.parametrize("loss", [LOST, ProtocolError("no XML"), Output(b"", b"", 0)])
def test_a_get_is_repeated_once_over_a_new_tunnel(wire: Wire, dial: Dial, loss: Output | Exception) -> None:
    wire.answer("GET /v1.51/info", loss)
    wire.answer("GET /v1.51/info", http(b'{"ID": "2"}'))
    engine = dial()
    assert engine.api.info() == {"ID": "2"}
    assert (wire.opened, engine.requests) == (2, 3)


def test_a_loss_in_the_middle_of_a_body_is_seen(wire: Wire, dial: Dial) -> None:
    wire.answer("GET /v1.51/info", http(b'{"ID": "1"}')[:-3], LOST)
    wire.answer("GET /v1.51/info", http(b'{"ID": "2"}'))
    assert dial().api.info() == {"ID": "2"}


def test_a_lost_change_is_never_repeated(wire: Wire, dial: Dial) -> None:
    wire.answer(CREATE, LOST)
    engine = dial()
    with pytest.raises(TunnelLostError, match="unknown whether the engine carried it out") as caught, engine.errors():
        create(engine)
    assert "POST /v1.51/containers/create" in caught.value.cause
    assert wire.opened == 1


def test_the_next_request_after_a_loss_gets_a_new_tunnel(wire: Wire, dial: Dial) -> None:
    wire.answer(CREATE, LOST)
    wire.answer("GET /v1.51/info", http(b"{}"))
    engine = dial()
    with pytest.raises(TunnelLostError):
        create(engine)
    engine.api.info()
    assert wire.opened == 2


def test_a_second_request_while_an_answer_streams_gets_a_tunnel_of_its_own(wire: Wire, dial: Dial) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    wire.answer("POST /v1.51/images/create?tag=1&fromImage=a", chunked + b'7\r\n{"a":1}\r\n', b'7\r\n{"a":2}\r\n0\r\n\r\n')
    wire.answer("GET /v1.51/info", http(b"{}"))
    engine = dial()
    stream = engine.api.pull("a", tag="1", stream=True, decode=True)
    assert next(stream) == {"a": 1}
    engine.api.info()
    assert list(stream) == [{"a": 2}]
    assert wire.opened == 2


@pytest.mark.parametrize("end", [Output(b"", b"", 0), LOST])
@pytest.mark.parametrize("cut", [b"", b"7\r\n{", b"7"])
def test_a_stream_that_breaks_off_is_not_taken_for_its_end(wire: Wire, dial: Dial, cut: bytes, end: Output | Exception) -> None:
    head = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n'
    wire.answer("POST /v1.51/images/create?tag=1&fromImage=a", head + cut, end)
    engine = dial()
    seen = []
    with pytest.raises(TunnelLostError), engine.errors():
        for line in engine.api.pull("a", tag="1", stream=True, decode=True):
            seen.append(line)
    assert seen == [{"a": 1}]


def test_a_tunnel_that_was_idle_for_long_is_replaced_before_a_change_is_sent(
    wire: Wire, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.answer(CREATE, http(b'{"Id": "1"}', "201 Created"))
    engine = dial()
    monkeypatch.setattr(tunnel, "IDLE_LIMIT", 0.0)
    create(engine)
    assert (wire.opened, wire.closed) == (2, 1)


def test_silence_is_a_timeout(wire: Wire, dial: Dial) -> None:
    wire.answer("GET /v1.51/info")
    engine = dial()
    engine.api.timeout = 1
    with pytest.raises(RemoteTimeout), engine.errors():
        engine.api.info()


@pytest.mark.parametrize(
    ("status", "kind"),
    [("404 Not Found", EngineNotFoundError), ("409 Conflict", EngineConflictError), ("500 Internal Server Error", EngineError)],
)
def test_refusals_keep_status_and_words(wire: Wire, dial: Dial, status: str, kind: type[EngineError]) -> None:
    wire.answer("GET /v1.51/containers/web/json", http(b'{"message": "hcsshim::X: The parameter\\nis incorrect."}', status))
    engine = dial()
    with pytest.raises(EngineError) as caught, engine.errors():
        engine.api.inspect_container("web")
    assert caught.type is kind
    assert caught.value.status == int(status[:3])
    assert caught.value.cause == "the engine answered: hcsshim::X: The parameter is incorrect"


FAILED = "failed to open the raw stream connection: open //./pipe/docker_engine: "


@pytest.mark.parametrize(
    ("text", "state", "kind", "words"),
    [
        (FAILED + "The system cannot find the file specified.", "Stopped", EngineDownError, 'its service "docker" is stopped'),
        (FAILED + "Das System kann die angegebene Datei nicht finden.", "Stopped", EngineDownError, "is stopped"),
        (FAILED + "The system cannot find the file specified.", "Running", EngineDownError, "option engine_pipe"),
        (FAILED + "Access is denied.", "Running", EngineAccessError, "administrator"),
        ("the raw stream connection does not implement halfCloser", "Running", PipeModeError, "option engine_pipe"),
        (FAILED + "Zugriff verweigert", "Running", EngineError, "Zugriff verweigert"),
    ],
)
@pytest.mark.parametrize("send_fails", [False, True])
def test_why_the_engine_cannot_be_reached(
    wire: Wire, dial: Dial, text: str, state: str, kind: type[EngineError], words: str, send_fails: bool
) -> None:
    last_words: list[Output | Exception] = [Output(b"", text.encode() + b"\r\n", None), Output(b"", b"", 1)]
    wire.answers.clear()
    if send_fails:
        wire.dial = last_words
        wire.send_error = RemoteError("the program ended before it had read all of its input", code=109)
    else:
        wire.answer("GET /version", *last_words)
    with pytest.raises(EngineError) as caught:
        dial(state)
    assert caught.type is kind
    assert words in caught.value.sentence("ws2022")
    assert wire.closed == wire.opened


def test_an_exec_without_input_needs_one_tunnel_and_loses_no_early_bytes(wire: Wire, dial: Dial) -> None:
    upgraded = b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    frames = b"\x01\0\0\0\0\0\0\x02hi" + b"\x02\0\0\0\0\0\0\x03err"
    wire.answer("POST /v1.51/containers/web/exec", http(b'{"Id": "e"}', "201 Created"))
    wire.answer("POST /v1.51/exec/e/start", upgraded + frames[:5], said(frames[5:]), Output(b"", b"", 0))
    wire.answer("GET /v1.51/exec/e/json", http(b'{"ExitCode": 3, "Running": false}'))
    result = dial().exec("web", ["cmd", "/c", "x"])
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"hi", b"err")


def test_an_exec_ends_when_the_engine_says_so_although_the_program_stays(wire: Wire, dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SILENCE", 0.01)
    monkeypatch.setattr(streams, "GRACE", 0.01)
    upgraded = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    wire.answer("POST /v1.51/containers/web/exec", http(b'{"Id": "e"}', "201 Created"))
    wire.answer("POST /v1.51/exec/e/start", upgraded, b"\x01\0\0\0\0\0\0\x02hi")
    wire.answer("GET /v1.51/exec/e/json", http(b'{"ExitCode": null, "Running": true}'))
    wire.answer("GET /v1.51/exec/e/json", http(b'{"ExitCode": 0, "Running": false}'))
    wire.answer("GET /v1.51/exec/e/json", http(b'{"ExitCode": 0, "Running": false}'))
    result = dial().exec("web", ["cmd"])
    assert (result.exit_code, result.stdout) == (0, b"hi")


@pytest.mark.parametrize("send_fails", [False, True])
def test_a_two_way_stream_that_cannot_be_opened_says_why(wire: Wire, dial: Dial, send_fails: bool) -> None:
    wire.answer("POST /v1.51/containers/web/exec", http(b'{"Id": "e"}', "201 Created"))
    engine = dial()
    wire.dial = [Output(b"", (FAILED + "Access is denied.").encode(), None), Output(b"", b"", 1)]
    with pytest.raises(EngineAccessError), engine.errors(), engine.hijacked() as client:
        if send_fails:
            wire.send_error = RemoteError("the program ended", code=109)
        else:
            wire.answer("POST /v1.51/exec/e/start")
        client.exec_start("e", socket=True)
    assert wire.closed >= 1
