# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making a container: merge what was asked for with the image and the daemon's defaults, under the create-time rules."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..streams import Pipe
from . import texts
from .body_types import check_types
from .containers import HOST_CONFIG_DEFAULTS, Container
from .images import CONFIG_DEFAULTS, Image
from .mounts import parse_bind, resolve
from .networks import check_endpoints, empty_endpoint
from .validation import check_config, check_daemon, check_decoded, check_storage, log_config, working_directory
from .values import new_id
from .versions import ApiVersion

if TYPE_CHECKING:
    from .engine import Engine

Json = dict[str, Any]
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_ADJECTIVES = ("sharp", "calm", "brave", "quiet", "bold", "kind", "wise", "eager")
_SURNAMES = ("edison", "curie", "lovelace", "hopper", "turing", "noether", "bohr", "meitner")


def create(engine: Engine, name: str, body: Mapping[str, Any], api: ApiVersion = (1, 99)) -> tuple[Container, list[str]]:
    """``POST /containers/create``: the container and its warnings. Raises ApiError.

    Args:
        api: The API version of the request.
    """
    check_types(body, engine.version)
    check_endpoints(body, api, engine.state.networks, engine.version)
    asked = dict(body.get("HostConfig") or {})
    check_decoded(asked, engine.version)
    host_config = _host_config(engine, asked)
    warnings = check_daemon(host_config, engine.host, engine.version)
    image = engine.state.images.find(str(body.get("Image") or ""))
    id_ = new_id()
    config = _config(engine, body, image, id_, api)
    host_config["LogConfig"] = log_config(host_config["LogConfig"], engine.config, engine.version)
    check_storage(host_config)
    path, args = _command(engine, config)
    _take_name(engine, name := _name(engine, name))
    mounts = _mounts(engine, config, host_config)
    container = Container(id_, name, image, config, host_config, path, args, mounts, _networks(host_config, body))
    container.macs = {network: str(endpoint.get("MacAddress") or "") for network, endpoint in container.networks.items()}
    if config.get("MacAddress"):
        # The container-wide field, which the first network gets.
        container.macs[next(iter(container.networks), "")] = str(config["MacAddress"])
        if api >= (1, 44):
            warnings.append("The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.")
            config["MacAddress"] = ""
    container.stdin = Pipe() if config["OpenStdin"] else None
    container.files = image.files.copy()
    engine.state.containers[id_] = container
    engine.events.container(container, "create")
    return container, warnings


def _host_config(engine: Engine, asked: Json) -> Json:
    config = copy.deepcopy(HOST_CONFIG_DEFAULTS)
    known = set(config) | {
        "Mounts",
        "Tmpfs",
        "StorageOpt",
        "Init",
        "KernelMemory",
        "Runtime",
        "Sysctls",
        "CgroupnsMode",
        "CpuRealtimePeriod",
    }
    config |= {key: value for key, value in asked.items() if key in known}
    config["Isolation"] = _isolation(engine, asked)
    policy = asked.get("RestartPolicy") or {}
    # An empty name became "no" some time after 20.10 (docker-on-windows.md 8.9; the release is unverified).
    unnamed = "no" if engine.version.major >= 23 else ""
    config["RestartPolicy"] = {"Name": policy.get("Name") or unnamed, "MaximumRetryCount": policy.get("MaximumRetryCount") or 0}
    config["PortBindings"] = asked.get("PortBindings") or {}
    config["LogConfig"] = asked.get("LogConfig") or {}
    mode = asked.get("NetworkMode") or "default"
    # From 26.1 on create turns "default" into the network's name.
    from_26_1 = (engine.version.major, engine.version.minor) >= (26, 1)
    config["NetworkMode"] = "nat" if mode == "default" and from_26_1 else mode
    return config


def _isolation(engine: Engine, asked: Json) -> str:
    """Empty and ``default`` are replaced by the daemon's default at create; any other letter case stays as sent."""
    value = str(asked.get("Isolation") or "")
    return engine.default_isolation if value.lower() in ("", "default") else value


def _config(engine: Engine, body: Mapping[str, Any], image: Image, id_: str, api: ApiVersion) -> Json:
    config = copy.deepcopy(CONFIG_DEFAULTS)
    known = set(config) | {
        "ExposedPorts",
        "Healthcheck",
        "StopSignal",
        "StopTimeout",
        "ArgsEscaped",
        "Shell",
        "NetworkDisabled",
        "MacAddress",
    }
    config |= {key: value for key, value in body.items() if key in known}
    base = dict(image.config)
    config["Hostname"] = config["Hostname"] or id_[:12]
    config["User"] = config["User"] or base.get("User") or ""
    config["Env"] = _environment(config["Env"], base.get("Env"))
    config["Labels"] = {**(base.get("Labels") or {}), **(config["Labels"] or {})}
    check_config(config, engine.version)
    check = dict(config.get("Healthcheck") or {})
    if api < (1, 44):
        check.pop("StartInterval", None)
    if check or base.get("Healthcheck"):
        # What the container does not say of it is the image's, field by field (moby daemon/commit.go, merge).
        config["Healthcheck"] = {**(base.get("Healthcheck") or {}), **{key: value for key, value in check.items() if value}}
    if base.get("StopSignal") and not config.get("StopSignal"):
        config["StopSignal"] = base["StopSignal"]
    config["WorkingDir"] = working_directory(config["WorkingDir"] or base.get("WorkingDir") or "")
    ports = {**(base.get("ExposedPorts") or {}), **(config.get("ExposedPorts") or {})}
    config |= {"ExposedPorts": ports} if ports else {}
    volumes = {**(base.get("Volumes") or {}), **(config["Volumes"] or {})}
    config["Volumes"] = volumes or None
    entrypoint = _words(config["Entrypoint"])
    if not entrypoint:
        config["Cmd"] = _words(config["Cmd"]) or base.get("Cmd")
        if not _words(body.get("Cmd")) and base.get("ArgsEscaped"):
            config["ArgsEscaped"] = True
        entrypoint = base.get("Entrypoint") or []
    config["Cmd"] = _words(config["Cmd"])
    config["Entrypoint"] = None if entrypoint in ([], [""]) else entrypoint
    return config


def _words(value: Any) -> list[str] | None:
    """A command as the API takes it: a list, or one string."""
    if value is None:
        return None
    return [value] if isinstance(value, str) else list(value)


def _environment(asked: list[str] | None, base: list[str] | None) -> list[str] | None:
    """Image entries are appended unless the key is set; keys compare without case on Windows."""
    result = list(asked or ())
    known = {entry.split("=", 1)[0].lower() for entry in result}
    result += [entry for entry in base or () if entry.split("=", 1)[0].lower() not in known]
    return result or asked


def _command(engine: Engine, config: Json) -> tuple[str, list[str]]:
    words = [*(config["Entrypoint"] or ()), *(config["Cmd"] or ())]
    if not words:
        raise texts.no_command(engine.version)
    return words[0], words[1:]


def _name(engine: Engine, asked: str) -> str:
    if asked:
        name = asked.removeprefix("/")
        if not _NAME.fullmatch(name):
            raise texts.invalid_name(asked)
        return name
    number = len(engine.state.containers)
    taken = {one.name for one in engine.state.containers.values()}
    while (name := f"{_ADJECTIVES[number % 8]}_{_SURNAMES[number // 8 % 8]}{number // 64 or ''}") in taken:
        number += 1
    return name


def _take_name(engine: Engine, name: str) -> None:
    for other in engine.state.containers.values():
        if other.name == name:
            raise texts.name_in_use(name, other.id)


def rename(engine: Engine, container: Container, name: str) -> None:
    """``POST /containers/{id}/rename``. Raises ApiError 400 or 409."""
    bare = name.removeprefix("/")
    if bare == container.name:
        raise texts.ApiError(400, "Renaming a container with the same name as its current name")
    try:
        if not _NAME.fullmatch(bare):
            raise texts.invalid_name(f"/{bare}")
        _take_name(engine, bare)
    except texts.ApiError as error:
        raise texts.cannot_rename(error, engine.version) from error
    container.name, old = bare, container.name
    engine.events.container(container, "rename", oldName=f"/{old}")


def _mounts(engine: Engine, config: Json, host_config: Json) -> list[Json]:
    volumes = engine.state.volumes
    mounts = [resolve(parse_bind(spec), spec, engine.host, volumes, engine.data_root) for spec in host_config["Binds"] or ()]
    mounts += [resolve(mount, "", engine.host, volumes, engine.data_root) for mount in host_config.get("Mounts") or ()]
    for spec in host_config["VolumesFrom"] or ():
        name, _unused, mode = str(spec).partition(":")
        given = {mount["Destination"].lower() for mount in mounts}
        others = [mount for mount in engine.find_container(name).mounts if mount["Destination"].lower() not in given]
        mounts += [{**mount, "RW": mount["RW"] and mode != "ro"} for mount in others]
    used = {mount["Destination"].lower() for mount in mounts}
    for spec in config["Volumes"] or ():
        mount = _anonymous(engine, spec)
        if mount["Target"].rstrip("\\") not in used:
            mounts.append(resolve(mount, spec, engine.host, volumes, engine.data_root))
    destinations = [mount["Destination"].lower() for mount in mounts]
    for target in destinations:
        if destinations.count(target) > 1:
            raise texts.ApiError(400, f"Duplicate mount point: {target}")
    return mounts


def _anonymous(engine: Engine, spec: str) -> Json:
    """An entry of ``Config.Volumes``: read as one of ``Binds``, but whatever source it names, an empty volume is mounted."""
    try:
        mount = parse_bind(spec)
        if mount["Type"] == "bind" and mount["Source"]:
            resolve(mount, spec, engine.host, {}, engine.data_root)
    except texts.ApiError as error:
        raise texts.ApiError(500, f"Unrecognised volume spec: {error.message}") from error
    return {"Type": "volume", "Target": mount["Target"], "ReadOnly": mount["ReadOnly"]}


def _networks(host_config: Json, body: Mapping[str, Any]) -> dict[str, Json]:
    mode = host_config["NetworkMode"]
    if mode.startswith("container:"):
        return {}
    name = "nat" if mode == "default" else mode
    asked = dict((body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {})
    if "default" in asked:  # what Docker's client says for a container without a network of its own (moby daemon/create.go)
        asked.setdefault(name, asked.pop("default"))
    return {name: empty_endpoint()} | {key: empty_endpoint() | (value or {}) for key, value in asked.items()}
