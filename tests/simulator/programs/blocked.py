# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PowerShell and other script hosts: a locked-down machine, where they are blocked by policy. Every attempt is logged as refused."""

from __future__ import annotations

from ..windows.messages import system_message
from .process import Process, program

#: Whoever runs a module that needs PowerShell should not have to guess that the machine is none.
_SIMULATED = "This host is simulated and has no PowerShell: only what works without PowerShell can run here."


async def blocked(process: Process) -> int:
    process.machine.log("refused", f"blocked by policy: {process.command_line}")
    await process.complain(f"{system_message(1260)}\n{_SIMULATED}\n")
    return 1260


for _name in ("powershell.exe", "pwsh.exe", "wmic.exe", "cscript.exe", "wscript.exe"):
    program(_name)(blocked)
