# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host and a registry have, as far as one image is concerned. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .compatibility import HostVersion
from .references import Reference

#: The engine's own JSON.
Inspected = Mapping[str, Any]


@dataclass(frozen=True)
class Offer:
    """The registry's answer for a reference.

    Attributes:
        digest: Of the manifest, or of the manifest list where there is one; an image pulled under this name carries it in ``RepoDigests``.
        platforms: One entry per image behind the name: ``os``, ``architecture``, ``os.version``.
    """

    digest: str
    platforms: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class User:
    """A container that uses an image."""

    name: str
    running: bool


@dataclass(frozen=True)
class OtherImage:
    """An image of the same family that the host has.

    Attributes:
        id: Image id.
        names: Its repository tags.
        build, revision: Of its ``os.version``; 0 where it has none.
        created: RFC 3339 time.
        users: Names of the containers made from it.
        base_of: Whether another image of the host was built on it here.
    """

    id: str
    names: tuple[str, ...]
    build: int
    revision: int
    created: str
    size: int = 0
    users: tuple[str, ...] = ()
    base_of: bool = False


@dataclass(frozen=True)
class ArchivedImage:
    """An image outside this host's engine: in an archive, or on another host.

    Attributes:
        id: The id it will have here.
        names: The tags it brings along.
        os: ``windows``, or what it is else.
        os_version: Empty where it has none.
        size: Bytes on disk; 0 where it is not known.
    """

    id: str
    names: tuple[str, ...]
    os: str
    os_version: str
    size: int = 0


@dataclass(frozen=True)
class Recipe:
    """What an image is to be built from.

    Attributes:
        digest: Of the context and of all settings that make another image.
        warnings: What to watch.
    """

    digest: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DetachedPull:
    """A pull that runs, or ran, on the host without us.

    Attributes:
        process_id: None when it has ended.
        words: The last line it wrote.
    """

    process_id: int | None
    words: str = ""


@dataclass(frozen=True)
class Observed:
    """A host as far as one image is concerned.

    Attributes:
        host: Build, revision and product type.
        local: The image under the name it is to have, or under the one it is pulled by; inspected, or None.
        offer: The registry's answer; None where it was not asked.
        named: Wanted name to the id of the image that has it now, or None.
        others: Images of the same family, where some are to be removed.
        users: Containers made from ``local``, where it is to be removed.
        archived: The image to be loaded, as its archive tells.
        recipe: What the image is to be built from.
        built_from: Digest of what the local image was built from; empty for one that was not built here.
        saved: Whether the archive to be written on the controller is there and holds this image.
        detached: A pull of this image that was started on the host earlier.
        free_bytes: Room on the drive of the engine's data; None where it was not asked for.
        installed: False in check mode on a host that has no engine yet.
    """

    host: HostVersion
    local: Inspected | None = None
    offer: Offer | None = None
    named: Mapping[str, str | None] = field(default_factory=dict)
    others: tuple[OtherImage, ...] = ()
    users: tuple[User, ...] = ()
    archived: ArchivedImage | None = None
    recipe: Recipe | None = None
    built_from: str = ""
    saved: bool = False
    detached: DetachedPull | None = None
    free_bytes: int | None = None
    drive: str = ""
    installed: bool = True


def digest_of(reference: Reference, image: Inspected | None) -> str | None:
    """The digest under which the image was pulled from the reference's repository; None when it was not."""
    for entry in (image or {}).get("RepoDigests") or ():
        digest = str(entry).rpartition("@")[2]
        if reference.has_digest([str(entry)], digest):
            return digest
    return None


def up_to_date(origin: Reference, local: Inspected | None, offer: Offer | None) -> bool:
    """Whether the local image is what the registry offers now: an image pulled under a name carries the digest of that name's manifest
    list in ``RepoDigests``, and that is the digest ``/distribution`` tells."""
    return local is not None and offer is not None and origin.has_digest(local.get("RepoDigests") or (), offer.digest)


def must_pull(origin: Reference, pull: str, local: Inspected | None, offer: Offer | None) -> bool:
    """Whether the image has to be pulled. A pinned digest never moves, so having it is enough."""
    if origin.digest and local is not None:
        return not origin.has_digest(local.get("RepoDigests") or (), origin.digest)
    if pull == "always":
        return not up_to_date(origin, local, offer)
    return local is None
