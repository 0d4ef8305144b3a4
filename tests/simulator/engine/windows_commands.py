# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of a Windows image: cmd with a few built-ins, ping, and some that just run."""

from __future__ import annotations

import asyncio
import fnmatch
import itertools
import re
from dataclasses import replace

from ..programs import argv
from ..programs.cmd_parser import strip_quotes
from . import windows_files
from .files import spelt
from .workload import WINDOWS_PROGRAMS, Exit, Job, Write, bare, copy_input, forever


async def run(job: Job, line: str) -> int:
    """Run a command line; its exit code."""
    arguments = argv.split(line)
    name = bare(arguments[0])
    if name == "cmd":
        return await _cmd(job, _after_name(line))
    return await _simple(job, name, arguments[1:])


def _after_name(line: str) -> str:
    if line.startswith('"'):
        return line[1:].partition('"')[2].lstrip()
    return line.partition(" ")[2].lstrip()


async def _cmd(job: Job, text: str) -> int:
    """The switches of cmd.exe; then a line, or lines from its input."""
    always = False
    while match := re.match(r"/([a-z])(?::\S*)?\s*", text, re.I):
        letter = match[1].lower()
        text = text[match.end() :]
        always = always or letter == "s"
        if letter in "ck":
            return await _line(job, strip_quotes(text, lambda name: bare(name) in WINDOWS_PROGRAMS, always=always))
    return await _interactive(job)


async def _interactive(job: Job) -> int:
    await job.stdout(f"Microsoft Windows [Version {job.version}]\r\n(c) Microsoft Corporation. All rights reserved.\r\n\r\nC:\\>".encode())
    code, pending = 0, b""
    while job.stdin is not None and (data := await job.stdin.read()):
        pending += data
        while b"\n" in pending:
            typed, _unused, pending = pending.partition(b"\n")
            code = await _line(job, typed.decode(errors="replace").rstrip("\r"))
            await job.stdout(b"\r\nC:\\>")
    return code


async def _line(job: Job, line: str) -> int:
    code = 0
    for operator, part in _pieces(_expand(job, line)):
        if (operator == "&&" and code) or (operator == "||" and not code):
            continue
        code = await _command(job, part.strip())
    return code


def _expand(job: Job, line: str) -> str:
    known = {key.lower(): value for key, value in job.environment.items()} | {"computername": job.hostname}
    return re.sub(r"%([^%\s]+)%", lambda match: known.get(match[1].lower(), match[0]), line)


def _pieces(line: str) -> list[tuple[str, str]]:
    """The commands of a line with the operator in front of each; quotes hide operators."""
    pieces, operator, current, quoted = [], "", "", False
    for token in re.findall(r"&&|\|\||[\s\S]", line):
        if token == '"':
            quoted = not quoted
        is_operator = not quoted and token in ("&", "&&", "||") and not (token == "&" and current.endswith(">"))
        if is_operator:
            pieces.append((operator, current))
            operator, current = token, ""
        else:
            current += token
    return [*pieces, (operator, current)]


def _redirected(job: Job, command: str) -> tuple[str, Write]:
    """The command without its redirection, and where its output goes: ``1>&2``, ``>file``, ``>>file``. A digit is a handle only after a blank."""
    if match := re.search(r"(?:\s+1?)?>&2", command):
        return (command[: match.start()] + command[match.end() :]).strip(), job.stderr
    match = re.search(r'(?:\s1?)?(>>?)\s*("[^"]+"|[^\s">&|]+)\s*$', command)
    if not match or command[: match.start()].count('"') % 2:
        return command, job.stdout
    path, append = _path(job, match[2].strip('"')), match[1] == ">>"
    there = job.files.find(path)
    job.files.write(path, there.data if there and append else b"")

    async def write(data: bytes) -> None:
        node = job.files.find(path)
        job.files.write(path, (node.data if node else b"") + data)

    return command[: match.start()], write


def _path(job: Job, path: str) -> str:
    """A path from the working directory."""
    absolute = re.match(r"[a-zA-Z]:|[\\/]", path)
    return spelt(path if absolute else f"{job.directory or '/'}/{path}")


async def _condition(job: Job, command: str) -> int:
    """``if [not] exist PATH COMMAND``; the path may hold wildcards."""
    match = re.fullmatch(r'if\s+(not\s+)?exist\s+("[^"]*"|\S+)\s+(.+)', command, re.IGNORECASE)
    if match is None:
        await job.stderr(b"The syntax of the command is incorrect.\r\n")
        return 255
    if _exists(job, match[2].strip('"')) is bool(match[1]):
        return 0
    return await _command(job, match[3])


async def _size(job: Job, command: str) -> int:
    """``for %I in ("PATH") do @echo %~zI``: nothing of a file that is not there."""
    match = re.fullmatch(r'for\s+%(\w)\s+in\s+\("([^"*?]+)"\)\s+do\s+@echo\s+%~z(\w)', command, re.IGNORECASE)
    if match is None or match[1] != match[3]:
        await job.stderr(b"for: the simulated container cannot run this\r\n")
        return 1
    node = job.files.find(_path(job, match[2]))
    await job.stdout(f"{len(node.data) if node else ''}\r\n".encode())
    return 0


def _exists(job: Job, path: str) -> bool:
    full = _path(job, path).rstrip("/") or "/"
    if not re.search(r"[*?]", full):
        return full == "/" or job.files.find(full) is not None
    folder, _unused, pattern = full.lower().rpartition("/")
    names = (key.removeprefix("/") for key, _unused in job.files.below(folder or "/"))
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for name in names if name and "/" not in name)


async def _command(job: Job, command: str) -> int:
    if re.match(r"if\s", command, re.IGNORECASE):
        return await _condition(job, command)
    if re.match(r"for\s", command, re.IGNORECASE):
        return await _size(job, command)
    command, write = _redirected(job, command)
    if len(command) > 1 and command[0] == command[-1] == '"' and command.count('"') == 2:
        command = command[1:-1]
    word, _unused, rest = command.partition(" ")
    name = word.lower().lstrip("@")
    if name.startswith("echo") and name[4:5] in ("", ".", ":"):
        await write(f"{command.lstrip('@')[5:]}\r\n".encode())
    elif name == "exit":
        numbers = re.findall(r"-?\d+", rest)
        raise Exit(int(numbers[-1]) if numbers else 0)
    elif name == "ver":
        await write(f"\r\nMicrosoft Windows [Version {job.version}]\r\n".encode())
    elif name == "set":
        lines = [f"{key}={value}\r\n" for key, value in sorted(job.environment.items()) if key.lower().startswith(rest.lower())]
        await write("".join(lines).encode())
    elif name in ("type", "more") and rest.lower() in ("con", ""):
        return await copy_input(job)
    elif name in ("type", "del", "mkdir", "md", "cd"):
        return await _file_command(job, name, rest.strip().strip('"'), write)
    elif bare(name) in WINDOWS_PROGRAMS - job.lacks:
        return await run(replace(job, stdout=write), command)
    elif command:
        await job.stderr(f"'{word}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n".encode())
        return 1
    return 0


async def _file_command(job: Job, name: str, path: str, write: Write) -> int:
    full = _path(job, path)
    node = job.files.find(full)
    if name in ("mkdir", "md"):
        if node is not None:
            await job.stderr(f"A subdirectory or file {path} already exists.\r\n".encode())
            return 1
        job.files.make_directory(full)
    elif name == "cd" and not path:
        await write(f"C:{full.replace('/', chr(92))}\r\n".encode())
    elif node is None:
        await job.stderr(b"The system cannot find the file specified.\r\n" if name == "type" else f"Could Not Find {path}\r\n".encode())
        return 1 if name == "type" else 0
    elif name == "type":
        await write(node.data)
    elif name == "del":
        job.files.remove(full)
    return 0


async def _simple(job: Job, name: str, rest: list[str]) -> int:
    if name == "ping":
        return await _ping(job, rest)
    if name == "hostname":
        await job.stdout(f"{job.hostname}\r\n".encode())
        return 0
    if name == "whoami":
        await job.stdout(f"user manager\\{job.user or 'ContainerAdministrator'}\r\n".lower().encode())
        return 0
    if name == "tar":
        return await windows_files.tar(job, rest)
    if name == "certutil":
        return await windows_files.certutil(job, rest)
    if name in ("findstr", "sort"):
        return await copy_input(job)
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
        return await copy_input(job) if job.stdin else 0
    return await forever()


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
