# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated Windows: the single state that WinRM, programs and the engine all read and change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..streams import Duplex, Pipe


class Machine:
    """A Windows machine. Its parts are attributes, each with rules of its own.

    Attributes:
        name: Host name as Windows knows it.
        profile: Release profile (build, revision, edition, platform ...); see profiles.yml.
        accounts: User name to password, for WinRM.
        registry: HKLM (windows/registry.py).
        files: The file system, in memory (windows/files.py); knows the disk's free space.
        services: The service control manager (windows/services.py).
        features: Optional features and servicing (windows/features.py).
        processes: The process table (windows/processes.py).
        cim: CIM classes over all that (windows/cim.py).
        pipes: Named pipes, ``docker_engine`` to a function that serves one client end.
        running: False while the machine is down (rebooting).
    """

    # The parts are built by the constructor; this interface is what the other layers rely on.
    async def execute(
        self, command_line: str, *, stdin: Pipe, stdout: Pipe, stderr: Pipe, environment: dict[str, str] | None = None,
        working_directory: str = "C:\\Windows\\System32", user: str = "", elevated: bool = True,
    ) -> int:
        """Run a line under ``cmd.exe /C`` to its end; the exit code. Cancelling the task kills the processes.

        Every program started is written to :attr:`log` as kind ``program`` with its full command line.
        """
        raise NotImplementedError

    def log(self, kind: str, text: str) -> None:
        """One line of the live log: kinds ``program``, ``service``, ``feature``, ``reboot``, ``engine``, ``wsman``, ``refused``."""
        raise NotImplementedError

    def on_power(self, listener: Callable[[str], Any]) -> None:
        """Call ``listener`` with ``going down``, ``down``, ``starting``, ``up``: WinRM closes and opens its port, the engine stops and starts."""
        raise NotImplementedError

    def connect_pipe(self, name: str) -> Duplex:
        """Open a named pipe as a client. Raises FileNotFoundError (nobody listens) or PermissionError."""
        raise NotImplementedError

    async def reboot(self, delay: float = 0) -> None:
        """Go down after ``delay`` seconds and come up again: servicing is carried out, boot time changes, automatic services start."""
        raise NotImplementedError


