# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One command of a shell: a process behind three pipes, and the output that waits for Receive."""

from __future__ import annotations

import asyncio
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..streams import Pipe
from .envelope import identifier
from .fault import Fault
from .fault_table import TIMED_OUT, internal

if TYPE_CHECKING:
    from ..windows.machine import Machine

#: Bytes held for Receive before the process has to wait (131,072 raw bytes in one recorded answer: facts/wsman.md 3.3).
HELD = 131072
#: Exit code of a terminated process and of one ended by Ctrl+C (STATUS_CONTROL_C_EXIT).
TERMINATED, CONTROL_C, CRASHED = 1, 0xC000013A, 0xC0000005


@dataclass(frozen=True)
class Start:
    """Where and as whom a command runs."""

    environment: dict[str, str]
    working_directory: str
    user: str


@dataclass(frozen=True)
class Output:
    """What one Receive brings: pieces in order, and the exit code once everything has been said."""

    pieces: tuple[tuple[str, bytes], ...]
    exit_code: int | None


class Command:
    """A running or finished command.

    Args:
        machine: Runs the line.
        line: What cmd.exe /C gets.
        start: Where and as whom.
        stream_bytes: Largest piece.
        convert: Changes stdin on its way (console mode), or None for a plain pipe.
    """

    def __init__(self, machine: Machine, line: str, start: Start, stream_bytes: int, convert: Callable[[bytes], bytes] | None) -> None:
        self.id = identifier()
        self.line, self._machine, self._convert, self._stream_bytes = line, machine, convert, stream_bytes
        self._pipes = {name: Pipe() for name in ("stdin", "stdout", "stderr")}
        self._pieces: deque[tuple[str, bytes]] = deque()
        self._held = 0
        self._changed = asyncio.Condition()
        self._receiving = asyncio.Lock()
        self._sending: asyncio.Task[None] | None = None
        self._aborted = False
        self._stopping = False
        self._stop_code = TERMINATED
        self.exit_code: int | None = None
        self.reported = False  #: Done was part of an answer
        self._program = asyncio.create_task(self._execute(start))
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        pumps = [asyncio.create_task(self._pump(name)) for name in ("stdout", "stderr")]
        await asyncio.wait({self._program})
        code = self._stop_code if self._program.cancelled() else self._program.result()
        for pipe in self._pipes.values():
            await pipe.end()
        await self._pipes["stdin"].close()
        await asyncio.gather(*pumps)
        async with self._changed:
            self.exit_code = code
            self._changed.notify_all()

    async def _execute(self, start: Start) -> int:
        stdin, stdout, stderr = (self._pipes[name] for name in ("stdin", "stdout", "stderr"))
        try:
            return await self._machine.execute(
                self.line, stdin=stdin, stdout=stdout, stderr=stderr, environment=start.environment,
                working_directory=start.working_directory, user=start.user,
            )  # fmt: skip
        except Exception:  # a fault of the simulator's own: show it, do not hang the client
            self._machine.log("wsman", f"the simulated program crashed: {self.line}\n{traceback.format_exc()}")
            return CRASHED

    async def _pump(self, name: str) -> None:
        while data := await self._pipes[name].read(self._stream_bytes):
            async with self._changed:
                await self._changed.wait_for(lambda: self._held < HELD or self._stopping)
                self._pieces.append((name, data))
                self._held += len(data)
                self._changed.notify_all()

    @property
    def held(self) -> int:
        """Bytes that wait for a Receive."""
        return self._held

    @property
    def awaited(self) -> bool:
        """Whether a Receive waits for it."""
        return self._receiving.locked()

    @property
    def running(self) -> bool:
        """Whether the process lives, or its end has not yet been told to a Receive."""
        return not self.reported

    async def receive(self, limit: int, timeout: float) -> Output:
        """Wait for output or the end, at most ``timeout`` seconds; up to ``limit`` bytes.

        Raises:
            Fault: The operation timed out, or was aborted.
        """
        try:
            async with asyncio.timeout(timeout), self._receiving:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._pieces or self.exit_code is not None or self._aborted)
                if self._aborted:
                    raise Fault(internal(995))
                return await self._take(limit)
        except TimeoutError:
            raise Fault(TIMED_OUT) from None

    async def _take(self, limit: int) -> Output:
        taken: list[tuple[str, bytes]] = []
        async with self._changed:
            while self._pieces and limit > 0:
                name, data = self._pieces.popleft()
                if len(data) > limit:
                    self._pieces.appendleft((name, data[limit:]))
                    data = data[:limit]
                taken.append((name, data))
                limit -= len(data)
                self._held -= len(data)
            self._changed.notify_all()
            done = self.exit_code is not None and not self._pieces
            self.reported = self.reported or done
        return Output(tuple(taken), self.exit_code if done else None)

    async def send(self, data: bytes, end: bool, timeout: float) -> None:
        """Write to stdin; a write that times out goes on in the background (facts/wsman.md 4.5).

        Raises:
            Fault: 170 while an earlier Send is being written, 109 when the process is gone, or timed out.
        """
        if self._sending is not None and not self._sending.done():
            raise Fault(internal(170))
        self._sending = asyncio.create_task(self._write(data, end))
        # Nobody may be waiting any more when the process ends in the middle of it.
        self._sending.add_done_callback(lambda task: task.cancelled() or task.exception())
        done, _unused = await asyncio.wait({self._sending}, timeout=timeout)
        if not done:
            raise Fault(TIMED_OUT)
        if self._sending.exception() is not None:
            raise Fault(internal(109))

    async def _write(self, data: bytes, end: bool) -> None:
        if self._pipes["stdin"].broken:
            raise BrokenPipeError
        if self._convert is not None:
            data, end = self._convert(data), False
        if data:
            await self._pipes["stdin"].write(data)
        if end:
            await self._pipes["stdin"].end()

    def stop(self, code: int = TERMINATED) -> None:
        """Kill the process; a Receive still gets the rest of the output and the end."""
        self._stop_code, self._stopping = code, True
        self._program.cancel()
        self._waking = asyncio.create_task(self._wake())

    def abort(self) -> None:
        """Kill the process and end waiting operations with code 995 (shell deleted, service stopping)."""
        self._aborted = True
        self.stop()

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()
