# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine's prune calls would remove, worked out from its lists. Pure.

Source: moby daemon/prune.go, daemon/images/image_prune.go, volume/service/service.go; held to a real engine by the contract tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..errors import OptionError

Row = Mapping[str, Any]
Filters = Mapping[str, list[str]]
Accepts = Callable[[Mapping[str, str] | None, datetime | None], bool]

#: The filters of each kind.
FILTERS = {
    "containers": frozenset(("until", "label", "label!")),
    "images": frozenset(("dangling", "until", "label", "label!")),
    "networks": frozenset(("until", "label", "label!")),
    "volumes": frozenset(("all", "label", "label!")),
    "builder_cache": frozenset(("until", "id", "parent", "type", "description", "inuse", "shared", "private")),
}
#: The engine keeps these by itself; the first is the default one of a Linux engine.
_PREDEFINED = frozenset(("bridge", "host", "nat", "none", "default"))
#: What the engine marks volumes with that got no name, from 23 on.
ANONYMOUS = "com.docker.volume.anonymous"
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)")
_TRUE, _FALSE = ("true", "1", "t"), ("false", "0", "f")


def refuse_unreadable(filters: Filters) -> None:
    """Raises OptionError for a value that the engine cannot read: of ``until``, or of a filter that is true or false."""
    until(filters, None)
    for name in ("dangling", "all"):
        value = filters.get(name) or ["true"]
        if len(value) != 1 or value[0].lower() not in (*_TRUE, *_FALSE):
            raise OptionError(f"the filter {name} is {', '.join(value)}", "Write true or false")


def flag(filters: Filters, name: str, default: bool) -> bool:
    """A filter that is true or false."""
    return filters[name][0].lower() in _TRUE if filters.get(name) else default


def until(filters: Filters, now: datetime | None) -> datetime | None:
    """The moment of the filter ``until``: a duration before now, a time, or seconds since 1970; None without the filter.

    Args:
        filters: Checked filters.
        now: The engine's clock, with its time zone; None to check the text alone.

    Raises:
        OptionError: It is none of these, or there are several.
    """
    values = filters.get("until") or []
    if not values:
        return None
    text = values[0]
    parts = _DURATION.findall(text)
    try:
        if len(values) > 1:
            raise ValueError
        if parts and "".join(number + unit for number, unit in parts) == text:
            return None if now is None else now - timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return datetime.fromtimestamp(float(text), now.tzinfo if now else None)
        moment = moment_of(text)
    except (ValueError, OverflowError, OSError) as error:
        raise OptionError(
            f"the filter until is {', '.join(values)}", "Write one duration, such as 24h or 1h30m, or one time, such as 2026-11-01"
        ) from error
    return moment if moment.tzinfo or now is None else moment.replace(tzinfo=now.tzinfo)


def moment_of(text: str) -> datetime:
    """A time as the engine writes it, with up to nine decimals. Raises ValueError."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))


def accepts(filters: Filters, now: datetime | None) -> Accepts:
    """Whether a thing with these labels, made at that moment, may go; see :func:`until`."""
    limit = until(filters, now)

    def may_go(labels: Mapping[str, str] | None, created: datetime | None) -> bool:
        unwanted = filters.get("label!")
        if not _has_all(labels or {}, filters.get("label") or ()) or (unwanted and _has_all(labels or {}, unwanted)):
            return False
        return limit is None or (created is not None and created <= limit)

    return may_go


def _has_all(labels: Mapping[str, str], wanted: Iterable[str]) -> bool:
    pairs = (one.partition("=") for one in wanted)
    return all(labels.get(name) == value if sign else name in labels for name, sign, value in pairs)


def _stopped(container: Row) -> bool:
    return str(container.get("State")) in ("created", "exited", "dead")


def _seconds(value: Any, now: datetime | None) -> datetime:
    return datetime.fromtimestamp(float(value or 0), now.tzinfo if now else None)


def containers_to_go(rows: Iterable[Row], filters: Filters, now: datetime | None) -> list[Row]:
    """Those that do not run."""
    may_go = accepts(filters, now)
    return [row for row in rows if _stopped(row) and may_go(row.get("Labels"), _seconds(row.get("Created"), now))]


def images_to_go(rows: Iterable[Row], containers: Iterable[Row], filters: Filters, now: datetime | None) -> list[Row]:
    """Those without a tag, or with ``dangling: false`` all, that no container uses and no other image stands on.

    With an image go the nameless ones it was made from, as far as nothing else stands on them.

    Args:
        rows: All images, intermediate ones too.
        containers: All containers that are left.
        filters: Checked filters.
        now: The engine's clock.
    """
    may_go, dangling = accepts(filters, now), flag(filters, "dangling", True)
    images = {str(row["Id"]): row for row in rows}
    used = {str(container.get("ImageID")) for container in containers}
    going: dict[str, Row] = {}
    for identifier, row in images.items():
        free = identifier not in used and not _children(identifier, images, going)
        if free and not (dangling and tags_of(row)) and may_go(row.get("Labels"), _seconds(row.get("Created"), now)):
            going[identifier] = row
            going |= _parents(row, images, going, used)
    return list(going.values())


def _children(identifier: str, images: Mapping[str, Row], going: Mapping[str, Row]) -> bool:
    return any(str(row.get("ParentId")) == identifier for other, row in images.items() if other not in going)


def _parents(row: Row, images: Mapping[str, Row], going: Mapping[str, Row], used: Iterable[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    parent = str(row.get("ParentId") or "")
    while parent in images and parent not in used and not _names(images[parent]) and not _children(parent, images, {**going, **found}):
        found[parent] = images[parent]
        parent = str(images[parent].get("ParentId") or "")
    return found


def tags_of(image: Row) -> list[str]:
    """An image's names; older engines list one for an image without any."""
    return [str(name) for name in image.get("RepoTags") or () if name != "<none>:<none>"]


def _names(image: Row) -> list[str]:
    return [*tags_of(image), *(str(name) for name in image.get("RepoDigests") or () if name != "<none>@<none>")]


def networks_to_go(rows: Iterable[Row], containers: Iterable[Row], filters: Filters, now: datetime | None) -> list[Row]:
    """Those made by users that no running container is connected to. A stopped container holds no connection, so its networks go too."""
    may_go = accepts(filters, now)
    used = {name for one in containers if not _stopped(one) for name in (one.get("NetworkSettings") or {}).get("Networks") or {}}
    free = (row for row in rows if row.get("Name") not in _PREDEFINED | used and not row.get("ConfigOnly"))
    return [row for row in free if may_go(row.get("Labels"), moment_of(str(row["Created"])) if row.get("Created") else None)]


def volumes_to_go(unused: Iterable[Row], filters: Filters, anonymous_only: bool) -> list[Row]:
    """Of the volumes that no container uses: those that got no name, or with ``all: true`` all.

    Args:
        unused: As the engine lists them with the filter ``dangling``.
        filters: Checked filters.
        anonymous_only: Whether the engine tells the two apart (API 1.42 and later); before, all go.
    """
    may_go = accepts({name: values for name, values in filters.items() if name != "all"}, None)
    every = flag(filters, "all", False) or not anonymous_only
    return [row for row in unused if may_go(row.get("Labels"), None) and (every or ANONYMOUS in (row.get("Labels") or {}))]


def volumes_of(containers: Iterable[Row]) -> set[str]:
    """Names of the volumes that containers use."""
    return {str(mount["Name"]) for container in containers for mount in container.get("Mounts") or () if mount.get("Name")}
