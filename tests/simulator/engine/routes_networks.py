# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes about networks and volumes."""

from __future__ import annotations

import uuid
from typing import Any

from ..http import Response
from . import texts
from .api import Call, empty, json_response, route
from .networks import DRIVERS, Network
from .values import new_id, now, show_time

Json = dict[str, Any]


def _shown(call: Call, network: Network) -> Json:
    return network.shown(list(call.engine.state.containers.values()), call.engine.version)


@route("GET", "/networks")
async def list_networks(call: Call) -> Response:
    filters = call.filters()
    chosen = [
        one
        for one in call.engine.state.networks.networks
        if all(
            any(value in wanted for value in filters[key])
            for key, wanted in (("name", one.name), ("driver", one.driver), ("id", one.id))
            if key in filters
        )
    ]
    return json_response([_shown(call, one) for one in chosen])


@route("POST", "/networks/create")
async def create_network(call: Call) -> Response:
    body, networks = call.json(), call.engine.state.networks
    name, driver = str(body.get("Name") or ""), str(body.get("Driver") or "nat")
    if not name:
        raise texts.ApiError(400, "network name is required")
    if any(one.name == name for one in networks.networks):
        raise texts.ApiError(409, f"network with name {name} already exists")
    if driver not in DRIVERS:
        raise texts.ApiError(404, f'could not find plugin {driver} in v1 plugin registry: plugin "{driver}" not found')
    config = ((body.get("IPAM") or {}).get("Config") or [{}])[0]
    subnet = str(config.get("Subnet") or f"172.{28 + len(networks.networks) % 3}.{16 * len(networks.networks)}.0/20")
    if ":" in subnet:
        raise texts.ApiError(400, "windowsshim driver doesn't support v6 subnets")
    gateway = str(config.get("Gateway") or subnet.split("/", maxsplit=1)[0].rsplit(".", 1)[0] + ".1")
    options = {"com.docker.network.windowsshim.hnsid": str(uuid.uuid4()).upper()} | dict(body.get("Options") or {})
    network = Network(name, driver, subnet=subnet, gateway=gateway, options=options, labels=dict(body.get("Labels") or {}))
    networks.networks.append(network)
    return json_response({"Id": network.id, "Warning": ""}, 201)


@route("GET", "/networks/{id}")
async def inspect_network(call: Call) -> Response:
    return json_response(_shown(call, call.engine.state.networks.find(call.path["id"])))


@route("DELETE", "/networks/{id}")
async def remove_network(call: Call) -> Response:
    networks = call.engine.state.networks
    network = networks.find(call.path["id"])
    if network.name in ("nat", "none"):
        raise texts.ApiError(403, f"{network.name} is a pre-defined network and cannot be removed")
    if any(one.state.running and network.name in one.networks for one in call.engine.state.containers.values()):
        raise texts.ApiError(403, f"error while removing network: network {network.name} id {network.id} has active endpoints")
    networks.networks.remove(network)
    return empty()


@route("POST", "/networks/prune")
async def prune_networks(call: Call) -> Response:
    networks = call.engine.state.networks
    used = {name for one in call.engine.state.containers.values() for name in one.networks}
    gone = [one for one in networks.networks if one.name not in ("nat", "none", *used)]
    for network in gone:
        networks.networks.remove(network)
    return json_response({"NetworksDeleted": [one.name for one in gone] or None})


def _volume(call: Call, name: str) -> Json:
    volume = call.engine.state.volumes.get(name)
    if volume is None:
        raise texts.ApiError(404, f"get {name}: no such volume")
    volume.setdefault("CreatedAt", show_time(now()))
    return {"Driver": "local", "Labels": None, "Options": None, "Scope": "local"} | volume


@route("GET", "/volumes")
async def list_volumes(call: Call) -> Response:
    wanted = call.filters().get("name", [""])
    names = [name for name in call.engine.state.volumes if any(one in name for one in wanted)]
    return json_response({"Volumes": [_volume(call, name) for name in names], "Warnings": None})


@route("POST", "/volumes/create")
async def create_volume(call: Call) -> Response:
    body = call.json()
    name = str(body.get("Name") or new_id()).lower()
    if body.get("DriverOpts"):
        raise texts.ApiError(400, f"create {name}: options are not supported on this platform")
    mountpoint = f"{call.engine.data_root}\\volumes\\{name}\\_data"
    call.engine.state.volumes.setdefault(name, {"Name": name, "Mountpoint": mountpoint, "Labels": body.get("Labels")})
    return json_response(_volume(call, name), 201)


@route("GET", "/volumes/{name}")
async def inspect_volume(call: Call) -> Response:
    return json_response(_volume(call, call.path["name"]))


@route("DELETE", "/volumes/{name}")
async def remove_volume(call: Call) -> Response:
    name = call.path["name"]
    _volume(call, name)
    users = [one.id for one in call.engine.state.containers.values() if any(mount.get("Name") == name for mount in one.mounts)]
    if users:
        raise texts.ApiError(409, f"remove {name}: volume is in use - [{', '.join(users)}]")
    del call.engine.state.volumes[name]
    return empty()


@route("POST", "/volumes/prune")
async def prune_volumes(call: Call) -> Response:
    volumes = call.engine.state.volumes
    used = {mount.get("Name") for one in call.engine.state.containers.values() for mount in one.mounts}
    gone = [name for name in volumes if name not in used]
    for name in gone:
        del volumes[name]
    return json_response({"VolumesDeleted": gone, "SpaceReclaimed": 0})
