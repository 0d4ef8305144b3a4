# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which container runtimes a host has, by their services: one CIM query, which also tells the services that containers need."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import OptionError, RemoteError, doing
from ..remote.cim import CimClass, Instance
from ..remote.command_line import quote_path
from .readiness import EngineState

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

SERVICES = CimClass(
    "Win32_Service",
    {"Name": str, "PathName": str, "State": str, "StartMode": str, "DelayedAutoStart": bool},
)
#: The services that containers need and those of Hyper-V (windows-containers.md 1.3, native-tools.md 1.4).
CONTAINER_SERVICES = ("hns", "vmcompute", "vmms")
#: Docker Desktop's helper; its engines are processes of its own (microsoft/navcontainerhelper issue 312).
DESKTOP_SERVICE = "com.docker.service"
_WHERE = " OR ".join(
    [
        *(f"Name='{name}'" for name in (*CONTAINER_SERVICES, DESKTOP_SERVICE, "containerd")),
        "PathName LIKE '%dockerd%'",
        "PathName LIKE '%containerd.exe%'",
    ]
)
_PROCESS = CimClass("Win32_Process", {"ExecutablePath": str})
#: Where Docker Desktop's Windows engine lies, and the pipe it listens on behind the one for users (docker/for-win issue 14869).
_DESKTOP_ENGINE = r"\docker\docker\resources\dockerd.exe"
DESKTOP_PIPE = "docker_engine_windows"
_DESKTOP_KEY = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Docker Desktop"
#: The named pipe of a containerd with its default configuration (containerd-kubernetes.md 1.3).
CONTAINERD_PIPE = "containerd-containerd"
_PROGRAM = re.compile(r'^\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>.+?\.exe|\S+))(?:\s|$)', re.IGNORECASE)
_VERSION = re.compile(r"\bv?(\d+\.\d+\.\d+(?:[-+.]\S+)?)")


@dataclass(frozen=True)
class Runtime:
    """One container runtime.

    Args:
        name: ``docker``, ``docker_desktop`` or ``containerd``.
        service: Its service.
        path: Full path of its program; None where the service starts it through another program.
        running: Whether it can take orders now; of Docker Desktop, whether its Windows engine runs.
        version: None where it cannot be known cheaply.
        pipe: The named pipe its API answers on while it runs, without ``//./pipe/``; None where that is not known.
    """

    name: str
    service: str
    path: str | None
    running: bool | None
    version: str | None
    pipe: str | None


def read_services(host: RemoteHost) -> list[Instance]:
    """The services that matter; one query."""
    with doing("read", "the container services"):
        return host.cim.query(SERVICES, where=_WHERE)


def container_services(services: Iterable[Instance]) -> frozenset[str]:
    """Lower-case names of those of :data:`CONTAINER_SERVICES` that exist."""
    return frozenset(str(service.get("Name")).lower() for service in services) & frozenset(CONTAINER_SERVICES)


def has_desktop(services: Iterable[Instance]) -> bool:
    """Whether Docker Desktop is installed."""
    return any(str(service.get("Name")).lower() == DESKTOP_SERVICE for service in services)


def engine_state(services: Iterable[Instance]) -> EngineState:
    """Whether a service runs a Docker Engine."""
    states = [
        service.get("State")
        for service in services
        if ntpath.basename(program_of(str(service.get("PathName") or ""))).lower() in ("dockerd.exe", "dockerd")
    ]
    if not states:
        return "absent"
    return "running" if "Running" in states else "stopped"


def program_of(command: str) -> str:
    """The program of a service's image path, which may be quoted and holds flags."""
    match = _PROGRAM.match(command)
    return (match["quoted"] or match["bare"]) if match else ""


def read_runtimes(host: RemoteHost, services: Sequence[Instance]) -> list[Runtime]:
    """Docker Desktop and containerd; the Docker Engine is read elsewhere. Asks further only where one of them is installed."""
    found = []
    for service in services:
        name, program = str(service.get("Name")), program_of(str(service.get("PathName") or ""))
        running = service.get("State") == "Running"
        if name.lower() == DESKTOP_SERVICE:
            found.append(_desktop(host, name, program))
        elif ntpath.basename(program).lower() == "containerd.exe":
            version = _containerd_version(host, program)
            found.append(Runtime("containerd", name, program, running, version, CONTAINERD_PIPE if running else None))
        elif name.lower() == "containerd":
            # A service manager such as nssm starts it (containerd-kubernetes.md 1.4): only the name tells.
            found.append(Runtime("containerd", name, None, running, None, CONTAINERD_PIPE if running else None))
    return found


def _desktop(host: RemoteHost, service: str, program: str) -> Runtime:
    with doing("read", "Docker Desktop"):
        engine = desktop_engine_runs(host)
        version = host.registry.string(_DESKTOP_KEY, "DisplayVersion")
    return Runtime("docker_desktop", service, program or None, engine, version, DESKTOP_PIPE if engine else None)


def desktop_engine_runs(host: RemoteHost) -> bool | None:
    """Whether Docker Desktop's Windows engine runs; None when that cannot be seen. One CIM query."""
    try:
        processes = host.cim.query(_PROCESS, where="Name='dockerd.exe'")
    except RemoteError:
        return None
    paths = [process.get("ExecutablePath") for process in processes]
    if any(str(path).lower().endswith(_DESKTOP_ENGINE) for path in paths if path):
        return True
    # The path of a process that may not be opened is null.
    return None if None in paths else False


def _containerd_version(host: RemoteHost, program: str) -> str | None:
    """What ``containerd.exe --version`` says; the file itself carries no version that CIM could read."""
    try:
        quoted = quote_path(program)
        done = host.programs.shell_builtin(f"if exist {quoted} ({quoted} --version)")
    except OptionError:
        # The path holds what a command line cannot carry.
        return None
    match = _VERSION.search(done.text)
    return match[1] if match and not done.exit_code else None
