# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container as a managed thing: reads the host, and joins planner and applier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from ..desired_state import Plan, Resource
from ..engine.client import EngineClient, planned_as_new
from ..errors import NotFoundError
from ..images.registry import local_image
from ..remote.host import RemoteHost
from .apply import Applier
from .options import OF_IMAGES, Inspected
from .plan import must_make, plan, settled
from .ports import observed_ports, port_texts
from .preflight import planned_preflight, read_preflight
from .report import predicted_report, report
from .state import Desired, Observed


class Container(Resource[Observed]):
    """One container on one host.

    Args:
        host: The host.
        options: The task's validated options.
    """

    thing = "container"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        self.name = str(options["name"])
        self.verb = {"absent": "remove", "stopped": "provide"}.get(str(options.get("state")), "run")
        self._host = host
        self._options = options
        self._default = ""

    @cached_property
    def desired(self) -> Desired:
        """What the task asks for. Raises OptionError for whatever can be refused without looking at the host."""
        return Desired.of(self._options)

    @cached_property
    def _opened(self) -> EngineClient | None:
        return EngineClient.open_or_plan(self._host, str(self._options["engine_pipe"]))

    @property
    def engine(self) -> EngineClient:
        """The engine, opened when first needed."""
        if self._opened is None:
            raise ValueError("this container is planned without an engine")
        return self._opened

    def read(self) -> Observed:
        """The container, its image, leftovers; the host only when a container is to be made.

        A task that finds everything as asked sends at most four requests to the engine: version, container, image, and one of the
        engine's default isolation and a look for leftovers. (With ``isolation: default`` that look is taken once something is to change.)
        """
        desired = self.desired
        if self._opened is None:
            return Observed(installed=False, preflight=planned_preflight(self._host, desired))
        observed = Observed(container=self._inspect(desired.name))
        if desired.state != "absent":
            observed = replace(observed, image=self._image(desired, observed.container))
        if desired.state != "absent" and desired.isolation == "default":
            observed = replace(observed, default_isolation=self._default_isolation())
        if not (observed.default_isolation and settled(desired, observed)):
            observed = replace(observed, backup=self._inspect(desired.backup_name))
        if must_make(desired, observed):
            observed = replace(observed, preflight=read_preflight(self._host, self.engine, desired, observed, self._default_isolation))
        return observed

    def _inspect(self, name: str) -> Inspected | None:
        """A container by its name; the engine would also take the beginning of an id for a name."""
        try:
            with self.engine.errors():
                container: dict[str, Any] = self.engine.api.inspect_container(name)
        except NotFoundError:
            return None
        return container if str(container.get("Name")) == f"/{name}" else None

    def _image(self, desired: Desired, container: Inspected | None) -> Inspected | None:
        if desired.image is not None:
            return local_image(self.engine, str(desired.image))
        if container is not None and OF_IMAGES & set(desired.values):
            return local_image(self.engine, str(container.get("Image")))
        return None

    def _default_isolation(self) -> str:
        if not self._default:
            with self.engine.errors():
                self._default = str(self.engine.api.info().get("Isolation") or "").lower() or "process"
        return self._default

    def plan(self, observed: Observed) -> Plan:
        found = plan(self.desired, observed)
        return found if observed.installed else planned_as_new(found)

    def apply(self, plan: Plan, observed: Observed) -> None:
        Applier(self.engine, self._host, self.name, self._ports(observed), self._options.get("stop_timeout")).apply(plan)

    def _ports(self, observed: Observed) -> list[str]:
        if "published_ports" in self.desired.values:
            return port_texts(self.desired.values["published_ports"])
        present = observed.container or observed.backup or {}
        return port_texts(observed_ports((present.get("HostConfig") or {}).get("PortBindings")))

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        return predicted_report(self.desired, plan, observed)

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        return report(self.desired, plan, observed)
