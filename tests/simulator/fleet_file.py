# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may stand in a fleet file, and a sentence for what may not. Values only: whether a port is free shows when the fleet starts."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from .faults import Rule
from .windows.features import State
from .windows.language import known as known_languages
from .windows.profiles import Profile, read_data
from .windows.switches import Switches as MachineSwitches
from .wsman.bindings import LEVELS
from .wsman.settings import Limits, Switches, WinrmSettings

#: Settings of a host with the kind of value they take; what a machine knows beyond them it checks itself.
_NUMBERS = (
    "memory_bytes",
    "processors",
    "disk_bytes",
    "free_bytes",
    "boot_seconds",
    "servicing_seconds",
    "clock_shift",
    "utc_offset_minutes",
)
_FLAGS = ("virtualization_firmware", "servicing_pending")
_MAPPINGS = ("accounts", "features", "hosts", "winrm", "failing_features", "failing_services", "runtimes")
_LISTS = ("faults", "rollback_features", "source_missing", "trusted_roots", "antivirus")
_NAMES = ("name", "profile", "platform", "address", "port", "engine_bridge", "language", "domain", "time_zone")
_KINDS: Mapping[Any, str] = {bool: "true or false", int: "a number", float: "a number", str: "a text", dict: "a mapping", list: "a list"}
#: Settings and switches of WinRM that take only certain values.
_CHOICES: Mapping[str, tuple[Any, ...]] = {
    "going_down": ("reset", "fault"),
    "while_down": ("refused", "silent"),
    "second_command": ("refuse", "run"),
    "console_mode_stdin": ("ignored", "converts"),
    "skip_cmd_shell": ("ignored", "honoured"),
    "cbt_hardening": LEVELS,
    "stack": (3, 2),
    "first_items": (1, 0, -1),
    "unencrypted_status": (401, 500),
}
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")


class FleetError(ValueError):
    """A fleet that cannot be, or cannot start.

    Args:
        cause: Why, a clause without a final stop.
        advice: What to do, a sentence without a final stop.
    """

    def __init__(self, cause: str, advice: str = "") -> None:
        self.cause = cause
        self.advice = advice
        super().__init__(f"{cause}. {self._closed_advice}" if advice else cause)

    @property
    def _closed_advice(self) -> str:
        return self.advice if self.advice.endswith("?") else f"{self.advice}."

    def sentence(self, source: object) -> str:
        """The text a user reads."""
        text = f"Cannot start the fleet {source}: {self.cause}."
        return f"{text} {self._closed_advice}" if self.advice else text


def read(path: Path) -> Mapping[str, Any]:
    """The content of a fleet file. Raises FleetError when it is no YAML, no mapping, or has no hosts."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FleetError("the file does not exist", "Give the path of a fleet file, see README.md beside the simulator") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise FleetError(f"the file cannot be read ({getattr(problem, 'strerror', '') or 'it is no UTF-8 text'})") from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise FleetError(f"it is not YAML{where}: {getattr(problem, 'problem', None) or 'it cannot be parsed'}", "Correct it") from problem
    if not isinstance(data, Mapping) or not data.get("hosts"):
        raise FleetError("it names no host", "Give it a list hosts with a name and a profile for each, see README.md beside the simulator")
    return data


def check(data: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise FleetError for what cannot be right. ``known``: the keys a fleet may have."""
    if unknown := sorted(set(map(str, data)) - set(known)):
        raise FleetError(f"unknown keys in the fleet: {', '.join(unknown)}", suggestion(unknown[0], known))
    expect("hosts", data.get("hosts", []), list)
    expect("defaults", data.get("defaults", {}), dict)
    expect("faults", data.get("faults", []), list)
    for key in ("ports", "control"):
        expect(key, data.get(key, 0), int)
    for rule in data.get("faults", ()):
        _check_fault(rule)
    names: set[str] = set()
    for entry in data.get("hosts", ()):
        if not isinstance(entry, Mapping):
            raise FleetError(f"the host {entry!r} is no mapping", "Write it as {name: ws2022, profile: server-2022}")
        merged = {**data.get("defaults", {}), **entry}
        if missing := [key for key in ("name", "profile") if key not in merged]:
            raise FleetError(f"a host of the fleet lacks {' and '.join(missing)}: {dict(entry)}", f"Add {' and '.join(missing)} to it")
        name = str(merged["name"])
        if name in names:
            raise FleetError(f'two hosts are named "{name}"', "Give each a name of its own")
        names.add(name)
        with naming(f'host "{name}"'):
            _check_host(merged)


@contextmanager
def naming(part: str) -> Iterator[None]:
    """Name the part of the fleet in every error about it, also in those it raises as plain exceptions."""
    try:
        yield
    except FleetError as problem:
        raise FleetError(f"{part}: {problem.cause}", problem.advice) from problem
    except KeyError as problem:
        raise FleetError(f"{part}: there is no {problem}", "Correct the fleet file") from problem
    except (TypeError, ValueError, OSError) as problem:
        raise FleetError(f"{part}: {problem}", "Correct the fleet file") from problem


def expect(key: str, value: Any, kind: type) -> None:
    """Refuse a value of another kind than ``kind``; whole numbers may stand for fractions."""
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or (kind in (int, float) and isinstance(value, bool)):
        raise FleetError(f'"{key}" takes {_KINDS[kind]}, not {value!r}', "Correct the fleet file")


def suggestion(wrong: str, known: Collection[str]) -> str:
    """What was probably meant, or all there is."""
    near = difflib.get_close_matches(wrong, list(known), 1)
    return f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(sorted(known))}"


def _choose(what: str, value: Any, known: Collection[Any]) -> None:
    if value not in known:
        raise FleetError(f'there is no {what} "{value}"', suggestion(str(value), [str(item) for item in known]))


def _check_host(entry: Mapping[str, Any]) -> None:
    if not _HOST_NAME.fullmatch(str(entry["name"])):
        raise FleetError("this is no name for a host", "Use letters, digits, dots, hyphens and underscores")
    _choose("profile", entry["profile"], read_data("profiles.yml"))
    _choose("platform", entry.get("platform", "metal"), read_data("platforms.yml"))
    _choose("language", entry.get("language", "en-US"), known_languages())
    if "edition" in entry:
        kind = read_data("profiles.yml")[entry["profile"]]["kind"]
        _choose(f"edition of {entry['profile']}", entry["edition"], read_data("editions.yml")[kind])
    for kind, keys in ((float, _NUMBERS), (bool, _FLAGS), (dict, _MAPPINGS), (list, _LISTS)):
        for key in keys:
            if key in entry:
                expect(key, entry[key], kind)
    _check_fields(MachineSwitches(), entry)
    _check_keys(entry)
    _check_address(entry)
    if not entry.get("accounts", {"": ""}):
        raise FleetError("it has no account", "Give accounts at least one name with its password")
    for feature, state in entry.get("features", {}).items():
        _choose(f"state of the feature {feature}", str(state).upper(), [each.name for each in State])
    _check_winrm(entry.get("winrm", {}))
    for rule in entry.get("faults", ()):
        _check_fault(rule)


def _check_fault(rule: Any) -> None:
    expect("faults", rule, dict)
    _known("fault", rule, [item.name for item in fields(Rule) if item.name != "seen"])


def _check_keys(entry: Mapping[str, Any]) -> None:
    known = {*_NAMES, *_NUMBERS, *_FLAGS, *_MAPPINGS, *_LISTS, *(item.name for kind in (Profile, MachineSwitches) for item in fields(kind))}
    for key in sorted(set(entry) - known):
        if near := difflib.get_close_matches(str(key), known, 1):
            raise FleetError(f'there is no setting "{key}"', f'Did you mean "{near[0]}"?')


def _check_address(entry: Mapping[str, Any]) -> None:
    for key, port in (("port", entry.get("port", 1)), ("https_port", entry.get("winrm", {}).get("https_port", 0))):
        expect(key, port, int)
        if not 0 <= port <= 65535:
            raise FleetError(f'"{key}" takes a port from 1 to 65535, not {port}', "Correct the fleet file")
    try:
        ipaddress.IPv4Address(str(entry.get("address", "127.0.0.1")))
    except ValueError:
        raise FleetError(f'"{entry["address"]}" is no IPv4 address', "Use a loopback address such as 127.10.0.1, or leave it out") from None


def _check_winrm(winrm: Mapping[str, Any]) -> None:
    _known("WinRM", winrm, [item.name for item in fields(WinrmSettings)])
    for kind, settings in ((Limits, winrm.get("limits", {})), (Switches, winrm.get("switches", {}))):
        expect("limits" if kind is Limits else "switches", settings, dict)
        _known("WinRM", settings, [item.name for item in fields(kind)])
        _check_fields(kind(), settings)
    for key, value in {**winrm, **winrm.get("switches", {})}.items():
        if key in _CHOICES and value not in _CHOICES[key]:
            raise FleetError(f'"{key}" takes {" or ".join(map(str, _CHOICES[key]))}, not "{value}"', "Correct the fleet file")


def _known(what: str, data: Mapping[str, Any], known: Collection[str]) -> None:
    for key in sorted(set(data) - set(known)):
        raise FleetError(f'there is no {what} setting "{key}"', suggestion(str(key), known))


def _check_fields(defaults: Any, values: Mapping[str, Any]) -> None:
    """Each value must be of the kind its default has."""
    for item in fields(defaults):
        if item.name in values:
            expect(item.name, values[item.name], type(getattr(defaults, item.name)))
