# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""root/StandardCimv2: firewall rules with their port and address filters and the profiles (native-tools.md 6; property sets as documented).

A rule and its filters share their InstanceID, so that one is found from the other without ASSOCIATORS OF. Creating rules through CIM wants
context options that no source describes: not simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .cim import CimClass, Instance, Value
from .cim_rows import row, types
from .firewall import Rule

if TYPE_CHECKING:
    from .machine import Machine

_NAMESPACE = "root/standardcimv2"
_RULE = types(
    "string: Caption CommonName CreationClassName Description DisplayGroup DisplayName ElementName InstanceID Owner PolicyDecisionStrategy "
    "PolicyKeywords PolicyRoles PolicyRuleName PolicyStoreSource RuleGroup RuleUsage Status StatusCode SystemCreationClassName SystemName",
    "uint16: Action ConditionListType Direction EdgeTraversalPolicy Enabled ExecutionStrategy PolicyStoreSourceType PrimaryStatus Priority "
    "Profiles SequencedActions",
    "boolean: LocalOnlyMapping LooseSourceMapping Mandatory",
    "string[]: EnforcementStatus Platforms",
)
_PORTS = types(
    "string: Caption CreationClassName Description ElementName InstanceID Name Protocol SystemCreationClassName SystemName",
    "boolean: IsNegated",
    "string[]: IcmpType LocalPort RemotePort",
    "uint32: DynamicTransport",
)
_ADDRESSES = types(
    "string: Caption CreationClassName Description ElementName InstanceID Name SystemCreationClassName SystemName",
    "boolean: IsNegated",
    "string[]: LocalAddress RemoteAddress",
)
_PROFILE = types(
    "string: Caption Description ElementName InstanceID Name",
    "uint16: AllowInboundRules AllowLocalFirewallRules DefaultInboundAction DefaultOutboundAction Enabled NotifyOnListen",
)


def _rules(machine: Machine) -> list[Instance]:
    return [
        row(
            _RULE,
            Action=2 if rule.action == "Allow" else 4,
            CreationClassName=f"MSFT|FW|FirewallRule|{rule.id}",
            Description=rule.description or None,
            Direction=1 if rule.direction == "In" else 2,
            DisplayGroup=rule.grouping or None,
            DisplayName=rule.name,
            EdgeTraversalPolicy=0 if rule.edge == "No" else 1,
            ElementName=rule.name,
            Enabled=1 if rule.enabled else 2,
            InstanceID=rule.id,
            LocalOnlyMapping=False,
            LooseSourceMapping=False,
            PolicyStoreSource="PersistentStore",
            PolicyStoreSourceType=1,
            PrimaryStatus=1,
            Profiles=rule.profile_bits,
            RuleGroup=rule.grouping or None,
            Status="The rule was parsed successfully from the store.",
        )
        for rule in machine.firewall.rules
    ]


def _words(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _ports(machine: Machine) -> list[Instance]:
    return [
        row(
            _PORTS,
            CreationClassName=f"MSFT|FW|FirewallRule|{rule.id}",
            DynamicTransport=0,
            IcmpType=[rule.icmp[0]] if rule.icmp else None,
            InstanceID=rule.id,
            LocalPort=_words(rule.local_port),
            Protocol=rule.protocol,
            RemotePort=_words(rule.remote_port),
        )
        for rule in machine.firewall.rules
    ]


def _addresses(machine: Machine) -> list[Instance]:
    return [
        row(
            _ADDRESSES,
            CreationClassName=f"MSFT|FW|FirewallRule|{rule.id}",
            InstanceID=rule.id,
            LocalAddress=_words(rule.local_ip),
            RemoteAddress=_words(rule.remote_ip),
        )
        for rule in machine.firewall.rules
    ]


def _profiles(machine: Machine) -> list[Instance]:
    return [
        row(
            _PROFILE,
            AllowInboundRules=2,
            DefaultInboundAction=0,
            DefaultOutboundAction=0,
            Enabled=1 if on else 0,
            InstanceID=f"MSFT|FW|FirewallProfile|{name}",
            Name=name,
        )
        for name, on in machine.firewall.states.items()
    ]


def _find(machine: Machine, instance: Instance | None) -> Rule | None:
    wanted = instance["InstanceID"] if instance else None
    return next((rule for rule in machine.firewall.rules if rule.id == wanted), None)


async def _enable(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    return _switch(machine, instance, on=True)


async def _disable(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    return _switch(machine, instance, on=False)


def _switch(machine: Machine, instance: Instance | None, *, on: bool) -> Instance:
    rule = _find(machine, instance)
    if rule is None:
        return {"ReturnValue": 2}
    if not machine.switches.elevated:
        return {"ReturnValue": 5}
    rule.enabled = on
    return {"ReturnValue": 0}


async def _rename(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """It changes the rule's identity, not the name people read (*unverified*)."""
    rule = _find(machine, instance)
    name = parameters.get("NewName")
    if rule is None or not name or any(other.id.lower() == name.lower() for other in machine.firewall.rules):
        return {"ReturnValue": 2 if rule is None else 87}
    rule.id = name
    return {"ReturnValue": 0}


_METHODS = {"Enable": _enable, "Disable": _disable, "Rename": _rename}

CLASSES = [
    CimClass(
        "MSFT_NetFirewallRule",
        _NAMESPACE,
        _RULE,
        ("InstanceID",),
        _rules,
        methods=_METHODS,
        inputs={"Rename": {"NewName": "string"}},
        outputs={name: {"ReturnValue": "uint32"} for name in _METHODS},
    ),
    CimClass("MSFT_NetProtocolPortFilter", _NAMESPACE, _PORTS, ("InstanceID",), _ports),
    CimClass("MSFT_NetAddressFilter", _NAMESPACE, _ADDRESSES, ("InstanceID",), _addresses),
    CimClass("MSFT_NetFirewallProfile", _NAMESPACE, _PROFILE, ("InstanceID",), _profiles),
]
