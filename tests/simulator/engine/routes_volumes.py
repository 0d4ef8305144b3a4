# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes about volumes: the local driver, which takes no options on Windows. Facts: docker-on-windows.md 5."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from ..http import Response
from . import texts
from .api import Call, empty, json_response, route
from .pruning import prune_filter
from .values import new_id, now, show_time

Json = dict[str, Any]
_FILTERS = {"name", "driver", "label", "dangling"}


def _volume(call: Call, name: str) -> Json:
    """Names know no case on Windows. Raises ApiError 404."""
    volume = call.engine.state.volumes.get(name.lower())
    if volume is None:
        raise texts.ApiError(404, f"get {name}: no such volume")
    volume.setdefault("CreatedAt", show_time(now()))
    if volume.get("anonymous") and call.engine.version.major >= 23:  # moby volume/service: AnonymousLabel
        volume["Labels"] = {**(volume.get("Labels") or {}), "com.docker.volume.anonymous": ""}
    return {"Driver": "local", "Labels": None, "Options": None, "Scope": "local"} | {
        key: volume[key] for key in volume if key != "anonymous"
    }


def _users(call: Call, name: str) -> list[str]:
    return [one.id for one in call.engine.state.containers.values() if any(mount.get("Name") == name for mount in one.mounts)]


@route("GET", "/volumes")
async def list_volumes(call: Call) -> Response:
    filters = call.filters()
    for name in sorted(set(filters) - _FILTERS):
        raise texts.invalid_filter(name, call.engine.version)
    rows = [_volume(call, name) for name in call.engine.state.volumes if _fits(call, name, filters)]
    return json_response({"Volumes": rows if rows or call.api >= (1, 42) else [], "Warnings": None})


def _fits(call: Call, name: str, filters: dict[str, list[str]]) -> bool:
    labels = call.engine.state.volumes[name].get("Labels") or {}
    return (
        any(one in name for one in filters.get("name", [""]))
        and all(one == "local" for one in filters.get("driver", []))
        and all((one.lower() in ("true", "1")) == (not _users(call, name)) for one in filters.get("dangling", []))
        and all(
            labels.get(key) == value if sign else key in labels
            for key, sign, value in (one.partition("=") for one in filters.get("label", []))
        )
    )


@route("POST", "/volumes/create")
async def create_volume(call: Call) -> Response:
    body, volumes = call.json(), call.engine.state.volumes
    asked = str(body.get("Name") or "")
    name = (asked or new_id()).lower()
    driver = body.get("Driver") or "local"
    if driver != "local":
        raise texts.ApiError(404, f'create {asked}: error looking up volume plugin {driver}: plugin "{driver}" not found')
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", name):
        raise texts.volume_name(asked)
    if body.get("DriverOpts"):
        raise texts.ApiError(400, f"create {name}: options are not supported on this platform")
    if name not in volumes:
        mountpoint = f"{call.engine.data_root}\\volumes\\{name}\\_data"
        volumes[name] = {"Name": name, "Mountpoint": mountpoint, "Labels": body.get("Labels"), "anonymous": not asked}
        call.engine.events.volume(name, "create", driver="local")
    return json_response(_volume(call, name), 201)


@route("GET", "/volumes/{name}")
async def inspect_volume(call: Call) -> Response:
    return json_response(_volume(call, call.path["name"]))


@route("DELETE", "/volumes/{name}")
async def remove_volume(call: Call) -> Response:
    name = call.path["name"].lower()
    try:
        _volume(call, call.path["name"])
    except texts.ApiError:
        if call.flag("force"):
            return empty()
        raise
    if users := _users(call, name):
        raise texts.ApiError(409, f"remove {name}: volume is in use - [{', '.join(users)}]")
    drop_volume(call, name)
    return empty()


def drop_volume(call: Call, name: str) -> None:
    """Remove it and tell."""
    del call.engine.state.volumes[name]
    call.engine.events.volume(name, "destroy", driver="local")


@route("POST", "/volumes/prune")
async def prune_volumes(call: Call) -> Response:
    """From API 1.42 on only anonymous ones, unless the filter ``all`` says otherwise."""
    wanted = prune_filter(call, ("label", "label!", "all") if call.api >= (1, 42) else ("label", "label!"))
    every = call.api < (1, 42) or call.filters().get("all", ["false"])[0].lower() in ("true", "1")
    volumes = call.engine.state.volumes
    gone = [
        name
        for name, volume in volumes.items()
        if not _users(call, name)
        and (every or volume.get("anonymous"))
        and wanted(volume.get("Labels"), datetime.min.replace(tzinfo=now().tzinfo))
    ]
    for name in gone:
        drop_volume(call, name)
    call.engine.events.pruned("volume", 0)
    return json_response({"VolumesDeleted": gone or (None if call.api >= (1, 42) else []), "SpaceReclaimed": 0})
