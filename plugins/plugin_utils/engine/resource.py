# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of a host as a managed thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..desired_state import Plan, Resource
from ..remote.host import RemoteHost
from . import configuration
from .archive import local_path
from .desired import compare, plan_engine, predicted, public, restarts
from .install import Installation
from .load import read_load
from .options import EngineOptions, check_options
from .probe import observe, observe_surroundings
from .releases import parse_version
from .removal import Removal, data_places, plan_removal, predicted_removal, report_removal
from .service_options import Recovery, ServiceOptions
from .state import ObservedEngine
from .surroundings import read_networks


class DockerEngine(Resource[ObservedEngine]):
    """Docker Engine in a given version, configured and running; or none at all."""

    verb = "install"
    thing = "Docker Engine"

    def __init__(self, options: Mapping[str, Any], host: RemoteHost) -> None:
        self._host = host
        self._removed: ObservedEngine | None = None
        self._given = replace(engine_options(options), ahead=host.check_mode)
        self.name = self._given.version
        if self._given.state == "absent":
            self.verb, self.name = "remove", ""

    @property
    def _options(self) -> EngineOptions:
        return check_options(self._given)

    def read(self) -> ObservedEngine:
        options, host = self._options, self._host
        observed = observe_surroundings(host, options, observe(host, options))
        if options.state == "absent":
            return self._read_for_removal(options, observed)
        return self._read_what_is_at_stake(options, observed)

    def _read_for_removal(self, options: EngineOptions, observed: ObservedEngine) -> ObservedEngine:
        files = self._host.files
        # What a removed service's flags said can only be known from before.
        places = data_places(self._removed or observed)
        kept = tuple(place for place in places if files.exists(place))
        networks = tuple(read_networks(self._host) or ()) if options.purge else None
        observed = replace(observed, kept=kept, networks=networks)
        return self._with_load(options, observed) if observed.running else observed

    def _read_what_is_at_stake(self, options: EngineOptions, observed: ObservedEngine) -> ObservedEngine:
        """Containers and data, only where the plan would stop an engine, or take its data from it."""
        changes = compare(options, observed)
        if changes.install and options.source == "controller":
            local_path(str(options.path))  # now, and not when features have been enabled and the host was rebooted
        if observed.running:
            return self._with_load(options, observed) if changes.restart else observed
        older = observed.version and parse_version(changes.target) < parse_version(observed.version)
        root = configuration.data_root(changes.settings, observed.flags)
        if observed.service and (older or not configuration.same_path(root, observed.data_root)):
            return replace(observed, data=self._host.files.exists(observed.data_root))
        return observed

    def _with_load(self, options: EngineOptions, observed: ObservedEngine) -> ObservedEngine:
        service = observed.service
        return replace(observed, load=read_load(self._host, options.pipe, service)) if service else observed

    def plan(self, observed: ObservedEngine) -> Plan:
        options = self._options
        return plan_removal(options, observed) if options.state == "absent" else plan_engine(options, observed)

    def apply(self, plan: Plan, observed: ObservedEngine) -> None:
        options = self._options
        if options.state == "absent":
            self._removed = observed
            Removal(self._host, options, observed).run(plan)
        else:
            Installation(self._host, options, observed).run(plan)

    def predict(self, plan: Plan, observed: ObservedEngine) -> dict[str, Any]:
        options = self._options
        return predicted_removal(options, observed) if options.state == "absent" else predicted(options, observed, plan)

    def report(self, observed: ObservedEngine, plan: Plan) -> dict[str, Any]:
        if self._options.state == "absent":
            return report_removal(observed)
        return {
            "version": observed.version,
            "service": observed.service.name if observed.service else None,
            "path": observed.folder,
            "config": public(observed.settings),
            "data_root": observed.data_root,
            "start_mode": observed.start_mode,
            "restarted": restarts(plan),
        }


def engine_options(options: Mapping[str, Any]) -> EngineOptions:
    """The module's validated options as ours."""
    ports = options.get("firewall_ports")
    return EngineOptions(
        version="latest" if options.get("version") is None else options["version"],
        url=options.get("url") or None,
        sha256=_checksums(options.get("sha256")),
        install_path=options["install_path"],
        config=options.get("config") or {},
        pipe=options["engine_pipe"],
        state=options.get("state") or "present",
        source=options.get("source") or "download",
        path=options.get("path"),
        existing_installation=options.get("existing_installation") or "adopt",
        config_mode=options.get("config_mode") or "merge",
        allow_restart=bool(options.get("allow_restart")),
        allow_downgrade=bool(options.get("allow_downgrade")),
        allow_data_root_change=bool(options.get("allow_data_root_change")),
        drain=bool(options.get("drain")),
        drain_timeout=30 if options.get("drain_timeout") is None else int(options["drain_timeout"]),
        purge=bool(options.get("purge")),
        add_to_path=bool(options.get("add_to_path")),
        firewall_ports=None if ports is None else tuple(ports),
        service=_service(options),
    )


def _checksums(given: Any) -> str | Mapping[str, str] | None:
    if isinstance(given, Mapping):
        return {str(version): str(checksum) for version, checksum in given.items()}
    return str(given) if given else None


def _service(options: Mapping[str, Any]) -> ServiceOptions:
    given: Mapping[str, Any] = options.get("service") or {}
    recovery, dependencies = given.get("recovery"), given.get("dependencies")
    variables = {**(options.get("environment") or {}), **(options.get("secret_environment") or {})}
    return ServiceOptions(
        start_mode=given.get("start_mode"),
        recovery=None if recovery is None else tuple(Recovery(step["action"], int(step.get("delay") or 0)) for step in recovery),
        recovery_reset=given.get("recovery_reset"),
        dependencies=None if dependencies is None else tuple(dependencies),
        environment={name: value if value is None or isinstance(value, (list, dict)) else str(value) for name, value in variables.items()},
    )
