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

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.desired import (
    EngineOptions,
    ObservedEngine,
    check_options,
    plan_engine,
    predicted,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service import EngineService
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

FOLDER = r"C:\Program Files\docker"
CONFIG_PATH = r"C:\ProgramData\docker\config\daemon.json"
RUNNING = EngineService("docker", FOLDER + r"\dockerd.exe", "Running", "Auto", f'"{FOLDER}\\dockerd.exe" --run-service')
BARE = ObservedEngine(20348, True, None, FOLDER, None, CONFIG_PATH, None)
WORKING = replace(BARE, service=RUNNING, version="28.5.2")
CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "plan_cases.yml").read_text(encoding="utf-8"))


def observed(case: dict[str, Any]) -> ObservedEngine:
    """The engine a case describes: what it does not say is as on a bare Server 2022 with the Containers feature."""
    values = dict(case.get("observed", {}))
    state = values.pop("state", None)
    service = replace(RUNNING, state=state, command=RUNNING.command + values.pop("flags", "")) if state else None
    config = values.pop("config", None)
    return replace(BARE, service=service, config=None if config is None else config.encode("utf-8"), **values)


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str) -> None:
    case = CASES[name]
    options = EngineOptions(**case["options"])
    if "refused" in case:
        with pytest.raises(OptionError) as caught:
            plan_engine(check_options(options), observed(case))
        assert case["refused"] in caught.value.sentence("ws2022")
        return
    plan = plan_engine(check_options(options), observed(case))
    assert [step.action for step in plan.steps] == case["steps"]
    assert [difference.name for difference in plan.differences] == case["differences"]


def test_a_new_file_keeps_what_was_there() -> None:
    seen = replace(WORKING, config=b'{"debug": true, "log-opts": {"a": "1"}}')
    plan = plan_engine(EngineOptions("28.5.2", config={"log-opts": {"b": "2"}, "debug": None}), seen)
    configure = next(step for step in plan.steps if step.action == "configure")
    assert configure.arguments["content"] == b'{\n    "log-opts": {\n        "a": "1",\n        "b": "2"\n    }\n}\n'


def test_staging_lies_beside_the_target_and_sums_come_from_the_table() -> None:
    step = plan_engine(EngineOptions("28.5.2"), BARE).steps[0]
    assert step.arguments["staging"] == r"C:\Program Files\.winfleet-docker-28.5.2"
    assert step.arguments["url"] == "https://download.docker.com/win/static/stable/x86_64/docker-28.5.2.zip"
    assert all(len(checksum) == 64 for checksum in step.arguments["checksums"])


def test_check_mode_predicts_what_is_read_back() -> None:
    options = EngineOptions("28.5.2", config={"debug": True})
    plan = plan_engine(options, WORKING)
    assert predicted(options, WORKING, plan) == {
        "version": "28.5.2",
        "service": "docker",
        "path": FOLDER,
        "config": {"debug": True},
        "restarted": True,
    }


def test_credentials_in_addresses_are_shown_nowhere() -> None:
    options = EngineOptions("28.5.2", config={"http-proxy": "http://me:hunter2@proxy:3128", "registry-mirrors": ["https://a:hunter2@m"]})
    plan = plan_engine(options, WORKING)
    assert "hunter2" not in str(plan.diff()) + str(predicted(options, WORKING, plan)) + str([step.description for step in plan.steps])
