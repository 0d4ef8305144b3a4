# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 for every server of the simulator (WinRM, Engine API, registry, mirror): h11 over any byte stream."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, cast

import h11


class Stream(Protocol):
    """What a connection is made of; :class:`simulator.streams.Duplex` and :class:`SocketStream` are streams."""

    async def read(self, limit: int = ...) -> bytes: ...
    async def write(self, data: bytes) -> None: ...
    async def write_eof(self) -> None: ...
    async def close(self) -> None: ...


class SocketStream:
    """asyncio's reader and writer as a Stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._socket = writer.get_extra_info("socket")  # a TLS transport that has ended no longer tells

    async def read(self, limit: int = 65536) -> bytes:
        return await self.reader.read(limit)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def write_eof(self) -> None:
        if self.writer.can_write_eof():
            self.writer.write_eof()

    async def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        """Reset the connection: the peer sees RST, not an orderly end."""
        if self._socket is not None and self._socket.fileno() >= 0:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        cast(asyncio.Transport, self.writer.transport).abort()


@dataclass(frozen=True)
class Request:
    """One request, its body read whole."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str, default: str = "") -> str:
        """The first header of that name (case does not matter)."""
        return next((value for key, value in self.headers if key == name.lower()), default)


@dataclass
class Response:
    """One answer. A body that is an iterator goes out chunked as it comes."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    headers: Sequence[tuple[str, str]] = ()
    reason: bytes = b""
    close: bool = False


@dataclass
class Upgrade(Response):
    """An answer after which the connection belongs to ``handler`` (attach, exec): it gets a Stream of raw bytes."""

    handler: Callable[[Stream], Awaitable[None]] | None = None


@dataclass
class Abort(Response):
    """No answer: send ``body`` raw (perhaps nothing) and cut the connection: with a reset, or ``orderly``, as at its normal end."""

    orderly: bool = False


@dataclass
class Connection:
    """What belongs to one connection rather than to one request (authentication, sealing keys)."""

    state: dict[str, object] = field(default_factory=dict)
    peer: str = ""
    encrypted: bool = False  #: TLS
    peer_certificate: bytes = b""  #: the client's (DER), if TLS asked for one and it was given
    busy: bool = False  #: a request is being answered


Handler = Callable[[Request, Connection], Awaitable[Response]]

#: Statuses whose answers have neither body nor length (RFC 9110 8.6).
_WITHOUT_BODY = (101, 204, 304)


class _Buffered:
    """The raw stream after an upgrade, with what h11 had already read put in front."""

    def __init__(self, stream: Stream, early: bytes) -> None:
        self._stream, self._early = stream, early

    async def read(self, limit: int = 65536) -> bytes:
        if self._early:
            data, self._early = self._early[:limit], self._early[limit:]
            return data
        return await self._stream.read(limit)

    async def write(self, data: bytes) -> None:
        await self._stream.write(data)

    async def write_eof(self) -> None:
        await self._stream.write_eof()

    async def close(self) -> None:
        await self._stream.close()


async def _next_request(protocol: h11.Connection, stream: Stream, idle: float | None) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            if protocol.they_are_waiting_for_100_continue:
                await stream.write(protocol.send(h11.InformationalResponse(status_code=100, headers=[])))
            data = await asyncio.wait_for(stream.read(), idle)
            protocol.receive_data(data)
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in head.headers)
            return Request(head.method.decode(), head.target.decode("latin-1"), headers, bytes(body))
        else:
            return None


def raw(response: Response) -> bytes:
    """A whole answer as bytes, for an Abort that cuts it short."""
    body = response.body if isinstance(response.body, bytes) else b""
    lines = [f"HTTP/1.1 {response.status} ".encode() + response.reason]
    lines += [f"{key}: {value}".encode() for key, value in (*response.headers, ("Content-Length", str(len(body))))]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def _answer(protocol: h11.Connection, stream: Stream, response: Response, method: str) -> None:
    headers = list(response.headers)
    if response.close:
        headers.append(("Connection", "close"))
    if isinstance(response.body, bytes) and response.status not in _WITHOUT_BODY:
        headers.append(("Content-Length", str(len(response.body))))
    status = response.status
    event_type = h11.InformationalResponse if status == 101 else h11.Response
    out = protocol.send(event_type(status_code=status, headers=headers, reason=response.reason))
    if isinstance(response.body, bytes):
        if method != "HEAD" and response.body and response.status not in _WITHOUT_BODY:
            out += protocol.send(h11.Data(response.body))
        await stream.write(out + protocol.send(h11.EndOfMessage()))
        return
    await stream.write(out)
    async for piece in response.body:
        if piece:
            await stream.write(protocol.send(h11.Data(piece)))
    await stream.write(protocol.send(h11.EndOfMessage()))


async def _upgrade(protocol: h11.Connection, stream: Stream, response: Upgrade) -> None:
    """Write the head by hand: an upgrade has neither length nor chunks, whatever its status."""
    lines = [f"HTTP/1.1 {response.status} ".encode() + response.reason]
    lines += [f"{key}: {value}".encode() for key, value in response.headers]
    await stream.write(b"\r\n".join(lines) + b"\r\n\r\n")
    early, _unused = protocol.trailing_data
    if response.handler:
        await response.handler(_Buffered(stream, early))


async def serve(
    stream: Stream, handle: Handler, *, idle: float | None = None, peer: str = "", connection: Connection | None = None
) -> None:
    """Serve one connection until it ends.

    Args:
        stream: The bytes.
        handle: Answers one request; gets the connection's own state.
        idle: Seconds after which a silent connection is dropped.
        peer: The client's address, for logs.
        connection: The connection's state, if the caller wants to look at it.
    """
    protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection = connection or Connection(peer=peer)
    try:
        while (request := await _next_request(protocol, stream, idle)) is not None:
            connection.busy = True
            response = await handle(request, connection)
            if isinstance(response, Abort):
                if response.body:
                    await stream.write(cast(bytes, response.body))
                abort = getattr(stream, "abort", None)
                if abort and not response.orderly:
                    abort()
                return
            if isinstance(response, Upgrade):
                await _upgrade(protocol, stream, response)
                return
            await _answer(protocol, stream, response, request.method)
            connection.busy = False
            if protocol.our_state is h11.MUST_CLOSE or protocol.their_state is h11.MUST_CLOSE:
                return
            protocol.start_next_cycle()
    except h11.RemoteProtocolError:
        if protocol.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            with suppress(ConnectionError):  # it may have gone in the middle of its request
                await stream.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    except (ConnectionError, h11.LocalProtocolError, TimeoutError):
        return
    finally:
        await stream.close()


class Server:
    """A listening socket and its connections.

    Args:
        handle: Answers one request.
        address: To listen on.
        port: 0 picks a free one; :attr:`port` then tells which.
        idle: Seconds after which a silent connection is dropped.
        tls: For HTTPS.
    """

    def __init__(
        self, handle: Handler, address: str, port: int = 0, *, idle: float | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.address, self.port = address, port
        self._handle, self._idle, self._tls = handle, idle, tls
        self._server: asyncio.Server | None = None
        self._silent: socket.socket | None = None
        self._open: dict[asyncio.Task[None], tuple[SocketStream, Connection]] = {}

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._break_silence()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self.address, self.port, ssl=self._tls, reuse_address=True, backlog=512)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        peer = writer.get_extra_info("peername")
        tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        certificate = (tls.getpeercert(binary_form=True) or b"") if tls else b""
        stream, connection = SocketStream(reader, writer), Connection({}, peer[0] if peer else "", tls is not None, certificate)
        if task is not None:
            self._open[task] = (stream, connection)
            task.add_done_callback(lambda done: self._open.pop(done, None))
        try:
            await serve(stream, self._handle, idle=self._idle, connection=connection)
        except asyncio.CancelledError:
            return  # stop(): the connection has been reset; asyncio would report the cancellation as an error

    async def stop(self) -> None:
        """Refuse new connections and reset the open ones."""
        self._break_silence()
        if self._server is not None:
            self._server.close()
            self._server = None
        self._drop(list(self._open))
        if tasks := [task for task in self._open if task is not asyncio.current_task()]:
            await asyncio.wait(tasks, timeout=2)

    @property
    def listening(self) -> bool:
        """Whether the port is open."""
        return self._server is not None

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def fall_silent(self) -> None:
        """Until the next start, let the system take connections that nobody serves (instead of refusing them)."""
        self._silent = socket.create_server((self.address, self.port), backlog=512)

    def _break_silence(self) -> None:
        if self._silent is not None:
            self._silent.close()
            self._silent = None

    def disconnect_idle(self) -> int:
        """Drop the connections that no request is using; how many."""
        idle = [task for task, (_unused, connection) in self._open.items() if not connection.busy]
        self._drop(idle)
        return len(idle)

    def _drop(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            self._open[task][0].abort()
            task.cancel()
