# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only Windows has: command lines, credential specs, devices, failures of the Host Compute Service, networks over a reboot, layers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine import Engine, PlainHost
from simulator.engine.workload import command_line
from simulator.programs import argv

from .conftest import NANOSERVER, Daemon

Run = Callable[..., Any]
IMAGE = f"{NANOSERVER}:ltsc2022"


async def output(daemon: Daemon, command: list[str]) -> tuple[bytes, int]:
    """What a command writes and its exit code."""
    id_ = await daemon.create(IMAGE, command)
    assert (await daemon.start(id_))[0] == 204
    container = daemon.engine.find_container(id_)
    await asyncio.wait_for(container.exited.wait(), 5)
    return b"".join(entry.data for entry in container.output.entries), container.state.exit_code


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (["cmd", "/c", "echo", "50% & done", "\\\\srv\\share\\"], b'"50% & done" \\\\srv\\share\\\r\n'),
        (["cmd", "/c", "echo one& echo two"], b"one\r\ntwo\r\n"),
        (["cmd", "/S", "/C", 'echo "a b"'], b'\\"a b\\"\r\n'),
        (["cmd", "/c", "echo x> c:\\f.txt& type c:\\f.txt"], b"x\r\n"),
    ],
)
def test_cmd_reads_the_line_the_engine_makes(run: Run, command: list[str], written: bytes) -> None:
    assert run(lambda daemon: output(daemon, command)) == (written, 0)


@pytest.mark.parametrize("words", [["a", "b c", ""], ['q"uote', "back\\slash\\", "trailing blank\\ \\"], ["tab\there", '\\"', "\\\\"]])
def test_arguments_survive_the_command_line(words: list[str]) -> None:
    assert argv.split(command_line(["program", *words], escaped=False))[1:] == words


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("nonsense", "invalid security option: no equals sign in supplied value nonsense"),
        ("label=x", "security option not supported: label"),
        ("credentialspec=x", "value must be prefixed by 'file://', 'registry://', or 'raw://' followed by a non-empty value"),
        ("credentialspec=config://x", "value must be prefixed by 'file://', 'registry://', or 'raw://' followed by a non-empty value"),
        ("credentialspec=file://C:\\x.json", "invalid credential spec: file:// path cannot be absolute"),
        (
            "credentialspec=file://..\\x.json",
            "invalid credential spec: file:// path must be under C:\\ProgramData\\docker\\CredentialSpecs",
        ),
        ("credentialspec=file://x.json", "failed to load credential spec for container "),
        ("credentialspec=registry://x", 'registry credential spec "x" for container '),
    ],
)
def test_bad_security_options_are_told_at_start(run: Run, option: str, words: str) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        return await daemon.start(await daemon.create(IMAGE, SecurityOpt=[option]))

    status, message = run(scenario)
    assert status == 500
    assert words in message


@pytest.mark.parametrize("option", ["credentialspec=raw://{}", "CredentialSpec=file://a.json", "credentialspec=registry://known"])
def test_good_credential_specs(run: Run, option: str) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        daemon.host.files.add("c:\\programdata\\docker\\credentialspecs\\a.json")
        daemon.host.credential_specs["known"] = "{}"
        return await daemon.start(await daemon.create(IMAGE, SecurityOpt=[option]))

    assert run(scenario) == (204, "")


@pytest.mark.parametrize(
    ("path", "isolation", "words"),
    [
        ("x", "process", "invalid device assignment path: 'x', must be 'class/ID' or 'IDType://ID'"),
        ("://x", "process", "invalid device assignment path: '://x', IDType cannot be empty"),
        ("usb://x", "process", "device assignment of type 'usb' is not supported"),
        ("class/5B45201D-F2F2-4F3B-85BB-30FF1F953599", "hyperv", "device assignment is not supported for HyperV containers"),
        ("class/5B45201D-F2F2-4F3B-85BB-30FF1F953599", "process", ""),
    ],
)
def test_devices(run: Run, path: str, isolation: str, words: str) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        return await daemon.start(await daemon.create(IMAGE, Isolation=isolation, Devices=[{"PathOnHost": path}]))

    status, message = run(scenario)
    assert (status, message) == ((500, words) if words else (204, ""))


@pytest.mark.parametrize(
    ("version", "begins", "document"),
    [("20.10.5", "hcsshim::CreateComputeSystem ", True), ("20.10.24", "hcsshim::CreateComputeSystem ", False), ("28.5.2", "hcs::", False)],
)
def test_a_mismatch_by_release(run: Run, version: str, begins: str, document: bool) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        return await daemon.start(await daemon.create(f"{NANOSERVER}:1809", Isolation="process"))

    status, message = run(scenario, version)
    assert (status, message.startswith(begins), "(extra info: {" in message) == (500, True, document)
    assert "The container operating system does not match the host operating system." in message


@pytest.mark.parametrize(("fails", "isolation", "status"), [(False, "process", 204), (True, "process", 500), (True, "hyperv", 204)])
def test_an_image_newer_than_the_hosts_update(run: Run, fails: bool, isolation: str, status: int) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        daemon.host.newer_revision_fails = fails
        return await daemon.start(await daemon.create(IMAGE, Isolation=isolation))

    got, message = run(scenario, revision=1)
    assert (got, "(0xc0370106)" in message) == (status, status == 500)


def test_stop_waits_for_a_program_that_ignores_it(run: Run) -> None:
    async def scenario(daemon: Daemon) -> tuple[float, str]:
        await daemon.pull(IMAGE)
        body = {"Image": IMAGE, "Cmd": ["ping", "-t", "localhost"], "Labels": {"winfleet.simulator.ignores-shutdown": "true"}}
        _unused, made = await daemon.ask("POST", "/containers/create", body)
        await daemon.start(made["Id"])
        begin = time.monotonic()
        await daemon.ask("POST", f"/containers/{made['Id']}/stop", t=1)
        return time.monotonic() - begin, (await daemon.inspect(made["Id"]))["State"]["Status"]

    seconds, status = run(scenario)
    assert 0.9 < seconds < 3
    assert status == "exited"


@pytest.mark.parametrize(
    ("version", "kept"), [("20.10.17", False), ("20.10.24", True), ("24.0.9", True), ("28.5.2", False), ("29.0.2", True)]
)
def test_networks_over_a_reboot(version: str, kept: bool) -> None:
    async def scenario() -> None:
        host = PlainHost()
        first = Engine(host, version=version, boot=1)
        await first.start()
        daemon = Daemon(version, {}, host)
        daemon.engine = first
        made = {}
        for name, driver in (("mine", "nat"), ("outside", "transparent")):
            made[name] = (await daemon.ask("POST", "/networks/create", {"Name": name, "Driver": driver}))[1]["Id"]
        nat = (await daemon.ask("GET", "/networks/nat"))[1]["Id"]
        await first.stop()
        daemon.engine = Engine(host, version=version, boot=2, state=first.state)
        await daemon.engine.start()
        assert (await daemon.ask("GET", "/networks/nat"))[1]["Id"] != nat
        assert (await daemon.ask("GET", "/networks/outside"))[1]["Id"] == made["outside"]
        status, shown = await daemon.ask("GET", "/networks/mine")
        assert (status == 200) == kept
        assert not kept or shown["Id"] == made["mine"]
        await daemon.engine.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"Name": "nat"}, 403, "operation is not permitted on predefined nat network"),
        ({"Name": "x", "Driver": "overlay"}, 403, "This node is not a swarm manager."),
        ({"Name": "x", "EnableIPv4": False}, 400, "IPv4 cannot be disabled on Windows"),
        ({"Name": "x", "IPAM": {"Config": [{"Subnet": "fd00::/64"}]}}, 403, "windowsshim driver doesn't support v6 subnets"),
        ({"Name": "x", "Options": {"com.docker.network.windowsshim.macpool": "a"}}, 400, "invalid mac pool."),
        ({"Name": "x", "Options": {"com.docker.network.windowsshim.vlanid": "a"}}, 500, 'strconv.ParseUint: parsing "a": invalid syntax'),
    ],
)
def test_refused_networks(run: Run, body: dict[str, Any], status: int, words: str) -> None:
    got, message = run(lambda daemon: daemon.message("POST", "/networks/create", body))
    assert got == status
    assert words in message


def test_files_of_a_running_hyperv_container(run: Run) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        id_ = await daemon.create(IMAGE, Isolation="hyperv")
        await daemon.start(id_)
        return await daemon.message("GET", f"/containers/{id_}/archive?path=C:\\x")

    assert run(scenario) == (500, "filesystem operations against a running Hyper-V container are not supported")


def test_layers_come_and_go(run: Run) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, int, int]:
        id_ = await daemon.create(IMAGE)
        with_container = len(daemon.host.layers)
        await daemon.ask("DELETE", f"/containers/{id_}")
        without = len(daemon.host.layers)
        await daemon.ask("DELETE", f"/images/{IMAGE}")
        return with_container, without, len(daemon.host.layers)

    assert run(scenario) == (2, 1, 0)
