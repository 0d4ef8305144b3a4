# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong inside a machine, or with what it downloads from, while the fleet runs.

Each kind of trouble takes a JSON-like mapping, so that the control address (control.py) and a test say the same thing::

    fleet.call(lambda: trouble.on_host(fleet.hosts["ws2022"], "disk", {"free_bytes": 0}))

Trouble on the wire (connections cut, late answers) is in faults.py; what a machine is like from the start stands in the fleet file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fleet import Fleet, Host

Settings = Mapping[str, Any]


class TroubleError(ValueError):
    """What was asked for cannot be: one sentence."""


async def on_host(host: Host, kind: str, settings: Settings) -> dict[str, Any]:
    """Make trouble of this kind on one host; what holds now. Raises TroubleError."""
    if kind not in HOST_TROUBLE:
        raise TroubleError(f'there is no trouble "{kind}" (known: {", ".join(HOST_TROUBLE)})')
    host.machine.log("trouble", f"{kind}: {dict(settings)}")
    return await HOST_TROUBLE[kind](host, settings)


async def _reboot(host: Host, settings: Settings) -> dict[str, Any]:
    """Restart the machine as if somebody pulled the plug (``seconds`` later)."""
    seconds = _number(settings, "seconds", 0)
    code = host.machine.power.schedule(seconds)
    if code:
        raise TroubleError(f"Windows refuses with {code}: a shutdown is scheduled or in progress")
    return {"reboot_in_seconds": seconds}


async def _disk(host: Host, settings: Settings) -> dict[str, Any]:
    """Set the free space (``free_bytes``); 0 is a full disk."""
    host.machine.files.free_bytes = int(_number(settings, "free_bytes"))
    return {"free_bytes": host.machine.files.free_bytes}


async def _clock(host: Host, settings: Settings) -> dict[str, Any]:
    """Set the clock forward or back (``jump_seconds``)."""
    host.machine.clock.jump(_number(settings, "jump_seconds"))
    return {"now": host.machine.now().isoformat()}


async def _switches(host: Host, settings: Settings) -> dict[str, Any]:
    """Change switches of the machine (``never_returns``, ``refuses_reboot`` ...) or of its WinRM (``second_command`` ...)."""
    known: dict[str, Any] = {}
    for owner in (host.machine.switches, host.settings.switches):
        known.update(dict.fromkeys((item.name for item in fields(owner)), owner))
    for name, value in settings.items():
        if name not in known:
            raise TroubleError(f'there is no switch "{name}" (known: {", ".join(sorted(known))})')
        _same_kind(name, value, getattr(known[name], name))
    for name, value in settings.items():
        setattr(known[name], name, value)
    return {name: getattr(owner, name) for name, owner in known.items()}


async def _limits(host: Host, settings: Settings) -> dict[str, Any]:
    """Change quotas of WinRM (``max_shells_per_user`` ...)."""
    limits = host.settings.limits
    for name, value in settings.items():
        if name not in vars(limits):
            raise TroubleError(f'there is no limit "{name}" (known: {", ".join(sorted(vars(limits)))})')
        _same_kind(name, value, getattr(limits, name))
    vars(limits).update(settings)
    return dict(vars(limits))


async def _services(host: Host, settings: Settings) -> dict[str, Any]:
    """Let services fail to start: name to the Win32 code of every start, 0 to let it start again."""
    failing = host.machine.services.failing
    for name, code in settings.items():
        _same_kind(name, code, 0)
        failing[name.lower()] = code
        if not code:
            del failing[name.lower()]
    return dict(failing)


async def _crash(host: Host, settings: Settings) -> dict[str, Any]:
    """End the program of a service at once (``service``, by default the engine's: docker)."""
    name = str(settings.get("service", "docker"))
    service = host.machine.services.get(name)
    row = host.machine.processes.get(service.pid) if service and service.pid else None
    if service is None or row is None or row.kill is None:
        raise TroubleError(f'no program of a service "{name}" is running')
    task = service.task
    row.kill()
    if task is not None:
        await asyncio.wait({task}, timeout=5)
    return {"service": service.name, "state": service.state, "exit_code": service.exit_code}


async def _features(host: Host, settings: Settings) -> dict[str, Any]:
    """Features that are rolled back at the next boot (``rollback``), and whose files are missing (``source_missing``): lists of names."""
    features = host.machine.features
    if unknown := set(settings) - {"rollback", "source_missing"}:
        raise TroubleError(f"unknown: {', '.join(sorted(unknown))} (known: rollback, source_missing)")
    features.rollback = set(settings.get("rollback", features.rollback))
    features.source_missing = set(settings.get("source_missing", features.source_missing))
    return {"rollback": sorted(features.rollback), "source_missing": sorted(features.source_missing)}


async def _disconnect(host: Host, settings: Settings) -> dict[str, Any]:
    """Drop the connections on which nothing is under way."""
    return {"dropped": host.winrm.disconnect_idle()}


#: Kinds of trouble on a host.
HOST_TROUBLE: dict[str, Callable[[Host, Settings], Awaitable[dict[str, Any]]]] = {
    "reboot": _reboot, "disk": _disk, "clock": _clock, "switches": _switches, "limits": _limits, "services": _services, "crash": _crash,
    "features": _features, "disconnect": _disconnect,
}  # fmt: skip


def on_mirror(fleet: Fleet, settings: Settings) -> dict[str, Any]:
    """Slow or broken downloads of engines: ``bytes_per_second`` (0: as fast as it goes), ``fault`` (see engine/mirror.py)."""
    mirror = fleet.mirror
    _change(mirror, settings, ("bytes_per_second", "fault"))
    return {"url": mirror.url, "bytes_per_second": mirror.bytes_per_second, "fault": mirror.fault, "requests": mirror.requests}


def on_registry(fleet: Fleet, settings: Settings) -> dict[str, Any]:
    """Slow or absent container registries (``bytes_per_second``, ``down``), and new images in them (``publish``, see engine/registry.py)."""
    registry = fleet.registry
    _change(registry, {name: value for name, value in settings.items() if name != "publish"}, ("bytes_per_second", "down"))
    registry.publish(settings.get("publish", {}))
    return {"bytes_per_second": registry.bytes_per_second, "down": registry.down}


def _change(target: Any, settings: Settings, known: tuple[str, ...]) -> None:
    for name, value in settings.items():
        if name not in known:
            raise TroubleError(f'there is no setting "{name}" (known: {", ".join(known)})')
        _same_kind(name, value, getattr(target, name))
    for name, value in settings.items():
        setattr(target, name, value)


def _number(settings: Settings, name: str, default: float | None = None) -> float:
    if unknown := set(settings) - {name}:
        raise TroubleError(f"unknown: {', '.join(sorted(unknown))} (known: {name})")
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TroubleError(f'"{name}" takes a number')
    return value


def _same_kind(name: str, value: Any, example: Any) -> None:
    numbers = isinstance(value, int | float) and isinstance(example, int | float)
    if isinstance(value, bool) != isinstance(example, bool) or not (numbers or isinstance(value, type(example))):
        raise TroubleError(f'"{name}" takes a value like {example!r}, not {value!r}')
