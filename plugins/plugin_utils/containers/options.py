# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the options given and an inspected container. Pure.

An option that the user did not give is not compared. Of the others, what is expected is what the engine makes of the value: it merges the
image's defaults into it, and some options depend on each other (docker-on-windows.md section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...module_utils.container_options import REFUSED, ROWS, Row
from ..desired_state import Difference
from ..errors import OptionError
from .kinds import KINDS, Kind
from .networks import networks_of

#: An inspected container or image, as the engine's JSON has it.
Inspected = Mapping[str, Any]
MODES = ("strict", "allow_more_present", "ignore")


@dataclass(frozen=True)
class Option:
    """A row of the table with its kind."""

    row: Row
    kind: Kind

    def found(self, inspected: Inspected) -> Any:
        """The present value of an inspected container or image."""
        return self.kind.read(networks_of(inspected) if self.row.path == "Networks" else at(inspected, self.row.path))

    def same(self, wanted: Any, found: Any, mode: str) -> bool:
        """Whether the found value is the wanted one, by a comparison mode."""
        more = mode == "allow_more_present"
        if self.kind.shape == "map":
            if not (wanted.keys() <= found.keys() if more else wanted.keys() == found.keys()):
                return False
            return all(self.kind.matches(entry, found[key]) for key, entry in wanted.items())
        if self.kind.shape == "list" and more:
            rest = iter(found)
            return all(item in rest for item in wanted)
        return self.kind.matches(wanted, found)


OPTIONS: Mapping[str, Option] = {row.name: Option(row, KINDS[row.kind]) for row in ROWS}


def at(document: Any, path: str) -> Any:
    """The value at a path, or None."""
    for part in path.split("."):
        document = (document or {}).get(part)
    return document


def refuse_foreign(options: Mapping[str, Any]) -> None:
    """Raises OptionError for a given option that Windows has no use for, with the reason; none is ever dropped silently."""
    for name in options:
        if name in REFUSED and options[name] is not None:
            why, advice = REFUSED[name]
            raise OptionError(f"the option {name} cannot be used on Windows: {why}", advice)


def parse_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The given ones of the table, checked one by one. Raises OptionError."""
    return {
        name: option.kind.parse(options[name], f"the option {name}") for name, option in OPTIONS.items() if options.get(name) is not None
    }


def parse_comparisons(given: Mapping[str, Any] | None) -> dict[str, str]:
    """The mode of each option that the task gives one for, ``*`` spread over all. Raises OptionError."""
    given = given or {}
    every = given.get("*")
    if every not in (None, "strict", "ignore"):
        raise OptionError(f'comparisons has "{every}" for "*"', "For all options at once choose strict or ignore")
    result = dict.fromkeys((*OPTIONS, "image"), str(every)) if every else {}
    for name, mode in given.items():
        if name != "*":
            result[_named(str(name))] = _mode(str(name), mode)
    return result


def _named(name: str) -> str:
    found = next((row.name for row in ROWS if name == row.name or name in row.spec.get("aliases", ())), name)
    if found not in OPTIONS and found != "image":
        raise OptionError(f'comparisons names the option "{name}", which is not compared', f"Known are image, {', '.join(OPTIONS)}")
    return found


def _mode(name: str, mode: Any) -> str:
    if mode not in MODES:
        raise OptionError(f'comparisons has "{mode}" for {name}', f"Choose one of {', '.join(MODES)}")
    option = OPTIONS.get(_named(name))
    if mode == "allow_more_present" and (option is None or option.kind.shape == "value"):
        raise OptionError(f"comparisons has allow_more_present for {name}, which has one value only", "Choose strict or ignore")
    return str(mode)


@dataclass(frozen=True)
class Case:
    """One option under comparison, and all that its expectation may depend on."""

    wanted: Any
    found: Any
    values: Mapping[str, Any]
    container: Inspected
    image: Inspected | None

    def effective(self, name: str) -> Any:
        """The value another option has in the end."""
        return self.values[name] if name in self.values else OPTIONS[name].found(self.container)


def differences(
    values: Mapping[str, Any], container: Inspected, image: Inspected | None, modes: Mapping[str, str] | None = None
) -> tuple[Difference, ...]:
    """What differs between the options given and an inspected container.

    Args:
        values: From :func:`parse_options`.
        container: The inspected container.
        image: The inspected image that the container should have; None while the host does not have it.
        modes: From :func:`parse_comparisons`.
    """
    found = []
    for name, wanted in values.items():
        option = OPTIONS[name]
        mode = (modes or {}).get(name, option.row.compare)
        if mode == "ignore":
            continue
        expected, present = _expectation(option, Case(wanted, option.found(container), values, container, image))
        if not option.same(expected, present, mode):
            found.append(Difference(name, option.kind.show(present, expected), option.kind.show(expected, present)))
    return tuple(found)


def _expectation(option: Option, case: Case) -> tuple[Any, Any]:
    """What the engine makes of the wanted value, and what was found of it."""
    expected, found = case.wanted, case.found
    if option.row.of_image:
        expected, found = _with_image(option, case)
    rule = _RULES.get(option.row.name)
    return rule(case, expected, found) if rule else (expected, found)


def _with_image(option: Option, case: Case) -> tuple[Any, Any]:
    if case.image is None:
        # Nobody can tell the image's entries from leftovers, so only the wanted names are compared.
        only = option.kind.shape == "map"
        return case.wanted, {key: case.found[key] for key in case.wanted if key in case.found} if only else case.found
    brought = option.found(case.image)
    if option.kind.shape == "map":
        return {**brought, **case.wanted}, case.found
    return case.wanted or brought, case.found


def _command_rule(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
    """An entry point of the container's own leaves the image's command out (moby daemon/commit.go, merge)."""
    own = case.values.get("entrypoint")
    if own is None:
        brought = OPTIONS["entrypoint"].found(case.image) if case.image else []
        present = OPTIONS["entrypoint"].found(case.container)
        own = present if case.image is not None and present != brought else []
    return (case.wanted if own and not case.wanted else expected), found


def _entrypoint_rule(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
    """One empty word is no entry point at all."""
    return ([] if case.wanted == [""] else expected), found


def _exposed_rule(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
    """What is published is exposed as well, whatever this option says."""
    published = {port for port, _unused in OPTIONS["published_ports"].found(case.container).values()}

    def others(ports: Any) -> dict[Any, Any]:
        return {key: key for key in ports if key not in published}

    return others(expected), others(found)


def _engine_chooses(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
    """An empty text leaves the choice to the engine."""
    return (expected or found), found


def _hostname_rule(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
    chosen = str(case.container.get("Id") or "")[:12]
    return (expected or chosen), found


#: For process isolation the engine sets all but the first of these to nothing (docker-on-windows.md section 4).
_PRECEDENCE = ("cpu_count", "cpu_shares", "cpu_percent")


def check_policy(policy: str, retries: Any, auto_remove: Any) -> None:
    """Raises OptionError for a restart policy that the engine does not take together with the rest (moby daemon/container.go)."""
    if auto_remove and policy != "no":
        raise OptionError(
            f"auto_remove cannot go along with the restart policy {policy}", "Give only one of auto_remove and restart_policy"
        )
    if retries and policy != "on-failure":
        raise OptionError(f"restart_retries cannot go along with the restart policy {policy}", "Set restart_policy: on-failure")


def outranked(name: str, isolation: str, effective: Callable[[str], Any]) -> str:
    """The option that makes the engine discard another one, or an empty text.

    Args:
        name: The option that may be discarded.
        isolation: ``process`` or ``hyperv``.
        effective: Gives the value of an option in the end.
    """
    if isolation != "process" or name not in _PRECEDENCE:
        return ""
    return next((winner for winner in _PRECEDENCE[: _PRECEDENCE.index(name)] if effective(winner)), "")


def _cpu_rule(name: str) -> Callable[[Case, Any, Any], tuple[Any, Any]]:
    def rule(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
        isolation = str(at(case.container, "HostConfig.Isolation") or "").lower()
        return (0 if outranked(name, isolation, case.effective) else expected), found

    return rule


def _network_mode_rule(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
    """The engine may keep a network's id; the names of what the container is connected to tell (docker-on-windows.md section 8, 2)."""
    by_id = len(found) == 64 and expected in OPTIONS["networks"].found(case.container)
    return expected, (expected if by_id else found)


def _networks_rule(case: Case, expected: Any, found: Any) -> tuple[Any, Any]:
    """Up to 24 the address of a network card cannot be seen while the container does not run."""
    unseen = {name for name, entry in found.items() if not entry.get("mac_address")}
    wanted = {
        name: {key: value for key, value in entry.items() if not (key == "mac_address" and name in unseen)}
        for name, entry in expected.items()
    }
    return wanted, found


_RULES: Mapping[str, Callable[[Case, Any, Any], tuple[Any, Any]]] = {
    "command": _command_rule,
    "entrypoint": _entrypoint_rule,
    "exposed_ports": _exposed_rule,
    "hostname": _hostname_rule,
    "log_driver": _engine_chooses,
    "cpu_shares": _cpu_rule("cpu_shares"),
    "cpu_percent": _cpu_rule("cpu_percent"),
    "network_mode": _network_mode_rule,
    "networks": _networks_rule,
}
