# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images as files: import of a root file system, save and load in the layout of ``docker save``.

Layers of registry images have sizes but no content here; a saved one keeps its sizes in a member of its configuration
(:data:`_SIZES`), and all files of the image lie in the top layer. What another engine saved is loaded layer by layer.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .files import Files, files_of
from .images import Image, ImageStore
from .registry import Layer, digest_of
from .texts import ApiError
from .values import now, show_time

Json = dict[str, Any]
_SIZES = "winfleet.simulated.layers"


@dataclass(frozen=True)
class Loaded:
    """One image of an archive."""

    image: Image
    fresh_layers: tuple[Layer, ...]
    names: tuple[str, ...]


def import_tar(store: ImageStore, data: bytes, name: str, message: str, config: Json) -> Image:
    """An image with one layer from a root file system. Raises ApiError 500 when the data are no tar."""
    files = files_of(data)
    layer = Layer("sha256:" + hashlib.sha256(data).hexdigest(), len(data), len(data))
    created = show_time(now())
    id_ = digest_of("imported", layer.digest, created)
    image = store.add(Image(id_, "", (layer,), config, created, comment=message, busybox=is_busybox(files), files=files))
    if name:
        store.tag(image, name)
    return image


def is_busybox(files: Files) -> bool:
    """Whether its commands are busybox's."""
    return files.find("/bin/busybox") is not None or files.find("/bin/sh") is not None


def save(images: Sequence[tuple[Image, list[str]]]) -> bytes:
    """Images with the names they shall have, as ``docker save`` writes them."""
    out = io.BytesIO()
    manifest: list[Json] = []
    with tarfile.open(fileobj=out, mode="w") as archive:
        for image, names in images:
            document = json.dumps(_document(image)).encode()
            config = image.id.removeprefix("sha256:") + ".json"
            _add(archive, config, document)
            layers = []
            for layer in image.layers:
                top = layer is image.layers[-1]
                layers.append(f"{layer.digest[7:]}/layer.tar")
                _add(archive, layers[-1], image.files.tar("/", "") if top else b"\0" * 1024)
            manifest.append({"Config": config, "RepoTags": names or None, "Layers": layers})
        _add(archive, "manifest.json", json.dumps(manifest).encode())
    return out.getvalue()


def _document(image: Image) -> Json:
    """The image's configuration, as it lies in the archive."""
    return {
        "architecture": "amd64",
        "os": "windows",
        "os.version": image.os_version,
        "created": image.created,
        "comment": image.comment,
        "config": dict(image.config),
        "rootfs": {"type": "layers", "diff_ids": [digest_of("diff", layer.digest) for layer in image.layers]},
        _SIZES: [[layer.digest, layer.compressed, layer.on_disk, layer.family] for layer in image.layers],
    }


def load(store: ImageStore, data: bytes) -> list[Loaded]:
    """Keep the images of an archive.

    Raises:
        ApiError: 500; the caller writes it into the stream.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return [_load_one(store, archive, entry) for entry in json.loads(_member(archive, "manifest.json"))]
    except (tarfile.TarError, EOFError) as error:
        raise ApiError(500, "archive/tar: invalid tar header") from error
    except KeyError as error:
        raise ApiError(500, f"open {error.args[0]}: The system cannot find the file specified.") from error


def _load_one(store: ImageStore, archive: tarfile.TarFile, entry: Json) -> Loaded:
    document = json.loads(_member(archive, entry["Config"]))
    if document.get("os") not in ("windows", "", None):
        raise ApiError(500, "operating system is not supported")
    contents = [_member(archive, name) for name in entry["Layers"]]
    if _SIZES in document:
        layers = tuple(Layer(*sizes) for sizes in document[_SIZES])
    else:
        layers = tuple(Layer("sha256:" + hashlib.sha256(each).hexdigest(), len(each), len(each)) for each in contents)
    fresh = tuple(layer for layer in layers if not store.has_layer(layer.digest))
    files = Files()
    for each in contents:
        files.untar("/", each)
    image = store.add(
        Image(
            "sha256:" + entry["Config"].rpartition("/")[2].removesuffix(".json"), document.get("os.version", ""), layers,
            document.get("config") or {}, document["created"], comment=document.get("comment", ""), busybox=is_busybox(files), files=files,
        )
    )  # fmt: skip
    names = tuple(entry["RepoTags"] or ())
    for name in names:
        store.tag(image, name)
    return Loaded(image, fresh, names)


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    """Raises KeyError with the name."""
    try:
        file = archive.extractfile(name)
    except KeyError:
        raise KeyError(name) from None
    if file is None:
        raise KeyError(name)
    return file.read()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))
