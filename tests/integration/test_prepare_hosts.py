# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role container_host and the playbooks, from bare machines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play, Run, programs, reboots

FLEET = {
    "hosts": [
        {"name": "bare", "profile": "server-2022", "platform": "metal"},
        {"name": "waiting", "profile": "server-2019", "platform": "metal", "servicing_pending": True},
        {"name": "guest", "profile": "server-2022-core", "platform": "hyperv-guest"},
        {"name": "dim", "profile": "server-2025", "platform": "metal", "virtualization_firmware": False},
        {"name": "old", "profile": "server-2016", "platform": "metal"},
    ]
}
PREPARE = "winfleet.containers.prepare_hosts"


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as fleet:
        yield fleet


def prepare(play: Play, fleet: RunningFleet, hosts: str, *options: str, **variables: object) -> Run:
    return play(fleet, PREPARE, *options, variables={"winfleet_hosts": hosts, **MIRROR, **variables})


def test_check_mode_goes_through_on_a_bare_host_and_touches_nothing(play: Play, fleet: RunningFleet) -> None:
    run = prepare(play, fleet, "bare,waiting", "--check", "--diff")
    assert run.ok, run.output
    assert "bare: Enable the features" in run.changed
    assert "bare: Reboot to make the features work" in run.changed
    assert run.result("Say which engine would be installed", "bare")["msg"].endswith("Docker Engine 28.5.2")
    assert run.result("Say which base images would be pulled", "bare")["msg"].endswith("nanoserver")
    assert reboots(fleet, "bare") == 0
    assert not [line for line in programs(fleet, "bare") if "/enable-feature" in line.lower() or "curl" in line.lower()]


@pytest.mark.parametrize("name", ["run_containers", "verify_isolation"])
def test_the_other_playbooks_go_through_check_mode_on_a_bare_host_too(play: Play, fleet: RunningFleet, name: str) -> None:
    variables = {
        "winfleet_hosts": "bare",
        "winfleet_containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}],
    }
    run = play(fleet, f"winfleet.containers.{name}", "--check", variables=variables)
    assert run.ok, run.output
    assert run.changed == []
    if name == "run_containers":
        assert run.result("Say which containers would run")["msg"] == "Would then run the containers web"


def test_bare_hosts_become_container_hosts_with_one_reboot(play: Play, fleet: RunningFleet) -> None:
    run = prepare(play, fleet, "bare,guest,dim")
    assert run.ok, run.output
    assert [reboots(fleet, host) for host in ("bare", "guest", "dim")] == [1, 1, 1]
    again = prepare(play, fleet, "bare,guest,dim")
    assert again.ok, again.output
    assert again.changed == []


def test_only_pending_servicing_costs_a_reboot_before(play: Play, fleet: RunningFleet) -> None:
    run = prepare(play, fleet, "waiting")
    assert run.ok, run.output
    assert reboots(fleet, "waiting") == 2
    assert prepare(play, fleet, "waiting").changed == []


def test_a_host_without_hyperv_says_why_and_goes_on(play: Play, fleet: RunningFleet) -> None:
    run = prepare(play, fleet, "guest,dim")
    assert run.ok, run.output
    for host in ("guest", "dim"):
        assert run.result("Say why Hyper-V isolation is left out", host)["msg"].startswith("Goes on without Hyper-V isolation: ")


def test_hyperv_by_force_stops_with_the_reason(play: Play, fleet: RunningFleet) -> None:
    run = prepare(play, fleet, "dim", container_host_hyperv=True)
    assert not run.ok
    message = run.result("Stop when Hyper-V is wanted and cannot be used")["msg"]
    assert message.startswith("Cannot enable Hyper-V on dim: ")


def test_the_engine_is_refused_on_an_old_windows_before_anything_is_touched(play: Play, fleet: RunningFleet) -> None:
    run = play(
        fleet,
        [{"name": "engine", "winfleet.containers.docker_engine": {"version": "28.5.2"}}],
        hosts="old",
    )
    assert not run.ok
    assert "17763" in run.result("engine")["msg"]
    assert programs(fleet, "old") == []


def test_the_role_refuses_such_an_engine_before_it_enables_a_feature(play: Play, fleet: RunningFleet) -> None:
    run = prepare(play, fleet, "old")
    assert not run.ok
    assert run.result("Stop when the engine is too new for this Windows")["msg"].startswith(
        "Cannot prepare old as a container host: engine 28.5.2 needs "
    )
    assert run.changed == [] and programs(fleet, "old") == []


def test_no_powershell_was_started(fleet: RunningFleet) -> None:
    """Runs last in this file: nothing of the above started one."""
    assert [
        line for host in fleet.machines for line in programs(fleet, host) if "powershell" in line.lower() or "pwsh" in line.lower()
    ] == []
