# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's engine says of itself, and how much of that can be known while it does not run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ConnectError, ContainersError, OptionError
from .probe import read_version
from .service import EngineService, find_service

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
    """

    service: EngineService | None = None
    version: str | None = None
    default_isolation: str | None = None
    problem: str = ""

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


def read_engine(host: RemoteHost, pipe: str = "docker_engine") -> EngineFacts:
    """The engine's facts in the cheapest way that is honest: a service that does not exist needs no program, one that runs is asked."""
    service = find_service(host)
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
    return EngineFacts(service, str(engine.version.get("Version") or "") or None, str(info.get("Isolation") or "") or None)


def _installed_version(host: RemoteHost, service: EngineService) -> str | None:
    try:
        return read_version(host, service.path)
    except OptionError:
        # The service's path holds what a command line cannot carry; the version then stays unknown.
        return None
