# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image references and what a manifest list offers to a host. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OptionError
from .compatibility import HostVersion, ImageVersion, facts, release_name

_REFERENCE = re.compile(
    r"(?P<repository>(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
#: The engine takes 64 hexadecimal digits for an id, never for a repository.
_IDENTIFIER = re.compile(r"(?:sha256:)?(?P<digits>[0-9a-f]{64})")


@dataclass(frozen=True)
class Reference:
    """An image as a user names it: ``repository:tag``, ``repository@digest``, or the id of a local image.

    Attributes:
        repository: With its registry, as given; empty for an id.
        tag: Empty when only a digest, or an id, was given.
        digest: ``sha256:...`` of the manifest or manifest list, or empty.
        identifier: ``sha256:...`` of a local image, or empty.
    """

    repository: str
    tag: str = ""
    digest: str = ""
    identifier: str = ""

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference; the tag ``latest`` is filled in as the engine does.

        Raises:
            OptionError: Not a reference, or a base image without a tag (base images have no ``latest``:
                windows-containers.md 2.2).
        """
        identifier = _IDENTIFIER.fullmatch(text)
        if identifier is not None:
            return cls("", identifier=f"sha256:{identifier['digits']}")
        match = _REFERENCE.fullmatch(text)
        if match is None:
            raise OptionError(
                f'"{text}" is not an image reference',
                "It looks like registry/repository:tag, the repository in lower case, for example mcr.microsoft.com/windows/nanoserver:ltsc2022",
            )
        tag, digest = match["tag"] or "", match["digest"] or ""
        reference = cls(match["repository"], tag or ("" if digest else "latest"), digest)
        if reference.tag == "latest" and reference.family:
            raise OptionError(
                f'the base image {reference.repository} has no tag "latest"',
                f"Name a release ({', '.join(known_tags(reference.family))}), or let the module base_image choose the one for the host",
            )
        return reference

    def __str__(self) -> str:
        if self.identifier:
            return self.identifier
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def lookup(self) -> str:
        """What the engine finds the image by: its id, its digest, else its tag."""
        return self.identifier or (f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}")

    @property
    def name(self) -> str:
        """Repository and tag; empty where there is no tag, as for a digest or an id alone."""
        return f"{self.repository}:{self.tag}" if self.tag else ""

    @property
    def registry(self) -> str:
        """The registry's address, ``docker.io`` where none is given (the engine's rule: it holds a dot or a port, or is localhost)."""
        first, slash, _rest = self.repository.partition("/")
        return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"

    def has_name(self, name: str) -> bool:
        """Whether an entry of an image's ``RepoTags`` is this reference's repository and tag."""
        return bool(self.name) and _familiar(name) == _familiar(self.name)

    @property
    def family(self) -> str:
        """The base image family of the repository, or an empty string."""
        for name, row in facts()["image_families"].items():
            if self.repository == f"{facts()['registry']}/{row['repository']}":
                return str(name)
        return ""

    def has_digest(self, repo_digests: Iterable[str], digest: str) -> bool:
        """Whether an image's ``RepoDigests`` say that it is what this repository offers under ``digest``."""
        return any(_familiar(entry) == _familiar(f"{self.repository}@{digest}") for entry in repo_digests)


def _familiar(name: str) -> str:
    """The engine's short form: ``docker.io/library/x`` is ``x``."""
    return name.removeprefix("docker.io/").removeprefix("library/")


def known_tags(family: str) -> list[str]:
    """The channel tags of a base image family, newest first."""
    return [str(tag) for row in facts()["image_releases"] for tag in row["tags"].get(family, ())]


def select_platform(platforms: Iterable[Mapping[str, Any]], host: HostVersion) -> Mapping[str, Any] | None:
    """The entry of a manifest list that the engine takes on a host, by the rules of its classic store.

    Architecture and system must fit, builds above the host's are dropped, entries of the host's own build come first, and
    then the first one wins; the revision plays no part (docker-on-windows.md section 3).

    Args:
        platforms: The ``Platforms`` of the engine's answer to ``/distribution/<name>/json``.
        host: The container host.
    """
    fitting = [entry for entry in platforms if _runs_windows(entry) and (_build(entry) or 0) <= host.build]
    fitting.sort(key=lambda entry: _build(entry) != host.build)
    return fitting[0] if fitting else None


def _runs_windows(entry: Mapping[str, Any]) -> bool:
    return entry.get("architecture") in ("amd64", "", None) and entry.get("os") == "windows"


def _build(entry: Mapping[str, Any]) -> int | None:
    version = platform_version(entry)
    return version.build if version else None


def platform_version(entry: Mapping[str, Any]) -> ImageVersion | None:
    """The ``os.version`` of an entry; None when it has none."""
    text = str(entry.get("os.version") or "")
    return ImageVersion.parse(text) if text else None


def nothing_fits(reference: Reference, platforms: Iterable[Mapping[str, Any]], host: HostVersion) -> OptionError:
    """Why no entry fits, for a list from which :func:`select_platform` took none."""
    entries = list(platforms)
    versions = sorted({str(version) for entry in entries if _runs_windows(entry) and (version := platform_version(entry))})
    where = f"{release_name(host)} ({host})"
    if versions:
        return OptionError(
            f"the image {reference} is built for Windows {', '.join(versions)}, which is newer than {where}; "
            "a newer image never runs on an older host, in either isolation mode",
            _older_release(reference),
        )
    found = ", ".join(sorted({f"{entry.get('os') or '?'}/{entry.get('architecture') or '?'}" for entry in entries})) or "nothing"
    return OptionError(f"the image {reference} is not made for windows/amd64 (the registry offers {found})", "Name a Windows image")


def _older_release(reference: Reference) -> str:
    if reference.family:
        return "Use a release that fits the host; the module base_image finds it with release: auto"
    return "Use a tag of the image that is built for this host's release or an older one"
