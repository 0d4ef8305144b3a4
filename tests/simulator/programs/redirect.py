# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redirection: a command's streams joined with files and with each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..streams import Pipe
from ..windows.files import FileError
from .cmd_parser import Redirection
from .process import Process

if TYPE_CHECKING:
    from .cmd import Shell

_STREAMS = ("stdin", "stdout", "stderr")


async def redirected(shell: Shell, redirections: Sequence[Redirection], action: Callable[[], Awaitable[int]]) -> int:
    """Run ``action`` with the shell's streams replaced; the exit code, or 1 when a file cannot be opened."""
    if not redirections:
        return await action()
    outer = shell.process
    try:
        shell.process, sinks = await _open(shell, redirections)
    except FileError as error:
        await outer.complain(f"{error.text}\n")
        return 1
    try:
        return await action()
    finally:
        shell.process = outer
        for pipe, task in sinks:
            await pipe.end()
            await task


async def _open(shell: Shell, redirections: Sequence[Redirection]) -> tuple[Process, list[tuple[Pipe, asyncio.Task[None]]]]:
    process = replace(shell.process)
    sinks: list[tuple[Pipe, asyncio.Task[None]]] = []
    for one in redirections:
        if one.handle >= len(_STREAMS):
            continue  # handles 3 to 9 lead nowhere unless a program asks for them
        if one.target.startswith("&"):
            source = int(one.target[1])
            if source < len(_STREAMS):
                setattr(process, _STREAMS[one.handle], getattr(process, _STREAMS[source]))
            continue
        pipe = Pipe()
        setattr(process, _STREAMS[one.handle], pipe)
        path = None if one.target.lower().partition(":")[0] == "nul" else shell.path(one.target)
        if one.handle == 0:
            content = shell.machine.files.read(path) if path else b""
            sinks.append((pipe, asyncio.ensure_future(_feed(pipe, content))))
        else:
            if path:
                shell.machine.files.write(path, shell.machine.files.read(path) if one.append and shell.machine.files.exists(path) else b"")
            sinks.append((pipe, asyncio.ensure_future(_store(shell, pipe, path))))
    return process, sinks


async def _feed(pipe: Pipe, content: bytes) -> None:
    try:
        await pipe.write(content)
    except BrokenPipeError:
        return
    await pipe.end()


async def _store(shell: Shell, pipe: Pipe, path: str | None) -> None:
    """Write to the file until the stream ends; a full disk breaks the pipe for the writer."""
    while data := await pipe.read():
        try:
            if path:
                shell.machine.files.append(path, data)
        except FileError as error:
            await shell.process.complain(f"{error.text}\n")
            await pipe.close()
            return
