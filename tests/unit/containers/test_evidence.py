# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts from evidence, with the recorded views of real hosts among it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.evidence import (
    HostView,
    Sighting,
    System,
    describe,
    failed_start,
    judge,
    machine_of,
    systems,
    top_processes,
)

FACTS = Path(os.environ.get("WINFLEET_FACTS") or Path(__file__).resolve().parents[3].parent / "shared" / "facts") / "docker"
HOST = {4: "System", 900: "svchost.exe", 3964: "PING.EXE", 2376: "vmwp.exe"}
MACHINE, OTHER = "C2C42EC1-5040-5D0A-AC86-F4BACF6B75CB", "DE1517EC-BF1D-5A0B-B459-77A48CB1AD97"
NATIVE = FACTS.parent


def _host(processes: dict[int, str] | None = None, **known: Any) -> HostView:
    table = HOST if processes is None else processes
    return HostView(table, {pid: known.get("machine", "") for pid, name in table.items() if name == "vmwp.exe"}, known.get("systems"))


def _verdict(before: dict[int, str] | None, after: dict[int, str] | None = None, host: dict[int, str] | None = None) -> str:
    sighting = Sighting("web", "id", "process", before, before if after is None else after)
    return judge([sighting], _host(host))["id"].verdict


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({3964: "ping.exe"}, None, "process"),
        ({3964: "ping"}, None, "process"),
        ({1732: "ping.exe"}, None, "hyperv"),
        ({900: "ping.exe"}, None, "hyperv"),  # the id exists on the host, under another name
        ({4: "System"}, None, "unproved"),  # every Windows has it
        ({3964: "ping.exe", 1000: "cmd.exe"}, None, "unproved"),
        ({900: "svchost.exe", 1000: "cmd.exe", 1004: "ping.exe"}, None, "hyperv"),  # one shares id and name by chance
        ({900: "svchost.exe", 3964: "ping.exe", 1000: "cmd.exe"}, None, "unproved"),
        ({3964: "ping.exe"}, {3964: "cmd.exe"}, "unproved"),  # the id was used anew
        ({3964: "ping.exe"}, {}, "unproved"),
        ({3964: "ping.exe", 1000: "cmd.exe"}, {3964: "ping.exe"}, "process"),  # one that ended meanwhile
        ({}, {}, "unproved"),
        (None, None, "unproved"),
    ],
)
def test_one_container(before: dict[int, str] | None, after: dict[int, str] | None, verdict: str) -> None:
    assert _verdict(before, after) == verdict


def test_each_virtual_machine_needs_a_worker() -> None:
    both = [Sighting(name, name, "hyperv", {1732: "ping.exe"}, {1732: "ping.exe"}) for name in ("a", "b")]
    assert {(verdict.verdict, bool(verdict.against)) for verdict in judge(both, _host()).values()} == {("unproved", True)}
    assert {verdict.verdict for verdict in judge(both, _host({**HOST, 2377: "vmwp.exe"})).values()} == {"hyperv"}


INSIDE, ON_HOST = {1732: "ping.exe"}, {3964: "ping.exe"}


@pytest.mark.parametrize(
    ("processes", "table", "machine", "listed", "verdict", "confidence"),
    [
        pytest.param(INSIDE, HOST, MACHINE, [("id", "VM", MACHINE)], "hyperv", "high", id="its own worker"),
        pytest.param(INSIDE, HOST, MACHINE.lower(), [("id@vm", "VM", MACHINE)], "hyperv", "high", id="as containerd names it"),
        pytest.param(INSIDE, HOST, "", [("id", "VM", MACHINE)], "hyperv", "high", id="the worker does not tell"),
        pytest.param(INSIDE, HOST, OTHER, [("id", "Container", MACHINE)], "hyperv", "medium", id="the type does not tell"),
        pytest.param(INSIDE, HOST, "", None, "hyperv", "medium", id="a worker for each"),
        pytest.param(INSIDE, {**HOST, 2377: "vmwp.exe"}, "", None, "hyperv", "low", id="other machines there"),
        pytest.param(INSIDE, {3964: "ping.exe"}, "", None, "unproved", "none", id="no worker"),
        pytest.param(ON_HOST, HOST, "", None, "process", "medium", id="one process"),
        pytest.param({**ON_HOST, 900: "svchost.exe"}, HOST, "", None, "process", "high", id="several processes"),
        pytest.param(ON_HOST, HOST, "", [("id", "Container", MACHINE)], "process", "high", id="listed as a container"),
        pytest.param(ON_HOST, HOST, "", [("id", "VM", MACHINE)], "unproved", "none", id="on the host, and yet a machine"),
        pytest.param(ON_HOST, HOST, "", [("another", "VM", MACHINE)], "process", "medium", id="another container's machine"),
    ],
)
def test_confidence(processes: Any, table: Any, machine: str, listed: Any, verdict: str, confidence: str) -> None:
    host = _host(table, machine=machine, systems=None if listed is None else tuple(System(*entry) for entry in listed))
    found = judge([Sighting("web", "id", "hyperv", processes, processes)], host)["id"]
    assert (found.verdict, found.confidence) == (verdict, confidence)
    assert bool(found.against) == (verdict == "unproved")


def test_the_claim_decides_nothing() -> None:
    sighting = Sighting("web", "id", "hyperv", ON_HOST, ON_HOST)
    entry = describe(sighting, judge([sighting], _host())["id"], _host())
    assert (entry["verdict"], entry["requested"], entry["as_requested"]) == ("process", "hyperv", False)
    assert entry["mismatches"] == ["hyperv was asked for, and process is in force"]
    assert entry["evidence"]["on_host"] == [{"pid": 3964, "name": "ping.exe"}]


def test_nothing_proved_is_neither_as_requested_nor_not() -> None:
    sighting = Sighting("web", "id", "hyperv", None, failed_start="hyperv")
    entry = describe(sighting, judge([sighting], _host())["id"], _host())
    assert (entry["as_requested"], entry["mismatches"], entry["evidence"]["failed_start"]) == (None, [], "hyperv")
    assert "its last start failed with hyperv isolation" in entry["reason"]


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("native/hcsdiag-list-one-vm.txt", (System("cowork-vm-1699151a", "VM", OTHER),)),
        ("native/hcsdiag-list-not-permitted.txt", ()),
        (
            "containerd/outputs/crictl-pods-and-hcsdiag-hypervisor.txt",
            (System("363319e093c7a688d8d18ad17f5d384e60cb805ba7bf128ea93f0613af5483e9@vm", "VM", MACHINE),),
        ),
    ],
)
def test_recorded_lists_of_compute_systems(recording: str, expected: tuple[System, ...]) -> None:
    if not (NATIVE / recording).is_file():
        pytest.skip("the recorded facts are not here")
    assert systems((NATIVE / recording).read_text()) == expected


def test_what_a_worker_and_an_error_tell() -> None:
    assert machine_of(f'"C:\\Windows\\System32\\vmwp.exe" {MACHINE}') == MACHINE
    assert machine_of("") == ""
    assert failed_start('failed (extra info: {"HostName":"x","HvPartition":true,"A":1})') == "hyperv"
    assert failed_start('(extra info: {"HvPartition":false})') == "process"
    assert failed_start("no such thing") == ""


@pytest.mark.parametrize("mode", ["process", "hyperv"])
def test_recorded_views(mode: str) -> None:
    path = FACTS / "isolation-host-view-ms-docs.json"
    if not path.is_file():
        pytest.skip("the recorded facts are not here")
    view = json.loads(path.read_text())[mode]
    pid, name = view["docker_top_excerpt"].split()
    host: dict[int, str] = {}
    for key in ("host_get_process_ping", "host_get_process_vmwp"):
        if key in view:
            host[view[key]["Id"]] = view[key]["ProcessName"] + ".exe"
    assert _verdict({int(pid): name}, None, host) == mode


def test_columns_are_found_by_their_titles() -> None:
    answer = {"Titles": ["Name", "PID", "CPU", "Private Working Set"], "Processes": [["ping.exe", "3964", "00:00:00.031", "1.2MB"]]}
    assert top_processes(answer) == {3964: "ping.exe"}
    assert top_processes({"Titles": ["PID", "CMD"], "Processes": [["12", "sh"]]}) == {12: "sh"}
    assert top_processes({}) == {}
