# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The networks of a container: what inspect shows, and what create and connect take. Pure.

One shape stands for both: a network's name to ``aliases``, ``ipv4_address``, ``mac_address``, ``driver_opts``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from typing import Any

from ..errors import OptionError

Network = dict[str, Any]


def networks_of(container: Mapping[str, Any]) -> dict[str, Network]:
    """What an inspected container is connected to, by name."""
    settings = (container.get("NetworkSettings") or {}).get("Networks") or {}
    # Up to 24 the address asked for stands here, and only here while the container does not run.
    asked = str((container.get("Config") or {}).get("MacAddress") or "")
    mode = str((container.get("HostConfig") or {}).get("NetworkMode") or "default")
    first = "nat" if mode == "default" else mode
    short = str(container.get("Id") or "")[:12]
    return {name: _network(entry or {}, short, asked if name == first else "") for name, entry in settings.items() if name != "none"}


def _network(entry: Mapping[str, Any], short: str, asked: str) -> Network:
    return {
        # Up to 25 the engine adds the container's short id to the aliases.
        "aliases": sorted(alias for alias in set(entry.get("Aliases") or ()) if alias != short),
        "ipv4_address": str((entry.get("IPAMConfig") or {}).get("IPv4Address") or ""),
        "mac_address": str(entry.get("MacAddress") or asked).lower(),
        "driver_opts": dict(entry.get("DriverOpts") or {}),
    }


def endpoint(network: Mapping[str, Any]) -> dict[str, Any]:
    """``EndpointSettings`` of create and connect."""
    result: dict[str, Any] = {}
    if network.get("aliases"):
        result["Aliases"] = list(network["aliases"])
    if network.get("ipv4_address"):
        result["IPAMConfig"] = {"IPv4Address": network["ipv4_address"]}
    if network.get("mac_address"):
        result["MacAddress"] = network["mac_address"]
    if network.get("driver_opts"):
        result["DriverOpts"] = dict(network["driver_opts"])
    return result


def carried(container: Mapping[str, Any]) -> dict[str, Network]:
    """What a new container takes over. Not the card's address: nobody can tell whether it was asked for."""
    return {name: {key: value for key, value in entry.items() if key != "mac_address"} for name, entry in networks_of(container).items()}


def networks_needed(values: Mapping[str, Any]) -> list[str]:
    """Names of the networks of the host that a task's options ask for by name; ``nat`` is always there, unless an address in it is asked for.

    Args:
        values: From ``parse_options``.
    """
    mode = str(values.get("network_mode") or "")
    asked: Mapping[str, Network] = values.get("networks") or {}
    plain = ("", "default", "none", "nat")
    names = [] if mode in plain or mode.startswith("container:") else [mode]
    names += [name for name, network in asked.items() if name not in plain or network.get("ipv4_address")]
    return list(dict.fromkeys(names))


def refuse_address(name: str, address: str, network: Mapping[str, Any], own: Collection[str]) -> None:
    """A static address that the network cannot give. Raises OptionError.

    Engines from 25 on refuse one outside the subnets when the container is created (moby daemon/container_operations.go), the host's network
    service the others when it is started.

    Args:
        name: Of the network.
        address: The static address.
        network: The inspected network.
        own: Names of containers that may have the address now.
    """
    subnets = [entry for entry in (network.get("IPAM") or {}).get("Config") or () if entry.get("Subnet")]
    wanted = ipaddress.ip_address(address)
    if subnets and not any(wanted in ipaddress.ip_network(str(entry["Subnet"]), strict=False) for entry in subnets):
        known = ", ".join(str(entry["Subnet"]) for entry in subnets)
        raise OptionError(f'the address {address} lies outside the network "{name}" ({known})', "Choose an address of the network")
    if any(entry.get("Gateway") == address for entry in subnets):
        raise OptionError(f'the address {address} is that of the gateway of the network "{name}"', "Choose another address")
    endpoints = (network.get("Containers") or {}).values()
    holders = [str(entry.get("Name")) for entry in endpoints if str(entry.get("IPv4Address")).partition("/")[0] == address]
    other = next((holder for holder in holders if holder not in own), None)
    if other is not None:
        raise OptionError(f'the address {address} of the network "{name}" is in use by the container {other}', "Choose another address")
