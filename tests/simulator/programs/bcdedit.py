# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bcdedit.exe: shows the boot entry, switches the hypervisor (native-tools.md 5; native/bcdedit-enum-boot-loader-win8.txt).

Names of fields are not translated (native-tools.md 5); failures' texts are *unverified*.
"""

from __future__ import annotations

from .process import Process, program


@program("bcdedit.exe")
async def bcdedit(process: Process) -> int:
    """``bcdedit [/enum]`` and ``bcdedit /set hypervisorlaunchtype auto|off`` (native-tools.md 5)."""
    words = [word.lower() for word in process.arguments[1:]]
    machine = process.machine
    if not process.elevated:
        await process.complain("The boot configuration data store could not be opened.\nAccess is denied.\n")
        return 1
    if words[:1] == ["/set"] and words[-2:-1] == ["hypervisorlaunchtype"] and words[-1] in ("auto", "off"):
        if words[1:-2] not in ([], ["{current}"]):
            await process.complain("The entry list data is not valid as specified.\nThe parameter is incorrect.\n")
            return 1
        machine.power.hypervisor_launch = words[-1].capitalize()
        await process.print(process.say("The operation completed successfully.") + "\n")
        return 0
    if words and words[0] != "/enum":
        machine.log("refused", process.command_line)
        await process.complain('The specified command is not valid.\nRun "bcdedit /?" for command line assistance.\n')
        return 1
    rows = [
        ("identifier", "{current}"),
        ("device", "partition=C:"),
        ("path", "\\Windows\\system32\\winload.efi"),
        ("description", "Windows Server" if machine.profile.is_server else machine.profile.caption[10:20]),
        ("locale", machine.language.name),
        ("inherit", "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}"),
        ("recoverysequence", "{94254879-b1c9-11e1-bd5c-beae0a39fe08}"),
        ("recoveryenabled", machine.language.say("Yes")),
        ("isolatedcontext", machine.language.say("Yes")),
        ("allowedinmemorysettings", "0x15000075"),
        ("osdevice", "partition=C:"),
        ("systemroot", "\\Windows"),
        ("resumeobject", "{94254877-b1c9-11e1-bd5c-beae0a39fe08}"),
        ("nx", "OptOut" if machine.profile.is_server else "OptIn"),
        ("bootmenupolicy", "Standard"),
    ]
    if words[1:] not in ([], ["{current}"], ["all"], ["active"]):
        await process.complain("The specified entry type is invalid.\nThe parameter is incorrect.\n")
        return 1
    if "hypervisor" in machine.features.provided() or machine.power.hypervisor_launch == "Off":
        rows.append(("hypervisorlaunchtype", machine.power.hypervisor_launch))
    await process.print("\nWindows Boot Loader\n-------------------\n" + "".join(f"{name:<24}{value}\n" for name, value in rows))
    return 0
