# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker_engine as a user runs it: check mode, diff, a real run, a second run, and refusals."""

from __future__ import annotations

from typing import Any

import pytest
from integration.conftest import Play, Run

from simulator.fleet import RunningFleet, running_fleet

VERSION = "28.5.2"
SECRET = "hunter2-of-the-proxy"
ENGINE = {
    "version": VERSION,
    "url": "{{ winfleet_mirror_url }}/docker-" + VERSION + ".zip",
    "sha256": "{{ winfleet_engine_sha256['" + VERSION + "'] }}",
    "config": {"exec-opts": ["isolation=process"], "http-proxy": f"http://me:{SECRET}@proxy.example.com:3128"},
}


def task(name: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
    return {
        "name": name,
        "winfleet.containers.docker_engine": {**ENGINE, **options},
        "check_mode": check,
        "diff": True,
        "ignore_errors": True,
    }


TASKS = [
    task("predict", check=True),
    task("install"),
    task("again"),
    task("wrong sum", version="28.5.1", url="{{ winfleet_mirror_url }}/docker-28.5.1.zip", sha256="0" * 64),
    task("unknown key", config={"registry-mirror": ["https://registry.example.com"]}),
    task("null removes", config={"exec-opts": None}),
]


@pytest.fixture(scope="module")
def run(play: Play) -> Run:
    fleet: RunningFleet
    with running_fleet({"hosts": [{"name": "ws2022", "profile": "server-2022", "features": {"Containers": "Enabled"}}]}) as fleet:
        return play(fleet, TASKS, "-vvvvv")


def test_check_mode_predicts_the_run(run: Run) -> None:
    predicted, installed = run.result("predict"), run.result("install")
    for key in ("changed", "version", "service", "path", "config", "restarted", "plan", "diff"):
        assert predicted[key] == installed[key], key
    assert installed["changed"]
    assert installed["diff"]["after"]["version"] == VERSION


def test_the_second_run_changes_nothing(run: Run) -> None:
    again = run.result("again")
    assert not again["changed"]
    assert again["version"] == VERSION


@pytest.mark.parametrize(("name", "words"), [("wrong sum", "0000000000"), ("unknown key", "registry-mirrors")])
def test_refusals_are_one_sentence(run: Run, name: str, words: str) -> None:
    message = run.result(name)["msg"]
    assert message.startswith("Cannot ")
    assert "\n" not in message
    assert words in message


def test_a_null_key_is_removed(run: Run) -> None:
    result = run.result("null removes")
    assert "exec-opts" not in result["config"]
    assert result["restarted"]


def test_the_credentials_of_a_proxy_are_in_no_result(run: Run) -> None:
    for line in run.recording.lines:
        shown = {key: value for key, value in line["result"].items() if key != "invocation"}
        assert SECRET not in str(shown), line["task"]
    assert SECRET not in run.output
