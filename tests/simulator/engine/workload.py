# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs inside a container: a small set of commands, enough to see output, input, exit codes, files and processes.

Two personalities: Windows images know cmd, ping and a few more (windows_commands.py); an image made from a busybox tar knows sh, cat,
sleep ... (shell_commands.py). Both write to the container's streams and end with an exit code.

A program on Windows gets one command line. The engine joins the list of a container with the quoting CommandLineToArgvW undoes
(moby daemon/oci_windows.go, escapeArgs), unless ``ArgsEscaped`` says that the first word is a command line already; cmd.exe then reads
the line by its own rules, every other program by CommandLineToArgvW's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ..programs import argv
from ..streams import Pipe
from .files import Files

Write = Callable[[bytes], Awaitable[None]]


class NoSuchProgram(Exception):
    """The image has no such program: the start fails."""


class NoSuchUser(Exception):
    """The image has no such user: the start fails."""


class NoSuchFolder(Exception):
    """The container has no such working folder: the start fails."""


class Exit(Exception):
    """``exit N`` ends the line."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def known_user(user: str, *own: str | None) -> bool:
    """Users of base images, Windows' own accounts, and whom image and container name (windows-containers.md 10)."""
    known = r"(?:user manager\\)?container(?:administrator|user)|nt (?:authority|service)\\.+|"
    return user in own or re.fullmatch(known, user, re.IGNORECASE) is not None


@dataclass
class Job:
    """One process tree in a container.

    Attributes:
        words: Program and arguments as the engine has them.
        escaped: The first word is (the start of) a command line already (``ArgsEscaped``).
        directory: Working directory.
        user: Who it runs as; empty for the image's default.
        lacks: Programs the image has not.
    """

    words: list[str]
    environment: Mapping[str, str]
    stdin: Pipe | None
    stdout: Write
    stderr: Write
    busybox: bool = False
    version: str = "10.0.20348.1"
    hostname: str = ""
    files: Files = field(default_factory=Files)
    escaped: bool = False
    directory: str = ""
    user: str = ""
    lacks: frozenset[str] = frozenset()

    @property
    def command_line(self) -> str:
        """What Windows hands to the program."""
        return command_line(self.words, self.escaped)

    async def run(self) -> int:
        """Run to the end; the exit code."""
        from . import shell_commands, windows_commands  # they need Job themselves

        try:
            if self.busybox:
                return await shell_commands.run(self, self.words)
            return await windows_commands.run(self, self.command_line)
        except Exit as end:
            return end.code


def escape_argument(argument: str) -> str:
    """One argument as golang.org/x/sys/windows.EscapeArg writes it: quotes around blanks, backslashes doubled before quotes only."""
    if not argument:
        return '""'
    if not re.search(r'[ \t"\\]', argument):
        return argument
    text = re.sub(r'(\\*)"', r'\1\1\\"', argument)
    if not re.search(r"[ \t]", argument):
        return text
    trailing = len(argument) - len(argument.rstrip("\\"))
    return f'"{text}{chr(92) * trailing}"'


def command_line(words: list[str], escaped: bool) -> str:
    """The words as one command line."""
    if escaped:
        return " ".join([words[0], *map(escape_argument, words[1:])])
    return " ".join(map(escape_argument, words))


def process_names(words: list[str], busybox: bool, escaped: bool = False, lacks: frozenset[str] = frozenset()) -> list[str]:
    """The programs a command starts, by name.

    Raises:
        NoSuchProgram: The image lacks the first one.
    """
    if busybox:
        name = bare(words[0])
        if name not in APPLETS:
            raise NoSuchProgram(words[0])
        return [name]
    arguments = argv.split(command_line(words, escaped))
    name = bare(arguments[0])
    if name not in WINDOWS_PROGRAMS - lacks:
        raise NoSuchProgram(arguments[0])
    names = [_TABLE_NAMES.get(name, f"{name}.exe")]
    if name in ("cmd", "powershell", "pwsh"):
        inner = " ".join(arguments[1:]).lower()
        names += [_TABLE_NAMES[child] for child in ("ping", "timeout") if re.search(rf"\b{child}\b", inner)]
    return names


def bare(program: str) -> str:
    """``c:\\windows\\system32\\PING.EXE`` is ``ping``."""
    return re.split(r"[\\/]", program)[-1].lower().removesuffix(".exe")


#: Names as the process table shows them (recorded: PING; docker/isolation-host-view-ms-docs.json).
_TABLE_NAMES = {"ping": "PING.EXE", "timeout": "timeout.exe", "cmd": "cmd.exe"}
WINDOWS_PROGRAMS = {
    "cmd", "ping", "hostname", "powershell", "pwsh", "timeout", "whoami", "servicemonitor", "aspnetapp", "python", "waitfor", "findstr", "sort",
    "tar", "certutil",
}  # fmt: skip
APPLETS = {
    "sh", "echo", "cat", "sleep", "true", "false", "busybox", "env", "pwd", "hostname", "mkdir", "rm", "touch", "test",
}  # fmt: skip


async def copy_input(job: Job) -> int:
    """Copy standard input to standard output, as ``cat`` and ``more`` do."""
    while job.stdin is not None and (data := await job.stdin.read()):
        await job.stdout(data)
    return 0


async def forever() -> int:
    """A service."""
    await asyncio.Event().wait()
    return 0
