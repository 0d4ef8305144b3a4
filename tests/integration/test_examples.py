# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation, each as it stands, on a host that has been prepared."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import yaml

from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play

PACKAGE = "ansible_collections.winfleet.containers.plugins.modules"
#: In an order in which the later ones find what the earlier ones made.
MODULES = [
    "host_info", "host_facts", "base_image", "container", "isolation_info", "container_info", "image_info", "image_update_info", "volume", "network",
    "container_exec", "prune", "host_feature", "host_reboot",
]  # fmt: skip
#: What the examples take from the user's own variables.
VARIABLES = {"proxy_with_password": "http://user:password@proxy.example.org:3128"}
#: The last example of docker_engine removes the layers too, which resist on most hosts.
HOST = {"name": "host", "profile": "server-2022", "platform": "metal", "layers_undeletable": False}


@pytest.fixture(scope="module")
def prepared(play: Play) -> Callable[[], AbstractContextManager[RunningFleet]]:
    """Opens a fleet of one prepared host."""

    @contextmanager
    def fleet() -> Iterator[RunningFleet]:
        with running_fleet({"hosts": [HOST]}) as running:
            run = play(running, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": "all", **MIRROR})
            assert run.ok, run.output
            running.call(lambda: running.machines["host"].files.make_folder("C:\\sites\\shop"))
            yield running

    return fleet


@pytest.fixture(scope="module")
def fleet(prepared: Callable[[], AbstractContextManager[RunningFleet]]) -> Iterator[RunningFleet]:
    with prepared() as running:
        yield running


def examples(module: str) -> object:
    return yaml.safe_load(importlib.import_module(f"{PACKAGE}.{module}").EXAMPLES)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_run(play: Play, fleet: RunningFleet, module: str) -> None:
    run = play(fleet, examples(module), variables=VARIABLES)
    assert run.ok, run.output


def test_the_examples_of_the_engine_run(play: Play, prepared: Callable[[], AbstractContextManager[RunningFleet]]) -> None:
    """On a host of their own: they end with the engine's removal."""
    with prepared() as fleet:
        run = play(fleet, examples("docker_engine"), variables=VARIABLES)
    assert run.ok, run.output
