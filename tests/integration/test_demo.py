# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two commands a stranger tries: they check their own promises, and say so by their exit code."""

from __future__ import annotations

import subprocess
import sys

import pytest
from demo.runs import ROOT, settings


@pytest.mark.parametrize(("command", "last_words"), [("demo", "All as promised"), ("bench", "0 over the budget")])
def test_it_keeps_its_promises(command: str, last_words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", command],
        cwd=ROOT,
        env=settings(),
        timeout=170,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert last_words in done.stdout.splitlines()[-1]
