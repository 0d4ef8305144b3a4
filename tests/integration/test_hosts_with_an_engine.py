# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role container_host on machines that are not bare: an engine of Microsoft's script in System32, or Docker Desktop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.engine.mirror import program_bytes
from simulator.fleet import RunningFleet, running_fleet
from simulator.programs.dockerd import ENGINES
from simulator.windows.machine import Machine

from .conftest import MIRROR, Play, Run, programs, reboots

SYSTEM32 = "C:\\Windows\\System32"
FLEET = {
    "defaults": {"profile": "server-2022", "platform": "metal", "boot_seconds": 0.3, "servicing_seconds": 0.05, "time_scale": 0.1},
    "hosts": [
        {"name": "script", "features": {"Containers": "enabled"}},
        {"name": "skript", "language": "de-DE", "profile": "server-2025", "features": {"Containers": "enabled"}},
        {"name": "linux", "profile": "windows-11-24h2", "runtimes": {"docker_desktop": {"engine": "linux"}}},
        {"name": "desktop", "profile": "windows-11-24h2", "language": "de-DE", "runtimes": {"docker_desktop": {}}},
    ],
}


async def _by_script(machine: Machine, version: str) -> None:
    """What install-docker-ce.ps1 leaves (docker-on-windows.md section 1, 4)."""
    for name in ("docker.exe", "dockerd.exe"):
        machine.files.write(f"{SYSTEM32}\\{name}", program_bytes(name, version))
    machine.services.create("docker", f'"{SYSTEM32}\\dockerd.exe" --run-service', display_name="Docker Engine", start_mode="Auto")
    await machine.services.start("docker")


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as running:
        for host in ("script", "skript"):
            running.call(lambda host=host: _by_script(running.machines[host], "27.5.1"))
        yield running


def prepare(play: Play, fleet: RunningFleet, *options: str, **variables: object) -> Run:
    return play(fleet, "winfleet.containers.prepare_hosts", *options, variables={"winfleet_hosts": "all", **MIRROR, **variables})


def made(run: Run, host: str) -> list[str]:
    """What changed on a host."""
    return [line.partition(": ")[2] for line in run.changed if line.startswith(f"{host}: ")]


def failure(run: Run, host: str) -> str:
    """The error that ended the play on a host."""
    failed = [line for line in run.recording.lines if line["host"] == host and line["outcome"] in ("failed", "item failed")]
    return str(failed[0]["result"]["msg"]) if failed else ""


def test_wrong_input_stops_before_anything_is_touched(play: Play, fleet: RunningFleet) -> None:
    wrong = {
        "container_host_engine_config": "{{ {'debugg': true} if inventory_hostname == 'linux' else {} }}",
        "base_images_release": "{{ 'ltsc2022' if inventory_hostname == 'linux' else 'ltsc1999' }}",
        "container_host_reboot_delay": "{{ -1 if inventory_hostname == 'desktop' else 2 }}",
    }
    run = prepare(play, fleet, "--limit=linux,skript,desktop", **wrong)
    assert "debug" in failure(run, "linux") and failure(run, "linux").startswith("Cannot install Docker Engine"), run.output
    assert 'no release "ltsc1999"' in failure(run, "skript"), run.output
    assert failure(run, "desktop").startswith("Cannot prepare a container host on desktop: container_host_reboot_delay cannot be so short.")
    assert run.changed == [] and not [
        line for host in ("linux", "skript") for line in programs(fleet, host) if "/enable-feature" in line.lower()
    ]


def test_what_must_not_be_touched_is_not_and_all_else_becomes_a_container_host(play: Play, fleet: RunningFleet) -> None:
    web = {"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022", "command": ["ping", "-t", "localhost"]}
    assert play(fleet, [{"name": "web", "winfleet.containers.container": web}], hosts="script").ok
    foretold = play(fleet, [{"name": "Reboot", "winfleet.containers.host_reboot": {}}], "--check", hosts="script")
    stops = "reboot the host, which stops the running containers web (stopped for good: no restart policy)"
    assert foretold.result("Reboot")["plan"] == [stops]
    planned = prepare(play, fleet, "--check", docker_engine_existing_installation="move")
    # A value of the command line is text.
    done = prepare(play, fleet, "-e", "container_host_engine_allow_restart=false", docker_engine_existing_installation="move")
    for run in (planned, done):
        assert failure(run, "script").startswith(
            "Cannot enable hyperv on script: that takes a reboot, which would stop the running containers web."
        )
        assert failure(run, "desktop").startswith("Cannot install Docker Engine on desktop: Docker Desktop's own Windows engine runs there")
        assert made(run, "script") == made(run, "desktop") == []
        assert "Docker Desktop is installed" in run.output
    assert [reboots(fleet, host) for host in ("script", "desktop")] == [0, 0]
    for host in ("linux", "skript"):
        assert made(done, host) == made(planned, host) and len(made(done, host)) == 4
        assert reboots(fleet, host) == 1
    files = fleet.machines["skript"].files
    assert [files.exists(f"{folder}\\dockerd.exe") for folder in (SYSTEM32, "C:\\Program Files\\docker")] == [False, True]


def test_an_upgrade_under_running_containers_needs_leave_and_starts_them_again(play: Play, fleet: RunningFleet) -> None:
    leave = {"container_host_hyperv": "{{ 'false' if inventory_hostname == 'script' else 'auto' }}"}
    leave["container_host_base_images"] = "nanoserver"  # as text, which -e on a command line makes of a list of one
    refused = prepare(play, fleet, **leave)
    assert "web" in failure(refused, "script") and "allow_restart" in failure(refused, "script")
    assert [made(refused, host) for host in ("linux", "skript", "script")] == [[], [], []]  # the first two for the second time
    done = prepare(play, fleet, "--limit=script", **leave, container_host_engine_allow_restart=True, container_host_engine_drain=True)
    assert done.ok and made(done, "script") == ["Bring Docker Engine to what is asked for"], done.output
    engine = ENGINES[fleet.machines["script"]]
    assert [(entry.name, entry.state.status) for entry in engine.state.containers.values()] == [("web", "running")]
