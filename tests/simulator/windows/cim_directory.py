# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_Directory: every folder, by its full path in lower case (*unverified*: no recording of this class; properties as documented)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types
from .files import Folder

if TYPE_CHECKING:
    from .machine import Machine

_DIRECTORY = types(
    "uint32: AccessMask",
    "boolean: Archive Compressed Encrypted Hidden Readable System Writeable",
    "string: Caption CompressionMethod CreationClassName CSCreationClassName CSName Description Drive EightDotThreeFileName EncryptionMethod "
    "Extension FileName FileType FSCreationClassName FSName Name Path Status",
    "uint64: FileSize InUseCount",
    "datetime: CreationDate InstallDate LastAccessed LastModified",
)


def _directory(machine: Machine, path: str, folder: Folder) -> Instance:
    parent, _unused, name = path.lower().rpartition("\\")
    return row(
        _DIRECTORY,
        Caption=path.lower(),
        CreationClassName="CIM_LogicalFile",
        CSCreationClassName="Win32_ComputerSystem",
        CSName=machine.name,
        Description=path.lower(),
        Drive=path[:2].lower(),
        Extension="",
        FileName=name,
        FileType="File Folder",
        FSCreationClassName="Win32_FileSystem",
        FSName="NTFS",
        LastModified=folder.modified,
        Name=path.lower(),
        Path=parent[2:] + "\\",
        Readable=True,
        Status="OK",
        Writeable=True,
    )


def _directories(machine: Machine) -> list[Instance]:
    root = machine.files.find("C:\\")
    rows = [_directory(machine, "C:\\", root)] if isinstance(root, Folder) else []
    return rows + [_directory(machine, path, node) for path, node in machine.files.walk("C:\\") if isinstance(node, Folder)]


CLASSES = [CimClass("Win32_Directory", "root/cimv2", _DIRECTORY, ("Name",), _directories)]
