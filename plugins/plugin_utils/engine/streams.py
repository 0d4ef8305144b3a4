# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Raw streams after an upgraded request (exec, attach): the engine's frames, and when they end."""

from __future__ import annotations

import mmap
import select
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from .libraries import Response
from .tunnel import TunnelSocket

STDOUT = 1
STDERR = 2

#: Seconds of silence before another request asks whether the exec or container still runs: the program on the host may
#: outlive the engine's end of the stream (docker-on-windows.md section 9, 2), so the stream's end alone is not waited for.
SILENCE = 5.0
#: Seconds in which the rest of the output must come once the exec is known to have ended.
GRACE = 1.0
_HEADER = struct.Struct(">BxxxL")


@dataclass(frozen=True)
class Frame:
    """A piece of output; ``stream`` is 1 for stdout, 2 for stderr."""

    stream: int
    data: bytes


class FrameParser:
    """Splits the engine's multiplexed stream; with ``tty`` everything is stdout. No I/O."""

    def __init__(self, tty: bool = False) -> None:
        self._tty = tty
        self._data = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames complete so far."""
        if self._tty:
            return [Frame(STDOUT, data)] if data else []
        self._data += data
        frames = []
        while len(self._data) >= _HEADER.size:
            stream, length = _HEADER.unpack_from(self._data)
            end = _HEADER.size + length
            if len(self._data) < end:
                break
            frames.append(Frame(stream, bytes(self._data[_HEADER.size : end])))
            del self._data[:end]
        return frames


class RawStream:
    """The connection behind an upgraded answer, early bytes included.

    Bytes that came together with the HTTP header lie in the answer's reader, where the SDK's own code would lose them.
    """

    def __init__(self, response: Response) -> None:
        reader = cast(Any, response.raw)._fp.fp
        self._response = response
        self._sock = socket_of(response)
        self._input: memoryview | None = None
        self._sock.settimeout(0)
        early = reader.peek()
        self._early = bytes(reader.read1(len(early))) if early else b""

    def give(self, data: bytes | mmap.mmap) -> None:
        """The program's whole stdin, sent while output is received, and then its end (needs a hijacked connection)."""
        self._input = memoryview(data)

    def receive(self, timeout: float | None) -> bytes | None:
        """Bytes; empty at the end; None when nothing came in time."""
        if self._early:
            data, self._early = self._early, b""
            return data
        if isinstance(self._sock, TunnelSocket):
            return self._receive_tunnel(timeout)
        while True:
            writers = [] if self._input is None else [self._sock]
            readable, writable, _unused = select.select([self._sock], writers, [], timeout)
            if writable:
                self._send_some()
            if readable:
                return bytes(self._sock.recv(65536))
            if not writable:
                return None

    def _receive_tunnel(self, timeout: float | None) -> bytes | None:
        self._sock.settimeout(timeout)
        buffer = bytearray(65536)
        try:
            count = self._sock.recv_into(memoryview(buffer))
        except TimeoutError:
            return None
        return bytes(buffer[: count or 0])

    def _send_some(self) -> None:
        data = self._input
        try:
            if data:
                self._input = data[self._sock.send(data) :]
            if not self._input:
                self._input = None
                self._sock.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionError):
            # The program ended without reading the rest; its output and exit code tell the story.
            self._input = None

    def close(self) -> None:
        """Give up the connection: an upgraded one serves no second request."""
        self._response.close()
        if isinstance(self._sock, TunnelSocket):
            self._sock.abort()


def socket_of(response: Response) -> Any:
    """The socket an answer is read from: a TunnelSocket, or the SDK's end of a socket pair."""
    raw = cast(Any, response.raw)._fp.fp.raw
    return raw.sock if hasattr(raw, "sock") else raw._sock


def is_raw(response: Response) -> bool:
    """Whether the answer is an upgraded connection, with no HTTP framing."""
    framed = "Content-Length" in response.headers or "chunked" in response.headers.get("Transfer-Encoding", "")
    return response.status_code == 101 or (response.status_code == 200 and not framed)


def frames(stream: RawStream, ended: Callable[[], bool], tty: bool = False) -> Iterator[Frame]:
    """All frames up to the end of the stream, or until ``ended`` says that nothing runs any more."""
    parser = FrameParser(tty)
    wait = SILENCE
    over = False
    while True:
        data = stream.receive(GRACE if over else wait)
        if data:
            yield from parser.feed(data)
            wait = SILENCE
        elif data == b"" or over:
            return
        else:
            over = ended()
            wait = min(wait * 2, 60)
