# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which words and statuses a refusal has: the same on both engines."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from contract.conftest import IMAGE, Side
from docker.errors import APIError

GONE = "0" * 64


class UnixConnection(http.client.HTTPConnection):
    """Plain HTTP, to see what the Docker SDK hides."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


def ask(side: Side, method: str, target: str, body: Any = None) -> tuple[int, str, http.client.HTTPMessage]:
    """Status, text and headers of one request."""
    connection = UnixConnection(str(side.socket))
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    connection.request(method, target, data, {"Content-Type": "application/json"} if data else {})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text, response.headers


def refusal(call: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[int, str]:
    """Status and message of a call that must fail."""
    with pytest.raises(APIError) as caught:
        call(*arguments, **options)
    return int(caught.value.status_code or 0), str(caught.value.explanation)


@pytest.mark.parametrize(
    ("method", "target", "status", "message"),
    [
        ("GET", f"/containers/{GONE}/json", 404, f"No such container: {GONE}"),
        ("POST", "/containers/nobody/start", 404, "No such container: nobody"),
        ("POST", "/containers/nobody/stop", 404, "No such container: nobody"),
        ("POST", "/containers/nobody/kill", 404, None),
        ("POST", "/containers/nobody/wait", 404, "No such container: nobody"),
        ("DELETE", "/containers/nobody", 404, "No such container: nobody"),
        ("POST", "/containers/nobody/rename?name=other", 404, "No such container: nobody"),
        ("GET", "/containers/nobody/top", 404, "No such container: nobody"),
        ("GET", "/containers/nobody/logs?stdout=1", 404, "No such container: nobody"),
        ("GET", "/exec/nothing/json", 404, "No such exec instance: nothing"),
        ("GET", "/images/nothing:here/json", 404, "no such image: nothing:here: No such image: nothing:here"),
        ("GET", "/images/nothing/json", 404, "no such image: nothing: No such image: nothing:latest"),
        ("DELETE", "/images/nothing", 404, "No such image: nothing:latest"),
        ("GET", "/networks/nothing", 404, "network nothing not found"),
        ("GET", "/volumes/nothing", 404, "get nothing: no such volume"),
        ("GET", "/nonsense", 404, "page not found"),
        ("GET", "/v1.99/containers/json", 400, "client version 1.99 is too new. Maximum supported API version is 1.41"),
    ],
)
def test_what_is_not_there(side: Side, method: str, target: str, status: int, message: str | None) -> None:
    got, text, _unused = ask(side, method, target)
    assert got == status
    if message is not None:
        assert json.loads(text) == {"message": message}


def test_a_name_is_used_once(side: Side) -> None:
    first = side.create(["true"], name="taken")
    status, message = refusal(side.create, ["true"], name="taken")
    assert (status, message) == (
        409,
        f'Conflict. The container name "/taken" is already in use by container "{first}". '
        "You have to remove (or rename) that container to be able to reuse that name.",
    )


def test_an_impossible_name(side: Side) -> None:
    assert refusal(side.create, ["true"], name="a b") == (400, "Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")


def test_an_image_that_is_not_here(side: Side) -> None:
    assert refusal(side.api.create_container, "nothing:here", ["true"]) == (404, "No such image: nothing:here")


def test_no_command(side: Side) -> None:
    assert refusal(side.api.create_container, IMAGE) == (400, "No command specified")


def test_remove_while_it_runs(side: Side) -> None:
    id_ = side.run(["sleep", "60"], name="busy")
    text = f"You cannot remove a running container {id_}. Stop the container before attempting removal or force remove"
    assert refusal(side.api.remove_container, "busy") == (409, text)
    side.api.remove_container("busy", force=True)
    assert refusal(side.api.inspect_container, id_)[0] == 404


def test_kill_what_does_not_run(side: Side) -> None:
    id_ = side.create(["true"], name="idle")
    assert refusal(side.api.kill, "idle") == (409, f"Cannot kill container: idle: Container {id_} is not running")


def test_an_unknown_signal(side: Side) -> None:
    side.run(["sleep", "60"], name="busy")
    assert refusal(side.api.kill, "busy", "NONSENSE") == (400, "Invalid signal: NONSENSE")


def test_exec_in_what_does_not_run(side: Side) -> None:
    id_ = side.create(["true"])
    assert refusal(side.api.exec_create, id_, ["true"]) == (409, f"Container {id_} is not running")


def test_top_of_what_does_not_run(side: Side) -> None:
    id_ = side.create(["true"])
    assert refusal(side.api.top, id_) == (409, f"Container {id_} is not running")


def test_an_exec_starts_once(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    instance = side.api.exec_create(id_, ["true"])["Id"]
    side.hijacking().exec_start(instance)
    status, text, _unused = ask(side, "POST", f"/exec/{instance}/start", {"Detach": True})
    assert (status, json.loads(text)) == (409, {"message": f"Error: Exec command {instance} has already run"})


def test_a_program_that_is_not_there(side: Side) -> None:
    id_ = side.create(["no-such-program"])
    status, message = refusal(side.api.start, id_)
    state = side.api.inspect_container(id_)["State"]
    assert status == 400
    assert side.platform.missing_program_words in message
    assert (state["Status"], state["ExitCode"], state["Running"]) == ("created", 127, False)
    assert state["Error"] == message


def test_an_image_in_use(side: Side) -> None:
    id_ = side.create(["true"])
    short = side.api.inspect_image(IMAGE)["Id"].removeprefix("sha256:")[:12]
    text = f'conflict: unable to remove repository reference "{IMAGE}" (must force) - container {id_[:12]} is using its referenced image {short}'
    assert refusal(side.api.remove_image, IMAGE) == (409, text)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"Name": "sometimes"}, "invalid restart policy 'sometimes'"),
        ({"Name": "always", "MaximumRetryCount": 3}, "maximum retry count cannot be used with restart policy 'always'"),
        ({"Name": "on-failure", "MaximumRetryCount": -1}, "maximum retry count cannot be negative"),
    ],
)
def test_a_bad_restart_policy(side: Side, policy: dict[str, Any], message: str) -> None:
    body = {"Image": IMAGE, "Cmd": ["true"], "HostConfig": {"RestartPolicy": policy}}
    status, text, _unused = ask(side, "POST", "/containers/create", body)
    assert (status, json.loads(text)) == (400, {"message": message})


def test_auto_remove_and_restart(side: Side) -> None:
    body = {"Image": IMAGE, "Cmd": ["true"], "HostConfig": {"AutoRemove": True, "RestartPolicy": {"Name": "always"}}}
    status, text, _unused = ask(side, "POST", "/containers/create", body)
    assert (status, json.loads(text)) == (400, {"message": "can't create 'AutoRemove' container with restart policy"})


def test_rename_to_a_taken_name(side: Side) -> None:
    first, second = side.create(["true"], name="first"), side.create(["true"], name="second")
    status, message = refusal(side.api.rename, second, "first")
    assert status == 409
    assert f'The container name "/first" is already in use by container "{first}"' in message


def test_invalid_json(side: Side) -> None:
    connection = UnixConnection(str(side.socket))
    connection.request("POST", "/containers/create", "{", {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 500  # 400 in later releases
    assert set(json.loads(response.read())) == {"message"}
