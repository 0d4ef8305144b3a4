# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded requests of real clients, given to a simulated host as it is: its own programs and CIM classes answer, not recorded data.

That every recording is answered alike is shown by test_every_recording.py.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.fleet import RunningFleet

from .outline import outline
from .replay import Stage


class Recorded(Stage):
    """The recordings, and one simulated host to give them to."""

    def __init__(self, folder: Path, fleet: RunningFleet) -> None:
        super().__init__(fleet)
        self._folder = folder

    def text(self, name: str) -> str:
        return (self._folder / f"{name}.xml").read_text(encoding="utf-8").strip()


def same(ours: str, theirs: str, part: Callable[[list[str]], list[str]]) -> None:
    """Compare a part of two answers. p:ActivityId comes and goes between hosts of the same release."""
    rewritten = "\n" in theirs
    found, expected = ([line for line in part(outline(text, rewritten=rewritten)) if "p:ActivityId" not in line] for text in (ours, theirs))
    assert found == expected


def said(lines: list[str]) -> list[str]:
    """All but Stream elements with output: how it is cut up is chance."""
    return [line for line in lines if "rsp:Stream " not in line or "End=" in line]


def frame(lines: list[str]) -> list[str]:
    """The structure around the instances, and each different kind of instance once (its namespaces too), without its properties."""
    depth = next((indent(line) for line in lines if ":Items" in line), 1) + 1
    shown = [line for line in lines if indent(line) <= depth]
    return [line for number, line in enumerate(shown) if number == 0 or line != shown[number - 1]]


def indent(line: str) -> int:
    return (len(line) - len(line.lstrip())) // 2


@pytest.fixture
def recorded(facts: Path, fleet: Callable[..., RunningFleet]) -> Iterator[Recorded]:
    host = {"name": "ws2022", "profile": "server-2022", "winrm": {"switches": {"activity_id": False}}}
    yield Recorded(facts / "wsman", fleet(host))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("receive-done", "echo hi"),
        ("receive-done-2012", "echo myline"),
        ("receive-stderr-exit1", "echo out&amp;ver 1&gt;&amp;2&amp;exit 1"),
        ("signal-ctrl-c", "echo hi"),
        ("signal-terminate", "echo hi"),
        ("send-first", "tar.exe -xf -"),
        ("send-end", "tar.exe -xf -"),
    ],
)
def test_a_message_of_a_command(recorded: Recorded, name: str, line: str) -> None:
    shell = recorded.shell()
    request = recorded.with_ids(recorded.text(f"{name}.request"), shell, recorded.command(shell, line))
    _status, answer = recorded.send(request)
    if name.startswith("receive") and "State/Running" in answer:
        _status, answer = recorded.send(request)
    same(answer, recorded.text(f"{name}.response"), said)


def test_a_running_command_shows_its_output(recorded: Recorded) -> None:
    shell = recorded.shell()
    command = recorded.command(shell, "echo hi&amp;tar.exe -xf -")
    _status, answer = recorded.send(recorded.with_ids(recorded.text("receive-running.request"), shell, command))
    same(answer, recorded.text("receive-running.response"), said)


# --- WMI -----------------------------------------------------------------------------------------------------------------------


def test_enumerate_and_pull(recorded: Recorded) -> None:
    """The first answer holds one item and a context, the last Pull the end and no context."""
    request = recorded.text("wmi-enumerate-service.request")
    _status, first = recorded.send(request)
    same(first, recorded.text("wmi-enumerate-service.response"), frame)
    assert first.count("<p:Win32_Service ") == 1
    context = ET.fromstring(first).findtext(".//{http://schemas.xmlsoap.org/ws/2004/09/enumeration}EnumerationContext")
    pull = re.sub(r"(<n:EnumerationContext[^>]*>)[^<]*", rf"\g<1>{context}", recorded.text("wmi-pull-service-end.request"))
    middle = pull.replace("<n:MaxElements>32000<", "<n:MaxElements>2<")
    _status, answer = recorded.send(middle)
    same(answer, recorded.text("wmi-pull-service-middle.response"), frame)
    assert answer.count("<p:Win32_Service ") == 2
    following = ET.fromstring(answer).findtext(".//{http://schemas.xmlsoap.org/ws/2004/09/enumeration}EnumerationContext")
    _status, answer = recorded.send(pull.replace(str(context), str(following)))
    same(answer, recorded.text("wmi-pull-service-end.response"), frame)


@pytest.mark.parametrize("name", ["wmi-enumerate-operatingsystem-2012", "wmi-enumerate-operatingsystem-columns"])
def test_a_single_instance_comes_at_once(recorded: Recorded, name: str) -> None:
    request = recorded.text(f"{name}.request")
    if name.endswith("columns"):
        request = re.sub(r"Select .*? From", "Select Version,BuildNumber,LastBootUpTime From", request)
    _status, answer = recorded.send(request)
    same(answer, recorded.text(f"{name}.response"), frame)


def test_get(recorded: Recorded) -> None:
    _status, answer = recorded.send(recorded.text("wmi-get-logicaldisk.request"))
    same(answer, recorded.text("wmi-get-logicaldisk.response"), frame)
