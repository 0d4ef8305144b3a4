# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that tell how a long task goes, seldom enough to read. Pure."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

_PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)? ?%")


class Progress:
    """Passes on at most one line per 10 s, or per 10 % where the line tells a percentage.

    Args:
        write: Shows one line.
        seconds: Least time between lines.
        points: Percentage points after which a line is shown earlier.
        clock: Monotonic seconds.
    """

    def __init__(
        self, write: Callable[[str], None], *, seconds: float = 10.0, points: int = 10, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self._seconds, self._points, self._clock = write, seconds, points, clock
        self._shown_at: float | None = None
        self._percent = 0

    def __call__(self, line: str) -> None:
        now, match = self._clock(), _PERCENT.search(line)
        percent = int(match.group(1)) if match else None
        if percent is not None and percent < self._percent:
            self._percent = percent  # something new has begun
        moved = percent is not None and percent >= self._percent + self._points
        if self._shown_at is None or moved or now - self._shown_at >= self._seconds:
            self._shown_at = now
            if percent is not None:
                self._percent = percent
            self._write(line)


def silent(line: str) -> None:
    """Show nothing."""


def wanted(mode: str, environment: Mapping[str, str], no_log: bool) -> bool:
    """Whether to show progress: never under ``no_log``; ``auto`` not where ``CI`` is set."""
    if no_log or mode == "never":
        return False
    return mode == "always" or not environment.get("CI")
