# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host can run containers in each isolation, with the reason. Pure: verdicts on what was read.

A verdict says what the host *can* do once its features are enabled; ``ready`` says that nothing is missing now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..images.compatibility import HostVersion, ImageVersion, image_generation, isolation_modes, release_name
from .platform import Platform

FeatureState = Literal["enabled", "disabled", "enable_pending", "disable_pending", "removed", "partially_installed", "unknown"]
Answer = Literal["yes", "no", "unknown"]

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
#: What is missing where the feature is enabled and yet no hypervisor of its own runs.
_IDLE = ("Hyper-V is enabled but its hypervisor does not run (see 'bcdedit /enum', hypervisorlaunchtype)",)
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


@dataclass(frozen=True)
class Verdict:
    """One isolation mode of one host.

    Args:
        verdict: Whether the host can run containers this way once nothing is missing.
        reason: Why, a clause.
        ready: The verdict is yes and nothing is missing.
        missing: What stands between the host as it is and a container, clauses.
        advice: What would change a verdict other than yes; empty when nothing would.
    """

    verdict: Answer
    reason: str
    ready: bool = False
    missing: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True)
class Readiness:
    """The verdicts on both isolation modes."""

    process: Verdict
    hyperv: Verdict


def isolation_readiness(evidence: Evidence) -> Readiness:
    """Judge both modes."""
    refusal = _no_containers(evidence)
    if refusal:
        return Readiness(Verdict("no", refusal), Verdict("no", refusal))
    return Readiness(_process(evidence), _hyperv(evidence))


def _no_containers(evidence: Evidence) -> str:
    """Why this Windows has no containers at all, or an empty string."""
    if evidence.version.build < 14393:
        return f"Windows containers exist from build 14393 on, this is build {evidence.version.build}"
    if evidence.sku in HOME_SKUS:
        return "the Home editions of Windows have no containers"
    if evidence.containers == "unknown":
        return 'this Windows has no feature named "Containers"'
    return ""


def _process(evidence: Evidence) -> Verdict:
    version = evidence.version
    generation = image_generation(version)
    if generation is None:
        return Verdict("no", f"no base image fits {release_name(version)}")
    mode = isolation_modes(version, ImageVersion(generation["build"])).process
    if not mode.allowed:
        return Verdict("no", mode.reason)
    missing = _containers_missing(evidence)
    return Verdict("yes", f"{release_name(version)} runs process-isolated containers", not missing, missing)


def _containers_missing(evidence: Evidence) -> tuple[str, ...]:
    missing = _feature_missing("Containers", evidence.containers)
    if not missing and not {"hns", "vmcompute"} <= evidence.services:
        absent = " and ".join(sorted({"hns", "vmcompute"} - evidence.services))
        # dockerd refuses to start without both (windows-containers.md 1.3); Server Essentials lacks hns (native-tools.md 1.4).
        missing = (f"the feature Containers is enabled but the service {absent} does not exist",)
    return missing


def _feature_missing(name: str, state: FeatureState) -> tuple[str, ...]:
    if state == "enabled":
        return ()
    if state == "enable_pending":
        return (f"the feature {name} waits for a reboot",)
    if state == "disable_pending":
        return (f"the feature {name} is removed by the next reboot",)
    return (f"the feature {name} is not enabled",)


def _hyperv(evidence: Evidence) -> Verdict:
    verdict = virtualization(evidence)
    if verdict.verdict == "no":
        return verdict
    missing = (*_containers_missing(evidence), *verdict.missing)
    return Verdict(verdict.verdict, verdict.reason, verdict.verdict == "yes" and not missing, missing, verdict.advice)


def virtualization(evidence: Evidence) -> Verdict:
    """Whether Hyper-V's hypervisor runs or could run here, apart from the container feature."""
    if evidence.sku in HOME_SKUS:
        return Verdict("no", "the Home editions of Windows have no Hyper-V")
    if evidence.hyperv == "unknown":
        return Verdict("no", 'this Windows has no feature named "Microsoft-Hyper-V"')
    missing = _feature_missing("Microsoft-Hyper-V", evidence.hyperv)
    if not missing and evidence.hypervisor_launch == "failed":
        return Verdict(
            "no", "Hyper-V is enabled, but its hypervisor failed to start at this boot (System log, event 41)", advice=_advice(evidence)
        )
    if not missing and evidence.hypervisor_launch == "started":
        return Verdict("yes", "the hypervisor started at this boot (System log, event 1)", True)
    if evidence.hypervisor_present is None:
        return Verdict("unknown", "the host does not say whether a hypervisor is present", missing=missing)
    if not evidence.hypervisor_present:
        return _without_hypervisor(evidence, missing)
    return _with_hypervisor(evidence, missing)


def _without_hypervisor(evidence: Evidence, missing: tuple[str, ...]) -> Verdict:
    """No hypervisor hides the processor's flags, so they can be believed."""
    flags = evidence.processor
    if flags.lacking:
        return Verdict("no", f"the processor lacks: {', '.join(flags.lacking)}", advice=_FIRMWARE if flags.vm_monitor is not False else "")
    if not flags.all_true:
        return Verdict("unknown", "the host does not say what its processor can do", missing=missing)
    return Verdict("yes", "the processor offers virtualization and the firmware has it enabled", missing=missing or _IDLE)


def _with_hypervisor(evidence: Evidence, missing: tuple[str, ...]) -> Verdict:
    """A hypervisor runs here or below; a flag that reads False proves nothing now (native-tools.md 6), one that reads True does."""
    if evidence.platform == "metal":
        own = "Hyper-V's hypervisor runs" if not missing else "a hypervisor runs on this physical machine, so its processor can"
        return Verdict("yes", own, not missing, missing)
    if evidence.processor.all_true:
        # Seen on a guest whose firmware began to expose it (cloud-hypervisor/rust-hypervisor-firmware pull request 438).
        return Verdict("yes", "the processor's virtualization is exposed to this machine", missing=missing or _IDLE)
    where = "the machine is a guest" if evidence.platform != "unknown" else "a hypervisor is present that need not be the machine's own"
    if missing:
        reason = f"{where}, and nothing shows that the processor's virtualization is exposed to it"
    else:
        reason = f"Hyper-V is enabled, but {where}, and nothing shows that its own hypervisor runs"
    return Verdict("unknown", reason, missing=missing, advice=_advice(evidence))


def _advice(evidence: Evidence) -> str:
    return _FIRMWARE if evidence.platform == "metal" else _EXPOSE.get(evidence.platform, _EXPOSE_ANY)
