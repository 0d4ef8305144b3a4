# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task scheduler: tasks that run a line once, as SYSTEM (what schtasks.exe makes, native-tools.md 3).

SYSTEM holds every privilege: a task may restart Windows where the WinRM account may not. Tasks survive a restart; a due time that passed
while the machine was down is not made up for, as Windows' default has it (*unverified*).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..streams import Pipe
from .registry import REG_SZ

if TYPE_CHECKING:
    from .machine import Machine

TREE = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tree"
#: Last Result of a task that has not run yet, and of one that runs.
NEVER_RUN, RUNNING = 0x41303, 0x41301


@dataclass
class Task:
    """One task.

    Args:
        name: Without the leading backslash.
        line: What it runs.
        due: When, or None for a task that is only started by hand.
        user: The account, as given.
        last_result: Exit code of the last run.
    """

    name: str
    line: str
    due: datetime | None
    user: str = "SYSTEM"
    last_run: datetime | None = None
    last_result: int = NEVER_RUN
    run: asyncio.Task[None] | None = None
    waiting: asyncio.Task[None] | None = None

    @property
    def status(self) -> str:
        return "Running" if self.run and not self.run.done() else "Ready"


class Tasks:
    """All tasks of one machine, by name without case."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._tasks: dict[str, Task] = {}
        machine.on_power(self._power)

    def all(self) -> list[Task]:
        return [self._tasks[name] for name in sorted(self._tasks)]

    def find(self, name: str) -> Task | None:
        return self._tasks.get(name.strip("\\").lower())

    def create(self, task: Task) -> None:
        """Enter a task, in place of one of the same name."""
        self.delete(task.name)
        self._tasks[task.name.lower()] = task
        self.machine.registry.set(f"{TREE}\\{task.name}", "Id", "{0C7A51D0-0000-4000-8000-000000000001}", REG_SZ)
        self._arm(task)

    def delete(self, name: str) -> bool:
        """Remove a task; one that runs goes on. False: there is none."""
        task = self._tasks.pop(name.strip("\\").lower(), None)
        if task is None:
            return False
        if task.waiting:
            task.waiting.cancel()
        self.machine.registry.delete_key(f"{TREE}\\{task.name}")
        return True

    def start(self, task: Task) -> None:
        """Run it now, if it does not run already."""
        if task.status == "Running":
            return
        self.machine.log("service", f"task {task.name}: started")
        task.last_run, task.last_result = self.machine.now(), RUNNING
        work = asyncio.ensure_future(self._run(task))
        self.machine.keep(work)
        task.run = work

    def _arm(self, task: Task) -> None:
        seconds = (task.due - self.machine.now()).total_seconds() if task.due else -1
        if seconds < 0:
            return

        async def wait() -> None:
            await asyncio.sleep(seconds * self.machine.switches.time_scale)
            self.start(task)

        work = asyncio.ensure_future(wait())
        self.machine.keep(work)
        task.waiting = work

    async def _run(self, task: Task) -> None:
        stdin, stdout, stderr = Pipe(), Pipe(), Pipe()
        await stdin.end()
        for pipe in (stdout, stderr):
            self.machine.keep(asyncio.ensure_future(pipe.read_all()))
        task.last_result = await self.machine.run_as_system(task.line, stdin=stdin, stdout=stdout, stderr=stderr)

    def _power(self, event: str) -> None:
        if event == "up":
            for task in self.all():
                self._arm(task)
