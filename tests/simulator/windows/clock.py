# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of one machine: the real one, shifted.

A clock that is set moves LocalDateTime at once. Whether LastBootUpTime moves with it is open (native-tools.md 3: "it can shift by parts of
a second when the clock is corrected, and after a time jump"): a switch of the machine.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """The time of day.

    Attributes:
        shift: How far this clock is ahead of the real one.
        moved_since_boot: How far it was set since Windows started.
    """

    def __init__(self, shift: float = 0) -> None:
        self.shift = timedelta(seconds=shift)
        self.moved_since_boot = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def jump(self, seconds: float) -> None:
        """Set the clock forward, or back when negative."""
        self.shift += timedelta(seconds=seconds)
        self.moved_since_boot += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Set the clock to a time; one without a zone is UTC, which is every machine's time zone here."""
        wanted = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        self.jump((wanted - self.now()).total_seconds())

    def boot(self, jump: float = 0) -> None:
        """Windows starts; ``jump`` is what the clock is set by meanwhile (a hypervisor's or a battery's doing)."""
        self.shift += timedelta(seconds=jump)
        self.moved_since_boot = timedelta()
