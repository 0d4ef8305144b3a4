# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract of the base action, seen through ansible-playbook as a user sees it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.release import __version__

from simulator.fleet import RunningFleet

CORE = tuple(int(number) for number in __version__.split(".")[:2])
PROBE = Path(__file__).parent / "contract_probe"
SECRET = "s3cr3t-t0ken\"with'quotes&more"
HOST: dict[str, Any] = {"name": "ws2022", "profile": "server-2022", "accounts": {"Administrator": "Pa55-of-the-host"}}


@pytest.fixture
def one(fleet: Callable[..., RunningFleet], monkeypatch: pytest.MonkeyPatch) -> RunningFleet:
    """One host, and the probe as an action."""
    monkeypatch.setenv("ANSIBLE_ACTION_PLUGINS", str(PROBE))
    monkeypatch.delenv("CI", raising=False)
    return fleet(HOST)


def probe(name: str = "probe", keywords: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return {"name": name, "probe": options, **(keywords or {})}


def test_read_plan_apply_and_read_again(one: RunningFleet, play: Any) -> None:
    run = play(one, [probe("first", value="abc"), probe("second", value="abc")], "--diff")
    assert run.ok, run.output
    first, second = run.result("first"), run.result("second")
    assert (first["changed"], first["value"], first["plan"]) == (True, "ABC", ["set the value to ABC with None"])
    assert first["diff"]["before"]["value"] is None
    assert first["diff"]["after"]["value"] == "ABC"
    assert (second["changed"], second["value"]) == (False, "ABC")
    assert "plan" not in second
    assert "diff" not in second


def test_check_mode_says_what_it_would_do_and_does_nothing(one: RunningFleet, play: Any) -> None:
    run = play(one, [probe("dry", value="abc")], "--check")
    result = run.result("dry")
    assert (result["changed"], result["value"], result["plan"]) == (True, None, ["set the value to ABC with None"])
    assert play(one, [probe("after", value="abc")]).result("after")["value"] is not None
    assert one.hosts["ws2022"].messages["Invoke"] == 1 + 4


def test_options_are_validated_typed_and_plain(one: RunningFleet, play: Any) -> None:
    tasks = [probe("typed", count="{{ '7' }}", value="{{ 'x' }}", old="x")]
    run = play(one, tasks)
    assert run.result("typed")["types"] == ["int", "str"]
    if CORE >= (2, 19):  # earlier ones drop what the validation of an action's options says about old ones
        assert "old" in run.output
        assert "9.0.0" in run.output


@pytest.mark.parametrize(
    ("options", "words"),
    [({"valeu": "x"}, "valeu"), ({"count": "many"}, "count"), ({"do": "dance"}, "dance")],
    ids=["unknown", "type", "choice"],
)
def test_bad_options_are_refused_before_the_host_is_touched(one: RunningFleet, play: Any, options: dict[str, Any], words: str) -> None:
    result = play(one, [probe("bad", **options)]).result("bad")
    assert words in result["msg"]
    assert result["msg"].startswith("Cannot ")
    assert "ansible-doc" in result["msg"]
    assert not one.hosts["ws2022"].messages


@pytest.mark.parametrize("keywords", [{"become": True}, {"become": True, "become_method": "runas", "become_user": "x"}])
def test_become_is_refused_by_name(one: RunningFleet, play: Any, keywords: dict[str, Any]) -> None:
    run = play(one, [probe("as other", keywords)])
    result = run.result("as other")
    assert run.recording.returncode == 2
    assert "become is set" in result["msg"]
    assert not one.hosts["ws2022"].messages


def test_async_is_refused(one: RunningFleet, play: Any) -> None:
    result = play(one, [probe("later", {"async": 10, "poll": 1})]).result("later")
    assert "does not support async" in result["msg"]


def test_the_keyword_environment_reaches_programs(one: RunningFleet, play: Any) -> None:
    run = play(one, [probe("echo", {"environment": {"PROBE": "{{ 'from' }} the play"}}, do="echo")])
    assert run.result("echo")["said"] == "from the play"


def test_a_wrong_environment_is_refused_before_the_host_is_touched(one: RunningFleet, play: Any) -> None:
    result = play(one, [probe("wrong", {"environment": {"A=B": "x"}}, do="echo")]).result("wrong")
    assert 'the keyword environment holds the name "A=B"' in result["msg"]
    assert not one.hosts["ws2022"].messages


def test_errors_name_the_delegated_host(fleet: Callable[..., RunningFleet], play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_ACTION_PLUGINS", str(PROBE))
    two = fleet(HOST, {**HOST, "name": "other"})
    run = play(two, [probe("there", {"delegate_to": "other"}, do="refuse")], hosts="ws2022")
    assert run.result("there")["msg"] == 'Cannot write value "Probe None" on other: access is denied. Ask for more.'
    assert not two.hosts["ws2022"].messages
    assert two.hosts["other"].messages


def test_a_refusal_is_one_sentence_without_what_lies_below(one: RunningFleet, play: Any) -> None:
    run = play(one, [probe("refused", do="refuse")], "-vv")
    result = run.result("refused")
    assert (run.recording.returncode, result["changed"]) == (2, False)
    assert result["msg"] == 'Cannot write value "Probe None" on ws2022: access is denied. Ask for more.'
    assert "raw cause" not in run.output
    assert "Traceback" not in run.output


def test_a_defect_of_ours_is_told_in_our_words(one: RunningFleet, play: Any) -> None:
    run = play(one, [probe("defect", do="crash", token=SECRET)])
    result = run.result("defect")
    assert result["msg"].startswith("Cannot finish ")
    assert "KeyError" in result["msg"]
    assert "a defect that holds" not in run.output
    traced = play(one, [probe("defect", do="crash", token=SECRET)], "-vvv")
    assert "a defect that holds" in traced.output
    assert SECRET not in traced.output


@pytest.mark.parametrize(
    ("change", "cause"),
    [({"ansible_password": "wrong-one"}, "the credentials were rejected"), ({"ansible_port": 1}, "the connection was refused")],
)
@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_who_cannot_be_reached_is_unreachable(one: RunningFleet, play: Any, connection: str, change: dict[str, Any], cause: str) -> None:
    variables = {"ansible_connection": connection, "ansible_psrp_protocol": "http", "ansible_psrp_auth": "ntlm", **change}
    run = play(one, [probe("away")], variables=variables)
    assert run.recording.returncode == 4
    assert f"Cannot reach ws2022: {cause}." in run.output
    assert "wrong-one" not in run.output
    assert "Traceback" not in run.output


def test_a_connection_that_breaks_on_the_way_is_unreachable(one: RunningFleet, play: Any) -> None:
    one.hosts["ws2022"].faults.add("cut", kind="Receive", when="after")
    run = play(one, [probe("broken", do="echo")])
    assert run.recording.returncode == 4
    # ansible-core before 2.19 shows this text as JSON.
    assert 'Cannot set value "plain" on ws2022: the connection broke off.' in run.output.replace('\\"', '"')


def test_psrp_works_as_well(one: RunningFleet, play: Any) -> None:
    variables = {"ansible_connection": "psrp", "ansible_psrp_protocol": "http", "ansible_psrp_auth": "ntlm"}
    run = play(one, [probe("over psrp", do="echo", value="abc")], variables=variables)
    assert run.result("over psrp")["value"] == "ABC"


def test_other_connections_are_refused_by_name(one: RunningFleet, play: Any) -> None:
    run = play(one, [probe("over ssh")], variables={"ansible_connection": "local"})
    assert '"ansible.builtin.local"' in run.result("over ssh")["msg"] or '"local"' in run.result("over ssh")["msg"]


@pytest.mark.parametrize("do", ["manage", "talk", "refuse", "crash"])
def test_no_secret_at_the_highest_verbosity(one: RunningFleet, play: Any, do: str) -> None:
    run = play(one, [probe("secret", do=do, token=SECRET, value="abc", progress="always")], "-vvvvv", "--diff")
    assert "secret" in run.output
    text = run.output + str(run.recording.lines)
    for form in (SECRET, SECRET.replace('"', '\\"'), "s3cr3t-t0ken", "Pa55-of-the-host"):
        assert form not in text, form


def test_a_password_that_is_an_ordinary_word_does_not_blot_out_results(
    fleet: Callable[..., RunningFleet], play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_ACTION_PLUGINS", str(PROBE))
    host = fleet({**HOST, "accounts": {"vagrant": "vagrant"}})
    assert play(host, [probe("plain", value="by vagrant")]).result("plain")["asked"] == "by vagrant"
    run = play(host, [probe("crash", do="crash", value="by vagrant")])
    assert "unexpected error" in run.result("crash")["msg"]


def test_no_log_hides_everything(one: RunningFleet, play: Any) -> None:
    run = play(one, [probe("hidden", {"no_log": True}, do="talk", value="unspeakable", token="x", progress="always")], "-vvv", "--diff")
    assert run.ok
    assert "unspeakable" not in run.output.lower()
    assert " % of " not in run.output


@pytest.mark.parametrize("do", ["deny", "crash", "echo"])
def test_no_log_hides_errors_too(one: RunningFleet, play: Any, do: str) -> None:
    one.hosts["ws2022"].faults.add("cut", kind="Receive", when="after")
    run = play(one, [probe("hidden", {"no_log": True}, do=do, value="unspeakable")], "-vvv")
    assert not run.ok
    assert "unspeakable" not in run.output.lower()


def test_the_keyword_timeout_interrupts_and_cleans_up(one: RunningFleet, play: Any) -> None:
    host = one.hosts["ws2022"]
    host.faults.add("delay", kind="Receive", seconds=60, when="before")
    started = time.monotonic()
    run = play(one, [probe("slow", {"timeout": 2}, do="echo")])
    assert time.monotonic() - started < 20
    assert not run.ok
    assert re.search("Timed out|expected time frame", run.result("slow")["msg"])
    assert host.messages["Signal"] == 1
    assert host.messages["Delete"] == host.messages["Create"]


def test_everything_opened_is_closed(one: RunningFleet, play: Any) -> None:
    environment = {"environment": {"PROBE": "x"}}
    run = play(one, [probe("echo", environment, do="echo"), probe("fail", environment, do="refuse")])
    assert not run.ok
    messages = one.hosts["ws2022"].messages
    assert messages["Create"] == messages["Delete"] == 3


def test_statistics_only_when_asked_for(one: RunningFleet, play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "statistics" not in play(one, [probe("quiet")]).result("quiet")
    monkeypatch.setenv("WINFLEET_STATISTICS", "1")
    statistics = play(one, [probe("counted")]).result("counted")["statistics"]
    assert statistics.pop("cpu_seconds") > 0
    assert statistics == {"wsman_messages": 1, "cim_requests": 1, "commands": 0}
