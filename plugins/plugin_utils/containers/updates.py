# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What on a host is behind: tags the registry has moved, containers that stand on an older image, images built on an older base. Pure.

Floating tags move on Patch Tuesday (windows-containers.md section 2.2); an image that was pulled carries the digest its tag had then.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OptionError
from ..images.compatibility import ImageVersion
from ..images.references import Reference
from .options import Inspected
from .state import BACKUP_SUFFIX, running

#: Tags of base images that never move: a full version, with or without the architecture.
_FULL_VERSION = re.compile(r"10\.0\.\d+\.\d+(-amd64)?")


@dataclass(frozen=True)
class LocalImage:
    """An image of the host; ``references`` are its tags."""

    id: str
    references: tuple[Reference, ...]
    digests: tuple[str, ...]
    version: ImageVersion | None
    layers: tuple[str, ...]

    @classmethod
    def of(cls, inspected: Inspected) -> LocalImage:
        """From an inspected image."""
        version = str(inspected.get("OsVersion") or "")
        return cls(
            str(inspected["Id"]),
            tuple(reference for tag in inspected.get("RepoTags") or () if (reference := tagged(str(tag)))),
            tuple(map(str, inspected.get("RepoDigests") or ())),
            ImageVersion.parse(version) if version else None,
            tuple((inspected.get("RootFS") or {}).get("Layers") or ()),
        )

    @property
    def family(self) -> str:
        """The base image family it is one of, or an empty string; an older revision has lost its tag but kept its digest."""
        named = [*self.references, *(reference for digest in self.digests if (reference := parsed(digest)))]
        return next((reference.family for reference in named if reference.family), "")

    def pulled_as(self, reference: Reference) -> bool:
        """Whether it came from that reference's repository."""
        return any(reference.has_digest([entry], entry.rpartition("@")[2]) for entry in self.digests)


@dataclass(frozen=True)
class User:
    """A container and the image it stands on.

    Attributes:
        name: Its name; of one that an interrupted run had put aside, the name it had before.
        image: As the container was made with it.
        interrupted: An interrupted run left its replacement unfinished.
    """

    name: str
    image: str
    image_id: str
    running: bool
    interrupted: bool = False


@dataclass(frozen=True)
class Tag:
    """A tag on the host that the registry was asked for.

    Attributes:
        image: What it names here.
        aliases: Microsoft's names of a base image that came from another registry: they follow its tag.
        offered_digest: What it names at the registry.
        offered_version: ``os.version`` of what this host would get.
    """

    reference: Reference
    image: LocalImage
    offered_digest: str
    offered_version: ImageVersion | None

    @property
    def aliases(self) -> tuple[Reference, ...]:
        return aliases(self.reference, self.image)

    @property
    def outdated(self) -> bool:
        """Whether a pull would bring another image."""
        return not self.reference.has_digest(self.image.digests, self.offered_digest)


def parsed(text: str) -> Reference | None:
    """A reference in the engine's short form (``docker.io/library/x`` is ``x``), or None for what is none (``<none>:<none>``)."""
    try:
        return Reference.parse(text.removeprefix("docker.io/").removeprefix("library/"))
    except OptionError:
        return None


def tagged(text: str) -> Reference | None:
    """A reference that a registry can move: with a tag, and not pinned by a digest; None for any other."""
    reference = parsed(text)
    return reference if reference and reference.tag and not reference.digest else None


def users_of(containers: Iterable[Inspected]) -> tuple[User, ...]:
    """The containers, by name; one that was put aside counts as the one it is the predecessor of."""
    found: dict[str, User] = {}
    aside: dict[str, User] = {}
    for entry in containers:
        name = str(entry["Name"]).lstrip("/")
        image = str((entry.get("Config") or {}).get("Image") or "")
        user = User(name.removesuffix(BACKUP_SUFFIX), image, str(entry.get("Image") or ""), running(entry))
        (aside if name.endswith(BACKUP_SUFFIX) else found)[user.name] = user
    for name, user in aside.items():
        # It had been running: only then a replacement stops and can be interrupted with this effect.
        found[name] = User(name, user.image, user.image_id, True, interrupted=True)
    return tuple(found[name] for name in sorted(found))


def to_ask(images: Collection[LocalImage], users: Iterable[User]) -> dict[Reference, LocalImage]:
    """The tags whose registry is to be asked, and what they name here: floating tags of base images, and what containers were made with.

    What was built or loaded has no digest of its repository: no registry offers it, so none is asked.
    """
    bases = [reference for image in images for reference in image.references if reference.family or aliases(reference, image)]
    wanted = [*bases, *(reference for user in users if (reference := tagged(user.image)))]
    asked = {}
    for reference in wanted:
        image = named(images, reference)
        if image is None or not image.pulled_as(reference):
            continue
        if not ((reference.family or aliases(reference, image)) and _FULL_VERSION.fullmatch(reference.tag)):
            asked[reference] = image
    return asked


def leave_out(asked: Mapping[Reference, LocalImage], exclude: Iterable[str]) -> tuple[dict[Reference, LocalImage], tuple[str, ...]]:
    """What is asked for without the references excluded; and those of them that leave nothing out."""
    excluded = {text: parsed(text) for text in exclude}
    left = {reference: image for reference, image in asked.items() if reference not in excluded.values()}
    return left, tuple(text for text, reference in excluded.items() if reference not in asked)


def aliases(reference: Reference, image: LocalImage) -> tuple[Reference, ...]:
    """The names of Microsoft's that an image has because it was pulled as ``reference`` from another registry, with the same path and tag."""
    return tuple(
        name
        for name in image.references
        if name.family
        and name.tag == reference.tag
        and name != reference
        and reference.repository.endswith(name.repository[name.repository.index("/") :])
        and not image.pulled_as(name)
    )


def registry_of(reference: Reference) -> str:
    """The registry a reference names; without one it is Docker Hub."""
    first, slash, _rest = reference.repository.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"


def named(images: Iterable[LocalImage], reference: Reference) -> LocalImage | None:
    """The image a tag names here."""
    return next((image for image in images if reference in image.references), None)


def why_outdated(user: User, images: Collection[LocalImage], tags: Iterable[Tag]) -> str:
    """Why a container is to be recreated, a clause; empty when it is not."""
    if user.interrupted:
        return "an interrupted run left its replacement unfinished"
    reference = tagged(user.image)
    image = named(images, reference) if reference else None
    if image is None:
        return ""
    if image.id != user.image_id:
        return f"{reference} names another image by now"
    moved = next((tag for tag in tags if tag.outdated and reference in (tag.reference, *tag.aliases)), None)
    return f"the registry has another image for {moved.reference}" if moved else ""


def report(images: Collection[LocalImage], users: Collection[User], tags: Collection[Tag]) -> dict[str, Any]:
    """The result of ``image_update_info``."""
    reasons = {user.name: why_outdated(user, images, tags) for user in users}
    stale = _stale(images, users, tags)
    return {
        "images": [_shown(tag) for tag in tags],
        "containers": [
            {
                "name": user.name,
                "image": user.image,
                "image_id": user.image_id,
                "running": user.running,
                "outdated": bool(reasons[user.name]),
                "reason": reasons[user.name],
            }
            for user in users
        ],
        "before": _before(images, [user for user in users if reasons[user.name]], tags),
        "stale": stale,
        "warnings": [_stale_warning(entry) for entry in stale],
    }


def _shown(tag: Tag) -> dict[str, Any]:
    return {
        "reference": str(tag.reference),
        "aliases": [str(name) for name in tag.aliases],
        "registry": registry_of(tag.reference),
        "id": tag.image.id,
        "os_version": _text(tag.image.version),
        "offered_digest": tag.offered_digest,
        "offered_os_version": _text(tag.offered_version),
        "outdated": tag.outdated,
    }


def _before(images: Collection[LocalImage], outdated: Iterable[User], tags: Iterable[Tag]) -> list[dict[str, Any]]:
    """The images that names have to go back to when an update fails: what containers stand on, else what the names name now."""
    names = {name: tag.image.id for tag in tags if tag.outdated for name in (tag.reference, *tag.aliases)}
    known = {image.id for image in images}
    for user in outdated:
        reference = tagged(user.image)
        if reference and user.image_id in known:
            names[reference] = user.image_id
    return [
        {"id": identifier, "tags": [str(name) for name in names if names[name] == identifier]}
        for identifier in dict.fromkeys(names.values())
    ]


def _text(version: ImageVersion | None) -> str | None:
    return str(version) if version else None


def _stale(images: Collection[LocalImage], users: Collection[User], tags: Collection[Tag]) -> list[dict[str, Any]]:
    """Images that are no base, stand on an older revision of one, and that no pull brings up to date."""
    newest = _newest(images, tags)
    pulled = {tag.reference for tag in tags if tag.outdated}
    found = []
    for image in images:
        using = [user.name for user in users if user.image_id == image.id]
        base = _base_of(image, images)
        if image.family or base is None or not (image.references or using) or pulled & set(image.references):
            continue
        best = newest.get((base.family, _build(base)))
        if best and base.version and _revision(best) > _revision(base.version):
            found.append(
                {
                    "image": str(image.references[0]) if image.references else image.id,
                    "id": image.id,
                    "base": f"{base.family} {base.version}",
                    "newest": str(best),
                    "published": any(tag.image.id == image.id for tag in tags),
                    "containers": using,
                }
            )
    return sorted(found, key=lambda entry: str(entry["image"]))


def _base_of(image: LocalImage, images: Iterable[LocalImage]) -> LocalImage | None:
    """The base image of this host whose layers an image begins with: the longest, as bases may share their first layer."""
    bases = [base for base in images if base.family and base.layers and image.layers[: len(base.layers)] == base.layers]
    return max(bases, key=lambda base: len(base.layers), default=None)


def _newest(images: Iterable[LocalImage], tags: Iterable[Tag]) -> Mapping[tuple[str, int], ImageVersion]:
    """The newest revision known of each base image family and build: on the host, or offered."""
    known = [(image.family, image.version) for image in images] + [(tag.reference.family, tag.offered_version) for tag in tags]
    newest: dict[tuple[str, int], ImageVersion] = {}
    for family, version in known:
        if family and version and _revision(version) > _revision(newest.get((family, version.build))):
            newest[family, version.build] = version
    return newest


def _build(image: LocalImage) -> int:
    return image.version.build if image.version else 0


def _revision(version: ImageVersion | None) -> int:
    return -1 if version is None or version.revision is None else version.revision


def _stale_warning(entry: Mapping[str, Any]) -> str:
    using = f" (used by {', '.join(entry['containers'])})" if entry["containers"] else ""
    advice = "its registry has no newer one yet: wait for the publisher" if entry["published"] else "no pull changes that: build it anew"
    return f"the image {entry['image']}{using} is built on {entry['base']}, older than {entry['newest']}, and {advice}"
