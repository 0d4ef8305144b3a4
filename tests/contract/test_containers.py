# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a container on both engines."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from contract.conftest import IMAGE, Side
from contract.test_refusals import ask


def state(side: Side, name: str) -> dict[str, Any]:
    return dict(side.api.inspect_container(name)["State"])


def eventually(condition: Any, seconds: float = 15) -> bool:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_created(side: Side) -> None:
    id_ = side.create(["sleep", "60"], name="one", labels={"a": "b"}, environment={"KEY": "value=with=signs"})
    shown = side.api.inspect_container("one")
    assert (shown["Id"], shown["Name"], shown["Path"], shown["Args"]) == (id_, "/one", "sleep", ["60"])
    assert (shown["State"]["Status"], shown["State"]["Running"], shown["State"]["Pid"]) == ("created", False, 0)
    assert shown["State"]["StartedAt"] == shown["State"]["FinishedAt"] == "0001-01-01T00:00:00Z"
    assert shown["Config"]["Labels"] == {"a": "b"}
    assert "KEY=value=with=signs" in shown["Config"]["Env"]
    assert (shown["Config"]["Image"], shown["Config"]["Hostname"]) == (IMAGE, id_[:12])
    assert shown["Image"] == side.api.inspect_image(IMAGE)["Id"]
    assert (shown["RestartCount"], shown["Driver"], shown["Platform"]) == (0, side.platform.driver, side.platform.os)


def test_host_config_defaults(side: Side) -> None:
    host = side.api.inspect_container(side.create(["true"]))["HostConfig"]
    assert host["NetworkMode"] == "none"
    assert host["RestartPolicy"] == {"Name": "", "MaximumRetryCount": 0}  # later releases: "no"
    assert (host["AutoRemove"], host["Privileged"], host["PublishAllPorts"], host["ReadonlyRootfs"]) == (False, False, False, False)
    assert host["LogConfig"]["Type"] == "json-file"
    assert host["Binds"] is None
    assert bool(host["Isolation"]) == side.platform.has_isolation


@pytest.mark.parametrize(
    "command",
    [
        ["echo", "a b", "", "c"],
        ["echo", 'quote " in', "back\\slash\\", "%PATH%", "a&b|c>d<e^f"],
        ["echo", "line\nfeed", "tab\there", "umlaut ä €"],
    ],
)
def test_a_command_arrives_unchanged(side: Side, command: list[str]) -> None:
    shown = side.api.inspect_container(side.create(command))
    assert [shown["Path"], *shown["Args"]] == command
    assert shown["Config"]["Cmd"] == command


def test_entrypoint_and_command(side: Side) -> None:
    shown = side.api.inspect_container(side.create(["-c", "exit 0"], entrypoint=["sh"]))
    assert (shown["Path"], shown["Args"]) == ("sh", ["-c", "exit 0"])
    assert (shown["Config"]["Entrypoint"], shown["Config"]["Cmd"]) == (["sh"], ["-c", "exit 0"])


def test_run_to_the_end(side: Side) -> None:
    id_ = side.run(["sh", "-c", "sleep 0.2; exit 3"])
    assert side.api.wait(id_, timeout=20)["StatusCode"] == 3
    shown = state(side, id_)
    assert (shown["Status"], shown["Running"], shown["ExitCode"], shown["Pid"]) == ("exited", False, 3, 0)
    assert shown["StartedAt"] > "2026"
    # A busy real engine notes the end when the runtime tells, but the start only when it has taken the answer: they may cross.
    if side.platform.ordered_times:
        assert shown["FinishedAt"] > shown["StartedAt"]
    else:
        assert shown["FinishedAt"] > "2026"


def test_running(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    shown = state(side, id_)
    assert (shown["Status"], shown["Running"], shown["Restarting"], shown["ExitCode"], shown["Error"]) == ("running", True, False, 0, "")
    assert shown["Pid"] > 0


def test_start_twice_and_stop_twice(side: Side) -> None:
    id_ = side.create(["sleep", "60"])
    assert ask(side, "POST", f"/containers/{id_}/start")[0] == 204
    assert ask(side, "POST", f"/containers/{id_}/start")[0] == 304
    assert ask(side, "POST", f"/containers/{id_}/stop?t=0")[0] == 204
    assert ask(side, "POST", f"/containers/{id_}/stop?t=0")[0] == 304


def test_stop_and_start_again(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    side.api.stop(id_, timeout=0)
    assert (state(side, id_)["Status"], state(side, id_)["ExitCode"]) == ("exited", side.platform.stopped_code)
    side.api.start(id_)
    assert (state(side, id_)["Status"], state(side, id_)["ExitCode"]) == ("running", 0)


def test_kill(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    side.api.kill(id_)
    assert side.api.wait(id_, timeout=20)["StatusCode"] == side.platform.stopped_code


def test_restart(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    before = state(side, id_)["StartedAt"]
    side.api.restart(id_, timeout=0)
    assert state(side, id_)["Running"]
    assert state(side, id_)["StartedAt"] > before


def test_rename(side: Side) -> None:
    id_ = side.create(["true"], name="before")
    assert ask(side, "POST", "/containers/before/rename?name=after")[0] == 204
    assert side.api.inspect_container("after")["Id"] == id_
    assert ask(side, "GET", "/containers/before/json")[0] == 404


def test_find_by_short_id_and_name(side: Side) -> None:
    id_ = side.create(["true"], name="named")
    for name in (id_, id_[:12], "named"):
        assert side.api.inspect_container(name)["Id"] == id_


def test_list(side: Side) -> None:
    running, idle = side.run(["sleep", "60"], name="running", labels={"role": "web"}), side.create(["true"], name="idle")
    assert [row["Id"] for row in side.api.containers()] == [running]
    assert [row["Id"] for row in side.api.containers(all=True)] == [idle, running]
    row = side.api.containers()[0]
    assert (row["Names"], row["Image"], row["State"], row["Command"]) == (["/running"], IMAGE, "running", "sleep 60")
    assert row["Status"].startswith("Up ")
    assert (row["Labels"], row["Ports"], row["HostConfig"]) == ({"role": "web"}, [], {"NetworkMode": "none"})
    assert row["ImageID"] == side.api.inspect_image(IMAGE)["Id"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"name": "run"}, {"running"}),
        ({"name": "^/idle$"}, {"idle"}),
        ({"status": "created"}, {"idle"}),
        ({"status": "running"}, {"running"}),
        ({"label": "role"}, {"running"}),
        ({"label": "role=db"}, set()),
        ({"ancestor": IMAGE}, {"running", "idle"}),
    ],
)
def test_list_with_filters(side: Side, filters: dict[str, str], expected: set[str]) -> None:
    side.run(["sleep", "60"], name="running", labels={"role": "web"})
    side.create(["true"], name="idle")
    assert {row["Names"][0].removeprefix("/") for row in side.api.containers(all=True, filters=filters)} == expected


def test_an_unknown_filter(side: Side) -> None:
    status, text, _unused = ask(side, "GET", "/containers/json?filters=%7B%22colour%22%3A%5B%22red%22%5D%7D")
    assert status == 400
    assert json.loads(text) == {"message": "Invalid filter 'colour'"}


def test_top(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    top = side.api.top(id_)
    assert tuple(top["Titles"]) == side.platform.top_titles
    column, pid = top["Titles"].index(side.platform.process_name_column), top["Titles"].index("PID")
    sleepers = [row for row in top["Processes"] if row[column].startswith("sleep")]
    assert [int(row[pid]) for row in sleepers] == [state(side, id_)["Pid"]]


def test_arguments_for_top(side: Side) -> None:
    status, text, _unused = ask(side, "GET", f"/containers/{side.run(['sleep', '60'])}/top?ps_args=aux")
    assert (status == 200) == side.platform.takes_top_arguments
    if status != 200:
        assert (status, json.loads(text)) == (500, {"message": "Windows does not support arguments to top"})


def test_pause(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    status, text, _unused = ask(side, "POST", f"/containers/{id_}/pause")
    if side.platform.pause:
        assert (status, state(side, id_)["Status"], state(side, id_)["Running"]) == (204, "paused", True)
        side.api.unpause(id_)
    else:
        assert (status, json.loads(text)) == (501, {"message": "not implemented for containers using process isolation"})
    assert state(side, id_)["Status"] == "running"


def test_privileged(side: Side) -> None:
    body = {"Image": IMAGE, "Cmd": ["true"], "HostConfig": {"Privileged": True}}
    status, text, _unused = ask(side, "POST", "/containers/create", body)
    assert (status == 201) == side.platform.privileged
    if status != 201:
        assert (status, json.loads(text)) == (500, {"message": "Windows does not support privileged mode"})


def test_wait_while_it_runs(side: Side) -> None:
    id_ = side.run(["sh", "-c", "sleep 0.5; exit 7"])
    assert side.api.wait(id_, timeout=20)["StatusCode"] == 7


def test_wait_for_what_never_ran(side: Side) -> None:
    assert side.api.wait(side.create(["true"]), timeout=20)["StatusCode"] == 0


def test_auto_remove(side: Side) -> None:
    id_ = side.run(["true"], host={"auto_remove": True})
    assert eventually(lambda: ask(side, "GET", f"/containers/{id_}/json")[0] == 404)


def test_restart_policy(side: Side) -> None:
    id_ = side.run(["sh", "-c", "exit 1"], host={"restart_policy": {"Name": "on-failure", "MaximumRetryCount": 2}})
    assert eventually(lambda: side.api.inspect_container(id_)["RestartCount"] == 2 and state(side, id_)["Status"] == "exited")
    assert state(side, id_)["ExitCode"] == 1


def test_a_stopped_container_is_not_restarted(side: Side) -> None:
    id_ = side.run(["sleep", "60"], host={"restart_policy": {"Name": "always"}})
    side.api.stop(id_, timeout=0)
    time.sleep(0.5)
    assert state(side, id_)["Status"] == "exited"


def test_update_the_restart_policy(side: Side) -> None:
    id_ = side.create(["true"])
    side.api.update_container(id_, restart_policy={"Name": "unless-stopped", "MaximumRetryCount": 0})
    assert side.api.inspect_container(id_)["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"


def test_remove(side: Side) -> None:
    id_ = side.create(["true"])
    assert ask(side, "DELETE", f"/containers/{id_}")[0] == 204
    assert ask(side, "DELETE", f"/containers/{id_}")[0] == 404


def test_prune(side: Side) -> None:
    running, idle = side.run(["sleep", "60"]), side.create(["true"])
    assert side.api.prune_containers()["ContainersDeleted"] == [idle]
    assert [row["Id"] for row in side.api.containers(all=True)] == [running]


def test_stats_once(side: Side) -> None:
    id_ = side.run(["sleep", "60"], name="busy")
    stats = side.api.stats(id_, stream=False)
    assert (stats["name"], stats["id"]) == ("/busy", id_)
    assert {"read", "cpu_stats", "precpu_stats", "memory_stats"} <= set(stats)
