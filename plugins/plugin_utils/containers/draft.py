# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container that is to be made: what is carried over from the old one, then what the task gives, then the request. Pure.

What a task does not give is not managed, and what is not managed is kept: a new container takes over all of the old one but what its image
had brought. So a replacement never drops a setting silently.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import OptionError
from .networks import carried as carried_networks
from .networks import endpoint
from .options import OPTIONS, Inspected, at, check_policy, outranked

#: Of an inspected container, what the engine made of the request or put in by itself.
_NOT_CARRIED = {"Config": ("Image", "OnBuild", "MacAddress"), "HostConfig": ("Isolation", "Runtime", "ContainerIDFile", "ConsoleSize")}
#: Fields of Config that hold entries by name, some of which the image brought.
_MERGED = ("Labels", "ExposedPorts", "Volumes")
#: Without the old image nobody can tell whose these are.
OF_IMAGES = (
    "Cmd",
    "Entrypoint",
    "Env",
    "Labels",
    "ExposedPorts",
    "Volumes",
    "WorkingDir",
    "User",
    "Healthcheck",
    "StopSignal",
    "ArgsEscaped",
)


@dataclass
class Draft:
    """A container in the making. ``config`` and ``host_config`` are the engine's JSON, ``networks`` see networks.py."""

    config: dict[str, Any] = field(default_factory=dict)
    host_config: dict[str, Any] = field(default_factory=dict)
    networks: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, path: str) -> Any:
        return at({"Config": self.config, "HostConfig": self.host_config, "Networks": self.networks}, path)

    def put(self, path: str, value: Any) -> None:
        """Set the value at a path; None and empty texts stand for the engine's own choice."""
        if path == "Networks":
            self.networks = dict(value)
            return
        first, *between, last = path.split(".")
        target = self.config if first == "Config" else self.host_config
        for part in between:
            target = target.setdefault(part, {})
        if value is None or value == "":
            target.pop(last, None)
        else:
            target[last] = value

    def request(self, image: str, isolation: str | None) -> dict[str, Any]:
        """The body of ``POST /containers/create``.

        Args:
            image: Reference or id.
            isolation: ``process`` or ``hyperv``; None leaves it to the engine.
        """
        host_config = copy.deepcopy(self.host_config)
        if isolation:
            host_config["Isolation"] = isolation
        body: dict[str, Any] = {**copy.deepcopy(self.config), "Image": image, "HostConfig": host_config}
        first = self.first_network()
        if first:
            host_config["NetworkMode"] = first
            body["NetworkingConfig"] = {"EndpointsConfig": {first: endpoint(self.networks[first])}}
            if self.networks[first].get("mac_address"):
                # Up to 24 the engine reads it here, later ones in the endpoint.
                body["MacAddress"] = self.networks[first]["mac_address"]
        return body

    def first_network(self) -> str:
        """The network the container is created in; empty when its mode says it all."""
        mode = str(self.host_config.get("NetworkMode") or "default")
        mode = "nat" if mode == "default" else mode
        return mode if mode in self.networks else next(iter(self.networks), "")

    def connections(self) -> dict[str, dict[str, Any]]:
        """What it is connected to once it is created: before 25 a create takes one network only (moby daemon/create.go)."""
        return {name: endpoint(network) for name, network in self.networks.items() if name != self.first_network()}


def carried(container: Inspected, image: Inspected | None) -> Draft:
    """All of an existing container but what its image brought and what the engine put in.

    Args:
        container: The inspected container.
        image: Its own image, inspected; None when the host no longer has it: then nothing is carried that may have come from it.
    """
    config = {key: copy.deepcopy(value) for key, value in (container.get("Config") or {}).items() if _says_something(value)}
    host_config = {key: copy.deepcopy(value) for key, value in (container.get("HostConfig") or {}).items() if _says_something(value)}
    for key in _NOT_CARRIED["Config"]:
        config.pop(key, None)
    for key in _NOT_CARRIED["HostConfig"]:
        host_config.pop(key, None)
    if config.get("Hostname") == str(container.get("Id") or "")[:12]:
        config.pop("Hostname")
    _without_image(config, image)
    mode = str(host_config.get("NetworkMode") or "default")
    if mode == "default":
        host_config.pop("NetworkMode", None)
    networks = {} if mode == "none" or mode.startswith("container:") else carried_networks(container)
    if set(networks) == {"nat"} and mode in ("default", "nat") and not any(networks["nat"].values()):
        networks = {}
    return Draft(config, host_config, networks)


def _says_something(value: Any) -> bool:
    return value not in (None, "", [], {}, False, 0)


def _without_image(config: dict[str, Any], image: Inspected | None) -> None:
    if image is None:
        for key in OF_IMAGES:
            config.pop(key, None)
        return
    brought = image.get("Config") or {}
    for key in OF_IMAGES:
        if key in config and config[key] == brought.get(key):
            del config[key]
    for key in _MERGED:
        own = {name: item for name, item in (config.pop(key, None) or {}).items() if (brought.get(key) or {}).get(name, _NONE) != item}
        if own:
            config[key] = own
    entries = [entry for entry in config.pop("Env", None) or () if entry not in (brought.get("Env") or ())]
    if entries:
        config["Env"] = entries
    health = {
        key: item for key, item in (config.pop("Healthcheck", None) or {}).items() if (brought.get("Healthcheck") or {}).get(key) != item
    }
    if health:
        config["Healthcheck"] = health
    if "Cmd" not in config:
        config.pop("ArgsEscaped", None)  # the engine takes it with the image's command


_NONE = object()


def overlay(draft: Draft, values: Mapping[str, Any], modes: Mapping[str, str]) -> Draft:
    """A draft with the options of a task written over it.

    Args:
        draft: What is carried over; a new container has an empty one.
        values: From ``parse_options``.
        modes: From ``parse_comparisons``.

    Raises:
        OptionError: What is given does not go with what is carried over.
    """
    result = copy.deepcopy(draft)
    _make_room(result, values)
    for name, wanted in values.items():
        option = OPTIONS[name]
        result.put(option.row.path, option.kind.write(_merged(result, name, wanted, modes)))
    for port in result["HostConfig.PortBindings"] or {}:
        result.config.setdefault("ExposedPorts", {})[port] = {}
    _check(result)
    return result


def _merged(draft: Draft, name: str, wanted: Any, modes: Mapping[str, str]) -> Any:
    option = OPTIONS[name]
    present = option.kind.read(draft[option.row.path])
    if option.kind.shape == "map":
        if option.kind.partial:
            wanted = {key: {**(present.get(key) or {}), **entry} for key, entry in wanted.items()}
        if modes.get(name, option.row.compare) == "allow_more_present":
            return {**present, **wanted}
        return wanted
    return {**present, **wanted} if option.kind.partial else wanted


def _make_room(draft: Draft, values: Mapping[str, Any]) -> None:
    """Take out of what is carried over what cannot go along with an option that is given."""
    if "published_ports" in values:
        for port in draft["HostConfig.PortBindings"] or {}:
            (draft.config.get("ExposedPorts") or {}).pop(port, None)
    if values.get("log_driver") and values["log_driver"] != draft["HostConfig.LogConfig.Type"]:
        draft.put("HostConfig.LogConfig", None)
    if "command" in values or "entrypoint" in values:
        draft.config.pop("ArgsEscaped", None)
    for given, other in (("volumes", "mounts"), ("mounts", "volumes")):
        if given in values and other not in values:
            option = OPTIONS[other]
            kept = {key: item for key, item in option.kind.read(draft[option.row.path]).items() if key not in values[given]}
            draft.put(option.row.path, option.kind.write(kept) or None)
    _move_networks(draft, values)


def _move_networks(draft: Draft, values: Mapping[str, Any]) -> None:
    mode = values.get("network_mode")
    if "networks" in values:
        if mode is None:
            draft.put("HostConfig.NetworkMode", next(iter(values["networks"])))
        return
    if mode is None:
        return
    before = draft.first_network()
    draft.networks.pop(before, None)
    if mode == "none" or mode.startswith("container:"):
        draft.networks = {}
    elif draft.networks:
        draft.networks = {"nat" if mode == "default" else mode: {}, **draft.networks}


def _check(draft: Draft) -> None:
    policy, retries = draft["HostConfig.RestartPolicy.Name"] or "no", draft["HostConfig.RestartPolicy.MaximumRetryCount"]
    check_policy(policy, retries, draft["HostConfig.AutoRemove"])
    if draft["HostConfig.NanoCpus"] and (draft["HostConfig.CpuPercent"] or draft["HostConfig.CpuShares"]):
        raise OptionError("cpus cannot go along with cpu_percent or cpu_shares", "Give only one of them")


def discarded(draft: Draft, isolation: str) -> tuple[str, ...]:
    """Sentences on what the engine will discard, and does discard in the draft."""
    found = []
    for name in ("cpu_shares", "cpu_percent"):
        winner = outranked(name, isolation, lambda other: draft[OPTIONS[other].row.path])
        if winner and draft[OPTIONS[name].row.path]:
            found.append(f"{name} has no effect: with process isolation {winner} takes its place")
            draft.put(OPTIONS[name].row.path, None)
    return tuple(found)


def predicted(draft: Draft, image: Inspected | None, reference: str, isolation: str) -> dict[str, Any]:
    """The new container as inspect will show it, as far as that is known beforehand.

    Args:
        draft: What it is made from.
        image: Its image, inspected; None while the host does not have it, and then nothing is said of what images bring.
        reference: How the image is named.
        isolation: The mode.
    """
    config = {**draft.config, "Image": reference}
    for name, option in OPTIONS.items():
        if not option.row.of_image:
            continue
        key = option.row.path.partition(".")[2]
        if image is None:
            config[key] = None
            continue
        own, brought = option.kind.read(draft[option.row.path]), option.found(image)
        if name == "command" and draft.config.get("Entrypoint"):
            brought = []
        merged = {**brought, **own} if option.kind.shape == "map" or option.kind.partial else own or brought
        config[key] = option.kind.write(merged)
    if config.get("Entrypoint") == [""]:
        config["Entrypoint"] = None
    return {"Config": config, "HostConfig": {**draft.host_config, "Isolation": isolation}, "Image": (image or {}).get("Id")}
