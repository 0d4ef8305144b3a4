# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The methods of Win32_OperatingSystem: they end or restart Windows, or set its clock (native-tools.md 3).

0 is success, otherwise the result is a Win32 code: 1314 is the documented sign that the shutdown privilege is not held, 1115 a shutdown
that is under way, 1190 one that is ordered, 87 a parameter that cannot be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from .cim import Instance, Value

if TYPE_CHECKING:
    from .machine import Machine

#: How long the method's answer has before Windows goes down.
_GRACE = 0.2
_LOGOFF, _SHUTDOWN, _REBOOT, _FORCE, _POWER_OFF = 0, 1, 2, 4, 8
_LONGEST_DELAY = 315360000


def _order(machine: Machine, flags: int, delay: float = 0) -> Instance:
    """Flags as documented: 0 logoff, 1 shutdown, 2 reboot, 8 power off, each with 4 for force. A logoff of a network logon does nothing."""
    if flags & ~(_SHUTDOWN | _REBOOT | _FORCE | _POWER_OFF) or not 0 <= delay <= _LONGEST_DELAY:
        return {"ReturnValue": 87}
    if not machine.switches.remote_shutdown:
        return {"ReturnValue": 1314}
    if flags & ~_FORCE == _LOGOFF:
        return {"ReturnValue": 0}
    return {"ReturnValue": machine.power.schedule(_GRACE + delay, restart=bool(flags & _REBOOT))}


async def _reboot(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    return _order(machine, _REBOOT)


async def _shutdown(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    return _order(machine, _SHUTDOWN)


async def _win32_shutdown(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    return _order(machine, int(parameters.get("Flags") or 0))


async def _win32_shutdown_tracker(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    return _order(machine, int(parameters.get("Flags") or 0), float(parameters.get("Timeout") or 0))


async def _set_date_time(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    moment = parameters.get("LocalDateTime")
    if not isinstance(moment, datetime):
        return {"ReturnValue": 87}
    machine.clock.set(moment)
    return {"ReturnValue": 0}


METHODS = {
    "Reboot": _reboot,
    "Shutdown": _shutdown,
    "Win32Shutdown": _win32_shutdown,
    "Win32ShutdownTracker": _win32_shutdown_tracker,
    "SetDateTime": _set_date_time,
}
INPUTS = {
    "Win32Shutdown": {"Flags": "sint32", "Reserved": "sint32"},
    "Win32ShutdownTracker": {"Timeout": "uint32", "Comment": "string", "ReasonCode": "uint32", "Flags": "sint32"},
    "SetDateTime": {"LocalDateTime": "datetime"},
}
OUTPUTS = {name: {"ReturnValue": "uint32"} for name in METHODS}
