# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the states of features to the steps that change them, and back to whether they held. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..desired_state import Difference, Plan, Step
from ..errors import OptionError, RemoteError, doing
from .features import CONTAINERS, HYPERV
from .readiness import FeatureState, Readiness, Verdict

State = Literal["present", "absent"]

#: Already as asked for, and as asked for once servicing has had its reboot.
_SETTLED: dict[State, frozenset[FeatureState]] = {"present": frozenset({"enabled"}), "absent": frozenset({"disabled", "removed"})}
_WAITING: dict[State, FeatureState] = {"present": "enable_pending", "absent": "disable_pending"}
_GOAL: dict[State, FeatureState] = {"present": "enabled", "absent": "disabled"}
_VERB: dict[State, str] = {"present": "enable", "absent": "disable"}


@dataclass(frozen=True)
class FeatureRequest:
    """What the task asks for.

    Args:
        names: As the task spells them.
        reboot: Reboot before and after, where servicing needs it.
        force: Enable Hyper-V even where nothing shows that the processor's virtualization is exposed.
    """

    names: tuple[str, ...]
    state: State = "present"
    reboot: bool = False
    force: bool = False


@dataclass(frozen=True)
class ObservedFeatures:
    """The features of the host.

    Args:
        dism_names: The task's spelling to the host's own.
        states: The host's spelling to the state.
        servicing_pending: Servicing waits for a reboot.
        restart: For features that must change, the host's spelling to ``No``, ``Possible`` or ``Required``.
        readiness: The verdicts on isolation; None when nobody needs them.
    """

    dism_names: Mapping[str, str]
    states: Mapping[str, FeatureState]
    servicing_pending: bool = False
    restart: Mapping[str, str] = field(default_factory=dict)
    readiness: Readiness | None = None

    def by_asked_name(self) -> dict[str, FeatureState]:
        """The states under the names the task uses."""
        return {asked: self.states[name] for asked, name in self.dism_names.items()}


def to_change(request_state: State, states: Mapping[str, FeatureState]) -> list[str]:
    """The features that are neither as asked for nor going to be at the next boot."""
    return [name for name, state in states.items() if state not in _SETTLED[request_state] and state != _WAITING[request_state]]


def plan_features(request: FeatureRequest, observed: ObservedFeatures) -> Plan:
    """Decide the steps.

    Raises:
        OptionError: Servicing waits for a reboot that the task does not allow, or Hyper-V could not run on this machine.
    """
    change = to_change(request.state, observed.states)
    waiting = [name for name, state in observed.states.items() if state == _WAITING[request.state]]
    if change:
        _refuse(request, observed, change)
    restart = any(_needs_restart(name, observed.restart) for name in change)
    return Plan(
        steps=tuple(_steps(request, observed, change, waiting, restart)),
        differences=tuple(_differences(request, observed, change, waiting, restart)),
        warnings=tuple(_warnings(request, observed, change)),
        reboot_required=_reboot_left(request, observed, change, waiting, restart),
    )


def _refuse(request: FeatureRequest, observed: ObservedFeatures, change: list[str]) -> None:
    if request.state == "present" and HYPERV in change and observed.readiness is not None:
        asked = next(asked for asked, name in observed.dism_names.items() if name == HYPERV)
        with doing("enable", "feature", asked):
            _refuse_hyperv(observed.readiness.hyperv, request.force)
    if observed.servicing_pending and not request.reboot:
        raise OptionError(
            "Windows servicing waits for a reboot, and until then no feature can be changed reliably",
            "Set reboot to true, or reboot the host first with the module host_reboot",
        )


def _refuse_hyperv(verdict: Verdict, force: bool) -> None:
    if verdict.verdict == "no":
        raise OptionError(f"Hyper-V cannot run here: {verdict.reason}", verdict.advice)
    if verdict.verdict == "unknown" and not force:
        advice = f"{verdict.advice}, or set force to true to try it" if verdict.advice else "Set force to true to try it"
        raise OptionError(f"it is not known whether Hyper-V can run here: {verdict.reason}", advice)


def _needs_restart(name: str, restart: Mapping[str, str]) -> bool:
    """Containers and Hyper-V always do (windows-containers.md 4.1); for the others ``Possible`` counts as yes, as nobody can know."""
    return name in (CONTAINERS, HYPERV) or restart.get(name) != "No"


def _steps(request: FeatureRequest, observed: ObservedFeatures, change: list[str], waiting: list[str], restart: bool) -> list[Step]:
    verb = _VERB[request.state]
    steps = []
    if request.reboot and change and observed.servicing_pending:
        steps.append(Step("reboot", "reboot, so that pending servicing is finished first"))
    if change:
        noun = "feature" if len(change) == 1 else "features"
        steps.append(Step(verb, f"{verb} the {noun} {', '.join(change)}", {"names": tuple(change)}))
        if request.reboot and restart:
            steps.append(Step("reboot_if_needed", f"reboot to {verb} them" if len(change) > 1 else f"reboot to {verb} it"))
    elif waiting and request.reboot:
        steps.append(Step("reboot", f"reboot, as {', '.join(waiting)} waits for it"))
    return steps


def _differences(
    request: FeatureRequest, observed: ObservedFeatures, change: list[str], waiting: list[str], restart: bool
) -> list[Difference]:
    touched = change + (waiting if request.reboot else [])
    goal = _GOAL[request.state] if request.reboot or not restart else _WAITING[request.state]
    return [
        Difference(asked, observed.states[name], goal if name in change else _GOAL[request.state])
        for asked, name in observed.dism_names.items()
        if name in touched
    ]


def _warnings(request: FeatureRequest, observed: ObservedFeatures, change: list[str]) -> list[str]:
    if request.state == "absent":
        return []
    return [
        f"The payload of the feature {name} is not on the host; Windows has to download it from Windows Update or WSUS."
        for name in change
        if observed.states[name] == "removed"
    ]


def _reboot_left(request: FeatureRequest, observed: ObservedFeatures, change: list[str], waiting: list[str], restart: bool) -> bool:
    """Whether a reboot is due after the run."""
    if request.reboot and (change or waiting):
        return False
    return observed.servicing_pending or bool(waiting) or (bool(change) and restart)


def predicted_states(request: FeatureRequest, observed: ObservedFeatures, plan: Plan) -> dict[str, FeatureState]:
    """The states under the task's names as the run would leave them."""
    after = {difference.name: difference.after for difference in plan.differences}
    return {asked: after.get(asked, state) for asked, state in observed.by_asked_name().items()}


def verify(request: FeatureRequest, observed: ObservedFeatures, rebooted: bool) -> None:
    """Judge what was read back after a change: exit codes of dism are no proof (native-tools.md 1.3).

    Args:
        observed: Read after all steps.
        rebooted: The last step was a reboot.

    Raises:
        RemoteError: A feature is not as asked for: rolled back at boot, never accepted, or without what it should bring.
    """
    lost = to_change(request.state, observed.states)
    if lost:
        states = ", ".join(f"{name} is {observed.states[name].replace('_', ' ')}" for name in lost)
        cause = "Windows undid the change at boot" if rebooted else "Windows accepted the change but did not make it"
        raise RemoteError(f"{cause} ({states})", "Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host")
    if request.state == "present" and rebooted and observed.readiness is not None and not observed.servicing_pending:
        _verify_effect(request, observed, observed.readiness)


def _verify_effect(request: FeatureRequest, observed: ObservedFeatures, readiness: Readiness) -> None:
    names = observed.dism_names.values()
    if HYPERV in names and readiness.hyperv.verdict == "no":
        raise RemoteError(f"the feature is enabled, but of no use: {readiness.hyperv.reason}", readiness.hyperv.advice)
    if CONTAINERS in names and readiness.process.missing:
        raise RemoteError(f"{' and '.join(readiness.process.missing)}", "Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host")
