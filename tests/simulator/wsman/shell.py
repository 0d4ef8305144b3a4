# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shells of the text kind (WinRS): what Create makes and Delete ends, with the quotas per user."""

from __future__ import annotations

import asyncio
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import names
from .command import Command, Start
from .envelope import Message, attribute, duration, escape, identifier, seconds
from .fault import Fault, QuotaFault
from .fault_table import (
    COMMAND_UNKNOWN,
    COMMAND_UNKNOWN_TEXT,
    INVALID_PARAMETER,
    OPERATIONS_PER_USER,
    SCHEMA,
    SHELL_GONE,
    SHELL_USERS,
    SHELLS_PER_USER,
)
from .settings import Limits

if TYPE_CHECKING:
    from ..windows.machine import Machine

_SCHEMA_TEXT = (
    "The Windows Remote Shell cannot process the request. The SOAP packet contains an element {name} that is invalid. "
    "Retry the request with the correct XML element. "
)
_ELEMENTS = ("Name", "Environment", "WorkingDirectory", "Lifetime", "IdleTimeOut", "InputStreams", "OutputStreams")


def schema_fault(name: str) -> Fault:
    """The recorded fault for a wrong element or value in a shell's body."""
    return Fault(SCHEMA, _SCHEMA_TEXT.format(name=name))


@dataclass
class Shell:
    """One shell.

    Attributes:
        user: Its owner; nobody else sees it (facts/wsman.md 0.2).
        idle_timeout: Seconds without any operation after which the host deletes it.
        code_page: Of the console, from WINRS_CODEPAGE.
        busy: Operations under way.
    """

    user: str
    client: str
    name: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    working_directory: str = ""
    input_streams: str = "stdin"
    output_streams: str = "stdout stderr"
    idle_timeout: float = 7200.0
    code_page: int = 437
    id: str = field(default_factory=identifier)
    commands: dict[str, Command] = field(default_factory=dict)
    operations: int = 0  #: commands ever started: they count against the quota until the shell goes
    busy: int = 0
    created: float = field(default_factory=time.monotonic)
    used: float = field(default_factory=time.monotonic)

    @classmethod
    def from_body(cls, message: Message, limits: Limits) -> Shell:
        """What a Create asks for. Raises Fault (schema)."""
        body = message.body
        if body is None or body.tag != f"{{{names.SHELL}}}Shell":
            raise schema_fault("Shell" if body is None else body.tag.rpartition("}")[2])
        shell = cls(message.user, message.client, idle_timeout=limits.idle_timeout_ms / 1000)
        for element in body:
            namespace, _unused, name = element.tag.rpartition("}")
            if namespace != f"{{{names.SHELL}" or name not in _ELEMENTS:
                raise schema_fault(name)
            shell._take(name, element)
        page = message.options.get("WINRS_CODEPAGE", "").strip()
        shell.code_page = int(page) if page.isdigit() else 437
        return shell

    def _take(self, name: str, element: ET.Element) -> None:
        text = (element.text or "").strip()
        if name in ("IdleTimeOut", "Lifetime"):
            value = seconds(text)
            if value is None:
                raise schema_fault(name)
            if name == "IdleTimeOut":
                self.idle_timeout = value
        elif name == "Environment":
            self.environment = {attribute(variable, "Name"): variable.text or "" for variable in element}
        elif name == "WorkingDirectory":
            self.working_directory = text
        elif name == "Name":
            self.name = text
        elif name == "InputStreams":
            self.input_streams = text
        else:
            self.output_streams = text

    def start(self) -> Start:
        """Where its commands run; without a WorkingDirectory the owner's profile (pywinrm users see C:\\Users\\<name>)."""
        _domain, _backslash, account = self.user.rpartition("\\")
        return Start(self.environment, self.working_directory or f"C:\\Users\\{account}", self.user)

    def command(self, identity: str) -> Command:
        """Raises Fault for an id it does not know, and for none (87, recorded in pypsrp's test_winrs_fail_poll_process for Receive)."""
        if not identity.strip():
            raise Fault(INVALID_PARAMETER)
        found = self.commands.get(identity.strip().upper())
        if found is None:
            raise Fault(COMMAND_UNKNOWN, COMMAND_UNKNOWN_TEXT)
        return found

    def created_xml(self, machine: str) -> str:
        """``rsp:Shell`` of the CreateResponse, in the recorded order."""
        variables = "".join(f'<rsp:Variable Name="{escape(key)}">{escape(value)}</rsp:Variable>' for key, value in self.environment.items())
        parts = [self._head(machine)]
        parts += [f"<rsp:Environment>{variables}</rsp:Environment>"] if variables else []
        parts += [f"<rsp:WorkingDirectory>{escape(self.working_directory)}</rsp:WorkingDirectory>"] if self.working_directory else []
        parts.append(self._middle() + self._tail())
        return f'<rsp:Shell xmlns:rsp="{names.SHELL}">{"".join(parts)}</rsp:Shell>'

    def listed_xml(self, machine: str) -> str:
        """``rsp:Shell`` of Get and Enumerate, in the order of the recorded one."""
        running = sum(command.exit_code is None for command in self.commands.values())
        facts = {
            "MaxIdleTimeOut": "PT2147483.647S", "Locale": "en-US", "DataLocale": "en-US", "CompressionMode": "NoCompression",
            "ProfileLoaded": "Yes", "Encoding": "UTF8", "BufferMode": "Block", "State": "Connected",
        }  # fmt: skip
        middle = "".join(f"<rsp:{name}>{value}</rsp:{name}>" for name, value in facts.items())
        return (
            f'<rsp:Shell xmlns:rsp="{names.SHELL}">{self._head(machine)}<rsp:ProcessId>0</rsp:ProcessId>{self._middle()}{middle}{self._tail()}'
            f"<rsp:MemoryUsed>4MB</rsp:MemoryUsed><rsp:ChildProcesses>{running}</rsp:ChildProcesses></rsp:Shell>"
        )

    def _head(self, machine: str) -> str:
        owner = self.user if "\\" in self.user else f"{machine}\\{self.user}"
        return (
            f"<rsp:ShellId>{self.id}</rsp:ShellId><rsp:ResourceUri>{names.SHELL_CMD}</rsp:ResourceUri>"
            f"<rsp:Owner>{escape(owner)}</rsp:Owner><rsp:ClientIP>{escape(self.client)}</rsp:ClientIP>"
        )

    def _middle(self) -> str:
        return (
            f"<rsp:IdleTimeOut>{duration(self.idle_timeout)}</rsp:IdleTimeOut><rsp:InputStreams>{escape(self.input_streams)}</rsp:InputStreams>"
            f"<rsp:OutputStreams>{escape(self.output_streams)}</rsp:OutputStreams>"
        )

    def _tail(self) -> str:
        now = time.monotonic()
        return (
            f"<rsp:ShellRunTime>{_run_time(now - self.created)}</rsp:ShellRunTime>"
            f"<rsp:ShellInactivity>{_run_time(now - self.used)}</rsp:ShellInactivity>"
        )


def _run_time(value: float) -> str:
    minutes, rest = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"P{days}DT{hours}H{minutes}M{rest}S"


class Shells:
    """All shells of one machine."""

    def __init__(self, machine: Machine, limits: Limits) -> None:
        self._machine, self._limits = machine, limits
        self._shells: dict[str, Shell] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        #: Other operations of a user that count (open enumerations); set by the service.
        self.other_operations: Callable[[str], int] = lambda user: 0

    def of(self, user: str) -> list[Shell]:
        """The user's shells."""
        return [shell for shell in self._shells.values() if shell.user == user]

    def all(self) -> Iterable[Shell]:
        """Every shell."""
        return list(self._shells.values())

    def add(self, shell: Shell) -> None:
        """Take a new shell in. Raises QuotaFault."""
        if len({other.user for other in self.all()} | {shell.user}) > self._limits.max_concurrent_users:
            raise QuotaFault(SHELL_USERS, self._limits.max_concurrent_users)
        if len(self.of(shell.user)) >= self._limits.max_shells_per_user:
            raise QuotaFault(SHELLS_PER_USER, self._limits.max_shells_per_user)
        self._shells[shell.id] = shell
        self._watch(shell, shell.idle_timeout)

    def count_operation(self, user: str) -> None:
        """Raises QuotaFault when the user may start no further operation."""
        used = sum(shell.operations for shell in self.of(user)) + self.other_operations(user)
        if used >= self._limits.max_operations_per_user:
            raise QuotaFault(OPERATIONS_PER_USER, self._limits.max_operations_per_user)

    def find(self, identity: str, user: str) -> Shell:
        """The user's shell of that id. Raises Fault when it is gone, or another user's."""
        shell = self._shells.get(identity.upper().removeprefix("UUID:"))
        if shell is None or shell.user != user:
            raise Fault(SHELL_GONE)
        shell.used = time.monotonic()
        return shell

    def delete(self, shell: Shell) -> None:
        """End a shell and all that runs in it."""
        self._shells.pop(shell.id, None)
        if timer := self._timers.pop(shell.id, None):
            timer.cancel()
        for command in shell.commands.values():
            command.abort()

    def clear(self) -> None:
        """The service stops: no shell survives (facts/wsman.md 4.1)."""
        for shell in self.all():
            self.delete(shell)

    def _watch(self, shell: Shell, after: float) -> None:
        self._timers[shell.id] = asyncio.get_running_loop().call_later(after, self._idle, shell)

    def _idle(self, shell: Shell) -> None:
        """Delete the shell unless it was used since; an operation under way keeps it alive (facts/wsman.md 4.1)."""
        rest = shell.used + shell.idle_timeout - time.monotonic()
        if shell.busy or rest > 0:
            self._watch(shell, shell.idle_timeout if shell.busy else rest)
            return
        self._machine.log("wsman", f"shell {shell.id} of {shell.user} deleted after {shell.idle_timeout:g} idle seconds")
        self.delete(shell)
