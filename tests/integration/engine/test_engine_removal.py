# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An engine taken away: what goes, what stays, and that it is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, RemoteError

from .conftest import register_engine
from .engines import DAEMON_JSON, FOLDER, Engines

Start = Callable[..., Engines]
FLAGS = "--data-root C:\\elsewhere --config-file C:\\etc\\daemon.json"
DATA = "C:\\ProgramData\\docker"


def test_without_purge_the_data_stays_and_is_named(engines: Start) -> None:
    one = engines()
    one.converge(config={"debug": True}, add_to_path=True, firewall_ports=[2376])
    _unused, result = one.converge(None, state="absent")
    assert (result["version"], result["service"], result["path"]) == (None, None, None)
    assert result["left_behind"] == [DATA]
    assert (one.exists(FOLDER), one.exists(DAEMON_JSON), one.state()) == (False, True, None)
    path = one.machine.registry.data("SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment", "Path")
    assert FOLDER not in str(path)
    assert not any(rule.name.startswith("winfleet") for rule in one.machine.firewall.rules)


def test_a_bare_host_has_nothing_to_remove(engines: Start) -> None:
    plan, result = engines().converge(None, state="absent", purge=True)
    assert (plan.steps, result["left_behind"]) == ((), [])


def test_purge_lets_the_engine_delete_what_it_holds_and_then_deletes_the_rest(engines: Start) -> None:
    one = engines()
    one.converge()
    one.run_container("web", "always")
    with pytest.raises(OptionError, match="the removal stops the engine, in which 1 container runs: web"):
        one.plan(None, state="absent", purge=True)
    plan, result = one.converge(None, state="absent", purge=True, allow_restart=True)
    assert [step.action for step in plan.steps] == ["empty", "stop", "unregister", "clear", "purge", "network"]
    assert any("running containers web" in step.description for step in plan.steps)
    assert result["left_behind"] == []
    assert (one.exists(DATA), one.exists(FOLDER)) == (False, False)
    one.converge()
    engine = EngineClient.open(one.host)
    assert engine.api.containers(all=True) == engine.api.images() == []


def test_layers_that_resist_are_an_honest_failure_that_can_be_repeated(engines: Start) -> None:
    one = engines()
    one.converge()
    layer = f"{DATA}\\windowsfilter\\0123\\Files\\License.txt"
    one.site.fleet.call(lambda: one.machine.files.write(layer, b"x", parents=True))
    one.machine.files.denied.add("c:\\programdata\\docker\\windowsfilter")
    with pytest.raises(RemoteError, match="the engine is removed, but .* resists") as caught:
        one.converge(None, state="absent", purge=True)
    assert "docker-ci-zap" in caught.value.advice
    assert not one.programs("takeown")
    assert (one.state(), one.exists(FOLDER)) == (None, False)
    one.machine.files.denied.clear()
    _unused, result = one.converge(None, state="absent", purge=True)
    assert result["left_behind"] == []


def test_an_engine_whose_program_is_gone_can_be_removed(engines: Start) -> None:
    one = engines()
    one.converge()

    async def break_it() -> None:
        await one.machine.services.stop("docker")
        service = one.machine.services.get("docker")
        if service is not None:
            await service.settled()
        one.machine.files.delete(f"{FOLDER}\\dockerd.exe")

    one.site.fleet.call(break_it)
    one.converge(None, state="absent")
    assert (one.state(), one.exists(FOLDER)) == (None, False)


@pytest.mark.parametrize("purge", [False, True])
def test_data_and_configuration_that_lie_elsewhere_are_known_too(engines: Start, purge: bool) -> None:
    one = engines()
    register_engine(one.site)
    config = "C:\\etc\\daemon.json"
    one.site.fleet.call(lambda: one.machine.files.write(config, b"{}", parents=True))
    one.site.fleet.call(lambda: setattr(one.machine.services.get("docker"), "path", f'"{FOLDER}\\dockerd.exe" --run-service {FLAGS}'))
    one.converge()
    resource = one.resource(None, state="absent", purge=purge)
    observed = resource.read()
    plan = resource.plan(observed)
    predicted = resource.predict(plan, observed)
    resource.apply(plan, observed)
    assert resource.report(resource.read(), plan)["left_behind"] == predicted["left_behind"]
    assert (one.exists("C:\\elsewhere"), one.exists(config)) == (not purge, not purge)
    assert predicted["left_behind"] == ([] if purge else ["C:\\elsewhere", config])
