# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prune calls remove, worked out beforehand: the filters, and which images go with others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.pruning import rules

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24h", "2026-11-23T12:00:00+00:00"),
        ("1h30m", "2026-11-24T10:30:00+00:00"),
        ("1.5h", "2026-11-24T10:30:00+00:00"),
        ("2026-11-20", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20T01:02:03", "2026-11-20T01:02:03+00:00"),
        ("2026-11-20T01:02:03.123456789+02:00", "2026-11-20T01:02:03.123456+02:00"),
        ("2026-11-20T01:02:03Z", "2026-11-20T01:02:03+00:00"),
        ("1763596800", "2025-11-20T00:00:00+00:00"),
    ],
)
def test_until(text: str, moment: str) -> None:
    assert rules.until({"until": [text]}, NOW) == datetime.fromisoformat(moment)
    rules.until({"until": [text]}, None)


@pytest.mark.parametrize("values", [["yesterday"], ["24"], ["1h", "2h"], ["1d"]])
def test_a_bad_until_is_refused(values: list[str]) -> None:
    if values == ["24"]:
        assert rules.until({"until": values}, NOW) == datetime(1970, 1, 1, 0, 0, 24, tzinfo=UTC), "seconds, as the engine reads it"
        return
    with pytest.raises(OptionError, match="the filter until is"):
        rules.until({"until": values}, None)


@pytest.mark.parametrize(
    ("filters", "labels", "goes"),
    [
        ({}, {}, True),
        ({"label": ["a"]}, {"a": "b"}, True),
        ({"label": ["a=b", "c"]}, {"a": "b"}, False),
        ({"label": ["a=x"]}, {"a": "b"}, False),
        ({"label!": ["keep"]}, {"keep": ""}, False),
        ({"label!": ["keep"]}, None, True),
        ({"label!": ["a", "b"]}, {"a": ""}, True),  # all of them would have to be there
    ],
)
def test_labels(filters: dict[str, list[str]], labels: dict[str, str] | None, goes: bool) -> None:
    assert rules.accepts(filters, NOW)(labels, NOW) is goes


def _image(name: str, parent: str = "", tags: list[str] | None = None) -> dict[str, Any]:
    return {"Id": name, "ParentId": parent, "RepoTags": tags or [], "RepoDigests": [], "Created": 0, "Labels": None}


IMAGES = [
    _image("app", "step2", ["app:1"]),
    _image("old", "step2"),
    _image("alone", "step1"),
    _image("step2", "base"),
    _image("step1", "base"),
]
IMAGES.append(_image("base", "", ["base:1"]))


@pytest.mark.parametrize(
    ("filters", "used", "gone"),
    [
        ({}, [], ["alone", "old", "step1"]),  # step2 is what app stands on
        ({}, ["old"], ["alone", "step1"]),
        ({"dangling": ["false"]}, [], ["alone", "app", "base", "old", "step1", "step2"]),
        ({"dangling": ["false"]}, ["app"], ["alone", "old", "step1"]),
        ({"dangling": ["true"], "until": ["2026-01-01"]}, [], ["alone", "old", "step1"]),
    ],
)
def test_images(filters: dict[str, list[str]], used: list[str], gone: list[str]) -> None:
    containers = [{"ImageID": name} for name in used]
    assert sorted(str(row["Id"]) for row in rules.images_to_go(IMAGES, containers, filters, NOW)) == gone
