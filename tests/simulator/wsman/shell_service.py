# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verbs of windows/shell and windows/shell/cmd (facts/wsman.md 4)."""

from __future__ import annotations

import base64
import binascii
import time
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from . import names
from .command import CONTROL_C, Command, Output
from .console import console_text
from .envelope import Message, attribute, escape
from .fault import Fault
from .fault_table import ACTION, COMMAND_UNKNOWN, COMMAND_UNKNOWN_TEXT, INVALID_PARAMETER, REMOTE_SHELLS, internal
from .settings import WinrmSettings
from .shell import Shell, Shells, schema_fault

if TYPE_CHECKING:
    from ..windows.machine import Machine

#: Longest line (facts/wsman.md 0.1; that the fault 0x800700CE comes at this length is unverified).
LONGEST_LINE = 8191
#: Where the policy Allow Remote Shell Access stands, 0 when it is disabled (Microsoft's description of WindowsRemoteShell.admx).
POLICY = ("SOFTWARE\\Policies\\Microsoft\\Windows\\WinRM\\Service\\WinRS", "AllowRemoteShellAccess")
#: Characters of a Receive answer that are not base64: envelope, headers and state.
OVERHEAD = 1600
#: And of each Stream element.
STREAM_OVERHEAD = 100
_R = f"{{{names.SHELL}}}"


class ShellService:
    """Create, Command, Send, Receive, Signal, Delete, Get and Enumerate of shells. Every verb returns the body of its answer."""

    def __init__(self, machine: Machine, settings: WinrmSettings) -> None:
        self._machine, self._settings = machine, settings
        self.shells = Shells(machine, settings.limits)
        self._receives = 0

    def create(self, message: Message) -> str:
        """A new shell."""
        if message.resource.lower() != names.SHELL_CMD:
            raise Fault(INVALID_PARAMETER)
        if not self._settings.allow_remote_shell or self._machine.registry.data(*POLICY) == 0:
            raise Fault(REMOTE_SHELLS)
        shell = Shell.from_body(message, self._settings.limits)
        self.shells.add(shell)
        selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell.id}</w:Selector></w:SelectorSet>'
        created = shell.created_xml(self._machine.name) if self._settings.stack == 3 else ""
        return (
            f"<x:ResourceCreated><a:Address>{escape(message.to)}</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{names.SHELL_CMD}</w:ResourceURI>{selector}</a:ReferenceParameters></x:ResourceCreated>" + created
        )

    def get(self, message: Message) -> str:
        """Only through the URI windows/shell: shell/cmd does not know Get (facts/wsman.md 2.2)."""
        if message.resource.lower() == names.SHELL_CMD:
            raise Fault(ACTION)
        return self._shell(message).listed_xml(self._machine.name)

    def items(self, message: Message) -> list[str]:
        """For Enumerate: the user's shells."""
        return [shell.listed_xml(self._machine.name) for shell in self.shells.of(message.user)]

    def delete(self, message: Message) -> str:
        """End the shell."""
        self.shells.delete(self._shell(message))
        return ""

    def command(self, message: Message) -> str:
        """Start a command."""
        shell = self._shell(message)
        line = _line(message.body)
        if len(line) > LONGEST_LINE:
            raise Fault(internal(2147942606))
        self._look_for_program(message)
        self.shells.count_operation(message.user)
        if any(command.running for command in shell.commands.values()) and self._settings.switches.second_command == "refuse":
            raise Fault(internal(170))
        if sum(command.exit_code is None for command in shell.commands.values()) >= self._settings.limits.max_processes_per_shell:
            raise Fault(internal(1816))
        shell.operations += 1
        convert = console_text(shell.code_page) if self._console_mode(message) else None
        command = Command(self._machine, line, shell.start(), self._settings.switches.stream_bytes, convert)
        shell.commands[command.id] = command
        return f"<rsp:CommandResponse><rsp:CommandId>{command.id}</rsp:CommandId></rsp:CommandResponse>"

    def _look_for_program(self, message: Message) -> None:
        """Without cmd.exe the program must be there by its path (recordings command-skip-cmd-shell, fault-command-file-not-found). What follows
        is read by cmd.exe's rules all the same: not simulated otherwise."""
        wanted = message.options.get("WINRS_SKIP_CMD_SHELL", "").strip().upper() == "TRUE"
        if not wanted or self._settings.switches.skip_cmd_shell != "honoured" or message.body is None:
            return
        if not self._machine.files.is_file((message.body.findtext(_R + "Command") or "").strip().strip('"')):
            raise Fault(internal(2147942402))

    def _console_mode(self, message: Message) -> bool:
        wanted = message.options.get("WINRS_CONSOLEMODE_STDIN", "").strip().upper() == "TRUE"
        return wanted and self._settings.switches.console_mode_stdin == "converts"

    async def send(self, message: Message, timeout: float) -> str:
        """Write every Stream of the body to stdin, in order."""
        shell = self._shell(message)
        if message.body is None or message.body.tag != _R + "Send":
            raise schema_fault("Send")
        for stream in message.body.iterfind(_R + "Stream"):
            command = shell.command(attribute(stream, "CommandId"))
            data, end = _decoded(stream), attribute(stream, "End").lower() in ("true", "1")
            async with self._busy(shell):
                await command.send(data, end, timeout)
        return "<rsp:SendResponse/>"

    async def receive(self, message: Message, timeout: float, characters: int) -> str:
        """Wait for output, at most so many characters of answer."""
        shell = self._shell(message)
        desired = None if message.body is None else message.body.find(_R + "DesiredStream")
        if desired is None:
            raise schema_fault("Receive")
        command = shell.command(attribute(desired, "CommandId"))
        if command.reported:
            raise Fault(COMMAND_UNKNOWN, COMMAND_UNKNOWN_TEXT)
        switches = self._settings.switches
        self._receives += 1
        if switches.empty_running and self._receives % 2:
            return self._receive_response(command, Output((), None))
        limit = (characters - OVERHEAD) * 3 // 4
        limit -= (limit // switches.stream_bytes + 2) * STREAM_OVERHEAD
        async with self._busy(shell):
            output = await command.receive(max(1, min(limit, switches.receive_bytes or limit)), timeout)
        return self._receive_response(command, output)

    def _receive_response(self, command: Command, output: Output) -> str:
        streams = [
            f'<rsp:Stream Name="{name}" CommandId="{command.id}">{base64.b64encode(data).decode()}</rsp:Stream>'
            for name, data in output.pieces
        ]
        done = output.exit_code is not None
        if done and self._settings.switches.end_markers:
            streams += [f'<rsp:Stream Name="{name}" CommandId="{command.id}" End="true"></rsp:Stream>' for name in ("stdout", "stderr")]
        code = f"<rsp:ExitCode>{output.exit_code}</rsp:ExitCode>" if done and self._settings.switches.exit_code else ""
        state = f'<rsp:CommandState CommandId="{command.id}" State="{names.COMMAND_STATE}{"Done" if done else "Running"}">{code}</rsp:CommandState>'
        return f"<rsp:ReceiveResponse>{''.join(streams)}{state}</rsp:ReceiveResponse>"

    def signal(self, message: Message) -> str:
        """Terminate or interrupt; a finished command is answered alike (recording signal-ctrl-c)."""
        shell = self._shell(message)
        if message.body is None or message.body.tag != _R + "Signal":
            raise schema_fault("Signal")
        command = shell.command(attribute(message.body, "CommandId"))
        code = (message.body.findtext(_R + "Code") or "").strip().rsplit("/", 1)[-1].lower()
        if code not in ("terminate", "ctrl_c", "ctrl_break"):
            raise Fault(INVALID_PARAMETER)
        command.stop(*([] if code == "terminate" else [CONTROL_C]))
        if code == "terminate":
            command.reported = True
        return "<rsp:SignalResponse/>"

    def _shell(self, message: Message) -> Shell:
        return self.shells.find(message.selectors.get("shellid", ""), message.user)

    @asynccontextmanager
    async def _busy(self, shell: Shell) -> AsyncIterator[None]:
        """An operation under way keeps the shell from its idle time-out."""
        shell.busy += 1
        try:
            yield
        finally:
            shell.busy -= 1
            shell.used = time.monotonic()


def _line(body: ET.Element | None) -> str:
    """Command and Arguments joined with blanks (facts/wsman.md 4.3). Raises Fault (schema)."""
    if body is None or body.tag != _R + "CommandLine":
        raise schema_fault("CommandLine")
    words: list[str] = []
    for element in body:
        if element.tag not in (_R + "Command", _R + "Arguments"):
            raise schema_fault(element.tag.rpartition("}")[2])
        words.append(element.text or "")
    return " ".join(words)


def _decoded(stream: ET.Element) -> bytes:
    try:
        return base64.b64decode("".join((stream.text or "").split()), validate=True)
    except binascii.Error:
        raise schema_fault("Stream") from None
