# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every question, asked to the simulator as it usually is: what the facts say holds there, and nothing is left behind."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from typing import Any

import pytest

from simulator.fleet import RunningFleet
from simulator.windows.switches import Switches as MachineSwitches
from simulator.wsman.settings import Switches

from .conftest import pull, variables
from .question import QUESTIONS
from .report import Report
from .runner import GROUPS, ask_all, chosen

#: What an answer must be where the facts are sure, on the bare host.
CERTAIN = {
    "stdin-end": "yes",
    "dism-unknown-feature": "0x800f080c",
    "sc-missing": "stdout",
    "plain-program-as-service": "1053",
    "feature-names": "yes",
    "long-line": "refused with code 0x800700ce",
    "missing-class": "refused with code 0x8033801a",
    "curl-refused": "7",
    "shutdown-abort": "1116",
    "older-image": "yes",
    "container-powershell": "no",  # it is not simulated
}
ENGINE_KEYS = [key for key, each in QUESTIONS.items() if each.ask.__module__.endswith(("ask_engine", "ask_inside"))] + [
    "hypervisor-log",
    "compute-systems",
]


@cache
def _asked(fleet: RunningFleet) -> tuple[Report, Report]:
    bare = {**variables(fleet, "bare"), "winfleet_contract_user": "bob", "winfleet_contract_password": "other-s3cret"}
    first = ask_all("bare", bare, [each for each in chosen(include=GROUPS) if each.key not in ENGINE_KEYS], hide_names=True)
    pull(fleet, "engine", "ltsc2022")
    pull(fleet, "engine", "ltsc2022", "mcr.microsoft.com/windows/servercore")
    second = ask_all("engine", variables(fleet, "engine"), chosen(only=[key for key in ENGINE_KEYS if key != "older-image"]))
    pull(fleet, "newest", "ltsc2022")
    second.entries += ask_all("newest", variables(fleet, "newest"), chosen(only=["older-image"])).entries
    return first, second


@pytest.fixture(scope="module")
def reports(hosts: RunningFleet) -> tuple[Report, Report]:
    """Of the bare host, and of the one with an engine."""
    return _asked(hosts)


@pytest.mark.parametrize("key", QUESTIONS)
def test_the_simulator_answers(reports: tuple[Report, Report], key: str) -> None:
    entry = next(entry for report in reports for entry in report.entries if entry.question.key == key)
    assert entry.answer, entry.problem
    assert not entry.breaks, entry.answer
    assert entry.answer.value == CERTAIN.get(key, entry.answer.value)


def test_nothing_is_left_behind(reports: tuple[Report, Report], hosts: RunningFleet) -> None:
    assert [report.left for report in reports] == [[], []]
    machine = hosts.machines["bare"]
    assert not machine.files.exists("C:\\Windows\\Temp\\winfleet-contract")
    assert not machine.services.get("winfleet-contract")
    assert hosts.call(lambda: [shell.id for shell in hosts.hosts["bare"].winrm.service.shells.shells.all()]) == []


def test_a_second_receive_has_its_own_time(reports: tuple[Report, Report]) -> None:
    """OperationTimeout holds for it, too, whatever the first one does."""
    entry = next(entry for entry in reports[0].entries if entry.question.key == "second-receive")
    assert entry.answer and 1.5 < entry.answer.seen["seconds"] < 3.5


@pytest.mark.parametrize("host", ["bare", "engine"])
def test_every_program_was_announced(reports: tuple[Report, Report], hosts: RunningFleet, host: str) -> None:
    announced = {word.lower() for each in QUESTIONS.values() for line in each.starts for word in re.findall(r"[\w-]+\.exe", line)}
    started = {
        re.split(r'[\\"]', re.match(r'\s*("[^"]+"|\S+)', line)[0].strip('"'))[-1].lower()  # type: ignore[index]  # a line is never empty
        for line in hosts.machines[host].started_programs
    }
    assert {name for name in started if name.endswith(".exe")} <= announced | {"cmd.exe", "dockerd.exe"}


def test_the_usual_simulator_is_recognised(reports: tuple[Report, Report]) -> None:
    """The settings a report recommends are the ones the host was started with."""
    position = {**reports[0].position, **reports[1].position}
    usual = {item.name: item.default for kind in (Switches, MachineSwitches) for item in fields(kind)}
    found: dict[str, Any] = {**position, **position.pop("winrm")["switches"]} if "winrm" in position else position
    found = {**found, **reports[0].position["winrm"]["switches"]}
    found.pop("winrm", None)
    assert found == {name: usual[name] for name in found}
    assert set(found) >= {
        "second_command",
        "end_markers",
        "console_mode_stdin",
        "first_items",
        "signed_exit_codes",
        "silent_hypervisor_log",
    }
