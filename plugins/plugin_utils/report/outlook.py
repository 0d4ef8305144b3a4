# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a host's containers will start after the next update of the host. Pure.

Three things come with an update. A reboot: only a restart policy brings a container back (docker-on-windows.md, table of what works as on
Linux). A new revision: Windows Server 2016 starts process-isolated containers of its own revision only, and build 17763 has the break of
2020-02-11 (windows-containers.md 3.2). A new build, when Windows itself is upgraded: the rules of build and window (3.1 and 3.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..errors import OptionError
from ..host.prerequisites import support
from ..images.compatibility import HostVersion, ImageVersion, Mode, facts, isolation_modes, release_name
from .gathered import Gathered, Result
from .table import Tone


@dataclass(frozen=True)
class Prospect:
    """What becomes of a container, and in which tone to say it."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class Outlook:
    """One container's prospects.

    Attributes:
        reboot: After the reboot that comes with any update.
        revision: After the next cumulative update.
        upgrade: After an upgrade of Windows; None where no later release is known.
        release: The release that ``upgrade`` speaks of.
    """

    name: str
    isolation: str
    image_version: str
    reboot: Prospect
    revision: Prospect
    upgrade: Prospect | None
    release: str

    @property
    def troubled(self) -> bool:
        return any(each is not None and each.tone in ("bad", "watch", "unknown") for each in (self.reboot, self.revision, self.upgrade))


def outlooks(host: Gathered, today: date) -> tuple[Outlook, ...]:
    """The prospects of every container of a host."""
    version = host.version
    if version is None:
        return ()
    updated, upgraded = after_update(version, host), next_release(version, today)
    return tuple(_outlook(host, container, version, updated, upgraded) for container in host.containers)


def _outlook(host: Gathered, container: Result, now: HostVersion, updated: HostVersion, upgraded: HostVersion | None) -> Outlook:
    version, isolation = host.image_version(container), str(container.get("isolation") or "")
    return Outlook(
        str(container["name"]),
        isolation,
        version,
        _after_reboot(container),
        _revision(version, isolation, now, updated),
        _fits(version, isolation, upgraded, "watch") if upgraded else None,
        release_name(upgraded) if upgraded else "",
    )


def _after_reboot(container: Result) -> Prospect:
    policy = str(container.get("restart_policy") or "no")
    if not container.get("running"):
        return Prospect("does not run now", "off")
    if policy == "no":
        return Prospect("stays stopped: it has no restart policy", "watch")
    if policy == "on-failure":
        return Prospect("may stay stopped: its policy restarts it only after a failure", "watch")
    return Prospect(f"comes back by its policy {policy}", "good")


def after_update(host: HostVersion, gathered: Gathered) -> HostVersion:
    """The host after its next cumulative update: no older than the newest image of its build, which appear together (windows-containers.md 2.2)."""
    if host.revision is None:
        return host
    known = [revision for revision in _revisions(host.build, gathered) if revision > host.revision]
    baseline = int(facts()["rules"]["baseline_2020_02"].get(host.build) or 0)
    return HostVersion(host.build, max(host.revision + 1, baseline, *known), host.product_type)


def _revisions(build: int, gathered: Gathered) -> Iterable[int]:
    texts = [image.get("os_version") for image in gathered.images]
    texts += [entry.get("offered_os_version") for entry in gathered.entries("updates", "images")]
    for text in texts:
        version = parsed(str(text or ""))
        if version and version.build == build and version.revision is not None:
            yield version.revision


def next_release(host: HostVersion, today: date) -> HostVersion | None:
    """The next release that a host can be upgraded to: the next long-term one for servers, one that is still supported for clients."""
    for row in facts()["hosts"][host.product_type]:
        later = HostVersion(row["build"], None, host.product_type)
        if row["build"] > host.build and row.get("channel", "ltsc") == "ltsc" and support(later, None, today).verdict != "no":
            return later
    return None


def parsed(text: str) -> ImageVersion | None:
    """A Windows version; None for what is none."""
    try:
        return ImageVersion.parse(text)
    except OptionError:
        return None


def _revision(version: str, isolation: str, now: HostVersion, updated: HostVersion) -> Prospect:
    if now.build in facts()["rules"]["equal_revision_builds"] and isolation == "process":
        image = parsed(version)
        if now.revision is None:
            return Prospect("unknown: the host's revision could not be read", "unknown")
        if image and image.build == now.build and image.revision is not None and image.revision != updated.revision:
            return Prospect(
                f"does not start: build {now.build} needs equal revisions, and the image keeps {image.revision}; Hyper-V isolation still runs it",
                "bad",
            )
    return _fits(version, isolation, updated, "bad")


def _fits(version: str, isolation: str, host: HostVersion, refused: Tone) -> Prospect:
    image = parsed(version)
    if image is None:
        return Prospect("unknown: the image does not tell its Windows version", "unknown")
    modes = isolation_modes(host, image)
    mode: Mode = modes.of(isolation)
    if mode.allowed:
        return Prospect(f"may fail: {mode.warnings[0]}", "watch") if mode.warnings else Prospect("starts", "good")
    instead = "; Hyper-V isolation still runs it" if isolation == "process" and modes.hyperv.allowed else ""
    return Prospect(f"does not start: {mode.reason}{instead}", refused)
