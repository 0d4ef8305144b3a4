# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random lives of three containers, led step by step on both engines: every status, message and state must be the same."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from contract.conftest import IMAGE, Side, open_side
from contract.real_engine import NoRealEngine
from contract.test_refusals import ask

NAMES = ("one", "two", "three")
STEPS = 40


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Side, Side]]:
    """The two engines at once."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(open_side("simulated")), stack.enter_context(open_side("real"))
        except NoRealEngine as reason:
            pytest.skip(str(reason))


Step = tuple[str, str, Any]


def _create(generator: random.Random, name: str) -> Step:
    policy = generator.choice(["", "no", "unless-stopped", "on-failure", "nonsense"])
    command = generator.choice([["sleep", "100"], ["true"], ["sh", "-c", "exit 4"], None])
    host = {"NetworkMode": "none", "AutoRemove": False, "RestartPolicy": {"Name": policy}}
    if command != ["sleep", "100"]:
        host["RestartPolicy"] = {"Name": "no"}  # else both engines restart it, each at its own moment
    image = generator.choice([IMAGE, IMAGE, IMAGE, "nothing:here"])
    return "POST", f"/containers/create?name={name}", {"Image": image, "Cmd": command, "HostConfig": host}


def _plain(method: str, path: str) -> Callable[[random.Random, str], Step]:
    return lambda generator, name: (method, path.format(name=name, other=generator.choice(NAMES)), None)


ACTIONS: tuple[Callable[[random.Random, str], Step], ...] = (
    _create,
    _create,
    _plain("POST", "/containers/{name}/start"),
    _plain("POST", "/containers/{name}/start"),
    _plain("POST", "/containers/{name}/stop?t=0"),
    _plain("POST", "/containers/{name}/kill"),
    _plain("POST", "/containers/{name}/kill?signal=NONSENSE"),
    _plain("POST", "/containers/{name}/rename?name={other}"),
    _plain("POST", "/containers/{name}/restart?t=0"),
    _plain("DELETE", "/containers/{name}"),
    _plain("DELETE", "/containers/{name}?force=1"),
    _plain("GET", "/containers/{name}/logs?stdout=1"),
    _plain("GET", "/containers/{name}/logs"),
    _plain("POST", "/containers/{name}/rename?name=a%20b"),
    lambda generator, name: ("POST", f"/containers/{name}/update", {"RestartPolicy": {"Name": "no"}}),
    lambda generator, name: ("POST", f"/containers/{name}/exec", {"Cmd": generator.choice([["true"], []])}),
)


def settle(side: Side) -> None:
    """Short commands have ended: wait for them, so that both engines are looked at in the same moment of their lives."""
    for row in side.api.containers():
        if row["Command"] != "sleep 100":
            side.api.wait(row["Id"], timeout=20)


def look(side: Side) -> dict[str, Any]:
    """The state of all containers, without what differs from run to run or by platform."""
    states: dict[str, Any] = {}
    for name in NAMES:
        status, text, _headers = ask(side, "GET", f"/containers/{name}/json")
        if status == 200:
            shown = json.loads(text)
            code = shown["State"]["ExitCode"]
            code = "stopped" if code == side.platform.stopped_code else code
            states[name] = (shown["State"]["Status"], code, shown["Path"], shown["Args"], shown["HostConfig"]["RestartPolicy"]["Name"])
        else:
            states[name] = status
    return states


def generalised(text: str) -> str:
    """An answer without ids."""
    return re.sub(r"[0-9a-f]{64}", "<id>", text)


def take(side: Side, step: Step) -> tuple[int, str, dict[str, Any]]:
    """One step: status, answer and the states after it."""
    method, target, body = step
    status, text, _headers = ask(side, method, target, body)
    settle(side)
    return status, generalised(text), look(side)


@pytest.mark.real_engine
@pytest.mark.parametrize("seed", range(10))
def test_the_same_life(both: tuple[Side, Side], seed: int) -> None:
    generator = random.Random(seed)
    history: list[Step] = []
    for side in both:
        for row in side.api.containers(all=True):
            side.api.remove_container(row["Id"], force=True)
    for _number in range(STEPS):
        step = generator.choice(ACTIONS)(generator, generator.choice(NAMES))
        history.append(step)
        simulated, real = (take(side, step) for side in both)
        assert simulated == real, "\n".join(f"{method} {target} {body or ''}" for method, target, body in history)
