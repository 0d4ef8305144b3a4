# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_OperatingSystem and Win32_ComputerSystem (native-tools.md 6; property sets as in the WS-Man recordings of
wmi-enumerate-operatingsystem and -computersystem and the captured Win32_ComputerSystem of a laptop)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import cim_power
from .cim import CimClass, Instance, Value
from .cim_rows import row, types

if TYPE_CHECKING:
    from .machine import Machine

_OPERATING_SYSTEM = types(
    "string: BootDevice BuildNumber BuildType Caption CodeSet CountryCode CreationClassName CSCreationClassName CSDVersion CSName Description "
    "Locale Manufacturer Name Organization OSArchitecture OtherTypeDescription PlusProductID PlusVersionNumber RegisteredUser "
    "SerialNumber Status SystemDevice SystemDirectory SystemDrive Version WindowsDirectory",
    "boolean: DataExecutionPrevention_32BitApplications DataExecutionPrevention_Available DataExecutionPrevention_Drivers Debug Distributed "
    "PAEEnabled PortableOperatingSystem Primary",
    "sint16: CurrentTimeZone",
    "uint8: DataExecutionPrevention_SupportPolicy ForegroundApplicationBoost",
    "uint16: OSType ServicePackMajorVersion ServicePackMinorVersion",
    "uint32: EncryptionLevel LargeSystemCache MaxNumberOfProcesses NumberOfLicensedUsers NumberOfProcesses NumberOfUsers OperatingSystemSKU "
    "OSLanguage OSProductSuite ProductType SuiteMask",
    "uint64: FreePhysicalMemory FreeSpaceInPagingFiles FreeVirtualMemory MaxProcessMemorySize SizeStoredInPagingFiles TotalSwapSpaceSize "
    "TotalVirtualMemorySize TotalVisibleMemorySize",
    "datetime: InstallDate LastBootUpTime LocalDateTime",
    "string[]: MUILanguages",
)


#: What every machine says alike.
_SAME_OPERATING_SYSTEM: dict[str, Value] = {
    "BootDevice": "\\Device\\HarddiskVolume1",
    "BuildType": "Multiprocessor Free",
    "CodeSet": "1252",
    "CreationClassName": "Win32_OperatingSystem",
    "CSCreationClassName": "Win32_ComputerSystem",
    "DataExecutionPrevention_32BitApplications": True,
    "DataExecutionPrevention_Available": True,
    "DataExecutionPrevention_Drivers": True,
    "Debug": False,
    "Description": "",
    "Distributed": False,
    "EncryptionLevel": 256,
    "Manufacturer": "Microsoft Corporation",
    "MaxNumberOfProcesses": 4294967295,
    "MaxProcessMemorySize": 137438953344,
    "NumberOfLicensedUsers": 0,
    "NumberOfUsers": 0,
    "Organization": "",
    "OSType": 18,
    "PortableOperatingSystem": False,
    "Primary": True,
    "RegisteredUser": "Windows User",
    "SerialNumber": "00454-40000-00001-AA105",
    "ServicePackMajorVersion": 0,
    "ServicePackMinorVersion": 0,
    "Status": "OK",
    "SuiteMask": 272,
    "SystemDevice": "\\Device\\HarddiskVolume3",
    "SystemDirectory": "C:\\Windows\\system32",
    "SystemDrive": "C:",
    "WindowsDirectory": "C:\\Windows",
}


def _operating_system(machine: Machine) -> list[Instance]:
    profile = machine.profile
    total = machine.memory_bytes // 1024 - 4096
    now = machine.now()
    return [
        row(
            _OPERATING_SYSTEM,
            BuildNumber=str(profile.build),
            CountryCode=machine.language.country,
            Caption=profile.caption,
            CSName=machine.name,
            DataExecutionPrevention_SupportPolicy=3 if profile.is_server else 2,
            ForegroundApplicationBoost=0 if profile.is_server else 2,
            FreePhysicalMemory=total * 3 // 4,
            FreeSpaceInPagingFiles=1310720,
            FreeVirtualMemory=total * 3 // 4 + 1310720,
            InstallDate=datetime(2026, 3, 2, 9, 14, 7, tzinfo=UTC),
            LastBootUpTime=machine.boot_time,
            LocalDateTime=now.replace(microsecond=now.microsecond // 1000 * 1000).astimezone(machine.time_zone),
            CurrentTimeZone=machine.utc_offset_minutes,
            Locale=f"{machine.language.lcid:04x}",
            MUILanguages=[machine.language.name],
            Name=f"{profile.caption}|C:\\Windows|\\Device\\Harddisk0\\Partition3",
            NumberOfProcesses=len(machine.processes.all()),
            OperatingSystemSKU=profile.sku,
            OSArchitecture=machine.language.architecture,
            OSLanguage=machine.language.lcid,
            OSProductSuite=272 if profile.is_server else 256,
            ProductType=profile.product_type,
            SizeStoredInPagingFiles=1310720,
            TotalVirtualMemorySize=total + 1310720,
            TotalVisibleMemorySize=total,
            Version=profile.version,
            **_SAME_OPERATING_SYSTEM,
        )
    ]


_COMPUTER_SYSTEM = types(
    "uint16: AdminPasswordStatus BootOptionOnLimit BootOptionOnWatchDog ChassisBootupState DomainRole FrontPanelResetStatus "
    "KeyboardPasswordStatus PCSystemType PCSystemTypeEx PowerOnPasswordStatus PowerState PowerSupplyState ResetCapability SystemStartupDelay ThermalState "
    "WakeUpType",
    "boolean: AutomaticManagedPagefile AutomaticResetBootOption AutomaticResetCapability BootROMSupported DaylightInEffect "
    "EnableDaylightSavingsTime HypervisorPresent InfraredSupported NetworkServerModeEnabled PartOfDomain PowerManagementSupported",
    "string: BootupState Caption ChassisSKUNumber CreationClassName Description DNSHostName Domain LastLoadInfo Manufacturer Model Name NameFormat "
    "PrimaryOwnerContact PrimaryOwnerName Status SystemFamily SystemSKUNumber SystemType UserName Workgroup",
    "sint16: CurrentTimeZone ResetCount ResetLimit",
    "sint64: PauseAfterReset",
    "datetime: InstallDate",
    "uint32: NumberOfLogicalProcessors NumberOfProcessors",
    "uint64: TotalPhysicalMemory",
    "string[]: OEMStringArray Roles SupportContactDescription SystemStartupOptions",
    "uint16[]: BootStatus PowerManagementCapabilities",
    "uint8[]: InitialLoadInfo OEMLogoBitmap",
    "uint8: SystemStartupSetting",
)


#: What every machine says alike.
_SAME_COMPUTER_SYSTEM: dict[str, Value] = {
    "AdminPasswordStatus": 3,
    "AutomaticManagedPagefile": True,
    "AutomaticResetBootOption": True,
    "AutomaticResetCapability": True,
    "BootROMSupported": True,
    "BootStatus": [0] * 10,
    "BootupState": "Normal boot",
    "ChassisBootupState": 3,
    "CreationClassName": "Win32_ComputerSystem",
    "Description": "AT/AT COMPATIBLE",
    "EnableDaylightSavingsTime": True,
    "FrontPanelResetStatus": 3,
    "InfraredSupported": False,
    "KeyboardPasswordStatus": 3,
    "NetworkServerModeEnabled": True,
    "NumberOfProcessors": 1,
    "PauseAfterReset": -1,
    "PowerOnPasswordStatus": 3,
    "PowerState": 0,
    "PowerSupplyState": 3,
    "PrimaryOwnerName": "Windows User",
    "ResetCapability": 1,
    "ResetCount": -1,
    "ResetLimit": -1,
    "Status": "OK",
    "SystemType": "x64-based PC",
    "ThermalState": 3,
    "WakeUpType": 6,
}


def _domain_role(machine: Machine) -> int:
    """0 to 5, as the documentation of the class has them; a controller is the only one of its domain."""
    if machine.profile.product_type == 2:
        return 5
    return (2 if machine.profile.is_server else 0) + bool(machine.domain)


def _computer_system(machine: Machine) -> list[Instance]:
    server = machine.profile.is_server
    return [
        row(
            _COMPUTER_SYSTEM,
            Caption=machine.name,
            DNSHostName=machine.name,
            CurrentTimeZone=machine.utc_offset_minutes,
            Domain=machine.domain or "WORKGROUP",
            DomainRole=_domain_role(machine),
            PartOfDomain=bool(machine.domain),
            Workgroup=None if machine.domain else "WORKGROUP",
            HypervisorPresent=machine.hypervisor_present,
            Manufacturer=machine.platform.manufacturer,
            Model=machine.platform.model,
            Name=machine.name,
            NumberOfLogicalProcessors=machine.processors,
            PCSystemType=1 if machine.platform.virtual else 4,
            PCSystemTypeEx=1 if machine.platform.virtual else 4,
            Roles=["LM_Workstation", "LM_Server", "NT", *(["Server_NT"] if server else [])],
            SystemFamily=machine.platform.model,
            TotalPhysicalMemory=machine.memory_bytes,
            **_SAME_COMPUTER_SYSTEM,
        )
    ]


CLASSES = [
    CimClass(
        "Win32_OperatingSystem",
        "root/cimv2",
        _OPERATING_SYSTEM,
        (),
        _operating_system,
        methods=cim_power.METHODS,
        inputs=cim_power.INPUTS,
        outputs=cim_power.OUTPUTS,
    ),
    CimClass("Win32_ComputerSystem", "root/cimv2", _COMPUTER_SYSTEM, ("Name",), _computer_system),
]
