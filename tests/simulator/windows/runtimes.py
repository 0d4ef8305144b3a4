# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Container runtimes that a machine has before the simulation begins, apart from the Docker Engine: setting ``runtimes``.

``docker_desktop``: its service, its entry among the installed programs, and the process of its Windows engine while that runs
(docker/for-win issue 14869); its pipes answer nothing. ``containerd``: program, service and data folder
(containerd-kubernetes.md 1.3, 1.4); its API answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .service import Service
from .services import SERVICE_MAINS

if TYPE_CHECKING:
    from .machine import Machine

_DESKTOP = "C:\\Program Files\\Docker\\Docker"
_UNINSTALL = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Docker Desktop"
CONTAINERD = "C:\\Program Files\\containerd\\containerd.exe"
#: What a program of these says of itself.
MARK = "containerd simulated"


def install(machine: Machine, runtimes: Mapping[str, Mapping[str, Any]]) -> None:
    """Put the runtimes onto a machine that is being built. Raises ValueError for one that is not simulated."""
    for name, settings in runtimes.items():
        if name not in _INSTALLERS:
            raise ValueError(f"there is no runtime {name!r}; there are {', '.join(_INSTALLERS)}")
        _INSTALLERS[name](machine, **settings)


def _docker_desktop(machine: Machine, version: str = "4.43.1", engine: str = "windows") -> None:
    """``engine``: ``windows`` runs its Windows engine, anything else leaves it to its Linux one."""
    program, daemon = f"{_DESKTOP}\\com.docker.service", f"{_DESKTOP}\\resources\\dockerd.exe"
    for path in (program, daemon):
        machine.files.write(path, b"MZ", parents=True)
    machine.registry.set(_UNINSTALL, "DisplayVersion", version)
    machine.registry.set(_UNINSTALL, "InstallLocation", _DESKTOP)
    machine.services.create("com.docker.service", f'"{program}"', display_name="Docker Desktop Service")
    machine.services.be_up("com.docker.service")
    if engine == "windows":
        machine.processes.add("dockerd.exe", session=1, path=daemon, command_line=f'"{daemon}"', owner="vagrant")


def _containerd(machine: Machine, version: str = "2.0.10", path: str = CONTAINERD, running: bool = True) -> None:
    machine.files.write(path, f"{MARK} {version}".encode(), parents=True)
    machine.files.make_folder("C:\\ProgramData\\containerd\\root")
    machine.services.create("containerd", f'"{path}" --run-service', display_name="Containerd", start_mode="Auto")
    if running:
        machine.services.be_up("containerd")


_INSTALLERS: dict[str, Callable[..., None]] = {"docker_desktop": _docker_desktop, "containerd": _containerd}


async def _until_stopped(machine: Machine, service: Service) -> int:
    """A service that only is there."""
    service.running()
    await service.stop_requested.wait()
    return 0


SERVICE_MAINS["com.docker.service"] = SERVICE_MAINS["containerd.exe"] = _until_stopped
