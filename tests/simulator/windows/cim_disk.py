# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_LogicalDisk and Win32_Volume (property sets: the recordings wmi-enumerate-logicaldisk and wmi-enumerate-volume-columns)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types

if TYPE_CHECKING:
    from .machine import Machine

_LOGICAL_DISK = types(
    "uint16: Access Availability StatusInfo",
    "uint64: BlockSize FreeSpace NumberOfBlocks Size",
    "string: Caption CreationClassName Description DeviceID ErrorDescription ErrorMethodology FileSystem Name PNPDeviceID ProviderName "
    "Purpose Status SystemCreationClassName SystemName VolumeName VolumeSerialNumber",
    "boolean: Compressed ConfigManagerUserConfig ErrorCleared PowerManagementSupported QuotasDisabled QuotasIncomplete QuotasRebuilding "
    "SupportsDiskQuotas SupportsFileBasedCompression VolumeDirty",
    "uint32: ConfigManagerErrorCode DriveType LastErrorCode MaximumComponentLength MediaType",
    "datetime: InstallDate",
)


def _logical_disks(machine: Machine) -> list[Instance]:
    disk = row(
        _LOGICAL_DISK,
        Access=0,
        Caption="C:",
        Compressed=False,
        CreationClassName="Win32_LogicalDisk",
        Description="Local Fixed Disk",
        DeviceID="C:",
        DriveType=3,
        FileSystem="NTFS",
        FreeSpace=machine.files.free_bytes,
        MaximumComponentLength=255,
        MediaType=12,
        Name="C:",
        QuotasDisabled=True,
        QuotasIncomplete=False,
        QuotasRebuilding=False,
        Size=machine.files.size_bytes,
        SupportsDiskQuotas=True,
        SupportsFileBasedCompression=True,
        SystemCreationClassName="Win32_ComputerSystem",
        SystemName=machine.name,
        VolumeDirty=False,
        VolumeName="",
        VolumeSerialNumber="78692C66",
    )
    cdrom = row(
        _LOGICAL_DISK,
        Caption="D:",
        CreationClassName="Win32_LogicalDisk",
        Description="CD-ROM Disc",
        DeviceID="D:",
        DriveType=5,
        MediaType=11,
        Name="D:",
        SystemCreationClassName="Win32_ComputerSystem",
        SystemName=machine.name,
    )
    return [disk, cdrom]


_VOLUME = types(
    "uint16: Access Availability StatusInfo",
    "boolean: Automount BootVolume Compressed ConfigManagerUserConfig DirtyBitSet ErrorCleared IndexingEnabled PageFilePresent "
    "PowerManagementSupported QuotasEnabled QuotasIncomplete QuotasRebuilding SupportsDiskQuotas SupportsFileBasedCompression SystemVolume",
    "uint64: BlockSize Capacity FreeSpace NumberOfBlocks",
    "string: Caption CreationClassName Description DeviceID DriveLetter ErrorDescription ErrorMethodology FileSystem Label Name PNPDeviceID "
    "Purpose Status SystemCreationClassName SystemName",
    "uint32: ConfigManagerErrorCode DriveType LastErrorCode MaximumFileNameLength SerialNumber",
    "datetime: InstallDate",
)


def _volumes(machine: Machine) -> list[Instance]:
    return [
        row(
            _VOLUME,
            Automount=True,
            BlockSize=4096,
            BootVolume=True,
            Capacity=machine.files.size_bytes,
            Caption="C:\\",
            Compressed=False,
            DeviceID="\\\\?\\Volume{fd3b0937-8863-11e2-940f-806e6f6e6963}\\",
            DirtyBitSet=False,
            DriveLetter="C:",
            DriveType=3,
            FileSystem="NTFS",
            FreeSpace=machine.files.free_bytes,
            IndexingEnabled=True,
            MaximumFileNameLength=255,
            Name="C:\\",
            PageFilePresent=True,
            QuotasEnabled=False,
            QuotasIncomplete=False,
            QuotasRebuilding=False,
            SerialNumber=2020158310,
            SupportsDiskQuotas=True,
            SupportsFileBasedCompression=True,
            SystemName=machine.name,
            SystemVolume=False,
        )
    ]


CLASSES = [
    CimClass("Win32_Volume", "root/cimv2", _VOLUME, ("DeviceID",), _volumes),
    CimClass("Win32_LogicalDisk", "root/cimv2", _LOGICAL_DISK, ("DeviceID",), _logical_disks),
]
