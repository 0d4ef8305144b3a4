# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Container registries in memory: Microsoft's base images with their tags and os.versions, and a few application images.

The data stand in registry.yml; a fleet file may add to them. No protocol: the engine is the only reader.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LIST_TYPE = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def digest_of(*parts: object) -> str:
    """A digest that depends on the parts alone."""
    return "sha256:" + hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Layer:
    """One layer: digest, bytes on the wire, bytes on disk; that of a base image knows the image's family."""

    digest: str
    compressed: int
    on_disk: int
    family: str = ""


@dataclass(frozen=True)
class Manifest:
    """One image for one platform; ``config`` is the image's run configuration."""

    os: str
    architecture: str
    os_version: str
    layers: tuple[Layer, ...]
    config: Mapping[str, Any]
    digest: str
    created: str = "2026-10-13T08:00:00.0000000Z"

    @property
    def image_id(self) -> str:
        """The digest of the image's configuration."""
        return digest_of("config", self.digest)

    @property
    def build(self) -> int:
        """Windows build from the os.version; 0 without one."""
        parts = self.os_version.split(".")
        return int(parts[2]) if len(parts) >= 3 else 0

    def platform(self) -> dict[str, str]:
        """As a manifest list shows it."""
        shown = {"architecture": self.architecture, "os": self.os}
        return shown | ({"os.version": self.os_version} if self.os_version else {})


@dataclass(frozen=True)
class Listing:
    """What a tag points at: a manifest list, or (``single``) one manifest."""

    manifests: tuple[Manifest, ...]
    digest: str
    single: bool = False

    @property
    def media_type(self) -> str:
        return MANIFEST_TYPE if self.single else LIST_TYPE

    @property
    def size(self) -> int:
        """Bytes of the document itself (350 with one entry: docker/manifest-list-mcr-base-images)."""
        return 574 if self.single else 25 + 325 * len(self.manifests)


@dataclass
class Registry:
    """All registries this fleet can reach.

    Attributes:
        repositories: Full repository name (``mcr.microsoft.com/windows/nanoserver``) to its tags.
        bytes_per_second: How fast layers come down.
        tick: Seconds between two progress messages of one layer.
        bases: Base images by ``family os_version``, for what is built on them.
        accounts: Host of a private registry to its users and their passwords; all others are open to everybody.
        down: No registry answers, as without a network (its name cannot be resolved); may be set while engines run.
    """

    repositories: dict[str, dict[str, Listing]] = field(default_factory=dict)
    bytes_per_second: float = 4e9
    tick: float = 0.05
    down: bool = False
    bases: dict[str, Manifest] = field(default_factory=dict)
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def standard(cls, data: Mapping[str, Any] | None = None) -> Registry:
        """The registry of registry.yml; ``data`` (section ``registry`` of a fleet file) changes pace and adds images.

        Args:
            data: Keys ``bytes_per_second``, ``tick``, ``down``, ``accounts``, ``copies`` (repository to the
                one it is copied from), ``bases``, ``applications`` (as in registry.yml).
        """
        extra = dict(data or {})
        registry = cls()
        registry.bytes_per_second = float(extra.pop("bytes_per_second", registry.bytes_per_second))
        registry.tick = float(extra.pop("tick", registry.tick))
        registry.down = bool(extra.pop("down", False))
        registry.accounts = {str(host): dict(users) for host, users in dict(extra.pop("accounts", {})).items()}
        copies = dict(extra.pop("copies", {}))
        if unknown := set(extra) - {"bases", "applications"}:
            raise ValueError(f"unknown keys in the registry section: {', '.join(sorted(unknown))}")
        registry.publish(yaml.safe_load((Path(__file__).parent / "registry.yml").read_text("utf-8")))
        registry.publish(extra)
        for copy, original in copies.items():
            registry.repositories[copy] = dict(registry.repositories[original])
        return registry

    def publish(self, data: Mapping[str, Any]) -> None:
        """Add images, as a publisher does: a tag that was there before names the new image from now on (Patch Tuesday).

        Args:
            data: Keys ``bases`` and ``applications``, as in registry.yml. A base with another ``os_version``, or an application with
                another ``revision``, is another image.

        Raises:
            ValueError: Another key, or a base that nobody published.
        """
        if unknown := set(data) - {"bases", "applications"}:
            raise ValueError(f"unknown keys of what is to be published: {', '.join(sorted(unknown))} (known: bases, applications)")
        builder = _Builder(self)
        try:
            builder.add(data)
        except KeyError as error:
            raise ValueError(f"what is to be published lacks {error}, or names a base that nobody published") from error

    def knows_host(self, host: str) -> bool:
        """Whether that registry exists at all."""
        return not self.down and any(name.split("/", 1)[0] == host for name in self.repositories)

    def find(self, repository: str, tag: str) -> Listing | None:
        """By tag, or by digest of the list or of one entry."""
        tags = self.repositories.get(repository, {})
        if not tag.startswith("sha256:"):
            return tags.get(tag)
        for listing in tags.values():
            if listing.digest == tag:
                return listing
            for manifest in listing.manifests:
                if manifest.digest == tag:
                    return Listing((manifest,), tag, single=True)
        return None


class _Builder:
    """Turns the data of registry.yml into listings."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.bases = registry.bases

    def add(self, data: Mapping[str, Any]) -> None:
        for base in data.get("bases", ()):
            for version in base["versions"]:
                self._base(base["repository"], base.get("config", {}), version)
        for application in data.get("applications", ()):
            self._application(application)

    def _base(self, repository: str, config: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
        version = str(entry["os_version"])
        digest = entry.get("manifest") or digest_of(repository, version)
        delta = int(entry.get("delta", 0))
        family = repository.rsplit("/", 1)[1]
        layers = [Layer(digest_of("layer", digest), int(entry["compressed"]), int(entry["on_disk"]) - delta, family)]
        if delta:
            layers.append(Layer(digest_of("delta", digest), delta, delta))
        manifest = Manifest("windows", "amd64", version, tuple(layers), config, digest)
        self.bases[f"{family} {version}"] = manifest
        listing = Listing((manifest,), entry.get("digest") or digest_of("list", repository, version))
        self._publish(repository, [version, *map(str, entry.get("tags", ()))], listing)

    def _application(self, entry: Mapping[str, Any]) -> None:
        repository, size, config = entry["repository"], int(entry["size"]), entry.get("config", {})
        made = [str(entry["revision"])] if "revision" in entry else []
        manifests = []
        for architecture in entry.get("linux", ()):
            digest = digest_of(repository, entry["tags"], "linux", architecture, *made)
            layer = Layer(digest_of("layer", digest), size, size * 2)
            manifests.append(Manifest("linux", str(architecture), "", (layer,), config, digest))
        for name in entry.get("built_on", ()):
            base = self.bases[name]
            digest = digest_of(repository, entry["tags"], name, *made)
            layer = Layer(digest_of("layer", digest), size, size * 2)
            manifests.append(Manifest("windows", "amd64", base.os_version, (*base.layers, layer), {**base.config, **config}, digest))
        single = bool(entry.get("single"))
        digest = manifests[0].digest if single else digest_of("list", repository, entry["tags"], *made)
        self._publish(repository, map(str, entry["tags"]), Listing(tuple(manifests), digest, single))

    def _publish(self, repository: str, tags: Iterable[str], listing: Listing) -> None:
        known = self.registry.repositories.setdefault(repository, {})
        for tag in tags:
            if tag in known:  # what a tag named before stays there under its digest
                known[known[tag].digest] = known[tag]
            known[tag] = listing
