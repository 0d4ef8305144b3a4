# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images an engine has, by id, name and digest. How they come: pull.py, archives.py, build.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import texts
from .files import Files
from .references import parse_reference
from .registry import Layer, Manifest, digest_of
from .versions import ApiVersion

Json = dict[str, Any]


@dataclass
class Image:
    """One image in the store."""

    id: str
    os_version: str
    layers: tuple[Layer, ...]
    config: Mapping[str, Any]
    created: str
    tags: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    comment: str = ""
    busybox: bool = False  #: made from a tar with bin/busybox: its containers know those commands
    files: Files = field(default_factory=Files)
    utility_vm: bool = True  #: it has the part Hyper-V isolation needs
    parent: str = ""  #: the image it was built on, here
    author: str = ""
    made_by: str = ""  #: the instruction that made its last layer

    @property
    def lacks(self) -> frozenset[str]:
        """Programs of Windows that this image has not (windows-containers.md 2; native-tools.md 4)."""
        nano = bool(self.layers) and self.layers[0].family == "nanoserver"
        return frozenset((*(("powershell", "certutil") if nano else ()), *(("tar",) if 0 < self.build < 17134 else ())))

    @property
    def from_microsoft(self) -> bool:
        """Nobody has added users to it."""
        return any(name.startswith("mcr.microsoft.com/") for name in (*self.tags, *self.digests))

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(layer.on_disk for layer in self.layers)

    @property
    def build(self) -> int:
        """Windows build; 0 when the image does not say."""
        parts = self.os_version.split(".")
        return int(parts[2]) if len(parts) >= 3 else 0

    @property
    def revision(self) -> int:
        parts = self.os_version.split(".")
        return int(parts[3]) if len(parts) >= 4 else 0


def image_of(manifest: Manifest) -> Image:
    """The image a pulled manifest becomes."""
    return Image(manifest.image_id, manifest.os_version, manifest.layers, manifest.config, manifest.created)


CONFIG_DEFAULTS: Json = {
    "Hostname": "",
    "Domainname": "",
    "User": "",
    "AttachStdin": False,
    "AttachStdout": False,
    "AttachStderr": False,
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "Env": None,
    "Cmd": None,
    "Image": "",
    "Volumes": None,
    "WorkingDir": "",
    "Entrypoint": None,
    "OnBuild": None,
    "Labels": None,
}


class ImageStore:
    """Images by id; names and digests point at them. Space on disk is the caller's business."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}

    def has_layer(self, digest: str) -> bool:
        return any(layer.digest == digest for image in self.images.values() for layer in image.layers)

    def find(self, name: str) -> Image:
        """By id, id prefix, ``repo:tag`` or ``repo@digest``.

        Raises:
            ApiError: 404 ``No such image: <name as Docker shows it>``.
        """
        bare = name.removeprefix("sha256:")
        if len(bare) == 64 and f"sha256:{bare}" in self.images:
            return self.images[f"sha256:{bare}"]
        shown = name
        if not name.startswith("sha256:"):
            shown = str(parse_reference(name))
            for image in self.images.values():
                if shown in image.tags or shown in image.digests:
                    return image
        matches = [image for id_, image in self.images.items() if bare and id_.startswith(f"sha256:{bare}")]
        if len(matches) == 1:
            return matches[0]
        raise texts.no_such_image(shown)

    def add(self, image: Image) -> Image:
        """Keep it, or give back the same one that is here already."""
        return self.images.setdefault(image.id, image)

    def tag(self, image: Image, name: str) -> None:
        """Give a name to an image, taking it from another."""
        for other in self.images.values():
            if name in other.tags:
                other.tags.remove(name)
        image.tags.append(name)
        image.tags.sort()

    def has_children(self, image: Image) -> bool:
        """Whether another image was built on it here."""
        return any(other.parent == image.id for other in self.images.values())

    def is_intermediate(self, image: Image) -> bool:
        """A step of a build: nameless, and another image stands on it. Lists and pruning leave it out (moby daemon/images)."""
        return not image.tags and not image.digests and self.has_children(image)

    def remove(self, image: Image) -> int:
        """Drop it; the bytes its own layers free."""
        del self.images[image.id]
        return sum(layer.on_disk for layer in image.layers if not self.has_layer(layer.digest))


def inspect_image(image: Image, api: ApiVersion) -> Json:
    """``GET /images/{name}/json``. Shape from the API description; OsVersion, Size as recorded (docker/image-inspect.partial.json)."""
    config = CONFIG_DEFAULTS | dict(image.config)
    answer: Json = {
        "Id": image.id,
        "RepoTags": image.tags,
        "RepoDigests": image.digests,
        "Parent": image.parent,
        "Comment": image.comment,
        "Created": image.created,
        "DockerVersion": "",
        "Author": image.author,
        "Config": config,
        "Architecture": "amd64",
        "Os": "windows",
        "OsVersion": image.os_version,
        "Size": image.size,
        "GraphDriver": {"Data": {"dir": f"C:\\ProgramData\\docker\\windowsfilter\\{image.layers[-1].digest[7:]}"}, "Name": "windowsfilter"},
        "RootFS": {"Type": "layers", "Layers": [digest_of("diff", layer.digest) for layer in image.layers]},
        "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"},
    }
    if api < (1, 44):
        answer["VirtualSize"] = image.size
    if not image.os_version:
        del answer["OsVersion"]
    return answer


def created_at(image: Image) -> datetime:
    """When it was made."""
    return datetime.fromisoformat(image.created[:19] + "+00:00")


def list_entry(image: Image, api: ApiVersion) -> Json:
    """One row of ``GET /images/json``."""
    created = created_at(image)
    row: Json = {
        "Id": image.id,
        "ParentId": image.parent,
        "RepoTags": image.tags or (["<none>:<none>"] if api < (1, 43) else []),
        "RepoDigests": image.digests,
        "Created": int(created.timestamp()),
        "Size": image.size,
        "SharedSize": -1,
        "Labels": image.config.get("Labels"),
        "Containers": -1,
    }
    if api < (1, 44):
        row["VirtualSize"] = image.size
    return row
