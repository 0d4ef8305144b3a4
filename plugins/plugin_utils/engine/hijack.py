# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two-way streams: a real socket pair for the Docker SDK, pumped by two threads with a session each.

The SDK polls a file descriptor on hijacked connections, and exec, attach and large uploads need both directions at once, which
one thread with one Send or Receive at a time cannot give.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from ..errors import ContainersError, ProtocolError, ShellGoneError
from ..remote.faults import PIPE_ENDED
from .exchange import Exchange
from .transport import WRITE_LIMIT, Transport
from .tunnel import DialError, State, Tunnel

#: Seconds a pump may take to notice that it is over.
JOIN = 15.0


class PumpedSocket(socket.socket):
    """The SDK's end of the pair; closing it, once no answer's reader holds it any more, ends the pumps."""

    pump: Pump | None = None
    usable = False  #: a hijacked connection serves one request

    def _real_close(self, *arguments: Any) -> None:
        # The hook of Python's own sockets (SSLSocket uses it too): close() alone may come while an answer is still being read.
        cast(Any, super())._real_close(*arguments)
        pump, self.pump = self.pump, None
        if pump is not None:
            pump.close()


class Pump:
    """Copies between a socket and a program on the host.

    Args:
        transport: Opened by :meth:`connect` or :meth:`serve` and closed by :meth:`close`, both on the caller's thread; the pumping
            threads get a twin each, so that a waiting Receive never holds up a Send.
        dial_error: Builds the error of a program that ended before the engine said a word.
        refusal: What the user's end reads when the stream fails before the engine said a word; nothing without it.

    Attributes:
        failure: Why the stream ended early.
        exchange: What has passed so far.
        over: Set when nothing more can come from the engine.
    """

    def __init__(self, transport: Transport, dial_error: DialError, refusal: Callable[[ContainersError], bytes] | None = None) -> None:
        self._transport = transport
        self._tunnel = Tunnel(dial_error)
        self._refusal = refusal
        self.exchange = Exchange()
        self.over = threading.Event()
        self._inner: socket.socket | None = None
        self._twins: list[Transport] = []
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self.failure: ContainersError | None = None

    def connect(self) -> PumpedSocket:
        """Start the program and the pumps; the end for the SDK."""
        user, inner = _pair()
        try:
            self.serve(inner)
        except BaseException:
            user.close()
            inner.close()
            raise
        user.pump = self
        return user

    def serve(self, inner: socket.socket) -> None:
        """The same for a connected socket whose other end somebody has already; once this succeeded, :meth:`close` closes it."""
        try:
            self._transport.open()
            self._twins = [self._transport.twin(), self._transport.twin()]
        except BaseException:
            self.close()
            raise
        self._inner = inner
        for work, twin in zip((self._send_all, self._receive_all), self._twins, strict=True):
            self._start(work, twin)

    def _start(self, work: Callable[[Transport], None], twin: Transport) -> None:
        thread = threading.Thread(target=self._guard, args=(work, twin), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guard(self, work: Callable[[Transport], None], twin: Transport) -> None:
        """Run one pump; what ends it early is kept for the caller's thread, and the socket ended so that it looks."""
        try:
            work(twin)
        except ContainersError as error:
            if self.failure is None and not self._closing.is_set():
                self.failure = error
                self._refuse(error)
            self._end_output()
        except OSError:
            self._end_output()
        except Exception as error:
            # A defect must surface in the task, not as a trace on a thread of its own.
            self.failure = ProtocolError(f"the stream to the engine broke ({type(error).__name__}: {error})")
            self._end_output()

    def _refuse(self, error: ContainersError) -> None:
        if self._refusal is not None and self._inner is not None and not self.exchange.answered:
            with suppress(OSError):
                self._inner.sendall(self._refusal(error))

    def _send_all(self, twin: Transport) -> None:
        """From the SDK to the engine, gathered into as few Sends as possible."""
        while not self._closing.is_set():
            data = self._gather()
            if self._closing.is_set() or not self._send(twin, data) or not data:
                return

    def _send(self, twin: Transport, data: bytes) -> bool:
        """One write, none meaning the end of input; False when the program has ended."""
        try:
            self.exchange.sent(data)
            twin.write(data, end=not data)
            return True
        except ContainersError as error:
            self._end_input()
            gone = isinstance(error, ShellGoneError) or getattr(error, "code", None) in PIPE_ENDED
            if self._tunnel.state is State.OPEN and not gone:
                raise
            # What the program wrote before it ended, which the other pump reads, tells more.
            return False

    def _gather(self) -> bytes:
        inner = self._inner
        if inner is None:
            return b""
        data = bytearray(inner.recv(WRITE_LIMIT))
        while data and len(data) < WRITE_LIMIT and select.select([inner], [], [], 0)[0]:
            more = inner.recv(WRITE_LIMIT - len(data))
            if not more:
                break
            data += more
        return bytes(data)

    def _receive_all(self, twin: Transport) -> None:
        """From the engine to the SDK, until the program ends."""
        buffer = bytearray(WRITE_LIMIT)
        while not self._closing.is_set():
            output = twin.read(None)
            if output is not None:
                self._tunnel.receive(output)
            while count := self._tunnel.read_into(memoryview(buffer)):
                self.exchange.received(bytes(buffer[:count]))
                if self._inner is not None:
                    self._inner.sendall(memoryview(buffer)[:count])
            if self._tunnel.state is State.ENDED:
                self._end_output()
                return

    def _end_input(self) -> None:
        """Let the SDK's writes fail as on a real socket whose peer is gone."""
        if self._inner is not None:
            with suppress(OSError):
                self._inner.shutdown(socket.SHUT_RD)

    def _end_output(self) -> None:
        self.over.set()
        if self._inner is not None:
            with suppress(OSError):
                self._inner.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Stop the program and the pumps. Never raises."""
        self._closing.set()
        if self._inner is not None:
            with suppress(OSError):
                self._inner.shutdown(socket.SHUT_RDWR)
        # On the caller's own session, which is idle: the twins may both be waiting in a request.
        self._transport.close()
        for thread in self._threads:
            thread.join(JOIN)
        for twin in self._twins:
            twin.close()
        if self._inner is not None:
            self._inner.close()
            self._inner = None


def _pair() -> tuple[PumpedSocket, socket.socket]:
    one, two = socket.socketpair()
    for end in (one, two):
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * WRITE_LIMIT)
    return PumpedSocket(one.family, one.type, one.proto, fileno=one.detach()), two
