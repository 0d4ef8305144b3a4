# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of known archives."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.releases import accepted_checksums, official_url, table

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
