# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a long task goes: lines for people, seldom enough to read, and figures for the result."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import OptionError
from .sizes import human_size

if TYPE_CHECKING:
    from .desired_state import Step

Clock = Callable[[], float]
#: Takes the place of the option ``progress`` where that is ``auto``, for a whole run.
VARIABLE = "WINFLEET_PROGRESS"
MODES = ("auto", "always", "never")
_PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)? ?%")
#: Seconds between two looks at the clock.
_TICK = 0.5


@dataclass(frozen=True)
class Pace:
    """How often a task speaks. Times in seconds.

    Args:
        first: A step is told when it has lasted this long: what is done at once needs no line.
        least: Between two lines of a step. The longer it lasts, the longer the pauses get.
        most: The longest pause.
        points: Percentage points after which a line comes earlier; 0: never.
        quick: Between two such lines.
    """

    first: float
    least: float
    most: float
    points: int
    quick: float = 0


#: A person looks on.
TERMINAL = Pace(first=2, least=10, most=60, points=10, quick=5)
#: The lines go to a file, which is read later or never.
FILE = Pace(first=30, least=60, most=600, points=0)
#: Every step, also the short ones.
EVERYTHING = Pace(first=0, least=10, most=60, points=10)


def pace_of(mode: str, environment: Mapping[str, str], *, no_log: bool, terminal: bool) -> Pace | None:
    """How often to speak; None: not at all, as always under ``no_log``, and with ``auto`` where ``CI`` is set.

    Raises:
        OptionError: The environment variable holds something else than a mode.
    """
    if mode == "auto":
        mode = environment.get(VARIABLE) or "auto"
    if mode not in MODES:
        raise OptionError(f'the environment variable {VARIABLE} is "{mode}"', f"Use {', '.join(MODES[:-1])} or {MODES[-1]}")
    if no_log or mode == "never" or (mode == "auto" and environment.get("CI")):
        return None
    if mode == "always":
        return EVERYTHING
    return TERMINAL if terminal else FILE


class Progress:
    """Shows the steps of a task and what they are at, as seldom as its pace says.

    Args:
        write: Shows one line.
        pace: How often; None: never.
        clock: Monotonic seconds.
    """

    def __init__(self, write: Callable[[str], None], pace: Pace | None = TERMINAL, clock: Clock = time.monotonic) -> None:
        self._write, self.pace, self._clock = write, pace, clock
        self._lock = threading.Lock()
        self._step = self._line = ""
        self._began = clock()
        self._shown_at: float | None = None
        self._percent = 0

    def begin(self, step: str) -> None:
        """A step begins; empty: the last one has ended."""
        with self._lock:
            self._step = self._line = step
            self._began, self._shown_at, self._percent = self._clock(), None, 0
            self._show_if_due(None)

    def __call__(self, line: str) -> None:
        """What the step is at."""
        with self._lock:
            self._line = line
            match = _PERCENT.search(line)
            percent = int(match.group(1)) if match else None
            self._show_if_due(percent)
            if percent == 100:
                self._line = self._step  # the rest of the step has no percentage

    def tick(self) -> None:
        """Time has passed."""
        with self._lock:
            self._show_if_due(None)

    def _show_if_due(self, percent: int | None) -> None:
        """A step's first line stands alone; one that only time calls for says how long it has taken so far."""
        if self.pace is None or not self._line:
            return
        if percent is not None and percent < self._percent:
            self._percent = percent  # something new has begun
        now = self._clock()
        line = self._due(self.pace, now, percent)
        if line:
            self._shown_at = now
            self._percent = self._percent if percent is None else percent
            self._write(line)

    def _due(self, pace: Pace, now: float, percent: int | None) -> str:
        lasted = now - self._began
        if self._shown_at is None:
            return self._line if lasted >= pace.first else ""
        silence = now - self._shown_at
        if percent is not None and pace.points and percent >= self._percent + pace.points and silence >= pace.quick:
            return self._line
        pause = min(max(pace.least, (self._shown_at - self._began) / 2), pace.most)
        return f"{self._line}, {duration(lasted)} so far" if silence >= pause else ""


@contextmanager
def ticking(progress: Progress) -> Iterator[None]:
    """Let time pass for it: steps that say nothing by themselves, such as a program on the host, are told all the same."""
    if progress.pace is None:
        yield
        return
    over = threading.Event()

    def tick() -> None:
        while not over.wait(_TICK):
            progress.tick()

    thread = threading.Thread(target=tick, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def duration(seconds: float) -> str:
    """``40 s``, ``3 min 20 s``, ``1 h 5 min``."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@dataclass
class Journal:
    """The steps that a task carried out, with their seconds and, where something was transferred, their bytes."""

    clock: Clock = time.monotonic
    _steps: list[dict[str, Any]] = field(default_factory=list)
    _began: float | None = None

    def begin(self, step: Step) -> None:
        """A step begins, and the one before has ended."""
        self.end()
        self._steps.append({"action": step.action, "step": step.description})
        self._began = self.clock()

    def end(self) -> None:
        """The last step has ended."""
        if self._began is not None:
            self._steps[-1]["elapsed"] = round(self.clock() - self._began, 1)
            self._began = None

    def count(self, transferred: int) -> None:
        """Bytes that the step under way has transferred."""
        if self._began is not None:
            self._steps[-1]["bytes"] = int(self._steps[-1].get("bytes", 0)) + transferred

    def report(self) -> dict[str, Any]:
        """For the result; empty where no step has begun."""
        self.end()
        if not self._steps:
            return {}
        return {"elapsed": round(sum(step["elapsed"] for step in self._steps), 1), "progress": self._steps}


@dataclass
class Counter:
    """Counts bytes on their way and tells about them.

    Args:
        doing: Begins each line, for example ``load x``.
        total: Bytes to come; an estimate, or 0 where nobody knows.
        tell: Takes a line; it decides which are shown.
        journal: Keeps the count for the result.
    """

    doing: str
    total: int
    tell: Callable[[str], None]
    journal: Journal = field(default_factory=Journal)
    clock: Clock = time.monotonic
    count: int = 0
    _began: float | None = None

    def over(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, counted as they are taken."""
        self._began = self.clock() if self._began is None else self._began
        for piece in pieces:
            yield piece
            self.add(len(piece))

    def add(self, transferred: int) -> None:
        """Count some more bytes."""
        began = self._began = self.clock() if self._began is None else self._began
        self.count += transferred
        self.journal.count(transferred)
        self.tell(self.line(self.clock() - began))

    def line(self, seconds: float) -> str:
        """Where it stands."""
        share = f"{min(100, self.count * 100 // self.total)} %, " if self.total else ""
        of = f" of {human_size(self.total)}" if self.total else ""
        rate = f", {human_size(self.count / seconds)}/s" if seconds >= 1 else ""
        return f"{self.doing}: {share}{human_size(self.count)}{of}{rate}"
