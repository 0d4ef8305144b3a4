# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation, each as it stands, on a host that has been prepared."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
import yaml

from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play

PACKAGE = "ansible_collections.winfleet.containers.plugins.modules"
#: In an order in which the later ones find what the earlier ones made.
MODULES = ["host_info", "docker_engine", "base_image", "container", "isolation_info", "host_feature", "host_reboot"]


@pytest.fixture(scope="module")
def fleet(play: Play) -> Iterator[RunningFleet]:
    with running_fleet({"hosts": [{"name": "host", "profile": "server-2022", "platform": "metal"}]}) as fleet:
        run = play(fleet, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": "all", **MIRROR})
        assert run.ok, run.output
        fleet.call(lambda: fleet.machines["host"].files.make_folder("C:\\sites\\shop"))
        yield fleet


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_run(play: Play, fleet: RunningFleet, module: str) -> None:
    run = play(fleet, yaml.safe_load(importlib.import_module(f"{PACKAGE}.{module}").EXAMPLES))
    assert run.ok, run.output
