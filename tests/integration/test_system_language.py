# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows that speaks German: the collection goes by codes, states and CIM, never by words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.console import run as run_line
from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play, Run, reboots

FLEET = {
    "defaults": {"profile": "server-2022", "boot_seconds": 0.3, "servicing_seconds": 0.05, "time_scale": 0.1},
    "hosts": [
        {"name": "deutsch", "language": "de-DE", "platform": "metal"},
        {"name": "english", "platform": "metal"},
        {"name": "kaputt", "language": "de-DE", "failing_features": {"Containers": 14098}},
        {"name": "defekt", "failing_features": {"Containers": 14098}},
    ],
}
BOTH = ["deutsch", "english"]


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as running:
        yield running


def same(run: Run, task: str, hosts: list[str]) -> None:
    """Both hosts gave the same result, but for names and times."""
    results = [run.result(task, host) for host in hosts]
    shapes = [
        {key: value for key, value in result.items() if key in ("failed", "changed", "features", "reboot_required")} for result in results
    ]
    assert shapes[0] == shapes[1], task


def test_the_whole_way_on_a_german_host(fleet: RunningFleet, play: Play) -> None:
    prepare = play(fleet, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": "deutsch,english", **MIRROR})
    assert prepare.ok, prepare.output
    assert [reboots(fleet, host) for host in BOTH] == [1, 1]
    assert sorted(line.partition(": ")[2] for line in prepare.changed if line.startswith("deutsch")) == sorted(
        line.partition(": ")[2] for line in prepare.changed if line.startswith("english")
    )
    containers = [{"name": name, "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022", "command": ["ping", "-t", "localhost"],
                   "isolation": name} for name in ("process", "hyperv")]  # fmt: skip
    variables = {"winfleet_hosts": "deutsch,english", "run_containers_containers": containers, **MIRROR}
    ran = play(fleet, "winfleet.containers.run_containers", variables=variables)
    assert ran.ok, ran.output
    verified = play(fleet, "winfleet.containers.verify_isolation", variables=variables)
    assert verified.ok, verified.output
    again = play(fleet, "winfleet.containers.prepare_hosts", variables=variables)
    assert again.ok and again.changed == [], again.output


def test_what_the_programs_said_was_german(fleet: RunningFleet) -> None:
    """The proof that the first test proves something."""
    lines = {
        "sc query nosuch": "Der angegebene Dienst ist kein installierter Dienst.",
        "certutil -hashfile C:\\Windows\\System32\\cmd.exe SHA256": "SHA256-Hash von",
        "dism /online /get-features": "Der Vorgang wurde erfolgreich beendet.",
        "systeminfo": "Betriebssystemname:",
    }
    for line, said in lines.items():
        done = fleet.call(lambda line=line: run_line(fleet.machines["deutsch"], line))
        assert said in done.text


def test_a_failure_is_told_by_its_code(fleet: RunningFleet, play: Play) -> None:
    task: dict[str, Any] = {"name": "Enable", "winfleet.containers.host_feature": {"name": ["containers"]}}
    run = play(fleet, [task], hosts="kaputt,defekt")
    messages = [run.result("Enable", host)["msg"] for host in ("kaputt", "defekt")]
    assert all(message.startswith("Cannot enable ") and "14098" in message for message in messages), messages
    same(run, "Enable", ["kaputt", "defekt"])


def test_checks_and_reboots(fleet: RunningFleet, play: Play) -> None:
    tasks = [
        {"name": "Would enable", "winfleet.containers.host_feature": {"name": ["TelnetClient"]}, "check_mode": True},
        {"name": "Enable", "winfleet.containers.host_feature": {"name": ["TelnetClient"]}},
        {"name": "Disable", "winfleet.containers.host_feature": {"name": ["TelnetClient"], "state": "absent"}},
        {"name": "Reboot", "winfleet.containers.host_reboot": {}},
        {"name": "Look", "winfleet.containers.host_info": {}},
    ]
    run = play(fleet, tasks, hosts="deutsch,english")
    assert run.ok, run.output
    for task in ("Would enable", "Enable", "Disable"):
        same(run, task, BOTH)
    looks = [run.result("Look", host) for host in BOTH]
    assert looks[0]["os"] == looks[1]["os"]
    assert looks[0]["isolation"]["process"]["verdict"] == looks[1]["isolation"]["process"]["verdict"] == "yes"
