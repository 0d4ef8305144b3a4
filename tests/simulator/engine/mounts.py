# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mounts as the Windows parser reads them. Facts: docker-on-windows.md 5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .host import EngineHost
from .texts import ApiError
from .values import new_id

Json = dict[str, Any]

_RESERVED = {"con", "prn", "nul", "aux", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
_HOST_PATH = r"(?:\\\\\?\\)?[a-z]:(?:\\[^\\/:*?\"<>|\r\n]*)*"
_PIPE = r"\\\\[^\\/:*?\"<>|\r\n]+\\pipe\\[^:*?\"<>|\r\n]+"
_NAME = r"[^\\/:*?\"<>|\r\n]+"
_SPEC = re.compile(
    rf"^(?:(?P<source>{_PIPE}|{_HOST_PATH}|{_NAME}):)?(?P<target>{_PIPE}|[a-z]:(?:\\[^\\/:*?\"<>|\r\n]*)*)(?::(?P<mode>ro|rw))?$"
)


def parse_bind(spec: str) -> Json:
    """A ``Binds`` entry: lower-cased as a whole, slashes turned, trailing backslash away.

    Raises:
        ApiError: 400 with the parser's text.
    """
    lowered = spec.lower().replace("/", "\\")
    match = _SPEC.match(lowered)
    if not match:
        raise ApiError(400, f"invalid volume specification: '{spec}'")
    source, target, mode = (match[name] or "" for name in ("source", "target", "mode"))
    kind = "npipe" if re.fullmatch(_PIPE, target) else "bind" if re.fullmatch(_HOST_PATH, source) else "volume"
    return {"Type": kind, "Source": source, "Target": target, "ReadOnly": mode == "ro"}


def resolve(mount: Mapping[str, Any], spec: str, host: EngineHost, volumes: dict[str, Json], data_root: str) -> Json:
    """Check one mount and give its entry for ``Mounts[]`` of inspect; a missing volume is made.

    Raises:
        ApiError: 400.
    """
    if not spec and not mount.get("Target"):
        raise ApiError(400, f'invalid mount config for type "{mount.get("Type") or ""}": field Target must not be empty')
    kind, source, target = (
        mount.get("Type") or "",
        str(mount.get("Source") or ""),
        str(mount.get("Target") or "").replace("/", "\\").rstrip("\\"),
    )
    writable = not mount.get("ReadOnly")
    if kind == "npipe":
        _check_pipe(source.replace("/", "\\"), target)
        return _entry("npipe", source.replace("/", "\\"), target, writable)
    if kind not in ("bind", "volume", "tmpfs"):
        raise ApiError(400, f'invalid mount config for type "{kind}": mount type unknown')
    _check_target(target, spec)
    if kind == "bind":
        source = _check_source(source, spec, host)
        return _entry("bind", source, target, writable)
    if kind == "volume":
        name = source or new_id()
        if name in _RESERVED:
            raise ApiError(400, f'volume name "{name}" cannot be a reserved word for Windows filenames')
        volume = volumes.setdefault(name, {"Name": name, "Mountpoint": f"{data_root}\\volumes\\{name}\\_data", "anonymous": not source})
        return {"Type": "volume", "Name": name, "Source": volume["Mountpoint"], "Destination": target, "Driver": "local"} | _flags(writable)
    raise ApiError(400, f'invalid mount config for type "{kind}": windows does not support tmpfs')


def _flags(writable: bool) -> Json:
    # Mode and Propagation come out empty on Windows, also for ro.
    return {"Mode": "", "RW": writable, "Propagation": ""}


def _entry(kind: str, source: str, target: str, writable: bool) -> Json:
    return {"Type": kind, "Source": source, "Destination": target} | _flags(writable)


def _check_pipe(source: str, target: str) -> None:
    for path in (source, target):
        if not re.fullmatch(_PIPE, path, re.IGNORECASE):
            raise ApiError(400, f"invalid mount config for type \"npipe\": '{path}' is not a valid pipe path")


def _check_target(target: str, spec: str) -> None:
    if not re.match(r"[a-zA-Z]:", target):
        raise ApiError(400, f"invalid volume specification: '{spec}': invalid mount path: '{target}' mount path must be absolute")
    if target.lower() == "c:":
        raise ApiError(400, f"invalid volume specification: '{spec}': destination path ({target}) cannot be 'c:' or 'c:\\'")


def _check_source(source: str, spec: str, host: EngineHost) -> str:
    path = source.replace("/", "\\")
    path = path.rstrip("\\") if len(path) > 3 else path
    kind = host.kind_of(path.removeprefix("\\\\?\\"))
    prefix = f"invalid volume specification: '{spec}': " if spec else ""
    prefix = f'{prefix}invalid mount config for type "bind": '
    if kind is None:
        raise ApiError(400, f"{prefix}bind source path does not exist: {path}")
    if kind == "file":
        raise ApiError(400, f"{prefix}source path must be a directory")
    return path
