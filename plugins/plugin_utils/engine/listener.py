# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A local unix socket for the engine of one host: every connection of a client becomes a tunnel of its own, bytes are passed as they are."""

from __future__ import annotations

import json
import math
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ContainersError, Operation, OptionError
from ..remote.host import RemoteHost
from .client import DEFAULT_PIPE, EngineClient
from .errors import EngineNotFoundError, dial_error
from .hijack import Pump
from .service import EngineService, find_service
from .transport import Transport, WinrsTransport

if TYPE_CHECKING:
    from ..remote.session import Session

#: Tunnels at a time, and what may be asked for: each has a shell, and Windows gives a user 30 of them (facts/wsman.md 0.4), of which
#: tasks that run at the same time need some.
TUNNELS, MOST_TUNNELS = 8, 20
#: Seconds after which a connection that nobody uses is closed; HTTP clients open a new one by themselves. While others wait for a tunnel
#: it is the second number: some clients (Docker Compose 1) keep a connection for each thing they manage.
IDLE, IDLE_WHILE_OTHERS_WAIT = 60.0, 1.0
#: Seconds of silence after which the engine is asked whether an exec or attach is over, and the most between two such questions. Where
#: docker.exe goes on waiting for input once the engine has closed the connection (docker-on-windows.md 9, 2), nothing else tells it.
ASK_AFTER, ASK_AT_MOST = 5.0, 60.0
_LOOK = 0.25
#: Seconds that all tunnels together may take to close.
_CLOSING = 20.0
#: Longest path of a unix socket on Linux less its final zero; elsewhere it is a little less, and the system says so.
_PATH_BYTES = 107


class Dialled:
    """A transport with a session of its own, for one connection."""

    def __init__(self, session: Session, service: EngineService, pipe: str) -> None:
        self._session = session
        self.transport: Transport = WinrsTransport(session, service, pipe)

    def close(self) -> None:
        """Drop the session. Never raises."""
        self._session.close()


class Way:
    """How a connection gets to the engine of one host. Used by several threads at a time.

    Attributes:
        name: Of the host, for texts.
    """

    def __init__(self, name: str, session: Session, service: EngineService, pipe: str) -> None:
        self.name = name
        self._session, self._service, self._pipe = session, service, pipe

    @classmethod
    def to(cls, host: RemoteHost, pipe: str = DEFAULT_PIPE) -> Way:
        """To the engine of a connected host, which may be closed afterwards. Asks the engine once; raises as EngineClient.open."""
        engine = EngineClient.open(host, pipe)
        return cls(host.name, host.session, engine.service, pipe)

    def dial(self) -> Dialled:
        """A session and a shell of its own for one connection."""
        return Dialled(self._session.sibling(), self._service, self._pipe)

    def dial_error(self, text: str) -> ContainersError:
        """Why the engine could not be reached, with the service's state of this moment, as far as the host tells it."""
        service: EngineService | None = None
        with suppress(ContainersError), RemoteHost(self.name, self._session.sibling()) as host:
            service = find_service(host)
        service = service or self._service
        return dial_error(self._pipe, text, service.name, service.state)

    def has_ended(self, kind: str, name: str) -> bool:
        """Whether an exec or a container is over, asked over a session of its own; False where nobody can tell."""
        with suppress(ContainersError), RemoteHost(self.name, self._session.sibling()) as host:
            engine = EngineClient.open(host, self._pipe, self._service)
            try:
                with engine.errors():
                    return engine.has_ended(kind, name)
            except EngineNotFoundError:
                return True
        return False


class Listener:
    """Accepts clients and pumps for them, on threads of its own, until :meth:`close`.

    Args:
        way: To the engine.
        report: Told in one sentence of each connection that broke when its client could not be told any more.
        tunnels: How many connections may be open at a time; further ones wait.
        idle: Seconds; 0 keeps unused connections until another client needs the tunnel.
    """

    def __init__(self, way: Way, report: Callable[[str], None] = lambda text: None, *, tunnels: int = TUNNELS, idle: float = IDLE) -> None:
        self._way, self._report = way, report
        self._path: Path | None = None
        self._slots = threading.Semaphore(tunnels)
        self._idle = idle or math.inf
        self._others_wait = False
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._socket: socket.socket | None = None

    def open(self, path: Path) -> None:
        """Make the socket, for its owner only, and accept clients.

        Raises:
            OptionError: The path is in use, too long, or cannot be made.
        """
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _bind(listening, path)
        except BaseException:
            listening.close()
            raise
        listening.listen(128)
        listening.settimeout(_LOOK)
        self._socket, self._path = listening, path
        self._run(self._accept_all, listening)

    def _run(self, work: Callable[[socket.socket], None], sock: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(sock,), daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept_all(self, listening: socket.socket) -> None:
        """A client without a free tunnel stays in the socket's own queue."""
        queue = select.poll()
        queue.register(listening, select.POLLIN)
        while not self._closing.is_set():
            if not self._slots.acquire(timeout=_LOOK):
                self._others_wait = bool(queue.poll(0))
                continue
            self._others_wait = False
            client = self._accept(listening)
            if client is not None:
                self._run(self._serve, client)
                continue
            self._slots.release()

    def _accept(self, listening: socket.socket) -> socket.socket | None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                return listening.accept()[0]
        return None

    def _serve(self, client: socket.socket) -> None:
        try:
            with client:
                if self._has_request(client):
                    self._carry(client)
        except ContainersError as error:
            self._report(self._sentence(error))
        except OSError:
            pass  # the client is gone
        finally:
            self._slots.release()

    def _has_request(self, client: socket.socket) -> bool:
        """Wait for the first bytes: no shell for a client that only looks whether somebody listens, or gave up in the queue."""
        waiter = select.poll()
        waiter.register(client, select.POLLIN)
        waited = 0.0
        while not self._closing.is_set() and waited <= self._patience:
            if ready := waiter.poll(_LOOK * 1000):
                return not ready[0][1] & select.POLLHUP and bool(client.recv(1, socket.MSG_PEEK))
            waited += _LOOK
        return False

    def _carry(self, client: socket.socket) -> None:
        with closing(self._way.dial()) as dialled:
            pump = Pump(dialled.transport, self._way.dial_error, self._refusal)
            try:
                pump.serve(client)
                self._watch(client, pump)
            except ContainersError as error:
                client.sendall(self._refusal(error))
            finally:
                pump.close()
            if pump.failure is not None and pump.exchange.answered:
                raise pump.failure

    def _watch(self, client: socket.socket, pump: Pump) -> None:
        """Until the engine, the client or nobody any more uses the connection. A client that closed one direction only still reads."""
        gone = select.poll()
        gone.register(client, 0)  # POLLHUP is always reported
        ask_after = ASK_AFTER
        while not (pump.over.is_set() or self._closing.is_set()):
            if gone.poll(_LOOK * 1000) or pump.exchange.idle > self._patience:
                return
            silence, hijacked = pump.exchange.silence, pump.exchange.hijacked
            if silence < ASK_AFTER:
                ask_after = ASK_AFTER
            elif hijacked and silence > ask_after:
                if self._way.has_ended(*hijacked):
                    return
                ask_after = silence + min(silence, ASK_AT_MOST)

    @property
    def _patience(self) -> float:
        """Seconds that a connection may be unused, as things stand."""
        return min(self._idle, IDLE_WHILE_OTHERS_WAIT) if self._others_wait else self._idle

    def _refusal(self, error: ContainersError) -> bytes:
        """An answer that every client of the Engine API shows as the engine's own error."""
        body = json.dumps({"message": self._sentence(error)}).encode()
        head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _sentence(self, error: ContainersError) -> str:
        error.operation = error.operation or Operation("reach", "the engine", "")
        return error.sentence(self._way.name)

    def close(self) -> None:
        """Take the socket away and close every tunnel and its shell. Never raises."""
        self._closing.set()
        deadline = time.monotonic() + _CLOSING
        while (running := [one for one in self._threads if one.is_alive()]) and (left := deadline - time.monotonic()) > 0:
            running[0].join(left)
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()


def _bind(listening: socket.socket, path: Path) -> None:
    if len(os.fsencode(path)) > _PATH_BYTES:
        raise OptionError(f'the path "{path}" is longer than a unix socket allows', "Choose a shorter one with --socket")
    if path.is_socket() and not _somebody_listens(path):
        path.unlink()  # left by a run that was killed
    before = os.umask(0o177)
    try:
        listening.bind(os.fspath(path))
    except OSError as error:
        if path.exists():
            raise OptionError(f'"{path}" is in use', "End what uses it, or choose another path with --socket") from error
        raise OptionError(f'"{path}" cannot be made ({error.strerror})', "Choose another path with --socket") from error
    finally:
        os.umask(before)


def _somebody_listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(os.fspath(path))
        except OSError:
            return False
        return True
