# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netsh advfirewall: rules and the profiles' states (native-tools.md 5; native/netsh-show-rule-*.txt).

The rows that ``verbose`` adds stand where a paste of a German Windows has them; the texts of ``set`` and of the profiles are *unverified*.
"""

from __future__ import annotations

import re

from ..windows.firewall import PROFILE_BITS, Rule
from .process import Process

_FIELDS = {
    "name", "dir", "action", "protocol", "localport", "remoteip", "profile", "enable", "remoteport", "localip", "program", "service",
    "description", "edge", "interfacetype", "security", "group", "type", "status",
}  # fmt: skip
_PORTS = re.compile(r"any|rpc|rpc-epmap|iphttps|teredo|\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*", re.IGNORECASE)
_VALUES = {
    "dir": re.compile("in|out", re.IGNORECASE),
    "action": re.compile("allow|block|bypass", re.IGNORECASE),
    "enable": re.compile("yes|no", re.IGNORECASE),
    "localport": _PORTS,
    "remoteport": _PORTS,
}
_OK = "Ok."
_NO_MATCH = "\nNo rules match the specified criteria.\n"


async def run(process: Process, words: list[str]) -> int | None:
    """What follows ``netsh advfirewall``. None: there is no such command."""
    lowered = [word.lower() for word in words]
    if lowered[:1] == ["firewall"] and len(words) > 3 and lowered[2] == "rule":
        return await _rules(process, lowered[1], words[3:])
    if lowered[:1] == ["show"] and len(lowered) in (2, 3):
        return await _show_profiles(process, lowered[1], lowered[2:])
    if lowered[:1] == ["set"] and lowered[2:3] == ["state"] and lowered[3:] in (["on"], ["off"]):
        return await _set_profiles(process, lowered[1], on=lowered[3] == "on")
    return None


def _fields(words: list[str]) -> dict[str, str] | None:
    """``name=value`` words; ``verbose`` alone. None for one that is neither."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if word.lower() == "verbose":
            found["verbose"] = ""
        elif equals and name.lower() in _FIELDS:
            found[name.lower()] = value
        else:
            return None
    return found


async def _rules(process: Process, verb: str, words: list[str]) -> int | None:
    new: dict[str, str] | None = {}
    if verb == "set" and "new" in [word.lower() for word in words]:
        position = [word.lower() for word in words].index("new")
        new = _fields(words[position + 1 :])
        words = words[:position]
    fields = _fields(words)
    if not fields or new is None or not ({"name", "group"} & set(fields)):
        return None
    if verb == "show":
        return await _show(process, fields)
    if verb == "delete":
        return await _delete(process, fields)
    if verb == "set" and new:
        return await _set(process, fields, new)
    if verb == "add" and {"name", "dir", "action"} <= set(fields):
        return await _add(process, fields)
    return None


def _matching(process: Process, fields: dict[str, str]) -> list[Rule]:
    firewall = process.machine.firewall
    rules = firewall.named(fields.get("name", "all"))
    if "group" in fields:
        rules = [rule for rule in rules if rule.grouping.lower() == fields["group"].lower()]
    wanted = {"dir": "direction", "protocol": "protocol", "localport": "local_port", "remoteip": "remote_ip", "program": "program"}
    for field, attribute in wanted.items():
        if field in fields:
            rules = [rule for rule in rules if str(getattr(rule, attribute)).lower() == fields[field].lower()]
    return rules


async def _no_match(process: Process) -> int:
    """The code is disputed (native-tools.md 5): a switch."""
    await process.print(process.say(_NO_MATCH))
    return process.machine.switches.netsh_no_match_code


async def _show(process: Process, fields: dict[str, str]) -> int:
    rules = _matching(process, fields)
    if not rules:
        return await _no_match(process)
    await process.print("".join(_shown(process, rule, verbose="verbose" in fields) for rule in rules) + process.say(_OK) + "\n\n")
    return 0


def _shown(process: Process, rule: Rule, *, verbose: bool) -> str:
    def words(text: str) -> str:
        return ",".join(process.say(part) for part in text.split(","))

    rows = [("Description", rule.description)] if verbose and rule.description else []
    rows += [
        ("Enabled", words("Yes" if rule.enabled else "No")),
        ("Direction", words(rule.direction)),
        ("Profiles", words(rule.profiles)),
        ("Grouping", rule.grouping),
        ("LocalIP", words(rule.local_ip)),
        ("RemoteIP", words(rule.remote_ip)),
        ("Protocol", words(rule.protocol)),
    ]
    if rule.icmp:
        rows += [("", f"{process.say('Type'):<8}{process.say('Code')}"), ("", f"{rule.icmp[0]:<8}{words(rule.icmp[1])}")]
    elif rule.protocol != "Any":
        rows += [("LocalPort", words(rule.local_port)), ("RemotePort", words(rule.remote_port))]
    rows.append(("Edge traversal", words(rule.edge)))
    if verbose:
        rows += [("Program", rule.program)] if rule.program else []
        rows += [("Service", rule.service)] if rule.service else []
        rows += [
            ("InterfaceTypes", words(rule.interface_types)),
            ("Security", words("NotRequired")),
            ("Rule source", words("Local Setting")),
        ]
    rows.append(("Action", words(rule.action)))
    text = f"\n{process.say('Rule Name:'):<38}{rule.name}\n{'-' * 70}\n"
    return text + "".join(f"{process.say(name + ':') if name else '':<38}{value}".rstrip() + "\n" for name, value in rows)


async def _delete(process: Process, fields: dict[str, str]) -> int:
    count = process.machine.firewall.remove(_matching(process, fields))
    if not count:
        return await _no_match(process)
    await process.print(process.say("\nDeleted {} rule(s).\n", count) + process.say(_OK) + "\n\n")
    return 0


async def _set(process: Process, fields: dict[str, str], new: dict[str, str]) -> int:
    rules = _matching(process, fields)
    if not rules:
        return await _no_match(process)
    if _wrong(new):
        return await _refuse_value(process)
    for rule in rules:
        _apply(rule, new)
    await process.print(process.say("\nUpdated {} rule(s).\n", len(rules)) + process.say(_OK) + "\n\n")
    return 0


async def _add(process: Process, fields: dict[str, str]) -> int:
    """It never complains about one that exists: two rules then have the name (native-tools.md 5)."""
    if _wrong(fields):
        return await _refuse_value(process)
    rule = Rule(fields["name"], protocol="Any", grouping="")
    _apply(rule, fields)
    process.machine.firewall.rules.append(rule)
    await process.print(process.say(_OK) + "\n\n")
    return 0


def _wrong(fields: dict[str, str]) -> bool:
    return any(not shape.fullmatch(fields[name]) for name, shape in _VALUES.items() if name in fields)


async def _refuse_value(process: Process) -> int:
    process.machine.log("refused", process.command_line)
    await process.print("\nA specified value is not valid.\n\n")
    return 1


def _apply(rule: Rule, fields: dict[str, str]) -> None:
    plain = {
        "localport": "local_port",
        "remoteport": "remote_port",
        "localip": "local_ip",
        "remoteip": "remote_ip",
        "program": "program",
        "service": "service",
        "description": "description",
        "interfacetype": "interface_types",
    }
    for field, attribute in plain.items():
        if field in fields:
            setattr(rule, attribute, "Any" if fields[field].lower() == "any" else fields[field])
    if "dir" in fields:
        rule.direction = fields["dir"].capitalize()
    if "action" in fields:
        rule.action = fields["action"].capitalize()
    if "enable" in fields:
        rule.enabled = fields["enable"].lower() == "yes"
    if "edge" in fields:
        rule.edge = fields["edge"].capitalize()
    if "profile" in fields:
        wanted = fields["profile"].lower()
        rule.profiles = ",".join(PROFILE_BITS) if wanted == "any" else ",".join(part.strip().capitalize() for part in wanted.split(","))
    if "protocol" in fields:
        name, _unused, icmp = fields["protocol"].partition(":")
        rule.protocol = {"any": "Any", "icmpv4": "ICMPv4", "icmpv6": "ICMPv6"}.get(name.lower(), name.upper())
        if rule.protocol.startswith("ICMP"):
            kind, _unused, code = icmp.partition(",")
            rule.icmp = (kind.capitalize() or "Any", code.capitalize() or "Any")


def _profiles(which: str) -> list[str] | None:
    if which == "allprofiles":
        return list(PROFILE_BITS)
    return next(([name] for name in PROFILE_BITS if which == f"{name.lower()}profile"), None)


async def _show_profiles(process: Process, which: str, rest: list[str]) -> int | None:
    names = _profiles(which)
    if names is None or rest not in ([], ["state"]):
        return None
    states = process.machine.firewall.states
    for name in names:
        head = process.say(f"{name} Profile Settings:")
        state = process.say("ON" if states[name] else "OFF")
        await process.print(f"\n{head} \n{'-' * 70}\n{process.say('State'):<38}{state}\n")
    await process.print(process.say(_OK) + "\n\n")
    return 0


async def _set_profiles(process: Process, which: str, *, on: bool) -> int | None:
    names = _profiles(which)
    if names is None:
        return None
    process.machine.firewall.states.update(dict.fromkeys(names, on))
    await process.print(process.say(_OK) + "\n\n")
    return 0
