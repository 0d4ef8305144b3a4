# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that reports on a fleet: hosts of every kind, one of which nobody reaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.containers.conftest import HYPERV, IMAGE, PING, install_engine
from simulator.fleet import RunningFleet, running_fleet

from .conftest import Play, Run

CORE_2016 = "mcr.microsoft.com/windows/servercore:ltsc2016"
HOSTS = [
    {"name": "web", "profile": "server-2022", "platform": "metal", **HYPERV},
    {"name": "legacy", "profile": "server-2016-core", "features": {"Containers": "enabled"}},
    {"name": "bare", "profile": "server-2025"},
    {"name": "gone", "profile": "server-2022"},
    {"name": "stopped", "profile": "server-2022", "features": {"Containers": "enabled"}},
]


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet({"hosts": HOSTS}) as fleet:
        web = install_engine(fleet, fleet.hosts["web"], "28.5.2")
        assert web.image(name=IMAGE, source="pull", pull="missing").error == ""
        for letter in "abc":
            assert (
                web.container(name=f"tenant-{letter}", image=IMAGE, command=PING, isolation="hyperv", restart_policy="always").error == ""
            )
        assert web.container(name="job", image=IMAGE, command=PING, isolation="process").error == ""
        old = install_engine(fleet, fleet.hosts["legacy"], "20.10.9")
        assert old.image(name=CORE_2016, source="pull", pull="missing").error == ""
        assert old.container(name="erp", image=CORE_2016, command=PING, isolation="process", restart_policy="always").error == ""
        install_engine(fleet, fleet.hosts["stopped"], "28.5.2")
        fleet.call(lambda: fleet.machines["stopped"].services.stop("docker"))
        fleet.call(fleet.hosts["gone"].winrm.close)
        yield fleet


def report(play: Play, fleet: RunningFleet, folder: Path, *options: str, **variables: object) -> Run:
    settings = {"fleet_report_dest": str(folder), "fleet_report_timestamp": "2026-11-24T12:00:00+00:00", **variables}
    return play(fleet, "winfleet.containers.fleet_report", *options, variables=settings)


def test_a_fleet_is_told_as_it_stands(play: Play, fleet: RunningFleet, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "report"
    predicted = report(play, fleet, folder, "--check")
    assert predicted.ok, predicted.output
    assert not folder.exists()
    before = {name: len(machine.started_programs) for name, machine in fleet.machines.items()}
    run = report(play, fleet, folder)
    assert run.ok, run.output
    assert run.changed == ["bare: Write the report"] == predicted.changed
    written = run.result("Write the report")
    assert written["plan"] == predicted.result("Write the report")["plan"]
    assert sorted(written["files"]) == sorted(map(str, folder.iterdir()))
    assert all(len(fleet.machines[name].started_programs) - count < 8 for name, count in before.items())

    data = json.loads((folder / "fleet-report.json").read_text())
    assert data["summary"]["reached"] == {"value": 4, "of": 5}
    assert data["summary"]["proved"] == {"value": 5, "of": 5}
    findings = {
        (entry["host"], entry["urgency"], entry["what"].partition(":")[0]): entry["subjects"] for entry in data["tables"]["findings"]
    }
    assert findings["web", "act", "3 containers run with Hyper-V isolation, and one licence of the edition Standard covers 2"] == [
        "tenant-a",
        "tenant-b",
        "tenant-c",
    ]
    assert findings["web", "plan", "containers may stay stopped after the reboot that comes with an update"] == ["job"]
    assert findings["legacy", "act", "containers will not start after the next update of Windows"] == ["erp"]
    assert findings["stopped", "act", "the engine is installed and does not run"] == []
    assert ("gone", "act", "Cannot reach the host") in findings
    assert ("bare", "plan", "no engine is installed") in findings
    states = {row["host"]: row["state"] for row in data["tables"]["hosts"]}
    assert states == {"bare": "reached", "gone": "unreachable", "legacy": "reached", "stopped": "reached", "web": "reached"}
    page = (folder / "fleet-report.html").read_text()
    assert all(name in page for name in (*states, "tenant-a", "10.0.20348.3807"))

    again = report(play, fleet, folder)
    assert again.ok and again.changed == []
    assert report(play, fleet, folder, fleet_report_timestamp="2026-11-25T12:00:00Z").changed == ["bare: Write the report"]


def test_a_folder_that_cannot_be_is_named(play: Play, fleet: RunningFleet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = report(play, fleet, tmp_path / "file" / "below", "--limit", "bare")
    message = run.result("Write the report")["msg"]
    assert message.startswith(f'Cannot write the fleet report "{tmp_path}/file/below" on localhost: not a directory at')
