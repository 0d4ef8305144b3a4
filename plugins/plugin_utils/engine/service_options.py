# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the engine's service starts, recovers, depends on others, and what its environment holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import OptionError

#: Option value to what ``sc config start=`` is told (native-tools.md 2).
START_MODES = {"auto": "auto", "delayed": "delayed-auto", "manual": "demand"}
#: SC_ACTION_TYPE, as the registry stores it (native-tools.md 2: FailureActions).
ACTIONS = {0: "none", 1: "restart", 2: "reboot", 3: "run"}
_NAME = re.compile(r"[\w.$+-]+(?: [\w.$+-]+)*")
_VARIABLE = re.compile(r"[^=\s\x00][^=\x00\r\n]*")


@dataclass(frozen=True)
class Recovery:
    """One recovery action: ``restart``, ``reboot`` or ``none``, after a delay in seconds."""

    action: str
    delay: int = 0


@dataclass(frozen=True)
class ServiceOptions:
    """What is asked for; None leaves a thing as it is.

    Args:
        start_mode: ``auto``, ``delayed`` or ``manual``.
        recovery: The actions after the first, second, and later failures.
        recovery_reset: Seconds without a failure after which the count begins anew.
        dependencies: Names of services that must run first.
        environment: Variables of the service, texts; None as a value removes one, a list or a mapping is refused. Values are never shown.
    """

    start_mode: str | None = None
    recovery: tuple[Recovery, ...] | None = None
    recovery_reset: int | None = None
    dependencies: tuple[str, ...] | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether anything in the registry must be looked at."""
        return bool(self.recovery is not None or self.recovery_reset is not None or self.dependencies is not None or self.environment)


@dataclass(frozen=True)
class ServiceSettings:
    """What the registry says of the service."""

    recovery: tuple[Recovery, ...] = ()
    recovery_reset: int = 0
    dependencies: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def check_service(options: ServiceOptions) -> None:
    """Refuse what Windows, or a command line, cannot carry. Raises OptionError."""
    for name in options.dependencies or ():
        if not _NAME.fullmatch(name):
            raise OptionError(
                f'the option service.dependencies holds "{name}", which is not a service name', "Give names as sc query shows them"
            )
    for step in options.recovery or ():
        if not 0 <= step.delay <= 86400:
            raise OptionError(f"the option service.recovery has a delay of {step.delay} seconds", "Use 0 to 86400 seconds")
    if options.recovery_reset is not None and options.recovery is None:
        raise OptionError("the option service.recovery_reset is given without service.recovery", "Give the recovery actions as well")
    if options.recovery_reset is not None and options.recovery_reset < 0:
        raise OptionError(f"the option service.recovery_reset is {options.recovery_reset}", "Use 0 or more seconds")
    for name, value in options.environment.items():
        if isinstance(value, (list, Mapping)):
            raise OptionError(f'the variable "{name}" of the service\'s environment is not given a text', "Write it as NAME: text")
        if not _VARIABLE.fullmatch(name) or (value is not None and re.search(r"[\x00\r\n]", value)):
            raise OptionError(
                f'the variable "{name}" of the service\'s environment has a name or a value that Windows cannot keep',
                "Use names without an equals sign and values of one line",
            )


def merged_environment(current: Mapping[str, str], wanted: Mapping[str, str | None]) -> dict[str, str]:
    """The variables after the change; names are the same in any case, None removes."""
    names = {name.lower(): name for name in current}
    merged = dict(current)
    for name, value in wanted.items():
        merged.pop(names.get(name.lower(), name), None)
        if value is not None:
            merged[names.get(name.lower(), name)] = value
    return merged


def parse_environment(entries: Sequence[str]) -> dict[str, str]:
    """``NAME=value`` entries; the first equals sign ends the name."""
    pairs = (entry.partition("=") for entry in entries if "=" in entry)
    return {name: value for name, _unused, value in pairs}


def parse_recovery(data: Sequence[int] | None) -> tuple[int, tuple[Recovery, ...]]:
    """Reset period and actions of ``FailureActions``: five numbers of four bytes, the fourth how many pairs of type and milliseconds follow."""
    numbers = [int.from_bytes(bytes(data[at : at + 4]), "little") for at in range(0, len(data or ()) - 3, 4)] if data else []
    if len(numbers) < 5:
        return 0, ()
    pairs = list(zip(numbers[5::2], numbers[6::2], strict=False))[: numbers[3]]
    return numbers[0], tuple(Recovery(ACTIONS.get(kind, "none"), delay // 1000) for kind, delay in pairs)


def recovery_argument(recovery: Sequence[Recovery]) -> str:
    """``actions=`` of ``sc failure``; a pause without an action has an empty name."""
    return "/".join(f"{'' if step.action == 'none' else step.action}/{step.delay * 1000}" for step in recovery)
