# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pulling: which entry of a manifest list a Windows engine takes, and the stream of progress it writes.

Facts: docker-on-windows.md 3 (same logic from 20.10 to 29.7, classic store), stream from "Pull stream" there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import Any

from . import texts
from .downloads import Downloads
from .host import EngineHost
from .images import Image, ImageStore, image_of
from .references import Reference
from .registry import Layer, Listing, Manifest, Registry
from .values import human_size
from .versions import EngineVersion

Json = dict[str, Any]
#: User name and password.
Credentials = tuple[str, str]


class PullError(Exception):
    """Why a pull ends after its stream began: an error line, HTTP 200."""


def look_up(registry: Registry, reference: Reference, credentials: Credentials | None = None, mirrors: Sequence[str] = ()) -> Listing:
    """Find the tag; mirrors are asked first, and for Docker Hub only.

    Raises:
        ApiError: 404 or 500, before anything is streamed.
    """
    if mirrored := _mirrored(registry, reference, mirrors):
        return mirrored
    if not registry.knows_host(reference.host):
        raise texts.no_such_registry(reference.host)
    _admit(registry, reference, credentials)
    if reference.repository not in registry.repositories:
        raise texts.pull_denied(reference.familiar) if reference.host == "docker.io" else texts.repository_unknown(reference.familiar)
    listing = registry.find(reference.repository, reference.digest or reference.tag)
    if listing is None:
        raise texts.manifest_unknown(str(reference), reference.digest or reference.tag)
    return listing


def _mirrored(registry: Registry, reference: Reference, mirrors: Sequence[str]) -> Listing | None:
    """What the first mirror has; what none has is asked of Docker Hub itself (moby registry/service_v2.go)."""
    if reference.host != "docker.io" or registry.down:
        return None
    found = (registry.find(f"{mirror}/{reference.path}", reference.digest or reference.tag) for mirror in mirrors)
    return next((listing for listing in found if listing is not None), None)


def _admit(registry: Registry, reference: Reference, credentials: Credentials | None) -> None:
    """A private registry wants one of its accounts. Raises ApiError."""
    accounts = registry.accounts.get(reference.host)
    if accounts is None:
        return
    if credentials is None:
        raise texts.no_credentials(reference.host, reference.path, reference.digest or reference.tag)
    if accounts.get(credentials[0]) != credentials[1]:
        raise texts.wrong_credentials(reference.host, reference.path, reference.digest or reference.tag)


def choose(listing: Listing, host_build: int, platform: str, version: EngineVersion) -> Manifest:
    """The entry this host's engine takes.

    Raises:
        PullError: Nothing fits, with the engine's text.
    """
    if listing.single:
        return _check(listing.manifests[0], host_build)
    wanted = platform.split("/")[0].split("(")[0] if platform else ""
    fitting = [
        entry
        for entry in listing.manifests
        if entry.architecture == "amd64" and (wanted or entry.os) == "windows" and not (entry.os == "windows" and entry.build > host_build)
    ]
    # A stable sort: the exact build first, nothing else is compared; Linux entries that slipped through stand last.
    fitting.sort(key=lambda entry: (entry.os != "windows", entry.build != host_build))
    if not fitting:
        raise PullError(texts.no_matching_manifest(host_build, platform, version))
    if fitting[0].os != "windows":
        raise PullError("operating system is not supported")
    return _check(fitting[0], host_build)


def _check(manifest: Manifest, host_build: int) -> Manifest:
    if manifest.os != "windows":
        raise PullError(texts.linux_image())
    if manifest.build > host_build:
        raise PullError(texts.image_too_new(manifest.build, host_build))
    return manifest


class Pull:
    """One pull in progress."""

    def __init__(self, host: EngineHost, store: ImageStore, registry: Registry, version: EngineVersion, downloads: Downloads) -> None:
        self.host, self.store, self.registry, self.version, self.downloads = host, store, registry, version, downloads

    async def run(self, reference: Reference, listing: Listing, platform: str) -> AsyncIterator[Json]:
        """The messages, at the registry's pace; the image is in the store at the end."""
        yield {"status": f"Pulling from {reference.path}", "id": reference.tag or reference.digest}
        held: list[Layer] = []
        try:
            manifest = choose(listing, self.host.build, platform, self.version)
            image = image_of(manifest)
            fresh = image.id not in self.store.images
            if fresh:
                async for message in self._layers(manifest, held):
                    yield message
            self._name(self.store.add(image), reference, listing)
        except PullError as error:
            yield {"errorDetail": {"message": str(error)}, "error": str(error)}
            return
        finally:
            for layer in held:
                self.downloads.let_go(layer)
        self.host.log(f"pulled {reference}: {manifest.os_version}")
        yield {"status": f"Digest: {listing.digest}"}
        state = "Downloaded newer image" if fresh else "Image is up to date"
        yield {"status": f"Status: {state} for {reference}"}

    def _name(self, image: Image, reference: Reference, listing: Listing) -> None:
        if reference.tag and str(reference) not in image.tags:
            self.store.tag(image, str(reference))
        digest = f"{reference.familiar}@{listing.digest}"
        if digest not in image.digests:
            image.digests.append(digest)

    async def _layers(self, manifest: Manifest, held: list[Layer]) -> AsyncIterator[Json]:
        """Every layer, of which those that are not here are downloaded; what this pull holds is added to ``held``."""
        missing = [layer for layer in manifest.layers if not (self.store.has_layer(layer.digest) or self.downloads.has(layer))]
        for layer in manifest.layers:
            if layer in missing:
                yield _status(layer, "Pulling fs layer")
            else:
                self._hold(layer, held)
                yield _status(layer, "Already exists")
        for layer in missing[3:]:  # three downloads at a time
            yield _status(layer, "Waiting")
        for layer in missing:
            if not (self.store.has_layer(layer.digest) or self.downloads.has(layer)):
                async for message in self.downloads.follow(layer, partial(self._layer, layer)):
                    yield message
            self._hold(layer, held)
            yield _status(layer, "Pull complete")

    def _hold(self, layer: Layer, held: list[Layer]) -> None:
        self.downloads.hold(layer)
        held.append(layer)

    async def _layer(self, layer: Layer) -> AsyncIterator[Json]:
        try:
            self.host.reserve(layer.on_disk)
        except texts.DiskFull as error:
            raise PullError(texts.disk_full(layer.digest[7:])) from error
        try:
            async for message in self._paced(layer, "Downloading", self.registry.bytes_per_second):
                yield message
            yield _status(layer, "Verifying Checksum")
            yield _status(layer, "Download complete")
            async for message in self._paced(layer, "Extracting", self.registry.bytes_per_second * 2):
                yield message
        except BaseException:
            self.host.release(layer.on_disk)
            raise

    async def _paced(self, layer: Layer, status: str, speed: float) -> AsyncIterator[Json]:
        for current in _steps(layer.compressed, speed * self.registry.tick):
            message = _status(layer, status) | {"progressDetail": {"current": current, "total": layer.compressed}}
            if self.version.major < 29:  # the text field is gone in 29
                message["progress"] = _bar(current, layer.compressed)
            yield message
            await asyncio.sleep(self.registry.tick if current < layer.compressed else 0)


def _steps(total: int, step: float) -> Iterator[int]:
    current = step
    while current < total:
        yield int(current)
        current += step
    yield total


def _status(layer: Layer, status: str) -> Json:
    return {"status": status, "progressDetail": {}, "id": layer.digest[7:19]}


def _bar(current: int, total: int) -> str:
    filled = int(current / total * 50) if total else 50
    drawn = "=" * filled + ">" + " " * (50 - filled)
    return f"[{drawn[:51]}]  {human_size(current)}/{human_size(total)}"


def distribution(registry: Registry, reference: Reference, credentials: Credentials | None = None, mirrors: Sequence[str] = ()) -> Json:
    """``GET /distribution/{name}/json``.

    Raises:
        ApiError: As :func:`look_up`; here the registry's own words.
    """
    if mirrored := _mirrored(registry, reference, mirrors):
        return _described(mirrored)
    if not registry.knows_host(reference.host):
        raise texts.no_such_registry(reference.host)
    _admit(registry, reference, credentials)
    if reference.repository not in registry.repositories:
        raise texts.ApiError(404, "name unknown: repository name not known to registry")
    tag = reference.digest or reference.tag
    listing = registry.find(reference.repository, tag)
    if listing is None:
        raise texts.ApiError(404, f'manifest unknown: manifest tagged by "{tag}" is not found')
    return _described(listing)


def _described(listing: Listing) -> Json:
    return {
        "Descriptor": {"mediaType": listing.media_type, "digest": listing.digest, "size": listing.size},
        "Platforms": [entry.platform() for entry in listing.manifests],
    }
