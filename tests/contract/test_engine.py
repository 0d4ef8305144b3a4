# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both engines say about themselves and their images."""

from __future__ import annotations

import docker
import pytest
from contract.conftest import IMAGE, VERSION, Side
from contract.real_engine import busybox_tar
from contract.test_refusals import ask


def test_ping_and_its_headers(side: Side) -> None:
    status, text, headers = ask(side, "GET", "/_ping")
    assert (status, text) == (200, "OK")
    assert (headers["Api-Version"], headers["Ostype"], headers["Docker-Experimental"]) == ("1.41", side.platform.os, "false")
    assert headers["Server"].startswith(f"Docker/{VERSION}")


def test_ping_by_head(side: Side) -> None:
    status, text, headers = ask(side, "HEAD", "/_ping")
    assert (status, text, headers["Api-Version"]) == (200, "", "1.41")


def test_version(side: Side) -> None:
    version = side.api.version()
    assert version["Version"].startswith(VERSION)
    assert (version["ApiVersion"], version["Os"], version["Arch"]) == ("1.41", side.platform.os, "amd64")
    assert version["Components"][0]["Name"] == "Engine"


@pytest.mark.parametrize("api", ["1.24", "1.30", "1.41"])
def test_an_older_api(side: Side, api: str) -> None:
    client = docker.APIClient(base_url=f"unix://{side.socket}", version=api)
    assert client.version()["ApiVersion"] == "1.41"
    client.close()


def test_negotiation(side: Side) -> None:
    client = docker.APIClient(base_url=f"unix://{side.socket}", version="auto")
    assert client.api_version == "1.41"
    client.close()


def test_info(side: Side) -> None:
    info = side.api.info()
    assert (info["OSType"], info["Architecture"], info["Driver"]) == (side.platform.os, "x86_64", side.platform.driver)
    assert info["ServerVersion"].startswith(VERSION)
    assert info["Images"] >= 1
    assert (info["Isolation"] in ("process", "hyperv")) == side.platform.has_isolation
    assert info["LiveRestoreEnabled"] is False


def test_info_counts_containers(side: Side) -> None:
    side.run(["sleep", "60"])
    side.create(["true"])
    info = side.api.info()
    assert (info["Containers"], info["ContainersRunning"], info["ContainersStopped"]) == (2, 1, 1)


def test_an_imported_image(side: Side) -> None:
    image = side.api.inspect_image(IMAGE)
    assert image["RepoTags"] == [IMAGE]
    assert image["RepoDigests"] == []
    assert (image["Os"], image["Architecture"]) == (side.platform.os, "amd64")
    assert image["Size"] == image["VirtualSize"]
    assert len(image["RootFS"]["Layers"]) == 1
    assert not image.get("OsVersion")


def test_image_list(side: Side) -> None:
    row = next(row for row in side.api.images() if row["RepoTags"] == [IMAGE])
    assert row["Id"] == side.api.inspect_image(IMAGE)["Id"]
    assert {"Id", "ParentId", "RepoTags", "RepoDigests", "Created", "Size", "VirtualSize", "SharedSize", "Labels", "Containers"} <= set(row)
    assert [one["Id"] for one in side.api.images("contract/busybox")] == [row["Id"]]
    assert side.api.images("contract/other") == []


def test_find_by_short_id(side: Side) -> None:
    id_ = side.api.inspect_image(IMAGE)["Id"]
    assert side.api.inspect_image(id_)["Id"] == id_
    assert side.api.inspect_image(id_.removeprefix("sha256:")[:12])["Id"] == id_


def test_tag_and_untag(side: Side) -> None:
    assert side.api.tag(IMAGE, "contract/second", "x") is True
    assert side.api.inspect_image("contract/second:x")["RepoTags"] == sorted([IMAGE, "contract/second:x"])
    assert side.api.remove_image("contract/second:x") == [{"Untagged": "contract/second:x"}]
    assert side.api.inspect_image(IMAGE)["RepoTags"] == [IMAGE]


def test_remove_the_last_name(side: Side) -> None:
    side.api.import_image_from_data(busybox_tar() + b"\0" * 512, repository="contract/gone", tag="1")
    id_ = side.api.inspect_image("contract/gone:1")["Id"]
    answer = side.api.remove_image("contract/gone:1")
    assert answer[0] == {"Untagged": "contract/gone:1"}
    assert {"Deleted": id_} in answer


def test_save_and_load(side: Side) -> None:
    saved = b"".join(side.api.get_image(IMAGE))
    lines = list(side.api.load_image(saved))
    assert lines[-1] == {"stream": f"Loaded image: {IMAGE}\n"}


def test_history(side: Side) -> None:
    assert side.api.history(IMAGE)[0]["Id"] == side.api.inspect_image(IMAGE)["Id"]


def test_volumes(side: Side) -> None:
    made = side.api.create_volume("data", labels={"a": "b"})
    assert (made["Name"], made["Driver"], made["Scope"], made["Labels"]) == ("data", "local", "local", {"a": "b"})
    assert side.api.inspect_volume("data")["Mountpoint"] == made["Mountpoint"]
    assert [one["Name"] for one in side.api.volumes()["Volumes"]] == ["data"]
    assert side.api.remove_volume("data") is None
    assert not side.api.volumes()["Volumes"]


def test_the_network_none(side: Side) -> None:
    network = side.api.inspect_network("none")
    assert (network["Name"], network["Driver"], network["Scope"]) == ("none", "null", "local")
    assert len(network["Id"]) == 64
    assert network["Id"] in [one["Id"] for one in side.api.networks()]
