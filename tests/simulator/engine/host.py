# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an engine needs from the Windows it runs on, and a Windows of its own for stand-alone use."""

from __future__ import annotations

import itertools
from typing import Protocol

from .texts import DiskFull


class EngineHost(Protocol):
    """The narrow side of a machine that the engine sees."""

    @property
    def name(self) -> str: ...

    @property
    def build(self) -> int: ...

    @property
    def revision(self) -> int: ...

    @property
    def server(self) -> bool:
        """Product type: server (also domain controller), not workstation."""

    @property
    def narrow_process_window(self) -> bool:
        """Above build 26100 no image older than 26100 runs with process isolation."""

    @property
    def display_version(self) -> str:
        """``21H2``; empty when unknown."""

    @property
    def build_lab(self) -> str:
        """``20348.1.amd64fre.fe_release.210507-1500``."""

    @property
    def processors(self) -> int: ...

    @property
    def memory(self) -> int:
        """Bytes."""

    @property
    def hyperv_enabled(self) -> bool:
        """The Hyper-V feature is enabled (servicing finished)."""

    @property
    def hypervisor_running(self) -> bool:
        """A hypervisor really runs: feature, reboot and virtualisation are there."""

    def log(self, text: str) -> None: ...

    def add_process(self, name: str, session: int) -> int:
        """A process appears on the host; its PID."""

    def remove_process(self, pid: int) -> None: ...

    def add_system(self, id: str, hyperv: bool) -> None:
        """A compute system appears: a container, or a container in a utility VM."""

    def add_worker(self, id: str) -> int:
        """The worker process of a compute system's utility VM appears; its PID."""

    def remove_system(self, id: str) -> None: ...

    def reserve(self, size: int) -> None:
        """Take disk space. Raises DiskFull."""

    def release(self, size: int) -> None: ...

    def add_layer(self, folder: str) -> None:
        """The folder of a layer appears: ordinary means cannot delete it."""

    def remove_layer(self, folder: str) -> None: ...

    def kind_of(self, path: str) -> str | None:
        """``directory``, ``file`` or None; without case, backslashes."""

    def port_taken(self, port: int) -> bool:
        """Something on the host (no container) listens on that TCP port."""

    @property
    def newer_revision_fails(self) -> bool:
        """A process container whose image has a newer revision than the host does not start (a switch: both are seen)."""

    def credential_spec(self, name: str) -> str | None:
        """The credential spec of that name in the registry."""


class PlainHost:
    """A Server 2022 that is nothing but host to an engine: for the contract suite and for trying things out."""

    def __init__(self, *, build: int = 20348, revision: int = 2340, server: bool = True, hyperv: bool = True) -> None:
        self.name = "WIN-CONTRACT"
        self.build, self.revision, self.server = build, revision, server
        self.narrow_process_window = False
        self.display_version = {17763: "1809", 20348: "21H2", 26100: "24H2"}.get(build, "")
        self.build_lab = f"{build}.1.amd64fre.fe_release.210507-1500"
        self.processors, self.memory = 4, 16 << 30
        self.hyperv_enabled = self.hypervisor_running = hyperv
        self.free_bytes = 100 << 30
        self.newer_revision_fails = False
        self.credential_specs: dict[str, str] = {}
        self.files: set[str] = set()
        self.layers: set[str] = set()
        self.directories = {"c:\\", "c:\\windows", "c:\\programdata", "c:\\data"}
        self.processes: dict[int, str] = {}
        self.systems: dict[str, bool] = {}
        self._pids = itertools.count(4000, 4)
        self.lines: list[str] = []

    def log(self, text: str) -> None:
        self.lines.append(text)

    def add_process(self, name: str, session: int) -> int:
        pid = next(self._pids)
        self.processes[pid] = name
        return pid

    def remove_process(self, pid: int) -> None:
        self.processes.pop(pid, None)

    def add_system(self, id: str, hyperv: bool) -> None:
        self.systems[id] = hyperv

    def add_worker(self, id: str) -> int:
        return self.add_process("vmwp.exe", 0)

    def remove_system(self, id: str) -> None:
        self.systems.pop(id, None)

    def reserve(self, size: int) -> None:
        if size > self.free_bytes:
            raise DiskFull
        self.free_bytes -= size

    def release(self, size: int) -> None:
        self.free_bytes += size

    def add_layer(self, folder: str) -> None:
        self.layers.add(folder)

    def remove_layer(self, folder: str) -> None:
        self.layers.discard(folder)

    def kind_of(self, path: str) -> str | None:
        if path.lower() in self.files:
            return "file"
        return "directory" if path.lower() in self.directories else None

    def credential_spec(self, name: str) -> str | None:
        return self.credential_specs.get(name)

    def port_taken(self, port: int) -> bool:
        return False
