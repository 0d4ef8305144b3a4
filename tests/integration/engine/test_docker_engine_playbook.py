# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker_engine as a user runs it: check mode, diff, a real run, a second run, and refusals."""

from __future__ import annotations

from typing import Any

import pytest
from integration.conftest import Play, Run, foretellable

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


TOKEN = "s3cret-of-the-service"
MIRROR = {"url": "{{ winfleet_mirror_url }}/docker-{version}.zip", "sha256": "{{ winfleet_engine_sha256 }}"}
#: What a user does with one engine over the years: each is foretold, done, and found done.
LIFE: dict[str, dict[str, Any]] = {
    "install": {"version": "24", "source": "push", "secret_environment": {"HTTPS_PROXY": TOKEN}, **MIRROR},
    "upgrade": {"version": ">=28,<29", "state": "latest", "allow_restart": True, "drain": True, **MIRROR},
    "settings": {
        "version": "28",
        "config": {"log-opts": {"max-size": "10m"}, "insecure-registries": ["registry.example.com:5000"]},
        "service": {"start_mode": "delayed", "recovery": [{"action": "restart", "delay": 15}], "recovery_reset": 60},
        "add_to_path": True,
        "firewall_ports": [2376],
        **MIRROR,
    },
    "move": {"version": "28", "install_path": "C:\\Apps\\docker", "existing_installation": "move", **MIRROR},
    "remove": {"state": "absent", "purge": True},
}
HOSTS = [
    {"name": "ws2019", "profile": "server-2019", "language": "de-DE", "features": {"Containers": "Enabled"}},
    {"name": "ws2025", "profile": "server-2025", "features": {"Containers": "Enabled"}},
]


@pytest.fixture(scope="module")
def life(play: Play) -> Run:
    tasks = [
        {**task_of(name, options), "name": f"{name} {kind}", "check_mode": kind == "foretold", "diff": True}
        for name, options in LIFE.items()
        for kind in ("foretold", "done", "again")
    ]
    with running_fleet({"hosts": HOSTS}) as fleet:
        return play(fleet, tasks, "-vvvvv")


def task_of(name: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"winfleet.containers.docker_engine": options}


@pytest.mark.parametrize("host", [str(host["name"]) for host in HOSTS])
@pytest.mark.parametrize("name", LIFE)
def test_a_life_of_an_engine(life: Run, name: str, host: str) -> None:
    assert life.ok, life.output[-4000:]
    foretold, done, again = (life.result(f"{name} {kind}", host) for kind in ("foretold", "done", "again"))
    assert done["changed"]
    assert {key: value for key, value in foretold.items() if key != "statistics"} == foretellable(done)
    assert [step["step"] for step in done["progress"]] == done["plan"]
    assert done["elapsed"] == pytest.approx(sum(step["elapsed"] for step in done["progress"]))
    # Streamed by the controller, the engine is counted.
    assert [step["action"] for step in done["progress"] if step.get("bytes")] == (["stage"] if name == "install" else [])
    assert not again["changed"]
    assert not {"elapsed", "progress"} & {*foretold, *again}, "nothing was carried out"


def test_values_of_the_services_environment_are_nowhere(life: Run) -> None:
    assert TOKEN not in life.output
    assert TOKEN not in str([line["result"] for line in life.recording.lines])
