# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WS-Management service of one machine: header checks, dispatch to the resource, and the envelope of the answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from . import names
from .config_service import config
from .enumeration import Enumerations
from .envelope import Message, answer, seconds
from .fault import Fault, QuotaFault
from .fault_table import (
    ACCESS_DENIED,
    ACTION,
    ADDRESSING_MODE,
    ENCODING_LIMIT,
    INVALID_HEADER,
    INVALID_OPTIONS,
    LOCALE,
    MISSING_HEADER,
    NO_POWERSHELL_TEXT,
    RESOURCE_UNKNOWN,
    TIMED_OUT,
    internal,
)
from .settings import WinrmSettings
from .shell_service import ShellService
from .wmi_service import WmiService

if TYPE_CHECKING:
    from ..windows.machine import Machine

#: Prefixes on the envelope by kind of answer, as recorded.
_PREFIXES = {
    **dict.fromkeys(("Create", "Command", "Send", "Signal"), "s a x w rsp p"),
    "Receive": "s a w rsp p",
    "Delete": "s a w p",
    **dict.fromkeys(("Get", "Put", "Invoke"), "s a x w p"),
    **dict.fromkeys(("Enumerate", "Pull", "Release"), "s a n w"),
}
_SMALLEST_ENVELOPE = 8192
#: Options that mean something; others are ignored unless the client insists on them (facts/wsman.md 2.1).
_KNOWN_OPTIONS = ("winrs_", "wmi:", "protocolversion")
#: Faults that belong to normal work and would only fill the log: time-out, stdin of a program that has ended, busy.
_EVERYDAY = (2150858793, 109, 170)
_DEFAULT_TIMEOUT = 60.0
#: Longest MessageID, about 2 KB (facts/wsman.md 2.1).
_LONGEST_ID = 2048


class Service:
    """Answers messages.

    Attributes:
        messages: Count of messages by kind, since the fleet started.
    """

    def __init__(self, machine: Machine, settings: WinrmSettings) -> None:
        self._machine, self._settings = machine, settings
        self._shells = ShellService(machine, settings)
        self._wmi = WmiService(machine)
        self._enumerations = Enumerations(settings)
        self._shells.shells.other_operations = self._enumerations.count
        self.messages: Counter[str] = Counter()

    @property
    def shells(self) -> ShellService:
        """The shells, for tests and the control face."""
        return self._shells

    def stop(self) -> None:
        """The service stops: shells, commands and enumerations go."""
        self._shells.shells.clear()
        self._enumerations.clear()

    async def handle(self, message: Message) -> tuple[int, str]:
        """HTTP status and envelope of the answer."""
        self.messages[message.kind] += 1
        activity = self._settings.switches.activity_id
        try:
            if message.user in self._settings.not_administrators:
                raise Fault(ACCESS_DENIED)
            timeout, characters = self._check(message)
            body = await self._dispatch(message, timeout, characters)
        except Fault as fault:
            if fault.kind.code not in _EVERYDAY:
                self._machine.log("wsman", f"{message.kind} of {message.user} refused: {fault.kind.code} {fault.message.strip()}")
            return 500, fault.envelope(message.message_id, message.host, self._machine.name, activity)
        except QuotaFault as fault:
            self._machine.log("wsman", f"{message.kind} of {message.user} refused: quota of {fault.limit} used up ({fault.kind.code})")
            return 500, fault.envelope(message.message_id, message.host, self._settings.stack)
        prefixes = _PREFIXES[message.kind]
        shown = activity and " p" in prefixes
        return 200, answer(message.action + "Response", message.message_id, body, prefixes, activity=shown)

    def _check(self, message: Message) -> tuple[float, int]:
        """The rules of facts/wsman.md 2.1; the time limit in seconds and the size limit in characters."""
        reply_to = message.headers.findtext(f"{{{names.ADDRESSING}}}ReplyTo/{{{names.ADDRESSING}}}Address")
        if reply_to is None or not message.action or not message.resource:
            raise Fault(MISSING_HEADER)
        if reply_to.strip() != names.ANONYMOUS:
            raise Fault(ADDRESSING_MODE)
        if not message.message_id or len(message.message_id) > _LONGEST_ID:
            raise Fault(INVALID_HEADER)
        locale = message.headers.find(f"{{{names.WSMAN}}}Locale")
        if locale is not None and locale.get(f"{{{names.SOAP}}}mustUnderstand", "").lower() in ("true", "1"):
            raise Fault(LOCALE)
        if any(not name.lower().startswith(_KNOWN_OPTIONS) for name in message.must_comply):
            raise Fault(INVALID_OPTIONS)
        return self._timeout(message), self._characters(message)

    def _timeout(self, message: Message) -> float:
        longest = self._settings.limits.max_timeout_ms / 1000
        text = message.header(names.WSMAN, "OperationTimeout")
        if text is None:
            return min(_DEFAULT_TIMEOUT, longest)
        value = seconds(text)
        if value is None:
            raise Fault(
                INVALID_HEADER,
                f"The WS-Management service cannot process the request. The XML contains an invalid timeout field in the SOAP header: {text}. ",
            )
        return min(value, longest)

    def _characters(self, message: Message) -> int:
        """Two bytes a character: recorded answers stop at half of MaxEnvelopeSize (facts/wsman.md 3.3)."""
        most = self._settings.limits.max_envelope_kb * 1024
        text = message.header(names.WSMAN, "MaxEnvelopeSize")
        wanted = int(text) if text and text.isdigit() else most
        if wanted < _SMALLEST_ENVELOPE:
            raise Fault(ENCODING_LIMIT)
        return min(wanted, most) // 2

    async def _dispatch(self, message: Message, timeout: float, characters: int) -> str:
        resource = message.resource.lower()
        if resource.startswith(names.POWERSHELL.lower()):
            raise self._no_powershell(message)
        if resource in (names.SHELL, names.SHELL_CMD):
            if message.chunked:
                raise Fault(internal(50))
            return await self._shell(message, timeout, characters)
        if resource.startswith(names.WMI.lower()):
            return await self._cim(message, timeout, characters)
        if resource == names.CONFIG and message.kind == "Get":
            return config(self._settings)
        raise Fault(RESOURCE_UNKNOWN)

    def _no_powershell(self, message: Message) -> Fault:
        """The text of a host without that session configuration, and plain words; the number is unverified."""
        name = message.resource[len(names.POWERSHELL) :]
        self._machine.log("refused", f"PowerShell is not simulated: {message.kind} of the session configuration {name} by {message.user}")
        return Fault(RESOURCE_UNKNOWN, NO_POWERSHELL_TEXT.format(name=name, host=message.host))

    async def _shell(self, message: Message, timeout: float, characters: int) -> str:
        if message.kind == "Receive":
            return await self._shells.receive(message, timeout, characters)
        if message.kind == "Send":
            return await self._shells.send(message, timeout)
        if message.kind in ("Enumerate", "Pull", "Release"):
            return self._enumerate(message, characters)
        verbs = {
            "Create": self._shells.create, "Command": self._shells.command, "Signal": self._shells.signal,
            "Delete": self._shells.delete, "Get": self._shells.get,
        }  # fmt: skip
        if message.kind not in verbs:
            raise Fault(ACTION)
        return verbs[message.kind](message)

    async def _cim(self, message: Message, timeout: float, characters: int) -> str:
        if message.kind in ("Enumerate", "Pull", "Release"):
            return self._enumerate(message, characters)
        if message.kind == "Get":
            return self._wmi.get(message)
        if message.kind == "Invoke":
            return await self._invoke(message, timeout)
        raise Fault(ACTION)

    async def _invoke(self, message: Message, timeout: float) -> str:
        """A method runs on when the request times out (facts/wsman.md 5.2: the limit is OperationTimeout)."""
        task = asyncio.ensure_future(self._wmi.invoke(message))
        done, _unused = await asyncio.wait({task}, timeout=timeout)
        if not done:
            raise Fault(TIMED_OUT)
        return task.result()

    def _enumerate(self, message: Message, characters: int) -> str:
        if message.kind == "Pull":
            return self._enumerations.pull(message, characters)
        if message.kind == "Release":
            return self._enumerations.release(message)
        self._shells.shells.count_operation(message.user)
        shells = message.resource.lower() == names.SHELL
        items = self._shells.items(message) if shells else self._wmi.items(message)
        return self._enumerations.start(message, items, characters)
