# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Types of the fields of ``POST /containers/create``: Go's decoder refuses a number where a text belongs, and the other way round.

Texts and the order of the parts seen on 20.10; the outermost struct's name from 25 on is *unverified*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .texts import ApiError
from .versions import EngineVersion

#: Go's names of the scalar types, and what may stand there.
_SCALARS: dict[str, tuple[type, ...]] = {"string": (str,), "bool": (bool,), "int": (int,), "int64": (int,), "uint64": (int,)}


@dataclass(frozen=True)
class Struct:
    """A JSON object with known fields; unknown ones are ignored, as Go does."""

    name: str
    go_type: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def _fields(**kinds: str) -> dict[str, Any]:
    return {name: kind for kind, names in kinds.items() for name in names.split()}


_BINDING = Struct("PortBinding", "nat.PortBinding", _fields(string="HostIp HostPort"))
_HOST = Struct(
    "HostConfig",
    "container.HostConfig",
    _fields(
        bool="AutoRemove Privileged ReadonlyRootfs PublishAllPorts OomKillDisable Init",
        int64="Memory NanoCpus CpuShares CpuCount CpuPercent CpuPeriod CpuQuota MemoryReservation MemorySwap PidsLimit ShmSize",
        uint64="IOMaximumIOps IOMaximumBandwidth",
        string="ContainerIDFile VolumeDriver CpusetCpus CpusetMems CgroupParent Runtime",
    )
    | dict.fromkeys(("Binds", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "SecurityOpt", "GroupAdd", "Links"), "[]string")
    | {
        "NetworkMode": ("string", "container.NetworkMode"),
        "Isolation": ("string", "container.Isolation"),
        "StorageOpt": "map[string]string",
        "Tmpfs": "map[string]string",
        "Sysctls": "map[string]string",
        "PortBindings": ("map", "nat.PortMap", ("list", "[]nat.PortBinding", _BINDING)),
        "RestartPolicy": Struct("RestartPolicy", "container.RestartPolicy", _fields(string="Name", int="MaximumRetryCount")),
        "LogConfig": Struct("LogConfig", "container.LogConfig", _fields(string="Type") | {"Config": "map[string]string"}),
        "Mounts": ("list", "[]mount.Mount", Struct("Mount", "mount.Mount", _fields(string="Type Source Target", bool="ReadOnly"))),
    },
)
_HEALTH = Struct(
    "HealthConfig",
    "container.HealthConfig",
    {"Test": "[]string", "Retries": "int"} | dict.fromkeys(("Interval", "Timeout", "StartPeriod"), ("int64", "time.Duration")),
)
_BODY = Struct(
    "ContainerConfigWrapper",
    "runconfig.ContainerConfigWrapper",
    _fields(
        string="Hostname Domainname User Image WorkingDir StopSignal",
        bool="AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce ArgsEscaped NetworkDisabled",
        int="StopTimeout",
    )
    | {
        "Env": "[]string",
        "Cmd": "words",
        "Entrypoint": "words",
        "Shell": "words",
        "Labels": "map[string]string",
        "ExposedPorts": ("map", "nat.PortSet", Struct("", "struct {}")),
        "Volumes": ("map", "map[string]struct {}", Struct("", "struct {}")),
        "Healthcheck": _HEALTH,
        "HostConfig": _HOST,
    },
)


class _Mismatch(Exception):
    """What was found, where (Go's struct and the names down to it), and what belongs there."""


def check_types(body: Mapping[str, Any], version: EngineVersion) -> None:
    """Raises ApiError 500 with the first value of a wrong type, 400 from 23 on."""
    try:
        _check(body, _BODY, "", [])
    except _Mismatch as wrong:
        text = f"json: cannot unmarshal {wrong}"
        if version.major >= 25:
            text = text.replace("ContainerConfigWrapper.", "CreateRequest.")
        raise ApiError(400, f"invalid JSON: {text}") if version.major >= 23 else ApiError(500, text) from None


def _check(value: Any, kind: Any, owner: str, path: list[str]) -> None:
    if value is None:
        return
    if isinstance(kind, Struct):
        _need(value, dict, kind.go_type, owner, path)
        for name, inner in value.items():
            if name in kind.fields:
                _check(inner, kind.fields[name], kind.name, [*path, name])
    elif isinstance(kind, tuple) and kind[0] in ("map", "list"):
        _need(value, dict if kind[0] == "map" else list, kind[1], owner, path)
        for inner in value.values() if kind[0] == "map" else value:
            _check(inner, kind[2], owner, path)
    elif kind == "words":
        if not isinstance(value, str):
            _check(value, ("list", "string", "string"), owner, path)
    elif kind == "[]string":
        _check(value, ("list", kind, "string"), owner, path)
    elif kind == "map[string]string":
        _check(value, ("map", kind, "string"), owner, path)
    else:
        name, shown = kind if isinstance(kind, tuple) else (kind, kind)
        _need(value, _SCALARS[name], shown, owner, path)


def _need(value: Any, wanted: type | tuple[type, ...], go_type: str, owner: str, path: list[str]) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, wanted) and not (isinstance(value, bool) and wanted == (int,)):
        return
    found = f"number {value}" if isinstance(value, float) else "number" if number else _word(value)
    raise _Mismatch(f"{found} into Go struct field {owner}.{'.'.join(path)} of type {go_type}")


def _word(value: Any) -> str:
    return {str: "string", bool: "bool", list: "array", dict: "object"}[type(value)]
