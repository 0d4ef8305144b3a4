# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for every suite: a simulated fleet, and where the recorded facts lie."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet


@pytest.fixture
def fleet() -> Iterator[Callable[..., RunningFleet]]:
    """Start a fleet: ``fleet({"name": "ws2022", "profile": "server-2022"}, ..., registry={...})``; ended with the test."""
    with ExitStack() as stack:

        def start(*hosts: dict[str, Any], **settings: Any) -> RunningFleet:
            return stack.enter_context(running_fleet({"hosts": list(hosts), **settings}))

        yield start


@pytest.fixture(scope="session")
def facts() -> Path:
    """The folder with recorded facts (``WINFLEET_FACTS``, or ``shared/facts`` beside the repository); skips without it."""
    folder = Path(os.environ.get("WINFLEET_FACTS", Path(__file__).resolve().parents[2] / "shared" / "facts"))
    if not folder.is_dir():
        pytest.skip(f"the recorded facts are not here: {folder}")
    return folder
