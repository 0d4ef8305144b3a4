# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a connection to the engine counts as unused."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.exchange import Exchange

REQUEST = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
BOUNDED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlines\r\n"
LAST = b"0\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"
NO_BODY = b"HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n"
UNBOUNDED = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"


@pytest.mark.parametrize(
    ("passed", "unused"),
    [
        ([], True),
        (["> request"], False),
        (["> request", BOUNDED], True),
        (["> request", NO_BODY], True),
        (["> request", CHUNKED], False),
        (["> request", CHUNKED, LAST], True),
        (["> request", CHUNKED + LAST], True),
        (["> request", UPGRADED, b"output"], False),
        (["> request", UPGRADED, "> input", BOUNDED, LAST], False),
        (["> request", UNBOUNDED, b"output"], False),
        (["> request", BOUNDED, "> request"], False),
        (["> request", CHUNKED, LAST, "> request", BOUNDED], True),
        (["> request", BOUNDED, "> request", CHUNKED], False),
    ],
)
@pytest.mark.parametrize("cut", [1000, 7, 1])
def test_a_connection_is_unused_between_an_answer_and_the_next_request(passed: list[str | bytes], unused: bool, cut: int) -> None:
    now = [100.0]
    exchange = Exchange(lambda: now[0])
    for piece in passed:
        if isinstance(piece, str):
            exchange.sent(REQUEST)
            continue
        for start in range(0, len(piece), cut):
            exchange.received(piece[start : start + cut])
    now[0] += 5
    assert exchange.idle == (5.0 if unused else 0.0)


@pytest.mark.parametrize(
    ("request_line", "answer", "belongs_to"),
    [
        (b"POST /v1.47/exec/0a1b/start HTTP/1.1", UPGRADED, ("exec", "0a1b")),
        (b"POST /containers/my-web.1/attach?stream=1 HTTP/1.1", UPGRADED + b"output", ("containers", "my-web.1")),
        (b"POST /v1.47/containers/web/attach?stream=1 HTTP/1.1", UPGRADED, None),
        (b"POST /v1.47/exec/0a1b/start HTTP/1.1", BOUNDED, None),
        (b"POST /session HTTP/1.1", UPGRADED, None),
    ],
)
def test_an_upgraded_connection_belongs_to_what_was_asked_for(
    request_line: bytes, answer: bytes, belongs_to: tuple[str, str] | None
) -> None:
    exchange = Exchange()
    exchange.sent(request_line + b"\r\nHost: x\r\n\r\n")
    exchange.received(answer)
    assert exchange.hijacked == belongs_to
