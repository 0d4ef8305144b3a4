# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a line of progress is shown, what it says, and what of it stands in the result."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Step
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.progress import (
    EVERYTHING,
    FILE,
    TERMINAL,
    Counter,
    Journal,
    Pace,
    Progress,
    duration,
    pace_of,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Told:
    """Progress whose time goes only when it is told to, and the lines it shows with their seconds."""

    def __init__(self, pace: Pace | None) -> None:
        self.clock = Clock()
        self.lines: list[tuple[int, str]] = []
        self.progress = Progress(lambda line: self.lines.append((int(self.clock.now), line)), pace, self.clock)

    def wait(self, seconds: int) -> None:
        for _second in range(seconds):
            self.clock.now += 1
            self.progress.tick()


def test_what_is_done_at_once_needs_no_line() -> None:
    told = Told(TERMINAL)
    for step in ("create the network a", "create the network b"):
        told.progress.begin(step)
        told.wait(1)
    assert told.lines == []


def test_a_step_that_says_nothing_itself_gets_one_line_and_then_ever_fewer() -> None:
    told = Told(TERMINAL)
    told.progress.begin("download engine 28.5.2")
    told.wait(250)
    assert told.lines[:3] == [
        (2, "download engine 28.5.2"),
        (12, "download engine 28.5.2, 12 s so far"),
        (22, "download engine 28.5.2, 22 s so far"),
    ]
    assert [second for second, _line in told.lines] == [2, 12, 22, 33, 50, 75, 113, 170, 230]


def test_each_step_that_lasts_is_named_however_soon_it_follows() -> None:
    told = Told(TERMINAL)
    for step in ("stop the service", "put the programs in place", "start the service"):
        told.progress.begin(step)
        told.wait(3)
    assert [line for _second, line in told.lines] == ["stop the service", "put the programs in place", "start the service"]


def test_percentages_come_every_ten_points_and_start_anew_with_the_next_thing() -> None:
    told = Told(EVERYTHING)
    told.progress.begin("load x")
    for percent in [*range(0, 101, 2), 0, 5, 12]:
        told.progress(f"{percent} % done")
    assert [line for _second, line in told.lines] == ["load x", *(f"{percent} % done" for percent in range(10, 101, 10)), "12 % done"]


def test_a_person_is_spared_percentages_that_fly_by() -> None:
    told = Told(TERMINAL)
    told.progress.begin("load x")
    for tenth in range(101):
        told.clock.now = tenth / 10
        told.progress(f"{tenth} % done")
    assert [line for _second, line in told.lines] == ["20 % done", "70 % done"]


def test_after_the_last_percent_the_step_itself_is_named_again() -> None:
    told = Told(TERMINAL)
    told.progress.begin("load the image x")
    told.wait(2)
    told.progress("load x: 100 %")
    told.wait(10)
    assert told.lines == [(2, "load the image x"), (12, "load the image x, 12 s so far")]


def test_a_file_gets_far_fewer_lines_and_no_percentages() -> None:
    told = Told(FILE)
    told.progress.begin("pull x")
    for second in range(1000):
        told.progress(f"pull x: {second // 10} %")
        told.wait(1)
    assert [second for second, _line in told.lines] == [30, 90, 150, 225, 338, 507, 761]
    assert told.lines[1][1] == "pull x: 8 %, 1 min 30 s so far"


def test_after_the_last_step_nothing_is_told() -> None:
    told = Told(EVERYTHING)
    told.progress.begin("start the service")
    told.progress.begin("")
    told.wait(100)
    assert told.lines == [(0, "start the service")]


def test_nothing_is_told_where_nothing_is_to_be_told() -> None:
    told = Told(None)
    told.progress.begin("pull x")
    told.progress("pull x: 50 %")
    told.wait(100)
    assert told.lines == []


@pytest.mark.parametrize(
    ("mode", "environment", "no_log", "terminal", "expected"),
    [
        ("auto", {}, False, True, TERMINAL),
        ("auto", {}, False, False, FILE),
        ("auto", {"CI": "true"}, False, True, None),
        ("auto", {"CI": ""}, False, True, TERMINAL),
        ("auto", {"CI": "true", "WINFLEET_PROGRESS": "always"}, False, False, EVERYTHING),
        ("auto", {"WINFLEET_PROGRESS": "never"}, False, True, None),
        ("auto", {"WINFLEET_PROGRESS": ""}, False, True, TERMINAL),
        ("always", {"CI": "true", "WINFLEET_PROGRESS": "never"}, False, False, EVERYTHING),
        ("never", {"WINFLEET_PROGRESS": "always"}, False, True, None),
        ("always", {"WINFLEET_PROGRESS": "always"}, True, True, None),
    ],
)
def test_when_progress_is_wanted(mode: str, environment: dict[str, str], no_log: bool, terminal: bool, expected: Pace | None) -> None:
    assert pace_of(mode, environment, no_log=no_log, terminal=terminal) == expected


def test_an_environment_variable_that_means_nothing_is_refused() -> None:
    with pytest.raises(OptionError) as caught:
        pace_of("auto", {"WINFLEET_PROGRESS": "loud"}, no_log=False, terminal=True)
    assert (caught.value.cause, caught.value.advice) == (
        'the environment variable WINFLEET_PROGRESS is "loud"',
        "Use auto, always or never",
    )


def test_the_result_has_the_seconds_and_bytes_of_each_step() -> None:
    clock = Clock()
    journal = Journal(clock)
    journal.count(99)  # before the first step: it belongs to none
    assert journal.report() == {}
    journal.begin(Step("pull", "pull the image x"))
    journal.count(40)
    journal.count(2)
    clock.now = 61.23
    journal.begin(Step("create", "create the container web"))
    clock.now = 61.5
    assert journal.report() == {
        "elapsed": 61.5,
        "progress": [
            {"action": "pull", "step": "pull the image x", "elapsed": 61.2, "bytes": 42},
            {"action": "create", "step": "create the container web", "elapsed": 0.3},
        ],
    }
    clock.now = 99
    assert journal.report()["elapsed"] == 61.5


def test_a_counter_tells_share_size_and_rate() -> None:
    clock, lines = Clock(), list[str]()
    counter = Counter("load x", 400_000_000, lines.append, clock=clock)
    for seconds in (0, 2, 2):
        clock.now += seconds
        counter.add(100_000_000)
    assert lines == [
        "load x: 25 %, 100 MB of 400 MB",
        "load x: 50 %, 200 MB of 400 MB, 100 MB/s",
        "load x: 75 %, 300 MB of 400 MB, 75 MB/s",
    ]
    unknown, journal = list[str](), Journal(clock)
    journal.begin(Step("load", "load the image x"))
    assert list(Counter("load x", 0, unknown.append, journal, clock).over([b"abc", b"de"])) == [b"abc", b"de"]
    assert unknown == ["load x: 3 B", "load x: 5 B"]
    assert journal.report()["progress"][0]["bytes"] == 5


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
