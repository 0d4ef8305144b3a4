# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks of a Windows engine. Facts: docker-on-windows.md 6; shape docker/network-inspect-nat-*.json."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from . import texts
from .containers import Container
from .values import new_id, now, show_time
from .versions import EngineVersion

Json = dict[str, Any]
DRIVERS = ["ics", "internal", "l2bridge", "l2tunnel", "nat", "null", "overlay", "private", "transparent"]
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
    next_host: int = 2

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
            "IPAM": {"Driver": self.ipam_driver, "Options": None, "Config": config},
            "Internal": False,
            "Attachable": False,
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

    def attach(self) -> Json:
        """A new endpoint's part of NetworkSettings."""
        number = self.next_host
        self.next_host += 1
        prefix = self.subnet.rsplit(".", 2)[0] if self.subnet else ""
        return empty_endpoint() | {
            "NetworkID": self.id,
            "EndpointID": new_id(),
            "Gateway": self.gateway,
            "IPAddress": f"{prefix}.{number // 250}.{number % 250}" if prefix else "",
            "IPPrefixLen": 16 if prefix else 0,  # recorded: 16, not the subnet's own length
            "MacAddress": f"00:15:5d:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
        }


def empty_endpoint() -> Json:
    """What a container that is not running shows."""
    return {
        "IPAMConfig": None,
        "Links": None,
        "Aliases": None,
        "MacAddress": "",
        "DriverOpts": None,
        "NetworkID": "",
        "EndpointID": "",
        "Gateway": "",
        "IPAddress": "",
        "IPPrefixLen": 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
    }


class Networks:
    """All networks of one engine."""

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
