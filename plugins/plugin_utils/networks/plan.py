# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an observed network to the desired one. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..desired_state import Difference, Plan, Step
from ..errors import OptionError
from .options import PREFIX, Desired, Subnet

Inspected = Mapping[str, Any]
#: What the engine itself adds to a network's options, for as long as the host's network service has it.
_OF_THE_ENGINE = (f"{PREFIX}hnsid",)
#: The subnet of networks without one of their own.
_ANY = "0.0.0.0/0"


@dataclass(frozen=True)
class Observed:
    """A host as far as one network is concerned.

    Attributes:
        network: Inspected, or None.
        attached: The containers connected to it, running or not: name to the engine's settings of the connection.
        missing: Those of the containers asked for that do not exist.
        others: Name and subnets of the engine's other networks; read when the network has to be made with a subnet.
    """

    network: Inspected | None = None
    attached: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def subnets_of(network: Inspected) -> tuple[Subnet, ...]:
    """Its subnets and gateways; without the one that stands for none."""
    config = (network.get("IPAM") or {}).get("Config") or ()
    return tuple(Subnet(str(one["Subnet"]), one.get("Gateway") or None) for one in config if one.get("Subnet") not in (None, "", _ANY))


def differences(desired: Desired, network: Inspected) -> tuple[Difference, ...]:
    """What differs between the options given and an inspected network. Driver options that were not given are not compared: the engine
    adds some of its own."""
    found = []
    if desired.driver is not None and desired.driver != network.get("Driver"):
        found.append(Difference("driver", network.get("Driver"), desired.driver))
    options = network.get("Options") or {}
    present = {name: options.get(name) for name in desired.driver_options or {}}
    if desired.driver_options is not None and present != desired.driver_options:
        found.append(Difference("driver_options", present, dict(desired.driver_options)))
    if desired.ipam is not None and not _same_ipam(desired.ipam, subnets_of(network)):
        found.append(Difference("ipam_config", _shown(subnets_of(network)), _shown(desired.ipam)))
    if desired.labels is not None and desired.labels != (network.get("Labels") or {}):
        found.append(Difference("labels", network.get("Labels") or {}, dict(desired.labels)))
    if desired.attachable is not None and desired.attachable != bool(network.get("Attachable")):
        found.append(Difference("attachable", bool(network.get("Attachable")), desired.attachable))
    return tuple(found)


def _same_ipam(wanted: tuple[Subnet, ...], present: tuple[Subnet, ...]) -> bool:
    """A gateway that was not given may be any."""
    gateways = {entry.subnet: entry.gateway for entry in present}
    if set(gateways) != {entry.subnet for entry in wanted}:
        return False
    return all(entry.gateway in (None, gateways[entry.subnet]) for entry in wanted)


def _shown(ipam: tuple[Subnet, ...]) -> list[dict[str, Any]]:
    return [{"subnet": entry.subnet, "gateway": entry.gateway} for entry in ipam]


def must_go(desired: Desired, network: Inspected | None) -> bool:
    """Whether the network that is there has to be removed."""
    if network is None:
        return False
    if desired.state == "absent" or desired.recreate == "always":
        return True
    return desired.recreate == "options-changed" and bool(differences(desired, network))


def create_request(desired: Desired, present: Inspected | None) -> dict[str, Any]:
    """Arguments for ``create_network``. What the task does not give is taken over from a network that is being replaced.

    With another driver neither its options nor its subnets are taken over: they rarely mean the same there.
    """
    old = present or {}
    same_driver = desired.driver in (None, old.get("Driver"))
    kept = {name: value for name, value in (old.get("Options") or {}).items() if name not in _OF_THE_ENGINE} if same_driver else {}
    ipam = desired.ipam if desired.ipam is not None else (subnets_of(old) if same_driver else ())
    return {
        "driver": desired.driver or old.get("Driver"),
        "options": {**kept, **(desired.driver_options or {})} or None,
        "ipam": {"Driver": "default", "Config": [_ipam_entry(entry) for entry in ipam]} if ipam else None,
        "labels": dict(desired.labels if desired.labels is not None else old.get("Labels") or {}) or None,
        "attachable": desired.attachable if desired.attachable is not None else old.get("Attachable") or None,
    }


def _ipam_entry(entry: Subnet) -> dict[str, str]:
    return {"Subnet": entry.subnet, **({"Gateway": entry.gateway} if entry.gateway else {})}


def plan_network(desired: Desired, observed: Observed, ahead: bool = False) -> Plan:
    """Decide what must change.

    Args:
        desired: What is asked for.
        observed: What is there.
        ahead: Whether only a prediction is asked for, so that containers that are asked for may still be missing, and those of a network
            that is to be absent still be there.

    Raises:
        OptionError: Containers would have to be disconnected without ``force``, a subnet is taken, or a container does not exist.
    """
    name, network = desired.name, observed.network
    if observed.missing and not ahead and desired.state != "absent":
        raise OptionError(f"there is no container {', '.join(observed.missing)} to connect", "Correct the option connected")
    going = must_go(desired, network)
    held = bool(going and observed.attached and not desired.force)
    if held and not (ahead and desired.state == "absent"):
        raise OptionError(_in_use(desired, network or {}, observed), "Remove or disconnect them first, or use force")
    remove = [_disconnect(name, one) for one in observed.attached] if going and not held else []
    remove += [Step("remove", f"remove the network {name}")] if going else []
    if desired.state == "absent":
        users = f"containers are connected to the network {name}, which can go only once they are gone: {', '.join(observed.attached)}"
        gone = (Difference("exists", True, False),) if going else ()
        return Plan(tuple(remove), gone, assumptions=(users,) if held else ())
    if network is None or going:
        _refuse_taken(desired, observed)
        request = create_request(desired, network)
        create = Step("create", f"create the network {name}" + _described(request), {"request": request})
        found = differences(desired, network) if network is not None else (Difference("exists", False, True),)
        connects, difference = _connections(desired, _in_subnets(observed, request), replaced=True)
        return Plan((*remove, create, *connects), (*found, *difference))
    connects, difference = _connections(desired, observed, replaced=False)
    left = tuple(
        f"the network {name} has another value of {one.name}, and stays because of recreate: never" for one in differences(desired, network)
    )
    return Plan(connects, difference, left)


def _in_use(desired: Desired, network: Inspected, observed: Observed) -> str:
    users = ", ".join(observed.attached)
    if desired.state == "absent":
        return f"containers are connected to it: {users}"
    changed = ", ".join(one.name for one in differences(desired, network)) or "recreate"
    return f"it would have to be replaced ({changed}), and containers are connected to it: {users}"


def _described(request: Mapping[str, Any]) -> str:
    parts = [str(request["driver"])] if request["driver"] else []
    parts += [str(entry["Subnet"]) for entry in (request["ipam"] or {}).get("Config", ())]
    return f" ({', '.join(parts)})" if parts else ""


def _refuse_taken(desired: Desired, observed: Observed) -> None:
    """A subnet that another network of the engine has. What else the host uses, its network service tells when the network is made."""
    for entry in desired.ipam or ():
        wanted = ipaddress.IPv4Network(entry.subnet)
        for name, subnets in observed.others.items():
            taken = next((one for one in subnets if wanted.overlaps(ipaddress.IPv4Network(one, strict=False))), None)
            if taken is not None:
                raise OptionError(
                    f"the subnet {wanted} overlaps with {taken} of the network {name}",
                    "Choose another subnet; all nat networks of a host share one address range of the host's NAT",
                )


def _in_subnets(observed: Observed, request: Mapping[str, Any]) -> Observed:
    """The connections without fixed addresses that the new network does not have: the engine chooses others there."""
    subnets = [ipaddress.IPv4Network(entry["Subnet"], strict=False) for entry in (request["ipam"] or {}).get("Config", ())]

    def fits(settings: Mapping[str, Any]) -> bool:
        address = (settings.get("IPAMConfig") or {}).get("IPv4Address")
        return not address or any(ipaddress.ip_address(address) in subnet for subnet in subnets)

    kept = {name: settings if fits(settings) else {**settings, "IPAMConfig": None} for name, settings in observed.attached.items()}
    return replace(observed, attached=kept)


def _connections(desired: Desired, observed: Observed, replaced: bool) -> tuple[tuple[Step, ...], tuple[Difference, ...]]:
    """Connect and disconnect; after a replacement those that were connected are connected again as they were."""
    before = sorted(observed.attached)
    wanted = set(before if desired.connected is None or desired.appends else ()) | set(desired.connected or ())
    there = [] if replaced else before
    steps = [_disconnect(desired.name, one) for one in there if one not in wanted]
    steps += [
        Step(
            "connect",
            f"connect the container {one} to the network {desired.name}",
            {"container": one, "settings": observed.attached.get(one, {})},
        )
        for one in sorted(wanted)
        if one not in there
    ]
    found = (Difference("connected", before, sorted(wanted)),) if before != sorted(wanted) else ()
    return tuple(steps), found


def _disconnect(name: str, container: str) -> Step:
    return Step("disconnect", f"disconnect the container {container} from the network {name}", {"container": container})
