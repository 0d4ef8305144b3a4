# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation, each as it stands, on a host that has been prepared."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.containers.conftest import Site, install_engine
from simulator.fleet import RunningFleet, running_fleet

from .conftest import MIRROR, Play, thrice

PACKAGE = "ansible_collections.winfleet.containers.plugins.modules"
#: In an order in which the later ones find what the earlier ones made.
MODULES = [
    "host_info", "host_facts", "base_image", "image", "container", "isolation_info", "container_info", "image_info", "image_update_info", "volume", "network",
    "container_exec", "fleet_report", "prune", "host_feature", "host_reboot",
]  # fmt: skip
#: What the examples take from the user's own variables.
VARIABLES = {"proxy_with_password": "http://user:password@proxy.example.org:3128", "vault_registry_password": "secret"}
#: Run as they stand only, since each run of them is meant to do something, or because check mode does not know what they will say.
ONCE = {
    "Run a tool to its end, and return its output", "Restart it",
    "Create a file, unless it exists", "Show it", "Remove it, if it exists", "Run a command with input and a variable",
    "Reboot the host", "Give a slow machine half an hour", "Wait until the container engine answers",
    "Write a report on this host alone",
}  # fmt: skip
#: The other host, and the registry, that the examples of images speak of.
BUILDER = {"name": "builder", "profile": "server-2022", "features": {"Containers": "enabled"}}
REGISTRY = {
    "accounts": {"registry.example.com": {"puller": "secret"}},
    "copies": {"registry.example.com/mirror/windows/nanoserver": "mcr.microsoft.com/windows/nanoserver"},
}
#: What the examples of containers run: open to everybody, and their programs are ones that the simulated images have.
APPLICATIONS = [
    {
        "repository": f"images.example.com/{name}",
        "tags": [tag],
        "config": {"Cmd": command},
        "built_on": ["nanoserver 10.0.20348.3807"],
        "size": 1000,
    }
    for name, tag, command in (
        ("shop", "2.4", ["aspnetapp.exe"]),
        ("api", "7", ["aspnetapp.exe"]),
        ("db", "15", ["ping", "-t", "localhost"]),
        ("agent", "3", ["aspnetapp.exe"]),
    )
]
#: The last example of docker_engine removes the layers too, which resist on most hosts.
HOST = {
    "name": "host",
    "profile": "server-2022",
    "platform": "metal",
    "layers_undeletable": False,
    "boot_seconds": 0.3,
    "delayed_start_seconds": 1,
}


@pytest.fixture(scope="module")
def prepared(play: Play) -> Callable[[], AbstractContextManager[RunningFleet]]:
    """Opens a fleet of one prepared host."""

    @contextmanager
    def fleet() -> Iterator[RunningFleet]:
        with running_fleet({"hosts": [HOST, BUILDER], "registry": {**REGISTRY, "applications": APPLICATIONS}}) as running:
            assert install_engine(running, running.hosts["builder"], "28.5.2").image(tags=["example/base:4"]).error == ""
            run = play(running, "winfleet.containers.prepare_hosts", variables={"winfleet_hosts": "host", **MIRROR})
            assert run.ok, run.output
            Site(running.hosts["host"], running).add_network("backend", IPAM={"Config": [{"Subnet": "172.30.0.0/24"}]})
            running.call(lambda: running.machines["host"].files.make_folder("C:\\sites\\shop"))
            running.call(lambda: running.machines["host"].files.make_folder("C:\\media\\sources\\sxs"))
            yield running

    return fleet


@pytest.fixture(scope="module")
def fleet(prepared: Callable[[], AbstractContextManager[RunningFleet]]) -> Iterator[RunningFleet]:
    with prepared() as running:
        yield running


def examples(module: str, shop: Path | None = None) -> list[dict[str, Any]]:
    """``shop`` stands for the folder of that name beside the user's playbook; simulated images have neither a web server to ask nor an agent."""
    text: str = importlib.import_module(f"{PACKAGE}.{module}").EXAMPLES
    instead = {
        "{{ playbook_dir }}/shop": str(shop),
        "[curl.exe, -fsS, 'http://localhost/health']": "[cmd, /c, ver]",
        "C:\\agent\\agent.exe": "aspnetapp.exe",
    }
    for old, new in instead.items():
        text = text.replace(old, new)
    tasks: list[dict[str, Any]] = yaml.safe_load(text)
    return tasks


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_run(play: Play, fleet: RunningFleet, module: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nARG VERSION\nRUN echo %VERSION%\n")
    tasks = thrice(examples(module, tmp_path), ONCE)
    run = play(fleet, tasks, hosts="host", variables={**VARIABLES, "report_folder": str(tmp_path / "report")})
    assert run.ok, run.output
    assert run.surprises() == []


def test_the_examples_of_the_engine_run(play: Play, prepared: Callable[[], AbstractContextManager[RunningFleet]]) -> None:
    """On a host of their own: they end with the engine's removal."""
    with prepared() as fleet:
        run = play(fleet, thrice(examples("docker_engine")), hosts="host", variables=VARIABLES)
    assert run.ok, run.output
    assert run.surprises() == []
