# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of a host as a managed thing."""

from __future__ import annotations

from typing import Any

from ..desired_state import Plan, Resource
from ..remote.host import RemoteHost
from .desired import EngineOptions, ObservedEngine, check_options, plan_engine, predicted, public, restarts
from .install import Installation
from .probe import observe


class EngineResource(Resource[ObservedEngine]):
    """Docker Engine in a given version, configured and running."""

    verb = "install"
    thing = "Docker Engine"

    def __init__(self, options: dict[str, Any], host: RemoteHost) -> None:
        self.name = options["version"]
        self._host = host
        self._given = EngineOptions(
            version=options["version"],
            url=options["url"],
            sha256=options["sha256"],
            install_path=options["install_path"],
            config=options["config"],
            pipe=options["engine_pipe"],
        )

    @property
    def _options(self) -> EngineOptions:
        return check_options(self._given)

    def read(self) -> ObservedEngine:
        return observe(self._host, self._options)

    def plan(self, observed: ObservedEngine) -> Plan:
        return plan_engine(self._options, observed)

    def apply(self, plan: Plan, observed: ObservedEngine) -> None:
        Installation(self._host, self._options, observed).run(plan)

    def predict(self, plan: Plan, observed: ObservedEngine) -> dict[str, Any]:
        return predicted(self._options, observed, plan)

    def report(self, observed: ObservedEngine, plan: Plan) -> dict[str, Any]:
        return {
            "version": observed.version,
            "service": observed.service.name if observed.service else None,
            "path": observed.folder,
            "config": public(observed.settings),
            "restarted": restarts(plan),
        }
