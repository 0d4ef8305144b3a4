# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values with a form of their own: how users write them, and how the engine keeps them. Pure; the parsers raise OptionError.

Each comes as a parser (the option, and its name for errors), a reader of the engine's JSON, a writer where the two differ, and what a diff shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..errors import OptionError
from ..values import scalar, texts
from . import values
from .command_line import split_command_line
from .mounts import Mount, parse_volume
from .ports import parse_ports, port_bindings

# Commands


def arguments(value: Any, what: str) -> list[str]:
    if not isinstance(value, (str, list)):
        raise OptionError(f"{what} is {value!r}, which is neither a list nor a text", "Write it as a list of arguments")
    if isinstance(value, str):
        arguments = split_command_line(value, what)
    else:
        arguments = [scalar(f"element {number} of {what}", item) for number, item in enumerate(value, 1)]
    # Windows takes a command line as text that ends at the first NUL.
    if any("\0" in argument for argument in arguments):
        raise OptionError(f"{what} holds a NUL, which a Windows command line cannot carry", "Leave it out")
    return arguments


def read_list(raw: Any) -> list[Any]:
    return list(raw or [])


# Environment and other texts by name


#: A variable: its name as written, and its text. Variables are found by their names in capitals, as Windows' have no case.
Variable = tuple[str, str]


def environment(value: Any, what: str) -> dict[str, Variable]:
    env = texts(value, what)
    if len({name.upper() for name in env}) < len(env):
        raise OptionError(f"two names in {what} differ in case only, and Windows' variables have no case", "Keep one of them")
    bad = next((name for name in env if not name or "=" in name or "\0" in name + env[name]), None)
    if bad is not None:
        raise OptionError(f'"{bad}" cannot be an environment variable', "A name has no equals sign, and neither name nor value a NUL")
    return {name.upper(): (name, text) for name, text in env.items()}


def read_environment(raw: Any) -> dict[str, Variable]:
    pairs = (str(entry).partition("=") for entry in raw or ())
    return {name.upper(): (name, text) for name, _unused, text in pairs}


def show_environment(value: Mapping[str, Variable], other: Mapping[str, Variable]) -> dict[str, str]:
    """The names alone: values are often secrets, and diffs get logged."""
    return {name: "(value not shown)" for name, variable in sorted(value.items()) if other.get(name, ("", None))[1] != variable[1]}


def show_names(value: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Log drivers take tokens among their options."""
    return {name: "(value not shown)" for name, text in sorted(value.items()) if other.get(name) != text}


# Health checks: the keys of the engine, durations in nanoseconds

_HEALTH_KEYS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start_period": "StartPeriod",
    "start_interval": "StartInterval",
}


def health(value: Any, what: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if value.get("test") is not None:
        result["Test"] = _health_test(value["test"], what)
    for name, key in _HEALTH_KEYS.items():
        if value.get(name) is not None:
            result[key] = values.nanoseconds(value[name], f"{name} of {what}")
    if value.get("retries") is not None:
        result["Retries"] = values.whole(0)(value["retries"], f"retries of {what}")
    return result


def _health_test(test: Any, what: str) -> list[str]:
    if isinstance(test, str):
        return ["NONE"] if test.strip().upper() == "NONE" else ["CMD-SHELL", test]
    words = arguments(test, f"test of {what}")
    if not words:
        raise OptionError(f"test of {what} is empty", 'Write a command, or ["NONE"] to switch the image\'s own check off')
    return words if words[0] in ("CMD", "CMD-SHELL", "NONE") else ["CMD", *words]


def read_health(raw: Any) -> dict[str, Any]:
    return {key: item for key, item in (raw or {}).items() if item}


def part(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether all that is wanted was found; what is not said is not compared, and nothing is the same as zero."""
    return all((found.get(key) or None) == (item or None) for key, item in wanted.items())


# Networks


def network_mode(value: Any, what: str) -> str:
    text = str(value).strip()
    if text in ("host", "bridge") or not text:
        raise OptionError(
            f'{what} is "{text}", which Windows does not have', "Use nat, none, container:<name>, or the name of a network of the host"
        )
    return text


def same_mode(wanted: str, found: str) -> bool:
    return ("nat" if wanted == "default" else wanted) == ("nat" if found == "default" else found)


def networks(value: Any, what: str) -> dict[str, Any]:
    if not value:
        raise OptionError(f"{what} is an empty list", "Use network_mode: none for a container without network")
    result: dict[str, Any] = {}
    for entry in value:
        name = str(entry["name"])
        name = "nat" if name == "default" else name
        if name in result or name in ("host", "none"):
            why = "is named twice" if name in result else "is not a network to connect to"
            raise OptionError(f'the network "{name}" in {what} {why}', "List each network of the host once")
        result[name] = _network(entry, f'the network "{name}"')
    return result


def _network(entry: Mapping[str, Any], what: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if entry.get("aliases") is not None:
        result["aliases"] = sorted(set(map(str, entry["aliases"])))
    if entry.get("ipv4_address") is not None:
        result["ipv4_address"] = values.ipv4(entry["ipv4_address"], f"ipv4_address of {what}")
    if entry.get("mac_address") is not None:
        result["mac_address"] = values.mac(entry["mac_address"], f"mac_address of {what}")
    if entry.get("driver_opts") is not None:
        result["driver_opts"] = texts(entry["driver_opts"], f"driver_opts of {what}")
    return result


# Ports, volumes, devices


def ports(value: Any, what: str) -> dict[str, Any]:
    return {"/".join(port): port for port in parse_ports(value)}


def write_ports(value: Mapping[str, Any]) -> dict[str, Any]:
    return port_bindings(value.values())


def by_target(mounts: Any, what: str) -> dict[str, Mount]:
    result: dict[str, Mount] = {}
    for mount in mounts:
        if mount.target.lower() in result:
            raise OptionError(f"two entries of {what} have the target {mount.target}", "Give each its own target")
        result[mount.target.lower()] = mount
    return result


def read_binds(raw: Any) -> dict[str, Mount]:
    """``HostConfig.Binds`` keeps the text that was sent, whoever sent it."""
    found = {}
    for text in raw or ():
        try:
            mount = parse_volume(str(text))
        except OptionError:
            mount = Mount("other", str(text), str(text))
        found[mount.target.lower()] = mount
    return found


def read_mounts(raw: Any) -> dict[str, Mount]:
    return {mount.target.lower(): mount for mount in map(Mount.of_engine, raw or ())}


def write_mounts(value: Mapping[str, Mount]) -> list[dict[str, Any]]:
    return [{"Type": one.kind, "Source": one.source, "Target": one.target, "ReadOnly": one.read_only} for one in value.values()]


def show_mounts(value: Mapping[str, Mount], other: Any) -> list[str]:
    return [str(mount) for mount in value.values()]


_DEVICE = re.compile(r"(?:class/|(?:class|vpci-class-guid)://)\{?(?P<id>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")


def devices(value: Any, what: str) -> dict[str, str]:
    for text in value:
        if not _DEVICE.fullmatch(str(text)):
            raise OptionError(
                f'{what} holds "{text}", and Windows assigns devices by their class only',
                "Write class/<GUID>, for example class/5B45201D-F2F2-4F3B-85BB-30FF1F953599 for graphics",
            )
    return {str(text).lower(): str(text) for text in value}


def read_devices(raw: Any) -> dict[str, str]:
    paths = [str(entry.get("PathOnHost") or "") for entry in raw or ()]
    return {path.lower(): path for path in paths}


def write_devices(value: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"PathOnHost": path, "PathInContainer": "", "CgroupPermissions": ""} for path in value.values()]


# Credential specs

CREDENTIAL_SPEC = "credentialspec="


def credential_spec(value: Any, what: str) -> str:
    if isinstance(value, Mapping):
        return "raw://" + json.dumps(value, separators=(",", ":"), sort_keys=True)
    text = str(value).strip().removeprefix(CREDENTIAL_SPEC)
    if not text:
        return ""
    scheme, sign, rest = text.partition("://")
    advice = "Write file://<name>.json, registry://<name>, or the content of the credential spec itself"
    if not sign or not rest or scheme.lower() not in ("file", "registry", "raw"):
        raise OptionError(f"{what} is neither file://, registry:// nor raw:// with something behind it", advice)
    if scheme.lower() == "file" and (re.match(r"[A-Za-z]:|[\\/]", rest) or ".." in re.split(r"[\\/]", rest)):
        raise OptionError(f'{what} is "{text}", and the file must lie in the folder CredentialSpecs of the engine\'s data root', advice)
    if scheme.lower() == "raw":
        _checked_json(rest, what, advice)
    return f"{scheme.lower()}://{rest}"


def _checked_json(text: str, what: str, advice: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        raise OptionError(f"the content in {what} is not JSON", advice) from None


def read_credential_spec(raw: Any) -> str:
    return next((str(entry)[len(CREDENTIAL_SPEC) :] for entry in raw or () if str(entry).lower().startswith(CREDENTIAL_SPEC)), "")


def same_spec(wanted: str, found: str) -> bool:
    if wanted.startswith("raw://") and found.lower().startswith("raw://"):
        try:
            return bool(json.loads(wanted[6:]) == json.loads(found[6:]))
        except ValueError:
            return False
    return wanted.replace("/", "\\").lower() == found.replace("/", "\\").lower()


def show_spec(value: str, other: str) -> str:
    return "raw://(content not shown)" if value.startswith("raw://") else value


# Resources


def storage(value: Any, what: str) -> dict[str, int]:
    unknown = next((key for key in value if str(key).lower() != "size"), None)
    if unknown is not None:
        raise OptionError(f'{what} has the key "{unknown}", and Windows knows only size', "Write storage_opts: {size: 50GB}")
    return {str(key).lower(): values.size(item, f"size of {what}") for key, item in value.items()}


def read_storage(raw: Any) -> dict[str, int]:
    result = {}
    for key, item in (raw or {}).items():
        try:
            result[str(key).lower()] = values.size(item, str(key))
        except OptionError:
            result[str(key).lower()] = -1
    return result


def show_storage(value: Mapping[str, int], other: Any = None) -> dict[str, str]:
    return {key: values.show_size(item) for key, item in value.items()}


#: Of the engines 20.10 to 29 on Windows (moby daemon/logdrivers_windows.go); logentries until 24.
_NOT_ON_WINDOWS = ("journald",)


def log_driver(value: Any, what: str) -> str:
    if str(value) in _NOT_ON_WINDOWS:
        raise OptionError(f'{what} is "{value}", which a Windows engine does not have', "Use json-file, local, etwlogs or another one")
    return str(value)
