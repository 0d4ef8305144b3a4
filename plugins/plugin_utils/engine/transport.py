# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How bytes get to the engine and back: ``docker system dial-stdio`` on the host, its stdin and stdout carried by WinRS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from ..errors import OptionError, ProtocolError
from ..remote.command_line import command_line
from ..remote.program import Command, Output, Shell

if TYPE_CHECKING:
    from ..remote.session import Session
    from .service import EngineService

#: Bytes gathered into one write: what one Send carries in the default envelope.
WRITE_LIMIT = 250_000
_PIPE_NAME = re.compile(r"[A-Za-z0-9_.-]+")


class Transport(Protocol):
    """A running program that copies between its two streams and the engine. Belongs to one thread at a time."""

    def open(self) -> None:
        """Start it."""

    def write(self, data: bytes, end: bool = False) -> None:
        """Write to its stdin; ``end`` closes stdin."""

    def read(self, timeout: float | None) -> Output | None:
        """Wait for output or the end; None after ``timeout`` seconds with neither."""

    def twin(self) -> Transport:
        """The same running program over a connection of its own, for another thread; closing it leaves the program alone."""

    def close(self) -> None:
        """Stop it. Never raises."""


def check_pipe(name: str) -> str:
    """The name of a named pipe, if it is one. Raises OptionError."""
    if not _PIPE_NAME.fullmatch(name):
        raise OptionError(
            f'the option engine_pipe is "{name}", which is not a plain pipe name',
            "Give the name alone, for example docker_engine, made of letters, digits, dots, hyphens and underscores",
        )
    return name


class WinrsTransport:
    """``docker.exe system dial-stdio`` in a shell of its own.

    ``-H`` pins the pipe: otherwise the host's Docker context or a stray DOCKER_HOST would redirect it
    (docker-on-windows.md section 9, 1).
    """

    def __init__(self, session: Session, service: EngineService, pipe: str, environment: Mapping[str, str] | None = None) -> None:
        self._session = session
        self._line = command_line(service.client, ["-H", f"npipe:////./pipe/{pipe}", "system", "dial-stdio"])
        self._environment = environment
        self._shell: Shell | None = None
        self._command: Command | None = None

    def open(self) -> None:
        self._shell = Shell(self._session, self._line.working_directory, self._environment)
        self._command = self._shell.start(self._line.text)

    def write(self, data: bytes, end: bool = False) -> None:
        if self._command is not None:
            self._command.send(data, end)

    def read(self, timeout: float | None) -> Output | None:
        return None if self._command is None else self._command.receive(timeout)

    def twin(self) -> Transport:
        if self._shell is None or self._command is None:
            raise ProtocolError("the tunnel is not open")
        session = self._session.sibling()
        return _Twin(session, Command(session, self._shell.shell_id, self._command.command_id))

    def close(self) -> None:
        if self._command is not None:
            self._command.terminate()
        if self._shell is not None:
            self._shell.close()
        self._command = self._shell = None


class _Twin:
    """Another thread's hand on a running command."""

    def __init__(self, session: Session, command: Command) -> None:
        self._session = session
        self._command = command

    def open(self) -> None:
        """Open already."""

    def write(self, data: bytes, end: bool = False) -> None:
        self._command.send(data, end)

    def read(self, timeout: float | None) -> Output | None:
        return self._command.receive(timeout)

    def twin(self) -> Transport:
        return self

    def close(self) -> None:
        self._session.close()
