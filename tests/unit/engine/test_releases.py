# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of known archives."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.releases import (
    accepted_checksums,
    official_url,
    parse_range,
    table,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

FACTS = Path(os.environ.get("WINFLEET_FACTS", Path(__file__).parents[4] / "shared" / "facts"))
RECORDED = FACTS / "docker" / "windows-zip-checksums.json"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded facts are not here")
def test_the_table_is_the_recorded_one() -> None:
    versions = json.loads(RECORDED.read_text(encoding="utf-8"))["versions"]
    date, known = table()
    assert known == {version: tuple(entry["sha256"]) for version, entry in versions.items()}
    assert {version: official_url(version) for version in known} == {version: entry["url"] for version, entry in versions.items()}
    assert date == max(day for entry in versions.values() for day in entry["seen"])


def test_a_release_published_twice_has_both_sums() -> None:
    assert len(accepted_checksums("27.5.0", None)) == 2


def test_a_given_sum_wins() -> None:
    assert accepted_checksums("27.5.0", "AB" * 32) == ("ab" * 32,)


KNOWN = ("20.10.23", "24.0.9", "28.5.1", "28.5.2", "29.7.2")


@pytest.mark.parametrize(
    ("text", "installed", "upgrade", "chosen"),
    [
        ("28", None, False, "28.5.2"),
        ("28", "28.0.1", False, "28.0.1"),
        ("28", "28.0.1", True, "28.5.2"),
        ("28", "28.9.9", True, "28.9.9"),
        ("28", "29.7.2", False, "28.5.2"),
        ("28.5", None, False, "28.5.2"),
        (">=24,<29", None, False, "28.5.2"),
        (">28", None, False, "29.7.2"),
        ("<=28", None, False, "28.5.2"),
        (">=28.5, !=28.5.2, <29", None, False, "28.5.1"),
        ("latest", "28.5.1", False, "29.7.2"),
        ("27", None, False, None),
        ("28.5.1", "28.5.2", False, "28.5.1"),
        ("==28.5.1", "28.5.2", False, "28.5.1"),
    ],
)
def test_a_range_chooses(text: str, installed: str | None, upgrade: bool, chosen: str | None) -> None:
    assert parse_range(text).choose(KNOWN, installed, upgrade=upgrade) == chosen


@pytest.mark.parametrize("text", ["", "newest", "28.x", "~28", ">=", "28,29", "28.5.2.1"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="neither a version nor a range"):
        parse_range(text)
