# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planted secrets appear nowhere, however much Ansible is asked to say, and the hosts' own logs stay clean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play, programs

PASSWORD = "Pa55-of-the-account"
ENVIRONMENT = "s3cret-in-env"
NANOSERVER = "mcr.microsoft.com/windows/nanoserver:ltsc2022"
FLEET = {"hosts": [{"name": "host", "profile": "server-2022", "platform": "metal", "accounts": {"Administrator": PASSWORD}}]}
#: What cmd and CommandLineToArgvW would change, if it came near them.
AWKWARD = ["100%", "%PATH%", 'say "hi"', "a & b | c", "caret^", "bang!", "two\nlines", "C:\\dir\\", ""]


@pytest.fixture(scope="module")
def fleet(play: Play) -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as fleet:
        run = play(fleet, "winfleet.containers.prepare_hosts", "-vvvvv", variables={"winfleet_hosts": "all", **MIRROR})
        assert run.ok, run.output
        assert PASSWORD not in run.output
        yield fleet


def test_a_secret_of_a_hidden_task_is_nowhere(play: Play, fleet: RunningFleet) -> None:
    container = {"name": "hidden", "image": NANOSERVER, "command": ["ping", "-t", "localhost"], "env": {"TOKEN": ENVIRONMENT}}
    tasks: list[dict[str, Any]] = [
        {"name": "hidden", "winfleet.containers.container": container, "no_log": True},
        {"name": "hidden again", "winfleet.containers.container": {**container, "env": {"TOKEN": ENVIRONMENT + "2"}}, "no_log": True},
    ]
    inside = {"ansible_connection": "winfleet.containers.container", "ansible_shell_type": "cmd", "winfleet_container": "hidden"}
    tasks.append({"name": "in it", "ansible.builtin.raw": f"echo {ENVIRONMENT}", "vars": inside, "no_log": True})
    run = play(fleet, tasks, "-vvvvv", "--diff")
    assert run.ok, run.output
    assert ENVIRONMENT not in run.output
    assert PASSWORD not in run.output
    assert [line for line in programs(fleet, "host") if ENVIRONMENT in line or PASSWORD in line] == []


def test_arguments_of_a_container_arrive_unchanged(play: Play, fleet: RunningFleet) -> None:
    """They travel in the Engine API, so nothing on the way can change them, and a second run finds them as they are."""
    container = {
        "name": "awkward",
        "image": NANOSERVER,
        "command": ["ping", "-t", "localhost", *AWKWARD],
        "env": {"A": '100% "x" & y'},
        "labels": {"l": "%P% & ^"},
    }
    tasks = [{"name": name, "winfleet.containers.container": container} for name in ("first", "second")]
    run = play(fleet, tasks)
    assert run.ok, run.output
    first, second = run.result("first"), run.result("second")
    assert first["container"]["command"][3:] == AWKWARD
    assert first["container"]["labels"] == container["labels"]
    # The container itself may have ended over such arguments and be started again; it is not made anew.
    assert second["container"]["id"] == first["container"]["id"]
    assert second["differences"] == []
