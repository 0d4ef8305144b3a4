# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pytest plugin with simulated Windows hosts: write ``pytest_plugins = ["simulator.pytest_plugin"]`` into your conftest.py.

Example::

    def test_my_playbook(fleet, tmp_path):
        running = fleet({"name": "ws2022", "profile": "server-2022"})
        inventory = running.write_inventory(tmp_path / "inventory.yml")
        subprocess.run(["ansible-playbook", "-i", inventory, "site.yml"], check=True, timeout=300)
        assert running.machines["ws2022"].features.enabled("Containers")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from .fleet import RunningFleet, running_fleet


class StartFleet(Protocol):
    """What the fixture ``fleet`` gives."""

    def __call__(self, *hosts: Mapping[str, Any] | str | Path, **settings: Any) -> RunningFleet:
        """Start a fleet that ends with the test.

        Args:
            hosts: One mapping a host, as in a fleet file; or the path of a fleet file alone.
            settings: The other keys of a fleet file, such as ``registry``.

        Raises:
            FleetError: Something in it cannot be.
        """


@pytest.fixture
def fleet() -> Iterator[StartFleet]:
    """Start simulated hosts: ``fleet({"name": "ws2022", "profile": "server-2022"}, ..., registry={...})`` or ``fleet("fleet.yml")``."""
    with ExitStack() as stack:

        def start(*hosts: Mapping[str, Any] | str | Path, **settings: Any) -> RunningFleet:
            if len(hosts) == 1 and not isinstance(hosts[0], Mapping):
                return stack.enter_context(running_fleet(hosts[0]))
            return stack.enter_context(running_fleet({"hosts": list(hosts), **settings}))

        yield start
