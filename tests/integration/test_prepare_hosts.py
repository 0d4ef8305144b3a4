# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role container_host and the playbooks, from bare machines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.engine.mirror import program_bytes
from simulator.fleet import RunningFleet, running_fleet
from simulator.windows.machine import Machine

from .conftest import MIRROR, VERSION, Play, Run, programs, reboots

FLEET = {
    "hosts": [
        {"name": "bare", "profile": "server-2022", "platform": "metal"},
        {"name": "waiting", "profile": "server-2019", "platform": "metal", "servicing_pending": True},
        {"name": "guest", "profile": "server-2022-core", "platform": "hyperv-guest"},
        {"name": "dim", "profile": "server-2025", "platform": "metal", "virtualization_firmware": False},
        {"name": "old", "profile": "server-2016", "platform": "metal"},
        {"name": "home", "profile": "windows-11-24h2", "edition": "home"},
        {"name": "undone", "profile": "server-2022", "platform": "metal", "rollback_features": ["Containers"]},
        {"name": "mute", "profile": "server-2022", "platform": "metal", "features": {"Containers": "enabled"}},
    ]
}
PREPARE = "winfleet.containers.prepare_hosts"
ENGINE = "Bring Docker Engine to what is asked for"
IMAGES = "Provide the base images that match the host"


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as fleet:
        yield fleet


def prepare(play: Play, fleet: RunningFleet, hosts: str, *options: str, **variables: object) -> Run:
    return play(fleet, PREPARE, *options, variables={"winfleet_hosts": hosts, **MIRROR, **variables})


def foretells(run: Run) -> bool:
    """Whether it warns that the plan rests on what is not there yet."""
    return "planned as" in " ".join(run.output.split())


def made(run: Run, host: str) -> list[str]:
    """What changed on a host."""
    return [line.partition(": ")[2] for line in run.changed if line.startswith(f"{host}: ")]


def test_check_mode_plans_all_and_touches_nothing_and_the_run_does_the_same(play: Play, fleet: RunningFleet) -> None:
    planned = prepare(play, fleet, "bare,waiting", "--check", "--diff")
    assert planned.ok, planned.output
    assert made(planned, "bare") == ["Enable the features", "Reboot to make the features work", ENGINE, IMAGES]
    assert [step.partition(" ")[0] for step in planned.result(ENGINE, "bare")["plan"]] == ["download", "put", "register", "start"]
    assert reboots(fleet, "bare") == reboots(fleet, "waiting") == 0
    assert not [line for line in programs(fleet, "bare") if "/enable-feature" in line.lower() or "curl" in line.lower()]
    assert foretells(planned), planned.output
    done = prepare(play, fleet, "bare,waiting")
    assert done.ok and not foretells(done), done.output
    for host in ("bare", "waiting"):
        assert made(done, host) == made(planned, host), host
        assert done.result(ENGINE, host)["plan"] == planned.result(ENGINE, host)["plan"]
    assert (reboots(fleet, "bare"), reboots(fleet, "waiting")) == (1, 2)  # one more only where servicing was pending
    assert prepare(play, fleet, "bare,waiting").changed == []


def test_the_keyword_check_mode_plans_as_the_option_does(play: Play, fleet: RunningFleet) -> None:
    role = {"ansible.builtin.import_role": {"name": "winfleet.containers.container_host"}}
    run = play(fleet, [role], hosts="dim", variables=MIRROR, check_mode=True)
    assert run.ok and foretells(run), run.output
    assert made(run, "dim") == ["Enable the features", "Reboot to make the features work", ENGINE, IMAGES]
    assert not [line for line in programs(fleet, "dim") if "/enable-feature" in line.lower() or "curl" in line.lower()]


@pytest.mark.parametrize("name", ["run_containers", "verify_isolation"])
def test_the_other_playbooks_go_through_check_mode_on_a_bare_host_too(play: Play, fleet: RunningFleet, name: str) -> None:
    variables = {
        "winfleet_hosts": "dim",  # still bare
        "run_containers_networks": [{"name": "back", "driver": "nat"}],
        "run_containers_volumes": [{"name": "data"}],
        "run_containers_images": [{"name": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}],
        "run_containers_containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}],
        "isolation_check_names": ["web"],
    }
    run = play(fleet, f"winfleet.containers.{name}", "--check", variables=variables)
    assert run.ok, run.output
    planned = ["Provide the network", "Provide the volume", "Provide the image", "Run the containers over one connection"]
    assert run.changed == ([f"dim: {task}" for task in planned] if name == "run_containers" else [])
    assert "no engine is installed on this host yet" in " ".join(run.output.lower().split())


def test_bare_hosts_become_container_hosts_with_one_reboot(play: Play, fleet: RunningFleet) -> None:
    run = prepare(play, fleet, "guest,dim")
    assert run.ok, run.output
    assert [reboots(fleet, host) for host in ("guest", "dim")] == [1, 1]
    again = prepare(play, fleet, "guest,dim")
    assert again.ok, again.output
    assert again.changed == []


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
    assert run.result(f"{ENGINE}, only checked so far")["msg"].startswith(
        'Cannot install Docker Engine "28.5.2" on old: engine 28.5.2 needs Windows build 17763'
    )
    assert run.changed == [] and programs(fleet, "old") == []


async def _engine_without_client(machine: Machine) -> None:
    folder = "C:\\Program Files\\docker"
    machine.files.write(f"{folder}\\dockerd.exe", program_bytes("dockerd.exe", VERSION), parents=True)
    machine.services.create("docker", f'"{folder}\\dockerd.exe" --run-service', display_name="Docker Engine", start_mode="Auto")
    await machine.services.start("docker")


def test_hosts_that_cannot_become_container_hosts_say_why(play: Play, fleet: RunningFleet) -> None:
    fleet.call(lambda: _engine_without_client(fleet.machines["mute"]))
    run = prepare(play, fleet, "home,undone,mute")
    said = {line["host"]: line["result"]["msg"] for line in run.recording.lines if line["outcome"] == "failed"}
    assert said["home"] == (
        "Cannot prepare a container host on home: the Home editions of Windows have no containers. Use an edition Pro or Enterprise."
    )
    assert said["undone"] == (
        "Cannot enable containers and hyperv on undone: Windows did not complete the change at boot "
        "(containers is disabled, hyperv is disabled). Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host."
    )
    assert said["mute"].startswith(
        "Cannot enable hyperv on mute: that takes a reboot, and whether containers run could not be learned: docker.exe"
    )
    assert [reboots(fleet, host) for host in ("home", "undone", "mute")] == [0, 1, 0]


def test_no_powershell_was_started(fleet: RunningFleet) -> None:
    """Runs last in this file: nothing of the above started one."""
    assert [
        line for host in fleet.machines for line in programs(fleet, host) if "powershell" in line.lower() or "pwsh" in line.lower()
    ] == []
