# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every recorded output of a native program, line by line against the simulator's (../shared/facts/native).

Left out of every comparison: blanks at line ends, blank lines at both ends, and dism's progress bar (it is missing when its output is
captured, native-tools.md 1.1). For a recording that is new to us its command is run as the README beside it has it, and the table counts
the lines that differ; that fails nothing, since the machine was not brought into the recorded state.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

import pytest

from .conftest import Row
from .native_scenes import LEFT_OUT, SCENES, tidy, unknown

FACTS = Path(os.environ.get("WINFLEET_FACTS", Path(__file__).resolve().parents[3] / "shared" / "facts")) / "native"
RECORDINGS = sorted(path for path in FACTS.glob("*") if path.suffix in (".txt", ".tsv"))
pytestmark = pytest.mark.skipif(not RECORDINGS, reason="the recordings are not here")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_the_simulated_program_says_the_same(path: Path, row: Row) -> None:
    if path.stem in LEFT_OUT:
        row.simulator = f"not compared: {LEFT_OUT[path.stem]}"
        return
    known = path.stem in SCENES
    scene = SCENES.get(path.stem) or unknown(path.name, (path.parent / "README.md").read_text(encoding="utf-8"))
    if scene is None:
        row.simulator = "not compared: no command is known for it"
        return
    recorded = tidy(path.read_text(encoding="utf-8"))
    wanted, found = scene.prepare(recorded), scene.play(recorded)
    lines = [line for line in difflib.ndiff(wanted, found) if line[0] in "+-"]
    unexpected = [line for line in lines if not (scene.differing and re.match(scene.differing, line[2:]))]
    if lines and not known:
        row.simulator = f"{len([line for line in lines if line[0] == '-'])} of {len(wanted)} lines differ: new, no scene is written for it"
        return
    row.simulator = "same" if not lines else f"{len([line for line in lines if line[0] == '-'])} lines differ: {scene.difference}"
    assert not unexpected, "\n".join(unexpected)
    assert bool(lines) == bool(scene.difference), "the difference is gone: take its reason out"
