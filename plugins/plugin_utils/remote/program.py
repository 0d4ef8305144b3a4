# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Native programs in a remote shell (WinRS): start, stdin, stdout, stderr, exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from .session import Session


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


@dataclass(frozen=True)
class Output:
    """What one Receive brought; ``exit_code`` is None while the command runs."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None


class Command:
    """A running command of a shell."""

    def send(self, data: bytes, end: bool = False) -> None:
        """Write to its stdin (split to what the envelope carries); ``end`` closes stdin."""
        raise NotImplementedError

    def receive(self, timeout: float | None = None) -> Output | None:
        """Wait for output or the end; None when ``timeout`` seconds passed with neither."""
        raise NotImplementedError

    def terminate(self) -> None:
        """Signal terminate. Never raises."""
        raise NotImplementedError


class Shell:
    """A remote shell of our own with a short idle time-out; a context manager that always deletes it."""

    def __init__(self, session: Session, working_directory: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        raise NotImplementedError

    def start(self, line: str) -> Command:
        """Run ``line`` under ``cmd.exe /C``. One command at a time."""
        raise NotImplementedError

    def close(self) -> None:
        """Delete the shell. Never raises."""
        raise NotImplementedError

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Programs:
    """Runs programs one after another, in one shell per working directory, opened when first needed."""

    def __init__(self, session: Session, environment: Mapping[str, str] | None = None) -> None:
        raise NotImplementedError

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
            stdin: Bytes to feed; None closes stdin at once.
            timeout: Seconds; then the command is terminated.
            on_output: Called with each piece of stdout as it comes.

        Raises:
            OptionError: An argument that cmd cannot carry.
            RemoteTimeout: Not finished in time.
        """
        raise NotImplementedError

    def shell_builtin(self, line: str, *, timeout: float = 60) -> Completed:
        """Run one of cmd's own commands (``type``, ``move``, ``mkdir``, ``if exist``). ``line`` is built from our own text and paths
        quoted by :func:`.command_line.quote_path` only."""
        raise NotImplementedError

    def close(self) -> None:
        """Delete all shells. Never raises."""
        raise NotImplementedError
