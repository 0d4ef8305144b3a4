# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress of a pull."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.images.pull import PullProgress
from ansible_collections.winfleet.containers.plugins.plugin_utils.sizes import human_size


def _message(layer: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    return {"id": layer, "status": status, "progressDetail": {"current": current, "total": total} if total else {}}


def test_lines_tell_how_far_it_is() -> None:
    progress = PullProgress("nano:1")
    lines = [progress.feed({"status": "Pulling from windows/nanoserver", "id": "ltsc2022"})]
    lines += [progress.feed(_message("a", "Already exists")), progress.feed(_message("b", "Pulling fs layer"))]
    lines += [progress.feed(_message("b", "Downloading", done, 100_000_000)) for done in range(0, 100_000_001, 1_000_000)]
    lines += [progress.feed(_message("b", status)) for status in ("Verifying Checksum", "Download complete")]
    lines += [progress.feed(_message("b", "Extracting", done, 100)) for done in range(101)]
    lines += [progress.feed(_message("b", "Pull complete")), progress.feed({"status": "Digest: sha256:0"})]
    shown = [line for line in lines if line]
    assert "pull nano:1: 60 %, 40 MB of 100 MB downloaded, 1 of 2 layers ready" in shown
    assert shown[-1] == "pull nano:1: 100 %, 100 MB of 100 MB downloaded, 2 of 2 layers ready"


def test_the_rate_is_that_of_the_download() -> None:
    now = [0.0]
    progress = PullProgress("nano:1", clock=lambda: now[0])
    shown = []
    for second in range(11):
        now[0] = float(second)
        shown.append(progress.feed(_message("a", "Downloading", second * 10_000_000, 100_000_000)))
    assert shown[4] == "pull nano:1: 20 %, 40 MB of 100 MB downloaded, 10 MB/s, 0 of 1 layers ready"
    progress.feed(_message("a", "Download complete"))
    assert "/s" not in progress.line(), "unpacking has no rate"


def test_layers_that_are_there_need_no_line() -> None:
    progress = PullProgress("nano:1")
    assert progress.feed(_message("a", "Already exists")) is None
    assert progress.feed({"status": "Status: Image is up to date for nano:1"}) is None


def test_layers_that_become_known_late_count() -> None:
    progress = PullProgress("nano:1")
    assert progress.feed(_message("a", "Downloading", 90, 100)) == "pull nano:1: 45 %, 90 B of 100 B downloaded, 0 of 1 layers ready"
    for layer in "bcdefgh":
        progress.feed(_message(layer, "Waiting"))
    assert progress.feed(_message("b", "Downloading", 100, 100)) == "pull nano:1: 11 %, 190 B of 200 B downloaded, 0 of 8 layers ready"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (120_400_000, "120 MB"), (4_841_309_825, "4.8 GB"), (12_000_000_000, "12.0 GB")]
)
def test_sizes(count: int, text: str) -> None:
    assert human_size(count) == text
