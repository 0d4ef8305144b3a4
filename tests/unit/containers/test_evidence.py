# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts from evidence, with the recorded views of real hosts among it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.evidence import (
    Sighting,
    describe,
    judge,
    top_processes,
)

FACTS = Path(os.environ.get("WINFLEET_FACTS") or Path(__file__).resolve().parents[3].parent / "shared" / "facts") / "docker"
HOST = {4: "System", 900: "svchost.exe", 3964: "PING.EXE", 2376: "vmwp.exe"}


def _verdict(before: dict[int, str] | None, after: dict[int, str] | None = None, host: dict[int, str] | None = None) -> str:
    sighting = Sighting("web", "id", "process", before, before if after is None else after)
    return judge([sighting], HOST if host is None else host)["id"].verdict


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
    assert {verdict.verdict for verdict in judge(both, HOST).values()} == {"unproved"}
    assert {verdict.verdict for verdict in judge(both, {**HOST, 2377: "vmwp.exe"}).values()} == {"hyperv"}


def test_the_claim_decides_nothing() -> None:
    sighting = Sighting("web", "id", "hyperv", {3964: "ping.exe"}, {3964: "ping.exe"})
    entry = describe(sighting, judge([sighting], HOST)["id"])
    assert (entry["verdict"], entry["requested"], entry["as_requested"]) == ("process", "hyperv", False)
    assert entry["evidence"]["on_host"] == [{"pid": 3964, "name": "ping.exe"}]


def test_nothing_proved_is_neither_as_requested_nor_not() -> None:
    sighting = Sighting("web", "id", "hyperv", None)
    assert describe(sighting, judge([sighting], HOST)["id"])["as_requested"] is None


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
