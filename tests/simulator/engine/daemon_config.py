# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""daemon.json and flags as dockerd on Windows checks them. Facts: docker-on-windows.md 1, "daemon.json"."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any

from .versions import EngineVersion

#: By the names of flags, which the check goes by: dockerd 20.10.24 refuses "containerd-plugin-namespace", the name its documentation has.
_ALWAYS = frozenset((
    "allow-nondistributable-artifacts", "authorization-plugins", "bridge", "containerd", "containerd-namespace",
    "containerd-plugins-namespace", "data-root", "debug", "default-network-opts", "default-runtime", "dns", "dns-opts", "dns-search",
    "exec-opts", "experimental", "features", "fixed-cidr", "group", "hosts", "insecure-registries", "labels", "log-driver",
    "log-format", "log-level", "log-opts", "max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts", "mtu",
    "pidfile", "raw-logs", "registry-mirrors", "shutdown-timeout", "storage-driver", "storage-opts", "swarm-default-advertise-addr",
    "tls", "tlsverify", "tlscacert", "tlscert", "tlskey", "network-control-plane-mtu", "metrics-addr", "node-generic-resources",
    "builder",
))  # fmt: skip


class ConfigError(Exception):
    """The daemon does not start; the text is what it writes to the event log (without ``fatal: ``)."""


def known_keys(version: EngineVersion) -> frozenset[str]:
    """The keys this release takes on Windows."""
    keys = set(_ALWAYS)
    if version.major >= 20:
        keys |= {"host-gateway-ip"}
    if version.major >= 23:
        keys |= {"http-proxy", "https-proxy", "no-proxy", "proxies"}
    if version.major >= 28:
        keys |= {"host-gateway-ips"}
    if version.major >= 29:
        keys |= {"min-api-version"}
    if version.major < 23:
        keys |= {"graph"}
    if version.major < 24:
        keys |= {"cluster-store", "cluster-store-opts", "cluster-advertise"}
    if version.major < 29:
        keys |= {"api-cors-header"}
    return frozenset(keys)


def read_config(raw: bytes, file: str, flags: Mapping[str, Any], version: EngineVersion) -> dict[str, Any]:
    """The configuration a daemon of that release makes of the file's bytes and its flags.

    Raises:
        ConfigError: With dockerd's own text.
    """
    prefix = f"unable to configure the Docker daemon with file {file}: "
    parsed = _parse(raw, prefix, version)
    unknown = [key for key in parsed if key not in known_keys(version)]
    if unknown:
        raise ConfigError(f"{prefix}the following directives don't match any configuration option: {', '.join(unknown)}")
    both = [f"{key}: (from flag: {_go(flags[key])}, from file: {_go(parsed[key])})" for key in parsed if key in flags]
    if both:
        text = "the following directives are specified both as a flag and in the configuration file"
        raise ConfigError(f"{prefix}{text}: {', '.join(both)}")
    for key, value in parsed.items():
        _check_type(prefix, key, value)
    config = {**parsed, **flags}
    check_values(config, version)
    return config


#: Keys by the Go type of their field; what is missing here is decoded into more than one.
_TYPES = {
    "bool": ("debug", "experimental", "raw-logs", "tls", "tlsverify"),
    "int": ("max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts", "mtu", "shutdown-timeout"),
    "string": ("bridge", "containerd", "data-root", "default-runtime", "fixed-cidr", "group", "log-driver", "log-level", "metrics-addr",
               "pidfile", "storage-driver", "tlscacert", "tlscert", "tlskey"),
    "[]string": ("dns", "dns-opts", "dns-search", "exec-opts", "hosts", "insecure-registries", "labels", "registry-mirrors", "storage-opts"),
    "map[string]bool": ("features",),
    "map[string]string": ("log-opts",),
}  # fmt: skip
_TYPE_OF = {key: kind for kind, keys in _TYPES.items() for key in keys}
_JSON_NAMES = ((bool, "bool"), (int | float, "number"), (str, "string"), (list, "array"), (dict, "object"))


def _check_type(prefix: str, key: str, value: Any) -> None:
    """The words of Go's decoder for a value of another type, of dockerd 20.10.24 with each of them. Raises ConfigError."""
    kind = _TYPE_OF.get(key)
    wrong = kind and _wrong(value, kind)
    if wrong:
        raise ConfigError(f"{prefix}json: cannot unmarshal {wrong[0]} into Go struct field Config.{key} of type {wrong[1]}")


def _wrong(value: Any, kind: str) -> tuple[str, str] | None:
    """The first value inside that has not the type it goes into: its name in JSON, and that type."""
    name = next((name for types, name in _JSON_NAMES if isinstance(value, types)), "null")
    if name == "null":
        return None
    outer, inner = {"[]string": ("array", "string"), "map[string]bool": ("object", "bool"), "map[string]string": ("object", "string")}.get(
        kind, ({"int": "number"}.get(kind, kind), "")
    )
    if name != outer:
        return name, kind
    parts = value if name == "array" else value.values() if name == "object" else ()
    return next((wrong for part in parts if (wrong := _wrong(part, inner))), None)


def _parse(raw: bytes, prefix: str, version: EngineVersion) -> dict[str, Any]:
    try:
        text = _decode(raw, version)
        if not text.strip():
            return {}
        parsed = json.loads(text)
    except (UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{prefix}invalid JSON: {_go_error(raw, error)}") from error
    if not isinstance(parsed, dict):
        raise ConfigError(
            f"{prefix}invalid JSON: json: cannot unmarshal {type(parsed).__name__} into Go value of type map[string]interface {{}}"
        )
    return parsed


def _decode(raw: bytes, version: EngineVersion) -> str:
    """23 and later take a byte order mark; 20.10 does not."""
    if version.major >= 23:
        for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
            if raw.startswith(mark):
                return raw.decode(encoding)
    return raw.decode("utf-8")


def _go_error(raw: bytes, error: Exception) -> str:
    """The wording of Go's decoder, near enough (*unverified* beyond the first word)."""
    position = getattr(error, "pos", 0)
    rest = raw[position : position + 1].decode("latin-1")
    return f"invalid character '{rest}' looking for beginning of value" if rest else "unexpected end of JSON input"


def _go(value: Any) -> str:
    """A value as Go's %v prints it."""
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_values(config: Mapping[str, Any], version: EngineVersion) -> None:
    """Values that stop the daemon. Raises ConfigError."""
    for option in config.get("exec-opts") or ():
        _check_exec_option(str(option), version)
    for host in config.get("hosts") or ():
        if not re.match(r"(?:npipe|tcp|unix)://|[^/]*:\d+$", str(host)):
            raise ConfigError(f"invalid bind address ({host}): unsupported proto")
    level = config.get("log-level")
    if level and level not in ("panic", "fatal", "error", "warn", "info", "debug", "trace"):
        raise ConfigError(f"invalid logging level: {level}")


def _check_exec_option(option: str, version: EngineVersion) -> None:
    key, _unused, value = option.partition("=")
    key, value = key.strip().lower(), value.strip()
    if key != "isolation":
        if version.major >= 28:
            raise ConfigError(f"error setting default isolation mode: invalid exec-opt ({option}): unknown option: '{key}'")
        raise ConfigError(f"Unrecognised exec-opt '{key}'\n")
    if value.lower() not in ("default", "process", "hyperv"):
        if version.major >= 28:
            raise ConfigError(f"error setting default isolation mode: invalid exec-opt value for 'isolation':'{value}'")
        raise ConfigError(f"Invalid exec-opt value for 'isolation':'{value}'")


def pipe_names(config: Mapping[str, Any]) -> list[str]:
    """The named pipes to listen on: ``docker_engine`` unless ``hosts`` says otherwise."""
    hosts = [str(host) for host in config.get("hosts") or ["npipe://"]]
    addresses = [host.removeprefix("npipe://") for host in hosts if host.startswith("npipe://")]
    return [re.split(r"[\\/]", address)[-1] if address else "docker_engine" for address in addresses]
