# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated machine, seen as the host of an engine."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ..windows.files import DiskFull as MachineDiskFull
from . import texts
from .specifications import REGISTRY_KEY

if TYPE_CHECKING:
    from ..windows.machine import Machine


class MachineHost:
    """Fulfils :class:`.host.EngineHost` with the state of a :class:`Machine`.

    Args:
        machine: The Windows.
        parent: PID of dockerd, the parent of container processes.
    """

    def __init__(self, machine: Machine, parent: int = 0) -> None:
        self.machine, self.parent = machine, parent

    @property
    def name(self) -> str:
        return self.machine.name

    @property
    def build(self) -> int:
        return self.machine.profile.build

    @property
    def revision(self) -> int:
        return self.machine.profile.revision

    @property
    def server(self) -> bool:
        return self.machine.profile.is_server

    @property
    def narrow_process_window(self) -> bool:
        return self.machine.switches.narrow_process_window

    @property
    def display_version(self) -> str:
        return self.machine.profile.display_version or self.machine.profile.release_id

    @property
    def build_lab(self) -> str:
        return self.machine.profile.lab

    @property
    def processors(self) -> int:
        return self.machine.processors

    @property
    def memory(self) -> int:
        return self.machine.memory_bytes

    @property
    def hyperv_enabled(self) -> bool:
        return "hypervisor" in self.machine.features.provided()

    @property
    def hypervisor_running(self) -> bool:
        return self.machine.hypervisor_running

    def log(self, text: str) -> None:
        self.machine.log("engine", text)

    def add_process(self, name: str, session: int) -> int:
        path = f"C:\\Windows\\System32\\{name}"
        return self.machine.processes.add(name, parent=self.parent, session=session, path=path, owner="ContainerAdministrator")

    def remove_process(self, pid: int) -> None:
        self.machine.processes.remove(pid)

    def add_system(self, id: str, hyperv: bool) -> None:
        # That hcsdiag lists both kinds with their type is uncertain (docker-on-windows.md 2.10); the owner is docker (windows-containers.md 6.2).
        self.machine.compute_systems[id] = ("VM" if hyperv else "Container", "Running", str(uuid.uuid4()), "docker")

    def add_worker(self, id: str) -> int:
        """Its command line ends with the id of its virtual machine, as scripts for Hyper-V hosts read it (see the fidelity table)."""
        path = "C:\\Windows\\System32\\vmwp.exe"
        machine = self.machine.compute_systems[id][2].upper()
        return self.machine.processes.add("vmwp.exe", parent=self.parent, path=path, command_line=f'"{path}" {machine}')

    def remove_system(self, id: str) -> None:
        self.machine.compute_systems.pop(id, None)

    def reserve(self, size: int) -> None:
        try:
            self.machine.files.reserve(size)
        except MachineDiskFull as error:
            raise texts.DiskFull(str(error)) from error

    def release(self, size: int) -> None:
        self.machine.files.release(size)

    def add_layer(self, folder: str) -> None:
        """Its files are junctions and ACLs of the system's own: even an administrator is denied (docker-on-windows.md 1.13)."""
        files = self.machine.files
        if not files.is_folder(folder):
            files.write(f"{folder}\\layerchain.json", b"", parents=True)
        if self.machine.switches.layers_undeletable:
            files.denied.add(folder.lower())

    def remove_layer(self, folder: str) -> None:
        self.machine.files.denied.discard(folder.lower())
        if self.machine.files.is_folder(folder):
            self.machine.files.remove_folder(folder, recursive=True)

    def kind_of(self, path: str) -> str | None:
        if self.machine.files.is_folder(path):
            return "directory"
        return "file" if self.machine.files.is_file(path) else None

    @property
    def newer_revision_fails(self) -> bool:
        return self.machine.switches.newer_image_fails

    def credential_spec(self, name: str) -> str | None:
        value = self.machine.registry.get(REGISTRY_KEY, name)
        return None if value is None else str(value)

    def port_taken(self, port: int) -> bool:
        return port in (5985, 5986, 135, 445, 3389)
