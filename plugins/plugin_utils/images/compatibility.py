# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which isolation a host and an image allow together, and which base image fits a host. Pure; the facts stand in ``compatibility.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from ..errors import OptionError
from ..values import meant

ProductType = Literal["server", "workstation"]
FAMILIES = ("nanoserver", "servercore", "server", "windows")

_FULL_VERSION = re.compile(r"10\.0\.(\d+)\.(\d+)(-amd64)?")
_REGISTRY = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?(?:/[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?)?")
_DECORATION = re.compile(r"(-KB\d+)?(-amd64)?$", re.IGNORECASE)


@dataclass(frozen=True)
class HostVersion:
    """What matters of a host. ``revision`` (UBR) is None when it could not be read; domain controllers are ``server``."""

    build: int
    revision: int | None
    product_type: ProductType

    def __str__(self) -> str:
        return f"10.0.{self.build}" if self.revision is None else f"10.0.{self.build}.{self.revision}"


@dataclass(frozen=True)
class ImageVersion:
    """An image's ``os.version``. ``revision`` is None when the registry or the engine gives three fields only."""

    build: int
    revision: int | None = None

    @classmethod
    def parse(cls, text: str) -> ImageVersion:
        """From ``10.0.20348.2340`` or ``10.0.20348``. Raises OptionError for anything else."""
        match = re.fullmatch(r"\d+\.\d+\.(\d+)(?:\.(\d+))?", text.strip())
        if match is None:
            raise OptionError(f'"{text}" is not a Windows version', "A version looks like 10.0.20348.2340")
        return cls(int(match[1]), int(match[2]) if match[2] else None)

    def __str__(self) -> str:
        return f"10.0.{self.build}" if self.revision is None else f"10.0.{self.build}.{self.revision}"


@dataclass(frozen=True)
class Mode:
    """Whether one isolation mode can run the image, why, and what to watch."""

    allowed: bool
    reason: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Modes:
    """The verdict on both modes. Says nothing about the host's features: see host/readiness.py."""

    process: Mode
    hyperv: Mode

    def of(self, isolation: str) -> Mode:
        """The verdict on ``process`` or ``hyperv``."""
        return self.hyperv if isolation == "hyperv" else self.process

    @property
    def allowed(self) -> tuple[str, ...]:
        """The names of the modes that can run the image."""
        return tuple(name for name in ("process", "hyperv") if self.of(name).allowed)


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """The content of ``compatibility.yml``, which is part of this collection."""
    return cast("dict[str, Any]", yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


def isolation_modes(host: HostVersion, image: ImageVersion) -> Modes:
    """Decide both modes for a pair, by the documented tables and the rules of the code behind them."""
    if image.build > host.build:
        reason = (
            f"the image's build {image.build} is newer than the host's build {host.build}, and a newer image never runs on an older host"
        )
        return Modes(Mode(False, reason), Mode(False, reason))
    only = facts()["rules"]["single_image_hosts"].get(host.build)
    if only is not None and image.build != only:
        reason = f"{release_name(host)} is documented for images of build {only} only, the image is of build {image.build}"
        return Modes(Mode(False, reason), Mode(False, reason))
    return Modes(_process(host, image), _hyperv(host, image, documented=only is None))


def _hyperv(host: HostVersion, image: ImageVersion, documented: bool) -> Mode:
    reason = f"Hyper-V isolation runs images up to the host's build {host.build}, the image is of build {image.build}"
    unstated = () if documented else (f"no documentation says whether {release_name(host)} supports Hyper-V isolation",)
    return Mode(True, reason, unstated + _reported(host, image))


def _process(host: HostVersion, image: ImageVersion) -> Mode:
    refusal = _build_refusal(host, image) or _revision_refusal(host, image)
    if refusal:
        return Mode(False, refusal)
    if image.build == host.build:
        return Mode(True, f"host and image share build {host.build}", _revision_warnings(host, image) + _reported(host, image))
    return Mode(True, f"process isolation on build {host.build} also runs images from build {image.build} on", _reported(host, image))


def _build_refusal(host: HostVersion, image: ImageVersion) -> str:
    rule = facts()["rules"]["process"]
    if host.product_type == "workstation" and host.build < rule["client_build"] and host.build not in rule["client_exceptions"]:
        return f"{release_name(host)} runs containers with Hyper-V isolation only"
    if image.build == host.build:
        return ""
    oldest = rule["window_build"]
    if host.build <= oldest:
        return f"process isolation on build {host.build} needs an image of the same build, the image is of build {image.build}"
    if image.build < oldest:
        return (
            f"process isolation on build {host.build} needs an image of build {oldest} to {host.build}, the image is of build {image.build}"
        )
    return ""


def _revision_refusal(host: HostVersion, image: ImageVersion) -> str:
    if host.build != image.build or host.revision is None or image.revision is None:
        return ""
    rules = facts()["rules"]
    if host.build in rules["equal_revision_builds"] and host.revision != image.revision:
        return f"process isolation on build {host.build} needs equal revisions, the host has {host.revision} and the image {image.revision}"
    baseline = rules["baseline_2020_02"].get(host.build)
    if baseline is not None and (host.revision < baseline) != (image.revision < baseline):
        return (
            f"host and image must be on the same side of the update of 2020-02-11 (revision {baseline}), "
            f"the host has revision {host.revision} and the image {image.revision}"
        )
    return ""


def _revision_warnings(host: HostVersion, image: ImageVersion) -> tuple[str, ...]:
    if host.revision is None or image.revision is None:
        if host.build in facts()["rules"]["equal_revision_builds"]:
            return (f"process isolation on build {host.build} needs equal revisions, and one of the two is unknown",)
        return ()
    if image.revision > host.revision:
        return (
            f"the image's revision {image.revision} is newer than the host's {host.revision}; should the container exit with 0xc0370106, "
            "update the host or use Hyper-V isolation",
        )
    return ()


def _reported(host: HostVersion, image: ImageVersion) -> tuple[str, ...]:
    return tuple(
        f"images of build {image.build} on hosts of build {host.build} {row['report']}"
        for row in facts()["rules"]["reported_failures"]
        if (row["host_build"], row["image_build"]) == (host.build, image.build)
    )


def release_name(host: HostVersion) -> str:
    """``Windows Server 2022``, ``Windows 11 24H2``; ``Windows build 12345`` for a build that is not in the table."""
    row = _host_row(host)
    return str(row["name"]) if row else f"Windows build {host.build}"


def release_version(host: HostVersion) -> str | None:
    """The release's short label, ``21H2`` or ``1809``; None when no source gives one."""
    row = _host_row(host)
    return str(row["version"]) if row and row["version"] else None


def _host_row(host: HostVersion) -> dict[str, Any] | None:
    rows: list[dict[str, Any]] = facts()["hosts"][host.product_type]
    return next((row for row in rows if row["build"] == host.build), None)


def default_isolation(product_type: ProductType) -> str:
    """What the engine takes when neither the container nor its own configuration says otherwise."""
    return str(facts()["rules"]["default_isolation"][product_type])


def image_repository(family: str, registry: str = "") -> str:
    """``mcr.microsoft.com/windows/nanoserver``, or the same at another registry. Raises OptionError for an unknown family or no address."""
    families = facts()["image_families"]
    if family not in families:
        raise OptionError(f'there is no base image family "{family}"', f"Choose one of {', '.join(families)}")
    if registry and not _REGISTRY.fullmatch(registry):
        raise OptionError(
            f'the option registry is "{registry}", which is not the address of a registry',
            "Write host, host:port or host/path, for example registry.example.com/mirror",
        )
    return f"{registry or facts()['registry']}/{families[family]['repository']}"


def base_image_tag(host: HostVersion, family: str, release: str = "auto") -> str:
    """The tag of a base image for a host.

    Args:
        host: The container host.
        family: One of :data:`FAMILIES`.
        release: ``auto`` for the image generation of the host; else a release (``ltsc2022``, ``1809``), a tag derived from one
            (``1809-KB4493509``, ``ltsc2022-amd64``) or a full version (``10.0.20348.2340``), checked against the host.

    Raises:
        OptionError: Unknown family or release, a release that the family does not have, or one newer than the host.
    """
    image_repository(family)
    if release == "auto":
        return _automatic_tag(host, family)
    full = _FULL_VERSION.fullmatch(release)
    if full:
        _refuse_newer(host, int(full[1]), release)
        return release
    row = _release_row(release, family)
    _refuse_newer(host, row["build"], release)
    decoration = _DECORATION.search(release)
    base = release[: decoration.start()] if decoration else release
    tags = _tags(row, family)
    return next((tag for tag in tags if tag.lower() == base.lower()), tags[0]) + release[len(base) :]


def base_image_tags(host: HostVersion) -> dict[str, str | None]:
    """The matching tag of every family; None where the family has no image for this host."""
    result: dict[str, str | None] = {}
    for family in FAMILIES:
        try:
            result[family] = base_image_tag(host, family)
        except OptionError:
            result[family] = None
    return result


def _automatic_tag(host: HostVersion, family: str) -> str:
    generation = image_generation(host)
    if generation is None:
        oldest = min(row["build"] for row in facts()["image_releases"])
        raise OptionError(
            f"no base image runs on build {host.build} of Windows",
            f"The oldest image is of build {oldest}, which hosts of that build or later run",
        )
    if family not in generation["tags"]:
        others = ", ".join(generation["tags"])
        raise OptionError(
            f'the family "{family}" has no image of the generation {generation["id"]}, which fits {release_name(host)}',
            f"Choose one of {others}, or name a release of this family: {', '.join(_releases_of(family))}",
        )
    return str(generation["tags"][family][0])


def image_generation(host: HostVersion) -> dict[str, Any] | None:
    """The row of ``image_releases`` that fits a host: its own build's, else the newest LTSC one that it can run."""
    rows: list[dict[str, Any]] = facts()["image_releases"]
    for row in rows:
        if row["build"] == host.build and isolation_modes(host, ImageVersion(row["build"])).allowed:
            return row
    for row in rows:
        if row["channel"] == "ltsc" and isolation_modes(host, ImageVersion(row["build"])).allowed:
            return row
    return None


def _release_row(release: str, family: str) -> dict[str, Any]:
    base = _DECORATION.sub("", release).lower()
    rows: list[dict[str, Any]] = facts()["image_releases"]
    for row in rows:
        names = {str(row["id"]).lower(), *(tag.lower() for tag in _tags(row, family))}
        if base in names:
            if family not in row["tags"]:
                raise OptionError(f'the family "{family}" has no release {release}', f"It has {', '.join(_releases_of(family))}")
            return row
    known = _releases_of(family)
    raise OptionError(
        f'the family "{family}" has no release "{release}"',
        f"{meant(base, known)}Known are auto, {', '.join(known)} and full versions such as 10.0.20348.2340",
    )


def _tags(row: dict[str, Any], family: str) -> tuple[str, ...]:
    return tuple(str(tag) for tag in row["tags"].get(family, ()))


def _releases_of(family: str) -> list[str]:
    rows: Iterable[dict[str, Any]] = facts()["image_releases"]
    return [tag for row in rows for tag in _tags(row, family)]


def _refuse_newer(host: HostVersion, build: int, release: str) -> None:
    modes = isolation_modes(host, ImageVersion(build))
    if not modes.allowed:
        raise OptionError(
            f"the release {release} does not run here: {modes.process.reason}", "Use release: auto, or a release of an older build"
        )
