# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``container_exec`` on simulated hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.modules.container_exec import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.exec import ContainerExec, Desired
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

from .conftest import HYPERV, IMAGE, PING, Done, Site

Start = Callable[..., Site]
DEFAULTS = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()} | {"container": "web"}


def _exec(where: Site, check: bool = False, **options: Any) -> Done:
    return where.run(lambda remote: ContainerExec(remote, {**DEFAULTS, **options}), check)


@pytest.mark.parametrize("isolation", ["process", "hyperv"])
def test_commands_in_a_container(site: Start, isolation: str) -> None:
    where = site(**HYPERV)
    assert not where.container(image=IMAGE, command=PING, isolation=isolation).error

    done = _exec(where, command='cmd /C "echo out& echo err 1>&2& exit 7"')
    assert (done.changed, done.result["rc"], done.result["stdout"], done.result["stderr_lines"]) == (True, 7, "out", ["err"])
    assert done.result["failed"] and done.result["msg"] == (
        'Cannot run a command in container "web" on ws2022: it ended with exit code 7. Look at its stdout and stderr.'
    )
    assert done.result["cmd"] == ["cmd", "/C", "echo out& echo err 1>&2& exit 7"]

    given = _exec(where, argv=["cmd", "/C", "echo %SECRET%& more"], env={"SECRET": "s3cret"}, stdin="käse", encoding="cp437")
    assert given.result["stdout"] == "s3cret\r\nkäse" and "failed" not in given.result
    assert _exec(where, command="whoami", user="ContainerUser").result["stdout"] == "user manager\\containeruser"
    assert _exec(where, command="cmd /C cd", chdir="C:\\data", strip_empty_ends=False).result["stdout"] == "C:\\data\r\n"

    missing = _exec(where, command="nothing.exe /x").result
    assert missing["failed"] and "the program nothing.exe does not exist in it" in missing["msg"]
    lost = _exec(where, command="whoami", chdir="D:\\nowhere").result
    assert lost["msg"] == 'Cannot run a command in container "web" on ws2022: it has no folder "D:\\nowhere". Correct the option chdir.'
    nobody = _exec(where, command="whoami", user="nobody").result
    assert (nobody["rc"], nobody["failed"]) == (128, True) and 'it has no user "nobody". Name a user of its image' in nobody["msg"]
    detached = _exec(where, command="ping -t localhost", detach=True).result
    assert set(detached) == {"cmd", "exec_id"} and where.engine.execs.find(detached["exec_id"]).running


@pytest.mark.parametrize("isolation", ["process", "hyperv"])
def test_creates_removes_and_check_mode_are_those_of_command(site: Start, isolation: str) -> None:
    where = site(**HYPERV)
    assert not where.container(image=IMAGE, command=PING, isolation=isolation).error
    make = {"command": 'cmd /C mkdir "C:\\a b.txt"', "creates": "C:\\a b.txt"}

    skipped = _exec(where, check=True, command="whoami").result
    assert (skipped["skipped"], skipped["changed"], skipped["msg"]) == (True, False, "Command would have run if not in check mode")
    predicted = _exec(where, check=True, **make)
    assert predicted.changed and "skipped" not in predicted.result
    assert _exec(where, **make).changed

    again = _exec(where, **make)
    assert (again.changed, again.result["rc"], again.result["msg"]) == (False, 0, "Did not run command since 'C:\\a b.txt' exists")
    assert again.result["stdout"] == "skipped, since 'C:\\a b.txt' exists"
    assert not _exec(where, check=True, **make).changed
    assert not _exec(where, command="whoami", creates="C:\\a*.txt").changed
    assert _exec(where, command="whoami", removes="C:\\a?b.txt").changed
    assert "does not exist" in _exec(where, command="whoami", removes="C:\\none.txt").result["msg"]


def test_what_does_not_run(site: Start) -> None:
    where = site()
    assert not where.container(image=IMAGE, command=PING, state="stopped").error
    assert _exec(where, command="ver").error == (
        'Cannot run a command in container "web" on ws2022: it does not run. Start it first, with the module container and state: started.'
    )
    assert "there is no such container" in _exec(where, container="nobody", command="ver").error
    assert _exec(where, check=True, container="nobody", command="ver", creates="C:\\x").result["skipped"], "it may only be predicted"


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"container": "", "command": "x"}, "the option container is empty"),
        ({"command": " "}, "the option command names no program"),
        ({"argv": []}, "the option argv names no program"),
        ({"argv": [""]}, "the option argv names no program"),
        ({"argv": ["cmd", "a\0b"]}, "NUL"),
        ({"command": "x", "creates": "C:\\%TEMP%\\x"}, 'the option creates holds the character "%"'),
        ({"command": "x", "removes": "C:\\a&del"}, 'the option removes holds the character "&"'),
        ({"command": "x", "creates": ""}, "holds no path"),
        ({"command": "x", "env": {"A=B": "c"}}, "cannot be an environment variable"),
        ({"command": "x", "env": {"A": True}}, "is not text"),
        ({"command": "x", "encoding": "klingon"}, 'there is no encoding "klingon"'),
        ({"command": "x", "encoding": "cp437", "stdin": "☃"}, "holds characters that cp437 does not have"),
        ({"command": "x", "stdin": "a", "detach": True}, "a detached command has no input"),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], cause: str) -> None:
    with pytest.raises(OptionError) as caught:
        Desired.of({**DEFAULTS, **options})
    assert cause in caught.value.cause


def test_a_blank_protects_what_cmd_would_take_apart() -> None:
    assert Desired.of({**DEFAULTS, "command": "x", "creates": "C:\\Program Files (x86)\\a&b"}).creates
