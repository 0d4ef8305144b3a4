# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netsh.exe: the contexts advfirewall and interface portproxy; all others are refused (native-tools.md 5)."""

from __future__ import annotations

from . import netsh_firewall, netsh_portproxy
from .process import Process, program

_ELEVATION = "The requested operation requires elevation (Run as administrator).\n\n"


@program("netsh.exe")
async def netsh(process: Process) -> int:
    words = process.arguments[1:]
    lowered = [word.lower() for word in words]
    if lowered[:1] in (["int"], ["interface"]) and lowered[1:2] == ["portproxy"]:
        action, rest = netsh_portproxy.run, words[2:]
        reading = lowered[2:3] in (["show"], ["dump"])
    elif lowered[:1] == ["advfirewall"]:
        action, rest = netsh_firewall.run, words[1:]
        reading = "show" in lowered[1:3]
    else:
        return await not_found(process)
    if not reading and not process.elevated:
        await process.print(process.say(_ELEVATION))
        return 1
    code = await action(process, rest)
    return await not_found(process) if code is None else code


async def not_found(process: Process) -> int:
    """A command netsh does not have, or this simulation of it."""
    process.machine.log("refused", process.command_line)
    await process.print(process.say("The following command was not found: {}.\n", " ".join(process.arguments[1:])))
    return 1
