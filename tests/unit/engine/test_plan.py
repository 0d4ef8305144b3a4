# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an observed engine to steps, as data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.desired import plan_engine, predicted
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.machine_path import MachinePath
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.options import EngineOptions, check_options
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.removal import plan_removal
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.resource import engine_options
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service import EngineService
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service_options import Recovery, ServiceSettings
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.state import Load, ObservedEngine, RunningContainer
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

FOLDER = r"C:\Program Files\docker"
CONFIG_PATH = r"C:\ProgramData\docker\config\daemon.json"
RUNNING = EngineService("docker", FOLDER + r"\dockerd.exe", "Running", "Auto", f'"{FOLDER}\\dockerd.exe" --run-service')
BARE = ObservedEngine(20348, True, None, FOLDER, None, CONFIG_PATH, None)
WORKING = replace(BARE, service=RUNNING, version="28.5.2", client=True)
CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "plan_cases.yml").read_text(encoding="utf-8"))


def options_of(case: dict[str, Any]) -> EngineOptions:
    options = engine_options({"install_path": FOLDER, "engine_pipe": "docker_engine", **case["options"]})
    return replace(options, ahead=case.get("ahead", False))


def observed(case: dict[str, Any]) -> ObservedEngine:
    """The engine a case describes: what it does not say is as on a bare Server 2022 with the Containers feature."""
    values = dict(case.get("observed", {}))
    state = values.pop("state", None)
    service = None
    if state:
        folder = values.get("folder", FOLDER)
        command = values.pop("command", f'"{folder}\\dockerd.exe" --run-service') + values.pop("flags", "")
        mode, delayed = values.pop("start_mode", "Auto"), values.pop("delayed", False)
        service = EngineService("docker", f"{folder}\\dockerd.exe", state, mode, command, delayed)
    values.setdefault("client", values.get("version") is not None)
    config = values.pop("config", None)
    load = values.pop("load", None)
    if load is not None:
        running = tuple(RunningContainer(name, returns) for name, returns in load.pop("running", {}).items())
        values["load"] = Load(running, **load)
    if "machine_path" in values:
        values["machine_path"] = MachinePath(values["machine_path"])
    if "settings" in values:
        settings = values.pop("settings")
        recovery = tuple(Recovery(*step) for step in settings.pop("recovery", ()))
        settings["dependencies"] = tuple(settings.get("dependencies", ()))
        values["settings_of_service"] = ServiceSettings(recovery=recovery, **settings)
    for name in ("drained", "firewall_ports", "networks", "kept"):
        if name in values:
            values[name] = tuple(values[name])
    return replace(BARE, service=service, config=None if config is None else config.encode("utf-8"), **values)


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str) -> None:
    case = CASES[name]
    make = plan_removal if case["options"].get("state") == "absent" else plan_engine
    if "refused" in case:
        with pytest.raises(OptionError) as caught:
            make(check_options(options_of(case)), observed(case))
        assert case["refused"] in caught.value.sentence("ws2022")
        return
    plan = make(check_options(options_of(case)), observed(case))
    assert [step.action for step in plan.steps] == case["steps"]
    assert [difference.name for difference in plan.differences] == case["differences"]
    for words in case.get("says", ()):
        assert any(words in step.description for step in plan.steps), words
    for words in case.get("warns", ()):
        assert any(words in warning for warning in (*plan.assumptions, *plan.warnings)), words


def test_a_new_file_keeps_what_was_there() -> None:
    seen = replace(WORKING, config=b'{"debug": true, "log-opts": {"max-file": "1"}}', load=Load())
    plan = plan_engine(EngineOptions("28.5.2", config={"log-opts": {"max-size": "2m"}, "debug": None}), seen)
    configure = next(step for step in plan.steps if step.action == "configure")
    assert configure.arguments["content"] == b'{\n    "log-opts": {\n        "max-file": "1",\n        "max-size": "2m"\n    }\n}\n'


def test_staging_lies_beside_the_target_and_sums_come_from_the_table() -> None:
    step = plan_engine(EngineOptions("28.5.2"), BARE).steps[0]
    assert step.arguments["staging"] == r"C:\Program Files\.winfleet-docker"
    assert "https://download.docker.com/win/static/stable/x86_64/docker-28.5.2.zip" in step.description
    assert all(len(checksum) == 64 for checksum in step.arguments["checksums"])


def test_check_mode_predicts_what_is_read_back() -> None:
    options = EngineOptions("28.5.2", config={"debug": True})
    plan = plan_engine(options, WORKING)
    assert predicted(options, WORKING, plan) == {
        "version": "28.5.2",
        "service": "docker",
        "path": FOLDER,
        "config": {"debug": True},
        "data_root": r"C:\ProgramData\docker",
        "start_mode": "auto",
        "restarted": True,
    }


def test_credentials_in_addresses_are_shown_nowhere() -> None:
    options = EngineOptions("28.5.2", config={"http-proxy": "http://me:hunter2@proxy:3128", "registry-mirrors": ["https://a:hunter2@m"]})
    plan = plan_engine(options, WORKING)
    assert "hunter2" not in str(plan.diff()) + str(predicted(options, WORKING, plan)) + str([step.description for step in plan.steps])
