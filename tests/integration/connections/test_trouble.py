# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook that makes trouble through the control address, and what the collection says: one sentence, and right again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet

from ..conftest import VERSION, Play, Run

Task = dict[str, Any]
ENGINE: Task = {
    "winfleet.containers.docker_engine": {
        "version": VERSION,
        "url": "{{ winfleet_mirror_url }}/docker-" + VERSION + ".zip",
        "sha256": "{{ winfleet_engine_sha256['" + VERSION + "'] }}",
    }
}
FAULTS = ("truncate", "corrupt", "http503", "reset")
BASE: Task = {"winfleet.containers.base_image": {"family": "nanoserver"}}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    host = {"profile": "server-2022", "features": {"Containers": "enabled"}, "boot_seconds": 0.3, "time_scale": 0.02}
    with running_fleet({"defaults": host, "hosts": [{"name": name} for name in ("ws2022", *FAULTS)]}) as fleet:
        fleet.call(fleet.fleet.control.start)
        yield fleet


def control(path: str, **body: Any) -> Task:
    """A task as a user would write it."""
    request = {"url": "{{ winfleet_control_url }}" + path, "method": "POST", "body_format": "json", "body": body}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {"name": path, "ansible.builtin.uri": request, "delegate_to": "localhost", "vars": local}


def broken(play: Play, fleet: RunningFleet, trouble: Task, task: Task, relief: Task, host: str = "ws2022") -> Run:
    """The same task in trouble and after it."""
    tasks = [trouble, {"name": "broken", **task, "ignore_errors": True}, relief, {"name": "whole", **task}]
    done = play(fleet, tasks, hosts=host)
    assert done.ok, done.output
    message = done.result("broken")["msg"]
    assert message.startswith("Cannot ") and f" on {host}: " in message and "Traceback" not in done.output, message
    return done


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_mirror(play: Play, fleet: RunningFleet, fault: str) -> None:
    trouble, relief = control("/mirror", fault=fault.removeprefix("http")), control("/mirror", fault="")
    done = broken(play, fleet, trouble, ENGINE, relief, fault)
    expected = {"truncate": "18", "corrupt": "expected was", "http503": "503", "reset": "reset"}[fault]
    assert expected in done.result("broken")["msg"], done.result("broken")["msg"]
    assert done.result("whole")["changed"]


def test_an_engine_to_make_trouble_for(play: Play, fleet: RunningFleet) -> None:
    """The tests below need one."""
    assert play(fleet, [{"name": "engine", **ENGINE}], hosts="ws2022").ok


def test_no_registry(play: Play, fleet: RunningFleet) -> None:
    done = broken(play, fleet, control("/registry", down=True), BASE, control("/registry", down=False))
    assert "the engine cannot reach the registry" in done.result("broken")["msg"]


def test_a_full_disk(play: Play, fleet: RunningFleet) -> None:
    image = {"winfleet.containers.base_image": {"family": "servercore"}}
    free = fleet.call(lambda: fleet.machines["ws2022"].files.free_bytes)
    done = broken(play, fleet, control("/hosts/ws2022/disk", free_bytes=1 << 20), image, control("/hosts/ws2022/disk", free_bytes=free))
    assert "disk" in done.result("broken")["msg"] or "space" in done.result("broken")["msg"]


def test_an_engine_that_crashes_and_does_not_start_again(play: Play, fleet: RunningFleet) -> None:
    tasks = [
        control("/hosts/ws2022/services", docker=1067),
        control("/hosts/ws2022/crash", service="docker"),
        {"name": "broken", **BASE, "ignore_errors": True},
        control("/hosts/ws2022/services", docker=0),
        {"name": "repaired", **ENGINE},
        {"name": "whole", **BASE},
    ]
    done = play(fleet, tasks, hosts="ws2022")
    assert done.ok, done.output
    assert "the engine does not run" in done.result("broken")["msg"], done.result("broken")["msg"]


def test_a_clock_that_jumps_is_no_reboot(play: Play, fleet: RunningFleet) -> None:
    """And a reboot is proved all the same."""
    tasks = [control("/hosts/ws2022/clock", jump_seconds=7200), {"name": "reboot", "winfleet.containers.host_reboot": {}}]
    done = play(fleet, tasks, hosts="ws2022")
    assert done.ok and done.result("reboot")["rebooted"], done.output
    assert fleet.call(lambda: fleet.machines["ws2022"].power.boots) == 1


def test_a_slow_host(play: Play, fleet: RunningFleet) -> None:
    slow = {**control("/hosts/ws2022/faults", do="delay", seconds=0.1, times=0), "name": "slow"}
    done = play(fleet, [slow, {"name": "info", "winfleet.containers.host_info": {}}], hosts="ws2022")
    fleet.call(fleet.hosts["ws2022"].faults.clear)
    assert done.ok, done.output
