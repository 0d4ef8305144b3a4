# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewall rules: what netsh and CIM see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Rule:
    """One rule, with the words netsh prints."""

    name: str
    direction: str = "In"
    action: str = "Allow"
    protocol: str = "TCP"
    local_port: str = "Any"
    remote_ip: str = "Any"
    profiles: str = "Domain,Private,Public"
    enabled: bool = True
    grouping: str = ""


class Firewall:
    """All rules; several may share a name (native-tools.md 5)."""

    def __init__(self) -> None:
        group = "Windows Remote Management"
        self.rules = [
            Rule("Windows Remote Management (HTTP-In)", local_port="5985", profiles="Domain,Private", grouping=group),
            Rule("Windows Remote Management (HTTP-In)", local_port="5985", profiles="Public", remote_ip="LocalSubnet", grouping=group),
        ]

    def named(self, name: str) -> list[Rule]:
        """Rules of that name, without case; ``all`` gives every rule."""
        return [rule for rule in self.rules if name.lower() in ("all", rule.name.lower())]

    def delete(self, name: str) -> int:
        """Remove rules by name; how many there were."""
        found = self.named(name)
        self.rules = [rule for rule in self.rules if rule not in found]
        return len(found)
