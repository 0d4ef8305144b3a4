# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netsh.exe advfirewall firewall: show, add and delete rule (native-tools.md 5)."""

from __future__ import annotations

from ..windows.firewall import Rule
from .process import Process, program

_FIELDS = {"name", "dir", "action", "protocol", "localport", "remoteip", "profile", "enable", "verbose", "remoteport", "localip", "program"}


def _shown(rule: Rule) -> str:
    rows = [
        ("Enabled", "Yes" if rule.enabled else "No"),
        ("Direction", rule.direction),
        ("Profiles", rule.profiles),
        ("Grouping", rule.grouping),
        ("LocalIP", "Any"),
        ("RemoteIP", rule.remote_ip),
        ("Protocol", rule.protocol),
    ]
    if rule.protocol != "Any":
        rows += [("LocalPort", rule.local_port), ("RemotePort", "Any")]
    rows += [("Edge traversal", "No"), ("Action", rule.action)]
    text = f"\n{'Rule Name:':<38}{rule.name}\n{'-' * 70}\n"
    return text + "".join(f"{name + ':':<38}{value}".rstrip() + "\n" for name, value in rows)


def _fields(words: list[str]) -> dict[str, str] | None:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name.lower() not in _FIELDS or not (equals or name.lower() == "verbose"):
            return None
        found[name.lower()] = value
    return found


def _rule(fields: dict[str, str]) -> Rule:
    profiles = fields.get("profile", "any")
    return Rule(
        fields["name"],
        fields.get("dir", "in").capitalize(),
        fields.get("action", "allow").capitalize(),
        fields.get("protocol", "any").upper() if fields.get("protocol", "any").lower() != "any" else "Any",
        fields.get("localport", "Any"),
        fields.get("remoteip", "Any"),
        "Domain,Private,Public" if profiles.lower() == "any" else ",".join(part.capitalize() for part in profiles.split(",")),
        fields.get("enable", "yes").lower() == "yes",
    )


@program("netsh.exe")
async def netsh(process: Process) -> int:
    words = process.arguments[1:]
    verb = words[2].lower() if len(words) > 3 else ""
    fields = _fields(words[4:])
    if (
        [word.lower() for word in words[:2]] != ["advfirewall", "firewall"]
        or verb not in ("show", "add", "delete")
        or not fields
        or "name" not in fields
    ):
        process.machine.log("refused", process.command_line)
        await process.print(f"The following command was not found: {' '.join(words)}.\n")
        return 1
    firewall = process.machine.firewall
    if verb == "show":
        found = firewall.named(fields["name"])
        await process.print("".join(map(_shown, found)) + "Ok.\n\n" if found else "\nNo rules match the specified criteria.\n")
        return 0 if found else 1
    if not process.elevated:
        await process.print("The requested operation requires elevation (Run as administrator).\n\n")
        return 1
    if verb == "delete":
        count = firewall.delete(fields["name"])
        await process.print(f"\nDeleted {count} rule(s).\nOk.\n\n" if count else "\nNo rules match the specified criteria.\n")
        return 0 if count else 1
    firewall.rules.append(_rule(fields))
    await process.print("Ok.\n\n")
    return 0
