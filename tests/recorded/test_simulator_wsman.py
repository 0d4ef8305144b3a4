# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded requests of real clients, given to the simulator: its answers have the structure of the recorded answers.

Compared are elements with their prefixes and order, the names of their attributes, the namespaces, and in faults the texts and numbers.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest

from simulator.fleet import RunningFleet
from simulator.wsman import envelope

#: Ids and times change; the envelope's language and p:ActivityId come and go between hosts of the same release.
IGNORED_TEXT = {"a:MessageID", "a:RelatesTo", "a:To", "a:Address", "p:ParameterInfo", "p:Message", "p:error_WindowsErrorMessage"}
Node = tuple[int, str, tuple[str, ...], str]


def skeleton(text: str, *, texts: bool = False) -> list[Node]:
    """Depth, prefixed name, attributes and (for faults) text of every element in document order."""
    nodes: list[list[Any]] = []
    stack: list[list[Any]] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        shown = sorted(f"{key}={value}" if key.startswith("xmlns") or key == "Code" else key for key, value in attributes.items())
        stack.append([len(stack), name, tuple(shown), ""])
        nodes.append(stack[-1])

    def data(content: str) -> None:
        stack[-1][3] += content

    parser.StartElementHandler, parser.CharacterDataHandler = start, data
    parser.EndElementHandler = lambda name: stack.pop()
    parser.Parse(text, True)
    kept = [node for node in nodes if node[1] != "p:ActivityId"]
    return [(node[0], node[1], node[2], " ".join(node[3].split()) if texts and node[1] not in IGNORED_TEXT else "") for node in kept]


class Recorded:
    """The recordings, and one simulated host to give them to."""

    def __init__(self, folder: Path, fleet: RunningFleet) -> None:
        self._folder, self._fleet = folder, fleet
        self.host = fleet.hosts["ws2022"]

    def text(self, name: str) -> str:
        return (self._folder / f"{name}.xml").read_text(encoding="utf-8").lstrip()

    def send(self, request: str) -> tuple[int, str]:
        """Give a request to the service; status and answer."""
        message = envelope.parse(request.encode())
        message.user, message.client, message.host = "vagrant", "192.168.56.1", "192.168.56.15"
        status, answer = self._fleet.call(lambda: self.host.winrm.service.handle(message))
        return int(status), str(answer)

    def shell(self) -> str:
        return self._id("ShellId", self.send(self.text("shell-create.request"))[1])

    def command(self, shell: str, line: str) -> str:
        request = self.of(self.text("command-directory-listing.request"), shell)
        request = re.sub(
            r"<rsp:Command>.*?</rsp:Command>(<rsp:Arguments>.*?</rsp:Arguments>)*", f"<rsp:Command>{line}</rsp:Command>", request
        )
        return self._id("CommandId", self.send(request)[1])

    @staticmethod
    def _id(name: str, answer: str) -> str:
        found = re.search(rf'(?:Name="{name}">|<rsp:{name}>)([-0-9A-F]+)', answer)
        assert found, answer
        return found.group(1)

    @staticmethod
    def of(request: str, shell: str, command: str = "") -> str:
        """The request with the ids of a live shell and command."""
        request = re.sub(r'(Name="ShellId">)[^<]*', rf"\g<1>{shell}", request)
        return re.sub(r'(CommandId=")[^"]*', rf"\g<1>{command}", request) if command else request


@pytest.fixture
def recorded(facts: Path, fleet: Callable[..., RunningFleet]) -> Iterator[Recorded]:
    yield Recorded(facts / "wsman", fleet({"name": "ws2022", "profile": "server-2022"}))


@pytest.mark.parametrize(
    "name",
    ["shell-create", "shell-create-noprofile", "shell-create-working-dir-idle-lifetime", "shell-create-environment",
     "shell-create-environment-special", "shell-create-codepage437", "config-get"],
)  # fmt: skip
def test_a_message_without_ids(recorded: Recorded, name: str) -> None:
    status, answer = recorded.send(recorded.text(f"{name}.request"))
    assert (status, skeleton(answer)) == (200, skeleton(recorded.text(f"{name}.response")))


@pytest.mark.parametrize(
    "name", ["shell-get", "shell-delete", "shell-delete-unused", "command-cmd-echo", "command-stdin", "command-consolemode"]
)
def test_a_message_of_a_shell(recorded: Recorded, name: str) -> None:
    status, answer = recorded.send(recorded.of(recorded.text(f"{name}.request"), recorded.shell()))
    assert (status, skeleton(answer)) == (200, skeleton(recorded.text(f"{name}.response")))


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
    command = recorded.command(shell, line)
    answers = recorded.send(recorded.of(recorded.text(f"{name}.request"), shell, command))
    if name.startswith("receive"):
        answers = recorded.send(recorded.of(recorded.text(f"{name}.request"), shell, command)) if "State/Running" in answers[1] else answers
    assert (answers[0], _merged(skeleton(answers[1]))) == (200, _merged(skeleton(recorded.text(f"{name}.response"))))


def _merged(nodes: list[Node]) -> list[Node]:
    """The same without Stream elements that hold output: how it is cut up is chance."""
    return [node for node in nodes if node[1] != "rsp:Stream" or "End" in node[2]]


def test_a_command_with_nothing_to_say_times_out(recorded: Recorded) -> None:
    shell = recorded.shell()
    command = recorded.command(shell, "tar.exe -xf -")
    request = recorded.of(recorded.text("receive-timeout.request"), shell, command).replace("PT10S", "PT0.2S")
    status, answer = recorded.send(request)
    assert (status, skeleton(answer, texts=True)) == (500, skeleton(recorded.text("receive-timeout.response"), texts=True))


def test_a_running_command_shows_its_output(recorded: Recorded) -> None:
    shell = recorded.shell()
    command = recorded.command(shell, "echo hi&amp;tar.exe -xf -")
    status, answer = recorded.send(recorded.of(recorded.text("receive-running.request"), shell, command))
    assert (status, _merged(skeleton(answer))) == (200, _merged(skeleton(recorded.text("receive-running.response"))))


def test_fault_shell_not_found(recorded: Recorded) -> None:
    _same_fault(recorded, "fault-shell-not-found", recorded.text("fault-shell-not-found.request"))


def test_fault_unknown_command(recorded: Recorded) -> None:
    request = recorded.of(recorded.text("fault-unknown-command-id.request"), recorded.shell())
    _same_fault(recorded, "fault-unknown-command-id", request)


def test_fault_invalid_timeout(recorded: Recorded) -> None:
    _same_fault(recorded, "fault-invalid-timeout-header", recorded.text("fault-invalid-timeout-header.request"))


def test_fault_command_line_too_long(recorded: Recorded) -> None:
    request = recorded.of(recorded.text("command-directory-listing.request"), recorded.shell())
    request = re.sub(r"<rsp:Command>.*?</rsp:Command>", f"<rsp:Command>{'x' * 9000}</rsp:Command>", request)
    _same_fault(recorded, "fault-command-line-too-long", request, language="")


def test_fault_schema(recorded: Recorded) -> None:
    request = recorded.of(recorded.text("command-cmd-echo.request"), recorded.shell()).replace("rsp:Arguments", "rsp:Argument")
    _same_fault(recorded, "fault-schema-validation", request)


def test_fault_class_not_found_in_a_query(recorded: Recorded) -> None:
    request = recorded.text("wmi-enumerate-logicaldisk.request").replace("Win32_LogicalDisk", "Win32_Processa")
    _same_fault(recorded, "fault-wql-class-not-found", request)


def test_fault_instance_not_found(recorded: Recorded) -> None:
    request = recorded.text("wmi-get-logicaldisk.request").replace("DeviceId", "Handle").replace("c:<", "29<")
    request = request.replace("Win32_logicaldisk", "Win32_Process")
    _same_fault(recorded, "fault-get-instance-not-found", request)


def test_fault_shells_per_user(recorded: Recorded) -> None:
    recorded.host.settings.limits.max_shells_per_user = 30
    for _unused in range(30):
        recorded.shell()
    _same_fault(recorded, "fault-quota-shells-per-user", recorded.text("shell-create.request"))


def test_fault_operations_per_user(recorded: Recorded) -> None:
    shell = recorded.shell()
    recorded.host.settings.limits.max_operations_per_user = 1
    recorded.command(shell, "echo 1")
    _same_fault(recorded, "fault-quota-operations-per-user", recorded.of(recorded.text("command-cmd-echo.request"), shell))


def _same_fault(recorded: Recorded, name: str, request: str, language: str = "en-US") -> None:
    status, answer = recorded.send(request)
    expected = recorded.text(f"{name}.response").replace("en-GB", language)
    assert (status, skeleton(answer, texts=True)) == (500, skeleton(expected, texts=True))


# --- WMI -----------------------------------------------------------------------------------------------------------------------


def test_enumerate_and_pull(recorded: Recorded) -> None:
    """The first answer holds one item and a context, the last Pull the end and no context."""
    request = recorded.text("wmi-enumerate-service.request")
    status, first = recorded.send(request)
    assert (status, _frame(first)) == (200, _frame(recorded.text("wmi-enumerate-service.response")))
    assert first.count("<p:Win32_Service ") == 1
    context = ET.fromstring(first).findtext(".//{http://schemas.xmlsoap.org/ws/2004/09/enumeration}EnumerationContext")
    pull = re.sub(r"(<n:EnumerationContext[^>]*>)[^<]*", rf"\g<1>{context}", recorded.text("wmi-pull-service-end.request"))
    middle = pull.replace("<n:MaxElements>32000<", "<n:MaxElements>2<")
    status, answer = recorded.send(middle)
    assert (status, _frame(answer)) == (200, _frame(recorded.text("wmi-pull-service-middle.response")))
    assert answer.count("<p:Win32_Service ") == 2
    following = ET.fromstring(answer).findtext(".//{http://schemas.xmlsoap.org/ws/2004/09/enumeration}EnumerationContext")
    status, answer = recorded.send(pull.replace(str(context), str(following)))
    assert (status, _frame(answer)) == (200, _frame(recorded.text("wmi-pull-service-end.response")))


@pytest.mark.parametrize("name", ["wmi-enumerate-operatingsystem-2012", "wmi-enumerate-operatingsystem-columns"])
def test_a_single_instance_comes_at_once(recorded: Recorded, name: str) -> None:
    request = recorded.text(f"{name}.request")
    if name.endswith("columns"):
        request = re.sub(r"Select .*? From", "Select Version,BuildNumber,LastBootUpTime From", request)
    status, answer = recorded.send(request)
    assert (status, _frame(answer)) == (200, _frame(recorded.text(f"{name}.response")))


def test_get(recorded: Recorded) -> None:
    status, answer = recorded.send(recorded.text("wmi-get-logicaldisk.request"))
    assert (status, _frame(answer)) == (200, _frame(recorded.text("wmi-get-logicaldisk.response")))


def _frame(text: str) -> list[Node]:
    """The structure around the instances, and each different kind of instance once (its namespaces too), without its properties."""
    nodes = skeleton(text)
    depth = next((node[0] for node in nodes if node[1].endswith(":Items")), 1) + 1
    shown = [node for node in nodes if node[0] <= depth]
    return [node for number, node in enumerate(shown) if number == 0 or node != shown[number - 1]]
