# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an engine keeps its data, and whether containers can live there."""

from __future__ import annotations

import ntpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import NotFoundError, doing
from ..remote.cim import CimClass, quote

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

DISK = CimClass("Win32_LogicalDisk", {"DeviceID": str, "Size": int, "FreeSpace": int, "FileSystem": str})
#: A folder by its full path in lower case, which is the class's key (unverified for hosts: no recording of this class).
_DIRECTORY = CimClass("Win32_Directory", {"Name": str})
#: BitLocker's policy against writing to fixed drives that it does not protect; scratch space is a disk of its own
#: (windows-containers.md 4.1; the key: docker/for-win issue 1297).
_BITLOCKER = r"SYSTEM\CurrentControlSet\Policies\Microsoft\FVE"


@dataclass(frozen=True)
class Storage:
    """The place of an engine's data.

    Args:
        data_root: The folder; None when it cannot be known.
        exists: Whether it is there.
        windowsfilter: The folder of the layers below it; None when there is none.
        drive: Its drive, ``D:``.
        size_bytes: Size of the drive.
        free_bytes: Free space of the drive.
        filesystem: ``NTFS`` ...
        problems: What keeps containers from living there, clauses.
    """

    data_root: str | None = None
    exists: bool | None = None
    windowsfilter: str | None = None
    drive: str | None = None
    size_bytes: int | None = None
    free_bytes: int | None = None
    filesystem: str | None = None
    problems: tuple[str, ...] = ()


def read_storage(host: RemoteHost, data_root: str | None) -> Storage:
    """Two CIM queries and one value of the registry."""
    if data_root is None:
        return Storage(problems=("the engine's configuration cannot be read, so that nobody knows where its data lies",))
    layers = ntpath.join(data_root, "windowsfilter")
    with doing("read", "the storage of the engine"):
        folders = existing_folders(host, (data_root, layers))
        drive = ntpath.splitdrive(data_root)[0].upper()
        disks = host.cim.query(DISK, where=f"DeviceID={quote(drive)}")
        denied = host.registry.dword(_BITLOCKER, "FDVDenyWriteAccess") == 1
    disk = disks[0] if disks else {}
    size, free, system = disk.get("Size"), disk.get("FreeSpace"), disk.get("FileSystem")
    return Storage(
        data_root=data_root,
        exists=None if folders is None else data_root.lower() in folders,
        windowsfilter=layers if folders and layers.lower() in folders else None,
        drive=drive,
        size_bytes=size if isinstance(size, int) else None,
        free_bytes=free if isinstance(free, int) else None,
        filesystem=str(system) if system else None,
        problems=storage_problems(drive, bool(disks), str(system or ""), denied),
    )


def read_drives(host: RemoteHost, drives: Sequence[str]) -> dict[str, str]:
    """The file systems of those drives (``D:``) that the host has. One CIM query."""
    disks = host.cim.query(DISK, where=" OR ".join(f"DeviceID={quote(drive)}" for drive in drives))
    return {str(disk.get("DeviceID")).upper(): str(disk.get("FileSystem") or "") for disk in disks}


def storage_problems(drive: str, known: bool, filesystem: str, writes_denied: bool) -> tuple[str, ...]:
    """What keeps containers from living on a drive (windows-containers.md 4.1, 4.2). Pure."""
    problems = []
    if not known:
        problems.append(f"the host has no drive {drive}")
    if filesystem and filesystem.upper() != "NTFS":
        problems.append(f"the drive {drive} is formatted with {filesystem}, and layers need NTFS")
    if writes_denied:
        problems.append(
            "the policy FDVDenyWriteAccess denies writing to drives that BitLocker does not protect, which breaks pull and load"
        )
    return tuple(problems)


def existing_folders(host: RemoteHost, folders: Sequence[str]) -> set[str] | None:
    """Those of the folders that exist, in lower case; None where the host has no such class. One CIM query."""
    where = " OR ".join(f"Name={quote(folder)}" for folder in folders)
    try:
        return {str(found["Name"]).lower().rstrip("\\") for found in host.cim.query(_DIRECTORY, where)}
    except NotFoundError:
        return None
