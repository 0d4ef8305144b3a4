# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On what a Windows runs: metal, or which hypervisor's guest. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Platform = Literal["metal", "hyperv", "vmware", "azure", "ec2", "kvm", "virtualbox", "xen", "unknown"]

#: Chassis asset tag of every Azure VM (native-tools.md 6; uncertain there, so it only ever refines "hyperv").
AZURE_ASSET_TAG = "7783-7084-3265-9085-8269-3286-77"

#: Lower-case manufacturer, model, and the platform they name (native-tools.md 6, Win32_ComputerSystem). First match wins.
_SIGNS: tuple[tuple[str, str, Platform], ...] = (
    ("vmware", "", "vmware"),
    ("", "vmware", "vmware"),
    ("innotek", "", "virtualbox"),
    ("", "virtualbox", "virtualbox"),
    ("amazon ec2", "", "ec2"),
    ("xen", "", "xen"),
    ("", "hvm domu", "xen"),
    ("qemu", "", "kvm"),
    ("", "kvm", "kvm"),
    ("bochs", "", "kvm"),
)


@dataclass(frozen=True)
class ComputerSystem:
    """Win32_ComputerSystem and the chassis tag, as far as they tell the platform."""

    manufacturer: str = ""
    model: str = ""
    hypervisor_present: bool | None = None
    asset_tag: str = ""


def is_microsoft_guest(manufacturer: str, model: str) -> bool:
    """Whether this is a guest of Hyper-V, be it Azure's or one's own: only then the asset tag matters."""
    return "microsoft" in manufacturer.lower() and model.lower() == "virtual machine"


def platform_of(computer: ComputerSystem, runs_hyperv: bool) -> Platform:
    """Name the platform.

    Args:
        computer: What the machine says of itself.
        runs_hyperv: The feature Hyper-V is enabled here, so a hypervisor that is present can be the machine's own.

    Returns:
        ``unknown`` for an unfamiliar machine with a hypervisor that need not be its own: HypervisorPresent is true in a guest
        as well as on a Hyper-V host (native-tools.md 6).
    """
    manufacturer, model = computer.manufacturer.lower(), computer.model.lower()
    if is_microsoft_guest(manufacturer, model):
        return "azure" if computer.asset_tag.strip() == AZURE_ASSET_TAG else "hyperv"
    for maker, kind, platform in _SIGNS:
        if maker in manufacturer and kind in model:
            return platform
    if not manufacturer and not model:
        return "unknown"
    return "unknown" if computer.hypervisor_present and not runs_hyperv else "metal"
