# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One reboot as a resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Resource, Step
from ..errors import OptionError, doing
from ..remote.cim import CimClass, quote
from ..remote.command_line import command_line
from ..remote.reboot import Rebooted, RebootRequest, reboot
from ..remote.restart_order import LONGEST_MESSAGE
from .facts import OPERATING_SYSTEM
from .features import list_features
from .pending_reboot import servicing_pending
from .readiness import FeatureState

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

#: Of shutdown.exe's ``/t``, in seconds (native-tools.md 3).
LONGEST_DELAY = 315360000
#: A name, or an absolute path to one.
_PROGRAM = re.compile(r"(?:(?:[A-Za-z]:|\\\\).*\\)?[^\s\\]+")
_SERVICE = CimClass("Win32_Service", {"Name": str})
#: Services that containers need, and engines, if they start by themselves and run.
_NEEDED = "State='Running' AND StartMode='Auto' AND (Name='hns' OR Name='vmcompute' OR Name='vmms' OR PathName LIKE '%dockerd%')"


def check(request: RebootRequest, services: Sequence[str] = ()) -> None:
    """Refuse, before anything happens, what would fail once the host is on its way down. Raises OptionError."""
    if any(not name.strip() for name in services):
        raise OptionError("the option services holds an empty name", "Give names as 'sc query' shows them")
    if len(request.message) > LONGEST_MESSAGE:
        raise OptionError(f"the msg has {len(request.message)} characters, and Windows takes {LONGEST_MESSAGE}", "Shorten it")
    if request.test and not _PROGRAM.fullmatch(request.test[0].replace("/", "\\")):
        raise OptionError(
            f'the option test_command begins with "{request.test[0]}", which is not a program',
            "Give the program and its arguments as a list",
        )
    for name, program, arguments in (("msg", "shutdown.exe", ("/c", request.message)), ("test_command", *split_test(request.test))):
        try:
            command_line(program, arguments)
        except OptionError as error:
            raise OptionError(f"the option {name} cannot be passed on: {error.cause}", error.advice) from error
    for name, value, least in (
        ("delay", request.delay, 0),
        ("reboot_timeout", request.timeout, 1),
        ("post_reboot_delay", request.settle, 0),
    ):
        if value < least:
            raise OptionError(f"{name} is {value:g}, and the least is {least}", "Give it in whole seconds")
    if request.delay > LONGEST_DELAY:
        raise OptionError(f"delay is {request.delay}, and the most is {LONGEST_DELAY}", "Give it in whole seconds")


def split_test(test: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The program and its arguments; any program where there is no test."""
    return (test[0], test[1:]) if test else ("shutdown.exe", ())


def needed_services(host: RemoteHost) -> tuple[str, ...]:
    """The services that containers need and that should run again after a reboot, in one CIM query."""
    return tuple(str(row.get("Name")) for row in host.cim.query(_SERVICE, where=_NEEDED))


def missing_services(host: RemoteHost, names: Sequence[str]) -> list[str]:
    """Those of the services that the host does not have; one CIM query, none for no names."""
    if not names:
        return []
    found = {str(row.get("Name")).lower() for row in host.cim.query(_SERVICE, where=" OR ".join(f"Name={quote(name)}" for name in names))}
    return [name for name in names if name.lower() not in found]


def rolled_back(before: dict[str, FeatureState], after: dict[str, FeatureState]) -> list[str]:
    """Features whose change was to be made at the boot and is not. Pure.

    Args:
        before: States as read before the reboot.
        after: States of the same features afterwards; one that is missing tells nothing.
    """
    goals: dict[FeatureState, tuple[FeatureState, ...]] = {"enable_pending": ("disabled", "removed"), "disable_pending": ("enabled",)}
    return sorted(name for name, state in before.items() if after.get(name) in goals.get(state, ()))


def unknown_fate(host: RemoteHost) -> str:
    """For callers that know of nothing that could run on the host."""
    return ""


@dataclass(frozen=True)
class ObservedBoot:
    """What is known before and after.

    Args:
        boot_time: When Windows started.
        features: States of the features that servicing waits with; after the reboot of the same ones.
        fate: What the reboot means for what runs on the host, as the end of a step's description.
    """

    boot_time: datetime | None
    features: dict[str, FeatureState] = field(default_factory=dict)
    fate: str = ""


class HostReboot(Resource[ObservedBoot]):
    """Reboots whenever it is asked to; what it observes is the boot time, and the features that wait for the reboot.

    Args:
        services: Names of the services to wait for; None: those of containers that run by themselves now.
        fate: Tells what a reboot means for what runs on the host, as the end of the step's description.
    """

    verb = "reboot"
    thing = ""

    def __init__(
        self, host: RemoteHost, request: RebootRequest, services: list[str] | None = None, fate: Callable[[RemoteHost], str] = unknown_fate
    ) -> None:
        self._host = host
        self._request = request
        self._services = services
        self._fate = fate
        self._proof: Rebooted | None = None
        self._waiting: dict[str, FeatureState] = {}
        self._missing: list[str] = []

    def read(self) -> ObservedBoot:
        if self._proof is not None:
            return ObservedBoot(self._proof.boot_time_after, list_features(self._host) if self._waiting else {})
        check(self._request, self._services or ())
        with doing(self.verb, self.thing):
            boot_time = self._host.cim.get(OPERATING_SYSTEM).get("LastBootUpTime")
            known = list_features(self._host) if servicing_pending(self._host.registry) else {}
            self._missing = missing_services(self._host, self._services or ())
            waiting = {name: state for name, state in known.items() if state.endswith("_pending")}
            return ObservedBoot(boot_time if isinstance(boot_time, datetime) else None, waiting, self._fate(self._host))

    def plan(self, observed: ObservedBoot) -> Plan:
        return Plan(steps=(Step("reboot", f"reboot the host{observed.fate}"),))

    def apply(self, plan: Plan, observed: ObservedBoot) -> None:
        self._host.begin(plan.steps[0])
        self._waiting = observed.features
        services = needed_services(self._host) if self._services is None else self._services
        self._proof = reboot(self._host, replace(self._request, services=tuple(services)))

    def predict(self, plan: Plan, observed: ObservedBoot) -> dict[str, Any]:
        before = _text(observed.boot_time)
        foretold = {"rebooted": True, "boot_time_before": before, "rolled_back": [], "warnings": self._unawaited()}
        return {**foretold, "boot_time_after": None, "method": None}

    def report(self, observed: ObservedBoot, plan: Plan) -> dict[str, Any]:
        proof = self._proof
        undone = rolled_back(self._waiting, observed.features)
        return {
            "rebooted": proof is not None,
            "boot_time_before": _text(proof.boot_time_before if proof else observed.boot_time),
            "boot_time_after": _text(proof.boot_time_after) if proof else None,
            "method": ("scheduled_task" if proof.task_reason else "shutdown") if proof else None,
            "rolled_back": undone,
            "warnings": [*reboot_warnings(proof), *roll_back_warnings(undone), *self._unawaited()],
        }

    def _unawaited(self) -> list[str]:
        return [
            f'the host had no service "{name}" before the reboot, see that the option services spells it right' for name in self._missing
        ]


def reboot_warnings(proof: Rebooted | None) -> list[str]:
    """What a user should know of how it was rebooted."""
    if proof is None or not proof.task_reason:
        return []
    return [f"{proof.task_reason}, so a scheduled task of SYSTEM rebooted the host and was removed again"]


def roll_back_warnings(undone: list[str]) -> list[str]:
    """What a user should know of features that are not as they were to be."""
    if not undone:
        return []
    return [f"Windows undid the change of {', '.join(undone)} at boot, look into C:\\Windows\\Logs\\CBS\\CBS.log on the host"]


def _text(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
