# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's engine says of itself, and how much of that can be known while it does not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import ConnectError, ContainersError, OptionError
from ..remote.cim import Instance
from . import configuration, surroundings
from .probe import read_version
from .service import EngineService, choose_service, parse_service

if TYPE_CHECKING:
    from ..remote.host import RemoteHost


@dataclass(frozen=True)
class EngineFacts:
    """The engine of a host; all None or False where none is installed.

    Args:
        service: The service that runs it.
        version: From the engine itself while it runs, else from ``dockerd --version``.
        default_isolation: From the engine itself; None while it does not run.
        problem: Why something could not be learned, a clause; empty when everything was.
        data_root: From the engine itself; None while it does not run.
    """

    service: EngineService | None = None
    version: str | None = None
    default_isolation: str | None = None
    problem: str = ""
    data_root: str | None = None

    def report(self) -> dict[str, Any]:
        """The facts as ``host_info`` shows them."""
        service = self.service
        return {
            "installed": service is not None,
            "version": self.version,
            "running": service.running if service else False,
            "default_isolation": self.default_isolation,
            "service": service.name if service else None,
            "path": service.path if service else None,
            "problem": self.problem or None,
        }


class EngineView:
    """The engine of one host as ``host_info`` looks at it, each part when it is asked for.

    Args:
        host: The host.
        services: Instances of Win32_Service, among them those that run dockerd, with what :func:`.service.parse_service` needs.
        pipe: Name of the engine's named pipe.
    """

    def __init__(self, host: RemoteHost, services: Sequence[Instance], pipe: str = "docker_engine") -> None:
        self._host = host
        self._pipe = pipe
        self._service = choose_service([found for each in services if (found := parse_service(each))])

    @cached_property
    def facts(self) -> EngineFacts:
        """What the engine says of itself."""
        return read_engine(self._host, self._service, self._pipe)

    def report(self) -> dict[str, Any]:
        """The same as ``host_info`` shows it."""
        return self.facts.report()

    def data_root(self) -> str | None:
        """Where the engine keeps its data: from itself, else from its configuration; None when that cannot be read.

        A host without an engine gives the folder that one would take.
        """
        if self._service is None:
            return configuration.DATA_ROOT
        if self._service.running and self.facts.data_root:
            return self.facts.data_root
        flags = configuration.flags(self._service.command)
        path = configuration.file_path(flags)
        try:
            return configuration.data_root(configuration.parse(self._host.files.read(path), path), flags)
        except OptionError:
            return None

    def networks(self) -> dict[str, str] | None:
        """Names and ids of the HNS networks; None when they cannot be known."""
        return surroundings.read_networks(self._host)


def read_engine(host: RemoteHost, service: EngineService | None, pipe: str = "docker_engine") -> EngineFacts:
    """The engine's facts in the cheapest way that is honest: a service that does not exist needs no program, one that runs is asked."""
    if service is None:
        return EngineFacts()
    problem = ""
    if service.running:
        try:
            return _ask_engine(host, service, pipe)
        except ConnectError:
            raise
        except ContainersError as error:
            problem = error.cause
    return EngineFacts(service, _installed_version(host, service), None, problem)


def _ask_engine(host: RemoteHost, service: EngineService, pipe: str) -> EngineFacts:
    # Imported here: facts about a host without an engine need no Docker SDK on the controller.
    from .client import EngineClient

    engine = EngineClient.open(host, pipe, service)
    with engine.errors():
        info = engine.api.info()
    return EngineFacts(
        service,
        str(engine.version.get("Version") or "") or None,
        str(info.get("Isolation") or "") or None,
        data_root=str(info.get("DockerRootDir") or "") or None,
    )


def _installed_version(host: RemoteHost, service: EngineService) -> str | None:
    try:
        return read_version(host, service.path)
    except OptionError:
        # The service's path holds what a command line cannot carry; the version then stays unknown.
        return None
