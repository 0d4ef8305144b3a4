# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tunnel of plain requests: a state machine without I/O, and the socket-like object the HTTP library sits on."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from ..errors import ContainersError, RemoteError
from ..remote.program import Output
from .errors import TunnelLostError
from .transport import WRITE_LIMIT, Transport

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Builds the error of a dial-stdio that ended before the engine said a word, from its stderr.
DialError = Callable[[str], ContainersError]

#: Room for what one Receive brings (128 KiB of payload were seen in one answer), so that the reader asks rarely.
READ_BUFFER = 262_144


#: Seconds without traffic after which a tunnel is not used again: its shell has a short idle time-out, and a request that is lost
#: with it could not be repeated.
IDLE_LIMIT = 60.0


class State(Enum):
    """Where a tunnel stands."""

    DIALLING = "dialling"  #: the program was started, the engine has not said a word
    OPEN = "open"  #: bytes came from the engine
    ENDED = "ended"  #: the program ended; what it wrote can still be read
    LOST = "lost"  #: an answer of the host was lost, and bytes with it


class Tunnel:
    """Bytes out, outputs in, bytes to read. No I/O.

    Writes are kept until somebody takes them, so that a request made of several small writes costs one message.
    """

    def __init__(self, dial_error: DialError) -> None:
        self.state = State.DIALLING
        self._dial_error = dial_error
        self._outgoing = bytearray()
        self._incoming = bytearray()
        self._complaint = bytearray()

    def send(self, data: Buffer) -> None:
        """Keep bytes for the engine."""
        self._outgoing += data

    @property
    def pending(self) -> int:
        """Bytes kept for the engine."""
        return len(self._outgoing)

    def data_to_send(self) -> bytes:
        """Take the bytes kept for the engine."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def receive(self, output: Output) -> None:
        """Take in what the program wrote, or that it ended."""
        self._complaint += output.stderr
        if output.stdout:
            self._incoming += output.stdout
            if self.state is State.DIALLING:
                self.state = State.OPEN
        if output.exit_code is None:
            return
        refused = self.state is State.DIALLING and (self._complaint or output.exit_code)
        self.state = State.ENDED
        if refused:
            raise self._dial_error(self._complaint.decode("utf-8", "replace"))

    def lose(self) -> None:
        """An answer was lost: the stream has a hole, nothing more may be read from it."""
        self.state = State.LOST
        self._incoming.clear()

    @property
    def available(self) -> int:
        """Bytes of the engine that can be read now."""
        return len(self._incoming)

    def read_into(self, buffer: memoryview) -> int:
        """Move bytes of the engine into a buffer; how many."""
        count = min(len(buffer), len(self._incoming))
        buffer[:count] = self._incoming[:count]
        del self._incoming[:count]
        return count

    @property
    def usable(self) -> bool:
        """Whether another request may be sent over it."""
        return self.state in (State.DIALLING, State.OPEN) and not self._incoming


class TunnelSocket:
    """What urllib3 takes for a connected socket. Used by the task's own thread only.

    Args:
        transport: Opened by :meth:`connect`.
        dial_error: See :data:`DialError`.
        timeout: Seconds a read waits; None for ever.
    """

    def __init__(self, transport: Transport, dial_error: DialError, timeout: float | None = None) -> None:
        self._transport = transport
        self._timeout = timeout
        self._readers = 0
        self._closed = False
        self._used = time.monotonic()
        self.tunnel = Tunnel(dial_error)

    def connect(self) -> None:
        """Start the program on the host."""
        try:
            self._transport.open()
        except BaseException:
            self._transport.close()
            raise

    @property
    def usable(self) -> bool:
        """Whether another request may be sent over it."""
        return not self._closed and self.tunnel.usable and time.monotonic() - self._used < IDLE_LIMIT

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def setsockopt(self, *option: object) -> None:
        """A pipe has no socket options."""

    def sendall(self, data: Buffer) -> None:
        """Keep bytes; a full buffer goes out at once."""
        self.tunnel.send(data)
        if self.tunnel.pending >= WRITE_LIMIT:
            self._flush()

    def recv_into(self, buffer: memoryview) -> int | None:
        """Read what is there, waiting for the first byte; 0 at the end, None when the time-out is 0 and nothing is there.

        Raises:
            TimeoutError: Nothing came within the time-out.
            TunnelLostError: The host's answer, and bytes with it, were lost.
            EngineError: The engine could not be reached.
        """
        self._flush()
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        while not self.tunnel.available and self.tunnel.state is not State.ENDED:
            if self.tunnel.state is State.LOST:
                raise TunnelLostError("the tunnel to the engine is lost", "Run the task again")
            if self._timeout == 0:
                return None
            output = self._receive(None if deadline is None else deadline - time.monotonic())
            if output is None:
                raise TimeoutError("timed out")
            self.tunnel.receive(output)
        return self.tunnel.read_into(buffer)

    def _receive(self, timeout: float | None) -> Output | None:
        if timeout is not None and timeout <= 0:
            return None
        try:
            output = self._transport.read(timeout)
            self._used = time.monotonic()
            return output
        except ContainersError as error:
            raise self._lost(error) from error

    def _flush(self) -> None:
        data = self.tunnel.data_to_send()
        if not data:
            return
        try:
            self._transport.write(data)
        except RemoteError as error:
            # A program that has ended takes no input (WinRM says 109): what it wrote before it ended is the better reason.
            self._read_last_words()
            raise self._lost(error) from error
        except ContainersError as error:
            raise self._lost(error) from error

    def _read_last_words(self) -> None:
        while self.tunnel.state not in (State.ENDED, State.LOST):
            try:
                output = self._transport.read(5)
            except ContainersError:
                return
            if output is None:
                return
            self.tunnel.receive(output)

    def _lost(self, error: ContainersError) -> TunnelLostError:
        self.tunnel.lose()
        return TunnelLostError(f"the tunnel to the engine broke ({error.cause})", "Run the task again")

    def makefile(self, mode: str = "rb", *arguments: object) -> io.BufferedReader:
        """The reader of one HTTP answer."""
        self._readers += 1
        return io.BufferedReader(_Reader(self), READ_BUFFER)

    def reader_closed(self) -> None:
        """An answer was read to its end; closes for good when that was asked for before (as real sockets do)."""
        self._readers -= 1
        if self._closed and self._readers <= 0:
            self._transport.close()

    def close(self) -> None:
        """Stop the program, once nobody reads any more."""
        if not self._closed:
            self._closed = True
            if self._readers <= 0:
                self._transport.close()

    def shutdown(self, how: int) -> None:
        """How the SDK breaks off a stream; a tunnel cannot end one direction only."""
        self.abort()

    def abort(self) -> None:
        """Stop the program now."""
        self._closed = True
        self.tunnel.lose()
        self._transport.close()


class _Reader(io.RawIOBase):
    """The raw file below a BufferedReader."""

    def __init__(self, sock: TunnelSocket) -> None:
        super().__init__()
        self.sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        return self.sock.recv_into(memoryview(buffer).cast("B"))

    def close(self) -> None:
        if not self.closed:
            super().close()
            self.sock.reader_closed()
