# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which archives of the engine are known, and by which checksums. Pure, but for reading the table beside this file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from ..errors import OptionError

#: docker-on-windows.md section 1, 1.
OFFICIAL_URL = "https://download.docker.com/win/static/stable/x86_64/docker-{version}.zip"
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def parse_version(text: str) -> tuple[int, int, int]:
    """``28.5.2`` as numbers. Raises OptionError."""
    if not _VERSION.fullmatch(text):
        raise OptionError(f'the option version is "{text}", which is not an engine version', "Write it in full, for example 28.5.2")
    major, minor, patch = map(int, text.split("."))
    return major, minor, patch


@dataclass(frozen=True)
class Range:
    """The releases an option ``version`` allows.

    Args:
        text: As it was given.
        exact: The version, when only one is allowed.
        bounds: Operator and the leading numbers of a version, all of which must hold; compared by as many numbers as are given.
        newest: ``latest``: only the newest known release will do.
    """

    text: str
    exact: str | None = None
    bounds: tuple[tuple[str, tuple[int, ...]], ...] = ()
    newest: bool = False

    def holds(self, version: str) -> bool:
        """Whether a version written in full lies in the range."""
        numbers = parse_version(version)
        return all(_COMPARE[operator](numbers[: len(bound)], bound) for operator, bound in self.bounds)

    def choose(self, known: Iterable[str], installed: str | None, *, upgrade: bool) -> str | None:
        """The release to have: an installed one that fits unless an upgrade is asked for, else the newest known; None when none fits."""
        if self.exact:
            return self.exact
        if installed and not self.newest and not upgrade and self.holds(installed):
            return installed
        fitting = [version for version in known if self.holds(version)]
        if installed and self.holds(installed):
            fitting.append(installed)  # a newer one than the table knows is not taken back
        return max(fitting, key=parse_version, default=None)


_COMPARE = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_BOUND = re.compile(r"(>=|<=|==|!=|>|<)\s*(\d{1,3}(?:\.\d{1,3}){0,2})")
_LEADING = re.compile(r"\d{1,3}(?:\.\d{1,3})?")


def parse_range(text: str) -> Range:
    """``28.5.2``, ``28.5``, ``28``, ``>=28,<29`` or ``latest``. Raises OptionError."""
    text = text.strip()
    if _VERSION.fullmatch(text):
        parse_version(text)
        return Range(text, exact=text, bounds=(("==", parse_version(text)),))
    if text == "latest":
        return Range(text, newest=True)
    if _LEADING.fullmatch(text):
        return Range(text, bounds=(("==", _numbers(text)),))
    bounds = []
    for part in text.split(","):
        match = _BOUND.fullmatch(part.strip())
        if match is None:
            raise OptionError(
                f'the option version is "{text}", which is neither a version nor a range of versions',
                'Write for example 28.5.2, "28.5", "28", ">=28,<29" or latest',
            )
        bounds.append((match[1], _numbers(match[2])))
    return Range(text, bounds=tuple(bounds))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


@cache
def table() -> tuple[str, dict[str, tuple[str, ...]]]:
    """The date of the newest entry, and the checksums of each version."""
    content = yaml.safe_load((Path(__file__).parent / "releases.yml").read_text(encoding="utf-8"))
    return content["date"], {version: tuple(sums) for version, sums in content["releases"].items()}


def official_url(version: str) -> str:
    """Where the publisher keeps the archive."""
    return OFFICIAL_URL.format(version=version)


def known_versions(given: str | Mapping[str, str] | None) -> tuple[str, ...]:
    """The releases to choose from: those the option ``sha256`` names by version, else those of the table."""
    return tuple(given) if isinstance(given, Mapping) else tuple(table()[1])


def accepted_checksums(version: str, given: str | Mapping[str, str] | None) -> tuple[str, ...]:
    """The checksums the archive may have.

    Args:
        version: Engine version.
        given: The option ``sha256``: one sum, or sums by version; wins over the table.

    Raises:
        OptionError: The option is no sha256, or it is not given and the version is not in the table.
    """
    if isinstance(given, Mapping):
        if version not in given:
            raise OptionError(f"the option sha256 names no checksum for engine version {version}", "Add it, or choose a version it names")
        return (_checksum(given[version]),)
    if given:
        return (_checksum(given),)
    date, known = table()
    if version not in known:
        raise OptionError(
            f"no checksum is known for engine version {version} (the table of this collection is of {date})",
            "Give the option sha256, or choose a version of the table",
        )
    return known[version]


def _checksum(text: str) -> str:
    checksum = str(text).strip().lower()
    if not _SHA256.fullmatch(checksum):
        raise OptionError("the option sha256 is not a checksum of 64 hexadecimal digits", "Give the output of sha256sum for the archive")
    return checksum


def check_checksums(given: str | Mapping[str, str] | None) -> None:
    """Refuse an option ``sha256`` that is no checksum, or names versions that are none. Raises OptionError."""
    if isinstance(given, Mapping):
        for version, checksum in given.items():
            parse_version(str(version))
            _checksum(checksum)
    elif given:
        _checksum(given)
