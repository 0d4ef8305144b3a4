# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``image`` on simulated hosts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import IMAGE, NANO, PING, Site

Start = Callable[..., Site]
HELLO = "hello-world:nanoserver"


def test_an_image_is_pulled_named_moved_and_removed(site: Start) -> None:
    where = site()
    done = where.image(name=IMAGE, tags=["example/base:1"])
    assert done.actions == ["pull", "tag"] and done.result["image"]["tags"] == ["example/base:1", IMAGE], done.error
    requests = len(where.requests())
    assert not where.image(name=IMAGE, tags=["example/base:1"]).changed
    assert not any("distribution" in request for request in where.requests()[requests:]), "pull: missing asks no registry"
    identifier = done.result["image"]["id"]
    by_id = where.image(name=identifier, source="local", tags=["example/base:previous", "example/base:1"])
    assert by_id.actions == ["tag"] and by_id.plan.differences[0].name == "example/base:previous", by_id.error
    gone = where.image(name="example/base:1", state="absent")
    assert gone.actions == ["remove_name"] and gone.result["removed"] == ["example/base:1"], gone.error
    assert not where.image(name="example/base:1", state="absent").changed
    assert where.image(name=identifier, state="absent", force=True).changed
    assert where.engine.state.images.images == {}


def test_a_name_is_taken_from_another_image(site: Start) -> None:
    where = site()
    where.image(name=f"{NANO}:10.0.20348.1487", tags=["example/base:1"])
    done = where.image(name=IMAGE, tags=["example/base:1"])
    difference = done.plan.differences[-1]
    assert done.actions == ["pull", "tag"] and difference.before and difference.before != done.result["image"]["id"], done.error
    assert not where.image(name=IMAGE, tags=["example/base:1"]).changed


def test_a_tag_that_moves_is_followed_only_where_asked(site: Start) -> None:
    where = site()
    where.image(name=IMAGE)

    def move() -> None:
        tags = where.engine.registry.repositories[NANO]
        tags["ltsc2022"] = tags["10.0.20348.1487"]

    where.fleet.call(move)
    assert not where.image(name=IMAGE).changed
    done = where.image(name=IMAGE, pull="always")
    assert done.changed and done.result["image"]["os_version"] == "10.0.20348.1487", done.error
    assert not where.image(name=IMAGE, pull="always").changed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "No/Reference"}, "is not an image reference"),
        ({"name": "sha256:" + "0" * 64}, "cannot be pulled by its id"),
        ({"name": "example/none:1"}, "the registry has no "),
        ({"name": "example/none:1", "pull": "never"}, "pull: never forbids"),
        ({"name": "example/none:1", "source": "local"}, "source: local says"),
        ({"name": f"{NANO}:ltsc2025"}, "a newer image never runs on an older host, in either isolation mode"),
        ({"name": IMAGE, "tags": ["x@sha256:" + "0" * 64]}, "is not a repository and tag"),
        ({"name": "MCR/x"}, "it is not an image reference"),
        ({"name": "app:1", "path": "/app.tar"}, "the option path goes with source: load, and source is pull. Set source: load"),
    ],
)
def test_refusals_come_before_anything_is_touched(site: Start, options: dict[str, object], said: str) -> None:
    where = site()
    done = where.image(**options)
    assert said in done.error and done.error.startswith("Cannot "), done.error
    assert [request for request in where.requests() if request.startswith("POST")] == []


def test_an_application_is_judged_before_the_pull(site: Start) -> None:
    where = site(profile="server-2025", engine="29.4.3")
    done = where.image(name=HELLO, check=True)
    assert done.error == "" and done.result["image"]["isolation"]["hyperv"]["possible"]
    chosen = [one for one in done.result["candidates"] if one["chosen"]]
    assert len(chosen) == 1 and chosen[0]["os_version"] == done.result["image"]["os_version"]


def test_an_image_of_a_stopped_container_goes_only_by_force(site: Start) -> None:
    where = site()
    where.container(image=IMAGE, command=PING)
    where.container(image=IMAGE, command=PING, state="stopped")
    assert "containers use it: web" in where.image(name=IMAGE, state="absent").error
    assert where.image(name=IMAGE, state="absent", force=True).changed
