# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One object for one managed host, so that no function takes six arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..desired_state import Step
from ..errors import ProtocolError
from ..progress import Counter, Journal
from .cim import Cim, Registry
from .files import Files
from .network import quietly
from .program import Programs
from .session import Counter as Messages
from .session import Session


class RemoteHost:
    """A Windows machine as the collection reaches it. Everything is opened when first used and closed by :meth:`close`.

    Attributes:
        name: The inventory name (of the delegated host, if any), for errors.
        cim: CIM without a shell.
        registry: HKLM through CIM.
        programs: Native programs through WinRS.
        files: Files through programs.
        progress: Shows what a step is at while the task runs (seldom, and never under no_log).
        journal: The steps so far, for the result.
        check_mode: Whether this task only predicts.
        statistics: Counters for ``WINFLEET_STATISTICS``; the engine's client adds its own.
    """

    def __init__(
        self,
        name: str,
        session: Session,
        *,
        environment: Mapping[str, str] | None = None,
        progress: Callable[[str], None] = lambda line: None,
        announce: Callable[[str], None] | None = None,
        reconnect: Callable[[], Session] | None = None,
        check_mode: bool = False,
    ) -> None:
        self.name = name
        self.session = session
        self.environment = dict(environment or {})
        self.progress = progress
        self.journal = Journal()
        self._announce = announce or progress
        self.check_mode = check_mode
        self._reconnect = reconnect
        self._closers: list[Callable[[], None]] = []
        self._earlier: list[Messages] = []
        self.statistics: dict[str, Callable[[], float]] = {
            "wsman_messages": lambda: self.messages,
            "cim_requests": lambda: sum(counter.cim for counter in self._counters()),
            "commands": lambda: sum(counter.commands for counter in self._counters()),
        }
        self._open()

    def _open(self) -> None:
        self.cim = Cim(self.session)
        self.registry = Registry(self.cim)
        self.programs = Programs(self.session, self.environment)
        self.files = Files(self.programs)

    def begin(self, step: Step) -> None:
        """A step of the plan begins: tell the user, and start its clock."""
        self.journal.begin(step)
        self._announce(step.description)

    def end(self) -> None:
        """The last step has ended."""
        self.journal.end()
        self._announce("")

    def counter(self, doing: str, total: int) -> Counter:
        """For bytes that the step under way transfers, ``total`` of them or 0 where nobody knows; told as ``doing``."""
        return Counter(doing, total, self.progress, self.journal)

    def reconnect(self) -> None:
        """Start anew after a reboot: fresh connection, no shell. Raises ConnectError while the host is away."""
        if self._reconnect is None:
            raise ProtocolError("this host was opened without a way to reconnect")
        self.session.forget()
        earlier = self.session.counter
        self.session = self._reconnect()
        self._earlier.append(earlier)
        self._open()

    def disconnect(self) -> None:
        """Before a reboot: close everything that would not survive it."""
        self._close_parts()
        self.session.forget()

    @property
    def messages(self) -> int:
        """WS-Man messages sent for this host, over all its sessions."""
        return sum(counter.value for counter in self._counters())

    def _counters(self) -> list[Messages]:
        return [*self._earlier, self.session.counter]

    def on_close(self, closer: Callable[[], None]) -> None:
        """Register something that must be closed before the session (the engine's tunnel)."""
        self._closers.append(closer)

    def close(self) -> None:
        """Close all. Never raises."""
        self._close_parts()
        self.session.finish()

    def _close_parts(self) -> None:
        while self._closers:
            quietly(self._closers.pop())
        self.programs.close()

    def __enter__(self) -> RemoteHost:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
