# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be asked for of a network on Windows, checked before anything is touched. Pure.

Facts: docker-on-windows.md 6, windows-containers.md 8.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OptionError
from ..values import meant, texts

DRIVERS = ("nat", "transparent", "l2bridge", "l2tunnel", "overlay", "internal", "private", "ics")
#: What users of Linux engines ask for, and what comes closest.
_LINUX_DRIVERS = {"bridge": "nat", "macvlan": "transparent", "ipvlan": "l2bridge"}
#: The engine keeps these by itself.
PREDEFINED = ("nat", "none", "default", "host")
PREFIX = "com.docker.network.windowsshim."
_VXLAN = "com.docker.network.driver.overlay.vxlanid_list"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_MAC = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}")

Check = Callable[[str], bool]


def _is_flag(value: str) -> bool:
    return value.lower() in ("true", "false", "1", "0", "t", "f")


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal()


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value.strip())
    except ValueError:
        return False
    return True


def _are(check: Check) -> Check:
    return lambda value: all(check(part.strip()) for part in value.split(","))


def _are_pairs(value: str) -> bool:
    return _are(lambda part: bool(_MAC.fullmatch(part)))(value) and len(value.split(",")) % 2 == 0


#: Short name of an option of the windowsshim driver: what its value looks like, and whether it does.
_OPTIONS: dict[str, tuple[str, Check]] = {
    "networkname": ("a name", bool),
    "hnsid": ("the id of a network that the host has", bool),
    "interface": ("the name of a network adapter of the host", bool),
    "vlanid": ("a number from 1 to 4094", lambda value: _is_number(value) and 1 <= int(value) <= 4094),
    "vsid": ("a number", _is_number),
    "dnssuffix": ("a DNS suffix", bool),
    "dnsservers": ("addresses with commas between them", _are(_is_address)),
    "macpool": ("two MAC addresses with a comma between them, first and last of a range", _are_pairs),
    "sourcemac": ("a MAC address", lambda value: bool(_MAC.fullmatch(value))),
    "disableicc": ("true or false", _is_flag),
    "disable_dns": ("true or false", _is_flag),
    "disable_gatewaydns": ("true or false", _is_flag),
    "enable_outboundnat": ("true or false", _is_flag),
    "outboundnat_exceptions": ("addresses or subnets with commas between them", bool),
}


@dataclass(frozen=True)
class Subnet:
    """One entry of ``ipam_config``."""

    subnet: str
    gateway: str | None = None

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Subnet:
        """From an entry as the user wrote it. Raises OptionError."""
        for name in ("iprange", "aux_addresses"):
            if entry.get(name):
                raise OptionError(f"ipam_config holds {name}, which Windows networks do not have", f"Leave {name} out")
        network = _network(str(entry["subnet"]))
        gateway = entry.get("gateway")
        if gateway is not None and (not _is_address(gateway) or ipaddress.ip_address(gateway) not in network):
            raise OptionError(f'the gateway "{gateway}" is not an address in the subnet {network}', "Correct the option ipam_config")
        return cls(str(network), gateway)


def _network(text: str) -> ipaddress.IPv4Network:
    if ":" in text:
        raise OptionError(f'the subnet "{text}" is of IPv6, which networks of the engine do not have on Windows', "Give an IPv4 subnet")
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise OptionError(f'"{text}" is not a subnet ({error})', "Write it as 172.30.0.0/24") from error


@dataclass(frozen=True)
class Desired:
    """A network as the task describes it; what was not given is None.

    Attributes:
        driver_options: By the engine's full names.
        connected: Names of containers.
        appends: Whether containers that are not named stay connected.
        force: Whether containers may be disconnected so that the network can be removed or replaced.
        recreate: ``options-changed``, ``always`` or ``never``.
    """

    name: str
    state: str
    driver: str | None = None
    driver_options: Mapping[str, str] | None = None
    ipam: tuple[Subnet, ...] | None = None
    labels: Mapping[str, str] | None = None
    attachable: bool | None = None
    connected: tuple[str, ...] | None = None
    appends: bool = False
    force: bool = False
    recreate: str = "options-changed"

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Desired:
        """From a task's options. Raises OptionError for whatever can be refused without looking at the host."""
        name, state = str(options["name"]), str(options["state"])
        _check_name(name)
        if state == "absent":
            if name in PREDEFINED:
                raise OptionError(
                    "the engine keeps this network by itself", 'To do without nat, set the key "bridge" of daemon.json to none'
                )
            return cls(name, state, force=bool(options["force"]))
        _refuse_linux_options(options)
        ipam = None if options["ipam_config"] is None else tuple(Subnet.parse(entry) for entry in options["ipam_config"])
        _refuse_overlaps(ipam or ())
        connected = None if options["connected"] is None else tuple(dict.fromkeys(options["connected"]))
        desired = cls(
            name,
            state,
            _driver(options["driver"]),
            _driver_options(options["driver_options"]),
            ipam,
            None if options["labels"] is None else texts(options["labels"], "the option labels"),
            options["attachable"],
            connected,
            bool(options["appends"]),
            bool(options["force"]),
            str(options["recreate"]),
        )
        if name in PREDEFINED and (desired.managed or name != "nat" or desired.recreate == "always"):
            raise OptionError(
                "the engine keeps this network by itself, so nothing can be set about it",
                'Choose another name; the subnet of nat is set by the key "fixed-cidr" of daemon.json',
            )
        return desired

    @property
    def managed(self) -> bool:
        """Whether anything is asked for that is decided when a network is made."""
        return any(value is not None for value in (self.driver, self.driver_options, self.ipam, self.labels, self.attachable))


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise OptionError(f'"{name}" is not a network name', "It has letters, digits, and after the first character also . _ -")


def _refuse_linux_options(options: Mapping[str, Any]) -> None:
    """What networks on Windows do not have (windows-containers.md 8)."""
    if options["internal"]:
        raise OptionError("Windows has no option internal for networks", "Use driver: internal for a network without a way out")
    if options["enable_ipv6"]:
        raise OptionError("networks of the engine have no IPv6 on Windows", "Leave enable_ipv6 out")


def _driver(name: str | None) -> str | None:
    if name is None or name in DRIVERS:
        return name
    hint = f'Use "{_LINUX_DRIVERS[name]}" instead. ' if name in _LINUX_DRIVERS else meant(name, DRIVERS)
    raise OptionError(f'Windows has no network driver "{name}"', f"{hint}There are {', '.join(DRIVERS)}")


def _driver_options(given: Mapping[str, Any] | None) -> dict[str, str] | None:
    """By full names; the short ones of the windowsshim driver are completed."""
    if given is None:
        return None
    result: dict[str, str] = {}
    for name, value in given.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        short = str(name).removeprefix(PREFIX)
        if name == _VXLAN:
            result[_VXLAN] = text
            continue
        if short not in _OPTIONS:
            raise OptionError(
                f'the driver has no option "{name}" on Windows',
                f"{meant(short, _OPTIONS)}There are {', '.join(_OPTIONS)} (with or without {PREFIX})",
            )
        looks, check = _OPTIONS[short]
        if not check(text):
            raise OptionError(f'the value "{text}" of the driver option "{name}" is not {looks}', "Correct the option driver_options")
        result[PREFIX + short] = text
    return result


def _refuse_overlaps(ipam: tuple[Subnet, ...]) -> None:
    networks = [ipaddress.IPv4Network(entry.subnet) for entry in ipam]
    for index, one in enumerate(networks):
        other = next((other for other in networks[:index] if other.overlaps(one)), None)
        if other is not None:
            raise OptionError(f"the subnets {other} and {one} overlap", "Correct the option ipam_config")
