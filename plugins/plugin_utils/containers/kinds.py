# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of options: how a value is parsed, read from inspect, compared, written into a create request, and shown. Pure.

A parsed value is of one of three shapes, which decide what the comparison modes mean: a ``value``, a ``list`` (order counts), or a ``map``
from what identifies an entry to the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..values import texts
from . import forms, values
from .mounts import parse_mount, parse_volume
from .ports import observed_ports, parse_exposed, port_texts


def _identity(value: Any) -> Any:
    return value


def _equal(wanted: Any, found: Any) -> bool:
    return bool(wanted == found)


@dataclass(frozen=True)
class Kind:
    """What is common to the options of one kind.

    Args:
        shape: ``value``, ``list`` or ``map``.
        parse: The validated option, and its name for errors, to the parsed value. Raises OptionError.
        read: The engine's JSON (None when it is missing) to the same.
        write: The parsed value to the engine's JSON.
        matches: Whether what was found is what was wanted: the value as a whole, or one entry of a map.
        show: What a diff prints for a value, next to the other one.
        partial: Whether an entry (of a map) or the value may say less than all: the rest is left as it is.
    """

    shape: str
    parse: Callable[[Any, str], Any]
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = _identity
    matches: Callable[[Any, Any], bool] = _equal
    show: Callable[[Any, Any], Any] = lambda value, other: value
    partial: bool = False


def _text(value: Any, what: str) -> str:
    return str(value)


def _number(kind: Callable[[Any, str], int], show: Callable[[Any, Any], Any] = lambda value, other: value) -> Kind:
    return Kind("value", kind, lambda raw: int(raw or 0), show=show)


def _show_size(value: int, other: int) -> str:
    return values.show_size(value)


_PLAIN_TEXT = Kind("value", _text, lambda raw: str(raw or ""))

KINDS: Mapping[str, Kind] = {
    "addresses": Kind("list", lambda value, what: [values.address(item, what) for item in value], forms.read_list),
    "command": Kind("list", forms.arguments, forms.read_list, lambda value: value or None),
    "cpu_count": _number(values.whole(0)),
    "cpu_percent": _number(values.whole(0, 100)),
    "cpu_shares": _number(values.whole(0, 10000)),
    "cpus": _number(values.nano_cpus, lambda value, other: value / 1e9),
    "credential_spec": Kind(
        "value",
        forms.credential_spec,
        forms.read_credential_spec,
        lambda value: [forms.CREDENTIAL_SPEC + value] if value else None,
        forms.same_spec,
        forms.show_spec,
    ),
    "devices": Kind(
        "map",
        forms.devices,
        forms.read_devices,
        forms.write_devices,
        lambda wanted, found: wanted.lower() == found.lower(),
        lambda v, o: [*v.values()],
    ),
    "entrypoint": Kind("list", forms.arguments, forms.read_list, lambda value: value or None),
    "environment": Kind(
        "map",
        forms.environment,
        forms.read_environment,
        lambda value: [f"{name}={text}" for name, text in value.values()],
        lambda wanted, found: wanted[1] == found[1],
        forms.show_environment,
    ),
    "exposed": Kind(
        "map",
        lambda value, what: {port: port for port in parse_exposed(value)},
        lambda raw: {port: port for port in raw or ()},
        lambda value: {port: {} for port in value},
        show=lambda value, other: sorted(value),
    ),
    "flag": Kind("value", lambda value, what: bool(value), bool),
    "folder": Kind("value", values.folder, lambda raw: str(raw or ""), matches=lambda wanted, found: wanted.lower() == found.lower()),
    "health": Kind("value", forms.health, forms.read_health, matches=forms.part, partial=True),
    "list": Kind("list", lambda value, what: [str(item) for item in value], forms.read_list),
    "log_driver": Kind("value", forms.log_driver, lambda raw: str(raw or "")),
    "memory": _number(values.memory, _show_size),
    "mounts": Kind(
        "map",
        lambda value, what: forms.by_target(map(parse_mount, value), what),
        forms.read_mounts,
        forms.write_mounts,
        lambda wanted, found: wanted.key() == found.key(),
        forms.show_mounts,
    ),
    "network_mode": Kind("value", forms.network_mode, lambda raw: str(raw or "default"), matches=forms.same_mode),
    "networks": Kind("map", forms.networks, _identity, matches=forms.part, partial=True),
    "number": _number(values.whole(0)),
    "policy": Kind("value", _text, lambda raw: str(raw or "no")),
    "ports": Kind(
        "map",
        forms.ports,
        lambda raw: {"/".join(port): port for port in observed_ports(raw)},
        forms.write_ports,
        show=lambda value, other: port_texts(value.values()),
    ),
    "seconds": Kind("value", values.whole(0, unit="seconds"), _identity),
    "signal": Kind("value", values.signal, lambda raw: str(raw or ""), matches=values.same_signal),
    "size": _number(values.size, _show_size),
    "storage": Kind("map", forms.storage, forms.read_storage, forms.show_storage, show=forms.show_storage),
    "text": _PLAIN_TEXT,
    "hidden_texts": Kind("map", texts, lambda raw: dict(raw or {}), show=forms.show_names),
    "texts": Kind("map", texts, lambda raw: dict(raw or {})),
    "volumes": Kind(
        "map",
        lambda value, what: forms.by_target((parse_volume(str(entry)) for entry in value), what),
        forms.read_binds,
        lambda value: [str(mount) for mount in value.values()],
        lambda wanted, found: wanted.key() == found.key(),
        forms.show_mounts,
    ),
}
