# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prune calls remove is what the module ``prune`` works out beforehand, on both engines; and exec in a folder."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from contract.conftest import IMAGE, Side

from ansible_collections.winfleet.containers.plugins.plugin_utils.pruning import rules


def _now(side: Side) -> Any:
    return rules.moment_of(str(side.api.info()["SystemTime"]))


def test_containers(side: Side) -> None:
    side.run(["sleep", "60"], labels={"a": "1"})
    for labels in ({}, {"a": "1"}, {"a": "2", "b": ""}):
        side.create(["sleep", "60"], labels=labels)
    side.api.wait(side.run(["true"]), timeout=20)
    counts = []
    for filters in (
        {"until": ["1h"]},
        {"label": ["a"], "label!": ["b"]},
        {"label": ["a=2"]},
        {"label!": ["a"], "until": [str(time.time() + 60)]},
    ):
        going = rules.containers_to_go(side.api.containers(all=True), filters, _now(side))
        assert set(side.api.prune_containers(filters=filters)["ContainersDeleted"] or ()) == {str(row["Id"]) for row in going}
        counts.append(len(going))
    assert counts == [0, 1, 1, 2]


@pytest.fixture
def images(side: Side) -> Iterator[Side]:
    """A tagged image, one that lost its tag, and one that a container uses; each made in two steps, so nameless ones lie below."""
    for tag, line in (("1", "ENV A=1"), ("1", "ENV A=2"), ("2", "ENV A=3")):
        text = f"FROM {IMAGE}\nENV STEP={tag}\n{line}\nLABEL prune=yes\n"
        for _unused in side.api.build(fileobj=io.BytesIO(text.encode()), tag=f"contract/pruned:{tag}", rm=True):
            pass
    none = side.api.create_host_config(network_mode="none")
    side.api.create_container("contract/pruned:2", ["sleep", "60"], host_config=none)
    yield side
    for container in side.api.containers(all=True):
        side.api.remove_container(container["Id"], force=True)
    for row in side.api.images(filters={"label": "prune=yes"}):
        side.api.remove_image(row["Id"], force=True)


def test_images(images: Side) -> None:
    api = images.api
    found = []
    for filters in ({"label": ["prune=no"]}, {"label": ["prune=yes"]}, {"dangling": ["false"], "label": ["prune=yes"]}):
        going = rules.images_to_go(api.images(all=True), api.containers(all=True), filters, None)
        deleted = api.prune_images(filters=filters)["ImagesDeleted"] or ()
        assert {str(one["Deleted"]) for one in deleted if one.get("Deleted")} == {str(row["Id"]) for row in going}
        tags = {str(one["Untagged"]) for one in deleted if one.get("Untagged")}
        assert tags == {name for row in going for name in rules.tags_of(row)}
        found.append((bool(going), sorted(tags)))
    assert found == [(False, []), (True, []), (True, ["contract/pruned:1"])]


def test_volumes(side: Side) -> None:
    for name, labels in (("one", {"a": ""}), ("two", {}), ("used", {})):
        side.api.create_volume(name, labels=labels)
    side.create(["sleep", "60"], host={"binds": [f"used:{_folder(side)}"]})
    assert rules.volumes_of(side.api.containers(all=True)) == {"used"}
    for filters, expected in (({"label!": ["a"]}, {"two"}), ({"label": ["a"]}, {"one"})):
        unused = side.api.volumes(filters={"dangling": True})["Volumes"]
        assert {str(row["Name"]) for row in rules.volumes_to_go(unused, filters, anonymous_only=False)} == expected
        assert set(side.api.prune_volumes(filters=filters)["VolumesDeleted"]) == expected
    for container in side.api.containers(all=True):
        side.api.remove_container(container["Id"], force=True)
    side.api.prune_volumes()


def _folder(side: Side) -> str:
    return "/data" if side.platform.os == "linux" else "C:\\data"


def test_a_volume_in_use(side: Side) -> None:
    side.api.create_volume("used")
    user = side.create(["sleep", "60"], host={"binds": [f"used:{_folder(side)}"]})
    assert [row["Id"] for row in side.api.containers(all=True, filters={"volume": "used"})] == [user]
    with pytest.raises(docker.errors.APIError) as caught:
        side.api.remove_volume("used")
    assert (caught.value.status_code, str(caught.value.explanation)) == (409, f"remove used: volume is in use - [{user}]")
    side.api.remove_container(user)
    side.api.remove_volume("used")


def test_networks_that_the_engine_keeps_stay(side: Side) -> None:
    rows = side.api.networks()
    assert not rules.networks_to_go(rows, [], {}, None) and not side.api.prune_networks()["NetworksDeleted"]


def test_exec_in_a_folder(side: Side) -> None:
    container = side.run(["sleep", "60"])
    client = side.hijacking()
    instance = client.exec_create(container, ["pwd"], workdir="/bin")["Id"]
    assert client.exec_start(instance) == b"/bin\n"
