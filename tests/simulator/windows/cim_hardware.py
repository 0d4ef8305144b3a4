# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_Processor, Win32_BIOS and Win32_SystemEnclosure (native-tools.md 6; native/wmi-bios-guests.tsv; property sets as documented)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types

if TYPE_CHECKING:
    from .machine import Machine

_PROCESSOR = types(
    "string: AssetTag Caption CreationClassName Description DeviceID ErrorDescription Manufacturer Name OtherFamilyDescription PartNumber "
    "PNPDeviceID ProcessorId Role SerialNumber SocketDesignation Status Stepping SystemCreationClassName SystemName UniqueId Version",
    "uint16: AddressWidth Architecture Availability CpuStatus CurrentVoltage DataWidth Family Level LoadPercentage ProcessorType Revision "
    "StatusInfo UpgradeMethod",
    "uint32: Characteristics ConfigManagerErrorCode CurrentClockSpeed ExtClock L2CacheSize L2CacheSpeed L3CacheSize L3CacheSpeed LastErrorCode "
    "MaxClockSpeed NumberOfCores NumberOfEnabledCore NumberOfLogicalProcessors ThreadCount VoltageCaps",
    "boolean: ConfigManagerUserConfig ErrorCleared PowerManagementSupported SecondLevelAddressTranslationExtensions "
    "VirtualizationFirmwareEnabled VMMonitorModeExtensions",
    "uint16[]: PowerManagementCapabilities",
    "datetime: InstallDate",
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
    "string: BuildNumber Caption CodeSet CurrentLanguage Description IdentificationCode LanguageEdition Manufacturer Name OtherTargetOS "
    "SerialNumber SMBIOSBIOSVersion SoftwareElementID Status Version",
    "string[]: BIOSVersion ListOfLanguages",
    "boolean: PrimaryBIOS SMBIOSPresent",
    "datetime: InstallDate ReleaseDate",
    "uint8: EmbeddedControllerMajorVersion EmbeddedControllerMinorVersion SystemBiosMajorVersion SystemBiosMinorVersion",
    "uint16: InstallableLanguages SMBIOSMajorVersion SMBIOSMinorVersion SoftwareElementState TargetOperatingSystem",
    "uint16[]: BiosCharacteristics",
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
            SMBIOSMajorVersion=int(platform.smbios.partition(".")[0]),
            SMBIOSMinorVersion=int(platform.smbios.partition(".")[2]),
            SMBIOSPresent=True,
            SoftwareElementID=platform.bios_caption,
            SoftwareElementState=3,
            Status="OK",
            TargetOperatingSystem=0,
            Version=platform.bios_version,
        )
    ]


_ENCLOSURE = types(
    "string: BreachDescription CableManagementStrategy Caption CreationClassName Description Manufacturer Model Name OtherIdentifyingInfo "
    "PartNumber SerialNumber SKU SMBIOSAssetTag Status Tag Version",
    "string[]: ServiceDescriptions TypeDescriptions",
    "uint16[]: ChassisTypes ServicePhilosophy",
    "boolean: AudibleAlarm HotSwappable LockPresent PoweredOn Removable Replaceable VisibleAlarm",
    "uint16: HeatGeneration NumberOfPowerCords SecurityBreach SecurityStatus",
    "sint16: CurrentRequiredOrProduced",
    "real32: Depth Height Weight Width",
    "datetime: InstallDate",
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
    CimClass("Win32_Processor", "root/cimv2", _PROCESSOR, ("DeviceID",), _processor),
    CimClass(
        "Win32_BIOS", "root/cimv2", _BIOS, ("Name", "SoftwareElementID", "SoftwareElementState", "TargetOperatingSystem", "Version"), _bios
    ),
    CimClass("Win32_SystemEnclosure", "root/cimv2", _ENCLOSURE, ("Tag",), _enclosure),
]
