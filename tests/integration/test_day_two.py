# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks for hosts that are in service: taken out of it, and brought up to date."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play, Run, programs, reboots

REMOVE = "winfleet.containers.remove_hosts"
NANO = "mcr.microsoft.com/windows/nanoserver"


@pytest.fixture(scope="module")
def old(play: Play) -> Iterator[RunningFleet]:
    """A prepared host with a container."""
    with running_fleet({"hosts": [{"name": "old", "profile": "server-2022", "platform": "metal", "layers_undeletable": False}]}) as fleet:
        run = play(fleet, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": "old", **MIRROR})
        assert run.ok, run.output
        tasks = [{"winfleet.containers.container": {"name": "web", "image": f"{NANO}:ltsc2022", "command": "ping -t localhost"}}]
        assert play(fleet, tasks).ok
        yield fleet


def remove(play: Play, fleet: RunningFleet, *options: str, **variables: object) -> Run:
    return play(fleet, REMOVE, *options, variables={"winfleet_hosts": "old", **variables})


def test_nothing_is_removed_without_a_confirmation_that_names_the_hosts(play: Play, old: RunningFleet) -> None:
    before = programs(old, "old")
    run = remove(play, old, remove_hosts_confirm="windows")
    assert not run.ok and run.changed == []
    message = run.result("Stop unless the removal is confirmed")["msg"]
    assert message.startswith("Cannot remove the container host old: the removal is not confirmed.")
    assert programs(old, "old") == before


def test_a_removal_keeps_the_data_and_says_so(play: Play, old: RunningFleet) -> None:
    everything = {"remove_hosts_features": ["containers", "hyperv"], "remove_hosts_data": True}
    predicted = remove(play, old, "--check", **everything)
    assert predicted.ok, predicted.output
    assert predicted.changed == ["old: Remove the containers", "old: Remove the engine", "old: Disable the features"]
    assert predicted.result("Say what stayed")["msg"] == {
        "engine": None,
        "left_behind": [],
        "features": {"containers": "disabled", "hyperv": "disabled"},
        "reboot_required": False,
    }

    run = remove(play, old, "--check", remove_hosts_images=True)
    assert run.ok, run.output
    assert f"Would then remove the image {NANO}:ltsc2022" in run.output
    run = remove(play, old, remove_hosts_confirm="old", remove_hosts_images=True)
    assert run.ok, run.output
    assert run.changed == ["old: Remove the containers", "old: Remove the images", "old: Remove the engine"]
    stayed = run.result("Say what stayed")["msg"]
    assert stayed["engine"] is None and stayed["features"]["containers"] == "enabled"
    assert "C:\\ProgramData\\docker" in stayed["left_behind"]

    rebooted = reboots(old, "old")
    run = remove(play, old, remove_hosts_confirm="old", **everything)
    assert run.ok, run.output
    assert run.changed == ["old: Remove the engine", "old: Disable the features"]
    assert reboots(old, "old") == rebooted + 1
    stayed = run.result("Say what stayed")["msg"]
    assert stayed == predicted.result("Say what stayed")["msg"]
    again = remove(play, old, remove_hosts_confirm="old", **everything)
    assert again.ok and again.changed == []
