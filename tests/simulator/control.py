# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control address: look into a running fleet, and make trouble in it, with JSON over HTTP on loopback.

The routes stand in README.md. ``*`` instead of a host's name means every host. An error is ``{"error": "..."}`` with status 400, 404 or 405.
Requests that change something must say ``Content-Type: application/json``, so that no web page in a browser can send them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import trouble
from .faults import Rule
from .http import Connection, Request, Response, Server
from .trouble import TroubleError

if TYPE_CHECKING:
    from .fleet import Fleet, Host


class NotThere(Exception):
    """No such host or path: 404."""


class Control:
    """The server.

    Args:
        fleet: What it controls.
        port: On 127.0.0.1; 0 picks a free one.
    """

    def __init__(self, fleet: Fleet, port: int = 0) -> None:
        self._fleet = fleet
        self._server = Server(self._handle, "127.0.0.1", port)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``, known once started."""
        return f"http://{self._server.address}:{self._server.port}"

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._server.listening

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await self._server.start()

    async def stop(self) -> None:
        """Close the port."""
        await self._server.stop()

    async def _handle(self, request: Request, connection: Connection) -> Response:
        try:
            return _json(200, await self._route(request))
        except NotThere as problem:
            return _json(404, {"error": str(problem)})
        except (TroubleError, ValueError, TypeError) as problem:
            return _json(400, {"error": str(problem)})

    async def _route(self, request: Request) -> Any:
        path = [part for part in request.target.partition("?")[0].split("/") if part]
        body = _body(request)
        if path[:1] == ["hosts"]:
            return await self._hosts(request.method, path[1:], body)
        if path == ["faults"]:
            return {host.name: _faults(host, request.method, body) for host in self._fleet.hosts.values()}
        if path == ["mirror"]:
            return trouble.on_mirror(self._fleet, body)
        if path == ["registry"]:
            return trouble.on_registry(self._fleet, body)
        if not path:
            return {"hosts": list(self._fleet.hosts), "routes": ROUTES}
        raise NotThere(f"there is no {request.target} (known: {', '.join(ROUTES)})")

    async def _hosts(self, method: str, path: list[str], body: Mapping[str, Any]) -> Any:
        if not path:
            return [_summary(host) for host in self._fleet.hosts.values()]
        name, rest = path[0], path[1:]
        if name == "*":
            return {host.name: await _on_host(host, method, rest, body) for host in self._fleet.hosts.values()}
        if name not in self._fleet.hosts:
            raise NotThere(f'there is no host "{name}" (known: {", ".join(self._fleet.hosts)})')
        return await _on_host(self._fleet.hosts[name], method, rest, body)


#: What can be asked; each line also stands in README.md.
ROUTES = (
    "GET /hosts", "GET /hosts/NAME", "GET /hosts/NAME/messages", "GET /hosts/NAME/programs", "GET /hosts/NAME/log",
    "GET, POST, DELETE /hosts/NAME/faults", *(f"POST /hosts/NAME/{kind}" for kind in trouble.HOST_TROUBLE),
    "GET, POST, DELETE /faults", "GET, POST /mirror", "GET, POST /registry",
)  # fmt: skip


def _body(request: Request) -> Mapping[str, Any]:
    if request.method in ("GET", "DELETE"):
        return {}
    if request.method != "POST":
        raise ValueError(f"the method {request.method} means nothing here (known: GET, POST, DELETE)")
    if not request.header("content-type").lower().startswith("application/json"):
        raise ValueError("a request that changes something needs Content-Type: application/json")
    data = json.loads(request.body or b"{}")
    if not isinstance(data, dict):
        raise ValueError("the body must be a JSON object")
    return data


def _json(status: int, data: Any) -> Response:
    body = json.dumps(data, indent=2, default=str).encode() + b"\n"
    return Response(status, body, [("Content-Type", "application/json")])


async def _on_host(host: Host, method: str, path: list[str], body: Mapping[str, Any]) -> Any:
    what = path[0] if path else ""
    if len(path) > 1:
        raise NotThere(f"there is nothing below /hosts/{host.name}/{what}")
    if what == "faults":
        return _faults(host, method, body)
    if method == "POST":
        return await trouble.on_host(host, what, body)
    if method == "GET" and what in _VIEWS:
        return _VIEWS[what](host)
    raise NotThere(f"there is no {method} /hosts/{host.name}/{what} (known: {', '.join(ROUTES)})")


def _faults(host: Host, method: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    if method == "POST":
        rule = Rule(**body)
        host.faults.rules.append(rule)
        host.machine.log("trouble", f"fault: {rule.do} {rule.kind} {rule.when} {rule.nth}, {rule.times or 'all'} times")
    elif method == "DELETE":
        host.faults.clear()
    return [rule.shown() for rule in host.faults.rules]


def _summary(host: Host) -> dict[str, Any]:
    machine = host.machine
    return {
        "name": host.name,
        "address": host.address,
        "port": host.port,
        "https_port": host.settings.https_port,
        "system": machine.profile.caption,
        "platform": machine.platform.name,
        "running": machine.running,
        "messages": host.messages.total(),
        "programs": len(machine.started_programs),
    }


def _detail(host: Host) -> dict[str, Any]:
    machine = host.machine
    shells = list(host.winrm.service.shells.shells.all())
    return {
        **_summary(host),
        "boot_time": machine.boot_time.isoformat(),
        "boots": machine.power.boots,
        "now": machine.now().isoformat(),
        "free_bytes": machine.files.free_bytes,
        "features": {feature.name: feature.state.name.lower() for feature in machine.features.all()},
        "services": {service.name: service.state for service in machine.services.all()},
        "shells": [{"id": shell.id, "user": shell.user, "commands": len(shell.commands)} for shell in shells],
        "faults": [rule.shown() for rule in host.faults.rules],
    }


def _log(host: Host) -> list[dict[str, str]]:
    return [{"time": line.time.isoformat(), "kind": line.kind, "text": line.text} for line in host.machine.log_lines]


def _programs(host: Host) -> list[str]:
    return host.machine.started_programs


_VIEWS: dict[str, Callable[[Host], Any]] = {"": _detail, "messages": lambda host: dict(host.messages), "programs": _programs, "log": _log}
