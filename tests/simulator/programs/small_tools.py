# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that only tell: where, whoami, hostname, tasklist, taskkill, bcdedit, hcsdiag, systeminfo."""

from __future__ import annotations

import asyncio
import fnmatch

from ..windows.files import File, absolute
from .process import Process, program


@program("where.exe")
async def where(process: Process) -> int:
    """Every match in the current folder and along PATH; exit code 1 when there is none (native-tools.md 5, unverified)."""
    patterns = [word for word in process.arguments[1:] if not word.startswith("/")]
    folders = [process.working_directory, *process.environment.get("PATH", "").split(";")]
    extensions = ["", *process.environment.get("PATHEXT", "").lower().split(";")]
    files = process.machine.files
    found: list[str] = []
    for pattern in patterns:
        for folder in filter(None, folders):
            children = files.list(absolute(folder)) if files.is_folder(folder) else []
            for child in children:
                match = any(fnmatch.fnmatchcase(child.name.lower(), pattern.lower() + extension) for extension in extensions)
                path = absolute(child.name, files.real_path(folder))
                if match and isinstance(child, File) and path not in found:
                    found.append(path)
    if not found:
        await process.complain("INFO: Could not find files for the given pattern(s).\n")
        return 1
    await process.print("".join(f"{path}\n" for path in found))
    return 0


@program("whoami.exe")
async def whoami(process: Process) -> int:
    if len(process.arguments) > 1:
        process.machine.log("refused", process.command_line)
        await process.complain("ERROR: Invalid argument/option - '" + process.arguments[1] + "'.\n")
        return 1
    user = process.user or process.environment.get("USERNAME", "system")
    await process.print((user if "\\" in user else f"{process.machine.name}\\{user}").lower() + "\n")
    return 0


@program("hostname.exe")
async def hostname(process: Process) -> int:
    await process.print(f"{process.machine.name}\n")
    return 0


def _filtered(process: Process, words: list[str]) -> list[str] | None:
    """Image name of ``/fi "imagename eq X"`` filters; None when a filter is not of that form."""
    names = []
    for index, word in enumerate(words):
        if word.lower() == "/fi":
            parts = words[index + 1].split() if index + 1 < len(words) else []
            if len(parts) != 3 or parts[0].lower() != "imagename" or parts[1].lower() != "eq":
                return None
            names.append(parts[2].lower())
    return names


@program("tasklist.exe")
async def tasklist(process: Process) -> int:
    words = process.arguments[1:]
    names = _filtered(process, words)
    lowered = [word.lower() for word in words]
    if names is None or (set(lowered) & {"/m", "/svc", "/v", "/s"}):
        process.machine.log("refused", process.command_line)
        await process.complain("ERROR: Invalid argument/option.\n")
        return 1
    rows = [row for row in process.machine.processes.all() if all(fnmatch.fnmatchcase(row.name.lower(), name) for name in names)]
    if not rows:
        await process.print("INFO: No tasks are running which match the specified criteria.\n")
        return 0
    if "csv" in lowered:
        head = '"Image Name","PID","Session Name","Session#","Mem Usage"\n'
        lines = [f'"{row.name}","{row.pid}","{"Services" if row.session == 0 else ""}","{row.session}","8,192 K"\n' for row in rows]
    else:
        head = f"\n{'Image Name':<25} {'PID':>8} {'Session Name':<16} {'Session#':>11} {'Mem Usage':>12}\n"
        head += f"{'=' * 25} {'=' * 8} {'=' * 16} {'=' * 11} {'=' * 12}\n"
        lines = [
            f"{row.name[:25]:<25} {row.pid:>8} {'Services' if row.session == 0 else '':<16} {row.session:>11} {'8,192 K':>12}\n"
            for row in rows
        ]
    await process.print(("" if "/nh" in lowered else head) + "".join(lines))
    return 0


@program("taskkill.exe")
async def taskkill(process: Process) -> int:
    words = [word.lower() for word in process.arguments[1:]]
    table = process.machine.processes
    wanted = dict(zip(words, words[1:], strict=False))
    if "/pid" in wanted and wanted["/pid"].isdigit():
        row = table.get(int(wanted["/pid"]))
        rows, what = [row] if row else [], wanted["/pid"]
    elif "/im" in wanted:
        rows, what = table.named(wanted["/im"]), wanted["/im"]
    else:
        process.machine.log("refused", process.command_line)
        await process.complain("ERROR: Invalid syntax.\n")
        return 1
    if not rows:
        await process.complain(f'ERROR: The process "{what}" not found.\n')
        return 128
    for row in rows:
        if row.kill is None:
            await process.complain(f"ERROR: The process with PID {row.pid} could not be terminated.\nReason: Access is denied.\n")
            return 1
        row.kill()
        await asyncio.sleep(0)
        await process.print(f"SUCCESS: The process with PID {row.pid} has been terminated.\n")
    return 0


@program("bcdedit.exe")
async def bcdedit(process: Process) -> int:
    """``bcdedit [/enum]`` and ``bcdedit /set hypervisorlaunchtype auto|off`` (native-tools.md 5)."""
    words = [word.lower() for word in process.arguments[1:]]
    machine = process.machine
    if not process.elevated:
        await process.complain("The boot configuration data store could not be opened.\nAccess is denied.\n")
        return 1
    if words[:1] == ["/set"] and words[-2:-1] == ["hypervisorlaunchtype"] and words[-1] in ("auto", "off"):
        machine.power.hypervisor_launch = words[-1].capitalize()
        await process.print("The operation completed successfully.\n")
        return 0
    if words and words[0] != "/enum":
        machine.log("refused", process.command_line)
        await process.complain('The specified command is not valid.\nRun "bcdedit /?" for command line assistance.\n')
        return 1
    rows = [
        ("identifier", "{current}"),
        ("device", "partition=C:"),
        ("path", "\\Windows\\system32\\winload.efi"),
        ("description", "Windows Server" if machine.profile.is_server else "Windows 11"),
        ("locale", "en-US"),
        ("osdevice", "partition=C:"),
        ("systemroot", "\\Windows"),
        ("nx", "OptOut" if machine.profile.is_server else "OptIn"),
        ("bootmenupolicy", "Standard"),
    ]
    if "hypervisor" in machine.features.provided() or machine.power.hypervisor_launch == "Off":
        rows.append(("hypervisorlaunchtype", machine.power.hypervisor_launch))
    await process.print("\nWindows Boot Loader\n-------------------\n" + "".join(f"{name:<24}{value}\n" for name, value in rows))
    return 0


@program("hcsdiag.exe")
async def hcsdiag(process: Process) -> int:
    """``hcsdiag list``: two lines for each compute system (native/hcsdiag-list-one-vm.txt)."""
    if [word.lower() for word in process.arguments[1:]] != ["list"]:
        process.machine.log("refused", process.command_line)
        await process.print("hcsdiag <command> [options...]\n")
        return 1
    if not process.elevated:
        await process.complain("Only administrators or users that are members of the Hyper-V Administrators user group are permitted\n")
        return 1
    for name, (kind, state, guid, owner) in process.machine.compute_systems.items():
        await process.print(f"{name}\n    {kind + ',':<26}\t{state}, {guid.upper()}, {owner}\n")
    return 0


@program("systeminfo.exe")
async def systeminfo(process: Process) -> int:
    machine, profile, platform = process.machine, process.machine.profile, process.machine.platform
    rows = [
        ("Host Name", machine.name),
        ("OS Name", profile.caption),
        ("OS Version", f"{profile.version} N/A Build {profile.build}"),
        ("OS Manufacturer", "Microsoft Corporation"),
        ("OS Configuration", "Standalone Server" if profile.is_server else "Standalone Workstation"),
        ("OS Build Type", "Multiprocessor Free"),
        ("System Boot Time", machine.boot_time.strftime("%-m/%-d/%Y, %-I:%M:%S %p")),
        ("System Manufacturer", platform.manufacturer),
        ("System Model", platform.model),
        ("System Type", "x64-based PC"),
        ("BIOS Version", f"{platform.bios_manufacturer} {platform.smbios_version}, {platform.bios_date:%-m/%-d/%Y}"),
        ("Windows Directory", "C:\\Windows"),
        ("System Directory", "C:\\Windows\\system32"),
        ("Total Physical Memory", f"{machine.memory_bytes // 1024**2:,} MB"),
    ]
    if machine.hypervisor_present:
        rows.append(("Hyper-V Requirements", "A hypervisor has been detected. Features required for Hyper-V will not be displayed."))
    else:
        firmware = "Yes" if machine.virtualization_firmware else "No"
        rows.append(("Hyper-V Requirements", "VM Monitor Mode Extensions: Yes"))
        rows += [("", text) for text in (f"Virtualization Enabled In Firmware: {firmware}", "Second Level Address Translation: Yes")]
        rows.append(("", "Data Execution Prevention Available: Yes"))
    await process.print("\n" + "".join(f"{name + ':' if name else '':<27}{value}\n" for name, value in rows))
    return 0
