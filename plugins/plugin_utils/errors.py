# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exception tree, and the one place where a code of Windows becomes a cause and a next step.

Lower layers know a *cause* and an *advice*; only the caller knows what was being done. :func:`doing` joins the two, and
the action plugin's edge turns the result into one sentence: ``Cannot <verb> <thing> "<name>" on <host>: <cause>. <advice>.``
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """What was being done when an error arose, in the words of its sentence."""

    verb: str
    thing: str
    name: str


class ContainersError(Exception):
    """Base of every error this collection raises on purpose.

    Args:
        cause: Why it failed, a clause without a final full stop.
        advice: What to do next, a sentence without a final full stop; empty when nobody can know.
    """

    def __init__(self, cause: str, advice: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.advice = advice
        self.operation: Operation | None = None

    def sentence(self, host: str) -> str:
        """The text a user reads."""
        operation = self.operation
        if operation is None:
            head = f"Cannot work on {host}: "
        elif operation.name:
            head = f'Cannot {operation.verb} {operation.thing} "{operation.name}" on {host}: '
        else:
            head = f"Cannot {operation.verb} {operation.thing} on {host}: "
        text = head + self.cause.rstrip(".") + "."
        return f"{text} {self.advice.rstrip('.')}." if self.advice else text


class OptionError(ContainersError):
    """The task's options, or the host as it is, forbid the work. Nothing was touched."""


class ConnectError(ContainersError):
    """The host cannot be reached or does not accept the credentials (UNREACHABLE in Ansible)."""


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


@contextmanager
def doing(verb: str, thing: str, name: str = "") -> Iterator[None]:
    """Name what the block does, for every error of ours that leaves it; the innermost name wins."""
    try:
        yield
    except ContainersError as error:
        error.operation = error.operation or Operation(verb, thing, name)
        raise
