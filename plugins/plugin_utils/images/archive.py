# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an archive of ``docker save`` holds: read on the controller, or on the host by its tar.exe."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OptionError
from .references import Reference
from .state import ArchivedImage, Inspected

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_HEX = re.compile(r"[0-9a-f]{64}")
#: A member's content by its name. Raises KeyError.
Member = Callable[[str], bytes]


def archived_images(member: Member) -> tuple[ArchivedImage, ...]:
    """The images of an archive. The name of an image's configuration is its digest, and that is the image's id.

    Raises:
        OptionError: It is no archive of images.
    """
    try:
        entries: list[dict[str, Any]] = json.loads(member("manifest.json"))
        return tuple(_archived(entry, member(str(entry["Config"]))) for entry in entries)
    except (KeyError, ValueError, TypeError) as error:
        raise OptionError("the archive holds no images as docker save writes them", "Make it with docker save") from error


def _archived(entry: dict[str, Any], config: bytes) -> ArchivedImage:
    document = json.loads(config)
    name = str(entry["Config"]).rpartition("/")[2].removesuffix(".json")
    digest = name if _HEX.fullmatch(name) else hashlib.sha256(config).hexdigest()
    return ArchivedImage(
        f"sha256:{digest}",
        tuple(str(tag) for tag in entry.get("RepoTags") or ()),
        str(document.get("os") or ""),
        str(document.get("os.version") or ""),
    )


def choose(images: tuple[ArchivedImage, ...], reference: Reference) -> ArchivedImage:
    """The one that is meant: that of the name, else the only one. Raises OptionError."""
    named = [one for one in images if any(reference.has_name(name) for name in one.names) or one.id == reference.identifier]
    if named:
        return named[0]
    if len(images) == 1:
        return images[0]
    names = ", ".join(name for one in images for name in one.names) or "no names"
    raise OptionError(f"the archive holds {len(images)} images, and none of that name; it has {names}", "Name one of them")


def controller_path(text: str, option: str) -> Path:
    """A path of the controller. Raises OptionError where it is not absolute: the working directory of a task is nobody's business."""
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise OptionError(
            f'the option {option} is "{text}", which is not absolute on the controller', "Write it as {{ playbook_dir }}/files/image.tar"
        )
    return path


def read_on_controller(path: Path) -> tuple[ArchivedImage, ...]:
    """The images of an archive of the controller, packed or not. Raises OptionError."""
    try:
        with tarfile.open(path) as archive:

            def member(name: str) -> bytes:
                file = archive.extractfile(name)
                if file is None:
                    raise KeyError(name)
                return file.read()

            return archived_images(member)
    except OSError as error:
        raise OptionError(f'"{path}" cannot be read on the controller ({error.strerror or error})', "Check the path") from error
    except tarfile.TarError as error:
        raise OptionError(f'"{path}" is not an archive', "Make it with docker save") from error


def is_saved(path: Path, image: Inspected | None) -> bool:
    """Whether an archive of the controller holds an image of the host under all the host knows of it: its id."""
    if image is None or not path.is_file():
        return False
    try:
        return any(one.id == image.get("Id") for one in read_on_controller(path))
    except OptionError:
        return False  # it is not an archive, or not a whole one: it is written anew


def read_on_host(host: RemoteHost, path: str) -> tuple[ArchivedImage, ...]:
    """The same of an archive of the host, by two runs of its tar.exe. Raises OptionError."""
    if not host.files.exists(path):
        raise OptionError(f'there is no file "{path}" on the host', "Check the option remote_path")

    def member(name: str) -> bytes:
        done = host.programs.run("tar.exe", ["-xOf", path, name], timeout=1800)
        if done.exit_code:
            raise KeyError(name)
        return done.stdout

    return archived_images(member)
