# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewall rules and profiles: what netsh and CIM see."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

_numbers = itertools.count(1)
#: Bits of MSFT_NetFirewallRule.Profiles (native-tools.md 6); all three are 0, "any".
PROFILE_BITS = {"Domain": 1, "Private": 2, "Public": 4}


def _new_id() -> str:
    return f"{{6F1C2D3E-0000-4000-8000-{next(_numbers):012X}}}"


@dataclass
class Rule:
    """One rule, with the words netsh prints.

    Args:
        id: InstanceID in CIM.
        icmp: Type and code of an ICMP rule.
    """

    name: str
    direction: str = "In"
    action: str = "Allow"
    protocol: str = "TCP"
    local_port: str = "Any"
    remote_ip: str = "Any"
    profiles: str = "Domain,Private,Public"
    enabled: bool = True
    grouping: str = ""
    local_ip: str = "Any"
    remote_port: str = "Any"
    program: str = ""
    service: str = ""
    description: str = ""
    interface_types: str = "Any"
    edge: str = "No"
    icmp: tuple[str, str] | None = None
    id: str = field(default_factory=_new_id)

    @property
    def profile_bits(self) -> int:
        """Profiles as CIM has them."""
        bits = sum(PROFILE_BITS.get(part, 0) for part in self.profiles.split(","))
        return 0 if bits == 7 else bits


def _winrm(id: str, profiles: str, remote_ip: str) -> Rule:
    name, group = "Windows Remote Management (HTTP-In)", "Windows Remote Management"
    return Rule(
        name, id=id, grouping=group, local_port="5985", description=_WINRM, program="System", profiles=profiles, remote_ip=remote_ip
    )


_WINRM = "Inbound rule for Windows Remote Management via WS-Management. [TCP 5985]"


class Firewall:
    """All rules; several may share a name (native-tools.md 5).

    Attributes:
        states: Profile to whether its firewall is on.
    """

    def __init__(self) -> None:
        self.rules = [
            _winrm("WINRM-HTTP-In-TCP-NoScope", "Domain,Private", "Any"),
            _winrm("WINRM-HTTP-In-TCP", "Public", "LocalSubnet"),
            Rule("Core Networking - DNS (UDP-Out)", direction="Out", protocol="UDP", remote_port="53", grouping="Core Networking"),
            Rule(
                "File and Printer Sharing (Echo Request - ICMPv4-In)",
                protocol="ICMPv4",
                enabled=False,
                icmp=("8", "Any"),
                grouping="File and Printer Sharing",
            ),
        ]
        self.states = dict.fromkeys(PROFILE_BITS, True)

    def named(self, name: str) -> list[Rule]:
        """Rules of that name, without case; ``all`` gives every rule."""
        return [rule for rule in self.rules if name.lower() in ("all", rule.name.lower())]

    def remove(self, rules: list[Rule]) -> int:
        """Remove these rules; how many there were."""
        self.rules = [rule for rule in self.rules if rule not in rules]
        return len(rules)
