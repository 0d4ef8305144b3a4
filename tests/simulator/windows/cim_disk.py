# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_LogicalDisk (property set: the recording wmi-enumerate-logicaldisk)."""

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


CLASSES = [CimClass("Win32_LogicalDisk", "root/cimv2", _LOGICAL_DISK, ("DeviceID",), _logical_disks)]
