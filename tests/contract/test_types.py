# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of a wrong type in the body of a create: refused in the same words by both engines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract.conftest import IMAGE, Side
from contract.test_refusals import ask


def refusal(side: Side, body: dict[str, Any]) -> tuple[int, str]:
    status, answer, _headers = ask(side, "POST", "/containers/create", {"Image": IMAGE, "Cmd": ["true"], **body})
    return status, json.loads(answer)["message"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"Cmd": 5}, "number into Go struct field ContainerConfigWrapper.Cmd of type string"),
        ({"Env": {"a": 1}}, "object into Go struct field ContainerConfigWrapper.Env of type []string"),
        ({"Env": [1]}, "number into Go struct field ContainerConfigWrapper.Env of type string"),
        ({"Labels": ["a"]}, "array into Go struct field ContainerConfigWrapper.Labels of type map[string]string"),
        ({"Tty": "yes"}, "string into Go struct field ContainerConfigWrapper.Tty of type bool"),
        ({"HostConfig": []}, "array into Go struct field ContainerConfigWrapper.HostConfig of type container.HostConfig"),
        ({"HostConfig": {"Memory": "12"}}, "string into Go struct field HostConfig.HostConfig.Memory of type int64"),
        ({"HostConfig": {"Memory": 1.5}}, "number 1.5 into Go struct field HostConfig.HostConfig.Memory of type int64"),
        ({"HostConfig": {"Binds": 5}}, "number into Go struct field HostConfig.HostConfig.Binds of type []string"),
        ({"HostConfig": {"PortBindings": "x"}}, "string into Go struct field HostConfig.HostConfig.PortBindings of type nat.PortMap"),
        (
            {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": 80}]}}},
            "number into Go struct field PortBinding.HostConfig.PortBindings.HostPort of type string",
        ),
        (
            {"HostConfig": {"RestartPolicy": {"Name": 1}}},
            "number into Go struct field RestartPolicy.HostConfig.RestartPolicy.Name of type string",
        ),
        ({"Healthcheck": {"Test": "x"}}, "string into Go struct field HealthConfig.Healthcheck.Test of type []string"),
    ],
)
def test_a_value_of_a_wrong_type(side: Side, body: dict[str, Any], text: str) -> None:
    assert refusal(side, body) == (500, f"json: cannot unmarshal {text}")


def test_a_host_port_that_is_none(side: Side) -> None:
    body = {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "abc"}]}}}
    assert refusal(side, body) == (400, 'invalid port specification: "abc"')


@pytest.mark.parametrize(("target", "text"), [(False, "field Target must not be empty"), (True, "mount type unknown")])
def test_a_mount_of_no_known_type(side: Side, target: bool, text: str) -> None:
    place = {"Target": "C:/a" if side.platform.os == "windows" else "/a"} if target else {}
    body = {"HostConfig": {"Mounts": [{"Type": "zz", **place}]}}
    assert refusal(side, body) == (400, f'invalid mount config for type "zz": {text}')


def test_the_network_named_default_is_the_default_network(side: Side) -> None:
    """Docker's own client sends it for a container without a network of its own."""
    body = {"Image": IMAGE, "Cmd": ["sleep", "1"], "HostConfig": {"NetworkMode": "default"}}
    body |= {"NetworkingConfig": {"EndpointsConfig": {"default": {}}}}
    id_ = side.api._result(side.api._post_json(side.api._url("/containers/create"), data=body), True)["Id"]
    networks = side.api.inspect_container(id_)["NetworkSettings"]["Networks"]
    assert len(networks) == 1 and "default" not in networks


def test_an_exec_that_has_ended_is_forgotten_by_its_container(side: Side) -> None:
    id_ = side.run(["sleep", "30"])
    made = side.api.exec_create(id_, ["echo", "hi"])["Id"]
    assert side.api.inspect_container(id_)["ExecIDs"] == [made]
    side.api.exec_start(made)
    assert side.api.inspect_container(id_)["ExecIDs"] is None
    assert side.api.exec_inspect(made)["ExitCode"] == 0
