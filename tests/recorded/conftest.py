# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table at the end of the test output: for each recording, what the client and the simulator make of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

ROWS: pytest.StashKey[dict[str, Row]] = pytest.StashKey()


@dataclass
class Row:
    """One recording.

    Args:
        client: Whether the client reads it as Windows meant it.
        simulator: Whether the simulator gives the same answer, or which difference there is and why.
    """

    client: str = "-"
    simulator: str = "-"


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    """The row of the recording that the test is about (its parameter ``path``)."""
    rows = request.config.stash.setdefault(ROWS, {})
    name = request.node.callspec.params["path"].name.partition(".")[0]
    return rows.setdefault(name, Row())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(ROWS, {})
    if not rows:
        return
    write, width = terminalreporter.write_line, max(map(len, rows))
    terminalreporter.section("recorded against real Windows")
    write(f"{'recording':{width}}  {'client':9}  simulator")
    for name, row in sorted(rows.items()):
        write(f"{name:{width}}  {row.client:9}  {row.simulator}")
    same = sum(row.simulator.startswith("same") for row in rows.values())
    write(f"{len(rows)} recordings: the simulator answers {same} the same, {len(rows) - same} with the differences above")
