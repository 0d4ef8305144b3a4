# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine on a simulated host: installed, changed, repaired, refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from integration.remote.conftest import Site

from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Plan
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import (
    EngineAccessError,
    EngineDownError,
    EngineNotInstalledError,
    PipeModeError,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.resource import DockerEngine
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, OptionError, RemoteError

from .conftest import register_engine
from .engines import FOLDER

DAEMON_JSON = "C:\\ProgramData\\docker\\config\\daemon.json"
Sites = Callable[..., Site]


class Engines:
    """docker_engine on one host, as its action plugin runs it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.host = site.remote()

    def resource(self, version: str = "28.5.2", **options: Any) -> DockerEngine:
        mirror = self.site.fleet.fleet.mirror
        given = {
            "url": f"{mirror.url}/docker-{version}.zip",
            "sha256": mirror.sha256.get(version, "0" * 64),
            "install_path": FOLDER,
            "config": {},
            "engine_pipe": "docker_engine",
            **options,
        }
        return DockerEngine({"version": version, **given}, self.host)

    def converge(self, version: str = "28.5.2", **options: Any) -> tuple[Plan, dict[str, Any]]:
        """Run once: the plan, and the result that was read back."""
        resource = self.resource(version, **options)
        observed = resource.read()
        plan = resource.plan(observed)
        if plan.changed:
            predicted = resource.predict(plan, observed)
            resource.apply(plan, observed)
            result = resource.report(resource.read(), plan)
            assert predicted == result
            return plan, result
        return plan, resource.report(observed, plan)

    def files(self) -> list[str]:
        """All paths on the host's system drive that have to do with the engine."""
        machine = self.site.host.machine
        paths = ["C:\\Program Files\\docker\\docker.exe", "C:\\Program Files\\docker\\dockerd.exe", DAEMON_JSON]
        return [path for path in paths if machine.files.is_file(path)]

    def read(self, path: str) -> bytes:
        content: bytes = self.site.fleet.call(lambda: self.site.host.machine.files.read(path))
        return content

    def state(self) -> str | None:
        service = self.site.host.machine.services.get("docker")
        return service.state if service else None

    def leftovers(self) -> list[str]:
        """Staging folders that should be gone."""
        done = self.host.programs.shell_builtin('dir /b "C:\\Program Files"')
        return [line for line in done.text.splitlines() if "winfleet" in line]


@pytest.fixture
def engines(site: Sites) -> Callable[..., Engines]:
    """A host with the Containers feature enabled."""

    def start(**entry: Any) -> Engines:
        return Engines(site(**{"features": {"Containers": "Enabled"}, **entry}))

    return start


def test_a_bare_host_gets_an_engine_and_the_second_run_finds_it(engines: Callable[..., Engines]) -> None:
    one = engines()
    plan, result = one.converge(config={"exec-opts": ["isolation=process"]})
    assert [step.action for step in plan.steps] == ["stage", "validate", "place", "register", "configure", "start"]
    assert result == {
        "version": "28.5.2",
        "service": "docker",
        "path": FOLDER,
        "config": {"exec-opts": ["isolation=process"]},
        "data_root": "C:\\ProgramData\\docker",
        "start_mode": "auto",
        "restarted": False,
    }
    assert one.state() == "Running"
    assert EngineClient.open(one.host).version["Version"] == "28.5.2"
    second, _unused = one.converge(config={"exec-opts": ["isolation=process"]})
    assert second.steps == ()
    assert one.leftovers() == []


def test_no_powershell_and_nothing_refused(engines: Callable[..., Engines]) -> None:
    one = engines()
    one.converge()
    assert not any("powershell" in line.lower() for line in one.site.programs())
    assert [line.text for line in one.site.host.machine.log_lines if line.kind == "refused"] == []


@pytest.mark.parametrize(("before", "after"), [("24.0.7", "28.5.2"), ("28.5.2", "24.0.7")])
def test_another_version_replaces_it(engines: Callable[..., Engines], before: str, after: str) -> None:
    one = engines()
    one.converge(before)
    _unused, result = one.converge(after)
    assert (result["version"], result["restarted"]) == (after, True)
    assert EngineClient.open(one.host).version["Version"] == after
    assert one.leftovers() == []


def test_the_engine_stays_in_the_folder_it_is_registered_in(engines: Callable[..., Engines]) -> None:
    one = engines()
    one.converge(install_path="C:\\Apps\\docker")
    plan, result = one.converge("24.0.7")
    assert plan.changed
    assert result["path"] == "C:\\Apps\\docker"
    assert one.files() == []


def test_keys_are_merged_and_restart_the_engine(engines: Callable[..., Engines]) -> None:
    one = engines()
    one.converge(config={"debug": True, "log-opts": {"max-size": "1m"}})
    _unused, result = one.converge(config={"log-opts": {"max-file": "3"}, "debug": None})
    assert result["config"] == {"log-opts": {"max-size": "1m", "max-file": "3"}}
    assert result["restarted"]
    assert json.loads(one.read(DAEMON_JSON)) == result["config"]


#: A configuration that is valid, and with which the engine does not start while somebody else listens on that pipe.
TAKEN = {"hosts": ["npipe://", "npipe:////./pipe/taken"]}


def test_a_configuration_the_engine_does_not_start_with_is_taken_back(engines: Callable[..., Engines]) -> None:
    one = engines()
    one.converge(config={"debug": True})
    before = one.read(DAEMON_JSON)
    one.site.host.machine.pipes["taken"] = PermissionError("denied")
    with pytest.raises(RemoteError) as caught:
        one.converge(config=TAKEN)
    sentence = caught.value.sentence("ws2022")
    assert sentence.startswith('Cannot start the service "docker" on ws2022: ')
    assert "the engine said: failed to load listeners" in sentence
    assert "See what else serves that pipe" in sentence
    assert "the state before was put back" in sentence
    assert one.read(DAEMON_JSON) == before
    assert one.state() == "Running"


def test_a_first_start_that_fails_leaves_no_configuration(engines: Callable[..., Engines]) -> None:
    one = engines()
    one.site.host.machine.pipes["taken"] = PermissionError("denied")
    with pytest.raises(RemoteError):
        one.converge(config=TAKEN)
    assert DAEMON_JSON not in one.files()
    _unused, result = one.converge()
    assert (result["version"], one.state()) == ("28.5.2", "Running")


def test_a_wrong_checksum_names_both_and_installs_nothing(engines: Callable[..., Engines]) -> None:
    one = engines()
    right = one.site.fleet.fleet.mirror.sha256["28.5.2"]
    with pytest.raises(OptionError) as caught:
        one.converge(sha256="ab" * 32)
    assert right in caught.value.cause
    assert "ab" * 32 in caught.value.cause
    assert (one.files(), one.state(), one.leftovers()) == ([], None, [])


def test_an_archive_of_another_version_is_refused(engines: Callable[..., Engines]) -> None:
    one = engines()
    mirror = one.site.fleet.fleet.mirror
    with pytest.raises(OptionError, match="the archive holds engine version 24.0.7, not 28.5.2"):
        one.converge(url=f"{mirror.url}/docker-24.0.7.zip", sha256=mirror.sha256["24.0.7"])
    assert (one.files(), one.state(), one.leftovers()) == ([], None, [])


def test_a_missing_archive_says_so(engines: Callable[..., Engines]) -> None:
    one = engines()
    with pytest.raises(RemoteError, match="refused it with HTTP 404"):
        one.converge(url=one.site.fleet.mirror_url + "/docker-9.zip", sha256="ab" * 32)
    assert one.leftovers() == []


def test_a_full_disk_is_named(engines: Callable[..., Engines]) -> None:
    one = engines()
    one.site.host.machine.files.free_bytes = 10
    with pytest.raises(ContainersError):
        one.converge()
    assert one.state() is None


@pytest.mark.parametrize("half", ["files", "registered", "docker.exe only", "stopped"])
def test_half_done_work_is_finished(engines: Callable[..., Engines], half: str) -> None:
    one = engines()
    machine = one.site.host.machine
    one.converge()

    async def break_it() -> None:
        await machine.services.stop("docker")
        service = machine.services.get("docker")
        if service is not None:
            await service.settled()
        if half == "files":
            machine.services.delete("docker")
        if half == "registered":
            machine.files.delete(f"{FOLDER}\\docker.exe")
            machine.files.delete(f"{FOLDER}\\dockerd.exe")
        if half == "docker.exe only":
            machine.files.delete(f"{FOLDER}\\dockerd.exe")

    one.site.fleet.call(break_it)
    _unused, result = one.converge()
    assert (result["version"], one.state()) == ("28.5.2", "Running")
    assert one.converge()[0].steps == ()


def test_hosts_that_cannot_are_refused_before_anything_is_touched(engines: Callable[..., Engines]) -> None:
    old = engines(profile="server-2016")
    with pytest.raises(OptionError, match="needs Windows build 17763"):
        old.converge()
    bare = engines(features={})
    with pytest.raises(OptionError, match="feature Containers is not active"):
        bare.converge()
    assert not [line for line in old.site.programs() + bare.site.programs() if "curl" in line or "tar" in line]


def test_three_reasons_why_there_is_no_tunnel(engines: Callable[..., Engines]) -> None:
    one = engines()
    with pytest.raises(EngineNotInstalledError, match="no Docker Engine is installed"):
        EngineClient.open(one.host)
    register_engine(one.site)
    with pytest.raises(EngineDownError, match="is stopped"):
        EngineClient.open(one.host)
    one.converge()
    pipes = one.site.host.machine.pipes
    with pytest.raises(EngineDownError, match="engine_pipe|listens on the named pipe"):
        EngineClient.open(one.host, "other")
    pipes["docker_engine"].byte_mode = True  # type: ignore[union-attr]
    with pytest.raises(PipeModeError, match="byte mode"):
        EngineClient.open(one.host)
    pipes["docker_engine"] = PermissionError("denied")
    with pytest.raises(EngineAccessError, match="Access is denied"):
        EngineClient.open(one.host)


def test_an_engine_under_another_service_name_is_found(engines: Callable[..., Engines]) -> None:
    one = engines()
    register_engine(one.site, folder="C:\\My Engine", name="moby")
    one.site.fleet.call(lambda: one.site.host.machine.services.start("moby"))
    plan, result = one.converge()
    assert (plan.steps, result["service"], result["path"]) == ((), "moby", "C:\\My Engine")
    assert EngineClient.open(one.host).version["Version"] == "28.5.2"
