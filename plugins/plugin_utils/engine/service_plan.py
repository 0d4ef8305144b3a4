# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the service's settings as they are to those asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..desired_state import Difference, Step
from .service_options import START_MODES, Recovery, ServiceOptions, ServiceSettings, merged_environment, recovery_argument
from .state import ObservedEngine


@dataclass(frozen=True)
class ServiceChange:
    """What changes.

    Args:
        steps: At most one for the service manager's settings, one for recovery, one for the environment.
        differences: The same before and after; of the environment only names.
        restart: Whether a running engine must be restarted for it to take effect.
        start_mode: What it will be afterwards.
    """

    steps: tuple[Step, ...] = ()
    differences: tuple[Difference, ...] = ()
    restart: bool = False
    start_mode: str = "auto"


def plan_service(options: ServiceOptions, observed: ObservedEngine) -> ServiceChange:
    """Compare. A service that does not exist yet is registered with automatic start, and gets all that is asked for."""
    steps, differences = _manager(options, observed)
    recovery = _recovery(options, observed)
    environment = _environment(options, observed)
    for step, difference in (recovery, environment):
        if step and difference:
            steps.append(step)
            differences.append(difference)
    return ServiceChange(tuple(steps), tuple(differences), environment[0] is not None, _start_mode(options, observed))


def _settings(observed: ObservedEngine) -> ServiceSettings:
    return observed.settings_of_service or ServiceSettings()


def _start_mode(options: ServiceOptions, observed: ObservedEngine) -> str:
    """What is asked for, else what is there; a disabled service cannot start, so that it becomes automatic."""
    found = observed.start_mode or "auto"
    return options.start_mode or ("auto" if found == "disabled" else found)


def _manager(options: ServiceOptions, observed: ObservedEngine) -> tuple[list[Step], list[Difference]]:
    """Start mode and dependencies, which ``sc config`` sets in one call."""
    arguments: list[str] = []
    words: list[str] = []
    differences = []
    before, after = observed.start_mode or "auto", _start_mode(options, observed)
    if before != after:
        arguments += ["start=", START_MODES[after]]
        words.append(f"start mode {after}")
        differences.append(Difference("start_mode", before, after))
    wanted, found = options.dependencies, _settings(observed).dependencies
    if wanted is not None and {name.lower() for name in wanted} != {name.lower() for name in found}:
        # An empty list is written as a single slash.
        arguments += ["depend=", "/".join(wanted) or "/"]
        words.append(f"dependencies {', '.join(wanted) or 'none'}")
        differences.append(Difference("dependencies", list(found), list(wanted)))
    if not arguments:
        return [], []
    text = f'give the service "{observed.service_name}" {" and ".join(words)}'
    return [Step("sc", text, {"arguments": ["config", observed.service_name, *arguments]})], differences


def _recovery(options: ServiceOptions, observed: ObservedEngine) -> tuple[Step | None, Difference | None]:
    found = _settings(observed)
    actions = found.recovery if options.recovery is None else options.recovery
    reset = found.recovery_reset if options.recovery_reset is None else options.recovery_reset
    asked = options.recovery is not None or options.recovery_reset is not None
    if not asked or (actions, reset) == (found.recovery, found.recovery_reset):
        return None, None
    # sc takes the one only together with the other.
    words = ["failure", observed.service_name, "reset=", str(reset), "actions=", recovery_argument(actions)]
    step = Step("sc", f'give the service "{observed.service_name}" its recovery actions', {"arguments": words})
    return step, Difference("recovery", _shown(found.recovery, found.recovery_reset), _shown(actions, reset))


def _shown(actions: tuple[Recovery, ...], reset: int) -> dict[str, Any]:
    return {"actions": [{"action": step.action, "delay": step.delay} for step in actions], "reset": reset}


def _environment(options: ServiceOptions, observed: ObservedEngine) -> tuple[Step | None, Difference | None]:
    found = dict(_settings(observed).environment)
    wanted = merged_environment(found, options.environment)
    if wanted == found:
        return None, None
    changed = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
    # Values may be secret: only names are ever shown.
    before = {name: "set" for name in changed if name in found}
    after = {name: "set" if name not in found else "set anew" for name in changed if name in wanted}
    text = f'set the environment of the service "{observed.service_name}": {", ".join(changed)}'
    return Step("environment", text, {"values": [f"{name}={value}" for name, value in wanted.items()]}), Difference(
        "environment", before, after
    )
