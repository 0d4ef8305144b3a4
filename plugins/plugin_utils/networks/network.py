# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A network of the engine as a managed thing: reads the host, and carries out plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

from ..desired_state import Plan, Step
from ..engine.lookup import find_container, find_network
from ..engine.object import EngineObject
from ..errors import ContainersError, doing
from ..remote.host import RemoteHost
from ..values import name_of
from .options import Desired
from .plan import Inspected, Observed, create_request, must_go, plan_network, subnets_of


class Network(EngineObject[Observed]):
    """One network on one host."""

    thing = "network"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        super().__init__(host, options)
        self.name = str(options["name"])
        self.verb = "remove" if options["state"] == "absent" else "provide"

    @cached_property
    def desired(self) -> Desired:
        """What the task asks for."""
        return Desired.of(self._options)

    def read(self) -> Observed:
        """The network with its containers; the engine's other networks only where they matter."""
        desired = self.desired
        if self.opened is None:
            return Observed()
        observed = Observed(find_network(self.engine, desired.name))
        going = must_go(desired, observed.network)
        if observed.network is not None:
            observed = replace(observed, attached=self._attached())
        if desired.connected is not None:
            unknown = [one for one in desired.connected if one not in observed.attached]
            # Connections are listed by names, so an id would never be found among them.
            missing = tuple(one for one in unknown if str((find_container(self.engine, one) or {}).get("Name")) != f"/{one}")
            observed = replace(observed, missing=missing)
        if desired.ipam and (observed.network is None or going):
            observed = replace(observed, others=self._others())
        return observed

    def _attached(self) -> dict[str, Mapping[str, Any]]:
        """The containers that are connected, running or not: the network itself tells of the running ones only."""
        with self.engine.errors():
            rows = self.engine.api.containers(all=True, filters={"network": self.name})
        found = {}
        for row in rows:
            found[name_of(row)] = ((row.get("NetworkSettings") or {}).get("Networks") or {}).get(self.name) or {}
        return found

    def _others(self) -> dict[str, tuple[str, ...]]:
        with self.engine.errors():
            networks = self.engine.api.networks()
        return {str(one["Name"]): tuple(entry.subnet for entry in subnets_of(one)) for one in networks if one["Name"] != self.name}

    def plan(self, observed: Observed) -> Plan:
        return self.planned(plan_network(self.desired, observed, ahead=self._host.check_mode))

    def apply(self, plan: Plan, observed: Observed) -> None:
        """Carry out the steps. A network that was removed and cannot be made anew comes back as it was, with its containers."""
        removed = False
        for step in plan.steps:
            self._host.begin(step)
            try:
                self._step(step)
            except ContainersError:
                if removed and step.action == "create" and observed.network is not None:
                    with suppress(ContainersError):
                        self._bring_back(observed.network, observed)
                raise
            removed = removed or step.action == "remove"

    def _step(self, step: Step) -> None:
        api, container = self.engine.api, str(step.arguments.get("container") or "")
        if step.action in ("connect", "disconnect"):
            with doing(step.action, "container", container), self.engine.errors():
                if step.action == "connect":
                    api.connect_container_to_network(container, self.name, **_settings(step.arguments["settings"]))
                else:
                    api.disconnect_container_from_network(container, self.name)
            return
        with self.engine.errors():
            if step.action == "remove":
                api.remove_network(self.name)
            else:
                api.create_network(self.name, check_duplicate=True, **step.arguments["request"])

    def _bring_back(self, network: Inspected, observed: Observed) -> None:
        self._step(Step("create", "", {"request": create_request(Desired(self.name, "present"), network)}))
        for name, settings in observed.attached.items():
            self._step(Step("connect", "", {"container": name, "settings": settings}))

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        if self.desired.state == "absent":
            return {"network": None}
        desired = self.desired
        kept = observed.attached if desired.connected is None or desired.appends else ()
        containers = {*kept, *(desired.connected or ())}
        request = next((step.arguments["request"] for step in plan.steps if step.action == "create"), None)
        if request is None:
            return {"network": describe(observed.network or {}, containers)}
        made = {
            "Name": self.name,
            "Driver": request["driver"] or "nat",
            "Scope": "local",
            "IPAM": request["ipam"],
            "Options": request["options"],
            "Labels": request["labels"],
            "Attachable": request["attachable"],
        }
        return {"network": describe(made, containers)}

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        if observed.network is None or self.desired.state == "absent":
            return {"network": None}
        return {"network": describe(observed.network, observed.attached)}


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a container's connection was made with, for making it again; addresses the engine chose are left to it."""
    ipam = settings.get("IPAMConfig") or {}
    # The engine adds the short id of the container by itself, and refuses nothing: a second time it does no harm.
    return {
        "aliases": settings.get("Aliases") or None,
        "ipv4_address": ipam.get("IPv4Address") or None,
        "driver_opt": settings.get("DriverOpts") or None,
    }


def describe(network: Inspected, containers: Iterable[str]) -> dict[str, Any]:
    """An inspected network, and the containers connected to it, in the shape of the result."""
    return {
        "id": network.get("Id"),
        "name": network.get("Name"),
        "driver": network.get("Driver"),
        "scope": network.get("Scope"),
        "created": network.get("Created"),
        "ipam_config": [{"subnet": entry.subnet, "gateway": entry.gateway} for entry in subnets_of(network)],
        "driver_options": network.get("Options") or {},
        "labels": network.get("Labels") or {},
        "attachable": bool(network.get("Attachable")),
        "containers": sorted(containers),
    }
