# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stream of events, and health checks, on both engines."""

from __future__ import annotations

import time
from typing import Any

import pytest
from contract.conftest import IMAGE, Side
from contract.test_containers import eventually, state
from contract.test_refusals import ask, refusal


def since(side: Side, moment: float, **filters: Any) -> list[dict[str, Any]]:
    """The events from a moment until now."""
    return list(side.api.events(since=f"{moment:.6f}", until=f"{time.time():.6f}", filters=filters, decode=True))


def actions(events: list[dict[str, Any]]) -> list[str]:
    return [event["Action"] for event in events]


def test_a_life_in_events(side: Side) -> None:
    begin = time.time()
    id_ = side.run(["sleep", "60"], name="seen", labels={"role": "web"})
    side.api.kill(id_)
    side.api.wait(id_, timeout=20)
    side.api.rename(id_, "other")
    side.api.remove_container(id_)
    events = since(side, begin, type="container", container=id_)
    assert actions(events) == ["create", "start", "kill", "die", "rename", "destroy"]
    first = events[0]
    assert (first["Type"], first["status"], first["id"], first["from"], first["scope"]) == ("container", "create", id_, IMAGE, "local")
    assert first["Actor"] == {"ID": id_, "Attributes": {"image": IMAGE, "name": "seen", "role": "web"}}
    assert events[2]["Actor"]["Attributes"]["signal"] == "9"
    assert events[3]["Actor"]["Attributes"]["exitCode"] == str(side.platform.stopped_code)
    assert events[4]["Actor"]["Attributes"]["oldName"] == "/seen"
    assert abs(first["time"] - begin) < 5
    assert first["timeNano"] // 10**9 == first["time"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event": "start"}, ["start"]),
        ({"event": ["create", "start"]}, ["create", "start"]),
        ({"type": "image"}, []),
        ({"label": "role=web"}, ["create", "start"]),
        ({"label": "role=db"}, []),
        ({"image": IMAGE}, ["create", "start"]),
        ({"image": "contract/busybox"}, ["create", "start"]),
        ({"container": "filter"}, ["create", "start"]),
        ({"container": "nobody"}, []),
    ],
)
def test_filters_of_events(side: Side, filters: dict[str, Any], expected: list[str]) -> None:
    begin = time.time()
    side.run(["sleep", "60"], name="filtered", labels={"role": "web"})
    assert [action for action in actions(since(side, begin, **filters)) if action != "connect"] == expected


def test_exec_in_events(side: Side) -> None:
    id_ = side.run(["sleep", "60"])
    begin = time.time()
    client = side.hijacking()
    instance = client.exec_create(id_, ["sh", "-c", "exit 3"])["Id"]
    client.exec_start(instance)
    assert eventually(lambda: len(since(side, begin, container=id_)) == 3)
    events = since(side, begin, container=id_)
    assert actions(events) == ["exec_create: sh -c exit 3", "exec_start: sh -c exit 3", "exec_die"]
    assert events[2]["Actor"]["Attributes"]["exitCode"] == "3"


def test_events_of_volumes_and_tags(side: Side) -> None:
    begin = time.time()
    side.api.create_volume("told")
    side.api.remove_volume("told")
    side.api.tag(IMAGE, "contract/told", "1")
    side.api.remove_image("contract/told:1")
    found = [(event["Type"], event["Action"]) for event in since(side, begin)]
    assert found == [("volume", "create"), ("volume", "destroy"), ("image", "tag"), ("image", "untag")]


def test_followed_events(side: Side) -> None:
    client = side.hijacking()
    stream = client.events(filters={"event": "create"}, decode=True)
    id_ = side.create(["true"])
    assert next(iter(stream))["id"] == id_
    stream.close()


def test_impossible_times(side: Side) -> None:
    status, text, _unused = ask(side, "GET", "/events?since=20&until=10")
    assert status == 400
    assert "`since` time (20) cannot be after `until` time (10)" in text


def checked(side: Side, command: str, **check: Any) -> str:
    """A running container with a health check every 0.2 s."""
    healthcheck = {"test": ["CMD-SHELL", command], "interval": 200_000_000, **check}
    return side.run(["sleep", "60"], healthcheck=healthcheck)


def test_healthy(side: Side) -> None:
    begin = time.time()
    id_ = checked(side, "echo fine")
    assert state(side, id_)["Health"]["Status"] == "starting"
    assert eventually(lambda: state(side, id_)["Health"]["Status"] == "healthy")
    health = state(side, id_)["Health"]
    assert (health["FailingStreak"], health["Log"][0]["ExitCode"], health["Log"][0]["Output"]) == (0, 0, "fine\n")
    assert side.api.containers()[0]["Status"].endswith(" (healthy)")
    assert "health_status: healthy" in actions(since(side, begin, event="health_status"))


def test_unhealthy(side: Side) -> None:
    id_ = checked(side, "exit 1", retries=2)
    assert eventually(lambda: state(side, id_)["Health"]["Status"] == "unhealthy")
    assert state(side, id_)["Health"]["FailingStreak"] >= 2


def test_failures_in_the_start_period_do_not_count(side: Side) -> None:
    id_ = checked(side, "exit 1", retries=1, start_period=60_000_000_000)
    assert eventually(lambda: len(state(side, id_)["Health"]["Log"] or ()) >= 2)
    assert (state(side, id_)["Health"]["Status"], state(side, id_)["Health"]["FailingStreak"]) == ("starting", 0)


def test_a_check_that_takes_too_long(side: Side) -> None:
    id_ = checked(side, "sleep 10", retries=1, timeout=100_000_000)
    assert eventually(lambda: state(side, id_)["Health"]["Status"] == "unhealthy")
    entry = state(side, id_)["Health"]["Log"][0]
    assert (entry["ExitCode"], entry["Output"].startswith("Health check exceeded timeout (")) == (-1, True)


def test_no_health_without_a_check(side: Side) -> None:
    assert "Health" not in state(side, side.run(["sleep", "60"]))


def test_after_a_stop(side: Side) -> None:
    id_ = checked(side, "true")
    eventually(lambda: state(side, id_)["Health"]["Status"] == "healthy")
    side.api.stop(id_, timeout=0)
    assert state(side, id_)["Health"]["Status"] == "unhealthy"


def test_a_check_that_is_too_often(side: Side) -> None:
    assert refusal(side.create, ["true"], healthcheck={"test": ["CMD", "true"], "interval": 10}) == (
        400,
        "Interval in Healthcheck cannot be less than 1ms",
    )
