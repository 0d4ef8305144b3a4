# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP faults of WS-Management, mapped once to the exception tree. Pure; numbers from facts/wsman.md 4.6 and 5.

Decisions are taken by number and never by text, which is in the host's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from ..errors import ContainersError, NotFoundError, QuotaError, RemoteError, RemoteTimeout, ShellGoneError, describe_code, explain

OPERATION_TIMED_OUT = 2150858793
SHELL_GONE = 2150858843
RESOURCE_NOT_FOUND = 2150858752
FILTER_REFUSED = 2150858778
QUOTA_SHELLS = 2150859173
QUOTA_OPERATIONS = 2150859174
#: ERROR_WSMAN_QUOTA_MAX_SHELLUSERS and ERROR_WSMAN_REMOTESHELLS_NOT_ALLOWED of Windows' wsmerror.h.
QUOTA_SHELL_USERS = 2150859179
REMOTE_SHELLS = 2150859180
ABORTED = 995
BUSY = 170
#: 109 is reported by users (facts/wsman.md 4.5); 232 is the system's other word for a pipe whose reader is gone.
PIPE_ENDED = (109, 232)

#: The specification's example of a missing class carries 32768, the low half of 0x80338000 (MS-WSMV 4.10).
_NOT_FOUND = (RESOURCE_NOT_FOUND, 32768, FILTER_REFUSED, 0x80041002, 0x8004100E, 0x80041010)
_QUOTA_ADVICE = {
    QUOTA_SHELLS: (
        "Let fewer tasks work on it at a time (throttle), wait until its idle shells have ended (up to two hours), or raise MaxShellsPerUser in "
        "the host's WinRM configuration"
    ),
    QUOTA_SHELL_USERS: "Wait until shells of other users have ended, or raise MaxConcurrentUsers in the host's WinRM configuration",
    QUOTA_OPERATIONS: "Wait until its open operations have ended, or raise MaxConcurrentOperationsPerUser in the host's WinRM configuration",
}
_QUOTA_CAUSE = {
    QUOTA_SHELLS: "the user has used up the remote shells that WinRM allows",
    QUOTA_SHELL_USERS: "as many other users as WinRM allows have remote shells",
    QUOTA_OPERATIONS: "the user has used up the concurrent operations that WinRM allows",
}


class OperationTimedOut(RemoteTimeout):
    """Nothing happened within OperationTimeout. For Receive that is normal."""


@dataclass(frozen=True)
class Fault:
    """A SOAP fault.

    Args:
        codes: Every numeric code in it, outermost first: WSManFault, the provider's own, MSFT_WmiError.
        subcode: Local name, for example ``TimedOut``.
        text: The most specific text in it.
    """

    codes: tuple[int, ...]
    subcode: str
    text: str


def parse_fault(fault: ElementTree.Element) -> Fault:
    """Read both shapes: ``WSManFault`` with or without a nested provider fault, and ``MSFT_WmiError`` (WinRM 3 quotas)."""
    codes: list[int] = []
    texts: list[str] = []
    subcode = ""
    for element in fault.iter():
        name = element.tag.rpartition("}")[2]
        if name == "WSManFault":
            codes.extend(_numbers(element.get("Code")))
        elif name in ("error_Code", "StatusCode"):
            codes.extend(_numbers(element.text))
        elif name in ("Text", "Message"):
            texts.extend(_words(element.text))
        elif name == "Subcode":
            subcode = (element.findtext("*") or "").strip().rpartition(":")[2]
    return Fault(tuple(codes), subcode, texts[-1] if texts else "")


def _numbers(value: str | None) -> Iterator[int]:
    if value and re.fullmatch(r"\s*-?\d+\s*", value):
        yield int(value) & 0xFFFFFFFF


def _words(value: str | None) -> Iterator[str]:
    words = " ".join((value or "").split())
    if words:
        yield words


def fault_error(fault: Fault) -> ContainersError:
    """The exception for a fault."""
    for code in fault.codes:
        error = _known(code, fault)
        if error is not None:
            return error
    if fault.subcode == "TimedOut":
        return OperationTimedOut("the host did not finish within its time limit")
    if fault.subcode == "AccessDenied":
        return _known(5, fault) or RemoteError("access is denied", code=5)
    words = fault.text.rstrip(". ") or f"WS-Management fault {fault.subcode}"
    if not fault.codes:
        return RemoteError(words, text=fault.text)
    return RemoteError(f"{words} (code {describe_code(fault.codes[0])})", code=_win32(fault.codes[0]), text=fault.text)


def _known(code: int, fault: Fault) -> ContainersError | None:
    if code == OPERATION_TIMED_OUT:
        return OperationTimedOut("the host did not finish within its time limit")
    if code == SHELL_GONE:
        return ShellGoneError("the remote shell or its command no longer exists", "Run the task again", code=code, text=fault.text)
    if code == ABORTED:
        cause, advice = explain(code) or ("", "")
        return ShellGoneError(cause, advice, code=code, text=fault.text)
    if code in _QUOTA_CAUSE:
        return QuotaError(_QUOTA_CAUSE[code], _QUOTA_ADVICE[code], code=code, text=fault.text)
    if code == REMOTE_SHELLS:
        advice = "Let its policy Allow Remote Shell Access be enabled or not configured"
        return RemoteError("a policy of the host forbids remote shells", advice, code=code, text=fault.text)
    if code in _NOT_FOUND:
        meaning = next(filter(None, map(explain, fault.codes)), None)
        cause, advice = meaning or ("the host does not know this object", "")
        return NotFoundError(cause, advice, code=code, text=fault.text)
    known = explain(code)
    if known is None:
        return None
    return RemoteError(f"{known[0]} (code {describe_code(code)})", known[1], code=_win32(code), text=fault.text)


def _win32(code: int) -> int:
    """A Win32 code out of its HRESULT wrapping, so that callers compare one number."""
    return code & 0xFFFF if code >> 16 == 0x8007 else code
