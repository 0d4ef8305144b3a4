# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Native programs on the host, run to their end: stdin, stdout, stderr, exit code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import QuotaError, RemoteError, RemoteTimeout, ShellGoneError
from .command_line import command_line
from .faults import ABORTED, PIPE_ENDED, QUOTA_OPERATIONS
from .network import ConnectionLost
from .shell import Command, Output, Shell

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Command", "Completed", "Output", "Programs", "Shell"]

#: Commands count against the user's 1500 operations until their shell is deleted (facts/wsman.md 0.4).
_COMMANDS_PER_SHELL = 300
#: How long to wait for output between two tries to write input.
_DRAIN_SECONDS = 0.5
#: Shells kept open at a time; each may have a working directory of its own.
_OPEN_SHELLS = 3


@dataclass(frozen=True)
class Completed:
    """A finished program. ``exit_code`` is signed 32-bit, whichever form the host sent."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """stdout as tolerant UTF-8 text."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """stderr as tolerant UTF-8 text."""
        return self.stderr.decode("utf-8", "replace")


@dataclass
class _Run:
    """A command on its way to its end, and what it has printed so far."""

    command: Command
    deadline: float
    on_output: Callable[[bytes], None] | None
    stdout: list[bytes] = field(default_factory=list)
    stderr: list[bytes] = field(default_factory=list)
    exit_code: int | None = None

    def receive(self, seconds: float) -> None:
        output = self.command.receive(seconds)
        if output is None:
            return
        self.stdout.append(output.stdout)
        self.stderr.append(output.stderr)
        self.exit_code = output.exit_code
        if self.on_output and output.stdout:
            self.on_output(output.stdout)

    def _drain(self) -> None:
        if self.exit_code is None:
            self.receive(_DRAIN_SECONDS)

    def feed(self, pieces: Iterator[bytes]) -> None:
        """Write all of stdin and close it. A program that ends early is not an error here: its exit code tells more.

        The specification wants a Receive to wait meanwhile, which takes a second thread; Ansible's own transfers send first as well.
        """
        try:
            for piece in pieces:
                if time.monotonic() > self.deadline:
                    return
                self.command.send(piece, while_busy=self._drain)
            self.command.send(b"", end=True, while_busy=self._drain)
        except RemoteError as error:
            if error.code not in PIPE_ENDED:
                raise

    def finish(self) -> Completed:
        while self.exit_code is None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise RemoteTimeout("the program did not end in time", "See on the host what it is waiting for, or run the task again")
            self.receive(left)
        return Completed(self.exit_code, b"".join(self.stdout), b"".join(self.stderr))


class Programs:
    """Runs programs one after another, in one shell per working directory, opened when first needed.

    The shell that Ansible's winrm connection opens anyway is used where neither a folder nor an environment is asked for: that saves the
    Create and the Delete of a shell of our own.
    """

    def __init__(self, session: Session, environment: Mapping[str, str] | None = None) -> None:
        self._session = session
        self._environment = dict(environment or {})
        self._shells: dict[str | None, Shell] = {}
        if session.shell_id and not self._environment:
            self._shells[None] = Shell.adopt(session, session.shell_id)

    def run(
        self,
        program: str,
        arguments: Sequence[str] = (),
        *,
        stdin: bytes | Iterable[bytes] | None = None,
        timeout: float = 600,
        on_output: Callable[[bytes], None] | None = None,
    ) -> Completed:
        """Run to the end. The exit code is not judged.

        Args:
            program: Full path, or a name in System32 such as ``dism.exe``.
            arguments: One string per argument; see :func:`.command_line.command_line` for what is refused.
            stdin: Bytes to feed; with None it finds its input at its end.
            timeout: Seconds; then the command is terminated.
            on_output: Called with each piece of stdout as it comes.

        Raises:
            OptionError: An argument that cmd cannot carry.
            RemoteTimeout: Not finished in time.
        """
        line = command_line(program, arguments)
        if stdin is None:
            # cmd gives it an input that is at its end from the start: a message less than closing the pipe, and never too late.
            return self._complete(f"{line.text}<NUL", line.working_directory, None, timeout, on_output)
        pieces = iter((stdin,)) if isinstance(stdin, bytes) else iter(stdin)
        return self._complete(line.text, line.working_directory, pieces, timeout, on_output)

    def shell_builtin(self, line: str, *, timeout: float = 60) -> Completed:
        """Run one of cmd's own commands (``type``, ``move``, ``mkdir``, ``if exist``). ``line`` is built from our own text and paths
        quoted by :func:`.command_line.quote_path` only, and must not be able to ask anything: stdin stays open, which saves a message."""
        return self._complete(line, None, None, timeout, None)

    def literal(self, line: str, *, folder: str | None = None, stdin: Iterable[bytes] = (), timeout: float = 60) -> Completed:
        """Run a line of our own text, as :meth:`shell_builtin`, from a folder and with input. Raises as :meth:`run`."""
        return self._complete(line, folder, iter(stdin), timeout, None)

    def _complete(
        self, line: str, folder: str | None, stdin: Iterator[bytes] | None, timeout: float, on_output: Callable[[bytes], None] | None
    ) -> Completed:
        command = self._start(line, folder)
        try:
            run = _Run(command, time.monotonic() + timeout, on_output)
            if stdin is not None:
                run.feed(stdin)
            return run.finish()
        finally:
            # Also after Done: it frees the command on the host (facts/wsman.md 4.2).
            command.terminate()

    def _start(self, line: str, folder: str | None) -> Command:
        """Start in the folder's shell; a shell that is gone or used up is replaced once: the refused command did not run."""
        shell = self._shells.get(folder)
        if shell is not None and shell.commands < _COMMANDS_PER_SHELL:
            try:
                return self._start_in(folder, line)
            except ShellGoneError as error:
                # 995 says that the service broke off, not that nothing was done.
                if error.code == ABORTED:
                    raise
            except QuotaError as error:
                if error.code != QUOTA_OPERATIONS:
                    raise
        self._discard(folder)
        while len(self._shells) >= _OPEN_SHELLS:
            self._discard(next(iter(self._shells)))
        self._shells[folder] = Shell(self._session, folder, self._environment)
        return self._start_in(folder, line)

    def _start_in(self, folder: str | None, line: str) -> Command:
        try:
            return self._shells[folder].start(line)
        except ConnectionLost:
            # Whether the command runs is unknown, and so is its id: only the end of its shell is sure to end it.
            self._discard(folder)
            raise

    def _discard(self, folder: str | None) -> None:
        shell = self._shells.pop(folder, None)
        if shell is not None:
            shell.discard()

    def close(self) -> None:
        """Delete all shells. Never raises."""
        while self._shells:
            self._shells.popitem()[1].close()
