# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for every suite: a simulated fleet (the plugin our users have, too), and where the recorded facts lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["simulator.pytest_plugin"]


@pytest.fixture(scope="session")
def facts() -> Path:
    """The folder with recorded facts (``WINFLEET_FACTS``, or ``shared/facts`` beside the repository); skips without it."""
    folder = Path(os.environ.get("WINFLEET_FACTS", Path(__file__).resolve().parents[2] / "shared" / "facts"))
    if not folder.is_dir():
        pytest.skip(f"the recorded facts are not here: {folder}")
    return folder
