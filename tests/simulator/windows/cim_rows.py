# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short spelling of a CIM class's properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def types(*groups: str) -> dict[str, str]:
    """``"uint32: A B C"`` for each type; sorted by name, as a host lists them (wsman recordings)."""
    found: dict[str, str] = {}
    for group in groups:
        kind, _unused, names = group.partition(":")
        found.update(dict.fromkeys(names.split(), kind.strip()))
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def row(properties: Mapping[str, str], **known: Any) -> dict[str, Any]:
    """An instance: the known values, null for the rest. Raises KeyError for a property the class does not have."""
    for name in known:
        properties[name]
    return {name: known.get(name) for name in properties}
