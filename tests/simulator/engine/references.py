# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image names as Docker reads and shows them: ``ubuntu`` is ``docker.io/library/ubuntu:latest``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .texts import ApiError


@dataclass(frozen=True)
class Reference:
    """A name in full: registry host, path, tag (``latest`` when none was given) and digest."""

    host: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        """``docker.io/library/ubuntu``."""
        return f"{self.host}/{self.path}"

    @property
    def familiar(self) -> str:
        """The repository as shown to people: ``ubuntu``."""
        if self.host != "docker.io":
            return self.repository
        return self.path.removeprefix("library/")

    def __str__(self) -> str:
        return f"{self.familiar}@{self.digest}" if self.digest else f"{self.familiar}:{self.tag}"


def parse_reference(text: str, tag: str = "") -> Reference:
    """Read a name, with ``tag`` (or a digest) given apart if the name has none.

    Raises:
        ApiError: 400 ``invalid reference format``.
    """
    name, _unused, digest = text.partition("@")
    head, colon, last = name.rpartition(":")
    if colon and "/" not in last:
        name, tag = head, last
    if tag.startswith("sha256:"):
        digest, tag = tag, ""
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        host, path = "docker.io", name if slash else f"library/{name}"
    else:
        host, path = first, rest
    if name != name.lower():
        raise ApiError(400, f"invalid reference format: repository name ({name}) must be lowercase")
    valid = re.fullmatch(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*", path)
    if not valid or (tag and not re.fullmatch(r"\w[\w.-]{0,127}", tag)) or (digest and not re.fullmatch(r"sha256:[0-9a-f]{64}", digest)):
        raise ApiError(400, "invalid reference format")
    return Reference(host, path, tag or ("" if digest else "latest"), digest)
