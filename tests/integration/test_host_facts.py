# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything host_info can tell, on hosts of every kind, and the same as facts; one run, in English and in German."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet
from simulator.windows.cim import CimClass

from .conftest import Play, Run, programs

NAME = "winfleet.containers"
HYPERV = ("Microsoft-Hyper-V-All", "Microsoft-Hyper-V", "Microsoft-Hyper-V-Hypervisor", "Microsoft-Hyper-V-Services")
GERMAN = {"language": "de-DE", "time_zone": "W. Europe Standard Time", "utc_offset_minutes": 60}
FLEET = {
    "hosts": [
        {"name": "plain", "profile": "server-2022"},
        {"name": "german", "profile": "server-2022", **GERMAN},
        {"name": "essentials", "profile": "server-2019", "edition": "essentials", "features": {"Containers": "enabled"}},
        {"name": "home", "profile": "windows-11-24h2", "edition": "home"},
        {
            "name": "desktop",
            "profile": "windows-11-24h2",
            "edition": "enterprise",
            "features": dict.fromkeys(("Containers", *HYPERV), "enabled"),
            "runtimes": {"docker_desktop": {"version": "4.43.1"}},
            "antivirus": ["Example Endpoint"],
        },
        {"name": "linux", "profile": "windows-10-22h2", "runtimes": {"docker_desktop": {"engine": "linux"}}},
        {
            "name": "kube",
            "profile": "server-2022-core",
            "platform": "vmware",
            "edition": "datacenter",
            "features": {"Containers": "enabled"},
            "runtimes": {"containerd": {"version": "2.0.10"}},
            "domain": "corp.example.org",
            "winrm": {"limits": {"max_shells_per_user": 5}},
            **GERMAN,
        },
        {"name": "small", "profile": "server-2025", "platform": "hyperv-guest-nested", "memory_bytes": 2**31, "processors": 1},
        {"name": "damaged", "profile": "server-2022"},
        {"name": "unprotected", "profile": "server-2016", "features": {"Windows-Defender": "disabled"}, "clock_shift": -300},
    ]
}
#: A provider that lists no feature at all: a damaged one (native-tools.md 6).
SILENT = CimClass("Win32_OptionalFeature", "root/cimv2", {"Name": "string", "InstallState": "uint32"}, ("Name",), lambda machine: [])
TODAY = "2026-11-24"
TASKS: list[dict[str, Any]] = [
    {"name": "Ask for all", f"{NAME}.host_info": {"gather_subset": ["all"], "today": TODAY}},
    {"name": "Keep", f"{NAME}.host_facts": {"gather_subset": ["support", "domain", "winrm"], "today": "2035-01-01"}},
    {"name": "Use", "ansible.builtin.debug": {"msg": "{{ ansible_facts.winfleet_host }}"}},
]


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as running:
        policy = "SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FVE"
        running.call(lambda: running.machines["small"].registry.set(policy, "FDVDenyWriteAccess", 1))
        running.call(lambda: running.machines["damaged"].cim.add(SILENT))
        yield running


@pytest.fixture(scope="module")
def run(fleet: RunningFleet, play: Play) -> Run:
    """All hosts, asked at once."""
    return play(fleet, TASKS, "--forks=4")


def asked(run: Run, host: str) -> dict[str, Any]:
    return run.result("Ask for all", host)


def test_everything_is_answered_and_nothing_changes(run: Run) -> None:
    assert run.ok, run.output
    assert run.changed == []
    assert "warnings" not in asked(run, "plain")


@pytest.mark.parametrize(
    ("host", "process", "hyperv", "engine", "words"),
    [
        ("plain", "yes", "yes", "yes", "Install a Docker Engine"),
        ("essentials", "no", "no", "no", "Use the edition Standard or Datacenter"),
        ("home", "no", "no", "no", "Use an edition Pro or Enterprise"),
        ("desktop", "yes", "yes", "yes", "Docker Desktop is installed"),
        ("linux", "no", "yes", "yes", "the host does not tell whether it has them"),
        ("kube", "yes", "unknown", "yes", "hypervisor of another maker"),
        ("small", "yes", "unknown", "yes", "has 2.0 GB of memory"),
        ("unprotected", "yes", "yes", "yes", "up to 20.10"),
    ],
)
def test_readiness(run: Run, host: str, process: str, hyperv: str, engine: str, words: str) -> None:
    result = asked(run, host)
    readiness = result["readiness"]
    assert [readiness[name]["verdict"] for name in ("process", "hyperv", "engine")] == [process, hyperv, engine]
    assert words in " / ".join(text for one in readiness.values() for text in (*one["reasons"], *one["next_steps"]))
    for name in ("process", "hyperv"):
        assert result["isolation"][name]["reason"] == readiness[name]["reasons"][0]
        assert (result["isolation"][name]["verdict"], result["isolation"][name]["ready"]) == (
            readiness[name]["verdict"],
            readiness[name]["ready"],
        )


def test_a_silent_provider_is_no_proof(run: Run, fleet: RunningFleet) -> None:
    assert asked(run, "damaged")["features"] == {"containers": "disabled", "hyperv": "disabled"}
    assert asked(run, "damaged")["readiness"]["process"]["verdict"] == "yes"
    assert [line.lower().count("/get-features") for line in programs(fleet, "damaged")] == [1]
    assert programs(fleet, "plain") == programs(fleet, "home") == []


def test_runtimes(run: Run) -> None:
    assert asked(run, "plain")["runtimes"] == []
    desktop, linux, kube = (asked(run, host)["runtimes"][0] for host in ("desktop", "linux", "kube"))
    assert (desktop["name"], desktop["running"], desktop["version"]) == ("docker_desktop", True, "4.43.1")
    assert (desktop["pipe"], linux["running"], linux["pipe"]) == ("docker_engine_windows", False, None)
    assert kube == {
        "name": "containerd",
        "service": "containerd",
        "path": "C:\\Program Files\\containerd\\containerd.exe",
        "running": True,
        "version": "2.0.10",
        "pipe": "containerd-containerd",
    }


def test_what_surrounds_containers(run: Run, fleet: RunningFleet) -> None:
    plain, kube, small = (asked(run, host) for host in ("plain", "kube", "small"))
    assert plain["storage"] == {
        "data_root": "C:\\ProgramData\\docker",
        "exists": False,
        "windowsfilter": None,
        "drive": "C:",
        "size_bytes": fleet.machines["plain"].files.size_bytes,
        "free_bytes": fleet.machines["plain"].files.free_bytes,
        "filesystem": "NTFS",
        "problems": [],
    }
    assert "FDVDenyWriteAccess" in small["storage"]["problems"][0]
    assert kube["networks"] == {"hns": [], "problem": None}
    assert kube["winrm"]["tight"] == ["MaxShellsPerUser is 5, the default of Windows is 30"]
    assert (plain["winrm"]["settings"]["max_shells_per_user"], plain["winrm"]["tight"]) == (30, [])
    assert (kube["domain"], plain["domain"]["joined"]) == ({"joined": True, "name": "corp.example.org", "role": "member_server"}, False)


def test_protection(run: Run) -> None:
    assert [product["name"] for product in asked(run, "desktop")["antivirus"]["products"]] == [
        "Example Endpoint",
        "Microsoft Defender Antivirus",
    ]
    assert asked(run, "plain")["antivirus"]["products"][0]["real_time"] is True
    unprotected = asked(run, "unprotected")["antivirus"]
    assert unprotected["products"] is None
    assert "root/Microsoft/Windows/Defender" in unprotected["problem"]


def test_time_and_updates(run: Run) -> None:
    german, late = asked(run, "german")["time"], asked(run, "unprotected")["time"]
    assert (german["zone"], german["utc_offset_minutes"], german["container_zones"]) == ("W. Europe Standard Time", 60, "yes")
    assert german["local_time"].endswith("+01:00")
    assert abs(german["ahead_seconds"]) < 60
    assert -360 < late["ahead_seconds"] < -240
    updates = asked(run, "essentials")["updates"]
    assert len(updates["installed"]) == 1
    assert {update["installed"] for update in updates["relevant"]} == {"yes"}


def test_the_language_changes_nothing(run: Run) -> None:
    english, german = asked(run, "plain"), asked(run, "german")
    same = [key for key in english if key != "time"]
    assert {key: english[key] for key in same} == {key: german[key] for key in same}


def test_facts(run: Run) -> None:
    facts = run.result("Use", "kube")["msg"]
    assert set(facts) == {"os", "support", "domain", "winrm"}
    assert facts["domain"] == asked(run, "kube")["domain"]
    assert (facts["support"]["verdict"], asked(run, "kube")["support"]["verdict"]) == ("no", "yes")


def test_a_subset_costs_only_what_it_needs(fleet: RunningFleet, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the documentation, as upper bounds; each subset beside the minimum."""
    monkeypatch.setenv("WINFLEET_STATISTICS", "1")
    bounds = {"default": 22, "min": 6, "hardware": 10, "domain": 8, "support": 6, "engine": 8, "winrm": 7, "time": 7, "storage": 11}
    tasks = [{"name": name, f"{NAME}.host_info": {"gather_subset": [name]}} for name in bounds]
    run = play(fleet, tasks, hosts="plain")
    assert run.ok, run.output
    sent = {name: run.result(name, "plain")["statistics"]["wsman_messages"] for name in bounds}
    assert {name: count for name, count in sent.items() if count > bounds[name]} == {}
