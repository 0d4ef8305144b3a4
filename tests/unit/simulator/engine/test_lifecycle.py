# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What isolation leaves behind on the host, and what a daemon's or a machine's stop does to containers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import NANOSERVER, Daemon

Run = Callable[..., Any]
IMAGE = f"{NANOSERVER}:ltsc2022"


async def top(daemon: Daemon, container: str) -> dict[int, str]:
    """PID to name, as ``top`` says."""
    _unused, answer = await daemon.ask("GET", f"/containers/{container}/top")
    assert answer["Titles"] == ["Name", "PID", "CPU", "Private Working Set"]
    return {int(row[1]): row[0] for row in answer["Processes"]}


def test_a_process_container_is_in_the_hosts_table(run: Run) -> None:
    async def scenario(daemon: Daemon) -> None:
        id_ = await daemon.create(IMAGE, Isolation="process")
        await daemon.start(id_)
        inside = await top(daemon, id_)
        assert "PING.EXE" in inside.values()
        assert daemon.host.processes == inside
        await daemon.ask("POST", f"/containers/{id_}/stop")
        assert daemon.host.processes == {}

    run(scenario)


def test_a_hyperv_container_is_a_worker_process(run: Run) -> None:
    async def scenario(daemon: Daemon) -> None:
        id_ = await daemon.create(IMAGE, Isolation="hyperv")
        await daemon.start(id_)
        assert list(daemon.host.processes.values()) == ["vmwp.exe"]
        assert daemon.host.systems == {id_: True}
        assert "PING.EXE" in (await top(daemon, id_)).values()
        await daemon.ask("DELETE", f"/containers/{id_}", force="1")
        assert daemon.host.processes == {}

    run(scenario)


def test_exec_is_seen_too(run: Run) -> None:
    async def scenario(daemon: Daemon) -> None:
        id_ = await daemon.create(IMAGE, Isolation="process")
        await daemon.start(id_)
        _unused, made = await daemon.ask("POST", f"/containers/{id_}/exec", {"Cmd": ["cmd", "/c", "ping", "-t", "x"]})
        await daemon.ask("POST", f"/exec/{made['Id']}/start", {"Detach": True})
        while not (await daemon.ask("GET", f"/exec/{made['Id']}/json"))[1]["Running"]:
            await asyncio.sleep(0.01)
        inside = await top(daemon, id_)
        assert list(inside.values()).count("PING.EXE") == 2
        assert daemon.host.processes == inside

    run(scenario)


@pytest.mark.parametrize(
    ("policy", "stopped_first", "runs_again"),
    [
        ("no", False, False),
        ("always", False, True),
        ("unless-stopped", False, True),
        ("unless-stopped", True, False),
        ("on-failure", False, True),
    ],
)
def test_containers_after_a_stop_of_the_daemon(run: Run, policy: str, stopped_first: bool, runs_again: bool) -> None:
    async def scenario(daemon: Daemon) -> bool:
        id_ = await daemon.create(IMAGE, RestartPolicy={"Name": policy})
        await daemon.start(id_)
        if stopped_first:
            await daemon.ask("POST", f"/containers/{id_}/stop")
        await daemon.engine.stop()
        assert daemon.host.processes == {}
        await daemon.engine.start()
        return bool((await daemon.inspect(id_))["State"]["Running"])

    assert run(scenario) is runs_again


def test_the_nat_network_gets_a_new_id_at_each_boot(run: Run) -> None:
    async def scenario(daemon: Daemon) -> None:
        ids = []
        for boot in (0, 0, 1):
            await daemon.engine.stop()
            daemon.engine.boot = boot
            await daemon.engine.start()
            ids.append((await daemon.ask("GET", "/networks/nat"))[1]["Id"])
        assert ids[0] == ids[1] != ids[2]
        by_id = await daemon.create(IMAGE, NetworkMode=ids[0])
        assert await daemon.start(by_id) == (500, f"could not find a network matching network mode {ids[0]}: network {ids[0]} not found")

    run(scenario)


@pytest.mark.parametrize(
    ("version", "prefix", "status", "message"),
    [
        ("24.0.9", "/v1.43", 200, None),
        ("24.0.9", "/v1.44", 400, "client version 1.44 is too new. Maximum supported API version is 1.43"),
        (
            "29.1.5", "/v1.41", 400,
            "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
        ),
        ("29.4.3", "/v1.41", 200, None),
        ("28.5.2", "", 200, None),
    ],
)  # fmt: skip
def test_api_versions(run: Run, version: str, prefix: str, status: int, message: str | None) -> None:
    got, answer = run(lambda daemon: daemon.ask("GET", f"{prefix}/version"), version)
    assert got == status
    assert answer["message"] == message if message else answer["Version"] == version


def test_info_of_a_client_and_a_server(run: Run) -> None:
    async def info(daemon: Daemon) -> tuple[str, str, str, str]:
        _unused, shown = await daemon.ask("GET", "/info")
        return shown["Isolation"], shown["OSVersion"], shown["OperatingSystem"], shown["OSType"]

    assert run(info, build=20348, revision=707) == (
        "process", "10.0.20348", "Microsoft Windows Server Version 21H2 (OS Build 20348.707)", "windows",
    )  # fmt: skip
    assert run(info, server=False, build=26100, revision=1) == (
        "hyperv", "10.0.26100", "Microsoft Windows Version 24H2 (OS Build 26100.1)", "windows",
    )  # fmt: skip


def test_a_command_is_kept_to_the_letter(run: Run) -> None:
    command = ["cmd", "/c", 'echo "a b" & echo %PATH% ^> c:\\x\\ | more', "line\nend", ""]

    async def scenario(daemon: Daemon) -> None:
        shown = await daemon.inspect(await daemon.create(IMAGE, command))
        assert [shown["Path"], *shown["Args"]] == command == shown["Config"]["Cmd"]

    run(scenario)
