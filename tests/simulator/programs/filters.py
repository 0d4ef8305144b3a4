# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters and waiting: sort, more, find, timeout (all unverified; timeout's refusal is Windows' own text)."""

from __future__ import annotations

import asyncio

from ..windows.files import FileError
from .process import Process, program


async def _input(process: Process, names: list[str]) -> list[bytes]:
    """The lines of a file, or of stdin. Raises FileError."""
    content = process.machine.files.read(process.absolute(names[0])) if names else await process.stdin.read_all()
    return content.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n") if content else []


async def _write(process: Process, lines: list[bytes]) -> None:
    await process.stdout.write(b"".join(line + b"\r\n" for line in lines))


@program("sort.exe")
async def sort(process: Process) -> int:
    """``sort [/r] [FILE]``: without case."""
    words = process.arguments[1:]
    if {word.lower() for word in words if word.startswith("/")} - {"/r"}:
        process.machine.log("refused", process.command_line)
        await process.complain("Invalid switch.\n")
        return 1
    try:
        lines = await _input(process, [word for word in words if not word.startswith("/")])
    except FileError as error:
        await process.complain(f"{words[-1]}{error.text}\n")
        return 1
    await _write(process, sorted(lines, key=bytes.lower, reverse="/r" in (word.lower() for word in words)))
    return 0


@program("more.com")
async def more(process: Process) -> int:
    """Its output is no screen, so that nothing waits for a key."""
    words = [word for word in process.arguments[1:] if not word.startswith("/")]
    try:
        await _write(process, await _input(process, words))
    except FileError:
        await process.complain(f"Cannot access file {process.absolute(words[0])}\n")
        return 1
    return 0


@program("find.exe")
async def find(process: Process) -> int:
    """``find [/v] [/c] [/i] "text" [FILE]``."""
    words = process.arguments[1:]
    switches = {word.lower() for word in words if word.startswith("/")}
    operands = [word for word in words if not word.startswith("/")]
    if not operands or switches - {"/v", "/c", "/i"}:
        process.machine.log("refused", process.command_line)
        await process.complain("FIND: Parameter format not correct\n")
        return 2
    text = operands[0].encode()
    try:
        lines = await _input(process, operands[1:])
    except FileError:
        await process.complain(f"File not found - {operands[1].upper()}\n")
        return 1
    fold = bytes.lower if "/i" in switches else bytes
    found = [line for line in lines if (bool(text) and fold(text) in fold(line)) != ("/v" in switches)]
    if "/c" in switches:
        await process.print(f"{len(found)}\n")
    else:
        await _write(process, found)
    return 0 if found else 1


@program("timeout.exe")
async def timeout(process: Process) -> int:
    """It wants a console for its input, which WinRM never gives."""
    await asyncio.sleep(0)
    await process.complain("ERROR: Input redirection is not supported, exiting the process immediately.\n")
    return 1
