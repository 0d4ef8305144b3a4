# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional features as a resource: read, planned, changed by dism, and read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Resource, Step
from ..errors import OptionError, RemoteError, doing
from ..remote.reboot import reboot
from . import feature_plan
from .facts import read_evidence, read_machine, read_system
from .feature_plan import FeatureRequest, ObservedFeatures
from .features import CONTAINERS, HYPERV, change_features, dism_name, list_features, pick, query_features, restart_needed, unknown_feature
from .pending_reboot import servicing_pending
from .readiness import FeatureState, Readiness, isolation_readiness

if TYPE_CHECKING:
    from ..remote.host import RemoteHost


class FeatureResource(Resource[ObservedFeatures]):
    """Some optional features of one host.

    Args:
        reboot_timeout: Seconds for the host to come back from each reboot.
    """

    thing = "feature"

    def __init__(self, host: RemoteHost, request: FeatureRequest, reboot_timeout: float) -> None:
        self.verb = "enable" if request.state == "present" else "disable"
        self.name = ", ".join(request.names)
        self._host = host
        self._request = request
        self._reboot_timeout = reboot_timeout
        self._applied = False
        self._reboots = 0
        self._reboot_needed = False

    def read(self) -> ObservedFeatures:
        self._check_options()
        asked = {name: self._dism_name(name) for name in dict.fromkeys(self._request.names)}
        pending = servicing_pending(self._host.registry)
        known = self._known(list(asked.values()), pending)
        names = {name: self._spelling(name, wanted, known) for name, wanted in asked.items()}
        states = {name: known[name] for name in names.values()}
        change = feature_plan.to_change(self._request.state, states)
        return ObservedFeatures(names, states, pending, self._restart(change), self._readiness(change, states))

    def _check_options(self) -> None:
        if not self._request.names:
            raise OptionError("the option name is empty", "Name at least one feature, such as containers")
        if self._reboot_timeout < 1:
            raise OptionError(f"reboot_timeout is {self._reboot_timeout:g}", "Give it at least one second, better some minutes")

    def _dism_name(self, name: str) -> str:
        with doing(self.verb, self.thing, name):
            return dism_name(name)

    def _known(self, names: list[str], pending: bool) -> dict[str, FeatureState]:
        """States by the host's spelling, from CIM where that is enough."""
        known = {} if pending else query_features(self._host, names)
        return known if known and all(name in known for name in names) else list_features(self._host)

    def _spelling(self, name: str, wanted: str, known: dict[str, FeatureState]) -> str:
        spelling = pick(wanted, known)
        if spelling is None:
            with doing(self.verb, self.thing, name):
                raise unknown_feature(wanted, known)
        return spelling

    def _restart(self, change: list[str]) -> dict[str, str]:
        return {name: restart_needed(self._host, name) for name in change if name not in (CONTAINERS, HYPERV) and not self._applied}

    def _readiness(self, change: list[str], states: dict[str, FeatureState]) -> Readiness | None:
        """The verdicts where they decide something: before Hyper-V is enabled, and after anything was."""
        effect = self._reboots > 0 and {HYPERV, CONTAINERS} & set(states)
        if self._request.state == "absent" or not (HYPERV in change or effect):
            return None
        features = {CONTAINERS: states.get(CONTAINERS), HYPERV: states.get(HYPERV)}
        missing = [name for name, state in features.items() if state is None]
        features.update(query_features(self._host, missing) if missing else {})
        found: dict[str, FeatureState] = {name: state or "unknown" for name, state in features.items()}
        return isolation_readiness(read_evidence(self._host, read_system(self._host), read_machine(self._host), found))

    def plan(self, observed: ObservedFeatures) -> Plan:
        return feature_plan.plan_features(self._request, observed)

    def apply(self, plan: Plan, observed: ObservedFeatures) -> None:
        self._applied = True
        for step in plan.steps:
            self._carry_out(step)
        if self._reboot_needed and self._request.reboot:
            # dism asked for a reboot that the plan did not foresee.
            self._reboot()

    def _carry_out(self, step: Step) -> None:
        if step.action in ("enable", "disable"):
            self._reboot_needed = change_features(self._host, step.action, step.arguments["names"])
        elif step.action == "reboot":
            self._reboot()
            if servicing_pending(self._host.registry):
                raise RemoteError(
                    "Windows servicing still waits for a reboot after one", "Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host"
                )
        elif self._reboot_needed:
            self._reboot()

    def _reboot(self) -> None:
        with doing("reboot", "the host"):
            reboot(self._host, message="Changing optional features of Windows", timeout=self._reboot_timeout)
        self._reboots += 1
        self._reboot_needed = False

    def predict(self, plan: Plan, observed: ObservedFeatures) -> dict[str, Any]:
        rebooted = any(step.action.startswith("reboot") for step in plan.steps)
        return self._result(feature_plan.predicted_states(self._request, observed, plan), plan.reboot_required, rebooted)

    def report(self, observed: ObservedFeatures, plan: Plan) -> dict[str, Any]:
        if self._applied:
            feature_plan.verify(self._request, observed, self._reboots > 0 and not self._reboot_needed)
        left = observed.servicing_pending or any(state.endswith("_pending") for state in observed.states.values())
        return self._result(observed.by_asked_name(), left, self._reboots > 0)

    @staticmethod
    def _result(features: dict[str, FeatureState], reboot_required: bool, rebooted: bool) -> dict[str, Any]:
        return {"features": features, "reboot_required": reboot_required, "rebooted": rebooted}
