# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""hcsdiag.exe and hnsdiag.exe: what the compute and the network service hold (native-tools.md 5; native/hcsdiag-*.txt, hnsdiag-list-all-server.txt)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .process import Process, program

if TYPE_CHECKING:
    from ..engine import Engine
    from ..windows.machine import Machine

_NOT_PERMITTED = "Only administrators or users that are members of the Hyper-V Administrators user group are permitted\n"


@program("hcsdiag.exe")
async def hcsdiag(process: Process) -> int:
    """``hcsdiag list``: two lines for each compute system."""
    if [word.lower() for word in process.arguments[1:]] != ["list"]:
        process.machine.log("refused", process.command_line)
        await process.print("hcsdiag <command> [options...]\n")
        return 1
    if not process.elevated:
        await process.complain(process.say(_NOT_PERMITTED))
        return 1
    for name, (kind, state, guid, owner) in process.machine.compute_systems.items():
        await process.print(f"{name}\n    {kind + ',':<26}\t{state}, {guid.upper()}, {owner}\n")
    return 0


@dataclass(frozen=True)
class Endpoint:
    """One endpoint, with the name of its network."""

    name: str
    id: str
    network: str


def _networks(machine: Machine) -> tuple[list[tuple[str, str]], list[Endpoint]]:
    """Networks by name and id, and their endpoints. They outlive the engine that made them (docker-on-windows.md 1.13, uncertain there)."""
    from .dockerd import ENGINES, LAST_STATES  # it knows the engine, which not every user of this module needs

    engine, state = ENGINES.get(machine), LAST_STATES.get(machine)
    if state is None:
        return [], []
    networks, endpoints = [], []
    for network in state.networks.networks:
        if network.driver == "null":
            continue
        id = network.options.get("com.docker.network.windowsshim.hnsid") or _guid(network.id)
        networks.append((network.name, id))
        endpoints += _endpoints(engine, network.name) if engine else []
    return networks, endpoints


def _endpoints(engine: Engine, network: str) -> list[Endpoint]:
    found = []
    for container in engine.state.containers.values():
        endpoint = container.networks.get(network)
        if endpoint and endpoint["EndpointID"]:
            found.append(Endpoint("Ethernet", _guid(endpoint["EndpointID"]).lower(), network))
    return found


def _guid(text: str) -> str:
    """The engine's id of 64 digits is no GUID: one that is always the same for it."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text)).upper()


async def _delete_network(process: Process, id: str) -> int:
    """``hnsdiag delete networks ID``, as Microsoft's guide to Kubernetes on Windows has it; texts and codes *unverified*."""
    from .dockerd import LAST_STATES

    name = next((name for name, known in _networks(process.machine)[0] if known.lower() == id.lower()), None)
    if name is None:
        await process.complain(process.say("Element not found.") + "\n")
        return 1
    networks = LAST_STATES[process.machine].networks
    networks.networks = [one for one in networks.networks if one.name != name]
    return 0


def sections(networks: list[tuple[str, str]], endpoints: list[Endpoint]) -> dict[str, str]:
    """What hnsdiag prints, by the word that asks for it."""
    return {
        "networks": "Networks:\nName             ID\n" + "".join(f"{name:<16} {id}\n" for name, id in networks),
        "endpoints": f"Endpoints:\n{'Name':<16} {'ID':<36} Virtual Network Name\n"
        + "".join(f"{one.name:<16} {one.id} {one.network}\n" for one in endpoints),
        "namespaces": f"Namespaces:\n{'ID':<36} | Endpoint IDs\n",
        "loadbalancers": f"LoadBalancers:\n{'ID':<36} | Virtual IPs | Direct IP IDs\n",
    }


@program("hnsdiag.exe")
async def hnsdiag(process: Process) -> int:
    """``hnsdiag delete networks ID``, ``hnsdiag list all|networks|endpoints|namespaces|loadbalancers``; the sections after the namespaces are *unverified*."""
    words = [word.lower() for word in process.arguments[1:]]
    texts = sections(*_networks(process.machine))
    if len(words) == 3 and words[:2] == ["delete", "networks"] and process.elevated:
        return await _delete_network(process, words[2])
    if len(words) != 2 or words[0] != "list" or words[1] not in ("all", *texts):
        process.machine.log("refused", process.command_line)
        await process.print("hnsdiag <command> [options...]\n")
        return 1
    if not process.elevated:
        await process.complain(process.say("Access is denied.") + "\n")
        return 5
    wanted = list(texts) if words[1] == "all" else [words[1]]
    await process.print("\n".join(texts[name] for name in wanted) + "\n")
    return 0
