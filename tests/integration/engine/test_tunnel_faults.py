# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tunnel while the way to the host is in trouble, against the simulator's own engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from integration.remote.conftest import Site

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import EngineDownError, TunnelLostError

from .conftest import register_engine, shells


@pytest.fixture
def running(site: Callable[..., Site], request: pytest.FixtureRequest) -> Site:
    """A host with a running engine; a parameter gives the switches of its WinRM."""
    started = site(features={"Containers": "Enabled"}, winrm={"switches": getattr(request, "param", {})})
    register_engine(started)
    machine = started.host.machine

    async def start() -> None:
        await machine.services.start("docker")
        service = machine.services.get("docker")
        if service is not None:
            await service.settled()

    started.fleet.call(start)
    return started


@pytest.mark.parametrize("kind", ["Send", "Receive"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_costs_a_question_only_a_new_tunnel(running: Site, kind: str, when: str) -> None:
    engine = EngineClient.open(running.remote())
    running.host.faults.add("cut", kind=kind, when=when)
    assert engine.api.info()["OSType"] == "windows"
    assert sum("dial-stdio" in line for line in running.programs()) == 2


@pytest.mark.parametrize("kind", ["Send", "Receive"])
def test_a_lost_answer_to_a_change_is_reported_and_the_tunnel_replaced(running: Site, kind: str) -> None:
    engine = EngineClient.open(running.remote())
    running.host.faults.add("cut", kind=kind, when="after")
    with pytest.raises(TunnelLostError) as caught, engine.errors():
        engine.api.create_network("lost", driver="nat")
    assert "POST /v1.51/networks/create was under way, so it is unknown whether" in caught.value.sentence("ws2022")
    assert "lost" in {network["Name"] for network in engine.api.networks()}


def test_an_engine_that_stops_between_two_questions_is_reported_as_stopped(running: Site) -> None:
    engine = EngineClient.open(running.remote())
    machine = running.host.machine

    async def stop() -> None:
        await machine.services.stop("docker")
        service = machine.services.get("docker")
        if service is not None:
            await service.settled()

    running.fleet.call(stop)
    with pytest.raises(EngineDownError, match='its service "docker" is stopped'), engine.errors():
        engine.api.info()


def test_all_tunnels_are_closed_with_the_host(running: Site) -> None:
    host = running.remote()
    engine = EngineClient.open(host)
    running.host.faults.add("cut", kind="Receive", when="after")
    engine.api.info()
    host.close()
    # What remains is the shell that Ansible's own connection opens and deletes.
    assert len(shells(running)) == 1


def test_a_stream_that_is_left_in_its_middle_is_closed_with_the_host(running: Site) -> None:
    host = running.remote()
    stream = EngineClient.open(host).api.pull("mcr.microsoft.com/windows/servercore", tag="ltsc2022", stream=True)
    next(stream)
    host.close()
    assert len(shells(running)) == 1


def test_the_psrp_connection_carries_the_tunnel_as_well(running: Site) -> None:
    engine = EngineClient.open(running.remote("psrp"))
    assert engine.api.info()["OSType"] == "windows"
    assert not any("powershell" in line.lower() for line in running.programs())


@pytest.mark.parametrize(
    "running",
    [
        {"second_command": "run"},
        {"end_markers": False},
        {"exit_code": False},
        {"receive_bytes": 333},
        {"empty_running": True},
        {"console_mode_stdin": "converts"},
    ],
    indirect=True,
    ids=", ".join,
)
def test_what_windows_leaves_open_makes_no_difference(running: Site) -> None:
    engine = EngineClient.open(running.remote())
    image = "mcr.microsoft.com/windows/nanoserver"
    with engine.errors():
        for _unused in engine.api.pull(image, tag="ltsc2022", stream=True, decode=True):
            pass
        engine.api.create_container(f"{image}:ltsc2022", ["ping", "-t", "localhost"], name="web")
        engine.api.start("web")
    result = engine.exec("web", ["cmd", "/c", "echo out& echo err 1>&2& exit 5"])
    assert (result.exit_code, result.stdout.split(), result.stderr.split()) == (5, [b"out"], [b"err"])
    result = engine.exec("web", ["findstr", "x"], stdin=b"axb\r\n" * 2000)
    assert (result.exit_code, result.stdout) == (0, b"axb\r\n" * 2000)
