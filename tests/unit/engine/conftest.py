# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A transport in memory: the far side is a function that answers HTTP requests, with whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service import EngineService
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.program import Output

VERSION = b'{"Version": "28.5.2", "ApiVersion": "1.51"}'

#: What the far side gives for one whole request: pieces of output, or an exception that the wire raises.
Answer = list[Output | Exception]


def http(body: bytes, status: str = "200 OK") -> bytes:
    """One framed answer."""
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def said(stdout: bytes) -> Output:
    return Output(stdout, b"", None)


@dataclass
class Wire:
    """Everything that went over it, and what the far side answers to ``METHOD path``."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0
    writes: list[bytes] = field(default_factory=list)
    dial: Answer = field(default_factory=list)  #: what the program says before it is asked anything
    send_error: Exception | None = None  #: what every Send gives

    def answer(self, request: str, *answer: Output | Exception | bytes) -> None:
        """The next answer to a request; bytes are output."""
        pieces = [said(piece) if isinstance(piece, bytes) else piece for piece in answer]
        self.answers.setdefault(request, []).append(pieces)

    def requests(self) -> list[str]:
        """The request lines, without the protocol."""
        return [write.split(b" HTTP/", 1)[0].decode() for write in self.writes if b" HTTP/1.1\r\n" in write]


class MemoryTransport:
    """One program on the wire. A request must come in one write."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._coming: list[Output | Exception] = []

    def open(self) -> None:
        self._wire.opened += 1
        self._coming = list(self._wire.dial)

    def write(self, data: bytes, end: bool = False) -> None:
        if self._wire.send_error is not None:
            raise self._wire.send_error
        self._wire.writes.append(data)
        line = data.split(b"\r\n", 1)[0].decode().rsplit(" ", 1)[0]
        if b" HTTP/1.1\r\n" in data:
            self._coming += self._wire.answers[line].pop(0)

    def read(self, timeout: float | None) -> Output | None:
        if not self._coming:
            return None
        piece = self._coming.pop(0)
        if isinstance(piece, Exception):
            raise piece
        return piece

    def twin(self) -> MemoryTransport:
        return self

    def close(self) -> None:
        self._wire.closed += 1


@pytest.fixture
def wire() -> Wire:
    made = Wire()
    made.answer("GET /version", http(VERSION))
    return made


@pytest.fixture
def dial(wire: Wire) -> Iterator[Callable[[], EngineClient]]:
    """Connects an engine client over the wire."""
    clients: list[EngineClient] = []

    def connect(state: str = "Running") -> EngineClient:
        service = EngineService("docker", r"C:\Program Files\docker\dockerd.exe", state)
        clients.append(EngineClient(lambda: MemoryTransport(wire), service))
        clients[-1].negotiate()
        return clients[-1]

    yield connect
    for client in clients:
        client.close()
