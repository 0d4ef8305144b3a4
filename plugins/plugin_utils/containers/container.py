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
from ..images.references import Reference
from ..images.registry import Credentials, offered_image
from ..images.state import Offer
from ..remote.host import RemoteHost
from .apply import Applier, Ended
from .isolation_info import IsolationInfo
from .options import OPTIONS, Inspected
from .plan import must_make, plan, settled
from .ports import observed_ports, port_texts
from .preflight import planned_preflight, read_preflight
from .report import predicted_report, report
from .site import Site
from .state import Desired, Observed, running, wanted_image


class Container(Resource[Observed]):
    """One container on one host.

    Args:
        host: The host.
        options: The task's validated options.
        site: The engine, where several containers share it.
    """

    thing = "container"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any], site: Site | None = None) -> None:
        self.name = str(options["name"])
        self.verb = {"absent": "remove", "stopped": "provide", "present": "provide"}.get(str(options.get("state")), "run")
        self._host = host
        self._options = options
        self._site = site or Site(host, str(options["engine_pipe"]))
        self._ended: Ended | None = None

    @cached_property
    def desired(self) -> Desired:
        """What the task asks for. Raises OptionError for whatever can be refused without looking at the host."""
        return Desired.of(self._options)

    @property
    def engine(self) -> EngineClient:
        """The engine, opened when first needed."""
        return self._site.engine

    @property
    def _credentials(self) -> Credentials | None:
        user, password = self._options.get("registry_username"), self._options.get("registry_password")
        return Credentials(str(user), str(password)) if user else None

    def read(self) -> Observed:
        """The container, its image, leftovers; the host only when a container is to be made.

        A task that finds everything as asked sends at most four requests to the engine: version, container, image, and one of the
        engine's default isolation and a look for leftovers. (With ``isolation: default`` that look is taken once something is to change.)
        """
        desired = self.desired
        if self._site.opened is None:
            return Observed(installed=False, preflight=planned_preflight(self._site, desired))
        observed = Observed(container=self._site.container(desired.name), api=self._site.api)
        if desired.state != "absent":
            observed = self._with_image(desired, observed)
        if desired.state != "absent" and desired.isolation == "default":
            observed = replace(observed, default_isolation=self._site.info.isolation)
        if not (observed.default_isolation and settled(desired, observed)):
            observed = replace(observed, backup=self._site.container(desired.backup_name))
        if must_make(desired, observed):
            observed = self._with_own_image(desired, observed)
            found = read_preflight(self._site, desired, observed, self._credentials)
            return replace(observed, preflight=found)
        return self._with_evidence(desired, observed)

    def _with_image(self, desired: Desired, observed: Observed) -> Observed:
        reference = wanted_image(desired, observed.container)
        if reference is not None:
            image = self._site.image(str(reference))
            if desired.pull == "always" and not reference.identifier:
                return self._as_offered(reference, image, observed)
            return replace(observed, image=image)
        if observed.container is not None and any(OPTIONS[name].row.of_image for name in desired.values):
            return replace(observed, image=self._site.image(str(observed.container.get("Image"))))
        return observed

    def _as_offered(self, reference: Reference, image: Inspected | None, observed: Observed) -> Observed:
        """With ``pull: always``: the local image only while the registry still has it under that name."""
        offer: Offer = offered_image(self.engine, reference, self._credentials)
        current = image is not None and reference.has_digest(image.get("RepoDigests") or (), offer.digest)
        return replace(observed, image=image if current else None, outdated=not current, offer=offer)

    def _with_own_image(self, desired: Desired, observed: Observed) -> Observed:
        """A container that is replaced without an image being asked for gets its own again."""
        present = observed.container or observed.backup
        if observed.image is not None or present is None or wanted_image(desired, present) is not None:
            return observed
        return replace(observed, image=self._site.image(str(present.get("Image"))))

    def _with_evidence(self, desired: Desired, observed: Observed) -> Observed:
        if not desired.verify or observed.container is None or not running(observed.container) or not settled(desired, observed):
            return observed
        proof = IsolationInfo(self._host, [desired.name], self._site.pipe, self.engine)
        entries = proof.report(proof.read(), Plan())["containers"]
        return replace(observed, evidence=entries[0])

    def plan(self, observed: Observed) -> Plan:
        found = plan(self.desired, observed)
        return found if observed.installed else planned_as_new(found)

    def apply(self, plan: Plan, observed: Observed) -> None:
        self._site.look()
        applier = Applier(self.engine, self._host, self.desired, self._ports(observed), self._credentials)
        applier.apply(plan)
        self._ended = applier.ended

    def _ports(self, observed: Observed) -> list[str]:
        if "published_ports" in self.desired.values:
            return port_texts(self.desired.values["published_ports"].values())
        present = observed.container or observed.backup or {}
        return port_texts(observed_ports((present.get("HostConfig") or {}).get("PortBindings")))

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        return predicted_report(self.desired, plan, observed)

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        return report(self.desired, plan, observed, self._ended)
