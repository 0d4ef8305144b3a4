# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run programs on a machine without WinRM in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .streams import Pipe
from .windows.machine import Machine


@dataclass(frozen=True)
class Finished:
    """What a line came to; texts as the program wrote them."""

    code: int
    out: bytes
    error: bytes

    @property
    def text(self) -> str:
        """stdout with plain line ends."""
        return self.out.decode().replace("\r\n", "\n")

    @property
    def error_text(self) -> str:
        """stderr with plain line ends."""
        return self.error.decode().replace("\r\n", "\n")


async def run(machine: Machine, line: str, *, stdin: bytes = b"", timeout: float = 20, **settings: Any) -> Finished:
    """Run a line under ``cmd.exe /C`` with this input; ``settings`` as for :meth:`Machine.execute`."""
    source, out, error = Pipe(), Pipe(1 << 30), Pipe(1 << 30)

    async def feed() -> None:
        try:
            await source.write(stdin)
            await source.end()
        except BrokenPipeError:
            return

    feeding = asyncio.ensure_future(feed())
    code = await asyncio.wait_for(machine.execute(line, stdin=source, stdout=out, stderr=error, **settings), timeout)
    await feeding
    return Finished(code, await out.read_all(), await error.read_all())


def play(scene: Callable[[], Awaitable[Any]], timeout: float = 30) -> Any:
    """Run an asynchronous scene to its end, in a loop of its own."""

    async def bounded() -> Any:
        return await asyncio.wait_for(scene(), timeout)

    return asyncio.run(bounded())


def run_lines(machine: Machine, *lines: str, **settings: Any) -> list[Finished]:
    """Run lines one after another."""

    async def scene() -> list[Finished]:
        return [await run(machine, line, **settings) for line in lines]

    result: list[Finished] = play(scene)
    return result
