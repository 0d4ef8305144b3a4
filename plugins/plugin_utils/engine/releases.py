# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which archives of the engine are known, and by which checksums. Pure, but for reading the table beside this file."""

from __future__ import annotations

import re
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
        raise OptionError(f'the option version is "{text}", which is no engine version', "Write it in full, for example 28.5.2")
    major, minor, patch = map(int, text.split("."))
    return major, minor, patch


@cache
def table() -> tuple[str, dict[str, tuple[str, ...]]]:
    """The date of the newest entry, and the checksums of each version."""
    content = yaml.safe_load((Path(__file__).parent / "releases.yml").read_text(encoding="utf-8"))
    return content["date"], {version: tuple(sums) for version, sums in content["releases"].items()}


def official_url(version: str) -> str:
    """Where the publisher keeps the archive."""
    return OFFICIAL_URL.format(version=version)


def accepted_checksums(version: str, given: str | None) -> tuple[str, ...]:
    """The checksums the archive may have.

    Args:
        version: Engine version.
        given: The option ``sha256``; wins over the table.

    Raises:
        OptionError: The option is no sha256, or it is not given and the version is not in the table.
    """
    if given:
        checksum = given.strip().lower()
        if not _SHA256.fullmatch(checksum):
            raise OptionError(
                "the option sha256 is not a checksum of 64 hexadecimal digits", "Give the output of sha256sum for the archive"
            )
        return (checksum,)
    date, known = table()
    if version not in known:
        raise OptionError(
            f"no checksum is known for engine version {version} (the table of this collection is of {date})",
            "Give the option sha256, or choose a version of the table",
        )
    return known[version]
