# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build context on the controller: its files by the rules of ``.dockerignore``, their digest, their archive."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from ..errors import OptionError
from .libraries import create_archive, exclude_paths

_FROM = re.compile(r"FROM\s+(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_ARG = re.compile(r"ARG\s+(?P<name>\w+)(?:=(?P<value>.*))?$", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_PIECE = 250_000


class BuildContext:
    """The files of one build.

    Args:
        root: Folder of the controller.
        dockerfile: Its Dockerfile, relative to the folder.

    Raises:
        OptionError: There is no such folder, or no such file in it.
    """

    def __init__(self, root: Path, dockerfile: str) -> None:
        if not root.is_dir():
            raise OptionError(f'there is no folder "{root}" on the controller', "Check the option build.path")
        self.root, self.dockerfile = root, os.path.normpath(dockerfile).replace("\\", "/")
        if Path(self.dockerfile).is_absolute() or self.dockerfile.startswith("..") or not (root / self.dockerfile).is_file():
            raise OptionError(f'the build context "{root}" has no file "{dockerfile}"', "Name a file below it in build.dockerfile")
        with _readable():
            # The Dockerfile itself is always part of it, whatever is excluded.
            self.files: list[str] = sorted(exclude_paths(str(root), self._patterns(), dockerfile=self.dockerfile))

    def _patterns(self) -> list[str]:
        ignore = self.root / ".dockerignore"
        if not ignore.is_file():
            return []
        lines = (line.strip() for line in ignore.read_text(encoding="utf-8-sig").splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    def digest(self, settings: Mapping[str, Any]) -> str:
        """A digest of all that makes the image: the files with their names, and these settings."""
        total = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        with _readable():
            for name in self.files:
                path = self.root / name
                total.update(f"\0{name}\0".encode())
                if path.is_symlink():
                    total.update(str(path.readlink()).encode())
                elif path.is_file():
                    total.update(_file_digest(path))
        return f"sha256:{total.hexdigest()}"

    def open(self) -> IO[bytes]:
        """The context as a tar, in a temporary file that vanishes when it is closed."""
        with _readable():
            archive = create_archive(root=str(self.root), files=list(self.files))
        return cast("IO[bytes]", archive)

    def bases(self, arguments: Mapping[str, str]) -> tuple[str, ...]:
        """The images the Dockerfile begins from, without its own stages and what only the engine can work out."""
        known, stages, found = {}, {"scratch"}, list[str]()
        for line in (self.root / self.dockerfile).read_text(encoding="utf-8-sig", errors="replace").splitlines():
            if (match := _ARG.match(line.strip())) and not found:
                known[match["name"]] = str(arguments.get(match["name"], (match["value"] or "").strip("\"'")))
            elif match := _FROM.match(line.strip()):
                image = _VARIABLE.sub(lambda one: known.get(one[1] or one[2], "$"), match["image"])
                if image.lower() not in stages and "$" not in image and image:
                    found.append(image)
                stages.add((match["name"] or "").lower())
        return tuple(dict.fromkeys(found))


@contextmanager
def _readable() -> Iterator[None]:
    """Files of the user's that cannot be read are a mistake of the task's."""
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            f"the build context cannot be read on the controller ({error})", "Check the files and their permissions"
        ) from error


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A file's content in pieces of the size one message carries."""
    while piece := file.read(_PIECE):
        yield piece
