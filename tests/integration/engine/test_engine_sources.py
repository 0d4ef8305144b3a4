# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the engine comes from: mirror, controller, host; ranges of versions; hosts without internet, and without tar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, OptionError
from simulator.engine.mirror import archive, sha256

from .engines import DAEMON_JSON, FOLDER, Engines

Start = Callable[..., Engines]


@pytest.fixture
def zip_file(tmp_path: Path) -> Path:
    """The archive of 28.5.2 on the controller."""
    path = tmp_path / "docker-28.5.2.zip"
    path.write_bytes(archive("28.5.2"))
    return path


@pytest.mark.parametrize(
    ("version", "state", "first", "then"),
    [("28", "present", "28.5.1", "28.5.1"), ("28", "latest", "28.5.1", "28.5.2"), (">=24,<25", "present", "24.0.7", "24.0.7")],
)
def test_an_installed_engine_of_the_range_is_left_alone_unless_the_latest_is_asked_for(
    engines: Start, version: str, state: str, first: str, then: str
) -> None:
    one = engines()
    one.converge(first)
    assert one.converge(version, state=state)[1]["version"] == then


def test_a_bare_host_gets_the_newest_of_the_range(engines: Start) -> None:
    assert engines().converge("24")[1]["version"] == "24.0.9"


def test_latest_is_what_the_hosts_windows_can_run(engines: Start) -> None:
    assert engines().plan("latest")[1]["version"] == "29.7.2"
    assert engines(profile="server-2016").plan("latest")[1]["version"] == "20.10.24"


def test_a_host_without_internet_gets_it_through_the_controller(engines: Start) -> None:
    one = engines()
    plan, result = one.converge(source="push")
    assert result["version"] == "28.5.2"
    assert "stream it to the host" in plan.steps[0].description
    assert one.programs("curl") == []
    assert any(line.startswith("stream engine ") and "100 %" in line for line in one.site.lines)


@pytest.mark.parametrize(("profile", "version"), [("server-2022", "28.5.2"), ("server-2016", "20.10.24")])
def test_the_same_over_psrp(engines: Start, profile: str, version: str) -> None:
    one = engines(profile=profile)
    one.host = one.site.remote("psrp")
    one.converge(version, source="push", config={"debug": True})
    assert one.version() == version


def test_an_archive_of_the_controller_is_streamed(engines: Start, zip_file: Path) -> None:
    one = engines()
    one.converge(source="controller", path=str(zip_file), url=None, sha256=sha256("28.5.2"))
    assert one.version() == "28.5.2"
    assert one.site.fleet.fleet.mirror.requests == []


def test_an_archive_of_the_host_is_unpacked_there(engines: Start) -> None:
    one = engines()
    content = archive("28.5.2")
    one.site.fleet.call(lambda: one.machine.files.write("C:\\media\\docker.zip", content, parents=True))
    one.converge(source="host", path="C:\\media\\docker.zip", url=None, sha256=sha256("28.5.2"))
    # What is verified is a copy where only administrators may write, not the file that others can exchange.
    assert not [line for line in one.site.programs() if ("certutil" in line or "tar.exe" in line) and "media" in line]
    assert one.version() == "28.5.2"
    assert one.exists("C:\\media\\docker.zip")


@pytest.mark.parametrize("source", ["push", "controller", "host"])
def test_a_wrong_checksum_installs_nothing_wherever_it_comes_from(engines: Start, zip_file: Path, source: str) -> None:
    one = engines()
    content = archive("28.5.2")
    one.site.fleet.call(lambda: one.machine.files.write("C:\\docker.zip", content))
    path = {"push": None, "controller": str(zip_file), "host": "C:\\docker.zip"}[source]
    with pytest.raises(OptionError, match=f"(?s){'ab' * 32}") as caught:
        one.converge(source=source, path=path, sha256="ab" * 32)
    assert sha256("28.5.2") in caught.value.cause
    assert (one.exists(FOLDER), one.state(), one.leftovers()) == (False, None, [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"source": "controller", "path": "docker.zip"}, "not absolute on the controller"),
        ({"source": "controller", "path": "/nowhere/docker.zip"}, '/nowhere/docker.zip" on the controller'),
        ({"source": "host", "path": "C:\\nowhere.zip"}, "no such file on the host"),
        ({"source": "push", "url": "http://127.0.0.1:9/docker.zip"}, "the controller cannot download it"),
        ({"source": "host"}, "the option path is missing"),
        ({"path": "/docker.zip"}, "does not use it"),
    ],
)
def test_sources_that_cannot_be_used_are_named(engines: Start, options: dict[str, str], words: str) -> None:
    one = engines()
    with pytest.raises(ContainersError) as caught:
        one.converge(**{"sha256": sha256("28.5.2"), **options})
    assert words in caught.value.sentence("ws2022")
    assert (one.state(), one.leftovers()) == (None, [])


def test_a_range_needs_archives_that_can_be_told_apart(engines: Start) -> None:
    one = engines()
    with pytest.raises(OptionError, match="can only be of one version"):
        one.plan("28", url="https://mirror.example.com/docker.zip")
    with pytest.raises(OptionError, match="gives only one checksum"):
        one.plan("28", sha256="ab" * 32)
    with pytest.raises(OptionError, match="no engine version in the range"):
        one.plan("31")


def test_server_2016_gets_engine_20_through_one_literal_line(engines: Start) -> None:
    one = engines(profile="server-2016")
    _unused, result = one.converge("20.10.24", config={"exec-opts": ["isolation=process"], "log-level": "info"})
    assert (result["version"], one.state()) == ("20.10.24", "Running")
    assert len(one.programs("powershell")) == 2  # docker.exe and dockerd.exe; the configuration needs none
    assert len(set(one.programs("powershell"))) == 1
    assert [line.text for line in one.machine.log_lines if line.kind == "refused"] == []
    assert b'"log-level": "info"' in one.read(DAEMON_JSON)


def test_server_2016_needs_no_powershell_where_the_programs_lie_already(engines: Start) -> None:
    one = engines(profile="server-2016")

    def put() -> None:
        for name in ("docker.exe", "dockerd.exe"):
            one.machine.files.write(f"{FOLDER}\\{name}", b"Docker Engine simulated 20.10.24", parents=True)

    one.site.fleet.call(put)
    one.converge("20.10", config={"debug": True})
    assert one.programs("powershell") == []


def test_server_2016_drains_without_powershell(engines: Start) -> None:
    one = engines(profile="server-2016", revision=2551)
    one.converge("20.10.24")
    before = len(one.programs("powershell"))
    one.run_container("job", image="mcr.microsoft.com/windows/nanoserver:sac2016")
    one.converge("20.10.24", config={"debug": True}, allow_restart=True, drain=True)
    assert (one.running(), len(one.programs("powershell"))) == ({"job"}, before)


@pytest.mark.parametrize(("profile", "version"), [("server-2022", "28.5.2"), ("server-2016", "20.10.24")])
def test_a_full_disk_ends_the_stream_with_nothing_installed(engines: Start, profile: str, version: str) -> None:
    one = engines(profile=profile)
    one.machine.files.free_bytes = 1000
    with pytest.raises(ContainersError):
        one.converge(version, source="push")
    one.machine.files.free_bytes = 10**9
    assert (one.state(), one.exists(f"{FOLDER}\\dockerd.exe"), one.leftovers()) == (None, False, [])
