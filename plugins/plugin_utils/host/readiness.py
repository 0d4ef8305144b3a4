# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host can run an engine, and containers in each isolation, with reasons and next steps. Pure: verdicts on what was read.

A verdict says what the host *can* do once its features are enabled; ``ready`` says that nothing is missing now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..images.compatibility import HostVersion, ImageVersion, Modes, image_generation, isolation_modes, release_name
from .platform import Platform
from .prerequisites import Answer, Support, facts, lacks_network_service, licence_note, shortages

FeatureState = Literal["enabled", "disabled", "enable_pending", "disable_pending", "removed", "partially_installed", "unknown"]
EngineState = Literal["running", "stopped", "absent", "unknown"]

#: Operating system SKUs of the Home editions: they have neither Hyper-V nor the container feature (windows-containers.md 1.2;
#: 98 to 100 are Home N, single language and country specific of the same SKU table, unverified).
HOME_SKUS = frozenset({98, 99, 100, 101})

#: What to do where a guest does not see the processor's virtualization (windows-containers.md 4.3; VMware and the rest: general advice).
_EXPOSE: dict[str, str] = {
    "hyperv": "With the VM off, run 'Set-VMProcessor -VMName <vm> -ExposeVirtualizationExtensions $true' on the outer host",
    "azure": "Use an Azure VM size that can nest and the security type Standard",
    "vmware": "Expose hardware assisted virtualization to the guest in the VM's processor settings",
    "ec2": "Use an instance type that offers virtualization, such as a .metal one",
}
_EXPOSE_ANY = "Expose the processor's virtualization to this VM on its outer host"
_FIRMWARE = "Enable Intel VT-x or AMD-V in the machine's firmware settings"


@dataclass(frozen=True)
class ProcessorFlags:
    """Win32_Processor: None where the class does not say. True is evidence; False is none while a hypervisor is present."""

    vm_monitor: bool | None = None
    second_level_translation: bool | None = None
    firmware_enabled: bool | None = None

    @property
    def all_true(self) -> bool:
        return bool(self.vm_monitor and self.second_level_translation and self.firmware_enabled)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What reads False, in words."""
        names = (
            (self.vm_monitor, "VM monitor mode extensions"),
            (self.second_level_translation, "second level address translation"),
            (self.firmware_enabled, "virtualization enabled in firmware"),
        )
        return tuple(name for flag, name in names if flag is False)


@dataclass(frozen=True)
class Evidence:
    """All that the verdicts rest on.

    Args:
        version: The host's version.
        sku: Win32_OperatingSystem.OperatingSystemSKU.
        platform: See host/platform.py.
        hypervisor_present: Win32_ComputerSystem.HypervisorPresent: this machine's own hypervisor, or one below it.
        processor: The processor's flags.
        containers: State of the feature Containers.
        hyperv: State of the feature Microsoft-Hyper-V.
        services: Lower-case names of those of ``hns``, ``vmcompute`` and ``vmms`` that exist.
        hypervisor_launch: What the System log says of this boot's launch; ``unknown`` when it was not asked or says nothing.
        memory_bytes: Physical memory; None when it is not known, which is then not judged.
        processors: Logical processors; the same.
        engine: Whether a Docker Engine runs.
        desktop: Docker Desktop is installed.
        support: The judgement on the release's support; None when it was not asked for.
        system_drive: Where Windows is installed.
    """

    version: HostVersion
    sku: int | None = None
    platform: Platform = "unknown"
    hypervisor_present: bool | None = None
    processor: ProcessorFlags = ProcessorFlags()
    containers: FeatureState = "unknown"
    hyperv: FeatureState = "unknown"
    services: frozenset[str] = frozenset()
    hypervisor_launch: Literal["started", "failed", "unknown"] = "unknown"
    memory_bytes: int | None = None
    processors: int | None = None
    engine: EngineState = "unknown"
    desktop: bool = False
    support: Support | None = None
    system_drive: str = "C:"

    @property
    def guest(self) -> bool:
        """Whether this is known to be a virtual machine."""
        return self.platform not in ("metal", "unknown")


@dataclass(frozen=True)
class Gap:
    """What stands between a host as it is and a container: a clause, and the step that closes it."""

    what: str
    step: str


@dataclass(frozen=True)
class Verdict:
    """One ability of one host.

    Args:
        verdict: Whether the host can do it once nothing is missing.
        reason: Why, a clause.
        ready: The verdict is yes and nothing is missing.
        missing: What stands between the host as it is and a container, clauses.
        advice: What would change a verdict other than yes; empty when nothing would.
        notes: What else bears on it without deciding it: licences, support, clauses.
        steps: What closes the gaps and follows from the notes, sentences without a final stop.
    """

    verdict: Answer
    reason: str
    ready: bool = False
    missing: tuple[str, ...] = ()
    advice: str = ""
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that bears on it, the deciding reason first."""
        return (self.reason, *self.missing, *self.notes)

    @property
    def next_steps(self) -> tuple[str, ...]:
        """What to do now, in order."""
        return tuple(dict.fromkeys([*((self.advice,) if self.advice else ()), *self.steps]))


@dataclass(frozen=True)
class Readiness:
    """The verdicts on both isolation modes, and on the engine itself."""

    process: Verdict
    hyperv: Verdict
    engine: Verdict = Verdict("unknown", "nobody asked for the engine")


def isolation_readiness(evidence: Evidence) -> Readiness:
    """Judge both modes and the engine."""
    refusal = _no_containers(evidence)
    if refusal is not None:
        return Readiness(refusal, refusal, refusal)
    return Readiness(*(_supported(verdict, evidence) for verdict in (_process(evidence), _hyperv(evidence), _engine(evidence))))


def exposed(evidence: Evidence) -> Answer:
    """Whether the processor's virtualization is there for this Windows; in a guest: whether nesting is exposed to it."""
    if evidence.processor.all_true or evidence.hypervisor_launch == "started":
        return "yes"
    if evidence.hypervisor_present is False:
        return "no" if evidence.processor.lacking else "unknown"
    return "yes" if evidence.hypervisor_present and evidence.platform == "metal" else "unknown"


def _verdict(answer: Answer, reason: str, gaps: tuple[Gap, ...] = (), advice: str = "", notes: tuple[str, ...] = ()) -> Verdict:
    return Verdict(
        answer,
        reason,
        answer == "yes" and not gaps,
        tuple(gap.what for gap in gaps),
        advice,
        notes,
        tuple(dict.fromkeys(gap.step for gap in gaps)) if answer != "no" else (),
    )


def _no_containers(evidence: Evidence) -> Verdict | None:
    """Why this Windows has no containers at all, if so."""
    version = evidence.version
    oldest = facts()["minimums"]["engine_build"]
    if version.build < oldest:
        return Verdict("no", f"Windows containers exist from build {oldest} on, this is build {version.build}")
    if evidence.sku in HOME_SKUS:
        return Verdict("no", "the Home editions of Windows have no containers", advice="Use an edition Pro or Enterprise")
    if evidence.containers == "unknown":
        return Verdict("no", 'this Windows has no feature named "Containers"')
    if lacks_network_service(version, evidence.sku) and "hns" not in evidence.services:
        reason = f"{release_name(version)} Essentials has no service hns, without which no container runs"
        return Verdict("no", reason, advice="Use the edition Standard or Datacenter")
    return None


def _supported(verdict: Verdict, evidence: Evidence) -> Verdict:
    """The verdict with what the vendor's support adds to it."""
    if evidence.support is None or evidence.support.verdict == "yes":
        return verdict
    steps = verdict.steps
    if evidence.support.verdict == "no":
        steps = (*steps, "Plan the move to a release of Windows that is supported")
    elif evidence.support.phase == "ended":
        steps = (*steps, "See whether the host has the paid security updates, and else move to a release of Windows that is supported")
    return replace(verdict, notes=(*verdict.notes, evidence.support.reason), steps=steps)


def _own_modes(version: HostVersion) -> Modes | None:
    """What is possible with the base images that fit a host, taken as new as the host itself; None when none fits."""
    generation = image_generation(version)
    if generation is None:
        return None
    build = generation["build"]
    return isolation_modes(version, ImageVersion(build, version.revision if build == version.build else None))


def _process(evidence: Evidence) -> Verdict:
    version = evidence.version
    modes = _own_modes(version)
    if modes is None:
        return Verdict("no", f"no base image fits {release_name(version)}")
    if not modes.process.allowed:
        return Verdict("no", modes.process.reason, advice="Run containers with Hyper-V isolation here" if modes.hyperv.allowed else "")
    if evidence.system_drive.upper() != "C:":
        # windows-containers.md 4.1
        return Verdict("no", f"process isolation needs a Windows on C:, and this one is on {evidence.system_drive}")
    notes = (*modes.process.warnings, *_licence(evidence, "workstation"))
    return _verdict("yes", f"{release_name(version)} runs process-isolated containers", _containers_missing(evidence), notes=notes)


def _licence(evidence: Evidence, *products: str) -> tuple[str, ...]:
    note = licence_note(evidence.version, evidence.sku)
    return (note,) if note and evidence.version.product_type in products else ()


def _containers_missing(evidence: Evidence) -> tuple[Gap, ...]:
    gaps = _feature_missing("Containers", evidence.containers)
    if not gaps and not {"hns", "vmcompute"} <= evidence.services:
        absent = " and ".join(sorted({"hns", "vmcompute"} - evidence.services))
        # dockerd refuses to start without both (windows-containers.md 1.3); Server Essentials lacks hns (native-tools.md 1.4).
        what = f"the feature Containers is enabled but the service {absent} does not exist"
        gaps = (Gap(what, "Disable the feature Containers, reboot, and enable it again"),)
    return gaps


def _feature_missing(name: str, state: FeatureState) -> tuple[Gap, ...]:
    enable = f"Enable the feature {name} with the module host_feature"
    if state == "enabled":
        return ()
    if state == "enable_pending":
        return (Gap(f"the feature {name} waits for a reboot", "Reboot the host with the module host_reboot"),)
    if state == "disable_pending":
        return (Gap(f"the feature {name} is removed by the next reboot", enable),)
    if state == "removed":
        step = f"{enable}, with its option source where Windows cannot fetch the files itself"
        return (Gap(f"the feature {name} is not enabled, and its files are not on the host", step),)
    return (Gap(f"the feature {name} is not enabled", enable),)


def _hyperv(evidence: Evidence) -> Verdict:
    verdict = virtualization(evidence)
    if verdict.verdict == "no":
        return verdict
    gaps = _containers_missing(evidence)
    missing = (*(gap.what for gap in gaps), *verdict.missing)
    modes = _own_modes(evidence.version)
    warnings = modes.hyperv.warnings if modes else ()
    notes = (*verdict.notes, *warnings, *_licence(evidence, "server", "workstation"))
    steps = (*(gap.step for gap in gaps), *verdict.steps)
    return replace(verdict, ready=verdict.verdict == "yes" and not missing, missing=missing, notes=notes, steps=steps)


def virtualization(evidence: Evidence) -> Verdict:
    """Whether Hyper-V's hypervisor runs or could run here, apart from the container feature."""
    verdict = _hypervisor(evidence)
    short = shortages(evidence.memory_bytes, evidence.processors, evidence.guest)
    notes: tuple[str, ...] = ()
    if evidence.platform in facts()["unsupported_platforms"] and verdict.verdict != "no":
        notes = ("Microsoft does not support Hyper-V on the hypervisor of another maker",)
    if not short or verdict.verdict == "no":
        return replace(verdict, notes=notes)
    advice = ". ".join(filter(None, (verdict.advice, "Give the machine at least what is documented")))
    if verdict.verdict == "unknown":
        return replace(verdict, advice=advice, notes=(*short, *notes))
    # Below a documented minimum nobody promises that it works, and nothing proves that it does not.
    return replace(verdict, verdict="unknown", reason=", and ".join(short), ready=False, advice=advice, notes=(verdict.reason, *notes))


def _hypervisor(evidence: Evidence) -> Verdict:
    if evidence.sku in HOME_SKUS:
        return Verdict("no", "the Home editions of Windows have no Hyper-V", advice="Use an edition Pro or Enterprise")
    if evidence.hyperv == "unknown":
        return Verdict("no", 'this Windows has no feature named "Microsoft-Hyper-V"')
    gaps = _feature_missing("Microsoft-Hyper-V", evidence.hyperv)
    if not gaps and evidence.hypervisor_launch == "failed":
        reason = "Hyper-V is enabled, but its hypervisor failed to start at this boot (System log, event 41)"
        return Verdict("no", reason, advice=_advice(evidence))
    if not gaps and evidence.hypervisor_launch == "started":
        return Verdict("yes", "the hypervisor started at this boot (System log, event 1)", True)
    if evidence.hypervisor_present is None:
        return _verdict("unknown", "the host does not say whether a hypervisor is present", gaps)
    return _with_hypervisor(evidence, gaps) if evidence.hypervisor_present else _without_hypervisor(evidence, gaps)


def _without_hypervisor(evidence: Evidence, gaps: tuple[Gap, ...]) -> Verdict:
    """No hypervisor hides the processor's flags, so they can be believed."""
    flags = evidence.processor
    if flags.lacking:
        return Verdict("no", f"the processor lacks: {', '.join(flags.lacking)}", advice=_FIRMWARE if flags.vm_monitor is not False else "")
    if not flags.all_true:
        return _verdict("unknown", "the host does not say what its processor can do", gaps)
    return _verdict("yes", "the processor offers virtualization and the firmware has it enabled", gaps or _IDLE)


def _with_hypervisor(evidence: Evidence, gaps: tuple[Gap, ...]) -> Verdict:
    """A hypervisor runs here or below; a flag that reads False proves nothing now (native-tools.md 6), one that reads True does."""
    if evidence.platform == "metal":
        own = "Hyper-V's hypervisor runs" if not gaps else "a hypervisor runs on this physical machine, so its processor can"
        return _verdict("yes", own, gaps)
    if evidence.processor.all_true:
        # Seen on a guest whose firmware began to expose it (cloud-hypervisor/rust-hypervisor-firmware pull request 438).
        return _verdict("yes", "the processor's virtualization is exposed to this machine", gaps or _IDLE)
    where = "the machine is a guest" if evidence.platform != "unknown" else "a hypervisor is present that need not be the machine's own"
    if gaps:
        reason = f"{where}, and nothing shows that the processor's virtualization is exposed to it"
    else:
        reason = f"Hyper-V is enabled, but {where}, and nothing shows that its own hypervisor runs"
    return _verdict("unknown", reason, gaps, _advice(evidence))


#: What is missing where the feature is enabled and yet no hypervisor of its own runs.
_IDLE = (
    Gap(
        "Hyper-V is enabled but its hypervisor does not run (see 'bcdedit /enum', hypervisorlaunchtype)",
        "Run the module host_feature for hyperv, which lets the boot loader launch it again",
    ),
)


def _engine(evidence: Evidence) -> Verdict:
    """Whether a Docker Engine runs or could run here (windows-containers.md 1.3, docker-on-windows.md section 1, 10 and 11)."""
    minimums = facts()["minimums"]
    reason = f"{release_name(evidence.version)} runs current Docker Engines"
    current, newest = minimums["current_engine_build"], minimums["newest_engine_below"]
    if evidence.version.build < current:
        reason = f"{release_name(evidence.version)} runs Docker Engine up to {newest}, later ones ask for build {current}"
    gaps = (*_containers_missing(evidence), *_ENGINE_GAPS[evidence.engine])
    notes = ("Docker Desktop is installed, whose own Windows engine and another one get into each other's way",) if evidence.desktop else ()
    verdict = _verdict("yes", reason, gaps, notes=notes)
    return replace(verdict, steps=(*verdict.steps, "Switch Docker Desktop to Linux containers, or remove it")) if notes else verdict


_ENGINE_GAPS: dict[EngineState, tuple[Gap, ...]] = {
    "running": (),
    "stopped": (Gap("the engine is installed but does not run", "Start it, or let the module docker_engine find out what it lacks"),),
    "absent": (Gap("no Docker Engine is installed", "Install a Docker Engine with the module docker_engine"),),
    "unknown": (Gap("it is not known whether an engine is installed", "Look at the host with the module host_info"),),
}


def _advice(evidence: Evidence) -> str:
    return _FIRMWARE if evidence.platform == "metal" else _EXPOSE.get(evidence.platform, _EXPOSE_ANY)
