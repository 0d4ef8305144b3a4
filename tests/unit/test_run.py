# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of all tests: nothing that went wrong is missing in it."""

from __future__ import annotations

import os
import signal

import pytest
from run import Check, Count, counted, run

SHELL = ["sh", "-c"]


@pytest.mark.parametrize(
    ("name", "output", "code", "expected"),
    [
        ("pytest unit", "....\n8 passed, 1 skipped in 1.20s\n", 0, Count(8, 0, 1)),
        (
            "pytest unit",
            "SKIPPED [1] because 7 failed\n=== 2 failed, 3 passed, 1 error in 61.00s (0:01:01) ===\nlater words",
            1,
            Count(3, 3),
        ),
        ("pytest unit", "==== 2 passed, 4 errors in 3.00s ====", 1, Count(2, 4)),
        ("pytest unit", "8 passed in 1.20s\nthen the interpreter broke down", -11, Count(8, 1)),
        ("pytest unit", "no tests ran in 0.01s", 5, Count(0, 1)),
        ("pytest unit", "....", -9, Count(0, 1)),
        ("ansible-test sanity", 'Running sanity test "a"\nRunning sanity test "b"\n', 0, Count(2)),
        ("ansible-test sanity", 'Running sanity test "a"\nRunning sanity test "b"\nFATAL: The 1 sanity test(s) listed', 1, Count(1, 1)),
        ("ansible-test sanity", "", 1, Count(0, 1)),
        ("mypy", "Success", 0, Count(1)),
        ("mypy", "3 passed in 1.00s", 2, Count(0, 1)),
    ],
)
def test_what_a_check_counts(name: str, output: str, code: int, expected: Count) -> None:
    assert counted(Check(name, []), output, code) == expected


def test_a_missing_tool_counts_as_failed() -> None:
    done = run("lint", Check("tool", ["./no-such-tool"]))
    assert done.count == Count(failed=1)
    assert "no-such-tool" in done.output


def test_a_killed_check_counts_as_failed() -> None:
    assert run("lint", Check("tool", [*SHELL, "echo begun; kill -9 $$"])).count == Count(failed=1)


def test_a_check_that_hangs_is_ended_and_what_it_left_behind_is_not_waited_for() -> None:
    done = run("lint", Check("tool", [*SHELL, "setsid sleep 60 & echo $!; sleep 60"], limit=4))
    os.kill(int(done.output.splitlines()[0]), signal.SIGKILL)
    assert done.count == Count(failed=1)
    assert "longer than 4 seconds" in done.output
    assert done.seconds < 50
