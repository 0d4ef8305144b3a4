# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``isolation_info``: evidence gathered on simulated hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.isolation_info import IsolationInfo
from simulator.engine import routes_containers, texts

from .conftest import HYPERV, IMAGE, PING, Done, Site

Start = Callable[..., Site]


def _look(where: Site, *names: str) -> Done:
    return where.run(lambda remote: IsolationInfo(remote, names, "docker_engine"))


def _one(done: Done) -> dict[str, Any]:
    [entry] = done.result["containers"]
    return dict(entry)


def test_both_modes_are_proved(site: Start) -> None:
    where = site(**HYPERV)
    for name, isolation in (("one", "process"), ("two", "hyperv"), ("three", "hyperv")):
        assert not where.container(name=name, image=IMAGE, command=PING, isolation=isolation).error
    done = _look(where)
    seen = {entry["name"]: entry for entry in done.result["containers"]}
    assert {name: (entry["verdict"], entry["as_requested"]) for name, entry in seen.items()} == {
        "one": ("process", True),
        "two": ("hyperv", True),
        "three": ("hyperv", True),
    }
    assert seen["one"]["evidence"]["on_host"] and not seen["two"]["evidence"]["on_host"]
    assert {entry["confidence"] for entry in seen.values()} == {"high"}
    assert (done.result["mismatched"], done.result["unproved"]) == ([], [])
    evidence = [seen[name]["evidence"] for name in ("two", "three")]
    assert sorted(one["utility_vm_process"] for one in evidence) == evidence[0]["utility_vm_processes"]
    assert {one["compute_system"]["type"] for one in evidence} == {"VM"}


def test_without_the_compute_service_the_workers_are_counted(site: Start) -> None:
    """Its tool came after Server 2016, and the second machine may be anybody's."""
    where = site(**HYPERV)
    where.container(image=IMAGE, command=PING, isolation="hyperv")
    there = where.there()
    assert there is not None
    where.fleet.call(where.machine.compute_systems.clear)
    entry = _one(_look(where, "web"))
    assert (entry["verdict"], entry["confidence"], entry["evidence"]["compute_system"]) == ("hyperv", "medium", None)
    where.fleet.call(lambda: where.machine.processes.add("vmwp.exe"))
    entry = _one(_look(where, "web"))
    assert (entry["verdict"], entry["confidence"]) == ("hyperv", "low")


def test_the_error_of_a_failed_start_tells_its_isolation(site: Start) -> None:
    where = site()
    where.container(image=IMAGE, command=PING, state="stopped")
    there = where.there()
    assert there is not None
    where.fleet.call(lambda: setattr(there.state, "error", 'failed (extra info: {"HvPartition":true})'))
    entry = _one(_look(where, "web"))
    assert (entry["verdict"], entry["evidence"]["failed_start"]) == ("unproved", "hyperv")


def test_in_check_mode_what_is_not_there_yet_is_only_warned_of(site: Start) -> None:
    where = site()
    done = where.run(lambda remote: IsolationInfo(remote, ("web",), "docker_engine"), check=True)
    assert (done.error, done.result["containers"], done.plan.warnings) == ("", [], ('there is no container "web" yet',))


def test_one_query_of_the_process_table(site: Start) -> None:
    where = site()
    where.container(image=IMAGE, command=PING)
    before = where.host.messages.copy()
    _look(where)
    assert (where.host.messages - before)["Enumerate"] == 2, "the engine's service, and the processes"


def test_a_claim_without_evidence_is_not_believed(site: Start) -> None:
    """The engine says hyperv, and the processes are on the host."""
    where = site()
    where.container(image=IMAGE, command=PING, isolation="process")
    there = where.there()
    assert there is not None
    where.fleet.call(lambda: there.host_config.update(Isolation="hyperv"))
    entry = _one(_look(where))
    assert (entry["requested"], entry["verdict"], entry["as_requested"]) == ("hyperv", "process", False)
    assert entry["mismatches"] == ["hyperv was asked for, and process is in force"]


def test_a_stopped_container_is_unproved(site: Start) -> None:
    where = site()
    where.container(image=IMAGE, command=PING, state="stopped")
    entry = _one(_look(where, "web"))
    assert (entry["verdict"], entry["as_requested"]) == ("unproved", None)
    assert _look(where).result["containers"] == [], "without names: those that run"


def _refuse(program: object) -> NoReturn:
    raise texts.top_arguments()


def test_a_container_that_cannot_be_looked_into_is_an_error(site: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    where = site()
    where.container(image=IMAGE, command=PING)
    monkeypatch.setattr(routes_containers, "_row", _refuse)
    assert "the engine answered: Windows does not support arguments to top" in _look(where).error


def test_an_unknown_name(site: Start) -> None:
    where = site()
    assert 'there is no container "nobody"' in _look(where, "nobody").error
    assert "holds an empty name" in _look(where, "").error
