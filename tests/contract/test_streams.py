# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams: logs, attach and exec, with their framing, half-close and exit codes."""

from __future__ import annotations

import socket
from typing import Any

import docker.utils.socket
import pytest
from contract.conftest import Side
from contract.test_refusals import ask


def run_exec(side: Side, container: str, command: list[str], **options: Any) -> tuple[bytes | None, bytes | None, int]:
    """Both streams and the exit code."""
    client = side.hijacking()
    instance = client.exec_create(container, command, **options)["Id"]
    out, err = client.exec_start(instance, demux=True)
    return out, err, client.exec_inspect(instance)["ExitCode"]


def stdout_of(raw: Any) -> bytes:
    """All frames of stdout up to the engine's close."""
    frames: Any = docker.utils.socket.frames_iter
    return b"".join(piece for stream, piece in frames(raw, tty=False) if stream == 1)


@pytest.fixture
def container(side: Side) -> str:
    """A running container."""
    return side.run(["sleep", "60"])


def test_both_streams_in_the_log(side: Side) -> None:
    id_ = side.run(["sh", "-c", "echo out; echo err >&2"])
    side.api.wait(id_, timeout=20)
    assert side.api.logs(id_, stderr=False) == b"out\n"
    assert side.api.logs(id_, stdout=False) == b"err\n"


def test_framing_of_the_log(side: Side) -> None:
    id_ = side.run(["sh", "-c", "echo one; echo two"])
    side.api.wait(id_, timeout=20)
    text = ask(side, "GET", f"/containers/{id_}/logs?stdout=1&stderr=1")[1].encode("latin-1")
    assert text == b"\x01\0\0\0\0\0\0\x04one\n\x01\0\0\0\0\0\0\x04two\n"


def test_the_log_of_a_terminal_has_no_frames(side: Side) -> None:
    id_ = side.run(["echo", "one"], tty=True)
    side.api.wait(id_, timeout=20)
    assert ask(side, "GET", f"/containers/{id_}/logs?stdout=1")[1].strip() == "one"


def test_no_stream_chosen(side: Side, container: str) -> None:
    status, text, _unused = ask(side, "GET", f"/containers/{container}/logs")
    assert status == 400
    assert "you must choose at least one stream" in text


@pytest.mark.parametrize(("tail", "expected"), [(1, b"3\n"), (2, b"2\n3\n"), ("all", b"1\n2\n3\n"), (10, b"1\n2\n3\n")])
def test_the_end_of_the_log(side: Side, tail: int | str, expected: bytes) -> None:
    id_ = side.run(["sh", "-c", "echo 1; echo 2; echo 3"])
    side.api.wait(id_, timeout=20)
    assert side.api.logs(id_, tail=tail) == expected


def test_follow_ends_with_the_container(side: Side) -> None:
    id_ = side.run(["sh", "-c", "echo 1; sleep 0.3; echo 2"])
    assert b"".join(side.hijacking().logs(id_, stream=True, follow=True)) == b"1\n2\n"


def test_times_in_the_log(side: Side) -> None:
    id_ = side.run(["echo", "x"])
    side.api.wait(id_, timeout=20)
    time, _unused, rest = side.api.logs(id_, timestamps=True).partition(b" ")
    assert rest == b"x\n"
    assert (time[:2], time[-1:], len(time)) == (b"20", b"Z", 30)


def test_exec(side: Side, container: str) -> None:
    assert run_exec(side, container, ["sh", "-c", "echo out; echo err >&2; exit 5"]) == (b"out\n", b"err\n", 5)


def test_exec_environment(side: Side, container: str) -> None:
    assert run_exec(side, container, ["sh", "-c", "echo $GREETING"], environment={"GREETING": "hello there"}) == (b"hello there\n", None, 0)


def test_exec_wants_one_stream(side: Side, container: str) -> None:
    assert run_exec(side, container, ["sh", "-c", "echo out; echo err >&2"], stderr=False) == (b"out\n", None, 0)


def test_exec_inspect(side: Side, container: str) -> None:
    instance = side.api.exec_create(container, ["sh", "-c", "exit 0"], stdin=True)["Id"]
    before = side.api.exec_inspect(instance)
    assert (before["ID"], before["Running"], before["ExitCode"], before["ContainerID"]) == (instance, False, None, container)
    assert (before["OpenStdin"], before["OpenStdout"], before["OpenStderr"]) == (True, True, True)
    assert (before["ProcessConfig"]["entrypoint"], before["ProcessConfig"]["arguments"]) == ("sh", ["-c", "exit 0"])
    assert before["ProcessConfig"]["tty"] is False


def test_exec_detached(side: Side, container: str) -> None:
    instance = side.api.exec_create(container, ["sleep", "30"])["Id"]
    side.api.exec_start(instance, detach=True)
    shown = side.api.exec_inspect(instance)
    assert (shown["Running"], shown["ExitCode"]) == (True, None)


def test_exec_input_and_half_close(side: Side, container: str) -> None:
    client = side.hijacking()
    instance = client.exec_create(container, ["cat"], stdin=True)["Id"]
    raw = client.exec_start(instance, socket=True)
    wire = getattr(raw, "_sock", raw)
    data = bytes(range(256)) * 400
    wire.sendall(data)
    wire.shutdown(socket.SHUT_WR)
    assert stdout_of(raw) == data
    raw.close()
    assert client.exec_inspect(instance)["ExitCode"] == 0


def test_exec_with_a_terminal(side: Side, container: str) -> None:
    client = side.hijacking()
    instance = client.exec_create(container, ["echo", "x"], tty=True)["Id"]
    assert client.exec_start(instance, tty=True).strip() == b"x"


def test_typing_in_a_terminal(side: Side, container: str) -> None:
    client = side.hijacking()
    instance = client.exec_create(container, ["sh", "-c", "cat; echo over"], tty=True, stdin=True)["Id"]
    raw = client.exec_start(instance, socket=True, tty=True)
    wire = getattr(raw, "_sock", raw)
    wire.settimeout(20)
    for keys, seen in ((b"hallo\x7f", b"hallo\x08 \x08"), (b"\r", b"\r\nhall\r\n"), (b"\x04", b"over\r\n")):
        wire.sendall(keys)
        assert read_exactly(wire, len(seen)) == seen
    assert client.exec_inspect(instance)["ExitCode"] in (0, None)
    raw.close()


def test_who_leaves_a_terminal_leaves_its_program_running(side: Side) -> None:
    id_ = side.create(["cat"], stdin_open=True, tty=True)
    client = side.hijacking()
    raw = client.attach_socket(id_, params={"stdin": 1, "stdout": 1, "stream": 1})
    client.start(id_)
    wire = getattr(raw, "_sock", raw)
    wire.settimeout(20)
    wire.sendall(b"x\r")
    assert read_exactly(wire, 6) == b"x\r\nx\r\n"
    wire.shutdown(socket.SHUT_WR)
    assert wire.recv(10) == b""
    raw.close()
    assert client.inspect_container(id_)["State"]["Running"]


def read_exactly(wire: socket.socket, count: int) -> bytes:
    """So many bytes, or what came before the end."""
    received = b""
    while len(received) < count and (piece := wire.recv(count - len(received))):
        received += piece
    return received


def test_exec_of_what_is_not_there(side: Side, container: str) -> None:
    client = side.hijacking()
    instance = client.exec_create(container, ["no-such-program"])["Id"]
    output = client.exec_start(instance)
    assert side.platform.missing_program_words.encode() in output
    assert client.exec_inspect(instance)["ExitCode"] in (126, 127)


def test_upgrade_and_no_upgrade(side: Side, container: str) -> None:
    instance = side.api.exec_create(container, ["true"])["Id"]
    head = _raw(side, f"POST /exec/{instance}/start", "Connection: Upgrade\r\nUpgrade: tcp\r\n")
    assert head.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
    instance = side.api.exec_create(container, ["true"])["Id"]
    head = _raw(side, f"POST /exec/{instance}/start", "")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Type: application/vnd.docker.raw-stream" in head


def _raw(side: Side, line: str, headers: str) -> bytes:
    """A hijacked answer, head and all, up to the engine's close. (The SDK loses what comes in one piece with the head.)"""
    body = '{"Detach": false, "Tty": false}'
    text = f"{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}"
    received = b""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(10)
        wire.connect(str(side.socket))
        wire.sendall(text.encode())
        while piece := wire.recv(4096):
            received += piece
    return received


def test_attach_sees_output_and_ends(side: Side) -> None:
    id_ = side.create(["sh", "-c", "echo out; echo err >&2"])
    stream = side.hijacking().attach(id_, stream=True, demux=True)
    side.api.start(id_)
    pieces = list(stream)
    assert b"".join(out for out, _unused in pieces if out) == b"out\n"
    assert b"".join(err for _unused, err in pieces if err) == b"err\n"


def test_attach_with_input(side: Side) -> None:
    id_ = side.create(["cat"], stdin_open=True)
    raw = side.hijacking().attach_socket(id_, params={"stdin": 1, "stdout": 1, "stream": 1})
    side.api.start(id_)
    wire = getattr(raw, "_sock", raw)
    wire.sendall(b"through\n")
    wire.shutdown(socket.SHUT_WR)
    assert stdout_of(raw) == b"through\n"
    raw.close()
    assert side.api.wait(id_, timeout=20)["StatusCode"] == 0


def test_attach_to_old_output(side: Side) -> None:
    id_ = side.run(["echo", "earlier"])
    side.api.wait(id_, timeout=20)
    answer = _raw(side, f"POST /containers/{id_}/attach?logs=1&stdout=1", "")
    assert answer.partition(b"\r\n\r\n")[2] == b"\x01\0\0\0\0\0\0\x08earlier\n"


def test_an_exec_that_ran_is_refused_in_the_stream(side: Side, container: str) -> None:
    instance = side.api.exec_create(container, ["true"])["Id"]
    _raw(side, f"POST /exec/{instance}/start", "")
    text = f"Error: Exec command {instance} has already run\r\n".encode()
    assert _raw(side, f"POST /exec/{instance}/start", "").endswith(b"\x01\0\0\0\0\0\0" + bytes([len(text)]) + text)
