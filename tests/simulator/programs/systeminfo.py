# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""systeminfo.exe: facts as text, translated and slow (native-tools.md 5; native/systeminfo-*.txt).

Rows stand in the recorded order (Server 2025 on EC2); those after it, and the widths of other languages, are *unverified*.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ..windows.cim_network import ADDRESS, GATEWAY
from .process import Process, program

_HYPERVISOR = "A hypervisor has been detected. Features required for Hyper-V will not be displayed."


def _time(process: Process, moment: datetime) -> str:
    if process.machine.language.english:
        return moment.strftime("%-m/%-d/%Y, %-I:%M:%S %p")
    return moment.strftime("%d.%m.%Y, %H:%M:%S")


def _size(process: Process, size: int) -> str:
    text = f"{size // 1024**2:,} MB"
    return text if process.machine.language.english else text.replace(",", ".")


def _hyperv_rows(process: Process) -> list[tuple[str, str]]:
    """One row beside a hypervisor, else four (their exact texts are *unverified*)."""
    machine = process.machine
    if machine.hypervisor_present:
        return [("Hyper-V Requirements", process.say(_HYPERVISOR))]
    firmware = "Yes" if machine.virtualization_firmware else "No"
    facts = [
        ("VM Monitor Mode Extensions", "Yes"),
        ("Virtualization Enabled In Firmware", firmware),
        ("Second Level Address Translation", "Yes"),
        ("Data Execution Prevention Available", "Yes"),
    ]
    texts = [f"{process.say(name)}: {process.say(value)}" for name, value in facts]
    return [("Hyper-V Requirements", texts[0]), *(("", text) for text in texts[1:])]


def _rows(process: Process) -> list[tuple[str, str]]:
    machine, profile, platform = process.machine, process.machine.profile, process.machine.platform
    names = {"Standalone Server": profile.is_server, "Standalone Workstation": not profile.is_server}
    locale = {"en-US": "en-us;English (United States)", "de-DE": "de;Deutsch (Deutschland)"}.get(
        machine.language.name, machine.language.name
    )
    free = machine.memory_bytes * 3 // 4
    return [
        ("Host Name", machine.name),
        ("OS Name", profile.caption),
        ("OS Version", process.say("{} N/A Build {}", profile.version, profile.build)),
        ("OS Manufacturer", "Microsoft Corporation"),
        ("OS Configuration", process.say(next(name for name, applies in names.items() if applies))),
        ("OS Build Type", "Multiprocessor Free"),
        ("Registered Owner", "Windows User"),
        ("Registered Organization", ""),
        ("Product ID", "00454-40000-00001-AA105"),
        ("Original Install Date", _time(process, datetime(2026, 3, 2, 9, 14, 7, tzinfo=UTC))),
        ("System Boot Time", _time(process, machine.boot_time)),
        ("System Manufacturer", platform.manufacturer),
        ("System Model", platform.model),
        ("System Type", "x64-based PC"),
        ("Processor(s)", process.say("1 Processor(s) Installed.")),
        ("", "[01]: Intel64 Family 6 Model 106 Stepping 6 GenuineIntel ~2095 Mhz"),
        ("BIOS Version", f"{platform.bios_manufacturer} {platform.smbios_version}, {platform.bios_date:%-m/%-d/%Y}"),
        ("Windows Directory", "C:\\Windows"),
        ("System Directory", "C:\\Windows\\system32"),
        ("Boot Device", "\\Device\\HarddiskVolume1"),
        ("System Locale", locale),
        ("Input Locale", locale),
        ("Time Zone", "(UTC) Coordinated Universal Time"),
        ("Total Physical Memory", _size(process, machine.memory_bytes)),
        ("Available Physical Memory", _size(process, free)),
        ("Virtual Memory: Max Size", _size(process, machine.memory_bytes + 1280 * 1024**2)),
        ("Virtual Memory: Available", _size(process, free + 1280 * 1024**2)),
        ("Virtual Memory: In Use", _size(process, machine.memory_bytes - free)),
        ("Page File Location(s)", "C:\\pagefile.sys"),
        ("Domain", "WORKGROUP"),
        ("Logon Server", "N/A"),
        ("Hotfix(s)", process.say("1 Hotfix(s) Installed.")),
        ("", f"[01]: KB50{profile.revision % 100000:05d}"),
        ("Network Card(s)", process.say("1 NIC(s) Installed.")),
        ("", "[01]: Ethernet"),
        ("", f"      [01]: {ADDRESS} ({GATEWAY})"),
        *_hyperv_rows(process),
    ]


@program("systeminfo.exe")
async def systeminfo(process: Process) -> int:
    """The column of the values depends on the release: 31 on Server 2025, 27 before (both recorded)."""
    if len(process.arguments) > 1:
        process.machine.log("refused", process.command_line)
        await process.complain(process.say("ERROR:") + f" Invalid argument/option - '{process.arguments[1]}'.\n")
        return 1
    width = 31 if process.machine.profile.build >= 26100 else 27
    lines = []
    for name, value in _rows(process):
        title = process.say(name) + ":" if name else ""
        lines.append(f"{title:<{width}}{value}" if len(title) < width else f"{title} {value}")
    await process.print("\n" + "\n".join(lines) + "\n")
    return 0
