# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles ``run_containers`` and ``isolation_check``, through their playbooks, on two hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from integration.conftest import Play, Run

from simulator.fleet import RunningFleet, running_fleet
from simulator.programs.dockerd import ENGINES

from .conftest import HYPERV, IMAGE, PING, _install

SECRET = "s3cret-of-the-role"
HOSTS = [
    {"name": "one", "profile": "server-2022", "platform": "metal", **HYPERV},
    {"name": "two", "profile": "server-2022", "features": {"Containers": "enabled"}},
]
WANTED: dict[str, Any] = {
    "winfleet_hosts": "all",
    "run_containers_networks": [{"name": "back", "driver": "nat", "labels": {"a": "b"}}],
    "run_containers_volumes": [{"name": "data"}],
    "run_containers_images": [{"name": IMAGE, "tags": ["base:mine"]}],
    "run_containers_containers": [
        {"name": "web", "image": "base:mine", "command": PING, "networks": [{"name": "back"}], "volumes": ["data:C:\\data"], "depends_on": ["db"]},
        {"name": "db", "image": IMAGE, "command": PING, "env": {"TOKEN": SECRET}, "isolation": "{{ 'hyperv' if inventory_hostname == 'one' else 'auto' }}"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet({"hosts": HOSTS}) as running:
        for host in running.hosts.values():
            running.call(lambda machine=host.machine: _install(machine, "28.5.2"))
        yield running


@pytest.fixture(scope="module")
def ran(play: Play, fleet: RunningFleet) -> Run:
    return play(fleet, "winfleet.containers.run_containers", "-vvvv", "--diff", variables=WANTED)


def _verify(play: Play, fleet: RunningFleet, **variables: Any) -> Run:
    return play(fleet, "winfleet.containers.verify_isolation", variables={"winfleet_hosts": "all", **variables})


def test_everything_is_made_in_order_and_the_isolation_proved(ran: Run) -> None:
    assert ran.ok, ran.output
    tasks = ["Provide the network", "Provide the volume", "Provide the image", "Run the containers over one connection"]
    assert sorted(ran.changed) == sorted(f"{host}: {task}" for task in tasks for host in ("one", "two"))
    for host, isolation in (("one", "hyperv"), ("two", "process")):
        done = ran.result(tasks[-1], host)["containers"]
        assert [entry["name"] for entry in done] == ["db", "web"]  # in the order of what they depend on
        assert done[0]["isolation"]["verdict"] == isolation
    assert SECRET not in ran.output


@pytest.mark.usefixtures("ran")
def test_a_second_run_changes_nothing(play: Play, fleet: RunningFleet) -> None:
    again = play(fleet, "winfleet.containers.run_containers", variables=WANTED)
    assert again.ok and again.changed == [], again.output


@pytest.mark.usefixtures("ran")
def test_the_summary_tells_of_the_whole_fleet(play: Play, fleet: RunningFleet) -> None:
    run = _verify(play, fleet)
    assert run.ok and run.changed == [], run.output
    found = {"mismatched": [], "unproved": []}
    assert run.result("Sum it up over the hosts")["msg"] == {
        "containers": 4,
        "mismatched": 0,
        "unproved": 0,
        "hosts": {"one": {"process": ["web"], "hyperv": ["db"], **found}, "two": {"process": ["db", "web"], "hyperv": [], **found}},
        "not_examined": [],
    }


@pytest.mark.usefixtures("ran")
def test_a_mismatch_fails_the_play_or_is_only_reported(play: Play, fleet: RunningFleet) -> None:
    """The engine of one host claims another isolation than is in force."""
    containers = ENGINES[fleet.hosts["two"].machine].state.containers.values()
    web = next(entry for entry in containers if entry.name == "web")
    fleet.call(lambda: web.host_config.update(Isolation="hyperv"))
    try:
        run = _verify(play, fleet, isolation_check_names=["web"])
        assert not run.ok
        assert 'Cannot confirm the isolation of the container "web" on two: of ' in run.output
        assert "hyperv was asked for, and process is in force. Look at the evidence that isolation_info returns." in run.output
        reported = _verify(play, fleet, isolation_check_names=["web"], isolation_check_fail=False)
        assert reported.ok, reported.output
        assert reported.result("Sum it up over the hosts")["msg"]["hosts"]["two"]["mismatched"] == ["web"]
    finally:
        fleet.call(lambda: web.host_config.update(Isolation="process"))


@pytest.mark.usefixtures("ran")
def test_what_shall_not_be_goes_after_the_containers_that_used_it(play: Play, fleet: RunningFleet) -> None:
    """Check mode foretells it too, although what is in use could not go now."""
    gone = {
        "winfleet_hosts": "two",
        **{f"run_containers_{kind}": [{"name": name, "state": "absent"} for name in names] for kind, names in (
            ("containers", ["web", "db"]), ("networks", ["back"]), ("volumes", ["data"]), ("images", [IMAGE, "base:mine"]),
        )},
    }  # fmt: skip
    foretold, run, again = (play(fleet, "winfleet.containers.run_containers", *args, variables=gone) for args in (["--check"], [], []))
    assert foretold.ok and run.ok and again.ok, foretold.output + run.output
    assert foretold.changed == run.changed != [] and again.changed == []
    assert "which can go only once they are gone: web" in foretold.output
