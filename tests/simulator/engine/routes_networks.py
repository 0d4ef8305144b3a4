# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes about networks."""

from __future__ import annotations

from typing import Any

from ..http import Response
from . import texts
from .api import Call, empty, json_response, route
from .networks import PREDEFINED, Network, empty_endpoint, make_network
from .pruning import prune_filter

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
    network = make_network(call.engine.state.networks, call.json(), call.engine.version)
    call.engine.events.network(network, "create")
    return json_response({"Id": network.id, "Warning": ""}, 201)


@route("GET", "/networks/{id}")
async def inspect_network(call: Call) -> Response:
    return json_response(_shown(call, call.engine.state.networks.find(call.path["id"])))


@route("DELETE", "/networks/{id}")
async def remove_network(call: Call) -> Response:
    networks = call.engine.state.networks
    network = networks.find(call.path["id"])
    if network.name in PREDEFINED:
        raise texts.ApiError(403, f"{network.name} is a pre-defined network and cannot be removed")
    active = [one for one in call.engine.state.containers.values() if one.state.running and network.name in one.networks]
    if active:
        raise texts.active_endpoints(
            network.name, network.id, [(one.name, one.networks[network.name]["EndpointID"]) for one in active], call.engine.version
        )
    networks.networks.remove(network)
    call.engine.events.network(network, "destroy")
    return empty()


@route("POST", "/networks/{id}/connect")
async def connect(call: Call) -> Response:
    body = call.json()
    container = call.engine.find_container(str(body.get("Container") or ""))
    asked = {key: value for key, value in dict(body.get("EndpointConfig") or {}).items() if key != "MacAddress" or call.api >= (1, 44)}
    if not container.state.running:
        # What does not run may be connected to what does not exist or does not fit: the start will tell.
        known = [one.name for one in call.engine.state.networks.networks if call.path["id"] in (one.name, one.id)]
        name = known[0] if known else call.path["id"]
        container.networks[name] = empty_endpoint() | asked
        container.macs[name] = str(asked.get("MacAddress") or "")
        return empty(200)
    network = call.engine.state.networks.find(call.path["id"])
    if network.name in container.networks:
        raise texts.ApiError(403, f"endpoint with name {container.name} already exists in network {network.name}")
    if network.name == "none" or "none" in container.networks:
        raise texts.ApiError(403, "container cannot be connected to multiple networks with one of the networks in private (none) mode")
    if container.host_config["NetworkMode"].startswith("container:"):
        raise texts.ApiError(
            403, "container sharing network namespace with another container or host cannot be connected to any other network"
        )
    endpoint = network.attach(container.name, asked, call.engine.state.containers.values(), call.engine.version)
    container.macs[network.name] = str(asked.get("MacAddress") or "")
    container.networks[network.name] = empty_endpoint() | asked | endpoint
    call.engine.events.network(network, "connect", container=container.id)
    return empty(200)


@route("POST", "/networks/{id}/disconnect")
async def disconnect(call: Call) -> Response:
    body = call.json()
    network = call.engine.state.networks.find(call.path["id"])
    container = call.engine.find_container(str(body.get("Container") or ""))
    if network.name not in container.networks:
        raise texts.ApiError(403, f"container {container.id} is not connected to the network {network.name}")
    del container.networks[network.name]
    if container.state.running:
        call.engine.events.network(network, "disconnect", container=container.id)
    return empty(200)


@route("POST", "/networks/prune")
async def prune_networks(call: Call) -> Response:
    """Stopped containers hold no endpoints: their networks go too."""
    networks = call.engine.state.networks
    wanted = prune_filter(call, ("label", "label!", "until"))
    used = {name for one in call.engine.state.containers.values() if one.state.running for name in one.networks}
    gone = [one for one in networks.networks if one.name not in (*PREDEFINED, *used) and wanted(one.labels, one.created_at)]
    for network in gone:
        networks.networks.remove(network)
        call.engine.events.network(network, "destroy")
    call.engine.events.pruned("network", 0)
    return json_response({"NetworksDeleted": [one.name for one in gone] or None})
