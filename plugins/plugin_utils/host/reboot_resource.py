# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One reboot as a resource."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Resource, Step
from ..errors import OptionError, doing
from ..remote.command_line import command_line
from ..remote.reboot import LONGEST_MESSAGE, Rebooted, reboot
from .facts import OPERATING_SYSTEM

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

#: Of shutdown.exe's ``/t``, in seconds (native-tools.md 3).
LONGEST_DELAY = 315360000


@dataclass(frozen=True)
class RebootRequest:
    """What the task asks for; times in seconds.

    Args:
        message: For users who are logged on.
        delay: From the request to the restart.
        timeout: For the host to come back.
        settle: To wait after it is back.
    """

    message: str
    delay: int
    timeout: float
    settle: float


def check(request: RebootRequest) -> None:
    """Refuse, before anything happens, what would fail once the host is on its way down. Raises OptionError."""
    if len(request.message) > LONGEST_MESSAGE:
        raise OptionError(f"the msg has {len(request.message)} characters, and Windows takes {LONGEST_MESSAGE}", "Shorten it")
    try:
        command_line("shutdown.exe", ["/c", request.message])
    except OptionError as error:
        raise OptionError(f"the option msg cannot be passed on: {error.cause}", error.advice) from error
    for name, value, least in (
        ("delay", request.delay, 0),
        ("reboot_timeout", request.timeout, 1),
        ("post_reboot_delay", request.settle, 0),
    ):
        if value < least:
            raise OptionError(f"{name} is {value:g}, and the least is {least}", "Give it in whole seconds")
    if request.delay > LONGEST_DELAY:
        raise OptionError(f"delay is {request.delay}, and the most is {LONGEST_DELAY}", "Give it in whole seconds")


class RebootResource(Resource[datetime | None]):
    """Reboots whenever it is asked to; what it observes is the boot time."""

    verb = "reboot"
    thing = "the host"

    def __init__(self, host: RemoteHost, request: RebootRequest) -> None:
        self._host = host
        self._request = request
        self._proof: Rebooted | None = None

    def read(self) -> datetime | None:
        if self._proof is not None:
            return self._proof.boot_time_after
        with doing(self.verb, self.thing):
            boot_time = self._host.cim.get(OPERATING_SYSTEM).get("LastBootUpTime")
        return boot_time if isinstance(boot_time, datetime) else None

    def plan(self, observed: datetime | None) -> Plan:
        check(self._request)
        return Plan(steps=(Step("reboot", "reboot the host"),))

    def apply(self, plan: Plan, observed: datetime | None) -> None:
        request = self._request
        self._proof = reboot(self._host, message=request.message, delay=request.delay, timeout=request.timeout, settle=request.settle)

    def predict(self, plan: Plan, observed: datetime | None) -> dict[str, Any]:
        return {"rebooted": True, "elapsed": None, "boot_time_before": _text(observed), "boot_time_after": None}

    def report(self, observed: datetime | None, plan: Plan) -> dict[str, Any]:
        proof = self._proof
        return {
            "rebooted": proof is not None,
            "elapsed": round(proof.elapsed, 1) if proof else None,
            "boot_time_before": _text(proof.boot_time_before if proof else observed),
            "boot_time_after": _text(proof.boot_time_after) if proof else None,
        }


def _text(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
