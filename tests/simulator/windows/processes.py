# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process table."""

from __future__ import annotations

import ntpath
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass
class ProcessEntry:
    """One row of the process table.

    Args:
        pid: A multiple of four, as on Windows.
        name: Image file name, ``cmd.exe``.
        parent: Process id of the parent.
        session: 0 for services and WinRM, 1 for the console; every process-isolated container has one of its own.
        command_line: None where nobody may know it.
        path: Full path of the image, None for kernel processes.
        kill: Ends the program behind the row; None for rows that only exist.
    """

    pid: int
    name: str
    parent: int
    session: int
    command_line: str | None = None
    path: str | None = None
    kill: Callable[[], object] | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    owner: str = "SYSTEM"


class ProcessTable:
    """All processes of a machine.

    Args:
        now: The machine's clock.
        memory_processes: Each worker process of a virtual machine (``vmwp.exe``) has a ``vmmem`` beside it. Recorded on build 26100
            (docker/ws2025-isolation-experiment.json, where three ``vmmem`` stand beside two ``vmwp``; the third is unexplained); the
            documented comparison of older builds shows ``vmwp`` alone (windows-containers.md 6.1).
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC), *, memory_processes: bool = False) -> None:
        self.now, self.memory_processes = now, memory_processes
        self._next = 4
        self._rows: dict[int, ProcessEntry] = {}
        self.boot()

    def boot(self) -> None:
        """The processes of a freshly started Windows. Ids never start anew, so that an old id is not met again by accident."""
        self._rows.clear()
        self._rows[0] = ProcessEntry(0, "System Idle Process", 0, 0)
        self._rows[4] = ProcessEntry(4, "System", 0, 0)
        self._next = max(self._next, 4)
        for name, path in (("smss.exe", None), ("csrss.exe", None), ("wininit.exe", None)):
            self.add(name, parent=4, path=path)
        self.services = self.add("services.exe", parent=self._next, path="C:\\Windows\\System32\\services.exe")
        self.add("lsass.exe", parent=self._next, path="C:\\Windows\\System32\\lsass.exe")
        self.winrm = self.add("winrshost.exe", parent=self.services, path="C:\\Windows\\System32\\winrshost.exe")

    def add(
        self,
        name: str,
        *,
        parent: int = 0,
        session: int = 0,
        command_line: str | None = None,
        path: str | None = None,
        kill: Callable[[], object] | None = None,
        owner: str = "SYSTEM",
    ) -> int:
        """Enter a process; its id."""
        self._next += 4
        pid = self._next
        self._rows[pid] = ProcessEntry(pid, name, parent, session, command_line, path, kill, self.now(), owner)
        if self.memory_processes and name.lower() == "vmwp.exe":
            self.add("vmmem", parent=pid, session=session, owner=owner)
        return pid

    def remove(self, pid: int) -> None:
        """Take a process out; unknown ids are ignored."""
        self._rows.pop(pid, None)
        for row in [row for row in self.children(pid) if row.name == "vmmem"]:
            self.remove(row.pid)

    def get(self, pid: int) -> ProcessEntry | None:
        return self._rows.get(pid)

    def all(self) -> list[ProcessEntry]:
        """Every row, by id."""
        return [self._rows[pid] for pid in sorted(self._rows)]

    def named(self, name: str) -> list[ProcessEntry]:
        """Rows of that image name, without case."""
        return [row for row in self.all() if row.name.lower() == name.lower()]

    def children(self, pid: int) -> list[ProcessEntry]:
        return [row for row in self.all() if row.parent == pid and row.pid != pid]

    def executing(self, path: str) -> bool:
        """Whether a running process was started from this file."""
        lowered = ntpath.normpath(path).lower()
        return any(row.path is not None and row.path.lower() == lowered for row in self._rows.values())
