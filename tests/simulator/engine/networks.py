# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks of a Windows engine. Facts: docker-on-windows.md 6; shape docker/network-inspect-nat-*.json."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import texts
from .containers import Container
from .values import new_id, now, show_time
from .versions import ApiVersion, EngineVersion

Json = dict[str, Any]
DRIVERS = ["ics", "internal", "l2bridge", "l2tunnel", "nat", "null", "overlay", "private", "transparent"]
#: Names nobody may create or remove.
PREDEFINED = ("nat", "none", "default")
_OPTION = "com.docker.network.windowsshim."
_FLAGS = ("disable_gatewaydns", "enable_outboundnat")
_NUMBERS = ("vlanid", "vsid")
UNSPECIFIED = ("", "0.0.0.0", "::")


@dataclass
class Network:
    """One network."""

    name: str
    driver: str
    id: str = field(default_factory=new_id)
    created: str = field(default_factory=lambda: show_time(now()))
    subnet: str = ""
    gateway: str = ""
    options: Json = field(default_factory=dict)
    labels: Json = field(default_factory=dict)
    ipam_driver: str = "default"
    ipam_options: Json | None = None
    internal: bool = False
    attachable: bool = False
    next_host: int = 2

    @property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(self.created[:19] + "+00:00")

    def renew(self) -> None:
        """The host's network service has it anew (after a reboot): another id there, the same in Docker."""
        self.options[f"{_OPTION}hnsid"] = str(uuid.uuid4()).upper()

    def shown(self, containers: list[Container], version: EngineVersion) -> Json:
        """``GET /networks/{id}``."""
        config = [{"Subnet": self.subnet, "Gateway": self.gateway}] if self.subnet else []
        answer: Json = {
            "Name": self.name,
            "Id": self.id,
            "Created": self.created,
            "Scope": "local",
            "Driver": self.driver,
            "EnableIPv6": False,
            "IPAM": {"Driver": self.ipam_driver, "Options": self.ipam_options, "Config": config},
            "Internal": self.internal,
            "Attachable": self.attachable,
            "Ingress": False,
            "ConfigFrom": {"Network": ""},
            "ConfigOnly": False,
            "Containers": {one.id: self._endpoint(one) for one in containers if one.state.running and self.name in one.networks},
            "Options": self.options,
            "Labels": self.labels,
        }
        if version.major >= 28:
            answer["EnableIPv4"] = True
        return answer

    def _endpoint(self, container: Container) -> Json:
        endpoint = container.networks[self.name]
        address = f"{endpoint['IPAddress']}/{endpoint['IPPrefixLen']}" if endpoint["IPAddress"] else ""
        return {
            "Name": container.name,
            "EndpointID": endpoint["EndpointID"],
            "MacAddress": endpoint["MacAddress"],
            "IPv4Address": address,
            "IPv6Address": "",
        }

    def check_range(self, asked: Mapping[str, Any] | None, version: EngineVersion) -> None:
        """A static address has to lie in a subnet. Raises ApiError 400; up to 24 the engine leaves that to the host's network service."""
        address = asked_address(asked)
        if version.major >= 25 and address and not self._contains(address):
            raise texts.outside_subnets(address, version)

    def _contains(self, address: str) -> bool:
        return ipaddress.ip_address(address) in ipaddress.ip_network(self.subnet or "0.0.0.0/0", strict=False)

    def attach(self, endpoint: str, asked: Mapping[str, Any], others: Iterable[Container], version: EngineVersion) -> Json:
        """What only a running endpoint has in NetworkSettings; with the addresses that were asked for.

        Raises:
            ApiError: The static address lies outside the subnet, or is not free.
        """
        self.check_range(asked, version)
        taken = {self.gateway, *(one.networks[self.name]["IPAddress"] for one in others if one.state.running and self.name in one.networks)}
        address = asked_address(asked)
        if address and not self._contains(address):
            raise texts.address_invalid(endpoint, self.name)
        if address and address in taken:
            raise texts.address_taken(endpoint, self.name)
        number = self.next_host
        base = ipaddress.ip_network(self.subnet, strict=False).network_address if self.subnet else None
        while base and str(base + number) in taken:
            number += 1
        self.next_host = number + 1
        generated = f"00:15:5d:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
        return OPERATIONAL | {
            "NetworkID": self.id,
            "EndpointID": new_id(),
            "Gateway": self.gateway,
            "IPAddress": address or (str(base + number) if base else ""),
            "IPPrefixLen": 16 if base else 0,  # recorded: 16, not the subnet's own length
            "MacAddress": str(asked.get("MacAddress") or generated),
        }


def asked_address(endpoint: Mapping[str, Any] | None) -> str:
    """The static address that was asked for; empty for none."""
    return str(((endpoint or {}).get("IPAMConfig") or {}).get("IPv4Address") or "")


#: What an endpoint has only while its container runs (moby daemon/container_operations.go, cleanOperationalData).
OPERATIONAL: Json = {
    "MacAddress": "",
    "NetworkID": "",
    "EndpointID": "",
    "Gateway": "",
    "IPAddress": "",
    "IPPrefixLen": 0,
    "IPv6Gateway": "",
    "GlobalIPv6Address": "",
    "GlobalIPv6PrefixLen": 0,
}


def check_endpoints(body: Mapping[str, Any], api: ApiVersion, networks: Networks, version: EngineVersion) -> None:
    """``NetworkingConfig`` of a create; a network may be missing by then. Raises ApiError 400 (moby daemon/create.go, api/server/router/container)."""
    endpoints = dict((body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {})
    if api < (1, 44) and len(endpoints) > 1:
        names = ", ".join(endpoints)
        raise texts.ApiError(400, f"Container cannot be connected to network endpoints: {names}")
    for name, endpoint in endpoints.items():
        address = asked_address(endpoint)
        if address and not re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", address):
            raise texts.ApiError(400, f"invalid IPv4 address: {address}")
        for network in networks.networks:
            if name in (network.name, network.id):
                with texts.in_config_of(name):
                    network.check_range(endpoint, version)
        if api < (1, 44):
            (endpoint or {}).pop("MacAddress", None)  # it has the container-wide field


def empty_endpoint() -> Json:
    """What a container that is not running shows."""
    return {"IPAMConfig": None, "Links": None, "Aliases": None, "DriverOpts": None} | OPERATIONAL


def keeps_nat_networks(version: EngineVersion) -> bool:
    """Whether user-made nat networks are made again when the host has lost them at a reboot.

    moby daemon/daemon_windows.go: since 20.10.18 (67c36d5d6e); 28 lost them (moby#50924), 29 has the repair (#50961).
    """
    return version >= EngineVersion(20, 10, 18) and version.major != 28


def make_network(networks: Networks, body: Mapping[str, Any], version: EngineVersion) -> Network:
    """``POST /networks/create``. Raises ApiError; what is refused where: moby daemon/network.go, libnetwork/drivers/windows."""
    name, driver = str(body.get("Name") or ""), str(body.get("Driver") or "nat")
    if not name:
        raise texts.empty_network_name(version)
    if name in PREDEFINED:
        raise texts.ApiError(403, f"operation is not permitted on predefined {name} network ")
    if any(one.name == name for one in networks.networks):
        raise texts.ApiError(409, f"network with name {name} already exists")
    if driver not in DRIVERS:
        raise texts.ApiError(404, f'could not find plugin {driver} in v1 plugin registry: plugin "{driver}" not found')
    if driver == "overlay":
        text = (
            'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
        )
        raise texts.ApiError(403, text)
    ipam = body.get("IPAM") or {}
    config = (ipam.get("Config") or [{}])[0]
    subnet = str(config.get("Subnet") or "")
    if ":" in subnet or body.get("EnableIPv6"):
        raise texts.ApiError(403, "windowsshim driver doesn't support v6 subnets")
    if config.get("IPRange"):  # moby libnetwork/ipams/windowsipam
        raise texts.ApiError(500, "this request is not supported by the 'windows' ipam driver")
    if version.major >= 28 and body.get("EnableIPv4") is False:
        raise texts.ApiError(400, "IPv4 cannot be disabled on Windows")
    options = {str(key): str(value) for key, value in (body.get("Options") or {}).items()}
    check_options(options)
    if not subnet:
        # The host's network service chooses one for nat; a network with DHCP has the pool of all (windowsipam.go).
        subnet = (
            f"172.{28 + len(networks.networks) % 3}.{16 * len(networks.networks)}.0/20"
            if driver in ("nat", "internal", "ics")
            else "0.0.0.0/0"
        )
    gateway = str(
        config.get("Gateway") or ("0.0.0.0" if subnet == "0.0.0.0/0" else subnet.split("/", maxsplit=1)[0].rsplit(".", 1)[0] + ".1")
    )
    network = Network(
        name, driver, subnet=subnet, gateway=gateway, options=options, labels=dict(body.get("Labels") or {}),
        ipam_driver=str(ipam.get("Driver") or "default"), ipam_options=dict(ipam.get("Options") or {}),
        internal=bool(body.get("Internal")), attachable=bool(body.get("Attachable")),
    )  # fmt: skip
    network.renew()
    networks.networks.append(network)
    return network


def check_options(options: Mapping[str, str]) -> None:
    """The values the driver reads. Raises ApiError."""
    for key, value in options.items():
        name = key.removeprefix(_OPTION)
        if name in _FLAGS and value.lower() not in ("1", "t", "true", "0", "f", "false"):
            raise texts.ApiError(500, f'strconv.ParseBool: parsing "{value}": invalid syntax')
        if name in _NUMBERS and not value.isdecimal():
            raise texts.ApiError(500, f'strconv.ParseUint: parsing "{value}": invalid syntax')
        if name == "macpool" and len(value.split(",")) % 2:
            raise texts.ApiError(400, "invalid mac pool. You must specify both a start range and an end range")


class Networks:
    """All networks of one engine."""

    def after_boot(self, version: EngineVersion) -> None:
        """The host's network service starts empty of nat networks: made again, or lost, by release."""
        for network in [one for one in self.networks if one.driver == "nat" and one.name != "nat"]:
            if keeps_nat_networks(version):
                network.renew()
            else:
                self.networks.remove(network)

    def __init__(self) -> None:
        self.networks: list[Network] = [Network("none", "null")]

    def make_nat(self, subnet: str = "") -> None:
        """The default network, with a new id (at first start and after each reboot)."""
        self.networks = [one for one in self.networks if one.name != "nat"]
        subnet = subnet or "172.27.0.0/20"
        gateway = subnet.split("/")[0].rsplit(".", 1)[0] + ".1"
        options = {
            "com.docker.network.windowsshim.hnsid": str(uuid.uuid4()).upper(),
            "com.docker.network.windowsshim.networkname": "nat",
        }
        self.networks.insert(0, Network("nat", "nat", subnet=subnet, gateway=gateway, options=options, ipam_driver="windows"))

    def find(self, name: str) -> Network:
        """By name, id or id prefix. Raises ApiError 404."""
        for one in self.networks:
            if name in (one.name, one.id):
                return one
        matches = [one for one in self.networks if name and one.id.startswith(name)]
        if len(matches) != 1:
            raise texts.no_such_network(name)
        return matches[0]

    def of_mode(self, mode: str) -> Network | None:
        """The network a NetworkMode means; None for ``none`` and another container's.

        Raises:
            ApiError: It does not exist (404), or existed under an id that is gone (500).
        """
        if mode == "none" or mode.startswith("container:"):
            return None
        try:
            return self.find("nat" if mode == "default" else mode)
        except texts.ApiError as error:
            looks_like_id = len(mode) >= 12 and all(character in "0123456789abcdef" for character in mode)
            raise (texts.network_gone(mode) if looks_like_id else error) from error
