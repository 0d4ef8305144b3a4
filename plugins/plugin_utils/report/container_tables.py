# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the report about containers and images. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from ..images.compatibility import ImageVersion
from .gathered import Gathered, Result
from .outlook import Outlook, Prospect, parsed
from .table import Cell, Column, Row, Table, Tone

#: The newest revision known of each base image, by family and build.
Newest = dict[tuple[str, int], int]


def containers_table(hosts: Iterable[Gathered]) -> Table:
    columns = (
        Column("host", "Host"),
        Column("container", "Container", kind="name"),
        Column("state", "State", kind="word"),
        Column("image", "Image", kind="text"),
        Column("os_version", "Image's Windows", kind="word"),
        Column("requested", "Requested", kind="word"),
        Column("proved", "Proved", kind="word"),
        Column("confidence", "Confidence", kind="word"),
        Column("evidence", "Evidence", kind="text"),
        Column("restart", "Restart policy", kind="word"),
    )
    about = "Requested is what the engine keeps, proved is what the host's own process table shows. Only running containers can be proved."
    rows = tuple(_container(host, container) for host in hosts for container in host.containers)
    return Table("containers", "Containers", about, columns, rows, "No host that was reached has a container.")


def _container(host: Gathered, container: Result) -> Row:
    name = str(container["name"])
    proof = host.proofs.get(name, {})
    cells = (
        Cell(host.name),
        Cell(name),
        _state(container),
        Cell(str(container.get("image") or "")),
        Cell(host.image_version(container) or None),
        Cell(container.get("isolation")),
        _proved(container, proof),
        Cell(proof.get("confidence")),
        Cell(proof.get("reason")),
        Cell(container.get("restart_policy")),
    )
    return Row(cells, host.name)


def _state(container: Result) -> Cell:
    status, health = str(container.get("status") or "unknown"), container.get("health")
    tone: Tone = "good" if container.get("running") else "off"
    if health and container.get("running"):
        return Cell(f"{status}, {health}", tone="bad" if health == "unhealthy" else tone)
    return Cell(status, tone=tone)


def _proved(container: Result, proof: Result) -> Cell:
    if not proof:
        return Cell(None, "not asked" if container.get("running") else "does not run", "unknown" if container.get("running") else "off")
    tones: dict[bool | None, Tone] = {True: "good", False: "bad", None: "watch"}
    return Cell(str(proof.get("verdict")), tone=tones[proof.get("as_requested")])


def outlook_table(outlooks: Mapping[str, Sequence[Outlook]], reached: bool) -> Table:
    columns = (
        Column("host", "Host"),
        Column("container", "Container"),
        Column("isolation", "Isolation", kind="word"),
        Column("os_version", "Image's Windows", kind="word"),
        Column("reboot", "After the reboot", kind="text"),
        Column("revision", "After the next monthly update", kind="text"),
        Column("release", "Next release", kind="word"),
        Column("upgrade", "After the upgrade to it", kind="text"),
    )
    about = (
        "Every container that may not come back after an update of its host. A reboot needs a restart policy, a monthly update a revision that fits, "
        "an upgrade of Windows a build that fits."
    )
    rows = [_outlook(host, each) for host, found in outlooks.items() for each in found if each.troubled]
    title = "What will not start after the next host update"
    nothing = "Every container comes back." if reached else "No host was reached."
    return Table("outlook", title, about, columns, tuple(rows), nothing, calm=reached, where=("host", "container"))


def _outlook(host: str, each: Outlook) -> Row:
    upgrade = each.upgrade or Prospect("no later release is known", "off")
    return Row(
        (
            Cell(host),
            Cell(each.name),
            Cell(each.isolation or None),
            Cell(each.image_version or None),
            Cell(each.reboot.text, tone=each.reboot.tone),
            Cell(each.revision.text, tone=each.revision.tone),
            Cell(each.release or None),
            Cell(upgrade.text, tone=upgrade.tone),
        ),
        host,
    )


def images_table(hosts: Sequence[Gathered], today: date) -> Table:
    columns = (
        Column("host", "Host"),
        Column("image", "Image", kind="name"),
        Column("base", "Base", kind="words"),
        Column("os_version", "Windows", kind="word"),
        Column("newest", "Newest", kind="word"),
        Column("state", "State", kind="text"),
        Column("months", "Months behind", kind="number"),
        Column("created", "Made on", kind="word"),
        Column("size", "Size", kind="number"),
        Column("containers", "Containers"),
    )
    about = "Months behind: how many monthly releases lie between the image and the day of this report."
    newest = newest_bases(hosts)
    rows = tuple(_image(host, image, newest, today) for host in hosts for image in host.images)
    nothing = "No host that was reached has an image."
    return Table("images", "Base images and what stands on them", about, columns, rows, nothing, where=("host", "containers"))


def newest_bases(hosts: Iterable[Gathered]) -> Newest:
    """The newest revision of each base image that the fleet knows, on a host or offered to one, by family and build."""
    newest: Newest = {}
    for host in hosts:
        families = {image.get("id"): str(image["family"]) for image in host.images if image.get("family")}
        known = [(families.get(image.get("id")), image.get("os_version")) for image in host.images]
        known += [(families.get(entry.get("id")), entry.get("offered_os_version")) for entry in host.entries("updates", "images")]
        known += [(str(entry.get("base")).partition(" ")[0], entry.get("newest")) for entry in host.entries("updates", "stale")]
        for family, text in known:
            version = parsed(str(text or ""))
            if family and version and version.revision is not None:
                newest[family, version.build] = max(version.revision, newest.get((family, version.build), 0))
    return newest


def _image(host: Gathered, image: Result, bases: Newest, today: date) -> Row:
    offered = _entry(host.entries("updates", "images"), image)
    stale = _entry(host.entries("updates", "stale"), image)
    newest = _newest(image, bases) or str(offered.get("offered_os_version") or stale.get("newest") or "") or None
    behind = bool(newest and image.get("family") and newest != image.get("os_version"))
    created, size = _day(image.get("created")), image.get("size")
    return Row(
        (
            Cell(host.name),
            Cell(_name(image)),
            Cell(_base(image)),
            Cell(image.get("os_version")),
            Cell(newest),
            _standing(host, offered, stale, behind),
            Cell(months_behind(created, today) if created and behind else None),
            Cell(created.isoformat() if created else None),
            Cell(size, f"{size / 1000**2:,.0f} MB" if isinstance(size, int) else "", order=size),
            Cell(tuple(map(str, image.get("containers") or ()))),
        ),
        host.name,
    )


def _newest(image: Result, bases: Newest) -> str:
    version = parsed(str(image.get("os_version") or ""))
    revision = bases.get((str(image.get("family")), version.build)) if version else None
    return str(ImageVersion(version.build, revision)) if version and revision else ""


def _entry(entries: Iterable[Result], image: Result) -> Result:
    """What is said of an image; one tag that is behind counts more than another that is not."""
    found = [entry for entry in entries if entry.get("id") == image.get("id")]
    return next((entry for entry in found if entry.get("outdated")), found[0] if found else {})


def _standing(host: Gathered, offered: Result, stale: Result, behind: bool) -> Cell:
    if offered.get("outdated"):
        return Cell("the registry has a newer one", tone="watch")
    if stale:
        return Cell(f"built on {stale.get('base')}", tone="watch")
    if offered:
        return Cell("up to date", tone="good")
    if behind:
        return Cell("a newer one is known, and this tag will not move to it", tone="off")
    asked = bool(host.part("updates"))
    return Cell("pinned, built or loaded: nobody was asked" if asked else "not asked", tone="off" if asked else "unknown")


def _name(image: Result) -> str:
    names = [*(image.get("tags") or ()), *(image.get("digests") or ()), str(image.get("id") or "")]
    return str(names[0])


def _base(image: Result) -> str | None:
    if image.get("family"):
        return str(image["family"])
    base = image.get("base") or {}
    return f"on {base.get('family')} {base.get('os_version')}" if base else None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text or "")[:10])
    except ValueError:
        return None


def months_behind(created: date, today: date) -> int:
    """Monthly releases between two days. New base images appear on the second Tuesday of a month (windows-containers.md 2.2)."""
    first = today.replace(day=1)
    tuesday = first + timedelta(days=(1 - first.weekday()) % 7 + 7)
    months = 12 * (today.year - created.year) + today.month - created.month
    return max(0, months if today >= tuesday else months - 1)
