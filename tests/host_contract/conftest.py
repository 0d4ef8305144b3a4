# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulated hosts for the questions: real ones are asked by ``python -m host_contract``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.service import require_service
from simulator.engine.mirror import program_bytes
from simulator.fleet import RunningFleet, running_fleet
from simulator.windows.machine import Machine

from .site import Site
from .variants import NESTED, NEWEST, VARIANTS, host_of

NANO = "mcr.microsoft.com/windows/nanoserver"
FOLDER = "C:\\Program Files\\docker"
#: The hosts with an engine.
ENGINES = ("engine", "newest", "no-older-images")
#: A host without anything, two with an engine, a base image and Hyper-V, and every variant.
HOSTS: list[dict[str, Any]] = [
    {"name": "bare", "profile": "server-2022", "boot_seconds": 0.4, "accounts": {"vagrant": "s3cret-word", "bob": "other-s3cret"},
     "winrm": {"not_administrators": ["bob"]}},
    {"name": "engine", "profile": "server-2022", "boot_seconds": 0.4, **NESTED},
    {"name": "newest", "boot_seconds": 0.4, **NEWEST},
]  # fmt: skip


async def install_engine(machine: Machine) -> None:
    """A running engine, as the collection would install it."""
    for name in ("docker.exe", "dockerd.exe"):
        machine.files.write(f"{FOLDER}\\{name}", program_bytes(name, "28.5.2"), parents=True)
    machine.services.create("docker", f'"{FOLDER}\\dockerd.exe" --run-service', display_name="Docker Engine", start_mode="Auto")
    await machine.services.start("docker")


@pytest.fixture(scope="session")
def hosts() -> Iterator[RunningFleet]:
    """All of them in one fleet."""
    with running_fleet({"hosts": [*HOSTS, *map(host_of, VARIANTS)]}) as fleet:
        for name in ENGINES:
            fleet.call(partial(install_engine, fleet.machines[name]))
        yield fleet


def pull(fleet: RunningFleet, name: str, tag: str, repository: str = NANO) -> None:
    """Put a base image on a host with an engine."""
    site = Site(name, variables(fleet, name))
    try:
        EngineClient.open(site.host, "docker_engine", require_service(site.host)).api.pull(f"{repository}:{tag}")
    finally:
        site.close()


def variables(fleet: RunningFleet, name: str) -> dict[str, Any]:
    """What Ansible knows of a simulated host."""
    group = fleet.inventory()["all"]["children"]["windows"]
    return {**group["vars"], **group["hosts"][name], "inventory_hostname": name}
