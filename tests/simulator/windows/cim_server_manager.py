# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server Manager's view of features: Win32_ServerFeature, and MSFT_ServerManagerServerComponent in its own namespace (native-tools.md 6).

Servers only: a client has neither. The names are Server Manager's (native-tools.md 1.4), the state is the same as dism's. Methods of the
deployment provider are not described by any source and do not exist here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types
from .features import State
from .profiles import read_data

if TYPE_CHECKING:
    from .machine import Machine

NAMESPACE = "root/microsoft/windows/servermanager"
_SERVER_FEATURE = types("uint32: ID ParentID", "string: Caption Description Name Status", "datetime: InstallDate")
_COMPONENT = types(
    "string: Description DisplayName ParentName UniqueName",
    "uint32: NumericId",
    "uint8: FeatureType Installed",
    "string[]: Deploys DependsOn SubFeatures SystemServices",
)


def _server_features(machine: Machine) -> list[Instance]:
    """Installed ones; the table of numbers ends before Containers (native-tools.md 6)."""
    return [
        row(_SERVER_FEATURE, Caption=feature.display, Description=feature.display, ID=feature.id, Name=feature.display, ParentID=0)
        for feature in machine.features.all()
        if feature.id and feature.state is State.ENABLED
    ]


def _components(machine: Machine) -> list[Instance]:
    rows = []
    for name, entry in read_data("features.yml")["server manager"].items():
        deployed = [feature for one in entry["deploys"] if (feature := machine.features.find(one))]
        rows.append(
            row(
                _COMPONENT,
                Deploys=[feature.name for feature in deployed],
                Description=entry["display"],
                DisplayName=entry["display"],
                FeatureType=entry["type"],
                Installed=int(bool(deployed) and all(feature.state is State.ENABLED for feature in deployed)),
                NumericId=entry["id"],
                ParentName=entry.get("parent", ""),
                SubFeatures=entry.get("children", []),
                SystemServices=entry.get("services", []),
                UniqueName=name,
            )
        )
    return rows


CLASSES = [
    CimClass("Win32_ServerFeature", "root/cimv2", _SERVER_FEATURE, ("ID",), _server_features, servers_only=True),
    CimClass("MSFT_ServerManagerServerComponent", NAMESPACE, _COMPONENT, ("UniqueName",), _components, servers_only=True),
]
