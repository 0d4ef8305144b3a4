# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote shells (WinRS) and the one command that runs in each: start, stdin, stdout, stderr, exit code (facts/wsman.md 4)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import RemoteError, RemoteTimeout
from . import envelope
from .faults import BUSY, OperationTimedOut
from .network import EnvelopeTooLarge, quietly

if TYPE_CHECKING:
    from types import TracebackType

    from .session import Session

#: A timed-out Send is still being written; later pieces are refused as busy meanwhile (facts/wsman.md 4.5).
_BUSY_PAUSE, _BUSY_SECONDS = 0.5, 120.0


@dataclass(frozen=True)
class Output:
    """What one Receive brought; ``exit_code`` is None while the command runs."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None


class Command:
    """A running command of a shell."""

    def __init__(self, session: Session, shell_id: str, command_id: str) -> None:
        self._session, self._shell_id, self.command_id = session, shell_id, command_id
        self.ended = False

    def send(self, data: bytes, end: bool = False, session: Session | None = None, while_busy: Callable[[], object] | None = None) -> None:
        """Write to its stdin (split to what the envelope carries); ``end`` closes stdin.

        Args:
            data: The bytes; none at all is fine together with ``end``.
            end: Close stdin after them.
            session: A sibling session of the thread that sends, while another one receives.
            while_busy: Called instead of a pause while the program does not take its input; it should receive, because a program that
                cannot write its output reads no input either.

        Raises:
            RemoteError: Code 109 when the program has ended.
            RemoteTimeout: The program does not read its input.
        """
        session = session or self._session
        start = 0
        while True:
            piece = data[start : start + session.send_bytes]
            last = start + len(piece) >= len(data)
            if (piece or end) and not self._send_piece(session, piece, end and last, while_busy or _pause):
                continue
            start += len(piece)
            if last:
                return

    def _send_piece(self, session: Session, piece: bytes, end: bool, while_busy: Callable[[], object]) -> bool:
        """False: the envelope was too large, nothing was taken, and the pieces are smaller now."""
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                session.send(envelope.send(self._shell_id, self.command_id, piece, end, session.operation_seconds))
                return True
            except OperationTimedOut:
                # The host goes on writing this piece; sending it again would double it.
                return True
            except EnvelopeTooLarge:
                if not session.shrink():
                    raise
                return False
            except RemoteError as error:
                if error.code != BUSY:
                    raise
                if time.monotonic() > deadline:
                    raise RemoteTimeout("the program does not read its input", "See whether it hangs on the host") from error
                while_busy()

    def receive(self, timeout: float | None = None) -> Output | None:
        """Wait for output or the end; None when ``timeout`` seconds passed with neither.

        Raises:
            ConnectionLost: The answer was lost and its output with it.
            ShellGoneError: The host no longer knows the shell or the command.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            seconds = self._session.operation_seconds
            if deadline is not None:
                seconds = min(seconds, max(deadline - time.monotonic(), 0.1))
            try:
                received = envelope.parse_received(self._session.send(envelope.receive(self._shell_id, self.command_id, seconds)))
            except OperationTimedOut:
                received = None
            if received and (received.stdout or received.stderr or received.done):
                self.ended = received.done
                return Output(received.stdout, received.stderr, received.exit_code)
            if deadline is not None and time.monotonic() >= deadline:
                return None

    def terminate(self) -> None:
        """Signal terminate. Never raises."""
        quietly(lambda: self._session.send(envelope.terminate(self._shell_id, self.command_id)))


def _pause() -> None:
    time.sleep(_BUSY_PAUSE)


class Shell:
    """A remote shell of our own with a short idle time-out; a context manager that always deletes it.

    Attributes:
        commands: How many commands it has run; each counts against the user's operations until the shell is deleted.
    """

    def __init__(self, session: Session, working_directory: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        request = envelope.create_shell(working_directory, environment)
        self._session, self.commands, self._owned = session, 0, True
        self.shell_id: str = envelope.parse_shell_id(session.send(request))

    @classmethod
    def adopt(cls, session: Session, shell_id: str) -> Shell:
        """A shell that Ansible's connection opened, and will delete at the end of the task."""
        shell = cls.__new__(cls)
        shell._session, shell.commands, shell._owned, shell.shell_id = session, 0, False, shell_id
        return shell

    def start(self, line: str) -> Command:
        """Run ``line`` under ``cmd.exe /C``. One command at a time."""
        self.commands += 1
        body = self._session.send(envelope.command(self.shell_id, line))
        return Command(self._session, self.shell_id, envelope.parse_command_id(body))

    def close(self, session: Session | None = None) -> None:
        """Delete the shell, through ``session`` if another thread's is idle. Never raises."""
        if self._owned and self.shell_id:
            shell_id, self.shell_id = self.shell_id, ""
            quietly(lambda: (session or self._session).send(envelope.delete_shell(shell_id)))

    def discard(self) -> None:
        """Delete the shell now, whoever opened it: only that frees what it has used of the user's quota (facts/wsman.md 0.4)."""
        if not self._owned:
            self._session.disown_shell()
            self._owned = True
        self.close()

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
