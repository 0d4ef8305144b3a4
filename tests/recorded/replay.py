# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring a simulated host into the state a recording was made in, and give it the recorded request.

The state comes out of the recording: a program that says what the recorded one said, the recorded CIM instances behind their class, the
flavour of WinRM that the answer shows. What the simulator makes of it, envelope and all, is its own.
"""

from __future__ import annotations

import asyncio
import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.fleet import RunningFleet
from simulator.plain_client import CMD, envelope, of
from simulator.programs.process import Process, program
from simulator.windows.cim import CimClass
from simulator.wsman import envelope as wire
from simulator.wsman import names

R, N, W = (f"{{{uri}}}" for uri in (names.SHELL, names.ENUMERATION, names.WSMAN))
NIL = f"{{{names.XSI}}}nil"
PROGRAM = "C:\\Windows\\System32\\replay.exe"
#: What the program says on the machine of that name.
SCENES: dict[str, tuple[list[tuple[str, bytes]], int | None]] = {}


@program("replay.exe")
async def replay(process: Process) -> int:
    """Say the recorded output; end with the recorded code, or never."""
    pieces, code = SCENES.get(process.machine.name, ([], None))
    for name, data in pieces:
        await (process.stdout if name == "stdout" else process.stderr).write(data)
        await asyncio.sleep(0.01)
    if code is None:
        await asyncio.Event().wait()
    return code or 0


class NotProvoked(Exception):
    """Nothing is known that leads to this fault."""


@dataclass(frozen=True)
class Recording:
    """One answer of Windows, and the request it belongs to where that was recorded."""

    name: str
    request: str
    response: str

    @classmethod
    def load(cls, path: Path) -> Recording:
        """From the path of the answer."""
        asked = path.with_name(path.name.replace(".response.", ".request."))
        request = asked.read_text(encoding="utf-8").strip() if asked.exists() else ""
        return cls(path.name.partition(".")[0], request, path.read_text(encoding="utf-8").strip())

    @property
    def root(self) -> ET.Element:
        return ET.fromstring(self.response)

    @property
    def kind(self) -> str:
        """Of the request: ``Create``, ``Receive`` ..., guessed from the answer if need be."""
        if self.request:
            return wire.parse(self.request.encode()).kind
        action = (self.root.findtext(f".//{{{names.ADDRESSING}}}Action") or "").strip()
        return action.rpartition("/")[2].removesuffix("Response")

    @property
    def editorial(self) -> bool:
        """From a specification: prefixes, white space and ids are its author's."""
        return self.name.startswith("spec-")

    @property
    def rewritten(self) -> bool:
        """Re-indented in its source."""
        return "\n" in self.response

    @property
    def code(self) -> int | None:
        """Of a fault."""
        found = re.search(r'WSManFault[^>]*\sCode="(\d+)"|error_Code[^>]*>(\d+)<', self.response)
        if found is None:
            return None
        return int(found.group(1) or found.group(2))

    @property
    def items(self) -> list[ET.Element]:
        """Recorded instances."""
        found = [item for tag in (W, N) for container in self.root.iter(tag + "Items") for item in container]
        if not found and self.kind == "Get" and "/wmi/" in self.request:
            body = self.root.find(f"{{{names.SOAP}}}Body")
            found = list(body if body is not None else ())
        return found


class Stage:
    """One simulated host."""

    def __init__(self, fleet: RunningFleet) -> None:
        self._fleet = fleet
        self.host = fleet.hosts["ws2022"]
        fleet.call(lambda: self.host.machine.files.write(PROGRAM, b"MZ"))

    def answer(self, recording: Recording) -> tuple[int, str]:
        """Status and envelope. Raises NotProvoked."""
        self._flavour(recording)
        if recording.code is not None or ":Fault>" in recording.response:
            return self.send(self._faulty(recording))
        prepare: dict[str, Callable[[Recording], str]] = {
            "Create": self._as_recorded, "Receive": self._receive, "Enumerate": self._enumerate, "Pull": self._pull,
            "Get": self._get, "Invoke": self._invoke,
            **dict.fromkeys(("Command", "Delete"), self._of_a_shell), **dict.fromkeys(("Send", "Signal"), self._of_a_command),
        }  # fmt: skip
        return self.send(prepare.get(recording.kind, self._as_recorded)(recording))

    def send(self, request: str) -> tuple[int, str]:
        message = wire.parse(request.encode())
        message.user, message.client, message.host = "vagrant", "192.168.56.1", "192.168.56.15"
        status, text = self._fleet.call(lambda: self.host.winrm.service.handle(message))
        return int(status), str(text)

    def _flavour(self, recording: Recording) -> None:
        """What the answer shows of the host that gave it."""
        settings, text = self.host.settings, recording.response
        settings.switches.activity_id = "ActivityId>" in text
        if recording.kind == "Create" and "ResourceCreated" in text and "Shell xmlns" not in text and "rsp:Shell>" not in text:
            settings.stack = 2
        if "CommandState/Done" in text:
            settings.switches.end_markers, settings.switches.exit_code = "End=" in text, "ExitCode>" in text
        if recording.kind == "Enumerate" and len(recording.items) > 1:
            settings.switches.first_items = -1
        settings.switches.skip_cmd_shell = "honoured" if "SKIP_CMD_SHELL" in recording.request else "ignored"

    @staticmethod
    def _as_recorded(recording: Recording) -> str:
        if not recording.request:
            raise NotProvoked("the request was not recorded")
        return recording.request

    # --- shells ------------------------------------------------------------------------------------------------------------------

    def shell(self) -> str:
        return self._id("ShellId", self.send(envelope("t/Create", CMD, f'<rsp:Shell xmlns:rsp="{names.SHELL}"/>'))[1])

    def command(self, shell: str, line: str = PROGRAM) -> str:
        body = f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command></rsp:CommandLine>"
        return self._id("CommandId", self.send(envelope("r/Command", CMD, body, of(shell)))[1])

    @staticmethod
    def _id(name: str, answer: str) -> str:
        found = re.search(rf'(?:Name="{name}">|<rsp:{name}>)([-0-9A-F]+)', answer)
        assert found, answer
        return found.group(1)

    @staticmethod
    def with_ids(request: str, shell: str = "", command: str = "") -> str:
        """The request with the ids of a live shell and command."""
        if shell:
            request = re.sub(r'(Name="ShellId"[^>]*>)[^<]*', rf"\g<1>{shell}", request)
        return re.sub(r'(CommandId=")[^"]*', rf"\g<1>{command}", request) if command else request

    def _of_a_shell(self, recording: Recording) -> str:
        return self.with_ids(self._as_recorded(recording), self.shell())

    def _of_a_command(self, recording: Recording) -> str:
        SCENES.pop(self.host.machine.name, None)
        shell = self.shell()
        return self.with_ids(self._as_recorded(recording), shell, self.command(shell))

    def _receive(self, recording: Recording) -> str:
        pieces = [
            (stream.get("Name", ""), base64.b64decode(stream.text or ""))
            for stream in recording.root.iter(R + "Stream")
            if not stream.get("End")
        ]
        done = "CommandState/Done" in recording.response
        code = int(recording.root.findtext(f".//{R}ExitCode") or 0)
        SCENES[self.host.machine.name] = (pieces, code if done else None)
        shell = self.shell()
        command = self.command(shell)
        self._fleet.call(lambda: self._settle(shell, command, sum(len(data) for _name, data in pieces), done))
        return self.with_ids(recording.request or self._receive_request(), shell, command)

    async def _settle(self, shell: str, command: str, size: int, done: bool) -> None:
        """Wait until all the recorded output, and the end, can be had at once."""
        running = self.host.winrm.service.shells.shells.find(shell, "vagrant").command(command)
        for _attempt in range(200):
            if running.exit_code is not None or (not done and running.held >= size):
                return
            await asyncio.sleep(0.01)

    @staticmethod
    def _receive_request() -> str:
        body = '<rsp:Receive><rsp:DesiredStream CommandId="C">stdout stderr</rsp:DesiredStream></rsp:Receive>'
        return envelope("r/Receive", CMD, body, of("S"), size="512000")

    # --- CIM -----------------------------------------------------------------------------------------------------------------------

    def _load(self, recording: Recording, class_name: str, namespace: str, more: bool) -> CimClass:
        """Put the recorded instances behind their class; one more if the recording shows that there were more."""
        instances = [instance(item) for item in recording.items]
        columns = {name: "string" for one in instances for name in one}
        selectors = {name.lower() for name in (wire.parse(recording.request.encode()).selectors if recording.request else ())}
        keys = tuple(name for name in columns if name.lower() in selectors)
        for one, item in zip(instances, recording.items, strict=True):
            if "/wmi/" in item.tag and not item.tag.endswith(f"}}{class_name}"):
                one["__CLASS"] = item.tag.rpartition("}")[2]
        rows = [{**dict.fromkeys(columns, []), **one} for one in (*instances, *(instances[:1] if more else []))]
        cim_class = CimClass(class_name, namespace, columns, keys, lambda machine: rows)
        self._fleet.call(lambda: self.host.machine.cim.add(cim_class))
        return cim_class

    def _target(self, recording: Recording) -> tuple[str, str]:
        """Class and namespace."""
        for item in recording.items:
            uri, _brace, name = item.tag.lstrip("{").rpartition("}")
            if "/wmi/" in uri:
                return name, uri.partition("/wmi/")[2].rpartition("/")[0]
        found = re.search(r"from\s+(\w+)", recording.request, re.IGNORECASE)
        return (found.group(1) if found else "Recorded_Class"), "root/cimv2"

    def _enumerate(self, recording: Recording) -> str:
        self._load(recording, *self._target(recording), more="EndOfSequence" not in recording.response)
        return self._as_recorded(recording)

    def _pull(self, recording: Recording) -> str:
        """Begin an enumeration whose rest is what was recorded."""
        more = "EndOfSequence" not in recording.response
        name, namespace = self._target(recording)
        cim_class = self._load(recording, name, namespace, more)
        rows = cim_class.instances(self.host.machine)
        first = rows[0]
        self._fleet.call(
            lambda: self.host.machine.cim.add(CimClass(name, namespace, cim_class.properties, (), lambda machine: [first, *rows]))
        )
        columns = "*" if ":XmlFragment" not in recording.response else ",".join(first)
        filter_ = f'<w:Filter Dialect="{names.WQL}">select {columns} from {name}</w:Filter>'
        body = f"<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>{filter_}</n:Enumerate>"
        answer = self.send(envelope("n/Enumerate", f"{names.WMI}{namespace}/*", body, size="512000"))[1]
        context = ET.fromstring(answer).findtext(f".//{N}EnumerationContext") or ""
        request = re.sub(r"(<n:EnumerationContext[^>]*>)[^<]*", rf"\g<1>{context}", self._as_recorded(recording))
        return re.sub(r"(<n:MaxElements>)\d+", rf"\g<1>{len(recording.items)}", request) if more else request

    def _get(self, recording: Recording) -> str:
        if names.SHELL.lower() in wire.parse(recording.request.encode()).resource.lower():
            return self._of_a_shell(recording)
        if recording.items:
            self._load(recording, *self._target(recording), more=False)
        return self._as_recorded(recording)

    def _invoke(self, recording: Recording) -> str:
        """A method that gives back what was recorded."""
        message = wire.parse(self._as_recorded(recording).encode())
        output = next(element for element in recording.root.iter() if element.tag.endswith("_OUTPUT"))
        values, method = instance(output), message.action.rpartition("/")[2]
        namespace, _slash, name = message.resource[len(names.WMI) :].rpartition("/")

        async def run(machine: Any, key: Any, parameters: Any) -> dict[str, Any]:
            return values

        inputs = {element.tag.rpartition("}")[2]: "string" for element in (message.body if message.body is not None else ())}
        outputs = dict.fromkeys(name for name in values if name != "ReturnValue") if values else {}
        cim_class = CimClass(
            name, namespace.lower(), {}, (), lambda machine: [], {method: run}, {method: dict.fromkeys(outputs, "string")}, {method: inputs}
        )
        self._fleet.call(lambda: self.host.machine.cim.add(cim_class))
        return recording.request

    # --- faults --------------------------------------------------------------------------------------------------------------------

    def _faulty(self, recording: Recording) -> str:
        """A request that must end in this fault."""
        limits, code = self.host.settings.limits, recording.code
        if "MSFT_WmiError" not in recording.response and code in (2150859173, 2150859174):
            self.host.settings.stack = 2
        if code == 2150859173:
            limits.max_shells_per_user = 0
            return recording.request or envelope("t/Create", CMD, f'<rsp:Shell xmlns:rsp="{names.SHELL}"/>')
        if code == 2150859174:
            shell, limits.max_operations_per_user = self.shell(), 0
            return self.with_ids(recording.request or self._command_request("ver"), shell)
        if code == 2150858793:
            SCENES.pop(self.host.machine.name, None)
            shell = self.shell()
            request = self.with_ids(recording.request or self._receive_request(), shell, self.command(shell))
            return re.sub(r"(OperationTimeout>)[^<]*", r"\g<1>PT0.2S", request)
        if code == 5:
            self.host.settings.not_administrators.append("vagrant")
        return self._wrong(recording, code or 0)

    def _wrong(self, recording: Recording, code: int) -> str:
        """Faults of what stands in the request."""
        if recording.request:
            live = recording.kind in ("Command", "Receive", "Send", "Signal")
            return self.with_ids(recording.request, self.shell()) if live else recording.request
        found = re.search(r"contains an element (\w+)", recording.response)
        element = found[1] if found else "Argument"
        handle = '<w:SelectorSet><w:Selector Name="Handle">29</w:Selector></w:SelectorSet>'
        requests: dict[int, Callable[[], str]] = {
            2147942606: lambda: self.with_ids(self._command_request("x" * 9000), self.shell()),
            2150858817: lambda: self.with_ids(self._command_request("x").replace("rsp:Command>", f"rsp:{element}>"), self.shell()),
            2150858767: lambda: envelope("t/Get", names.CONFIG, timeout="PT-1S"),
            2150858778: lambda: self._query("select * from Win32_Nothing"),
            2150858752: lambda: envelope("t/Get", f"{names.WMI}root/cimv2/Win32_Process", header=handle),
            87: self._bad_signal,
        }
        if code not in requests:
            raise NotProvoked("nobody wrote down what leads to this fault, and the request was not recorded")
        return requests[code]()

    @staticmethod
    def _command_request(line: str) -> str:
        body = f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command></rsp:CommandLine>"
        return envelope("r/Command", CMD, body, of("S"))

    @staticmethod
    def _query(wql: str) -> str:
        body = f'<n:Enumerate><w:Filter Dialect="{names.WQL}">{wql}</w:Filter></n:Enumerate>'
        return envelope("n/Enumerate", f"{names.WMI}root/cimv2/*", body)

    def _bad_signal(self) -> str:
        shell = self.shell()
        body = f'<rsp:Signal CommandId="{self.command(shell)}"><rsp:Code>{names.SIGNAL}nonsense</rsp:Code></rsp:Signal>'
        return envelope("r/Signal", CMD, body, of(shell))


def instance(item: ET.Element) -> dict[str, Any]:
    """A recorded instance as Python values: repeated elements are a list."""
    values: dict[str, Any] = {}
    for element in item:
        name = element.tag.rpartition("}")[2]
        known = values.get(name)
        values[name] = value(element) if name not in values else [*(known if isinstance(known, list) else [known]), value(element)]
    return values


def value(element: ET.Element) -> Any:
    """Text, truth, moment or null."""
    if element.get(NIL) == "true":
        return None
    if not len(element):
        return {"true": True, "false": False}.get((element.text or "").strip(), element.text or "")
    return datetime.fromisoformat(re.sub(r"(\.\d+)", lambda match: match.group(1)[:7].ljust(7, "0"), element[0].text or ""))
