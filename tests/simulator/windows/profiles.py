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
    """One release of Windows in one edition; see profiles.yml and editions.yml.

    Args:
        edition: ``standard``, ``datacenter``, ``pro``, ``home`` ... (editions.yml).
        lacks: Features the edition does not have.
        barren: Features it has, but which bring no service.
    """

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
    edition: str = "standard"
    lacks: tuple[str, ...] = ()
    barren: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """``10.0.20348``."""
        return f"10.0.{self.build}"

    @property
    def base_build(self) -> int:
        """The build whose packages it is made of: an enablement update raises the build alone (10.0.19042 on packages of 19041)."""
        return int(self.lab.partition(".")[0])

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
    smbios: str = "3.1"


@cache
def read_data(name: str) -> Any:
    """A YAML file beside this one."""
    return yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))


def profile(name: str, edition: str = "") -> Profile:
    """A profile by name, in an edition other than the usual one if wanted. Raises KeyError with the known names."""
    profiles = read_data("profiles.yml")
    if name not in profiles:
        raise KeyError(f"no profile {name!r}; there are {', '.join(profiles)}")
    fields = dict(profiles[name])
    family, kind = fields.pop("family"), fields.pop("kind")
    registry_family = fields.pop("registry_family", family)
    editions = {key: row for key, row in read_data("editions.yml")[kind].items() if fields["build"] >= row.get("since", 0)}
    chosen = edition or fields.pop("edition")
    fields.pop("edition", None)
    if chosen not in editions:
        raise KeyError(f"no edition {chosen!r} of {name}; there are {', '.join(editions)}")
    row = editions[chosen]
    return Profile(
        name=name,
        caption=f"Microsoft {family} {row['word']}",
        product_name=f"{registry_family} {row['word'].replace(':', '')}",
        sku=row["sku"],
        edition_id=row["edition_id"],
        edition=chosen,
        lacks=tuple(row.get("lacks", ())),
        barren=tuple(row.get("barren", ())),
        **fields,
    )


def platform(name: str) -> Platform:
    """A platform by name. Raises KeyError with the known names."""
    platforms = read_data("platforms.yml")
    if name not in platforms:
        raise KeyError(f"no platform {name!r}; there are {', '.join(platforms)}")
    fields = dict(platforms[name])
    fields["bios_date"] = datetime.fromisoformat(fields["bios_date"])
    return Platform(name=name, **fields)
