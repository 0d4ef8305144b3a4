# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_OperatingSystem, Win32_ComputerSystem, Win32_Processor, Win32_BIOS, Win32_SystemEnclosure (native-tools.md 6; property sets as
in the WS-Man recordings of wmi-enumerate-operatingsystem and -computersystem and the captured Win32_ComputerSystem of a laptop)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

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
    "CountryCode": "1",
    "CreationClassName": "Win32_OperatingSystem",
    "CSCreationClassName": "Win32_ComputerSystem",
    "CurrentTimeZone": 0,
    "DataExecutionPrevention_32BitApplications": True,
    "DataExecutionPrevention_Available": True,
    "DataExecutionPrevention_Drivers": True,
    "Debug": False,
    "Description": "",
    "Distributed": False,
    "EncryptionLevel": 256,
    "Locale": "0409",
    "Manufacturer": "Microsoft Corporation",
    "MaxNumberOfProcesses": 4294967295,
    "MaxProcessMemorySize": 137438953344,
    "MUILanguages": ["en-US"],
    "NumberOfLicensedUsers": 0,
    "NumberOfUsers": 0,
    "Organization": "",
    "OSArchitecture": "64-bit",
    "OSLanguage": 1033,
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
    return [
        row(
            _OPERATING_SYSTEM,
            BuildNumber=str(profile.build),
            Caption=profile.caption,
            CSName=machine.name,
            DataExecutionPrevention_SupportPolicy=3 if profile.is_server else 2,
            ForegroundApplicationBoost=0 if profile.is_server else 2,
            FreePhysicalMemory=total * 3 // 4,
            FreeSpaceInPagingFiles=1310720,
            FreeVirtualMemory=total * 3 // 4 + 1310720,
            InstallDate=datetime(2026, 3, 2, 9, 14, 7, tzinfo=UTC),
            LastBootUpTime=machine.boot_time,
            LocalDateTime=machine.now().replace(microsecond=machine.now().microsecond // 1000 * 1000),
            Name=f"{profile.caption}|C:\\Windows|\\Device\\Harddisk0\\Partition3",
            NumberOfProcesses=len(machine.processes.all()),
            OperatingSystemSKU=profile.sku,
            OSProductSuite=272 if profile.is_server else 256,
            ProductType=profile.product_type,
            SizeStoredInPagingFiles=1310720,
            TotalVirtualMemorySize=total + 1310720,
            TotalVisibleMemorySize=total,
            Version=profile.version,
            **_SAME_OPERATING_SYSTEM,
        )
    ]


async def _reboot(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """Win32_OperatingSystem.Reboot: needs the privilege; 1314 is the documented sign that it is not held (native-tools.md 3)."""
    if not machine.switches.remote_shutdown:
        return {"ReturnValue": 1314}
    return {"ReturnValue": machine.power.schedule(0.2)}


async def _win32_shutdown(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    flags = parameters.get("Flags") or 0
    if flags & 3 == 0 or not machine.switches.remote_shutdown:
        return {"ReturnValue": 0 if machine.switches.remote_shutdown else 1314}
    return {"ReturnValue": machine.power.schedule(0.2 + (parameters.get("Timeout") or 0), restart=bool(flags & 2))}


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
    "CurrentTimeZone": 0,
    "Description": "AT/AT COMPATIBLE",
    "Domain": "WORKGROUP",
    "EnableDaylightSavingsTime": True,
    "FrontPanelResetStatus": 3,
    "InfraredSupported": False,
    "KeyboardPasswordStatus": 3,
    "NetworkServerModeEnabled": True,
    "NumberOfProcessors": 1,
    "PartOfDomain": False,
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
    "Workgroup": "WORKGROUP",
}


def _computer_system(machine: Machine) -> list[Instance]:
    server = machine.profile.is_server
    return [
        row(
            _COMPUTER_SYSTEM,
            Caption=machine.name,
            DNSHostName=machine.name,
            DomainRole=2 if server else 0,
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


_PROCESSOR = types(
    "string: Caption CreationClassName Description DeviceID Manufacturer Name ProcessorId Role SocketDesignation Status SystemCreationClassName "
    "SystemName Version",
    "uint16: AddressWidth Architecture Availability CpuStatus CurrentVoltage DataWidth Family Level LoadPercentage ProcessorType Revision StatusInfo",
    "uint32: CurrentClockSpeed ExtClock L2CacheSize L3CacheSize MaxClockSpeed NumberOfCores NumberOfEnabledCore NumberOfLogicalProcessors ThreadCount",
    "boolean: PowerManagementSupported SecondLevelAddressTranslationExtensions VirtualizationFirmwareEnabled VMMonitorModeExtensions",
)


def _processor(machine: Machine) -> list[Instance]:
    """With a hypervisor present the three virtualisation flags read False and prove nothing (native-tools.md 6).

    A guest that sees nested virtualisation, and runs no hypervisor of its own, reads them True
    (cloud-hypervisor/rust-hypervisor-firmware pull request 438), unless the switch ``nested_flags_hidden`` says otherwise.
    """
    seen = machine.platform.virtual and machine.platform.nested and not machine.switches.nested_flags_hidden
    hidden = machine.hypervisor_running or (machine.platform.virtual and not seen)
    return [
        row(
            _PROCESSOR,
            AddressWidth=64,
            Architecture=9,
            Availability=3,
            Caption="Intel64 Family 6 Model 106 Stepping 6",
            CpuStatus=1,
            CreationClassName="Win32_Processor",
            CurrentClockSpeed=2095,
            DataWidth=64,
            Description="Intel64 Family 6 Model 106 Stepping 6",
            DeviceID="CPU0",
            Family=179,
            Level=6,
            LoadPercentage=2,
            Manufacturer="GenuineIntel" if "Intel" in machine.platform.processor else "AuthenticAMD",
            MaxClockSpeed=2095,
            Name=machine.platform.processor,
            NumberOfCores=max(1, machine.processors // 2),
            NumberOfEnabledCore=max(1, machine.processors // 2),
            NumberOfLogicalProcessors=machine.processors,
            PowerManagementSupported=False,
            ProcessorType=3,
            Role="CPU",
            SecondLevelAddressTranslationExtensions=not hidden,
            SocketDesignation="None" if machine.platform.virtual else "CPU1",
            Status="OK",
            StatusInfo=3,
            SystemCreationClassName="Win32_ComputerSystem",
            SystemName=machine.name,
            ThreadCount=machine.processors,
            VirtualizationFirmwareEnabled=not hidden and machine.virtualization_firmware,
            VMMonitorModeExtensions=not hidden,
        )
    ]


_BIOS = types(
    "string: Caption Description Manufacturer Name SerialNumber SMBIOSBIOSVersion SoftwareElementID Status Version",
    "string[]: BIOSVersion",
    "boolean: PrimaryBIOS SMBIOSPresent",
    "datetime: ReleaseDate",
    "uint16: SMBIOSMajorVersion SMBIOSMinorVersion SoftwareElementState TargetOperatingSystem",
)


def _bios(machine: Machine) -> list[Instance]:
    platform = machine.platform
    return [
        row(
            _BIOS,
            BIOSVersion=[platform.bios_version, platform.bios_caption],
            Caption=platform.bios_caption,
            Description=platform.bios_caption,
            Manufacturer=platform.bios_manufacturer,
            Name=platform.bios_caption,
            PrimaryBIOS=True,
            ReleaseDate=platform.bios_date,
            SerialNumber=platform.serial or None,
            SMBIOSBIOSVersion=platform.smbios_version,
            SMBIOSMajorVersion=3,
            SMBIOSMinorVersion=1,
            SMBIOSPresent=True,
            SoftwareElementID=platform.bios_caption,
            SoftwareElementState=3,
            Status="OK",
            TargetOperatingSystem=0,
            Version=platform.bios_version,
        )
    ]


_ENCLOSURE = types(
    "string: Caption CreationClassName Description Manufacturer Model Name PartNumber SerialNumber SKU SMBIOSAssetTag Status Tag Version",
    "uint16[]: ChassisTypes",
    "boolean: LockPresent",
    "uint16: SecurityStatus",
)


def _enclosure(machine: Machine) -> list[Instance]:
    platform = machine.platform
    return [
        row(
            _ENCLOSURE,
            Caption="System Enclosure",
            ChassisTypes=[3] if platform.virtual else [23],
            CreationClassName="Win32_SystemEnclosure",
            Description="System Enclosure",
            LockPresent=False,
            Manufacturer=platform.manufacturer,
            Name="System Enclosure",
            SecurityStatus=3,
            SerialNumber=platform.serial or None,
            SMBIOSAssetTag=platform.asset_tag,
            Tag="System Enclosure 0",
        )
    ]


CLASSES = [
    CimClass(
        "Win32_OperatingSystem",
        "root/cimv2",
        _OPERATING_SYSTEM,
        (),
        _operating_system,
        methods={"Reboot": _reboot, "Win32Shutdown": _win32_shutdown, "Win32ShutdownTracker": _win32_shutdown},
        inputs={
            "Win32Shutdown": {"Flags": "sint32", "Reserved": "sint32"},
            "Win32ShutdownTracker": {"Timeout": "uint32", "Comment": "string", "ReasonCode": "uint32", "Flags": "sint32"},
        },
        outputs={name: {"ReturnValue": "uint32"} for name in ("Reboot", "Win32Shutdown", "Win32ShutdownTracker")},
    ),
    CimClass("Win32_ComputerSystem", "root/cimv2", _COMPUTER_SYSTEM, ("Name",), _computer_system),
    CimClass("Win32_Processor", "root/cimv2", _PROCESSOR, ("DeviceID",), _processor),
    CimClass(
        "Win32_BIOS", "root/cimv2", _BIOS, ("Name", "SoftwareElementID", "SoftwareElementState", "TargetOperatingSystem", "Version"), _bios
    ),
    CimClass("Win32_SystemEnclosure", "root/cimv2", _ENCLOSURE, ("Tag",), _enclosure),
]
