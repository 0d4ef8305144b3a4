# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_OptionalFeature and Win32_QuickFixEngineering (native-tools.md 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types
from .features import State

if TYPE_CHECKING:
    from .features import Feature
    from .machine import Machine

_OPTIONAL_FEATURE = types("string: Caption Description Name Status", "datetime: InstallDate", "uint32: InstallState")


def _install_state(machine: Machine, feature: Feature) -> int:
    """1 enabled, 2 disabled, 3 absent. There is no value for pending: what it says then is a switch."""
    if feature.state in (State.ENABLE_PENDING, State.DISABLE_PENDING, State.STAGED, State.PARTIALLY_INSTALLED):
        return machine.switches.pending_install_state
    return {State.ENABLED: 1, State.DISABLED: 2, State.REMOVED: 3}[feature.state]


def _optional_features(machine: Machine) -> list[Instance]:
    return [
        row(_OPTIONAL_FEATURE, Caption=feature.display, Name=feature.name, InstallState=_install_state(machine, feature))
        for feature in machine.features.all()
    ]


_HOTFIX = types(
    "string: Caption CSName Description FixComments HotFixID InstalledBy InstalledOn Name ServicePackInEffect Status",
    "datetime: InstallDate",
)


def _hotfixes(machine: Machine) -> list[Instance]:
    """One cumulative update; its number follows from the revision (unverified)."""
    number = f"KB50{machine.profile.revision % 100000:05d}"
    return [
        row(
            _HOTFIX,
            Caption=f"http://support.microsoft.com/?kbid={number[2:]}",
            CSName=machine.name,
            Description="Security Update",
            FixComments="",
            HotFixID=number,
            InstalledBy="NT AUTHORITY\\SYSTEM",
            InstalledOn="10/15/2026",
            ServicePackInEffect="",
        )
    ]


CLASSES = [
    CimClass("Win32_OptionalFeature", "root/cimv2", _OPTIONAL_FEATURE, ("Name",), _optional_features, exact=frozenset({"Name"})),
    CimClass("Win32_QuickFixEngineering", "root/cimv2", _HOTFIX, ("HotFixID", "ServicePackInEffect"), _hotfixes),
]
