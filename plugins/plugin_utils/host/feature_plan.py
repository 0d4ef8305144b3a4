# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the states of features to the steps that change them, and back to whether they held. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..desired_state import Difference, Plan, Step
from ..errors import OptionError, RemoteError, doing
from .features import CONTAINERS, HYPERV
from .readiness import FeatureState, Readiness, Verdict

State = Literal["present", "absent"]
#: When the service WinRM starts at boot, as far as it can be asked for.
WinrmStart = Literal["automatic", "delayed"]

#: Already as asked for, and as asked for once servicing has had its reboot.
_SETTLED: dict[State, frozenset[FeatureState]] = {"present": frozenset({"enabled"}), "absent": frozenset({"disabled", "removed"})}
_WAITING: dict[State, FeatureState] = {"present": "enable_pending", "absent": "disable_pending"}
_GOAL: dict[State, FeatureState] = {"present": "enabled", "absent": "disabled"}
#: Steps that reboot the host, or may.
REBOOTS = ("reboot", "reboot_if_needed")
_VERB: dict[State, str] = {"present": "enable", "absent": "disable"}


@dataclass(frozen=True)
class FeatureRequest:
    """What the task asks for.

    Args:
        names: As the task spells them.
        reboot: Reboot before and after, where servicing needs it.
        force: Enable Hyper-V even where nothing shows that the processor's virtualization is exposed.
        source: Folder (or ``wim:`` path) on the host, or share, that holds the payload of features without one; empty: Windows' own sources.
        winrm_start: When WinRM is to start at boot; None leaves it.
    """

    names: tuple[str, ...]
    state: State = "present"
    reboot: bool = False
    force: bool = False
    source: str = ""
    winrm_start: WinrmStart | None = None


@dataclass(frozen=True)
class ObservedFeatures:
    """The features of the host.

    Args:
        dism_names: The task's spelling to the host's own.
        states: The host's spelling to the state.
        servicing_pending: Servicing waits for a reboot.
        restart: For features that must change, the host's spelling to ``No``, ``Possible`` or ``Required``.
        readiness: The verdicts on isolation; None when nobody needs them.
        winrm_start: ``automatic``, ``delayed``, ``manual`` or ``disabled``; None when nobody asked.
        hypervisor_launch: What the boot loader is told; None when nobody needs to know.
        hypervisor_idle: Hyper-V is enabled, could run and is to be launched, but this boot did not do it: only another one will.
        fate: What a reboot means for what runs on the host, as the end of a step's description.
    """

    dism_names: Mapping[str, str]
    states: Mapping[str, FeatureState]
    servicing_pending: bool = False
    restart: Mapping[str, str] = field(default_factory=dict)
    readiness: Readiness | None = None
    winrm_start: str | None = None
    hypervisor_launch: Literal["auto", "off"] | None = None
    hypervisor_idle: bool = False
    fate: str = ""

    @property
    def repair_launch(self) -> bool:
        """The boot loader must be told to launch the hypervisor."""
        return self.hypervisor_launch == "off"

    def by_asked_name(self) -> dict[str, FeatureState]:
        """The states under the names the task uses."""
        return {asked: self.states[name] for asked, name in self.dism_names.items()}


def to_change(request_state: State, states: Mapping[str, FeatureState]) -> list[str]:
    """The features that are neither as asked for nor going to be at the next boot."""
    return [name for name, state in states.items() if state not in _SETTLED[request_state] and state != _WAITING[request_state]]


@dataclass(frozen=True)
class _Work:
    """What is to be done, for the parts of the plan.

    Args:
        change: Features to be changed.
        waiting: Features that the next boot changes.
        restart: The changes take a reboot.
        boot: A reboot is due for another reason: the hypervisor is to be launched.
        winrm: WinRM's start is to be changed.
    """

    change: list[str]
    waiting: list[str]
    restart: bool
    boot: bool
    winrm: bool

    @property
    def reboots(self) -> bool:
        """A reboot belongs to the work."""
        return bool(self.waiting) or self.boot or (bool(self.change) and self.restart)


def plan_features(request: FeatureRequest, observed: ObservedFeatures) -> Plan:
    """Decide the steps.

    Raises:
        OptionError: Servicing waits for a reboot that the task does not allow, or Hyper-V could not run on this machine.
    """
    change = to_change(request.state, observed.states)
    if change:
        _refuse(request, observed, change)
    work = _Work(
        change,
        [name for name, state in observed.states.items() if state == _WAITING[request.state]],
        any(_needs_restart(name, observed.restart) for name in change),
        observed.repair_launch or observed.hypervisor_idle,
        request.winrm_start is not None and request.winrm_start != observed.winrm_start,
    )
    return Plan(
        steps=tuple(_steps(request, observed, work)),
        differences=tuple(_differences(request, observed, work)),
        warnings=tuple(_warnings(request, observed, change)),
        reboot_required=_reboot_left(request, observed, work),
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


def _steps(request: FeatureRequest, observed: ObservedFeatures, work: _Work) -> list[Step]:
    verb = _VERB[request.state]
    steps = []
    if work.winrm:
        when = "a while after the other services" if request.winrm_start == "delayed" else "with the other services"
        steps.append(Step("start_winrm", f"let WinRM start {when} at boot", {"mode": request.winrm_start}))
    if request.reboot and work.change and observed.servicing_pending:
        steps.append(Step("reboot", "reboot, so that pending servicing is finished first"))
    if observed.repair_launch:
        steps.append(Step("launch_hypervisor", "let the boot loader launch the hypervisor (bcdedit hypervisorlaunchtype auto)"))
    if work.change:
        noun = "feature" if len(work.change) == 1 else "features"
        steps.append(Step(verb, f"{verb} the {noun} {', '.join(work.change)}", {"names": tuple(work.change)}))
    if request.reboot:
        steps += _last_reboot(verb, work)
    first = next((step for step in steps if step.action in REBOOTS), None)
    return [replace(step, description=step.description + observed.fate) if step is first else step for step in steps]


def _last_reboot(verb: str, work: _Work) -> list[Step]:
    """One reboot for everything that waits for it; where only dism knows whether it is needed, it decides."""
    if work.boot:
        return [Step("reboot", "reboot, so that the hypervisor is launched")]
    if work.change and work.restart:
        return [Step("reboot_if_needed", f"reboot to {verb} {'them' if len(work.change) > 1 else 'it'}")]
    if work.waiting and not work.change:
        return [Step("reboot", f"reboot, as {', '.join(work.waiting)} waits for it")]
    return []


def _differences(request: FeatureRequest, observed: ObservedFeatures, work: _Work) -> list[Difference]:
    touched = work.change + (work.waiting if request.reboot else [])
    goal = _GOAL[request.state] if request.reboot or not work.restart else _WAITING[request.state]
    found = [
        Difference(asked, observed.states[name], goal if name in work.change else _GOAL[request.state])
        for asked, name in observed.dism_names.items()
        if name in touched
    ]
    if observed.repair_launch:
        found.append(Difference("hypervisor_launch", "off", "auto"))
    if observed.hypervisor_idle and request.reboot:
        found.append(Difference("hypervisor", "not running", "running"))
    if work.winrm:
        found.append(Difference("winrm_start", observed.winrm_start, request.winrm_start))
    return found


def _warnings(request: FeatureRequest, observed: ObservedFeatures, change: list[str]) -> list[str]:
    if request.state == "absent":
        return []
    found = [
        f"The payload of the feature {name} is not on the host; Windows has to download it from Windows Update or WSUS, "
        "unless the option source names a folder that holds it."
        for name in change
        if observed.states[name] == "removed" and not request.source
    ]
    useless = observed.readiness is not None and observed.readiness.hyperv.verdict == "no"
    if useless and observed.readiness is not None and HYPERV not in change and HYPERV in observed.states:
        found.append(f"Hyper-V is of no use here: {observed.readiness.hyperv.reason}")
    return found


def _reboot_left(request: FeatureRequest, observed: ObservedFeatures, work: _Work) -> bool:
    """Whether a reboot is due after the run."""
    if request.reboot and (work.change or work.reboots):
        return False
    return observed.servicing_pending or work.reboots


def predicted_states(request: FeatureRequest, observed: ObservedFeatures, plan: Plan) -> dict[str, FeatureState]:
    """The states under the task's names as the run would leave them."""
    after = {difference.name: difference.after for difference in plan.differences}
    return {asked: after.get(asked, state) for asked, state in observed.by_asked_name().items()}


def predicted_winrm_start(observed: ObservedFeatures, plan: Plan) -> str | None:
    """When WinRM would start at boot after the run; None when nobody asked."""
    return next((difference.after for difference in plan.differences if difference.name == "winrm_start"), observed.winrm_start)


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
    if observed.repair_launch:
        raise RemoteError("the boot loader is still told not to launch the hypervisor", "Look at 'bcdedit /enum {current}' on the host")
    if request.winrm_start is not None and observed.winrm_start != request.winrm_start:
        raise RemoteError(f"WinRM's start at boot is still {observed.winrm_start}", "Look at 'sc.exe qc WinRM' on the host")
    if request.state == "present" and rebooted and observed.readiness is not None and not observed.servicing_pending:
        _verify_effect(observed, observed.readiness)


def unproved(observed: ObservedFeatures) -> list[str]:
    """After a reboot: what could not be proved, for a warning."""
    if observed.readiness is None or observed.states.get(HYPERV) != "enabled" or observed.readiness.hyperv.verdict != "unknown":
        return []
    return [f"it could not be proved that the hypervisor runs: {observed.readiness.hyperv.reason}"]


def _verify_effect(observed: ObservedFeatures, readiness: Readiness) -> None:
    names = observed.dism_names.values()
    if HYPERV in names and readiness.hyperv.verdict == "no":
        raise RemoteError(f"the feature is enabled, but of no use: {readiness.hyperv.reason}", readiness.hyperv.advice)
    if observed.hypervisor_idle:
        raise RemoteError(
            "Hyper-V is enabled and its hypervisor is to be launched, but it does not run after the reboot",
            "Look into the host's System event log, source Hyper-V-Hypervisor",
        )
    if CONTAINERS in names and readiness.process.missing:
        raise RemoteError(f"{' and '.join(readiness.process.missing)}", "Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host")
