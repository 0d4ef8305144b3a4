# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of an image made from a busybox tar: a small sh and its applets. It makes one test suite run on both engines."""

from __future__ import annotations

import asyncio
import re

from .files import Node
from .workload import APPLETS, Exit, Job, Write, bare, copy_input


async def run(job: Job, words: list[str]) -> int:
    """Run a program; its exit code."""
    name, rest = bare(words[0]), words[1:]
    if name == "busybox" and rest:
        return await run(job, rest)
    if name == "sh":
        if rest[:1] == ["-c"] and len(rest) > 1:
            return await _line(job, rest[1])
        return await _interactive(job)
    return await _applet(job, name, rest, job.stdout)


async def _interactive(job: Job) -> int:
    code, pending = 0, b""
    while job.stdin is not None and (data := await job.stdin.read()):
        pending += data
        while b"\n" in pending:
            line, _unused, pending = pending.partition(b"\n")
            code = await _line(job, line.decode())
    return code


async def _line(job: Job, line: str) -> int:
    code = 0
    for operator, part in _pieces(line):
        if (operator == "&&" and code) or (operator == "||" and not code):
            continue
        code = await _command(job, part.strip())
    return code


def _pieces(line: str) -> list[tuple[str, str]]:
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


async def _command(job: Job, command: str) -> int:
    if not command:
        return 0
    write = job.stdout
    if command.endswith(">&2"):
        command, write = command.removesuffix(">&2").rstrip().removesuffix(" 1"), job.stderr
    elif match := re.search(r"\s*>\s*(\S+)$", command):
        command, write = command[: match.start()], _into_file(job, _path(job, match[1]))
    words = [_word(job, word) for word in re.findall(r"(?:'[^']*'|\"[^\"]*\"|[^\s])+", command)]
    if words[0] == "exec":
        words.pop(0)
    if words[0] == "exit":
        raise Exit(int(words[1]) if len(words) > 1 else 0)
    if words[0] == "trap":
        return 0
    if words[0] not in APPLETS:
        await job.stderr(f"sh: {words[0]}: not found\n".encode())
        return 127
    if words[0] == "sh":
        return await run(job, words)
    return await _applet(job, words[0], words[1:], write)


def _path(job: Job, path: str) -> str:
    """A path from the working directory."""
    return path if path.startswith("/") else f"{job.directory or '/'}/{path}"


def _into_file(job: Job, path: str) -> Write:
    job.files.write(path, b"")

    async def write(data: bytes) -> None:
        node = job.files.find(path)
        job.files.write(path, (node.data if node else b"") + data)

    return write


def _word(job: Job, word: str) -> str:
    def expand(text: str) -> str:
        return re.sub(r"\$(\w+)|\$\{(\w+)\}", lambda match: job.environment.get(match[1] or match[2], ""), text)

    parts = re.findall(r"'[^']*'|\"[^\"]*\"|[^'\"]+", word)
    return "".join(part[1:-1] if part[0] == "'" else expand(part[1:-1] if part[0] == '"' else part) for part in parts)


async def _applet(job: Job, name: str, rest: list[str], write: Write) -> int:
    if name == "echo":
        newline = rest[:1] != ["-n"]
        await write((" ".join(rest[0 if newline else 1 :]) + ("\n" if newline else "")).encode())
    elif name == "sleep":
        await asyncio.sleep(float(rest[0]))
    elif name == "env":
        await write("".join(f"{key}={value}\n" for key, value in job.environment.items()).encode())
    elif name == "hostname":
        await write(f"{job.hostname}\n".encode())
    elif name == "pwd":
        await write(f"{job.directory.replace(chr(92), '/') or '/'}\n".encode())
    elif name in ("cat", "mkdir", "rm", "touch", "test"):
        return await _file_applet(job, name, [word for word in rest if not word.startswith("-")], write)
    return 1 if name == "false" else 0


async def _file_applet(job: Job, name: str, paths: list[str], write: Write) -> int:
    if name == "cat" and not paths:
        return await copy_input(job)
    code = 0
    for word in paths:
        path = _path(job, word)
        node: Node | None = job.files.find(path)
        if name == "mkdir":
            job.files.make_directory(path)
        elif name == "touch":
            job.files.write(path, node.data if node else b"")
        elif name == "rm":
            job.files.remove(path)
        elif node is None:
            code = 1
            if name == "cat":
                await job.stderr(f"cat: can't open '{word}': No such file or directory\n".encode())
        elif name == "cat":
            await write(node.data)
    return code
