# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Windows asks of a container host, and until when it is supported. Pure; the facts stand in ``prerequisites.yml``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from ..images.compatibility import HostVersion

Answer = Literal["yes", "no", "unknown"]
Phase = Literal["mainstream", "extended", "ended", "unknown"]


@dataclass(frozen=True)
class Support:
    """Whether the vendor still supports this Windows.

    Args:
        verdict: ``unknown`` where editions, sources or paid updates leave it open.
        phase: The phase of that day; clients know only ``mainstream``.
        reason: Why, a clause.
        end: The last day that costs nothing; None when no source gives one.
        mainstream_end: The last day of mainstream support.
        paid_end: The last day of extended security updates, which are sold; None when there are none.
        days_left: From that day to ``end``; negative when it is past.
    """

    verdict: Answer
    phase: Phase
    reason: str
    end: date | None = None
    mainstream_end: date | None = None
    paid_end: date | None = None
    days_left: int | None = None


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """The content of ``prerequisites.yml``, which is part of this collection."""
    return cast("dict[str, Any]", yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")))


def support(version: HostVersion, sku: int | None, today: date) -> Support:
    """Judge a Windows on a day."""
    rows = _rows(version, sku)
    if not rows:
        return Support("unknown", "unknown", f"no source gives the end of support of build {version.build} in this edition")
    found = [_judge(row, today) for row in rows]
    if len({(each.verdict, each.phase) for each in found}) == 1:
        return min(found, key=lambda each: each.end or date.max)
    ends = " and ".join(sorted(str(each.end) for each in found))
    return Support("unknown", "unknown", f"support ends with {ends} depending on the edition, and this one (SKU {sku}) is not known here")


def _rows(version: HostVersion, sku: int | None) -> list[dict[str, Any]]:
    """The rows that may hold for a host; several when its edition is not known."""
    data = facts()
    if version.product_type == "server":
        table = "semi_annual_servers" if sku in data["semi_annual_skus"] and version.build in data["semi_annual_servers"] else "servers"
        row = data[table].get(version.build)
        return [row] if row else []
    ends = data["clients"].get(version.build, {})
    known = {channel: ends[channel] for channel in data["client_servicing"] if channel in ends}
    channel = next((name for name, skus in data["client_servicing"].items() if sku in skus), None)
    wanted = set(known.values()) if channel is None else {known[channel]} if channel in known else set()
    return [{"mainstream": end, "end": end, "paid": ends.get("paid")} for end in sorted(wanted)]


def _judge(row: dict[str, Any], today: date) -> Support:
    end, mainstream = date.fromisoformat(row["end"]), date.fromisoformat(row["mainstream"])
    paid = date.fromisoformat(row["paid"]) if row.get("paid") else None
    unsure = date.fromisoformat(row["unsure_from"]) if row.get("unsure_from") else None
    verdict: Answer = "no"
    phase: Phase = "ended"
    reason = f"support ended on {end}"
    if unsure and unsure <= today <= end:
        verdict, phase, reason = "unknown", "unknown", f"sources disagree whether support ends before {unsure} or on {end}"
    elif today <= end:
        verdict, phase, reason = "yes", "mainstream" if today <= mainstream else "extended", f"support ends on {end}"
    elif paid and today <= paid:
        verdict = "unknown"
        reason += f"; paid extended security updates go on until {paid}, and the host does not tell whether it has them"
    return Support(verdict, phase, reason, end, mainstream, paid, (end - today).days)


def licence_note(version: HostVersion, sku: int | None) -> str:
    """What the licence says of containers here; empty when it sets no limit that is known."""
    rows: Iterable[dict[str, Any]] = facts()["licences"]
    for row in rows:
        if row["product"] == version.product_type and (sku in row["skus"] or not row["skus"]):
            return str(row["note"])
    return ""


def licensed_hyperv_containers(edition: str) -> int | None:
    """How many Hyper-V isolated containers one licence of an edition (EditionID) covers; None where no limit is documented."""
    rows: Iterable[dict[str, Any]] = facts()["licences"]
    return next((int(row["hyperv_containers"]) for row in rows if "edition" in row and edition.startswith(row["edition"])), None)


def lacks_network_service(version: HostVersion, sku: int | None) -> bool:
    """Whether the edition has the container feature without the service hns, so that no engine starts (native-tools.md 1.4)."""
    return version.product_type == "server" and sku in facts()["without_network_service"].get(version.build, ())


def shortages(memory_bytes: int | None, processors: int | None, guest: bool) -> tuple[str, ...]:
    """Documented minimums of Hyper-V that a machine does not reach, clauses. What is not known is not judged."""
    minimums = facts()["minimums"]
    found = []
    if memory_bytes is not None and memory_bytes < minimums["hyperv_memory_bytes"]:
        found.append(f"the machine has {memory_bytes / 2**30:.1f} GB of memory and Hyper-V is documented for 4 GB or more")
    if guest and processors is not None and processors < minimums["nested_processors"]:
        found.append(f"the virtual machine has {processors} processor(s) and nested Hyper-V isolation is documented for two or more")
    return tuple(found)


@dataclass(frozen=True)
class Update:
    """An update that containers need for something.

    Args:
        id: Number of the update; None where only its revision is known.
        revision: The revision it brought.
        about: What needs it.
        installed: ``unknown`` when neither revision nor list settles it.
    """

    id: str | None
    revision: int
    about: str
    installed: Answer


def relevant_updates(version: HostVersion, listed: Iterable[str] | None) -> tuple[Update, ...]:
    """The updates that matter on this build, decided by the revision: updates are cumulative, so that a later one hides its forerunners.

    Args:
        listed: Numbers of the updates that Windows lists; None when the list was not read.
    """
    rows: Iterable[dict[str, Any]] = facts()["updates"]
    return tuple(
        Update(row["id"], row["revision"], row["about"], _installed(row, version.revision, set(listed or ())))
        for row in rows
        if row["build"] == version.build
    )


def _installed(row: dict[str, Any], revision: int | None, listed: set[str]) -> Answer:
    if row["id"] in listed:
        return "yes"
    if revision is None:
        return "unknown"
    return "yes" if revision >= row["revision"] else "no"


def container_time_zones(version: HostVersion) -> Answer:
    """Whether each container can have a time zone of its own on this host (windows-containers.md 12)."""
    known: dict[int, int] = {row["build"]: row["revision"] for row in facts()["updates"] if row.get("zones")}
    if version.build in known:
        return "unknown" if version.revision is None else "yes" if version.revision >= known[version.build] else "no"
    return "no" if version.build < max(known) else "yes" if version.build >= facts()["container_time_zones_from"] else "unknown"
