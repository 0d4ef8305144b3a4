# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images built on each other: which are listed, which can go, and what goes along with them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from contract.conftest import IMAGE, Side
from docker.errors import APIError

BUILT = "contract/family:1"


@pytest.fixture
def built(side: Side) -> Iterator[str]:
    """An image of two steps upon the base; its id."""
    dockerfile = f"FROM {IMAGE}\nENV STEP=one\nLABEL step=two\n".encode()
    list(side.api.build(fileobj=io.BytesIO(dockerfile), tag=BUILT, rm=True, decode=True))
    yield str(side.api.inspect_image(BUILT)["Id"])
    if side.api.images(BUILT):
        side.api.remove_image(BUILT)


def test_steps_are_listed_only_when_asked_for(side: Side, built: str) -> None:
    step = side.api.inspect_image(built)["Parent"]
    listed, everything = ({one["Id"] for one in side.api.images(all=wide)} for wide in (False, True))
    assert built in listed and step not in listed and {built, step} <= everything
    assert step not in {one["Id"] for one in side.api.images(filters={"dangling": True})}


def test_pruning_spares_what_others_stand_on(side: Side, built: str) -> None:
    step = side.api.inspect_image(built)["Parent"]
    side.api.prune_images({"dangling": True})
    assert side.api.inspect_image(step)["Id"] == step


def test_an_image_others_stand_on_cannot_go_by_its_id(side: Side, built: str) -> None:
    step = side.api.inspect_image(built)["Parent"]
    with pytest.raises(APIError, match=r"\(cannot be forced\) - image has dependent child images") as refused:
        side.api.remove_image(step, force=True)
    assert refused.value.status_code == 409


def test_the_steps_go_with_the_image(side: Side, built: str) -> None:
    step = side.api.inspect_image(built)["Parent"]
    gone = side.api.remove_image(BUILT)
    assert [next(iter(one)) for one in gone] == ["Untagged", "Deleted", "Deleted"]
    assert [one["Deleted"] for one in gone[1:]] == [built, step]
    assert side.api.inspect_image(IMAGE)["RepoTags"] == [IMAGE]


def test_the_history_tells_every_step(side: Side, built: str) -> None:
    rows = side.api.history(built)
    assert rows[0]["Id"] == built and rows[0]["Tags"] == [BUILT] and rows[0]["Size"] == 0 and rows[0]["Created"] > 0
    assert "step=two" in rows[0]["CreatedBy"] and "STEP=one" in rows[1]["CreatedBy"]
