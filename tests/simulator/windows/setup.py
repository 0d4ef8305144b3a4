# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a freshly installed Windows has on disk, in the registry and in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .environment import Variables, expand
from .registry import REG_EXPAND_SZ

if TYPE_CHECKING:
    from .machine import Machine

CURRENT_VERSION = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
ENVIRONMENT_KEY = "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"
SYSTEM32 = "C:\\Windows\\System32"

_FOLDERS = (
    "C:\\Program Files\\Common Files",
    "C:\\Program Files (x86)\\Common Files",
    "C:\\ProgramData",
    "C:\\Users\\Default",
    "C:\\Users\\Public",
    "C:\\Windows\\Temp",
    "C:\\Windows\\Logs\\DISM",
    "C:\\Windows\\Logs\\CBS",
    "C:\\Windows\\System32\\Wbem",
    "C:\\Windows\\System32\\WindowsPowerShell\\v1.0",
    "C:\\Windows\\servicing",
)
#: Programs of every release. What each does: programs/; one without a behaviour there is refused when it is started.
_PROGRAMS = (
    "cmd dism sc net net1 reg certutil shutdown where whoami hostname netsh tasklist taskkill bcdedit systeminfo find findstr "
    "icacls attrib robocopy schtasks timeout ping ipconfig svchost services lsass winrshost spoolsv sort xcopy"
)


def install(machine: Machine) -> None:
    """Lay out the disk and the registry."""
    _files(machine)
    _registry(machine)


def _files(machine: Machine) -> None:
    files, profile = machine.files, machine.profile
    for folder in _FOLDERS:
        files.make_folder(folder)
    for user in machine.accounts:
        files.make_folder(f"C:\\Users\\{user.rpartition(chr(92))[2].partition('@')[0]}")
    names = [f"{name}.exe" for name in _PROGRAMS.split()]
    names += [f"{name}.exe" for name, version in (("tar", profile.tar), ("curl", profile.curl)) if version]
    for name in names:
        files.write(f"{SYSTEM32}\\{name}", b"MZ", size=120_000)
    files.write(f"{SYSTEM32}\\more.com", b"MZ", size=30_000)
    files.write(f"{SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe", b"MZ", size=450_000)
    files.write("C:\\Windows\\servicing\\TrustedInstaller.exe", b"MZ", size=190_000)
    if profile.build < 26100:  # a feature on demand from Server 2025 on (native-tools.md 1.4)
        files.write(f"{SYSTEM32}\\Wbem\\WMIC.exe", b"MZ", size=560_000)
    for log in ("DISM\\dism.log", "CBS\\CBS.log"):
        files.write(f"C:\\Windows\\Logs\\{log}", b"")


def _registry(machine: Machine) -> None:
    registry, profile = machine.registry, machine.profile
    values: dict[str, str | int] = {
        "CurrentBuild": str(profile.build),
        "CurrentBuildNumber": str(profile.build),
        "CurrentMajorVersionNumber": 10,
        "CurrentMinorVersionNumber": 0,
        "CurrentVersion": "6.3",
        "UBR": profile.revision,
        "ProductName": profile.product_name,
        "EditionID": profile.edition_id,
        "InstallationType": profile.installation_type,
        "ReleaseId": profile.release_id,
        "BuildLabEx": profile.lab,
        "SystemRoot": "C:\\Windows",
        "RegisteredOwner": "Windows User",
    }
    if profile.display_version:
        values["DisplayVersion"] = profile.display_version
    for name, data in values.items():
        registry.set(CURRENT_VERSION, name, data)
    registry.create(f"{CURRENT_VERSION}\\Winlogon")
    registry.create("SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing")
    registry.create("SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update")
    names = "SYSTEM\\CurrentControlSet\\Control\\ComputerName"
    registry.set(f"{names}\\ComputerName", "ComputerName", machine.name)
    registry.set(f"{names}\\ActiveComputerName", "ComputerName", machine.name)
    product = "WinNT" if not profile.is_server else "ServerNT"
    registry.set("SYSTEM\\CurrentControlSet\\Control\\ProductOptions", "ProductType", product)
    if profile.is_server:
        registry.create("SOFTWARE\\Microsoft\\ServerManager\\ServicingStorage\\ServerComponentCache")
    path = "%SystemRoot%\\system32;%SystemRoot%;%SystemRoot%\\System32\\Wbem;%SYSTEMROOT%\\System32\\WindowsPowerShell\\v1.0\\"
    registry.set("SYSTEM\\CurrentControlSet\\Control\\TimeZoneInformation", "TimeZoneKeyName", machine.time_zone_name)
    registry.set(ENVIRONMENT_KEY, "Path", path, REG_EXPAND_SZ)
    registry.set(ENVIRONMENT_KEY, "TEMP", "%SystemRoot%\\TEMP", REG_EXPAND_SZ)
    registry.set(ENVIRONMENT_KEY, "TMP", "%SystemRoot%\\TEMP", REG_EXPAND_SZ)
    registry.set(ENVIRONMENT_KEY, "ComSpec", "%SystemRoot%\\system32\\cmd.exe", REG_EXPAND_SZ)
    registry.set(ENVIRONMENT_KEY, "PATHEXT", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC")
    registry.set(ENVIRONMENT_KEY, "OS", "Windows_NT")
    registry.set(ENVIRONMENT_KEY, "PROCESSOR_ARCHITECTURE", "AMD64")
    registry.set(ENVIRONMENT_KEY, "NUMBER_OF_PROCESSORS", str(machine.processors))
    registry.set(ENVIRONMENT_KEY, "windir", "%SystemRoot%", REG_EXPAND_SZ)


def environment(machine: Machine, user: str) -> Variables:
    """The variables of a new WinRM logon: fixed ones, then the registry's, expanded."""
    account = user.rpartition("\\")[2].partition("@")[0] or next(iter(machine.accounts), "Administrator")
    home = f"C:\\Users\\{account}"
    variables = Variables(
        {
            "SystemRoot": "C:\\Windows",
            "SystemDrive": "C:",
            "ALLUSERSPROFILE": "C:\\ProgramData",
            "ProgramData": "C:\\ProgramData",
            "ProgramFiles": "C:\\Program Files",
            "ProgramFiles(x86)": "C:\\Program Files (x86)",
            "ProgramW6432": "C:\\Program Files",
            "CommonProgramFiles": "C:\\Program Files\\Common Files",
            "PUBLIC": "C:\\Users\\Public",
            "PROMPT": "$P$G",
            "COMPUTERNAME": machine.name,
            "USERDOMAIN": machine.name,
            "USERNAME": account,
            "USERPROFILE": home,
            "LOCALAPPDATA": f"{home}\\AppData\\Local",
        }
    )
    key = machine.registry.key(ENVIRONMENT_KEY)
    for value in key.values.values() if key else ():
        variables[value.name] = expand(str(value.data), variables) if value.type == REG_EXPAND_SZ else str(value.data)
    return variables
