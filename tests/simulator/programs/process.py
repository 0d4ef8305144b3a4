# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simulated program is, and the table of those this Windows has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..streams import Pipe
from ..windows.environment import Variables
from ..windows.files import absolute

if TYPE_CHECKING:
    from ..windows.machine import Machine


@dataclass
class Process:
    """One running program, as itself sees the world.

    Args:
        machine: The Windows it runs on.
        command_line: The raw text, as CreateProcess got it.
        arguments: The same split by CommandLineToArgvW, program name first.
        environment: Variables (names without case).
        working_directory: Absolute path.
        pid: In the machine's process table.
        path: Full path of the program's file.
        user: The account it runs as, as WinRM knows it.
        elevated: Whether it has the full administrator token.
    """

    machine: Machine
    command_line: str
    arguments: list[str]
    environment: Variables
    working_directory: str
    stdin: Pipe = field(default_factory=Pipe)
    stdout: Pipe = field(default_factory=Pipe)
    stderr: Pipe = field(default_factory=Pipe)
    pid: int = 0
    path: str = ""
    user: str = ""
    elevated: bool = True

    @property
    def is_system(self) -> bool:
        """Whether it runs as SYSTEM, which holds every privilege."""
        return self.user.lower().rpartition("\\")[2] == "system"

    def say(self, template: str, *values: object) -> str:
        """A text in the machine's language (windows/language.py)."""
        return self.machine.language.say(template, *values)

    def absolute(self, path: str) -> str:
        """A path as typed, seen from the working directory."""
        return absolute(path, self.working_directory)

    async def print(self, text: str) -> None:
        """Write text to stdout, line ends as CR LF."""
        await self.stdout.write(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())

    async def complain(self, text: str) -> None:
        """Write text to stderr, line ends as CR LF."""
        await self.stderr.write(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())


Main = Callable[[Process], Awaitable[int]]
#: Lower-case program file name (``dism.exe``) to its behaviour; where the file must lie is the machine's file system's business.
PROGRAMS: dict[str, Main] = {}


def program(name: str) -> Callable[[Main], Main]:
    """Register an async function ``main(process) -> exit code`` as the program of that file name."""

    def register(main: Main) -> Main:
        PROGRAMS[name.lower()] = main
        return main

    return register
