# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An engine under load: nothing stops unasked, and what is stopped comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, RemoteError

from .engines import DAEMON_JSON, Engines

Start = Callable[..., Engines]


@pytest.fixture
def loaded(engines: Start) -> Callable[..., Engines]:
    """A host whose engine runs two containers: one comes back by itself, one does not."""

    def start(version: str = "28.5.1") -> Engines:
        one = engines()
        one.converge(version)
        one.run_container("web", "always")
        one.run_container("job")
        return one

    return start


def test_a_restart_under_containers_is_refused_with_what_they_would_suffer(loaded: Start) -> None:
    one = loaded()
    for options in (
        {"version": "28.5.2"},
        {"version": "28.5.1", "config": {"debug": True}},
        {"version": "28.5.1", "environment": {"A": "1"}},
    ):
        with pytest.raises(OptionError, match=r"2 containers run: .*job would stay stopped") as caught:
            one.plan(**options)
        assert "allow_restart" in caught.value.advice
    assert one.running() == {"web", "job"}


def test_what_needs_no_restart_is_done_under_containers(loaded: Start) -> None:
    one = loaded()
    _unused, result = one.converge("28.5.1", service={"start_mode": "delayed"}, add_to_path=True)
    assert (result["restarted"], one.running()) == (False, {"web", "job"})


def test_the_plan_says_who_comes_back_and_who_does_not(loaded: Start) -> None:
    one = loaded()
    plan, _unused = one.converge("28.5.2", allow_restart=True)
    stop = next(step.description for step in plan.steps if step.action == "stop")
    assert "web (started again by restart policy)" in stop
    assert "job (stopped for good: no restart policy)" in stop
    assert any("job" in warning and "drain" in warning for warning in plan.warnings)
    assert one.running() == {"web"}


def test_drained_containers_all_run_again(loaded: Start) -> None:
    one = loaded()
    plan, _unused = one.converge("28.5.2", allow_restart=True, drain=True, drain_timeout=5)
    actions = [step.action for step in plan.steps]
    assert actions == ["stage", "drain", "stop", "place", "start", "resume"]
    assert one.running() == {"web", "job"}


def test_drained_containers_run_again_also_when_the_change_fails(loaded: Start) -> None:
    one = loaded()
    before = one.exists(DAEMON_JSON)
    one.machine.pipes["taken"] = PermissionError("denied")
    with pytest.raises(RemoteError) as caught:
        one.converge("28.5.1", config={"hosts": ["npipe://", "npipe:////./pipe/taken"]}, allow_restart=True, drain=True)
    assert "the state before was put back" in caught.value.sentence("ws2022"), caught.value.sentence("ws2022")
    assert (one.running(), one.exists(DAEMON_JSON), one.leftovers()) == ({"web", "job"}, before, [])


def test_an_engine_that_does_not_answer_is_not_stopped_unasked(loaded: Start) -> None:
    one = loaded()
    one.machine.pipes["docker_engine"] = PermissionError("denied")
    with pytest.raises(OptionError, match="could not be learned"):
        one.plan("28.5.2")


def test_the_engine_itself_checks_the_configuration_before_it_is_stopped(loaded: Start) -> None:
    one = loaded()
    with pytest.raises(RemoteError, match="the engine refuses the new content") as caught:
        one.converge("28.5.1", config={"containerd": True}, allow_restart=True)
    assert "winfleet-new" not in caught.value.cause
    assert (one.running(), one.leftovers()) == ({"web", "job"}, [])


def test_data_is_not_given_to_an_older_engine_unasked(loaded: Start) -> None:
    one = loaded()
    with pytest.raises(OptionError, match=r"no engine promises to read .* 2 containers and 1 image"):
        one.plan("24.0.9", allow_restart=True)
    _unused, result = one.converge("24.0.9", allow_restart=True, allow_downgrade=True)
    assert result["version"] == "24.0.9"


def test_within_a_major_version_a_warning_will_do(loaded: Start) -> None:
    plan, _unused = loaded("28.5.2").plan("28.5.1", allow_restart=True)
    assert any("28.5.2 would be taken back to 28.5.1" in warning for warning in plan.warnings)


def test_an_engine_does_not_forget_its_data_unasked(loaded: Start) -> None:
    one = loaded()
    with pytest.raises(OptionError, match=r"data-root would change .* 2 containers and 1 image"):
        one.plan("28.5.1", config={"data-root": "C:\\other"}, allow_restart=True)
    _unused, result = one.converge("28.5.1", config={"data-root": "C:\\other"}, allow_restart=True, allow_data_root_change=True)
    assert result["data_root"] == "C:\\other"
    assert one.running() == set()


def test_an_engine_without_data_may_be_taken_back_and_moved(engines: Start) -> None:
    one = engines()
    one.converge("28.5.1")
    assert one.converge("24.0.9", config={"data-root": "C:\\other"})[1]["version"] == "24.0.9"
    EngineClient.open(one.host).close()
