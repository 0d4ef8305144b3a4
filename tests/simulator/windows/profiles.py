# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Release profiles and platforms: data from profiles.yml and platforms.yml."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Profile:
    """One release of Windows; see profiles.yml."""

    name: str
    caption: str
    product_name: str
    build: int
    revision: int
    product_type: int
    sku: int
    edition_id: str
    installation_type: str
    release_id: str
    lab: str
    dism_revision: int
    tar: str | None
    curl: str | None
    display_version: str | None = None

    @property
    def version(self) -> str:
        """``10.0.20348``."""
        return f"10.0.{self.build}"

    @property
    def is_server(self) -> bool:
        return self.product_type != 1

    def with_(self, **changes: Any) -> Profile:
        """A copy with fields replaced."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Platform:
    """What the machine runs on; see platforms.yml."""

    name: str
    virtual: bool
    nested: bool
    manufacturer: str
    model: str
    bios_manufacturer: str
    bios_caption: str
    bios_version: str
    smbios_version: str
    bios_date: datetime
    serial: str
    asset_tag: str
    memory_bytes: int
    processors: int
    processor: str


@cache
def read_data(name: str) -> Any:
    """A YAML file beside this one."""
    return yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))


def profile(name: str) -> Profile:
    """A profile by name. Raises KeyError with the known names."""
    profiles = read_data("profiles.yml")
    if name not in profiles:
        raise KeyError(f"no profile {name!r}; there are {', '.join(profiles)}")
    return Profile(name=name, **profiles[name])


def platform(name: str) -> Platform:
    """A platform by name. Raises KeyError with the known names."""
    platforms = read_data("platforms.yml")
    if name not in platforms:
        raise KeyError(f"no platform {name!r}; there are {', '.join(platforms)}")
    fields = dict(platforms[name])
    fields["bios_date"] = datetime.fromisoformat(fields["bios_date"])
    return Platform(name=name, **fields)
