# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input: each refusal is one sentence with the next step, and nothing is half done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play, Run, programs

FLEET = {
    "hosts": [
        {"name": "host", "profile": "server-2022", "platform": "hyperv-guest"},
        {"name": "wrong", "profile": "server-2022", "platform": "metal"},
    ]
}
NANOSERVER = "mcr.microsoft.com/windows/nanoserver:ltsc2022"
PING = ["ping", "-t", "localhost"]
#: Name: module, options, and what the message must tell (as a regular expression).
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown feature": ("host_feature", {"name": ["Kontainers"]}, r"Kontainers"),
    "unknown tag": ("base_image", {"family": "nanoserver", "release": "ltsc1999"}, r"ltsc1999"),
    "unknown image": ("container", {"name": "refused-a", "image": "mcr.microsoft.com/windows/nanoserver:nothing"}, r"nothing"),
    "image newer than the host": (
        "container",
        {"name": "refused-b", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2025", "isolation": "process"},
        r"26100|newer",
    ),
    "hyperv where there is none": ("container", {"name": "refused-c", "image": NANOSERVER, "isolation": "hyperv"}, r"Hyper-V"),
    "wrong sha256": (
        "docker_engine",
        {"version": "28.5.1", "url": "{{ winfleet_mirror_url }}/docker-28.5.1.zip", "sha256": "0" * 64, "allow_restart": True},
        r"sha256|SHA-256",
    ),
    "restart under a container": (
        "docker_engine",
        {
            "version": "28.5.1",
            "url": "{{ winfleet_mirror_url }}/docker-28.5.1.zip",
            "sha256": "{{ winfleet_engine_sha256['28.5.1'] }}",
        },
        r"stops the engine, in which 1 container runs: keeper .*allow_restart",
    ),
    "sha256 that is none": ("docker_engine", {"version": "28.5.1", "sha256": "abc"}, r"sha256"),
    "version that is none": ("docker_engine", {"version": "28.x"}, r"neither a version nor a range"),
    "host path that does not exist": (
        "container",
        {
            "name": "refused-d",
            "image": NANOSERVER,
            "command": PING,
            "mounts": [{"type": "bind", "source": "C:\\missing", "target": "C:\\data"}],
        },
        r"C:\\missing",
    ),
    "port in use": ("container", {"name": "refused-e", "image": NANOSERVER, "command": PING, "published_ports": ["8080:80"]}, r"8080"),
    "isolation that is none": (
        "container",
        {"name": "refused-f", "image": NANOSERVER, "isolation": "hard"},
        r"isolation.*hard|hard.*isolation",
    ),
    "name that is none": ("container", {"name": "a b", "image": NANOSERVER}, r"a b"),
    "unknown container": ("isolation_info", {"name": ["nobody"]}, r"nobody"),
    "no image": ("container", {"name": "refused-g"}, r"image"),
    "unknown option": ("container", {"name": "refused-h", "image": NANOSERVER, "flavour": "x"}, r"flavour"),
    "byte in a host path": (
        "container",
        {"name": "refused-i", "image": NANOSERVER, "command": PING, "volumes": ["C:\\a|b:C:\\data"]},
        r"a\|b",
    ),
}
SENTENCE = re.compile(r"^Cannot [^\n]+[.?]$")


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def refused(play: Play, fleet: RunningFleet) -> Run:
    """All cases in one run, on a prepared host with one container that holds port 8080."""
    run = play(fleet, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": "host", **MIRROR})
    assert run.ok, run.output
    keeper = {"name": "keeper", "image": NANOSERVER, "command": PING, "published_ports": ["8080:80"]}
    cases = [
        {"name": name, f"winfleet.containers.{module}": options, "ignore_errors": True} for name, (module, options, _told) in CASES.items()
    ]
    what_is_left = [
        {"name": "left", "winfleet.containers.isolation_info": {}},
        {"name": "info", "winfleet.containers.host_info": {}},
    ]
    return play(fleet, [{"name": "keeper", "winfleet.containers.container": keeper}, *cases, *what_is_left], hosts="host")


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_is_one_sentence_that_names_the_cause(refused: Run, case: str) -> None:
    result = refused.result(case)
    assert result.get("failed") is True, result
    assert SENTENCE.match(result["msg"]), result["msg"]
    assert " on host: " in result["msg"]
    assert re.search(CASES[case][2], result["msg"]), result["msg"]
    assert result["changed"] is False
    assert "Traceback" not in str(result)


def test_nothing_is_half_done(refused: Run) -> None:
    assert [container["name"] for container in refused.result("left")["containers"]] == ["keeper"]
    info = refused.result("info")
    assert (info["engine"]["version"], info["engine"]["running"]) == ("28.5.2", True)
    assert not info["reboot"]["pending"]


def test_become_is_refused_by_name(play: Play, fleet: RunningFleet) -> None:
    run = play(fleet, [{"name": "info", "winfleet.containers.host_info": {}, "become": True}], hosts="wrong")
    assert not run.ok
    assert "become" in run.result("info")["msg"]
    assert SENTENCE.match(run.result("info")["msg"])


def test_a_wrong_password_is_unreachable_and_hidden(play: Play, fleet: RunningFleet) -> None:
    secret = "Winter-is-1nside"
    run = play(
        fleet, [{"name": "info", "winfleet.containers.host_info": {}}], "-vvvvv", hosts="wrong", variables={"ansible_password": secret}
    )
    assert run.recording.returncode == 4  # unreachable
    assert [line["outcome"] for line in run.recording.lines] == ["unreachable"]
    assert secret not in run.output


@pytest.mark.parametrize("case", ["unknown feature", "no image", "name that is none", "version that is none"])
def test_bad_options_are_refused_before_anything_starts(play: Play, fleet: RunningFleet, case: str) -> None:
    before = programs(fleet, "wrong")
    module, options, _told = CASES[case]
    assert not play(fleet, [{"name": case, f"winfleet.containers.{module}": options}], hosts="wrong").ok
    assert [line for line in programs(fleet, "wrong")[len(before) :] if "/enable" in line.lower() or "curl" in line.lower()] == []
