# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A WinRM face over a machine reduced to what the protocol needs, for tests of the protocol alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from simulator.addresses import Addresses
from simulator.faults import Faults
from simulator.plain_client import PLAIN, Client
from simulator.streams import Pipe
from simulator.windows.cim import CimClass, CimError, QueryResult
from simulator.windows.machine import Machine
from simulator.windows.registry import Registry
from simulator.wsman.server import WinrmServer
from simulator.wsman.settings import WinrmSettings

BOOT = datetime(2026, 11, 1, 6, 30, 5, 488171, tzinfo=UTC)
OPERATING_SYSTEM = CimClass(
    "Win32_OperatingSystem",
    "root/cimv2",
    {"Caption": "string", "BuildNumber": "string", "CSDVersion": "string", "Debug": "boolean", "FreePhysicalMemory": "uint64",
     "LastBootUpTime": "datetime", "MUILanguages": "string[]", "Uptime": "datetime"},
    (),
    lambda machine: [],
)  # fmt: skip
SERVICE = CimClass(
    "Win32_Service",
    "root/cimv2",
    {"Name": "string", "State": "string", "ProcessId": "uint32", "Dependencies": "string[]"},
    ("Name",),
    lambda machine: [],
    {"StartService": cast(Any, None), "Change": cast(Any, None)},
    {"Change": {"Echo": "string", "Flags": "uint32[]"}},
)


class FakeCim:
    """Two classes; a query's columns are taken from its text, its condition is ignored."""

    def __init__(self) -> None:
        one = {"Caption": "Windows & <more>", "BuildNumber": "20348", "CSDVersion": None, "Debug": False, "FreePhysicalMemory": 2**40,
               "LastBootUpTime": BOOT, "MUILanguages": ["en-US", "de-DE"], "Uptime": timedelta(days=2, hours=3)}  # fmt: skip
        many = [{"Name": f"service{number:03}", "State": "Running", "ProcessId": number, "Dependencies": []} for number in range(200)]
        self.instances: dict[str, tuple[CimClass, list[dict[str, Any]]]] = {
            "win32_operatingsystem": (OPERATING_SYSTEM, [one]),
            "win32_service": (SERVICE, many),
        }
        self.invoked: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    def query(self, namespace: str, wql: str) -> QueryResult:
        words = wql.split()
        if words[0].lower() != "select":
            raise CimError(0x80041017, "Invalid query ")
        name = words[[word.lower() for word in words].index("from") + 1]
        cim_class, instances = self._class(namespace, name)
        shown = None if words[1] == "*" else tuple(words[1].split(","))
        return QueryResult(cim_class, shown, tuple(instances))

    def _class(self, namespace: str, name: str) -> tuple[CimClass, list[dict[str, Any]]]:
        if namespace != "root/cimv2":
            raise CimError(0x8004100E, "Invalid namespace ")
        if name.lower() not in self.instances:
            raise CimError(0x80041010, "Invalid class ")
        return self.instances[name.lower()]

    def get(self, namespace: str, class_name: str, selectors: dict[str, str]) -> tuple[CimClass, dict[str, Any]]:
        cim_class, instances = self._class(namespace, class_name)
        wanted = {key.lower(): value.lower() for key, value in selectors.items()}
        for instance in instances:
            if all(str(instance.get(key, "")).lower() == wanted.get(key.lower()) for key in cim_class.keys):
                return cim_class, instance
        raise CimError(0x80041002, "Not found ")

    async def invoke(
        self, namespace: str, class_name: str, method: str, selectors: dict[str, str], parameters: dict[str, Any]
    ) -> tuple[CimClass, dict[str, Any]]:
        cim_class, _unused = self._class(namespace, class_name)
        self.invoked.append((method, dict(selectors), dict(parameters)))
        if method == "Change":
            return cim_class, {"ReturnValue": 21, "Echo": parameters.get("Text"), "Flags": [1, 2]}
        return cim_class, {"ReturnValue": 0}


class FakeMachine:
    """Runs a handful of made-up programs; the first word of the line says which."""

    def __init__(self) -> None:
        self.name = "WS2022"
        self.accounts = {"vagrant": "pa:ss wörd", "other": "secret"}
        self.profile = SimpleNamespace(version="10.0.20348")
        self.cim = FakeCim()
        self.registry = Registry()
        self.log_lines: list[str] = []
        self.started: list[tuple[str, dict[str, str], str, str]] = []
        self._listeners: list[Callable[[str], Any]] = []

    def log(self, kind: str, text: str) -> None:
        self.log_lines.append(f"{kind}: {text}")

    def on_power(self, listener: Callable[[str], Any]) -> None:
        self._listeners.append(listener)

    async def power(self, event: str) -> None:
        for listener in self._listeners:
            await listener(event)

    async def execute(
        self, command_line: str, *, stdin: Pipe, stdout: Pipe, stderr: Pipe, environment: dict[str, str], working_directory: str, user: str
    ) -> int:
        self.started.append((command_line, environment, working_directory, user))
        program, _unused, rest = command_line.partition(" ")
        return await getattr(self, f"_{program}")(rest, stdin, stdout, stderr) or 0

    async def _echo(self, rest: str, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> None:
        await stdout.write(f"{rest}\r\n".encode())

    async def _both(self, rest: str, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> int:
        await stdout.write(b"out \r\n")
        await asyncio.sleep(0.05)
        await stderr.write(b"err \r\n")
        return int(rest)

    async def _cat(self, rest: str, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> None:
        while data := await stdin.read():
            await stdout.write(data)

    async def _big(self, rest: str, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> None:
        block = bytes(range(256)) * 256
        for _unused in range(int(rest)):
            await stdout.write(block)

    async def _sleep(self, rest: str, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> None:
        await asyncio.sleep(float(rest))

    async def _sink(self, rest: str, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> None:
        while await stdin.read():
            pass

    async def _crash(self, rest: str, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> None:
        raise KeyError("a bug of the simulator")


@dataclass
class Rig:
    """A running WinRM over a fake machine, in a thread."""

    machine: FakeMachine
    server: WinrmServer
    loop: asyncio.AbstractEventLoop
    endpoint: str
    faults: Faults = field(default_factory=Faults)

    def call(self, work: Any) -> Any:
        """Run something in the server's loop."""

        async def run() -> Any:
            result = work()
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def receives(self) -> bool:
        """Whether a Receive waits for a command."""
        shells = self.server.service.shells.shells
        return bool(self.call(lambda: any(command.awaited for shell in shells.all() for command in shell.commands.values())))


@contextmanager
def rig(winrm: dict[str, Any]) -> Iterator[Rig]:
    loop, addresses, machine = asyncio.new_event_loop(), Addresses(), FakeMachine()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    (address, _port), faults = addresses.next(5985), Faults()
    server = WinrmServer(cast(Machine, machine), address, 5985, WinrmSettings.load(winrm), faults)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield Rig(machine, server, loop, f"http://{address}:5985/wsman", faults)
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        addresses.release()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@pytest.fixture
def winrm() -> Iterator[Callable[..., Rig]]:
    """Start a WinRM: ``winrm(basic=True, limits={...}, switches={...})``; ended with the test."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(rig(settings))


@pytest.fixture
def plain(winrm: Any) -> Any:
    """Start a WinRM that takes Basic and plain bodies; gives rig and client."""

    def start(**settings: Any) -> tuple[Any, Client]:
        rig = winrm(**PLAIN, **settings)
        return rig, Client(rig)

    return start
