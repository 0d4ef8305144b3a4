# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's Windows service: where its programs lie and whether it runs."""

from __future__ import annotations

import ntpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..remote.cim import CimClass, Instance
from .errors import EngineNotInstalledError

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

WIN32_SERVICE = CimClass(
    "Win32_Service",
    {"Name": str, "DisplayName": str, "PathName": str, "State": str, "StartMode": str, "ProcessId": int, "ExitCode": int},
)
#: The image path may be quoted, holds flags, and names dockerd with or without ``.exe`` (docker-on-windows.md section 1, 6).
_IMAGE = re.compile(r'^\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>.+?dockerd(?:\.exe)?))(?:\s|$)', re.IGNORECASE)


@dataclass(frozen=True)
class EngineService:
    """A service that runs dockerd.

    Args:
        name: Service name, ``docker`` unless somebody chose another.
        path: Full path of ``dockerd.exe``.
        state: ``Running``, ``Stopped``, ``Start Pending`` ... as CIM spells it.
        start_mode: ``Auto``, ``Manual`` or ``Disabled``.
        command: The whole image path with its flags.
    """

    name: str
    path: str
    state: str
    start_mode: str = "Auto"
    command: str = ""

    @property
    def folder(self) -> str:
        """Where ``dockerd.exe`` and ``docker.exe`` lie."""
        return ntpath.dirname(self.path)

    @property
    def client(self) -> str:
        """Full path of ``docker.exe``; the archive holds it beside dockerd (docker-on-windows.md section 1, 1)."""
        return ntpath.join(self.folder, "docker.exe")

    @property
    def running(self) -> bool:
        return self.state == "Running"


def parse_service(instance: Instance) -> EngineService | None:
    """The service of one Win32_Service instance; None when its program is not dockerd."""
    command = str(instance.get("PathName") or "")
    match = _IMAGE.match(command)
    path = (match["quoted"] or match["bare"]) if match else ""
    if ntpath.basename(path).lower() not in ("dockerd.exe", "dockerd"):
        return None
    return EngineService(
        str(instance.get("Name") or ""),
        path,
        str(instance.get("State") or ""),
        str(instance.get("StartMode") or ""),
        command,
    )


def choose_service(services: list[EngineService]) -> EngineService | None:
    """The engine to use where several are installed: one that runs, then the usual name, then the first by name."""
    ranked = sorted(services, key=lambda service: (not service.running, service.name.lower() != "docker", service.name.lower()))
    return ranked[0] if ranked else None


def find_service(host: RemoteHost) -> EngineService | None:
    """Ask the host, in one CIM query, which service runs dockerd."""
    instances = host.cim.query(WIN32_SERVICE, where="PathName LIKE '%dockerd%'")
    return choose_service([service for instance in instances if (service := parse_service(instance))])


def require_service(host: RemoteHost) -> EngineService:
    """As :func:`find_service`. Raises EngineNotInstalledError."""
    service = find_service(host)
    if service is None:
        raise EngineNotInstalledError(
            "no Docker Engine is installed (no service runs dockerd.exe)",
            "Install it with the module docker_engine or the role container_host",
        )
    return service
