# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host has of an engine, as data. Pure."""

from __future__ import annotations

import ntpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import configuration
from .machine_path import MachinePath
from .service import EngineService
from .service_options import ServiceSettings

SERVICE_NAME = "docker"
#: Beside the programs: on the same volume, so that putting in place is a rename, and writable by administrators only.
STAGING = ".winfleet-docker"
#: The daemon.json before a change, kept until the engine has started with the new one.
BACKUP_SUFFIX = ".winfleet-previous"
#: Names of the containers that were stopped before a restart, kept until they run again.
DRAINED_NAME = "winfleet-drained.json"
#: In the names of files and folders that only exist while something changes.
LITTER = ".winfleet-"
#: Where Microsoft's script used to put the engine (docker-on-windows.md section 1, 4).
SYSTEM32 = r"C:\Windows\System32"
STRAY = SYSTEM32 + r"\dockerd.exe"
_START_MODES = {"Auto": "auto", "Manual": "manual", "Disabled": "disabled"}


@dataclass(frozen=True)
class RunningContainer:
    """A container that runs now.

    Args:
        name: Without the slash.
        returns: Whether its restart policy starts it again with the engine.
    """

    name: str
    returns: bool


@dataclass(frozen=True)
class Load:
    """What an engine holds.

    Args:
        running: The containers that run.
        containers: How many there are in all.
        images: How many images there are.
        problem: Why nothing of this could be learned, a clause; empty when it could.
    """

    running: tuple[RunningContainer, ...] = ()
    containers: int = 0
    images: int = 0
    problem: str = ""


@dataclass(frozen=True)
class ObservedEngine:
    """What the host has.

    Args:
        build: The host's Windows build.
        containers: Whether the services of the Containers feature are there.
        service: The engine's service, if one is registered.
        folder: Where the engine's programs lie, or shall lie.
        version: Of ``dockerd.exe`` in that folder; None when there is none, or it does not run.
        config_path: The daemon.json this engine reads.
        config: Its content; None when there is no such file.
        leftover: Whether a staging folder of an interrupted run lies about.
        litter: Files and folders an interrupted run left beside daemon.json.
        load: What the engine holds; None when nobody needs to know, or it does not run.
        data: Whether the data root exists; None when nobody needs to know.
        kept: Folders and files with data or configuration that are there; only looked for before and after a removal.
        settings_of_service: None when nothing of it is asked for, or there is no service.
        machine_path: The variable PATH; None when nobody needs to know.
        firewall_ports: Ports opened by rules of ours; None when nobody needs to know.
        stray: Whether programs of an engine lie in System32 though the service is elsewhere; False when nobody needs to know.
        drained: Containers an interrupted run has stopped and not started again.
        client: Whether ``docker.exe`` lies in the folder.
        desktop: Whether Docker Desktop is installed.
        desktop_engine: Whether its Windows engine runs; None when nobody needs to know, or it cannot be seen.
        taken: The program of a service that has the engine's name and is none; empty when there is no such service.
        missing_services: Services that the engine's one shall depend on, and that the host does not have.
        missing_files: Keys of daemon.json that shall name files, and the paths of those that the host does not have.
        drive_problems: Why drives that the task names cannot be used, clauses.
        networks: Names of the host's HNS networks; None when nobody needs to know, or it cannot be known.
    """

    build: int
    containers: bool
    service: EngineService | None
    folder: str
    version: str | None
    config_path: str
    config: bytes | None
    leftover: bool = False
    litter: tuple[str, ...] = ()
    load: Load | None = None
    data: bool | None = None
    kept: tuple[str, ...] = ()
    settings_of_service: ServiceSettings | None = None
    machine_path: MachinePath | None = None
    firewall_ports: tuple[int, ...] | None = None
    stray: bool = False
    drained: tuple[str, ...] = ()
    client: bool = False
    networks: tuple[str, ...] | None = None
    desktop: bool = False
    desktop_engine: bool | None = None
    taken: str = ""
    missing_services: tuple[str, ...] = ()
    missing_files: Mapping[str, str] = field(default_factory=dict)
    drive_problems: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        return self.service is not None and self.service.running

    @property
    def settings(self) -> dict[str, Any]:
        """The keys of daemon.json. Raises OptionError when it is no JSON."""
        return configuration.parse(self.config, self.config_path)

    @property
    def flags(self) -> Mapping[str, str]:
        """The flags on the service's command line, by the key they stand for."""
        return configuration.flags(self.service.command) if self.service else {}

    @property
    def data_root(self) -> str:
        """Where this engine keeps images and containers."""
        return configuration.data_root(configuration.parse_or_nothing(self.config), self.flags)

    @property
    def service_name(self) -> str:
        return self.service.name if self.service else SERVICE_NAME

    @property
    def start_mode(self) -> str | None:
        """``auto``, ``delayed``, ``manual`` or ``disabled``; None without a service."""
        if self.service is None:
            return None
        mode = _START_MODES.get(self.service.start_mode, self.service.start_mode.lower())
        return "delayed" if mode == "auto" and self.service.delayed else mode

    @property
    def untidy(self) -> bool:
        """Whether an interrupted run left anything."""
        return self.leftover or bool(self.litter)

    @property
    def remains(self) -> tuple[str, ...]:
        """What of an engine, or of an interrupted run, lies where it should not."""
        staging = (staging_of(self.folder),) if self.leftover else ()
        return (*staging, *self.litter, *((STRAY,) if self.stray else ()))

    @property
    def backup(self) -> str | None:
        """The daemon.json from before a change that no start has proved good, if there is one."""
        path = self.config_path + BACKUP_SUFFIX
        return path if not self.running and any(one.lower() == path.lower() for one in self.litter) else None

    @property
    def drained_path(self) -> str:
        """Where the names of stopped containers are kept: beside daemon.json, which only administrators may write."""
        return ntpath.join(ntpath.dirname(self.config_path), DRAINED_NAME)


def staging_of(folder: str) -> str:
    """The staging folder for programs that shall lie in ``folder``."""
    return ntpath.join(ntpath.dirname(folder), STAGING)
