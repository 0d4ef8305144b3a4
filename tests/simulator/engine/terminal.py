# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a terminal does between the user's keys and the program: it shows what is typed and hands it on by lines."""

from __future__ import annotations

import asyncio
import re

from ..streams import Pipe
from .workload import Write

_BACKSPACE = b"\x08\x7f"
_END = {True: b"\x04", False: b"\x1a"}  # Ctrl+D; Ctrl+Z
_LINE_END = {True: b"\n", False: b"\r\n"}


def shown(data: bytes) -> bytes:
    """Output as a terminal shows it: every line end begins a line at the left."""
    return re.sub(rb"\r?\n", b"\r\n", data)


class Terminal:
    """The keyboard of a program that has a terminal.

    Args:
        stdin: Of the program.
        echo: Where its output goes.
        unix: A terminal of Linux, not a console of Windows.
    """

    def __init__(self, stdin: Pipe, echo: Write, *, unix: bool) -> None:
        self._stdin, self._echo, self._unix = stdin, echo, unix
        self._line = b""
        self._after_return = False

    async def type(self, data: bytes) -> None:
        """Keys as a client in raw mode sends them: Enter is a carriage return."""
        for number in data:
            await self._key(bytes((number,)))

    async def _key(self, key: bytes) -> None:
        second_half, self._after_return = key == b"\n" and self._after_return, key == b"\r"
        if second_half:
            return  # of what a program sends as a line end
        if key in (b"\r", b"\n"):
            await self._enter()
        elif key in _BACKSPACE:
            if self._line:
                self._line = self._line[:-1]
                await self._echo(b"\b \b")
        elif self._unix and key == _END[True]:
            await self._hand_on(self._line)
        else:
            self._line += key
            await self._echo(key)

    async def _enter(self) -> None:
        await self._echo(b"\r\n")
        if not self._unix and self._line.startswith(_END[False]):
            await self._hand_on(b"")
        else:
            await self._hand_on(self._line + _LINE_END[self._unix])

    async def _hand_on(self, line: bytes) -> None:
        self._line = b""
        if line:
            await self._stdin.write(line)
        else:
            await self._stdin.end()


async def until_left(output: asyncio.Task[None], keyboard: asyncio.Task[None] | None, tty: bool) -> None:
    """Until the output ends; a terminal is also left when its keyboard ends, and its program goes on (moby container/stream/attach.go)."""
    ends = [output, keyboard] if tty and keyboard is not None else [output]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if keyboard is not None:
            keyboard.cancel()
    if output.done() and not output.cancelled():
        output.result()
