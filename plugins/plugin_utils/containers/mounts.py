# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes and mounts: host folders, named volumes and named pipes, checked by name before anything is touched. Pure.

Rules: docker-on-windows.md section 5, windows-containers.md 9 (moby's windows_parser.go).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OptionError

_PART = r'[^\\/:*?"<>|\x00-\x1f]+'
_FOLDER = rf"(?:[\\/]{{2}}\?[\\/])?[A-Za-z]:[\\/](?:{_PART}(?:[\\/]{_PART})*)?[\\/]?"
_PIPE = r"[\\/]{2}\.[\\/]pipe[\\/][^:*?\"<>|\x00-\x1f]+"
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_TARGET = rf"[A-Za-z]:(?:[\\/](?:{_PART}(?:[\\/]{_PART})*)?[\\/]?)?"
_VOLUME = re.compile(
    rf"(?P<source>(?P<folder>{_FOLDER})|(?P<pipe>{_PIPE})|(?P<name>{_NAME})):(?P<target>{_TARGET}|{_PIPE})(?::(?P<mode>[^:\\/]*))?",
    re.IGNORECASE,
)
_RESERVED = re.compile(r"(con|prn|nul|aux|com[1-9]|lpt[1-9])", re.IGNORECASE)


@dataclass(frozen=True)
class Mount:
    """Something of the host that a container sees.

    Attributes:
        kind: ``bind`` (a folder), ``volume`` (a named volume) or ``npipe`` (a named pipe).
        source: Folder, volume name or pipe; backslashes only, no trailing one.
        target: Absolute path, or pipe, in the container.
    """

    kind: str
    source: str
    target: str
    read_only: bool = False

    @classmethod
    def of_engine(cls, entry: Mapping[str, Any]) -> Mount:
        """From an entry of ``HostConfig.Mounts``."""
        source, target = _clean(str(entry.get("Source") or "")), _clean(str(entry.get("Target") or ""))
        return cls(str(entry.get("Type") or ""), source, target, bool(entry.get("ReadOnly")))

    @property
    def host_folder(self) -> str | None:
        """The folder that must exist on the host, or None."""
        return re.sub(r"^\\\\\?\\", "", self.source) if self.kind == "bind" else None

    def key(self) -> tuple[str, str, str, bool]:
        """What is compared: Windows' paths have no case, volume names do."""
        return (self.kind, self.source if self.kind == "volume" else self.source.lower(), self.target.lower(), self.read_only)

    def __str__(self) -> str:
        return f"{self.source}:{self.target}{':ro' if self.read_only else ''}"


def _clean(path: str) -> str:
    path = path.replace("/", "\\")
    return path if re.fullmatch(r"(\\\\\?\\)?[A-Za-z]:\\", path) else path.rstrip("\\")


def parse_volume(text: str) -> Mount:
    """Read one entry of the option ``volumes``: ``source:target[:ro|rw]``.

    Raises:
        OptionError: Says which rule of Windows it breaks.
    """
    match = _VOLUME.fullmatch(text)
    if match is None:
        raise _volume_refusal(text)
    mode = (match["mode"] or "rw").lower()
    if mode not in ("ro", "rw"):
        raise OptionError(f'the mode "{match["mode"]}" of the volume "{text}" does not exist on Windows', "Use ro or rw")
    kind = "bind" if match["folder"] else "npipe" if match["pipe"] else "volume"
    # The engine lower-cases an entry as a whole, so a volume's name too (paths have no case anyway).
    source = match["source"].lower() if kind == "volume" else _clean(match["source"])
    return _checked(Mount(kind, source, _clean(match["target"]), mode == "ro"), text)


def _volume_refusal(text: str) -> OptionError:
    example = r"Write C:\folder:C:\target, name:C:\target or \\.\pipe\name:\\.\pipe\name, with :ro at the end for read-only"
    if re.match(r"[\\/]{2}[^.?\\/]", text):
        return OptionError(
            f'the volume "{text}" is on a network share, which cannot be mapped',
            "Map the share to a drive letter for all users with an SMB global mapping, and use that drive",
        )
    if re.search(r'[*?"<>|\x00-\x1f]', text.replace("\\\\?\\", "")):
        shown = f'"{text}"' if text.isprintable() else repr(text)
        return OptionError(f'the volume {shown} holds a character that no Windows path can have (*?"<>| or a control character)', example)
    if re.fullmatch(_TARGET, text, re.IGNORECASE):
        return OptionError(f'the volume "{text}" names no source', example)
    if re.match(r"\.|~|[\\/]", text):
        return OptionError(f'the source of the volume "{text}" is not absolute', example)
    if re.match(rf"(?:{_FOLDER}|{_PIPE}|\w[\w.-]+):", text, re.IGNORECASE):
        return OptionError(f'the target of the volume "{text}" has no drive letter', example)
    return OptionError(f'the volume "{text}" cannot be understood', example)


def parse_mount(entry: Mapping[str, Any]) -> Mount:
    """Read one entry of the option ``mounts``: keys ``type``, ``source``, ``target``, ``read_only``. Raises OptionError."""
    kind, source, target = str(entry["type"]), str(entry["source"]), str(entry["target"])
    text = f"{source} on {target}"
    patterns = {"bind": (_FOLDER, "an absolute folder such as C:\\data"), "npipe": (_PIPE, "a pipe such as \\\\.\\pipe\\name")}
    pattern, wanted = patterns.get(kind, (_NAME, "the name of a volume"))
    if not re.fullmatch(pattern, source, re.IGNORECASE):
        raise OptionError(f'the source "{source}" of a mount of type {kind} is not {wanted}', "Correct the source or the type")
    if not re.fullmatch(_PIPE if kind == "npipe" else _TARGET, target, re.IGNORECASE):
        raise OptionError(
            f'the target "{target}" of a mount of type {kind} is not absolute',
            "Write a pipe such as \\\\.\\pipe\\name" if kind == "npipe" else "Write a path with a drive letter, such as C:\\data",
        )
    return _checked(Mount(kind, _clean(source), _clean(target), bool(entry.get("read_only"))), text)


def _checked(mount: Mount, text: str) -> Mount:
    pipes = mount.source.startswith("\\\\.\\"), mount.target.startswith("\\\\.\\")
    if pipes[0] != pipes[1]:
        raise OptionError(
            f'the volume "{text}" joins a pipe with something else', "Both sides must be pipes, \\\\.\\pipe\\name:\\\\.\\pipe\\name"
        )
    if mount.kind == "npipe" and mount.read_only:
        raise OptionError(f'the named pipe of "{text}" cannot be read-only', "Leave ro out")
    if mount.target.lower() in ("c:", "c:\\"):
        raise OptionError(f'the target of "{text}" is the container\'s system drive', "Choose a folder below it, or another drive letter")
    if mount.kind == "volume" and _RESERVED.fullmatch(mount.source):
        raise OptionError(f'the volume name "{mount.source}" is a reserved word of Windows', "Choose another name")
    return mount
