# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules ``container_info`` and ``image_info`` on simulated hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.info import ContainerInfo
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.info import ImageInfo

from .conftest import HYPERV, IMAGE, NANO, PING, Done, Site

Start = Callable[..., Site]
OLD = f"{NANO}:ltsc2019"


def _containers(where: Site, **options: Any) -> Done:
    defaults = {"name": None, "filters": None, "inspect": False, "logs": None, "engine_pipe": "docker_engine"}
    return where.run(lambda remote: ContainerInfo(remote, {**defaults, **options}))


def _images(where: Site, **options: Any) -> Done:
    return where.run(lambda remote: ImageInfo(remote, {"name": None, "filters": None, "engine_pipe": "docker_engine", **options}))


def test_containers_by_name_by_filter_and_all(site: Start) -> None:
    where = site(**HYPERV)
    assert _containers(where).result == {"exists": False, "containers": []}
    assert not where.container(image=IMAGE, command=PING, env={"TOKEN": "s3cret"}).error
    assert not where.container(name="old", image=OLD, isolation="hyperv", state="stopped").error
    container = where.there()
    assert container is not None

    one = _containers(where, name=["web"], inspect=True).result
    assert (one["exists"], one["missing"], one["container"]["id"]) == (True, [], container.id)
    assert one["container"]["inspect"]["HostConfig"]["Isolation"] == one["container"]["isolation"] == "process"
    assert "TOKEN" in one["container"]["env"] and "TOKEN" in str(one["container"]["inspect"]["Config"]["Env"])
    assert "s3cret" not in str(one)

    two = _containers(where, name=["web", "old", "nobody"]).result
    assert (two["exists"], two["missing"], two["container"]) == (False, ["nobody"], None)
    assert [entry["name"] for entry in two["containers"]] == ["old", "web"]

    assert _containers(where, name=[container.id[:12]]).result["container"]["name"] == "web"
    assert not _containers(where, name=[container.id[:4]]).result["exists"], "a name is no beginning of an id"
    assert [entry["name"] for entry in _containers(where).result["containers"]] == ["old", "web"]
    assert [entry["name"] for entry in _containers(where, filters={"isolation": "hyperv"}).result["containers"]] == ["old"]
    refused = _containers(where, filters={"isolatoin": "hyperv"}).error
    assert 'the unknown filter "isolatoin". Did you mean "isolation"?' in refused


def test_the_last_words_of_containers(site: Start) -> None:
    where = site()
    for name, driver in (("crashed", None), ("silent", "none")):
        assert not where.container(name=name, image=IMAGE, command="cmd /c echo one& echo two& echo three& exit 3", log_driver=driver).error
    found = _containers(where, filters={"status": "exited"}, logs=2).result["containers"]
    assert [(entry["name"], entry["exit_code"], (entry["logs"] or "").split()) for entry in found] == [
        ("crashed", 3, ["two", "three"]),
        ("silent", 3, []),
    ]
    assert found[1]["logs"] is None
    assert "logs" not in _containers(where, name=["crashed"]).result["container"]
    assert "the option logs is 0. Give a number of lines, 1 or more." in _containers(where, logs=0).error


def test_images_with_their_base_their_containers_and_what_this_host_can_do(site: Start) -> None:
    where = site(**HYPERV)
    assert not where.container(image=IMAGE, command=PING).error
    assert not where.container(name="old", image=OLD, isolation="hyperv", state="stopped").error

    seen = {entry["tags"][0]: entry for entry in _images(where).result["images"]}
    assert {name: (entry["family"], entry["release"], entry["containers"]) for name, entry in seen.items()} == {
        IMAGE: ("nanoserver", "ltsc2022", ["web"]),
        OLD: ("nanoserver", "ltsc2019", ["old"]),
    }
    assert [seen[IMAGE]["isolation"][mode]["possible"] for mode in ("process", "hyperv")] == [True, True]
    assert [seen[OLD]["isolation"][mode]["possible"] for mode in ("process", "hyperv")] == [False, True]
    assert "needs an image of the same build" in seen[OLD]["isolation"]["process"]["reason"]

    named = _images(where, name=[IMAGE, "nothing:1"]).result
    assert (named["exists"], named["missing"], [entry["id"] for entry in named["images"]]) == (False, ["nothing:1"], [seen[IMAGE]["id"]])
    assert not _images(where, filters={"dangling": True}).result["images"]
