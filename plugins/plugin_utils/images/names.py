# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's lists of images and containers, as far as they decide what may be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..engine.lookup import find_image
from ..values import name_of
from .desired import Desired
from .state import Inspected, OtherImage, User

if TYPE_CHECKING:
    from ..engine.client import EngineClient


def users_of(engine: EngineClient, image: Inspected | None) -> tuple[User, ...]:
    """The containers made from an image, running or not."""
    if image is None:
        return ()
    return tuple(
        User(name_of(one), str(one.get("State")).lower() in ("running", "paused", "restarting"))
        for one in _containers(engine)
        if one.get("ImageID") == image.get("Id")
    )


def family_images(engine: EngineClient, desired: Desired) -> tuple[OtherImage, ...]:
    """Every image of the host that has, or had, a name of the wanted one's repository: a tag that moved leaves its digest behind."""
    with engine.errors():
        listed: list[dict[str, Any]] = engine.api.images()
    repositories = {desired.reference.repository, desired.origin.repository}
    found = [one for one in listed if _repositories(one) & repositories]
    if not found:
        return ()
    containers, parents = _containers(engine), {str(one.get("ParentId") or "") for one in listed}
    return tuple(other for one in found if (other := _other(engine, str(one["Id"]), containers, str(one["Id"]) in parents)) is not None)


def _other(engine: EngineClient, identifier: str, containers: list[dict[str, Any]], base_of: bool) -> OtherImage | None:
    inspected = find_image(engine, identifier)
    if inspected is None:
        return None  # removed in between
    parts = [*str(inspected.get("OsVersion") or "").split("."), "0", "0", "0", "0"]
    return OtherImage(
        identifier,
        tuple(str(name) for name in inspected.get("RepoTags") or ()),
        int(parts[2]) if parts[2].isdigit() else 0,
        int(parts[3]) if parts[3].isdigit() else 0,
        str(inspected.get("Created") or ""),
        int(inspected.get("Size") or 0),
        tuple(name_of(one) for one in containers if one.get("ImageID") == identifier),
        base_of,
    )


def _repositories(entry: dict[str, Any]) -> set[str]:
    tags = {str(name).rpartition(":")[0] for name in entry.get("RepoTags") or ()}
    return tags | {str(name).partition("@")[0] for name in entry.get("RepoDigests") or ()}


def _containers(engine: EngineClient) -> list[dict[str, Any]]:
    with engine.errors():
        found: list[dict[str, Any]] = engine.api.containers(all=True)
    return found
