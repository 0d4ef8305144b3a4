# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exception tree, and the one place where a code of Windows becomes a cause and a next step.

Lower layers know a *cause* and an *advice*; only the caller knows what was being done. :func:`doing` joins the two, and
the action plugin's edge turns the result into one sentence: ``Cannot <verb> <thing> "<name>" on <host>: <cause>. <advice>.``
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Operation:
    """What was being done when an error arose, in the words of its sentence; without a thing it was done to the host itself."""

    verb: str
    thing: str
    name: str


class ContainersError(Exception):
    """Base of every error this collection raises on purpose.

    Args:
        cause: Why it failed, a clause without a final full stop.
        advice: What to do next, a sentence without a final full stop; empty when nobody can know.

    Attributes:
        result: What the failed result holds beside the sentence: what was changed or printed before it failed.
    """

    #: What cannot be done with the host when no operation is named.
    deed = "work on"
    #: Whether the sentence says what was being done; a host that was never reached fails everything alike.
    tells_operation = True

    def __init__(self, cause: str, advice: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.advice = advice
        self.operation: Operation | None = None
        self.result: dict[str, Any] = {}

    def sentence(self, host: str) -> str:
        """The text a user reads."""
        operation = self.operation if self.tells_operation else None
        if operation is None:
            head = f"Cannot {self.deed} {host}: "
        elif not operation.thing:
            head = f"Cannot {operation.verb} {host}: "
        elif operation.name:
            head = f'Cannot {operation.verb} {operation.thing} "{operation.name}" on {host}: '
        else:
            head = f"Cannot {operation.verb} {operation.thing} on {host}: "
        text = head + _closed(self.cause)
        return f"{text} {_closed(self.advice)}" if self.advice else text


def _closed(clause: str) -> str:
    """A clause with the stop it needs; a question has its own."""
    return clause if clause.endswith("?") else clause.rstrip(".") + "."


class OptionError(ContainersError):
    """The task's options, or the host as it is, forbid the work. Nothing was touched."""


class ConnectError(ContainersError):
    """The host cannot be reached or does not accept the credentials (UNREACHABLE in Ansible)."""

    deed = "reach"
    tells_operation = False


class RemoteTimeout(ContainersError):
    """The host did not finish within the time given."""


class ProtocolError(ContainersError):
    """The host's answer is not what WS-Management, or the Engine API, allows."""


class RemoteError(ContainersError):
    """The host refused. Keeps the peer's code and text.

    Args:
        code: Unsigned 32-bit code (WS-Management, Win32 or HRESULT) or exit code; None when the peer gave none.
        text: The peer's own words, possibly in the host's language; never used for decisions.
    """

    def __init__(self, cause: str, advice: str = "", *, code: int | None = None, text: str = "") -> None:
        super().__init__(cause, advice)
        self.code = code
        self.text = text


class NotFoundError(RemoteError):
    """A CIM class, namespace or instance, a registry value or a file does not exist."""


class ShellGoneError(RemoteError):
    """The remote shell or command no longer exists (2150858843): reboot, service restart or idle time-out."""


class QuotaError(RemoteError):
    """A WinRM quota of the user is used up."""


#: What a code of Windows means and what to do, in one place. Keys are unsigned 32-bit: Win32 codes, HRESULTs and WBEM codes.
#: Sources: facts/native-tools.md 1.2 (DISM), 2 (services), 3 (shutdown); facts/wsman.md 1.1, 4.6, 5.2; the system messages of Windows.
_MEANINGS: dict[int, tuple[str, str]] = {
    5: ("access is denied", "Use an account that is a full administrator of the host (a local one needs LocalAccountTokenFilterPolicy=1)"),
    50: (
        "Windows does not support this here, or a parent feature is not enabled",
        "Look into C:\\Windows\\Logs\\DISM\\dism.log on the host",
    ),
    87: ("Windows refused a parameter of the request", ""),
    109: ("the program ended before it had read all of its input", ""),
    112: ("the host's disk is full", "Free some space on the host and run the task again"),
    170: ("the program's input is still busy with earlier data", "Run the task again"),
    740: ("the session has no elevated rights", "Use an account that is a full administrator of the host"),
    995: (
        "Windows broke the operation off",
        "See whether the host is shutting down, or its WinRM service restarting, and run the task again",
    ),
    1018: ("Windows is just unloading the user's profile", "Run the task again"),
    1053: ("the service did not answer its start in time", "Look into the host's event log"),
    1056: ("the service is already running", ""),
    1058: ("the service is disabled", "Set its start mode to automatic or manual"),
    1060: ("there is no service of that name", ""),
    1062: ("the service is not running", ""),
    1067: ("the service's process ended unexpectedly", "Look into the host's event log for what it said"),
    1068: ("a service it depends on failed to start", "Look into the host's event log"),
    1069: ("the service's account could not log on", "Check the account the service runs under"),
    1072: ("the service is marked for deletion", "Close every program that shows services on the host, or reboot it"),
    1073: ("a service of that name already exists", ""),
    1115: ("the host is already shutting down", "Run the task again when the host is back"),
    1190: ("a shutdown is already scheduled", "Abort it with 'shutdown /a' on the host, or wait until it is done"),
    1314: ("the account lacks a privilege that this needs", "Give it 'Force shutdown from a remote system' or use an administrator"),
    1460: ("the operation timed out on the host", "Run the task again"),
    3010: ("it is done, but takes effect only after a reboot", "Reboot the host"),
    14081: ("a part of Windows' component store is missing", "Repair it with 'dism /online /cleanup-image /restorehealth'"),
    14098: ("Windows' component store is damaged", "Repair it with 'dism /online /cleanup-image /restorehealth'"),
    0x80041002: ("the object does not exist", ""),
    0x80041003: ("access is denied by WMI", "Use an account that is an administrator of the host"),
    0x8004100E: ("the WMI namespace does not exist on this host", ""),
    0x80041010: ("the WMI class does not exist on this host", ""),
    0x80041033: ("WMI is shutting down", "Run the task again when the host is back"),
    0x800F080C: ("this Windows knows no feature of that name", "List the names with 'dism /online /get-features' on the host"),
    0x800F0819: ("this Windows knows no feature of that name", "List the names with 'dism /online /get-features' on the host"),
    0x800F081F: (
        "the feature's source files could not be found",
        "Make them available by Windows Update, or name a folder that holds them with the option source",
    ),
    0x800F0906: ("the feature's source files could not be downloaded", "Let the host reach Windows Update or its WSUS server"),
    0x800F0922: ("Windows could not finish the change and rolled it back", "Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host"),
    0x800F0950: ("the feature's payload is not part of this Windows image", "Install from full installation media"),
    0x80073701: ("a part of Windows' component store is missing", "Repair it with 'dism /online /cleanup-image /restorehealth'"),
    0x80073712: ("Windows' component store is damaged", "Repair it with 'dism /online /cleanup-image /restorehealth'"),
    0x8007371B: ("a servicing transaction is incomplete", "Repair it with 'dism /online /cleanup-image /restorehealth'"),
}


def missing_library(package: str, reason: str = "") -> OptionError:
    """A Python library that this needs cannot be imported on the controller.

    Args:
        package: What to install, as pip takes it.
        reason: What Python says of it; empty when that adds nothing.
    """
    return OptionError(
        f"the Python package {package} cannot be used on the controller" + (f" ({' '.join(reason.split())})" if reason else ""),
        f"Install it for the Python that runs Ansible: {sys.executable} -m pip install '{package}'",
    )


def explain(code: int) -> tuple[str, str] | None:
    """What an exit code, HRESULT or Win32 code means.

    Args:
        code: Signed or unsigned; an HRESULT that wraps a Win32 code (0x8007....) is unwrapped.

    Returns:
        Cause and advice as the errors take them, or None when the code is not known here.
    """
    code &= 0xFFFFFFFF
    meaning = _MEANINGS.get(code)
    if meaning is None and code >> 16 == 0x8007:
        return _MEANINGS.get(code & 0xFFFF)
    return meaning


def refusal(code: int, text: str = "") -> RemoteError:
    """The error for a program or service that ended with this code, explained where we can.

    Args:
        code: Signed or unsigned exit code.
        text: What the program printed; its last line is quoted when the code itself says nothing.
    """
    number = describe_code(code)
    meaning = explain(code)
    if meaning:
        return RemoteError(f"{meaning[0]} (code {number})", meaning[1], code=code & 0xFFFFFFFF, text=text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    words = f"it ended with code {number}" + (f" and said: {lines[-1]}" if lines else "")
    advice = "Correct what it names and run the task again" if lines else "Look into the host's event logs and run the task again"
    return RemoteError(words, advice, code=code & 0xFFFFFFFF, text=text)


def describe_code(code: int) -> str:
    """Small codes as decimal numbers, HRESULTs as hexadecimal ones."""
    code &= 0xFFFFFFFF
    return str(code) if code < 0x10000 else f"0x{code:08x}"


@contextmanager
def doing(verb: str, thing: str, name: str = "") -> Iterator[None]:
    """Name what the block does, for every error of ours that leaves it; the innermost name wins."""
    try:
        yield
    except ContainersError as error:
        error.operation = error.operation or Operation(verb, thing, name)
        raise
