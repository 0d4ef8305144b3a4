# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers of an engine as hosts of an inventory: what is read, and which variables they get."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..engine.client import DEFAULT_PIPE, EngineClient
from ..engine.lookup import find_container, find_image
from ..images.info import base_of, family_of
from .options import Inspected
from .report import describe

CONNECTION = "winfleet.containers.container"
#: Variables of a host that lead to its containers as well, besides all that begin with ansible_winrm_.
_LEADING = ("ansible_user", "ansible_password", "ansible_port", "ansible_host", "winfleet_engine_pipe")
#: The host's own value at the time it is needed, so that no secret is copied; the host's name is no part of the template.
_REFERENCE = "{{ hostvars[winfleet_container_host]['NAME'] }}"
#: What tasks know of a container, by the key of its description.
_FACTS = (
    "id", "image", "image_family", "isolation", "status", "running", "health", "labels", "networks", "published_ports", "created",
)  # fmt: skip


def read_containers(engine: EngineClient, filters: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Every container that fits the filters, as the modules describe it, with the family of its image (None where it is unknown)."""
    with engine.errors():
        rows = engine.api.containers(all=True, filters=dict(filters or {}) or None)
    there = [find_container(engine, str(row["Id"])) for row in rows]
    found = [container for container in there if container is not None]  # one may have gone since it was listed
    families = _families(engine, {str(container["Image"]) for container in found})
    entries = [{**describe(container), "image_family": families[str(container["Image"])]} for container in found]
    return sorted(entries, key=lambda entry: str(entry["name"]))


def _families(engine: EngineClient, identifiers: Collection[str]) -> dict[str, str | None]:
    images = {identifier: find_image(engine, identifier) for identifier in identifiers}
    families = {identifier: family_of(image) if image else None for identifier, image in images.items()}
    if None in families.values():
        bases = _bases(engine)
        for identifier, image in images.items():
            families[identifier] = families[identifier] or _family_below(image, bases)
    return families


def _bases(engine: EngineClient) -> list[Inspected]:
    api: Any = engine.api  # the SDK's types stop at some of its mix-ins
    with engine.errors():
        rows = [row for row in api.images() if family_of(row)]
    found = [find_image(engine, str(row["Id"])) for row in rows]
    return [base for base in found if base is not None]


def _family_below(image: Inspected | None, bases: Sequence[Inspected]) -> str | None:
    """Of the base image whose layers it stands on; where that is no longer on the host, of Nano Server by the name."""
    below = base_of(image, bases) if image is not None else None
    if below is not None:
        return str(below["family"])
    return "nanoserver" if image is not None and "nanoserver" in " ".join(image.get("RepoTags") or ()) else None


def host_name(pattern: str, host: str, container: str) -> str:
    """The name of a container in the inventory. Pure."""
    return pattern.replace("{host}", host).replace("{container}", container)


def connection_variables(host: str, kind: str, names: Collection[str], pipe: str, family: str | None) -> dict[str, Any]:
    """How tasks reach a container. Pure.

    Args:
        host: Its host's name in the inventory.
        kind: The connection plugin of the host.
        names: The variables the host has.
        pipe: Name of the engine's named pipe, where no variable of the host names another.
        family: The family of the container's image; None where it is unknown.
    """
    leading = [name for name in names if name in _LEADING or re.fullmatch(r"ansible_winrm_\w+", name)]
    variables = {
        "ansible_connection": CONNECTION,
        "ansible_shell_type": "cmd" if family == "nanoserver" else "powershell",
        "winfleet_container_host": host,
        "ansible_host": host,
        **{name: reference(name) for name in sorted(leading)},
    }
    if pipe != DEFAULT_PIPE:
        variables.setdefault("winfleet_engine_pipe", pipe)
    if kind != "winrm":
        variables["winfleet_container_host_connection"] = kind
    return variables


def reference(name: str) -> str:
    """A template for the same variable of the container's host. Pure."""
    return _REFERENCE.replace("NAME", name)


def facts_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What tasks and groups can use. Pure."""
    return {"winfleet_container": entry["name"], **{f"winfleet_container_{key}": entry.get(key) for key in _FACTS}}
