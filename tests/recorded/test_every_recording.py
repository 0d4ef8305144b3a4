# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every recording there is, whatever it is called: read by the client, and answered by the simulator.

Other recordings than the known ones can be laid into the folder (``WINFLEET_FACTS``): nothing here depends on their names, but that a
difference they show fails the test until its reason is written down below.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.fleet import RunningFleet

from .conftest import Row
from .meaning import by_the_client, plainly
from .outline import differences, outline
from .replay import NotProvoked, Recording, Stage

FACTS = Path(os.environ.get("WINFLEET_FACTS", Path(__file__).resolve().parents[3] / "shared" / "facts")) / "wsman"
ANSWERS = sorted(FACTS.glob("*.response.xml"))
#: Recording to the reason of a difference that stays. One that is no longer there fails the test as well.
KNOWN: dict[str, str] = {
    "shell-create-environment-special": (
        "the recorded answer writes the variable's name without the backslash that the same shell's environment has "
        "(receive-environment-special): taken for a slip of the source"
    ),
    "spec-fault-class-not-found": (
        "the specification has number 32768 and another detail, recordings of real hosts (fault-get-instance-not-found) have 2150858752"
    ),
}

every = pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.name.partition(".")[0])
pytestmark = pytest.mark.skipif(not ANSWERS, reason="the recordings are not here")


@pytest.fixture
def stage(fleet: Callable[..., RunningFleet]) -> Stage:
    return Stage(fleet({"name": "ws2022", "profile": "server-2022"}))


@every
def test_the_client_reads_it_as_windows_meant_it(path: Path, row: Row) -> None:
    recording = Recording.load(path)
    row.client = "different"
    assert by_the_client(recording) == plainly(recording)
    row.client = "as meant"


@every
def test_the_simulator_answers_alike(path: Path, row: Row, stage: Stage) -> None:
    recording = Recording.load(path)
    row.simulator = "different, for no known reason"
    try:
        status, answer = stage.answer(recording)
    except NotProvoked as reason:
        row.simulator = f"not compared: {reason}"
        assert recording.name in KNOWN, row.simulator
        return
    theirs, ours = (outline(text, editorial=recording.editorial, rewritten=recording.rewritten) for text in (recording.response, answer))
    found = differences(theirs, ours)
    if recording.name in KNOWN:
        assert found, "the difference is gone: take it out of the list"
        row.simulator = f"differs in {len(found)} lines: {KNOWN[recording.name]}"
        return
    if found:
        row.simulator = f"different: {' | '.join(' '.join(line.split()) for line in found[:3])}"
    assert (status, found) == (500 if recording.code is not None else 200, []), answer
    row.simulator = "same"
