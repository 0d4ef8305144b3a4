# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Support, licences, minimums and updates, as data."""

from __future__ import annotations

from datetime import date

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.host.prerequisites import (
    Update,
    container_time_zones,
    facts,
    relevant_updates,
    support,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import facts as compatibility


@pytest.mark.parametrize(
    ("product", "build", "sku", "today", "verdict", "phase", "words"),
    [
        ("server", 14393, 7, "2026-11-24", "yes", "extended", "ends on 2027-01-12"),
        ("server", 14393, 7, "2027-01-12", "unknown", "unknown", "sources disagree"),
        ("server", 14393, 7, "2027-01-13", "unknown", "ended", "paid extended security updates go on until 2030-01-12"),
        ("server", 14393, 7, "2030-01-13", "no", "ended", "ended on 2027-01-12"),
        ("server", 17763, 7, "2026-11-24", "yes", "extended", "ends on 2029-01-09"),
        ("server", 17763, 146, "2026-11-24", "no", "ended", "ended on 2020-11-10"),
        ("server", 19042, 145, "2026-11-24", "no", "ended", "ended on 2022-08-09"),
        ("server", 20348, 7, "2026-10-13", "yes", "mainstream", "ends on 2031-10-14"),
        ("server", 20348, 7, "2026-10-14", "yes", "extended", "ends on 2031-10-14"),
        ("server", 25398, 145, "2026-05-01", "unknown", "unknown", "sources disagree"),
        ("server", 25398, 145, "2026-11-24", "no", "ended", "ended on 2026-05-12"),
        ("server", 26100, 8, "2034-10-31", "unknown", "unknown", "sources disagree"),
        ("server", 99999, 7, "2026-11-24", "unknown", "unknown", "no source"),
        ("workstation", 26100, 48, "2026-10-13", "yes", "mainstream", "ends on 2026-10-13"),
        ("workstation", 26100, 48, "2026-11-24", "no", "ended", "ended on 2026-10-13"),
        ("workstation", 26100, 4, "2026-11-24", "yes", "mainstream", "ends on 2027-10-12"),
        ("workstation", 26100, 125, "2028-01-01", "yes", "mainstream", "ends on 2029-10-09"),
        ("workstation", 26100, 4242, "2026-11-24", "unknown", "unknown", "depending on the edition"),
        ("workstation", 26100, 4242, "2026-01-01", "yes", "mainstream", "ends on 2026-10-13"),
        ("workstation", 22631, 125, "2026-11-24", "unknown", "unknown", "in this edition"),
        ("workstation", 19045, 48, "2026-11-24", "unknown", "ended", "the host does not tell whether it has them"),
        ("workstation", 19045, None, "2028-10-11", "no", "ended", "ended on 2025-10-14"),
    ],
)
def test_support(product: str, build: int, sku: int | None, today: str, verdict: str, phase: str, words: str) -> None:
    found = support(HostVersion(build, 1, product), sku, date.fromisoformat(today))  # type: ignore[arg-type]
    assert (found.verdict, found.phase) == (verdict, phase), found
    assert words in found.reason


def test_the_days_that_are_left() -> None:
    found = support(HostVersion(20348, 1, "server"), 7, date(2031, 10, 13))
    assert (found.days_left, found.end, found.mainstream_end) == (1, date(2031, 10, 14), date(2026, 10, 13))


def test_every_release_that_is_known_has_its_dates() -> None:
    hosts = compatibility()["hosts"]
    assert {row["build"] for row in hosts["server"]} == set(facts()["servers"])
    assert {row["build"] for row in hosts["workstation"]} == set(facts()["clients"])


@pytest.mark.parametrize(
    ("build", "revision", "listed", "installed"),
    [
        (17763, 8880, (), ["yes", "yes", "yes"]),
        (17763, 1039, (), ["yes", "yes", "no"]),
        (17763, 100, ("KB4489899",), ["yes", "no", "no"]),
        (17763, None, None, ["unknown", "unknown", "unknown"]),
        (14393, 1000, (), ["no"]),
        (20348, 1, (), []),
    ],
)
def test_updates(build: int, revision: int | None, listed: tuple[str, ...] | None, installed: list[str]) -> None:
    assert [update.installed for update in relevant_updates(HostVersion(build, revision, "server"), listed)] == installed


def test_an_update_says_what_for() -> None:
    assert relevant_updates(HostVersion(14393, 8868, "server"), ()) == (Update("KB4015217", 1066, "overlay networks", "yes"),)


@pytest.mark.parametrize(
    ("build", "revision", "answer"),
    [
        (14393, 8868, "no"),
        (17763, 1934, "no"),
        (17763, 1935, "yes"),
        (17763, None, "unknown"),
        (18363, 1, "no"),
        (19042, 985, "yes"),
        (19045, 6456, "unknown"),
        (20348, 1, "yes"),
        (26100, 1, "yes"),
    ],
)
def test_time_zones(build: int, revision: int | None, answer: str) -> None:
    assert container_time_zones(HostVersion(build, revision, "server")) == answer
