# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any wanted image, one after the other on one host: foretold, done, and done again without a change."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import IMAGE, NANO, PING, Site

Start = Callable[..., Site]
NAMES = [IMAGE, f"{NANO}:1809", f"{NANO}:10.0.20348.1487", "example/base:1", "hello-world:nanoserver", "example/none:1"]
TAGS = ["example/base:1", "example/base:2"]


def _image(chance: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {"name": chance.choice(NAMES), "state": chance.choice(["present", "present", "absent"])}
    options["source"] = chance.choice(["pull", "pull", "local"])
    options["pull"] = chance.choice(["missing", "always", "never"])
    options["tags"] = chance.sample(TAGS, chance.randint(0, 2))
    options["force"] = chance.random() < 0.2
    return options


def _base_image(chance: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {"release": chance.choice(["auto", "1809", "10.0.20348.1487"]), "keep": chance.choice([None, 1, 2])}
    options["pull"] = chance.choice(["missing", "always"])
    options["state"] = chance.choice(["present", "present", "present", "absent"])
    return options


@pytest.mark.parametrize(("seed", "engine"), [(1, "20.10.24"), (2, "29.4.3")])
def test_any_image_is_foretold_done_and_then_left_alone(site: Start, seed: int, engine: str) -> None:
    where, chance = site(engine=engine), random.Random(seed)
    assert where.container(image=IMAGE, command=PING).error == ""
    for _round in range(12):
        work, options = (where.image, _image(chance)) if chance.random() < 0.6 else (where.base_image, _base_image(chance))
        predicted, done = work(check=True, **options), work(**options)
        assert (predicted.actions, predicted.error) == (done.actions, done.error), options
        if done.error:
            assert done.error.startswith("Cannot ") and not done.changed, done.error
            continue
        again = work(**options)
        assert not again.changed and again.error == "", (options, again)
        assert again.result["image"] == done.result["image"], options
        assert (done.result["image"]["id"] is None) == (options["state"] == "absent")
    container = where.there()
    assert container is not None and container.image.id in where.engine.state.images.images, "what a container uses is never removed"
