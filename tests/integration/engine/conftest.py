# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated Windows with an engine on it: the simulator's own, or a real dockerd of this machine behind the host's WinRM."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from contract.real_engine import NoRealEngine
from contract.real_engine import real_engine as started_engine
from integration.remote.conftest import Site

from simulator.fleet import RunningFleet

from .engines import FOLDER, Engines


def register_engine(site: Site, folder: str = FOLDER, name: str = "docker") -> None:
    """Put an installed engine on the host, not started."""
    machine = site.host.machine

    def put() -> None:
        for program in ("docker.exe", "dockerd.exe"):
            machine.files.write(f"{folder}\\{program}", b"Docker Engine simulated 28.5.2", parents=True)
        machine.services.create(name, f'"{folder}\\dockerd.exe" --run-service', display_name="Docker Engine", start_mode="Auto")

    site.fleet.call(put)


def shells(site: Site) -> list[str]:
    """Ids of the shells that are open on the host."""
    service = site.host.winrm.service.shells
    found: list[str] = site.fleet.call(lambda: [shell.id for shell in service.shells.all()])
    return found


@pytest.fixture
def site(fleet: Callable[..., RunningFleet]) -> Iterator[Callable[..., Site]]:
    """Start one simulated host with the Containers feature: ``site(engine_bridge=...)``."""
    sites: list[Site] = []

    def start(**entry: object) -> Site:
        running = fleet({"name": "ws2022", "profile": "server-2022", "boot_seconds": 0.3, **entry})
        sites.append(Site(running.hosts["ws2022"], running))
        return sites[-1]

    yield start
    for each in sites:
        each.close()


@pytest.fixture(scope="session")
def real_engine() -> Iterator[str]:
    """The unix socket of a dockerd of its own (own data root, own pid file); skips where none can run."""
    try:
        with started_engine() as path:
            yield str(path)
    except NoRealEngine as reason:
        pytest.skip(str(reason))


@pytest.fixture
def engines(site: Callable[..., Site]) -> Callable[..., Engines]:
    """A host with the Containers feature enabled."""

    def start(**entry: object) -> Engines:
        return Engines(site(**{"features": {"Containers": "Enabled"}, **entry}))

    return start
