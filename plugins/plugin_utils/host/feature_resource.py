# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional features as a resource: read, planned, changed by dism, and read again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Resource, Step
from ..errors import OptionError, RemoteError, doing
from ..remote.command_line import command_line
from ..remote.reboot import STEADY_ANSWERS, Rebooted, RebootRequest, reboot
from . import feature_plan
from .facts import read_evidence, read_machine, read_system
from .feature_plan import FeatureRequest, ObservedFeatures
from .features import CONTAINERS, HYPERV, change_features, dism_name, list_features, pick, query_features, restart_needed, unknown_feature
from .hypervisor import Launch, hypervisor_runs, launch_automatically, read_launch
from .pending_reboot import servicing_pending
from .readiness import FeatureState, Readiness, isolation_readiness
from .reboot_resource import needed_services, reboot_warnings, unknown_fate
from .winrm_start import read_winrm_start, set_winrm_start

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

#: A folder with its drive, a share, or an image in one of them.
_SOURCE = re.compile(r"(?:wim:)?(?:[A-Za-z]:[\\/]|\\\\[^\\])", re.IGNORECASE)
#: Hyper-V's virtual switch takes over the network adapter at its first boots (containerd-kubernetes.md 4.11): ask longer whether it holds.
_STEADY_WITH_HYPERV = STEADY_ANSWERS + 3


class HostFeature(Resource[ObservedFeatures]):
    """Some optional features of one host.

    Args:
        reboot_timeout: Seconds for the host to come back from each reboot.
        fate: Tells what a reboot means for what runs on the host, as the end of a step's description.
    """

    thing = "feature"

    def __init__(
        self, host: RemoteHost, request: FeatureRequest, reboot_timeout: float, fate: Callable[[RemoteHost], str] = unknown_fate
    ) -> None:
        self.verb = "enable" if request.state == "present" else "disable"
        self.name = ", ".join(request.names)
        self._host = host
        self._request = request
        self._reboot_timeout = reboot_timeout
        self._fate = fate
        self._applied = False
        self._proofs: list[Rebooted] = []
        self._reboot_needed = False

    def read(self) -> ObservedFeatures:
        self._check_options()
        asked = {name: self._dism_name(name) for name in dict.fromkeys(self._request.names)}
        pending = servicing_pending(self._host.registry)
        known = self._known(list(asked.values()), pending)
        names = {name: self._spelling(name, wanted, known) for name, wanted in asked.items()}
        states = {name: known[name] for name in names.values()}
        change = feature_plan.to_change(self._request.state, states)
        readiness = self._readiness(change, states)
        launch, readiness, idle = self._hypervisor(states, readiness)
        winrm = read_winrm_start(self._host) if self._request.winrm_start else None
        observed = ObservedFeatures(names, states, pending, self._restart(change), readiness, winrm, launch, idle)
        if self._applied or not any(step.action in feature_plan.REBOOTS for step in self.plan(observed).steps):
            return observed
        return replace(observed, fate=self._fate(self._host))

    def _check_options(self) -> None:
        request = self._request
        if not request.names:
            raise OptionError("the option name is empty", "Name at least one feature, such as containers")
        if self._reboot_timeout < 1:
            raise OptionError(f"reboot_timeout is {self._reboot_timeout:g}", "Give it at least one second, better some minutes")
        if request.source and not _SOURCE.match(request.source):
            raise OptionError(
                f'source is "{request.source}", which is neither an absolute path nor a share',
                "Write it as D:\\sources\\sxs or \\\\server\\share",
            )
        if bad := re.search(r'[<>|?*"]', request.source):
            raise OptionError(f'source is "{request.source}", and Windows does not allow "{bad[0]}" in paths', "Correct the path")
        if request.source and request.state == "absent":
            raise OptionError("source is given, and state is absent", "Leave out source")
        try:
            command_line("dism.exe", [f"/source:{request.source}"])
        except OptionError as error:
            raise OptionError(f"the option source cannot be passed on: {error.cause}", error.advice) from error

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
        effect = self._proofs and {HYPERV, CONTAINERS} & set(states)
        if self._request.state == "absent" or not (HYPERV in change or effect):
            return None
        return self._judge(states)

    def _judge(self, states: dict[str, FeatureState]) -> Readiness:
        features = {CONTAINERS: states.get(CONTAINERS), HYPERV: states.get(HYPERV)}
        missing = [name for name, state in features.items() if state is None]
        features.update(query_features(self._host, missing) if missing else {})
        found: dict[str, FeatureState] = {name: state or "unknown" for name, state in features.items()}
        return isolation_readiness(read_evidence(self._host, read_system(self._host), read_machine(self._host), found))

    def _hypervisor(self, states: dict[str, FeatureState], readiness: Readiness | None) -> tuple[Launch | None, Readiness | None, bool]:
        """What the boot loader is told, the verdicts, and whether only a boot is missing. bcdedit runs only where no query has told enough."""
        state = states.get(HYPERV)
        if self._request.state == "absent" or state is None:
            return None, readiness, False
        runs = None
        if state == "enabled":
            runs = hypervisor_runs(self._host)
            if runs:
                return "auto", readiness, False
        elif readiness is not None and (
            readiness.hyperv.verdict == "no" or (readiness.hyperv.verdict == "unknown" and not self._request.force)
        ):
            # Hyper-V is going to be refused.
            return None, readiness, False
        launch = read_launch(self._host)
        if runs is False and launch == "auto":
            readiness = readiness or self._judge(states)
            return launch, readiness, readiness.hyperv.verdict == "yes"
        return launch, readiness, False

    def plan(self, observed: ObservedFeatures) -> Plan:
        return feature_plan.plan_features(self._request, observed)

    def apply(self, plan: Plan, observed: ObservedFeatures) -> None:
        self._applied = True
        for step in plan.steps:
            self._host.begin(step)
            self._carry_out(step)
        if self._reboot_needed and self._request.reboot:
            # dism asked for a reboot that the plan did not foresee.
            self._host.begin(Step("reboot", "reboot the host, as dism.exe asks for it"))
            self._reboot()

    def _carry_out(self, step: Step) -> None:
        if step.action in ("enable", "disable"):
            self._reboot_needed = change_features(self._host, step.action, step.arguments["names"], self._request.source)
        elif step.action == "start_winrm":
            set_winrm_start(self._host, step.arguments["mode"])
        elif step.action == "launch_hypervisor":
            launch_automatically(self._host)
        elif step.action == "reboot":
            self._reboot()
            if servicing_pending(self._host.registry):
                raise RemoteError(
                    "Windows servicing still waits for a reboot after one", "Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host"
                )
        elif self._reboot_needed:
            self._reboot()

    def _reboot(self) -> None:
        hyperv = HYPERV in {dism_name(name) for name in self._request.names} and self._request.state == "present"
        with doing("reboot", ""):
            services = needed_services(self._host)
            request = RebootRequest(
                "Changing optional features of Windows",
                timeout=self._reboot_timeout,
                services=(*services, "vmms") if hyperv and "vmms" not in services else services,
                steady=_STEADY_WITH_HYPERV if hyperv else STEADY_ANSWERS,
            )
            self._proofs.append(reboot(self._host, request))
        self._reboot_needed = False

    def predict(self, plan: Plan, observed: ObservedFeatures) -> dict[str, Any]:
        states = feature_plan.predicted_states(self._request, observed, plan)
        rebooted = any(step.action.startswith("reboot") for step in plan.steps)
        return self._result(states, plan.reboot_required, rebooted, feature_plan.predicted_winrm_start(observed, plan))

    def report(self, observed: ObservedFeatures, plan: Plan) -> dict[str, Any]:
        rebooted = bool(self._proofs)
        if self._applied:
            feature_plan.verify(self._request, observed, rebooted and not self._reboot_needed)
        left = (
            observed.servicing_pending or any(state.endswith("_pending") for state in observed.states.values()) or observed.hypervisor_idle
        )
        warnings = [warning for proof in self._proofs for warning in reboot_warnings(proof)]
        if rebooted:
            warnings += feature_plan.unproved(observed)
        return {**self._result(observed.by_asked_name(), left, rebooted, observed.winrm_start), "warnings": warnings}

    @staticmethod
    def _result(features: dict[str, FeatureState], reboot_required: bool, rebooted: bool, winrm_start: str | None) -> dict[str, Any]:
        result = {"features": features, "reboot_required": reboot_required, "rebooted": rebooted}
        return result if winrm_start is None else {**result, "winrm_start": winrm_start}
