# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Windows daemon refuses at create and at start, by release (docker-on-windows.md 2, 4, 5, 6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import NANOSERVER, SERVERCORE, Daemon

Run = Callable[..., Any]
IMAGE = f"{NANOSERVER}:ltsc2022"


async def refusal(daemon: Daemon, **host_config: Any) -> tuple[int, str]:
    """What create says to a HostConfig."""
    return await daemon.message("POST", "/containers/create", {"Image": IMAGE, "Cmd": ["ping"], "HostConfig": host_config})


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("20.10.24", (500, "Invalid isolation: \"wall\". Windows supports 'default', 'process', or 'hyperv'")),
        ("27.5.1", (500, "Invalid isolation: \"wall\". Windows supports 'default', 'process', or 'hyperv'")),
        ("28.5.2", (400, "invalid isolation (wall): Windows supports 'default', 'process', or 'hyperv'")),
    ],
)
def test_unknown_isolation(run: Run, version: str, expected: tuple[int, str]) -> None:
    assert run(lambda daemon: refusal(daemon, Isolation="wall"), version) == expected


@pytest.mark.parametrize(
    ("server", "config", "asked", "shown"),
    [
        (True, {}, "", "process"),
        (False, {}, "", "hyperv"),
        (True, {"exec-opts": ["isolation=hyperv"]}, "default", "hyperv"),
        (True, {}, "HyperV", "HyperV"),
        (False, {}, "Default", "hyperv"),
    ],
)
def test_the_default_is_resolved_at_create(run: Run, server: bool, config: dict[str, Any], asked: str, shown: str) -> None:
    async def scenario(daemon: Daemon) -> str:
        return str((await daemon.inspect(await daemon.create(IMAGE, Isolation=asked)))["HostConfig"]["Isolation"])

    assert run(scenario, config=config, server=server) == shown


@pytest.mark.parametrize(
    ("version", "host_config", "expected"),
    [
        ("28.5.2", {"Privileged": True}, (400, "invalid option: privileged mode is not supported for Windows containers")),
        ("24.0.9", {"Privileged": True}, (500, "Windows does not support privileged mode")),
        ("28.5.2", {"ReadonlyRootfs": True}, (400, "invalid option: read-only mode is not supported for Windows containers")),
        ("24.0.9", {"ReadonlyRootfs": True}, (500, "Windows does not support root filesystem in read-only mode")),
        ("28.5.2", {"CpuPeriod": 5}, (400, "invalid option: Windows does not support CPUPeriod")),
        ("20.10.24", {"PidsLimit": 5}, (400, "invalid option: Windows does not support PidsLimit")),
        ("28.5.2", {"Ulimits": [{"Name": "nofile"}]}, (400, "invalid option: Windows does not support Ulimits")),
        ("28.5.2", {"CpuShares": 20000}, (400, "range of CPUShares is from 1 to 10000")),
        ("28.5.2", {"CpuCount": -1}, (400, "invalid CPUCount: CPUCount cannot be negative")),
        ("28.5.2", {"NanoCpus": 10**9, "CpuPercent": 5}, (400, "conflicting options: Nano CPUs and CPU Percent cannot both be set")),
        ("28.5.2", {"NanoCpus": 9 * 10**9}, (400, "range of CPUs is from 0.01 to 4.00, as there are only 4 CPUs available")),
    ],
)
def test_refused_at_create(run: Run, version: str, host_config: dict[str, Any], expected: tuple[int, str]) -> None:
    assert run(lambda daemon: refusal(daemon, **host_config), version) == expected


def test_another_containers_network_with_hyperv(run: Run) -> None:
    text = "using the network stack of another container is not supported while using Hyper-V Containers"
    asked = {"NetworkMode": "container:other", "Isolation": "hyperv"}
    assert run(lambda daemon: refusal(daemon, **asked), "28.5.2") == (400, f"invalid network-mode: {text}")
    assert run(lambda daemon: refusal(daemon, **asked), "27.5.1") == (500, f"U{text[1:]}")


def test_processor_limits_that_lose(run: Run) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, int, list[str]]:
        await daemon.pull(IMAGE)
        body = {"Image": IMAGE, "Cmd": ["ping"], "HostConfig": {"CpuCount": 2, "CpuShares": 500}}
        _unused, made = await daemon.ask("POST", "/containers/create", body)
        host = (await daemon.inspect(made["Id"]))["HostConfig"]
        return host["CpuCount"], host["CpuShares"], made["Warnings"]

    text = "Conflicting options: CPU count takes priority over CPU shares on Windows Server Containers. CPU shares discarded"
    assert run(scenario) == (2, 0, [text])


@pytest.mark.parametrize(
    ("bind", "mount"),
    [
        ("C:\\Data:C:\\Inside:ro", ("bind", "c:\\data", "c:\\inside", False)),
        ("c:/data/:c:/inside", ("bind", "c:\\data", "c:\\inside", True)),
        ("Stuff:d:", ("volume", "C:\\ProgramData\\docker\\volumes\\stuff\\_data", "d:", True)),
        (
            "\\\\.\\pipe\\docker_engine:\\\\.\\pipe\\docker_engine",
            ("npipe", "\\\\.\\pipe\\docker_engine", "\\\\.\\pipe\\docker_engine", True),
        ),
    ],
)
def test_binds(run: Run, bind: str, mount: tuple[str, str, str, bool]) -> None:
    async def scenario(daemon: Daemon) -> None:
        shown = await daemon.inspect(await daemon.create(IMAGE, Binds=[bind]))
        assert shown["HostConfig"]["Binds"] == [bind]
        (one,) = shown["Mounts"]
        assert (one["Type"], one["Source"], one["Destination"], one["RW"]) == mount
        assert (one["Mode"], one["Propagation"]) == ("", "")

    run(scenario)


@pytest.mark.parametrize(
    ("bind", "words"),
    [
        ("c:\\nowhere:c:\\inside", "bind source path does not exist: c:\\nowhere"),
        ("c:\\data:c:\\", "destination path (c:) cannot be 'c:' or 'c:\\'"),
        ("c:\\data:inside", "invalid volume specification: 'c:\\data:inside'"),
        ("c:\\data:c:\\x:rw,z", "invalid volume specification"),
        ("con:c:\\inside", 'volume name "con" cannot be a reserved word for Windows filenames'),
    ],
)
def test_bad_binds(run: Run, bind: str, words: str) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        await daemon.pull(IMAGE)
        return await refusal(daemon, Binds=[bind])

    status, message = run(scenario)
    assert status == 400
    assert words in message


@pytest.mark.parametrize("spec", ["C:\\Inside", "C:\\data:C:\\inside", "c:/nowhere:c:/inside"])
def test_a_path_among_volumes_is_an_empty_volume_whatever_source_it_names(run: Run, spec: str) -> None:
    async def scenario(daemon: Daemon) -> Any:
        await daemon.pull(IMAGE)
        status, made = await daemon.ask("POST", "/containers/create", {"Image": IMAGE, "Volumes": {spec: {}}})
        return (await daemon.inspect(made["Id"]))["Mounts"] if status == 201 else (status, made["message"])

    found = run(scenario)
    if "nowhere" in spec:
        assert found[0] == 500 and "Unrecognised volume spec" in found[1] and "bind source path does not exist" in found[1]
    else:
        (mount,) = found
        assert (mount["Type"], mount["Destination"], mount["RW"]) == ("volume", "c:\\inside", True)
        assert mount["Source"].startswith("C:\\ProgramData\\docker\\volumes\\")


def test_network_mode_by_release(run: Run) -> None:
    async def mode(daemon: Daemon) -> str:
        return str((await daemon.inspect(await daemon.create(IMAGE)))["HostConfig"]["NetworkMode"])

    assert [run(mode, version) for version in ("24.0.9", "26.1.4", "28.5.2")] == ["default", "nat", "nat"]


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        ({"HostIp": "127.0.0.1", "HostPort": "8080"}, "Windows does not support host IP addresses in NAT settings."),
        ({"HostPort": "8080-8090"}, "Windows does not support more than one host port in NAT settings"),
        ({"HostPort": "7000"}, "failed to create endpoint second on network nat"),
    ],
)
def test_ports_are_refused_at_start(run: Run, binding: dict[str, str], words: str) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str, str]:
        first = await daemon.create(IMAGE, PortBindings={"80/tcp": [{"HostPort": "7000"}]})
        assert (await daemon.start(first))[0] == 204
        second = await daemon.create(IMAGE, name="second", PortBindings={"80/tcp": [binding]})
        status, message = await daemon.start(second)
        return status, message, (await daemon.inspect(second))["State"]["Status"]

    status, message, state = run(scenario)
    assert (status, state) == (500, "created")
    assert words in message


def test_published_ports(run: Run) -> None:
    async def scenario(daemon: Daemon) -> dict[str, Any]:
        id_ = await daemon.create(IMAGE, PortBindings={"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "81/tcp": [{}]})
        await daemon.start(id_)
        return dict((await daemon.inspect(id_))["NetworkSettings"]["Ports"])

    ports = run(scenario)
    assert ports["80/tcp"] == [{"HostIp": "0.0.0.0", "HostPort": "8080"}]
    assert int(ports["81/tcp"][0]["HostPort"]) >= 49152


HOSTS = {"ws2019": 17763, "ws2022": 20348, "ws2025": 26100}
TAGS = {"ltsc2025": 26100, "ltsc2022": 20348, "ltsc2019": 17763, "ltsc2016": 14393}


@pytest.mark.parametrize("isolation", ["process", "hyperv"])
@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("host", HOSTS)
def test_the_documented_matrix(run: Run, facts: Path, host: str, tag: str, isolation: str) -> None:
    """compatibility.yml, matrix.documented."""
    documented = yaml.safe_load((facts / "compatibility.yml").read_text("utf-8"))["matrix"]["documented"]
    allowed = documented[host][tag][isolation]

    async def scenario(daemon: Daemon) -> tuple[int, str]:
        image = f"{SERVERCORE}:{tag}"
        last = (await daemon.pull(image))[-1]
        if "error" in last:
            return 0, last["error"]
        return await daemon.start(await daemon.create(image, Isolation=isolation))

    status, message = run(scenario, build=HOSTS[host])
    assert (status == 204) == allowed, message
    if status == 500:
        assert "The container operating system does not match the host operating system." in message
        assert message.startswith("hcs::CreateComputeSystem ")


@pytest.mark.parametrize(
    ("enabled", "words"),
    [
        (False, "The virtual machine could not be started because a required feature is not installed."),
        (True, "No hypervisor is present on this system. (0xc0351000)"),
    ],
)
def test_hyperv_where_it_cannot_run(run: Run, enabled: bool, words: str) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        daemon.host.hyperv_enabled = enabled
        return await daemon.start(await daemon.create(IMAGE, Isolation="hyperv"))

    status, message = run(scenario, hyperv=False)
    assert status == 500
    assert words in message


def test_only_the_restart_policy_can_be_updated(run: Run) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, str]:
        id_ = await daemon.create(IMAGE)
        return await daemon.message("POST", f"/containers/{id_}/update", {"Memory": 1 << 30})

    for version, expected in (("27.5.1", 500), ("28.5.2", 400)):
        status, message = run(scenario, version)
        assert status == expected
        assert message.startswith("Cannot update container ")
        assert message.endswith(": resource updating isn't supported on Windows")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("24.0.9", "You cannot remove a running container {id}. Stop the container before attempting removal or force remove"),
        ("27.5.1", 'cannot remove container "/busy": container is running: stop the container before removing or force remove'),
        ("28.5.2", 'cannot remove container "busy": container is running: stop the container before removing or force remove'),
    ],
)
def test_remove_while_it_runs(run: Run, version: str, message: str) -> None:
    async def scenario(daemon: Daemon) -> None:
        id_ = await daemon.create(IMAGE, name="busy")
        await daemon.start(id_)
        assert await daemon.message("DELETE", "/containers/busy") == (409, message.format(id=id_))

    run(scenario, version)
