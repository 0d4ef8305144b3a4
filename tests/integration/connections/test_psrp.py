# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole path over Ansible's ``psrp`` connection: from a bare host to a proved container, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.fleet import RunningFleet, running_fleet

from ..conftest import MIRROR, Play, Run, programs, reboots

PSRP = {"ansible_connection": "psrp", "ansible_psrp_protocol": "http", "ansible_psrp_auth": "ntlm", "ansible_psrp_connection_timeout": 10}
FLEET = {
    "defaults": {"profile": "server-2022", "boot_seconds": 0.3, "time_scale": 0.1},
    "hosts": [{"name": "bare", "platform": "metal"}, {"name": "other"}],
}
IMAGE = "mcr.microsoft.com/windows/nanoserver:ltsc2022"
CONTAINER = {"name": "web", "image": IMAGE, "command": ["ping", "-t", "localhost"]}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as fleet:
        yield fleet


def run(play: Play, fleet: RunningFleet, *tasks: dict[str, object], hosts: str = "bare", **variables: object) -> Run:
    return play(fleet, list(tasks), "-vvv", hosts=hosts, variables={**PSRP, **variables})


def prepare(play: Play, fleet: RunningFleet) -> Run:
    return play(fleet, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": "bare", **MIRROR, **PSRP})


def test_a_bare_host_becomes_a_container_host(play: Play, fleet: RunningFleet) -> None:
    first = prepare(play, fleet)
    assert first.ok, first.output
    assert "bare: Enable the features" in first.changed
    assert reboots(fleet, "bare") == 1
    again = prepare(play, fleet)
    assert (again.ok, again.changed) == (True, []), again.output


@pytest.mark.parametrize("isolation", ["process", "hyperv"])
def test_a_container_and_the_proof_of_its_isolation(play: Play, fleet: RunningFleet, isolation: str) -> None:
    create = {"name": "create", "winfleet.containers.container": {**CONTAINER, "name": isolation, "isolation": isolation}}
    done = run(
        play,
        fleet,
        create,
        {**create, "name": "again"},
        {"name": "proof", "winfleet.containers.isolation_info": {"name": [isolation]}},
        {"name": "gone", "winfleet.containers.container": {"name": isolation, "state": "absent"}},
    )
    assert done.ok, done.output
    assert done.changed == ["bare: create", "bare: gone"]
    [entry] = done.result("proof")["containers"]
    assert (entry["verdict"], entry["as_requested"]) == (isolation, True)


def test_a_reboot_in_the_middle_of_a_play(play: Play, fleet: RunningFleet) -> None:
    before = reboots(fleet, "bare")
    facts = {"winfleet.containers.host_info": {}}
    done = run(
        play, fleet, {"name": "before", **facts}, {"name": "reboot", "winfleet.containers.host_reboot": {}}, {"name": "after", **facts}
    )
    assert done.ok, done.output
    assert done.result("reboot")["rebooted"] and reboots(fleet, "bare") == before + 1
    assert done.result("after")["engine"]["running"]


def test_a_wrong_password_is_unreachable(play: Play, fleet: RunningFleet) -> None:
    done = run(play, fleet, {"name": "info", "winfleet.containers.host_info": {}}, hosts="other", ansible_password="s3cret-but-wrong")
    assert not done.ok
    assert "UNREACHABLE" in done.output
    assert done.result("info")["msg"].partition("Cannot ")[2].startswith("reach other: ")
    assert "s3cret-but-wrong" not in done.output and "Traceback" not in done.output
    assert programs(fleet, "other") == []


def test_a_restricted_endpoint_is_refused_by_name(play: Play, fleet: RunningFleet) -> None:
    done = run(play, fleet, {"name": "info", "winfleet.containers.host_info": {}}, hosts="other", ansible_psrp_configuration_name="JEA")
    assert not done.ok
    assert 'configuration_name "JEA"' in done.result("info")["msg"]
    assert fleet.call(lambda: sum(fleet.hosts["other"].messages.values())) == fleet.call(lambda: fleet.hosts["other"].messages["Logon"])


def test_no_powershell_was_started(fleet: RunningFleet) -> None:
    """Runs last in this file: neither the program nor the session configuration was ever asked for."""
    for host in fleet.machines:
        assert not [line for line in programs(fleet, host) if "powershell" in line.lower()]
        assert not fleet.call(lambda host=host: [line for line in fleet.machines[host].log_lines if "PowerShell" in line.text])
