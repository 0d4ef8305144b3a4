# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dockerd.exe and docker.exe on a simulated machine, and the mirror they come from (docker-on-windows.md 1 and 9)."""

from __future__ import annotations

import asyncio
import codecs
import hashlib
import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine.daemon_config import ConfigError, read_config
from simulator.engine.mirror import Mirror, program_bytes
from simulator.engine.versions import EngineVersion
from simulator.programs.dockerd import EnginePipe
from simulator.streams import Pipe
from simulator.windows.machine import Machine

FOLDER = "C:\\Program Files\\docker"
CONFIG = "C:\\ProgramData\\docker\\config\\daemon.json"
NO_FEATURE = "failed to load vmcompute.dll, ensure that the Containers feature is installed"


class Host:
    """A machine with the two programs on it."""

    def __init__(self, version: str = "28.5.2", profile: str = "server-2022", *, containers: bool = True, **settings: Any) -> None:
        features = {"Containers": "enabled"} if containers else {}
        self.machine = Machine("ws", profile, features=features, boot_seconds=0.05, **settings)
        for name in ("docker.exe", "dockerd.exe"):
            self.machine.files.write(f"{FOLDER}\\{name}", program_bytes(name, version), parents=True)

    async def run(self, program: str, arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        source, out, err = Pipe(), Pipe(), Pipe()
        await source.write(stdin)
        await source.end()
        readers = [asyncio.ensure_future(pipe.read_all()) for pipe in (out, err)]
        code = await self.machine.execute(f'@"{FOLDER}\\{program}" {arguments}', stdin=source, stdout=out, stderr=err)
        stdout, stderr = [(await reader).decode() for reader in readers]
        return code, stdout, stderr

    async def start(self) -> tuple[str, int]:
        """Register unless registered, start, and wait; the service's state and exit code."""
        if self.machine.services.get("docker") is None:
            assert (await self.run("dockerd.exe", "--register-service"))[0] == 0
        await self.machine.services.start("docker")
        return await self.settled()

    async def settled(self) -> tuple[str, int]:
        service = self.machine.services.get("docker")
        assert service is not None
        await service.settled(5)
        return service.state, service.exit_code

    async def stop(self) -> None:
        await self.machine.services.stop("docker")
        await self.settled()


def scenario(host: Host, work: Callable[[Host], Any]) -> Any:
    """Run it, and leave nothing behind."""

    async def execute() -> Any:
        try:
            return await asyncio.wait_for(work(host), 20)
        finally:
            await host.machine.services.shut_down(2)
            await host.machine.kill_tasks()

    return asyncio.run(execute())


def test_registration() -> None:
    async def work(host: Host) -> None:
        arguments = "--register-service --service-name other -H npipe:////./pipe/second"
        assert await host.run("dockerd.exe", arguments) == (0, "", "")
        service = host.machine.services.get("other")
        assert service is not None
        assert service.path == f'"{FOLDER}\\dockerd.exe" --run-service --service-name other -H npipe:////./pipe/second'
        assert (service.display_name, service.start_mode, service.account, service.dependencies) == (
            "Docker Engine",
            "Auto",
            "LocalSystem",
            [],
        )
        assert (service.failure_actions[:2], service.failure_reset) == ([("restart", 15000)] * 2, 86400)
        code, _unused, err = await host.run("dockerd.exe", arguments)
        assert code == 1
        assert "The specified service already exists." in err
        assert (await host.run("dockerd.exe", "--unregister-service --service-name other"))[0] == 0
        assert host.machine.services.get("other") is None

    scenario(Host(), work)


def test_both_switches() -> None:
    code, _unused, err = scenario(Host(), lambda host: host.run("dockerd.exe", "--register-service --unregister-service"))
    assert code == 1
    assert "--register-service and --unregister-service cannot be used together" in err


def test_version_comes_from_the_file() -> None:
    assert scenario(Host("24.0.9"), lambda host: host.run("dockerd.exe", "--version")) == (
        0,
        "Docker version 24.0.9, build simulated\r\n",
        "",
    )
    assert scenario(Host("24.0.9"), lambda host: host.run("docker.exe", "--version"))[1].startswith("Docker version 24.0.9")


@pytest.mark.parametrize(
    ("version", "profile", "containers", "words"),
    [
        ("28.5.2", "server-2022", False, NO_FEATURE),
        ("29.4.3", "server-2022", False, f"system requirements not met: {NO_FEATURE}"),
        (
            "24.0.9",
            "server-2016",
            True,
            "this version of Windows does not support the docker daemon (Windows build 17763 or higher is required)",
        ),
    ],
)
def test_the_service_cannot_start(version: str, profile: str, containers: bool, words: str) -> None:
    async def work(host: Host) -> None:
        assert await host.start() == ("Stopped", 1067)
        assert any(line.text.endswith(words) for line in host.machine.log_lines)

    scenario(Host(version, profile, containers=containers), work)


def test_20_10_runs_on_server_2016() -> None:
    assert scenario(Host("20.10.24", "server-2016"), lambda host: host.start()) == ("Running", 0)


def test_registration_without_the_feature_by_release() -> None:
    def register(version: str) -> tuple[int, str]:
        code, _unused, err = scenario(Host(version, containers=False), lambda host: host.run("dockerd.exe", "--register-service"))
        return code, err.strip()

    assert register("28.5.2") == (0, "")
    assert register("29.2.0")[0] == 1
    code, text = register("29.4.3")
    assert code == 0
    assert text == f"Windows service registration was successful but system requirements were not met: {NO_FEATURE}"


def test_the_engine_behind_the_pipe_and_after_a_reboot() -> None:
    request = b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    async def work(host: Host) -> None:
        assert await host.start() == ("Running", 0)
        for _unused in range(2):
            code, out, err = await host.run("docker.exe", "-H npipe:////./pipe/docker_engine system dial-stdio", request)
            assert (code, err) == (0, "")
            assert json.loads(out.partition("\r\n\r\n")[2])["Version"] == "28.5.2"
            await host.machine.reboot()
            assert (await host.settled())[0] == "Running"

    scenario(Host(), work)


def test_the_three_errors_of_dial_stdio() -> None:
    async def work(host: Host) -> None:
        dial = "-H npipe:////./pipe/docker_engine system dial-stdio"
        opened = "failed to open the raw stream connection: open //./pipe/docker_engine:"
        assert await host.run("docker.exe", dial) == (1, "", f"{opened} The system cannot find the file specified.\r\n")
        await host.start()
        pipe = host.machine.pipes["docker_engine"]
        assert isinstance(pipe, EnginePipe)
        pipe.byte_mode = True
        assert await host.run("docker.exe", dial) == (1, "", "the raw stream connection does not implement halfCloser\r\n")
        host.machine.pipes["docker_engine"] = PermissionError()
        assert await host.run("docker.exe", dial) == (1, "", f"{opened} Access is denied.\r\n")

    scenario(Host(), work)


def test_a_pipe_of_another_name() -> None:
    async def work(host: Host) -> None:
        host.machine.files.write(CONFIG, b'{"hosts": ["npipe:////./pipe/second"]}', parents=True)
        assert await host.start() == ("Running", 0)
        assert list(host.machine.pipes) == ["second"]

    scenario(Host(), work)


@pytest.mark.parametrize(
    ("version", "raw", "flags", "words"),
    [
        ("28.5.2", b'{"iptables": false, "bip": ""}', {}, "the following directives don't match any configuration option: iptables, bip"),
        ("28.5.2", b"{", {}, "invalid JSON: "),
        (
            "28.5.2", b'{"hosts": ["npipe://"]}', {"hosts": ["tcp://0.0.0.0:2376"]},
            "the following directives are specified both as a flag and in the configuration file: "
            "hosts: (from flag: [tcp://0.0.0.0:2376], from file: [npipe://])",
        ),
        ("20.10.24", codecs.BOM_UTF8 + b"{}", {}, "invalid JSON: "),
        ("20.10.24", b'{"http-proxy": "x"}', {}, "the following directives don't match any configuration option: http-proxy"),
        ("28.5.2", b'{"exec-opts": ["isolation=wall"]}', {}, "error setting default isolation mode: invalid exec-opt value for 'isolation':'wall'"),
        ("24.0.9", b'{"exec-opts": ["isolation=wall"]}', {}, "Invalid exec-opt value for 'isolation':'wall'"),
        ("28.5.2", b'{"exec-opts": ["a=b"]}', {}, "invalid exec-opt (a=b): unknown option: 'a'"),
    ],
)  # fmt: skip
def test_a_configuration_that_stops_the_daemon(version: str, raw: bytes, flags: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(raw, CONFIG, flags, EngineVersion.parse(version))
    assert words in str(caught.value)
    if "exec-opt" not in words.lower():
        assert str(caught.value).startswith(f"unable to configure the Docker daemon with file {CONFIG}: ")


@pytest.mark.parametrize(
    "raw", [codecs.BOM_UTF8 + b"{}", codecs.BOM_UTF16_LE + "{}".encode("utf-16-le"), b"", b'{"min-api-version": "1.40"}']
)
def test_a_configuration_of_29(raw: bytes) -> None:
    read_config(raw, CONFIG, {}, EngineVersion(29, 4, 3))


def test_validate() -> None:
    async def work(host: Host) -> None:
        host.machine.files.write(CONFIG, b'{"debug": true}', parents=True)
        assert await host.run("dockerd.exe", f"--validate --config-file {CONFIG}") == (0, "", "configuration OK\r\n")
        host.machine.files.write(CONFIG, b'{"debugg": true}')
        code, _unused, err = await host.run("dockerd.exe", f"--validate --config-file {CONFIG}")
        assert code == 1
        assert err.strip().endswith("the following directives don't match any configuration option: debugg")

    scenario(Host(), work)


def test_images_outlive_the_service_but_not_the_data() -> None:
    async def count(host: Host) -> int:
        request = b"GET /images/json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        _unused, out, _errors = await host.run("docker.exe", "system dial-stdio", request)
        return len(json.loads(out.partition("\r\n\r\n")[2]))

    async def work(host: Host) -> None:
        await host.start()
        pull = (
            b"POST /images/create?fromImage=mcr.microsoft.com/windows/nanoserver:ltsc2022 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        await host.run("docker.exe", "system dial-stdio", pull)
        await host.stop()
        await host.start()
        assert await count(host) == 1
        await host.stop()
        host.machine.files.delete("C:\\ProgramData\\docker\\engine-id")
        await host.start()
        assert await count(host) == 0

    scenario(Host(), work)


def test_a_swapped_program_is_another_release() -> None:
    async def work(host: Host) -> None:
        await host.start()
        await host.stop()
        host.machine.files.write(f"{FOLDER}\\dockerd.exe", program_bytes("dockerd.exe", "29.4.3"))
        assert await host.start() == ("Running", 0)
        pipe = host.machine.pipes["docker_engine"]
        assert isinstance(pipe, EnginePipe)
        assert str(pipe.engine.version) == "29.4.3"

    scenario(Host(), work)


def test_the_mirror() -> None:
    async def work() -> None:
        mirror = Mirror(["28.5.2"])
        await mirror.start()
        try:
            data = await asyncio.to_thread(lambda: urllib.request.urlopen(f"{mirror.url}/docker-28.5.2.zip", timeout=10).read())
            with pytest.raises(urllib.error.HTTPError, match="404"):
                await asyncio.to_thread(urllib.request.urlopen, f"{mirror.url}/docker-1.2.3.zip", None, 10)
        finally:
            await mirror.close()
        assert hashlib.sha256(data).hexdigest() == mirror.sha256["28.5.2"]
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert package.namelist() == ["docker/", "docker/docker.exe", "docker/dockerd.exe"]
            assert package.read("docker/dockerd.exe") == program_bytes("dockerd.exe", "28.5.2")

    asyncio.run(work())
