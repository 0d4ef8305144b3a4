# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases and editions beyond those of the demo: from bare to a container whose isolation is proved, or to a clear reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play, Run

NANO = "mcr.microsoft.com/windows/nanoserver"
FLEET = {
    "defaults": {"boot_seconds": 0.3, "servicing_seconds": 0.05, "time_scale": 0.1, "platform": "metal"},
    "hosts": [
        {"name": "annual", "profile": "server-23h2"},
        {"name": "core2025", "profile": "server-2025-core", "edition": "datacenter"},
        {"name": "win10", "profile": "windows-10-22h2", "edition": "enterprise"},
        {"name": "win11", "profile": "windows-11-25h2"},
        {"name": "home", "profile": "windows-11-24h2", "edition": "home"},
        {"name": "essentials", "profile": "server-2019", "edition": "essentials"},
    ],
}
#: Image and isolation that each of these can run: client hosts take Hyper-V, Windows 10 has no image of its own build.
RUNS = {
    "annual": ("ltsc2022", "process"),
    "core2025": ("ltsc2025", "process"),
    "win10": ("1809", "hyperv"),
    "win11": ("ltsc2025", "process"),
}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as running:
        yield running


def prepare(play: Play, fleet: RunningFleet, hosts: str, **variables: Any) -> Run:
    return play(fleet, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": hosts, **MIRROR, **variables})


def test_every_release_gets_its_container(play: Play, fleet: RunningFleet) -> None:
    hosts = ",".join(RUNS)
    prepared = prepare(play, fleet, hosts)
    assert prepared.ok, prepared.output
    tags, modes = ({host: run[index] for host, run in RUNS.items()} for index in (0, 1))
    container = {
        "name": "web",
        "image": NANO + ":{{ " + repr(tags) + "[inventory_hostname] }}",
        "command": ["ping", "-t", "localhost"],
        "isolation": "{{ " + repr(modes) + "[inventory_hostname] }}",
    }
    tasks = [{"name": "Run", "winfleet.containers.container": container}, {"name": "Prove", "winfleet.containers.isolation_info": {}}]
    run = play(fleet, tasks, hosts=hosts)
    assert run.ok, run.output
    for host, (_unused, isolation) in RUNS.items():
        (entry,) = run.result("Prove", host)["containers"]
        assert (entry["verdict"], entry["as_requested"]) == (isolation, True), host


@pytest.mark.parametrize("host", ["home", "essentials"])
def test_an_edition_without_containers_gets_a_reason(play: Play, fleet: RunningFleet, host: str) -> None:
    run = prepare(play, fleet, host)
    assert not run.ok
    messages = [line["result"].get("msg", "") for line in run.recording.lines if line["outcome"] == "failed"]
    assert messages and all(message.startswith("Cannot ") and host in message for message in messages), messages
    assert "Traceback" not in run.output
