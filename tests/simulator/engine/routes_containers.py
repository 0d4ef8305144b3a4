# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes about containers: what they are and what they do. Streams stand in routes_streams.py."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from ..http import Response
from . import create, texts
from .api import Call, empty, json_response, route
from .containers import Container, Program, inspect_container, list_row
from .lifecycle import signal_number
from .pruning import prune_filter
from .routes_volumes import drop_volume
from .validation import check_policy
from .values import human_size, now, show_time

Json = dict[str, Any]
_FILTERS = {
    "id",
    "name",
    "label",
    "status",
    "exited",
    "ancestor",
    "isolation",
    "network",
    "volume",
    "before",
    "since",
    "publish",
    "expose",
    "health",
}


@route("GET", "/containers/json")
async def list_containers(call: Call) -> Response:
    filters = call.filters()
    unknown = set(filters) - _FILTERS
    if unknown:
        raise texts.invalid_filter(sorted(unknown)[0], call.engine.version)
    every = call.flag("all") or "status" in filters or "exited" in filters or call.number("limit", 0) > 0
    chosen = [one for one in call.engine.state.containers.values() if (every or one.state.running) and _matches(call, one, filters)]
    chosen.sort(key=lambda one: one.created, reverse=True)
    limit = call.number("limit", 0)
    return json_response([list_row(one) for one in (chosen[:limit] if limit > 0 else chosen)])


def _matches(call: Call, container: Container, filters: dict[str, list[str]]) -> bool:
    """Every filter must fit; of one filter's values one is enough (of labels all)."""
    labels = container.config["Labels"] or {}
    for name, values in filters.items():
        if name == "label":
            if not all(labels.get(key) == value if sign else key in labels for key, sign, value in (one.partition("=") for one in values)):
                return False
        elif not any(_fits(container, name, value) for value in values):
            return False
    return True


def _fits(container: Container, name: str, value: str) -> bool:
    image, state = container.image, container.state
    tests: dict[str, Callable[[], bool]] = {
        "id": lambda: container.id.startswith(value),
        "name": lambda: _name_fits(container.name, value),
        "status": lambda: state.status == value,
        "exited": lambda: state.ever_started and not state.running and str(state.exit_code) == value,
        "ancestor": lambda: value in (container.config["Image"], image.id, *image.tags) or f"{value}:latest" in image.tags,
        "isolation": lambda: container.isolation == value.lower(),
        "network": lambda: value in container.networks,
        "health": lambda: (container.health.status if container.health else "none") == value,
        "publish": lambda: value.removesuffix("/tcp") in [one["HostPort"] for many in container.ports.values() for one in many or ()],
        "expose": lambda: (value if "/" in value else f"{value}/tcp") in (container.config.get("ExposedPorts") or {}),
        "volume": lambda: any(value in (mount.get("Name"), mount["Destination"]) for mount in container.mounts),
    }
    return tests[name]() if name in tests else True


def _name_fits(name: str, pattern: str) -> bool:
    """A name filter is a regular expression over the name, with and without its slash."""
    try:
        return bool(re.search(pattern, name) or re.search(pattern, f"/{name}"))
    except re.error:
        return pattern in name


@route("POST", "/containers/create")
async def create_container(call: Call) -> Response:
    container, warnings = create.create(call.engine, call.text("name"), call.json(), call.api)
    return json_response({"Id": container.id, "Warnings": warnings}, 201)


@route("GET", "/containers/{id}/json")
async def inspect(call: Call) -> Response:
    engine = call.engine
    return json_response(inspect_container(engine.find_container(call.path["id"]), engine.data_root, engine.version))


@route("POST", "/containers/{id}/start")
async def start(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    if container.state.running:
        return empty(304)
    await call.engine.lifecycle.start(container)
    return empty()


@route("POST", "/containers/{id}/stop")
async def stop(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    if not container.state.running and not container.state.restarting:
        return empty(304)
    await call.engine.lifecycle.stop(container, **_stopping(call, container))
    return empty()


def _stopping(call: Call, container: Container) -> Any:
    """Signal and seconds of a stop: from the request, the container, or the default of 30 s (docker-on-windows.md 7)."""
    given, own = call.text("signal") if call.api >= (1, 42) else "", container.config.get("StopTimeout")
    signal = signal_number(given or container.config.get("StopSignal") or "SIGTERM", call.engine.version)
    return {"signal": signal, "seconds": call.number("t", 30 if own is None else own)}


@route("POST", "/containers/{id}/restart")
async def restart(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    await call.engine.lifecycle.stop(container, **_stopping(call, container))
    try:
        await call.engine.lifecycle.start(container)
    except texts.ApiError as error:
        raise texts.cannot_restart(call.path["id"], error) from error
    call.engine.events.container(container, "restart")
    return empty()


@route("POST", "/containers/{id}/kill")
async def kill(call: Call) -> Response:
    signal = signal_number(call.text("signal") or "SIGKILL", call.engine.version)  # looked at before the container
    try:
        container = call.engine.find_container(call.path["id"])
        if not container.state.running:
            raise texts.not_running(container.id, call.engine.version)
    except texts.ApiError as error:
        raise texts.cannot_kill(call.path["id"], error, call.engine.version) from error
    await call.engine.lifecycle.kill(container, signal)
    return empty()


@route("POST", "/containers/{id}/pause")
async def pause(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    if not container.state.running:
        raise texts.not_running(container.id, call.engine.version)
    if container.isolation == "process":
        raise texts.pause_refused("process")
    if container.state.paused:
        raise texts.ApiError(409, f"Container {container.id} is already paused")
    container.state.paused = True
    call.engine.events.container(container, "pause")
    return empty()


@route("POST", "/containers/{id}/unpause")
async def unpause(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    if not container.state.paused:  # an error without a class, looked at first
        raise texts.ApiError(500, f"Container {container.id} is not paused")
    if container.isolation == "process":
        raise texts.ApiError(500, "cannot resume Windows Server Containers")
    container.state.paused = False
    call.engine.events.container(container, "unpause")
    return empty()


@route("POST", "/containers/{id}/rename")
async def rename(call: Call) -> Response:
    if not call.text("name"):  # looked at before the container
        raise texts.ApiError(400, "Neither old nor new names may be empty")
    create.rename(call.engine, call.engine.find_container(call.path["id"]), call.text("name"))
    return empty()


@route("POST", "/containers/{id}/update")
async def update(call: Call) -> Response:
    """Only the restart policy can change on Windows."""
    container = call.engine.find_container(call.path["id"])
    body = call.json()
    policy = body.pop("RestartPolicy", None) or {}
    if any(body.values()):
        raise texts.update_unsupported(container.id, call.engine.version)
    if policy.get("Name"):
        wanted = {"Name": policy["Name"], "MaximumRetryCount": policy.get("MaximumRetryCount") or 0}
        if container.host_config["AutoRemove"] and wanted["Name"] != "no":
            raise texts.ApiError(409, "Restart policy cannot be updated because AutoRemove is enabled for the container")
        check_policy({"RestartPolicy": wanted, "AutoRemove": False}, call.engine.version)
        container.host_config["RestartPolicy"] = wanted
    call.engine.events.container(container, "update")
    return json_response({"Warnings": None})


@route("POST", "/containers/{id}/resize")
async def resize(call: Call) -> Response:
    call.engine.find_container(call.path["id"])
    return empty(200)


@route("DELETE", "/containers/{id}")
async def remove(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    await call.engine.lifecycle.remove(container, call.path["id"], force=call.flag("force"))
    if call.flag("v"):
        for name in [str(mount.get("Name")) for mount in container.mounts]:
            if call.engine.state.volumes.get(name, {}).get("anonymous"):
                drop_volume(call, name)
    return empty()


@route("POST", "/containers/prune")
async def prune(call: Call) -> Response:
    wanted = prune_filter(call, ("label", "label!", "until"))
    gone = [
        one
        for one in call.engine.state.containers.values()
        if not one.state.running and not one.state.restarting and wanted(one.config["Labels"], one.created)
    ]
    freed = sum(one.size for one in gone)
    for container in gone:
        await call.engine.lifecycle.remove(container, container.id, force=False)
    call.engine.events.pruned("container", freed)
    return json_response({"ContainersDeleted": [one.id for one in gone] or None, "SpaceReclaimed": freed})


@route("POST", "/containers/{id}/wait")
async def wait(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    condition = call.text("condition") or "not-running"
    if condition not in ("not-running", "next-exit", "removed"):
        raise texts.ApiError(400, f'invalid condition: "{condition}"')

    async def result() -> AsyncIterator[bytes]:
        if condition == "removed":
            await container.removed.wait()
        elif condition == "next-exit":
            await container.next_exit.wait()
        elif container.state.running:
            await container.exited.wait()
        answer: Json = {"StatusCode": container.state.exit_code}
        if call.engine.version.major < 23:
            answer = {"Error": None, **answer}
        yield json.dumps(answer).encode() + b"\n"

    # The head goes out at once, the body when the container has ended.
    return Response(200, result(), [("Content-Type", "application/json")])


@route("GET", "/containers/{id}/top")
async def top(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    if call.text("ps_args"):
        raise texts.top_arguments()
    if not container.state.running:
        raise texts.not_running(container.id, call.engine.version)
    return json_response({"Titles": ["Name", "PID", "CPU", "Private Working Set"], "Processes": [_row(one) for one in container.programs]})


def _row(program: Program) -> list[str]:
    """CPU as HH:MM:SS.mmm, size in human form (docker-on-windows.md 7); the figures themselves are made up."""
    seconds = 0.015 + (now() - program.started).total_seconds() * 0.001
    return [program.name, str(program.pid), f"00:00:{seconds:06.3f}", human_size(300_000 + program.pid * 97)]


@route("GET", "/containers/{id}/stats")
async def stats(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])

    async def samples() -> AsyncIterator[bytes]:
        while True:
            yield json.dumps(_sample(call, container)).encode() + b"\n"
            if call.text("stream", "1").lower() in ("0", "false") or not container.state.running:
                return
            await asyncio.sleep(1)

    return Response(200, samples(), [("Content-Type", "application/json")])


def _sample(call: Call, container: Container) -> Json:
    running = container.state.running
    memory = {"commitbytes": 42_000_000, "commitpeakbytes": 58_000_000, "privateworkingset": 27_000_000} if running else {}
    cpu = {"cpu_usage": {"total_usage": 1_250_000 if running else 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0}}
    return {
        "read": show_time(now()),
        "preread": show_time(None),
        "num_procs": call.engine.host.processors if running else 0,
        "name": f"/{container.name}",
        "id": container.id,
        "cpu_stats": cpu,
        "precpu_stats": cpu,
        "memory_stats": memory,
        "storage_stats": {"read_count_normalized": 0, "read_size_bytes": 0, "write_count_normalized": 0, "write_size_bytes": 0}
        if running
        else {},
        "networks": {},
    }
