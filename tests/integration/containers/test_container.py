# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``container`` on a simulated host: real WinRM, real Engine API, Windows' rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.modules.container import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.container import Container
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.state import Observed
from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Plan

from .conftest import CLIENT_HYPERV, HYPERV, IMAGE, NANO, PING, Site

Start = Callable[..., Site]


def test_a_life(site: Start) -> None:
    where = site()
    created = where.container(image=IMAGE, command=PING, isolation="process")
    assert created.actions == ["pull", "create"], created.error
    assert created.result["container"]["running"]
    assert created.result["container"]["command"] == PING
    assert created.result["isolation"]["mode"] == "process"
    assert "share build 20348" in created.result["isolation"]["reason"]
    assert any("100 %" in line for line in where.progress)
    assert not where.container(image=IMAGE, command=PING, isolation="process").changed
    assert where.container(state="stopped").actions == ["stop"]
    assert not where.container(state="stopped").changed
    assert where.container().actions == ["start"]
    removed = where.container(state="absent")
    assert (removed.actions, removed.result["container"]) == (["stop", "remove"], None)
    assert not where.container(state="absent").changed
    assert where.names() == []


@pytest.mark.parametrize("isolation", [None, "default", "process", "auto"])
def test_a_task_without_change_is_cheap(site: Start, isolation: str | None) -> None:
    where = site()
    options: dict[str, Any] = {
        "image": IMAGE,
        "command": PING,
        "isolation": isolation,
        "env": {"A": "1"},
        "labels": {"b": "c"},
        "memory": "1G",
    }
    assert not where.container(**options).error
    requests, programs, messages = len(where.requests()), len(where.machine.started_programs), where.host.messages.copy()
    assert not where.container(**options).changed
    assert len(where.requests()) - requests <= 4, where.requests()[requests:]
    assert len(where.machine.started_programs) - programs == 1, "nothing but the tunnel"
    used = where.host.messages - messages
    # 13 messages with one Receive for each of the four answers, which a slow machine may take in pieces; Ansible's own shell comes and goes.
    assert sum(used.values()) - used["Logon"] - used["Receive"] - 2 <= 9, used
    assert used["Enumerate"] + used["Pull"] + used["Get"] + used["Invoke"] <= 4, used


def test_check_mode_changes_nothing_and_says_the_same(site: Start) -> None:
    where = site()
    predicted = where.container(check=True, image=IMAGE, command=PING, isolation="auto")
    assert where.names() == []
    done = where.container(image=IMAGE, command=PING, isolation="auto")
    assert predicted.plan == done.plan
    assert predicted.result["isolation"] == done.result["isolation"]
    foretold, made = predicted.result["container"], done.result["container"]
    assert foretold.keys() == made.keys()
    assert {key for key in made if foretold[key] == made[key]} >= {"name", "image", "status", "running", "isolation"}


@pytest.mark.parametrize("change", [{"restart_policy": "always"}, {"state": "stopped"}], ids=lambda change: next(iter(change)))
def test_check_mode_foretells_what_is_changed_in_place(site: Start, change: dict[str, str]) -> None:
    where = site()
    where.container(image=IMAGE, command=PING)
    predicted, done = where.container(check=True, **change).result["container"], where.container(**change).result["container"]
    known = {key for key, value in predicted.items() if value is not None}
    assert known >= {"id", "status", "running", "restart_policy", "isolation", "command", "published_ports"}
    assert {key: predicted[key] for key in known} == {key: done[key] for key in known}


def test_a_replacement_keeps_what_the_task_does_not_give(site: Start) -> None:
    where = site()
    where.container(image=IMAGE, command=PING, published_ports=["8080:80"], restart_policy="always", env={"A": "1"}, isolation="process")
    done = where.container(labels={"a": "b"})
    assert (done.actions, done.result["differences"]) == (["replace"], ["labels"]), done.error
    now = done.result["container"]
    assert (now["published_ports"], now["restart_policy"], now["env"], now["command"]) == (["8080:80/tcp"], "always", ["A"], PING)
    assert now["image"] == IMAGE
    assert not where.container(image=IMAGE, command=PING, published_ports=["8080:80"], labels={"a": "b"}, env={"A": "1"}).changed


def test_arguments_arrive_unchanged(site: Start) -> None:
    where = site()
    nasty = ["cmd", "/c", 'echo %PATH% "quoted" & echo \\', "two\r\nlines", "ünïcödé ☃", "^|<>!", "", "C:\\dir\\"]
    done = where.container(image=IMAGE, command=nasty, env={"A B": 'x%y"z&\n'}, state="stopped")
    assert not done.error
    there = where.there()
    assert there is not None and there.config["Cmd"] == nasty
    assert there.config["Env"] == ['A B=x%y"z&\n']
    assert not where.container(image=IMAGE, command=nasty, env={"A B": 'x%y"z&\n'}, state="stopped").changed


def test_a_command_line_keeps_its_backslashes(site: Start) -> None:
    where = site()
    line = 'cmd /c "C:\\Program Files\\run.cmd" C:\\work\\'
    assert not where.container(image=IMAGE, command=line, state="stopped").error
    there = where.there()
    assert there is not None and there.config["Cmd"] == ["cmd", "/c", "C:\\Program Files\\run.cmd", "C:\\work\\"]
    assert not where.container(image=IMAGE, command=line, state="stopped").changed


@pytest.mark.parametrize("engine", ["20.10.24", "24.0.7", "28.5.2", "29.4.3"])
def test_everything_at_once_converges_on_every_engine(site: Start, engine: str) -> None:
    where = site(engine=engine)
    where.fleet.call(lambda: where.machine.files.make_folder("C:\\Data"))
    options: dict[str, Any] = {
        "image": IMAGE,
        "command": PING,
        "env": {"Stage": "prod", "N": 5},
        "labels": {"team": "a"},
        "published_ports": ["8080:80", "53:53/udp", "443"],
        "volumes": ["C:/Data:C:/data/:ro", "Cache:c:\\cache", "\\\\.\\pipe\\docker_engine:\\\\.\\pipe\\docker_engine"],
        "mounts": [{"type": "bind", "source": "c:\\data", "target": "C:\\More", "read_only": True}],
        "restart_policy": "unless-stopped",
        "isolation": "default",
    }
    first = where.container(**options)
    assert not first.error
    second = where.container(**options)
    assert not second.changed, second.plan
    assert {(entry["type"], entry["read_only"]) for entry in second.result["container"]["mounts"]} == {
        ("bind", True),
        ("volume", False),
        ("npipe", False),
    }
    assert "8080:80/tcp" in second.result["container"]["published_ports"]


def test_a_difference_replaces_and_is_named(site: Start) -> None:
    where = site()
    where.container(image=IMAGE, command=PING, env={"A": "1"})
    before = where.there()
    done = where.container(image=IMAGE, command=PING, env={"A": "2"})
    after = where.there()
    assert (done.actions, done.result["differences"]) == (["replace"], ["env"])
    assert before is not None and after is not None and before.id != after.id
    assert where.names() == ["web: running"]
    assert not where.container(image=IMAGE, command=PING, env={"A": "2"}).changed


def test_the_restart_policy_alone_does_not_replace(site: Start) -> None:
    where = site()
    where.container(image=IMAGE, command=PING)
    before = where.there()
    done = where.container(image=IMAGE, command=PING, restart_policy="always")
    assert (done.actions, done.result["container"]["restart_policy"]) == (["update"], "always")
    assert where.there() is before


def test_a_failed_replacement_brings_the_old_container_back(site: Start) -> None:
    where = site()
    where.container(name="other", image=IMAGE, command=PING, published_ports=["8080:80"])
    where.container(image=IMAGE, command=PING, published_ports=["9090:80"])
    old = where.there()
    done = where.container(image=IMAGE, command=PING, published_ports=["8080:80"])
    assert 'Cannot start container "web" on ws2022: ' in done.error
    assert "8080" in done.error and "already in use" in done.error
    assert where.names() == ["other: running", "web: running"]
    assert where.there() is old


def test_a_new_container_that_cannot_start_is_removed(site: Start) -> None:
    where = site()
    where.container(name="other", image=IMAGE, command=PING, published_ports=["8080:80"])
    done = where.container(image=IMAGE, command=PING, published_ports=["8080:80"])
    assert "8080" in done.error and "already in use" in done.error
    assert where.names() == ["other: running"]


@pytest.mark.parametrize("interrupted_after", ["rename", "create", "start"])
def test_an_interrupted_replacement_is_finished_by_the_next_run(site: Start, interrupted_after: str) -> None:
    """The controller dies in the middle: what the engine then holds, the next run sorts out."""
    where = site()
    where.container(image=IMAGE, command=PING)
    wanted: dict[str, Any] = {"image": IMAGE, "command": PING, "labels": {"new": "yes"}}
    if interrupted_after != "rename":
        where.container(name="helper", **wanted, state="started" if interrupted_after == "start" else "stopped")

    async def interrupt() -> None:
        old = where.there()
        assert old is not None
        await where.engine.lifecycle.stop(old)
        old.name = "web.winfleet-previous"
        helper = where.there("helper")
        if helper is not None:
            helper.name = "web"

    where.fleet.call(interrupt)
    assert not where.container(**wanted).error
    assert where.names() == ["web: running"]
    there = where.there()
    assert there is not None and there.config["Labels"] == {"new": "yes"}
    assert not where.container(**wanted).changed


def test_a_name_that_was_taken_meanwhile(site: Start) -> None:
    """Somebody else creates a container of that name after this task has looked."""
    where = site()

    class Overtaken(Container):
        def apply(self, plan: Plan, observed: Observed) -> None:
            where.container(name="other", image=IMAGE, command=PING, labels={"by": "somebody else"})
            there = where.there("other")
            where.fleet.call(lambda: setattr(there, "name", "web"))
            super().apply(plan, observed)

    defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    done = where.run(lambda remote: Overtaken(remote, {**defaults, "name": "web", "image": IMAGE, "command": PING}))
    assert (
        done.error.startswith('Cannot create container "web" on ws2022: another container (') and 'already has the name "web"' in done.error
    )
    there = where.there()
    assert where.names() == ["web: running"] and there is not None and there.config["Labels"] == {"by": "somebody else"}


def test_hyperv_where_it_works(site: Start) -> None:
    where = site(**HYPERV)
    done = where.container(image=IMAGE, command=PING, isolation="hyperv")
    assert done.result["isolation"]["mode"] == "hyperv", done.error
    assert where.container(image=IMAGE, command=PING, isolation="process").actions == ["replace"]


def test_an_older_image_gets_hyperv_by_auto(site: Start) -> None:
    where = site(**HYPERV)
    done = where.container(image=f"{NANO}:1809", command=PING, isolation="auto")
    assert done.result["isolation"]["mode"] == "hyperv", done.error
    assert "cannot work" in done.result["isolation"]["reason"]
    assert not where.container(image=f"{NANO}:1809", command=PING, isolation="auto").changed


#: Options, and what the error must say. Whatever is refused here must leave the host without a container and without an image.
REFUSALS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "hyperv without the feature": ({"isolation": "hyperv"}, ["Microsoft-Hyper-V is not enabled", "host_feature", "use isolation: process"]),
    "process for an older image": ({"image": f"{NANO}:1809", "isolation": "process"}, ["build 17763"]),
    "the default for an older image": ({"image": f"{NANO}:1809"}, ["the engine's default", "build 17763"]),
    "auto where nothing works": ({"image": f"{NANO}:1809", "isolation": "auto"}, ["neither isolation can work"]),
    "newer image": ({"image": f"{NANO}:ltsc2025", "isolation": "process"}, ["10.0.26100", "newer than Windows Server 2022"]),
    "unknown tag": ({"image": f"{NANO}:ltsc1999"}, ['no tag "ltsc1999"', "ltsc2022"]),
    "unknown repository": ({"image": "example.com/nothing:1"}, ["example.com"]),
    "missing folder": ({"volumes": ["C:\\missing:C:\\data"]}, ["no such folder: C:\\missing"]),
    "a file for a folder": ({"volumes": ["C:\\Windows\\System32\\cmd.exe:C:\\data"]}, ["no such folder", "single files"]),
    "pull never": ({"pull": "never"}, ['pull is "never"']),
    "no image": ({"image": None}, ["the option image is needed"]),
    "a host address": ({"published_ports": ["127.0.0.1:80:80"]}, ["does not support host IP addresses"]),
    "a range": ({"published_ports": ["80-90:80"]}, ["List every port"]),
    "a quote in a path": ({"volumes": ['C:\\a"b:C:\\data']}, ["no Windows path can have"]),
}


@pytest.fixture(scope="module")
def plain() -> Any:
    """One host for all refusals: none of them may leave anything behind."""
    from simulator.fleet import running_fleet

    from .conftest import prepare

    with running_fleet({"hosts": [{"name": "ws2022", "profile": "server-2022", "features": {"Containers": "enabled"}}]}) as fleet:
        yield prepare(fleet)


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_leave_nothing_behind(plain: Site, case: str) -> None:
    options, said = REFUSALS[case]
    done = plain.container(**{"image": IMAGE, "command": PING, **options})
    assert done.error.startswith("Cannot ") and done.error.endswith(".") and "\n" not in done.error
    assert all(text in done.error for text in said), done.error
    assert plain.names() == []
    assert not [request for request in plain.requests() if request.startswith("POST")], "nothing was pulled or created"


def test_a_client_has_hyperv_as_its_default(site: Start) -> None:
    where = site(profile="windows-11-24h2", **CLIENT_HYPERV)
    done = where.container(image=f"{NANO}:ltsc2022", command=PING)
    assert done.result["isolation"]["mode"] == "hyperv", done.error
    assert not where.container(image=f"{NANO}:ltsc2022", command=PING, isolation="default").changed


def test_auto_leaves_hyperv_when_the_host_has_lost_it(site: Start) -> None:
    where = site(**HYPERV)
    where.container(image=IMAGE, command=PING, isolation="hyperv")
    where.container(state="stopped")
    assert where.container(image=IMAGE, command=PING, isolation="auto").actions == ["start"]
    where.container(state="stopped")

    def lose() -> None:
        for feature in ("Microsoft-Hyper-V", "Microsoft-Hyper-V-Online"):
            where.machine.features.set_state(feature, "disabled")
        where.machine.hypervisor_running = False

    where.fleet.call(lose)
    done = where.container(image=IMAGE, command=PING, isolation="auto")
    assert (done.actions, done.result["isolation"]["mode"]) == (["replace"], "process"), done.error


def test_another_image_under_the_same_tag(site: Start) -> None:
    where = site()
    where.container(image=f"{NANO}:ltsc2022", command=PING)
    done = where.container(image=f"{NANO}:10.0.20348.1487", command=PING)
    assert (done.actions, done.result["differences"]) == (["pull", "replace"], ["image"])


def test_a_program_that_is_not_in_the_image(site: Start) -> None:
    where = site()
    done = where.container(image=IMAGE, command=["nonsense.exe"])
    assert 'Cannot start container "web" on ws2022' in done.error and "does not exist in the image" in done.error
    assert where.names() == []


def test_a_command_that_ends_at_once_is_told(site: Start) -> None:
    done = site().container(image=IMAGE, command=["cmd", "/c", "exit 3"])
    assert not done.error
    if not done.result["container"]["running"]:
        assert "exit code 3" in done.result["warnings"][0]
