# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a create makes of settings that are no matter of the platform: the same on both engines."""

from __future__ import annotations

from typing import Any

import docker
import pytest
from contract.conftest import IMAGE, Side
from contract.test_types import refusal


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"StopSignal": "NONSENSE"}, "Invalid signal: NONSENSE"),
        ({"Env": ["=a"]}, "invalid environment variable: =a"),
        ({"Healthcheck": {"Test": ["CMD", "true"], "Retries": -1}}, "Retries in Healthcheck cannot be negative"),
        (
            {"HostConfig": {"LogConfig": {"Type": "json-file", "Config": {"max-siez": "1m"}}}},
            "unknown log opt 'max-siez' for json-file log driver",
        ),
        (
            {"NetworkingConfig": {"EndpointsConfig": {"none": {"IPAMConfig": {"IPv4Address": "here"}}}}},
            "invalid IPv4 address: here",
        ),
    ],
)
def test_a_setting_that_cannot_be(side: Side, body: dict[str, Any], text: str) -> None:
    host = {"NetworkMode": "none", **body.get("HostConfig", {})}
    assert refusal(side, {**body, "HostConfig": host}) == (400, text)


def test_several_networks_in_one_create(side: Side) -> None:
    status, text = refusal(side, {"NetworkingConfig": {"EndpointsConfig": {"one": {}, "two": {}}}})
    assert status == 400
    assert text in [f"Container cannot be connected to network endpoints: {names}" for names in ("one, two", "two, one")]


def test_the_images_settings_are_merged_in(side: Side) -> None:
    """Field by field of the health check; variables, labels and ports of both; the command only where none is given."""
    changes = [
        "ENV FROM_IMAGE=1",
        "LABEL of=image",
        "EXPOSE 81",
        "WORKDIR /app" if side.platform.os != "windows" else "WORKDIR C:/app",
        'HEALTHCHECK --interval=5s --retries=7 CMD ["true"]',
    ]
    base = side.api.create_container(IMAGE, ["true"])["Id"]
    side.api.commit(base, "contract/merged", "1", changes=changes)
    body = {
        "Image": "contract/merged:1",
        "Cmd": ["true"],
        "Env": ["OWN=2"],
        "Labels": {"own": "label"},
        "ExposedPorts": {"80/tcp": {}},
        "Healthcheck": {"Retries": 3},
        "HostConfig": {"NetworkMode": "none"},
    }
    made = side.api._result(side.api._post_json(side.api._url("/containers/create"), data=body), True)["Id"]
    config = side.api.inspect_container(made)["Config"]
    assert [entry for entry in config["Env"] if not entry.startswith("PATH=")] == ["OWN=2", "FROM_IMAGE=1"]
    assert config["Labels"] == {"of": "image", "own": "label"}
    assert sorted(config["ExposedPorts"]) == ["80/tcp", "81/tcp"]
    check = config["Healthcheck"]
    assert (check["Test"], check["Interval"], check["Retries"]) == (["CMD", "true"], 5_000_000_000, 3)
    side.api.remove_container(made)
    side.api.remove_container(base)
    side.api.remove_image("contract/merged:1")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max-size": "much"}, "failed to initialize logging driver: invalid size: 'much'"),
        ({"max-file": "0"}, "failed to initialize logging driver: max-file cannot be less than 1"),
        ({"max-file": "few"}, 'failed to initialize logging driver: strconv.Atoi: parsing "few": invalid syntax'),
    ],
)
def test_values_of_the_log_driver_are_read_at_the_start(side: Side, options: dict[str, str], said: str) -> None:
    made = side.create(["sleep", "60"], host={"log_config": {"Type": "json-file", "Config": options}})
    with pytest.raises(docker.errors.APIError) as caught:
        side.api.start(made)
    assert said in str(caught.value.explanation)
    assert side.api.inspect_container(made)["State"]["Status"] == "created"
    side.api.remove_container(made)
