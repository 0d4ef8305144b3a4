# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netsh interface portproxy: forwardings, kept in the registry (native-tools.md 5, where the place is uncertain; native/netsh-portproxy-show-all.txt).

Nothing is forwarded here. Adding one that exists replaces it; the texts of a failure are *unverified*.
"""

from __future__ import annotations

from ..windows.messages import system_message
from ..windows.registry import REG_SZ
from .process import Process

_KEY = "SYSTEM\\CurrentControlSet\\Services\\PortProxy\\{}\\tcp"
_FAMILIES = {"v4tov4": ("ipv4", "ipv4"), "v4tov6": ("ipv4", "ipv6"), "v6tov4": ("ipv6", "ipv4"), "v6tov6": ("ipv6", "ipv6")}


async def run(process: Process, words: list[str]) -> int | None:
    """What follows ``netsh interface portproxy``. None: there is no such command."""
    verb, what = ([*(word.lower() for word in words), "", ""])[:2]
    if verb == "reset" and len(words) == 1:
        for family in _FAMILIES:
            process.machine.registry.delete_key(_KEY.format(family))
        await process.print("\n")
        return 0
    if verb == "show" and (what == "all" or what in _FAMILIES):
        await process.print("".join(_table(process, family) for family in _FAMILIES if what in ("all", family)))
        return 0
    fields = _fields(words[2:])
    if verb not in ("add", "set", "delete") or what not in _FAMILIES or fields is None or "listenport" not in fields:
        return None
    return await (_remove(process, what, fields) if verb == "delete" else _add(process, what, fields))


def _fields(words: list[str]) -> dict[str, str] | None:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name.lower() not in ("listenport", "listenaddress", "connectport", "connectaddress", "protocol"):
            return None
        found[name.lower()] = value
    return found


def _table(process: Process, family: str) -> str:
    """Empty when there is no forwarding (native-tools.md 5)."""
    key = process.machine.registry.key(_KEY.format(family))
    if key is None or not key.values:
        return ""
    listen, connect = _FAMILIES[family]
    head = f"{process.say('Listen on {}:', listen):<28}{process.say('Connect to {}:', connect)}"
    titles = f"{process.say('Address'):<16}{process.say('Port'):<12}{process.say('Address'):<16}{process.say('Port')}"
    rows = [f"\n{head}\n\n{titles}\n{'-' * 15} {'-' * 10}  {'-' * 15} {'-' * 10}\n"]
    for value in key.values.values():
        address, _unused, port = value.name.rpartition("/")
        target, _unused, target_port = str(value.data).rpartition("/")
        rows.append(f"{address:<16}{port:<12}{target:<16}{target_port}\n")
    return "".join(rows) + "\n"


def _place(fields: dict[str, str]) -> str:
    return f"{fields.get('listenaddress', '*')}/{fields['listenport']}"


async def _add(process: Process, family: str, fields: dict[str, str]) -> int | None:
    ports = [fields["listenport"], fields.get("connectport", fields["listenport"])]
    if "connectaddress" not in fields or not all(port.isdigit() and 0 < int(port) < 65536 for port in ports):
        return None
    target = f"{fields['connectaddress']}/{ports[1]}"
    process.machine.registry.set(_KEY.format(family), _place(fields), target, REG_SZ)
    await process.print("\n")
    return 0


async def _remove(process: Process, family: str, fields: dict[str, str]) -> int:
    if process.machine.registry.delete_value(_KEY.format(family), _place(fields)):
        await process.print(f"\n{process.say(system_message(2))}\n\n")
        return 1
    await process.print("\n")
    return 0
