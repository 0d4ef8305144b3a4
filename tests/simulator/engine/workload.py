# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs inside a container: a small set of commands, enough to see output, input, exit codes and processes.

Two personalities: Windows images know cmd, ping and a few more; an image made from a busybox tar knows sh, cat, sleep ... Both write to the
container's streams and end with an exit code. This is no shell: what it does not know is "not recognized".
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ..programs import argv
from ..streams import Pipe

Write = Callable[[bytes], Awaitable[None]]


class NoSuchProgram(Exception):
    """The image has no such program: the start fails."""


class Exit(Exception):
    """``exit N`` ends the line."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Job:
    """One process tree in a container.

    Attributes:
        arguments: Program and arguments as created.
        processes: Names of the programs the tree consists of, for the process table.
    """

    arguments: list[str]
    environment: Mapping[str, str]
    stdin: Pipe | None
    stdout: Write
    stderr: Write
    busybox: bool = False
    version: str = "10.0.20348.1"
    hostname: str = ""
    processes: list[str] = field(default_factory=list)

    async def run(self) -> int:
        """Run to the end; the exit code."""
        try:
            return await (_sh_program(self, self.arguments) if self.busybox else _windows_program(self, self.arguments))
        except Exit as end:
            return end.code


def process_names(arguments: list[str], busybox: bool) -> list[str]:
    """The programs a command starts, by name.

    Raises:
        NoSuchProgram: The image lacks the first one.
    """
    name = _bare(arguments[0])
    if busybox:
        if name not in _APPLETS:
            raise NoSuchProgram(arguments[0])
        return [name]
    if name not in _WINDOWS:
        raise NoSuchProgram(arguments[0])
    names = [_TABLE_NAMES.get(name, f"{name}.exe")]
    if name in ("cmd", "powershell", "pwsh"):
        inner = " ".join(arguments[1:]).lower()
        names += [_TABLE_NAMES[child] for child in ("ping", "timeout") if re.search(rf"\b{child}\b", inner)]
    return names


def _bare(program: str) -> str:
    return re.split(r"[\\/]", program)[-1].lower().removesuffix(".exe")


#: Names as the process table shows them (recorded: PING; docker/isolation-host-view-ms-docs.json).
_TABLE_NAMES = {"ping": "PING.EXE", "timeout": "timeout.exe", "cmd": "cmd.exe"}
_WINDOWS = {
    "cmd", "ping", "hostname", "powershell", "pwsh", "timeout", "whoami", "servicemonitor", "aspnetapp", "python", "waitfor", "findstr", "sort",
}  # fmt: skip
_APPLETS = {"sh", "echo", "cat", "sleep", "true", "false", "busybox", "env", "pwd", "hostname"}


async def _forever() -> int:
    await asyncio.Event().wait()
    return 0


async def _copy_in(job: Job) -> int:
    while job.stdin is not None and (data := await job.stdin.read()):
        await job.stdout(data)
    return 0


# -- Windows ------------------------------------------------------------------------------------------------------------------


async def _windows_program(job: Job, arguments: list[str]) -> int:
    name, rest = _bare(arguments[0]), arguments[1:]
    if name == "cmd":
        return await _cmd(job, rest)
    return await _windows_simple(job, name, rest)


async def _cmd(job: Job, rest: list[str]) -> int:
    for index, argument in enumerate(rest):
        if argument[:2].lower() in ("/c", "/k"):
            line = " ".join([argument[2:], *rest[index + 1 :]] if argument[2:] else rest[index + 1 :])
            return await _cmd_line(job, line)
    await job.stdout(f"Microsoft Windows [Version {job.version}]\r\n(c) Microsoft Corporation. All rights reserved.\r\n\r\nC:\\>".encode())
    code = 0
    pending = b""
    while job.stdin is not None and (data := await job.stdin.read()):
        pending += data
        while b"\n" in pending:
            typed, _unused, pending = pending.partition(b"\n")
            code = await _cmd_line(job, typed.decode(errors="replace").rstrip("\r"))
            await job.stdout(b"\r\nC:\\>")
    return code


async def _cmd_line(job: Job, line: str) -> int:
    code = 0
    for operator, part in _pieces(_expand(job, line)):
        if (operator == "&&" and code) or (operator == "||" and not code):
            continue
        code = await _cmd_command(job, part.strip())
    return code


def _expand(job: Job, line: str) -> str:
    known = {key.lower(): value for key, value in job.environment.items()} | {"computername": job.hostname}
    return re.sub(r"%([^%\s]+)%", lambda match: known.get(match[1].lower(), match[0]), line)


def _pieces(line: str) -> list[tuple[str, str]]:
    """The commands of a line with the operator in front of each; quotes hide operators."""
    pieces, operator, current, quoted = [], "", "", False
    characters = iter(re.findall(r"&&|\|\||[\s\S]", line))
    for token in characters:
        if token == '"':
            quoted = not quoted
        is_operator = not quoted and token in ("&", "&&", "||") and not (token == "&" and current.endswith(">"))
        if is_operator:
            pieces.append((operator, current))
            operator, current = token, ""
        else:
            current += token
    return [*pieces, (operator, current)]


async def _cmd_command(job: Job, command: str) -> int:
    write = job.stdout
    if match := re.search(r"\s*1?>&2", command):
        command, write = (command[: match.start()] + command[match.end() :]).strip(), job.stderr
    if len(command) > 1 and command[0] == command[-1] == '"' and command.count('"') == 2:
        command = command[1:-1]
    word, _unused, rest = command.partition(" ")
    name = word.lower().lstrip("@")
    if name.startswith("echo"):
        text = command.lstrip("@")[5:]
        await write(f"{text}\r\n".encode())
    elif name == "exit":
        numbers = re.findall(r"-?\d+", rest)
        raise Exit(int(numbers[-1]) if numbers else 0)
    elif name == "ver":
        await write(f"\r\nMicrosoft Windows [Version {job.version}]\r\n".encode())
    elif name == "set":
        lines = [f"{key}={value}\r\n" for key, value in sorted(job.environment.items()) if key.lower().startswith(rest.lower())]
        await write("".join(lines).encode())
    elif name in ("type", "more") and rest.lower() in ("con", ""):
        return await _copy_in(job)
    elif _bare(name) in _WINDOWS:
        return await _windows_program(job, argv.split(command))
    elif command:
        await job.stderr(f"'{word}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n".encode())
        return 1
    return 0


async def _windows_simple(job: Job, name: str, rest: list[str]) -> int:
    if name == "ping":
        return await _ping(job, rest)
    if name == "hostname":
        await job.stdout(f"{job.hostname}\r\n".encode())
        return 0
    if name == "whoami":
        await job.stdout(b"user manager\\containeradministrator\r\n")
        return 0
    if name in ("findstr", "sort"):
        return await _copy_in(job)
    if name == "timeout" and (numbers := [int(word) for word in rest if word.isdigit()]):
        await asyncio.sleep(numbers[0])
        return 0
    if name in ("powershell", "pwsh") and (match := re.search(r"start-sleep\D*(\d+)", " ".join(rest), re.I)):
        await asyncio.sleep(int(match[1]))
        return 0
    if name in ("powershell", "pwsh", "python") and rest:
        await job.stderr(f"{name}: the simulated container cannot run this\r\n".encode())
        return 1
    if name in ("powershell", "pwsh", "python"):
        return await _copy_in(job) if job.stdin else 0
    return await _forever()


async def _ping(job: Job, rest: list[str]) -> int:
    options = [word.lower() for word in rest]
    count = int(options[options.index("-n") + 1]) if "-n" in options else 4
    hosts = [
        word for index, word in enumerate(rest) if word[0] not in "-/" and (index == 0 or options[index - 1] not in ("-n", "-w", "-l"))
    ]
    host = hosts[-1] if hosts else "localhost"
    address = "127.0.0.1" if host in ("localhost", "127.0.0.1") else host
    shown = address if host == address else f"{job.hostname} [{address}]"
    await job.stdout(f"\r\nPinging {shown} with 32 bytes of data:\r\n".encode())
    for number in itertools.count() if "-t" in options else range(count):
        if number:
            await asyncio.sleep(1)
        await job.stdout(f"Reply from {address}: bytes=32 time<1ms TTL=128\r\n".encode())
    return 0


# -- busybox ------------------------------------------------------------------------------------------------------------------


async def _sh_program(job: Job, arguments: list[str]) -> int:
    name, rest = _bare(arguments[0]), arguments[1:]
    if name == "busybox" and rest:
        return await _sh_program(job, rest)
    if name == "sh":
        if rest[:1] == ["-c"] and len(rest) > 1:
            return await _sh_line(job, rest[1])
        return await _sh_interactive(job)
    return await _applet(job, name, rest, job.stdout)


async def _sh_interactive(job: Job) -> int:
    code, pending = 0, b""
    while job.stdin is not None and (data := await job.stdin.read()):
        pending += data
        while b"\n" in pending:
            line, _unused, pending = pending.partition(b"\n")
            code = await _sh_line(job, line.decode())
    return code


async def _sh_line(job: Job, line: str) -> int:
    code = 0
    for operator, part in _sh_pieces(line):
        if (operator == "&&" and code) or (operator == "||" and not code):
            continue
        code = await _sh_command(job, part.strip())
    return code


def _sh_pieces(line: str) -> list[tuple[str, str]]:
    pieces, operator, current, quote = [], "", "", ""
    for token in re.findall(r"&&|\|\||[\s\S]", line):
        if token in ("'", '"') and quote in ("", token):
            quote = "" if quote else token
        if not quote and token in (";", "\n", "&&", "||"):
            pieces.append((operator, current))
            operator, current = token, ""
        else:
            current += token
    return [*pieces, (operator, current)]


async def _sh_command(job: Job, command: str) -> int:
    if not command:
        return 0
    write = job.stdout
    if command.endswith(">&2"):
        command, write = command.removesuffix(">&2").rstrip().removesuffix(" 1"), job.stderr
    words = [_sh_word(job, word) for word in re.findall(r"(?:'[^']*'|\"[^\"]*\"|[^\s])+", command)]
    if words[0] == "exec":
        words.pop(0)
    if words[0] == "exit":
        raise Exit(int(words[1]) if len(words) > 1 else 0)
    if words[0] not in _APPLETS:
        await job.stderr(f"sh: {words[0]}: not found\n".encode())
        return 127
    if words[0] == "sh":
        return await _sh_program(job, words)
    return await _applet(job, words[0], words[1:], write)


def _sh_word(job: Job, word: str) -> str:
    def expand(text: str) -> str:
        return re.sub(r"\$(\w+)|\$\{(\w+)\}", lambda match: job.environment.get(match[1] or match[2], ""), text)

    parts = re.findall(r"'[^']*'|\"[^\"]*\"|[^'\"]+", word)
    return "".join(part[1:-1] if part[0] == "'" else expand(part[1:-1] if part[0] == '"' else part) for part in parts)


async def _applet(job: Job, name: str, rest: list[str], write: Write) -> int:
    if name == "echo":
        newline = rest[:1] != ["-n"]
        await write((" ".join(rest[0 if newline else 1 :]) + ("\n" if newline else "")).encode())
    elif name == "cat":
        return await _copy_in(job)
    elif name == "sleep":
        await asyncio.sleep(float(rest[0]))
    elif name == "env":
        await write("".join(f"{key}={value}\n" for key, value in job.environment.items()).encode())
    elif name == "hostname":
        await write(f"{job.hostname}\n".encode())
    elif name == "pwd":
        await write(b"/\n")
    return 1 if name == "false" else 0
