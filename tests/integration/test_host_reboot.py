# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``host_reboot``: the proof, and what is said when there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import Play, Run, programs, reboots

NAME = "winfleet.containers.host_reboot"
FLEET = {
    "defaults": {"profile": "server-2022", "boot_seconds": 0.3, "time_scale": 0.1},
    "hosts": [
        {"name": "good"},
        {"name": "bad"},
        {"name": "twice", "extra_boots": 1},
        {"name": "stays", "refuses_reboot": True},
        {"name": "gone", "never_returns": True},
        {"name": "denied", "elevated": False},
        {"name": "taken"},
    ],
}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as running:
        yield running


def boot(play: Play, fleet: RunningFleet, host: str, *options: str, **arguments: Any) -> Run:
    return play(fleet, [{"name": "Reboot", NAME: arguments}], *options, hosts=host)


def test_a_reboot_is_proved_by_the_boot_time(fleet: RunningFleet, play: Play) -> None:
    """Also where Windows starts twice in a row."""
    before = {host: fleet.machines[host].boot_time for host in ("good", "twice")}
    run = boot(play, fleet, "good,twice", msg="Maintenance, soon back", post_reboot_delay=1, progress="always")
    assert run.ok, run.output
    for host in before:
        result = run.result("Reboot", host)
        assert (result["changed"], result["rebooted"]) == (True, True)
        assert close(result["boot_time_before"], before[host])
        assert close(result["boot_time_after"], fleet.machines[host].boot_time)
        [step] = result["progress"]
        assert (step["action"], step["step"]) == ("reboot", result["plan"][0])
        assert result["elapsed"] == step["elapsed"] > 1
        shown = re.findall(rf"^\[{host}\] (.*)", run.output, re.MULTILINE)
        assert shown[0] == result["plan"][0] and all(line.startswith("reboot: ") for line in shown[1:])
        assert (result["method"], result["rolled_back"], result.get("warnings")) == ("shutdown", [], None)
        assert reboots(fleet, host) == 1


def close(text: str, time: datetime) -> bool:
    return abs((datetime.fromisoformat(text) - time).total_seconds()) < 1


def test_check_mode_only_says_so(fleet: RunningFleet, play: Play) -> None:
    result = boot(play, fleet, "bad", "--check").result("Reboot")
    assert (result["changed"], result["rebooted"], result["plan"]) == (True, True, ["reboot the host"])
    assert not {"elapsed", "progress"} & set(result)
    assert programs(fleet, "bad") == []


def test_no_proof_no_success(fleet: RunningFleet, play: Play) -> None:
    words = {
        "stays": "Cannot reboot stays: it accepted the restart but did not go down",
        "gone": "Cannot reboot gone: it went away and did not come back",
        "denied": "Cannot reboot denied: access is denied",
    }
    run = boot(play, fleet, ",".join(words), reboot_timeout=4)
    assert "Traceback" not in run.output
    for host in words:
        assert words[host] in run.result("Reboot", host)["msg"]


def test_a_shutdown_that_is_scheduled_already_is_replaced(fleet: RunningFleet, play: Play) -> None:
    fleet.call(lambda: fleet.machines["taken"].power.schedule(100000))
    run = boot(play, fleet, "taken")
    assert run.ok, run.output


BAD: dict[str, dict[str, Any]] = {
    "the option msg cannot be passed on": {"msg": "100 %PATH%"},
    "delay is 315360001, and the most is": {"delay": 315360001},
    "513 characters": {"msg": "x" * 513},
    "reboot_timeout is 0": {"reboot_timeout": 0},
    "post_reboot_delay is -1": {"post_reboot_delay": -1},
    "delay is -5": {"delay": -5},
    "speed": {"speed": 3},
    "the option test_command cannot be passed on": {"test": ["where.exe", "%PATH%"]},
    'begins with "cmd.exe /c ver", which is not a program': {"test": "cmd.exe /c ver"},
    "services holds an empty name": {"services": [""]},
}


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_bad_options_are_refused_before_anything_happens(fleet: RunningFleet, play: Play, options: tuple[str, ...]) -> None:
    tasks = [{"name": words, NAME: arguments, "ignore_errors": True} for words, arguments in BAD.items()]
    run = play(fleet, tasks, *options, hosts="bad")
    for words in BAD:
        message = run.result(words)["msg"]
        assert message.startswith("Cannot ")
        assert words in message
    assert programs(fleet, "bad") == []
