# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repair, moving, and the settings around an engine: service, environment, PATH, firewall."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, OptionError
from simulator.windows.files import FileError
from simulator.windows.machine import Machine

from .conftest import register_engine
from .engines import DAEMON_JSON, FOLDER, Engines

Start = Callable[..., Engines]
SYSTEM32 = "C:\\Windows\\System32"
ENVIRONMENT = "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"
SERVICE: dict[str, Any] = {
    "start_mode": "delayed",
    "recovery": [{"action": "restart", "delay": 15}, {"action": "none", "delay": 0}],
    "recovery_reset": 3600,
    "dependencies": ["hns"],
}


def service_of(one: Engines) -> Any:
    return one.machine.services.get("docker")


def test_the_engine_of_microsofts_script_is_adopted(engines: Start) -> None:
    one = engines()
    register_engine(one.site, folder=SYSTEM32)
    plan, result = one.converge()
    assert ([step.action for step in plan.steps], result["path"]) == (["start"], SYSTEM32)


@pytest.mark.parametrize("version", ["28.5.2", "28.5.1"])
def test_or_moved(engines: Start, version: str) -> None:
    one = engines()
    register_engine(one.site, folder=SYSTEM32)
    one.site.fleet.call(lambda: one.machine.services.start("docker"))
    _unused, result = one.converge(version, existing_installation="move")
    assert (result["path"], result["version"]) == (FOLDER, version)
    assert service_of(one).path == f'"{FOLDER}\\dockerd.exe" --run-service'
    assert not one.exists(f"{SYSTEM32}\\dockerd.exe")
    assert one.exists(f"{SYSTEM32}\\cmd.exe")
    assert (one.state(), one.version()) == ("Running", version)


def test_flags_of_a_service_survive_the_move(engines: Start) -> None:
    one = engines()
    register_engine(one.site, folder=SYSTEM32)
    service_of(one).path += " --group docker-users"
    one.converge(existing_installation="move")
    assert service_of(one).path == f'"{FOLDER}\\dockerd.exe" --run-service --group docker-users'


def test_a_disabled_service_that_would_not_run_as_one_is_repaired(engines: Start) -> None:
    one = engines()
    register_engine(one.site)
    service_of(one).path = f"{FOLDER}\\dockerd.exe"
    service_of(one).start_mode = "Disabled"
    plan, result = one.converge()
    assert [step.action for step in plan.steps] == ["repoint", "sc", "start"]
    assert result["start_mode"] == "auto"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"service": {"dependencies": ["hns", "nosuch"]}}, 'the service "nosuch", which the host does not have'),
        ({"install_path": "Z:\\docker"}, "the host has no drive Z:"),
        (
            {"config": {"tlscert": "C:\\nope\\cert.pem"}},
            "the key tlscert in config names the file .*cert.pem., which the host does not have",
        ),
        ({"config": {"data-root": "Z:\\docker"}}, "the host has no drive Z:"),
    ],
)
def test_what_the_host_does_not_have_is_refused_before_anything_is_done(engines: Start, options: dict[str, Any], words: str) -> None:
    one = engines()
    with pytest.raises(OptionError, match=words):
        one.plan(**options)


def test_a_service_of_that_name_that_is_no_engine_is_left_alone(engines: Start) -> None:
    one = engines()
    one.site.fleet.call(lambda: one.machine.services.create("docker", "C:\\nssm\\nssm.exe", display_name="Docker", start_mode="Auto"))
    with pytest.raises(OptionError, match="does not start dockerd.exe itself, but C:.nssm.nssm.exe"):
        one.plan()


async def _lose(machine: Machine, path: str) -> None:
    """Delete a program as soon as nothing runs it any more."""
    while machine.files.exists(path):
        with suppress(FileError):
            machine.files.delete(path)
        await asyncio.sleep(0.01)


def test_a_missing_client_is_put_back_under_running_containers(engines: Start) -> None:
    one = engines()
    one.converge()
    one.run_container("web")
    one.site.fleet.call(lambda: _lose(one.machine, f"{FOLDER}\\docker.exe"))
    with pytest.raises(ContainersError, match="docker.exe, .* is not in the folder of its dockerd.exe"):
        one.running()
    plan, _unused = one.converge()
    assert [step.action for step in plan.steps] == ["stage", "place"]
    assert one.running() == {"web"}


def test_an_image_path_without_quotes_is_repaired(engines: Start) -> None:
    one = engines()
    register_engine(one.site)
    service_of(one).path = f"{FOLDER}\\dockerd.exe --run-service"
    one.converge()
    assert service_of(one).path == f'"{FOLDER}\\dockerd.exe" --run-service'


def test_service_settings_need_no_restart(engines: Start) -> None:
    one = engines()
    one.converge()
    _unused, result = one.converge(service=SERVICE)
    service = service_of(one)
    assert (result["start_mode"], result["restarted"]) == ("delayed", False)
    assert (service.failure_reset, service.failure_actions) == (3600, [("restart", 15000), ("", 0)])
    assert service.dependencies == ["hns"]
    one.converge(service={"dependencies": [], "recovery": [], "recovery_reset": 0, "start_mode": "manual"})
    assert (service.dependencies, service.failure_actions, service.start_mode) == ([], [], "Manual")


def test_a_first_installation_gets_all_of_it(engines: Start) -> None:
    one = engines()
    _unused, result = one.converge(service=SERVICE, environment={"HTTPS_PROXY": "http://proxy:3128"})
    assert result["start_mode"] == "delayed"
    assert service_of(one).failure_reset == 3600


def test_variables_are_merged_and_their_values_shown_nowhere(engines: Start) -> None:
    one = engines()
    one.converge(environment={"KEPT": "1", "Gone": "2"})
    plan, result = one.plan(environment={"GONE": None}, secret_environment={"HTTPS_PROXY": "http://me:hunter2@proxy"})
    assert "hunter2" not in str([step.description for step in plan.steps]) + str(plan.diff()) + str(result)
    one.converge(environment={"GONE": None}, secret_environment={"HTTPS_PROXY": "http://me:hunter2@proxy"})
    values = one.machine.registry.data("SYSTEM\\CurrentControlSet\\Services\\docker", "Environment")
    assert values == ["KEPT=1", "HTTPS_PROXY=http://me:hunter2@proxy"]
    assert not one.programs("hunter2")


def test_path_keeps_its_variables(engines: Start) -> None:
    one = engines()
    before = str(one.machine.registry.data(ENVIRONMENT, "Path"))
    assert "%" in before
    one.converge(add_to_path=True)
    assert one.machine.registry.data(ENVIRONMENT, "Path") == f"{before};{FOLDER}"
    one.converge(None, state="absent")
    assert one.machine.registry.data(ENVIRONMENT, "Path") == before


def test_the_firewall_is_touched_only_when_asked_and_only_our_rules(engines: Start) -> None:
    one = engines()
    before = {rule.name for rule in one.machine.firewall.rules}
    one.converge()
    assert {rule.name for rule in one.machine.firewall.rules} == before
    one.converge(firewall_ports=[2376, 2377])
    one.converge(firewall_ports=[2376])
    assert {rule.name for rule in one.machine.firewall.rules} - before == {"winfleet-docker-tcp-2376"}
    one.converge(firewall_ports=[])
    assert {rule.name for rule in one.machine.firewall.rules} == before


def test_replace_leaves_only_what_is_given_also_of_a_broken_file(engines: Start) -> None:
    one = engines()
    one.converge(config={"debug": True, "labels": ["a=1"]})
    _unused, result = one.converge(config={"labels": ["b=2"]}, config_mode="replace")
    assert json.loads(one.read(DAEMON_JSON)) == result["config"] == {"labels": ["b=2"]}
    one.site.fleet.call(lambda: one.machine.files.write(DAEMON_JSON, b"{broken"))
    with pytest.raises(OptionError, match="not valid JSON"):
        one.plan(config={"debug": True})
    one.converge(config={"debug": True}, config_mode="replace")
    assert json.loads(one.read(DAEMON_JSON)) == {"debug": True}


def test_what_an_interrupted_run_left_is_tidied_up(engines: Start) -> None:
    one = engines()
    one.converge()
    left = "C:\\Program Files\\.winfleet-docker\\previous\\dockerd.exe"
    one.site.fleet.call(lambda: one.machine.files.write(left, b"old", parents=True))
    plan, _unused = one.converge()
    assert [step.action for step in plan.steps] == ["tidy"]
