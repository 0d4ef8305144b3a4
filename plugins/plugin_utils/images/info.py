# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What images a host has, what they stand on, and how this host can run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..desired_state import Plan
from ..engine.client import EngineClient
from ..engine.lookup import checked_filters, find_image
from ..engine.object import EngineObject
from ..errors import OptionError
from ..host.facts import read_version
from ..remote.host import RemoteHost
from ..values import name_of
from .compatibility import HostVersion, ImageVersion, Mode, facts, isolation_modes

Inspected = Mapping[str, Any]
#: moby daemon/images/images.go, imagesAcceptedFilters.
FILTERS = frozenset(("before", "dangling", "label", "reference", "since", "until"))


@dataclass(frozen=True)
class Images:
    """What was read.

    Attributes:
        found: Each image asked for, inspected, by the name it was asked for by; None for one that is not there.
        bases: The host's base images, inspected.
        users: Names of containers by the id of their image.
        host: Build and revision of the host; None where no image was found.
    """

    found: Mapping[str, Inspected | None]
    bases: Sequence[Inspected] = ()
    users: Mapping[str, Sequence[str]] | None = None
    host: HostVersion | None = None


class ImageInfo(EngineObject[Images]):
    """The images of one host."""

    verb = "look at"
    thing = "images"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        super().__init__(host, options)
        self._names: list[str] | None = options["name"]
        self._filters = options["filters"]

    def read(self) -> Images:
        """The images, the host's base images among them, their containers, and the host's version."""
        filters = checked_filters("filters", self._filters, FILTERS)
        if self._names is not None and "" in self._names:
            raise OptionError("the option name holds an empty name", "Leave the option out for all images")
        engine = self.opened
        if engine is None:
            return Images(dict.fromkeys(self._names or ()))
        api: Any = engine.api  # the SDK's types stop at some of its mix-ins
        with engine.errors():
            listed = api.images(filters=filters or None)
        names = [str(row["Id"]) for row in listed] if self._names is None else self._names
        found = {name: find_image(engine, name) for name in names}
        if self._names is None:
            found = {name: image for name, image in found.items() if image is not None}  # one may have gone since it was listed
        known = {str(image["Id"]): image for image in found.values() if image is not None}
        if not known:
            return Images(found)
        if filters:
            with engine.errors():
                listed = api.images()
        rows = [str(row["Id"]) for row in listed if family_of(row)]
        bases = [known.get(identifier) or find_image(engine, identifier) for identifier in rows]
        return Images(found, [base for base in bases if base is not None], _users(engine), read_version(self._host))

    def report(self, observed: Images, plan: Plan) -> dict[str, Any]:
        images = {str(image["Id"]): image for image in observed.found.values() if image is not None}
        entries = [describe(image, observed) for image in images.values()]
        result: dict[str, Any] = {"images": sorted(entries, key=lambda entry: (entry["tags"] or ["~"], entry["id"]))}
        if self._names is not None:
            result["missing"] = [name for name, image in observed.found.items() if image is None]
            result["exists"] = not result["missing"]
        return result


def _users(engine: EngineClient) -> dict[str, list[str]]:
    with engine.errors():
        rows = engine.api.containers(all=True)
    users: dict[str, list[str]] = {}
    for row in rows:
        users.setdefault(str(row.get("ImageID")), []).append(name_of(row))
    return users


def describe(image: Inspected, observed: Images) -> dict[str, Any]:
    """An inspected image in the shape of the result. Values of environment variables are left out: they are often secrets."""
    config = image.get("Config") or {}
    text = str(image.get("OsVersion") or "")
    version = _version(text)
    return {
        "id": image.get("Id"),
        "tags": list(image.get("RepoTags") or ()),
        "digests": list(image.get("RepoDigests") or ()),
        "created": image.get("Created"),
        "size": image.get("Size"),
        "os": image.get("Os"),
        "architecture": image.get("Architecture"),
        "os_version": text or None,
        "release": _release(version),
        "family": family_of(image),
        "base": base_of(image, observed.bases),
        "layers": layers_of(image),
        "command": [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])],
        "env": sorted(str(entry).partition("=")[0] for entry in config.get("Env") or ()),
        "labels": config.get("Labels") or {},
        "exposed_ports": sorted(config.get("ExposedPorts") or ()),
        "working_dir": config.get("WorkingDir") or None,
        "user": config.get("User") or None,
        "containers": sorted((observed.users or {}).get(str(image.get("Id")), ())),
        "isolation": _isolation(image, version, observed.host),
    }


def family_of(image: Inspected) -> str | None:
    """The family of a base image, from its tags or the digests it was pulled under; None for any other image."""
    names = [str(name) for name in (*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ()))]
    for family, row in facts()["image_families"].items():
        repository = f"{facts()['registry']}/{row['repository']}"
        if any(name.startswith((f"{repository}:", f"{repository}@")) for name in names):
            return str(family)
    return None


def layers_of(image: Inspected) -> list[str]:
    """Digests of the layers, the lowest first."""
    return [str(layer) for layer in (image.get("RootFS") or {}).get("Layers") or ()]


def _version(text: str) -> ImageVersion | None:
    """None for an image that tells no version, or none of Windows."""
    try:
        return ImageVersion.parse(text)
    except OptionError:
        return None


def _release(version: ImageVersion | None) -> str | None:
    """The release of Windows an image is of, by its build; None for a build that is not in the table."""
    rows = facts()["image_releases"] if version is not None else ()
    return next((str(row["id"]) for row in rows if version is not None and row["build"] == version.build), None)


def base_of(image: Inspected, bases: Iterable[Inspected]) -> dict[str, Any] | None:
    """The base image on this host whose layers are the lowest ones of the image; the tallest where several are."""
    layers = layers_of(image)
    below = [base for base in bases if 0 < len(layers_of(base)) < len(layers) and layers[: len(layers_of(base))] == layers_of(base)]
    if not below:
        return None
    base = max(below, key=lambda one: len(layers_of(one)))
    return {"id": base.get("Id"), "tags": list(base.get("RepoTags") or ()), "family": family_of(base), "os_version": base.get("OsVersion")}


def _isolation(image: Inspected, version: ImageVersion | None, host: HostVersion | None) -> dict[str, Any] | None:
    """Which modes this host and the image allow together; None where the image does not tell its version."""
    if version is None or host is None or str(image.get("Os") or "windows") != "windows":
        return None
    modes = isolation_modes(host, version)
    return {"process": _mode(modes.process), "hyperv": _mode(modes.hyperv)}


def _mode(mode: Mode) -> dict[str, Any]:
    return {"possible": mode.allowed, "reason": mode.reason, "warnings": list(mode.warnings)}
