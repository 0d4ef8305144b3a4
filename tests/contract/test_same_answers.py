# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random calls, led step by step on both engines: every status, message and state must be the same.

Hypothesis chooses the calls; the choice is the same in each run. What a platform does otherwise stands in platforms.py and is left out.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, ClassVar

import pytest
from contract.conftest import IMAGE, Side, open_side
from contract.real_engine import NoRealEngine
from contract.test_refusals import ask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

NAMES = ("one", "two", "three")
VOLUMES = ("data", "logs", "a b", "-")
EXAMPLES, STEPS = 40, 40


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Side, Side]]:
    """The two engines at once."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(open_side("simulated")), stack.enter_context(open_side("real"))
        except NoRealEngine as reason:
            pytest.skip(str(reason))


Step = tuple[str, str, Any]
names = st.sampled_from(NAMES)


@st.composite
def creations(draw: st.DrawFn) -> Step:
    """A container, possible or not."""
    command = draw(
        st.sampled_from([["sleep", "100"], ["true"], ["sh", "-c", "exit 4"], ["sh", "-c", "echo made > /made"], ["no-such"], None])
    )
    # Only what does not end by itself may have a policy: else both engines restart it, each at its own moment.
    policy = draw(st.sampled_from(["", "no", "unless-stopped", "on-failure", "nonsense"])) if command == ["sleep", "100"] else "no"
    count = draw(st.sampled_from([0, 0, 0, 2, -1]))
    host = {"NetworkMode": "none", "AutoRemove": False, "RestartPolicy": {"Name": policy, "MaximumRetryCount": count}}
    image = draw(st.sampled_from([IMAGE, IMAGE, IMAGE, "nothing:here", "UPPER"]))
    labels = draw(st.sampled_from([None, {"role": "web"}]))
    return "POST", f"/containers/create?name={draw(names)}", {"Image": image, "Cmd": command, "HostConfig": host, "Labels": labels}


@st.composite
def plain_calls(draw: st.DrawFn) -> Step:
    """Calls about one container without a body."""
    method, path = draw(
        st.sampled_from(
            [
                ("POST", "/containers/{name}/start"),
                ("POST", "/containers/{name}/start"),
                ("POST", "/containers/{name}/stop?t=0"),
                ("POST", "/containers/{name}/kill"),
                ("POST", "/containers/{name}/kill?signal=NONSENSE"),
                ("POST", "/containers/{name}/rename?name={other}"),
                ("POST", "/containers/{name}/rename?name=a%20b"),
                ("POST", "/containers/{name}/rename"),
                ("POST", "/containers/{name}/restart?t=0"),
                ("DELETE", "/containers/{name}"),
                ("DELETE", "/containers/{name}?force=1"),
                ("GET", "/containers/{name}/logs?stdout=1"),
                ("GET", "/containers/{name}/logs"),
                ("HEAD", "/containers/{name}/archive?path=/made"),
                ("GET", "/containers/{name}/archive?path=/nowhere"),
                ("GET", "/containers/{name}/archive"),
                ("POST", "/containers/{name}/unpause"),
                ("GET", "/containers/json?all=1&filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D"),
                ("GET", "/exec/{name}/json"),
            ]
        )
    )
    return method, path.format(name=draw(names), other=draw(names)), None


@st.composite
def bodies(draw: st.DrawFn) -> Step:
    """Calls about one container with a body."""
    name = draw(names)
    return draw(
        st.sampled_from(
            [
                ("POST", f"/containers/{name}/update", {"RestartPolicy": {"Name": "no"}}),
                ("POST", f"/containers/{name}/update", {"RestartPolicy": {"Name": "nonsense"}}),
                ("POST", f"/containers/{name}/exec", {"Cmd": ["true"]}),
                ("POST", f"/containers/{name}/exec", {"Cmd": []}),
                ("PUT", f"/containers/{name}/archive?path=/", tar_of("put.txt", b"put")),
                ("PUT", f"/containers/{name}/archive?path=/nowhere", tar_of("put.txt", b"put")),
                ("POST", "/networks/create", {"Name": "none", "CheckDuplicate": True}),
                ("POST", "/networks/create", {"Name": ""}),
                ("POST", "/networks/none/connect", {"Container": name}),
                ("POST", "/networks/nothing/connect", {"Container": name}),
            ]
        )
    )


@st.composite
def volume_calls(draw: st.DrawFn) -> Step:
    """Calls about volumes."""
    name = draw(st.sampled_from(VOLUMES))
    path = name.replace(" ", "%20")
    return draw(
        st.sampled_from(
            [
                ("POST", "/volumes/create", {"Name": name}),
                ("GET", f"/volumes/{path}", None),
                ("DELETE", f"/volumes/{path}", None),
                ("DELETE", f"/volumes/{path}?force=1", None),
            ]
        )
    )


@st.composite
def image_calls(draw: st.DrawFn) -> Step:
    """Calls about names of images."""
    return draw(
        st.sampled_from(
            [
                ("POST", f"/images/{IMAGE}/tag?repo=contract/second&tag=1", None),
                ("POST", f"/images/{IMAGE}/tag?repo=Bad&tag=1", None),
                ("POST", "/images/nothing:here/tag?repo=contract/second&tag=1", None),
                ("DELETE", "/images/contract/second:1", None),
                ("DELETE", "/images/nothing:here", None),
                ("GET", "/images/nothing:here/history", None),
                ("GET", "/images/nothing:here/get", None),
            ]
        )
    )


def tar_of(name: str, content: bytes) -> bytes:
    """A tar with one file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


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
    text = re.sub(r"[0-9a-f]{64}", "<id>", text)
    if text.startswith("{") and text.rstrip().endswith("}"):
        text = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    return re.sub(r'"(Mountpoint|CreatedAt)":"[^"]*"', r'"\1":"..."', text)


def take(side: Side, step: Step) -> tuple[int, str, dict[str, Any]]:
    """One step: status, answer and the states after it."""
    method, target, body = step
    status, text, _headers = ask(side, method, target, body)
    settle(side)
    if side.platform.missing_program_words in text:
        text = re.sub(r"(failed to create|container [0-9a-f]{64} encountered).*", "<no such program>", text)
    return status, generalised(text), look(side)


class Lives(RuleBasedStateMachine):
    """Each rule is one call, made on both engines."""

    sides: ClassVar[tuple[Side, Side]]

    def __init__(self) -> None:
        super().__init__()
        self.history: list[str] = []

    @initialize()
    def nothing_is_there(self) -> None:
        for side in self.sides:
            for row in side.api.containers(all=True):
                side.api.remove_container(row["Id"], force=True)
            for volume in side.api.volumes()["Volumes"] or ():
                side.api.remove_volume(volume["Name"])

    @rule(step=st.one_of(creations(), creations(), plain_calls(), plain_calls(), plain_calls(), bodies(), volume_calls(), image_calls()))
    def call(self, step: Step) -> None:
        self.history.append(f"{step[0]} {step[1]} {'' if isinstance(step[2], bytes) else step[2] or ''}")
        simulated, real = (take(side, step) for side in self.sides)
        assert simulated == real, "\n".join(self.history)


@pytest.mark.real_engine
def test_the_same_lives(both: tuple[Side, Side]) -> None:
    Lives.sides = both
    chosen = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Lives, settings=chosen)
