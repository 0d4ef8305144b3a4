# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pull: which image a host gets, what the stream says, what a full disk does (docker-on-windows.md 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine.pull import look_up
from simulator.engine.references import parse_reference
from simulator.engine.registry import Registry

from .conftest import NANOSERVER, Daemon

Run = Callable[..., Any]


async def os_version(daemon: Daemon, reference: str) -> str:
    """Of the image a pull brought."""
    messages = await daemon.pull(reference)
    assert "error" not in messages[-1], messages[-1]
    return str((await daemon.ask("GET", f"/images/{reference}/json"))[1]["OsVersion"])


@pytest.mark.parametrize(
    ("build", "reference", "expected"),
    [
        (20348, "python:latest", "10.0.20348"),
        (17763, "python:latest", "10.0.17763"),
        (26100, "python:latest", "10.0.20348"),
        (26100, "mcr.microsoft.com/dotnet/samples:aspnetapp", "10.0.26100"),
        (20348, "old-builds:latest", "10.0.17763"),
    ],
)
def test_the_exact_build_first_then_the_order_of_the_list(run: Run, build: int, reference: str, expected: str) -> None:
    assert run(lambda daemon: os_version(daemon, reference), build=build).startswith(expected)


@pytest.mark.parametrize(
    ("version", "build", "reference", "platform", "error"),
    [
        ("27.5.1", 17763, f"{NANOSERVER}:ltsc2022", "", "no matching manifest for windows/amd64 10.0.17763 in the manifest list entries"),
        ("28.5.2", 17763, f"{NANOSERVER}:ltsc2022", "", "no matching manifest for windows(10.0.17763)/amd64 in the manifest list entries"),
        ("28.5.2", 17763, f"{NANOSERVER}:ltsc2022", "windows/amd64", "no matching manifest for windows/amd64 in the manifest list entries"),
        ("28.5.2", 20348, "alpine:latest", "", "no matching manifest for windows(10.0.20348)/amd64 in the manifest list entries"),
        ("28.5.2", 20348, "alpine:latest", "windows", "operating system is not supported"),
        ("28.5.2", 20348, "linux-single:latest", "", 'cannot download image with operating system "linux" when requesting "windows"'),
        (
            "20.10.24", 17763, "gillesvink/nukedockerbuild:15.0-windows-latest", "",
            "a Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host",
        ),
    ],
)  # fmt: skip
def test_an_error_in_the_stream(run: Run, version: str, build: int, reference: str, platform: str, error: str) -> None:
    async def scenario(daemon: Daemon) -> list[dict[str, Any]]:
        return await daemon.pull(reference, platform=platform)

    messages = run(scenario, version, build=build)
    assert messages[0]["status"].startswith("Pulling from ")
    assert messages[-1] == {"errorDetail": {"message": error}, "error": error}


@pytest.mark.parametrize(
    ("reference", "status", "words"),
    [
        (f"{NANOSERVER}:latest", 404, f"manifest for {NANOSERVER}:latest not found: manifest unknown"),
        ("mcr.microsoft.com/windows/nothing:x", 404, "repository mcr.microsoft.com/windows/nothing not found"),
        ("nobody/nothing:x", 404, "pull access denied for nobody/nothing"),
        ("registry.invalid/x:y", 500, "no such host"),
        ("UPPER:x", 400, "must be lowercase"),
    ],
)
def test_an_error_before_the_stream(run: Run, reference: str, status: int, words: str) -> None:
    got, message = run(lambda daemon: daemon.message("POST", "/images/create", fromImage=reference))
    assert got == status
    assert words in message


def test_downloaded_then_up_to_date(run: Run) -> None:
    async def scenario(daemon: Daemon) -> list[str]:
        reference = f"{NANOSERVER}:ltsc2022"
        return [(await daemon.pull(reference))[-1]["status"] for _unused in range(2)]

    name = f"{NANOSERVER}:ltsc2022"
    assert run(scenario) == [f"Status: Downloaded newer image for {name}", f"Status: Image is up to date for {name}"]


def test_shared_layers_are_not_loaded_again(run: Run) -> None:
    async def scenario(daemon: Daemon) -> set[str]:
        await daemon.pull(f"{NANOSERVER}:ltsc2022")
        return {str(message.get("status")) for message in await daemon.pull("mcr.microsoft.com/powershell:lts-nanoserver-ltsc2022")}

    assert {"Already exists", "Pull complete"} <= run(scenario)


@pytest.mark.parametrize(("version", "has_text"), [("28.5.2", True), ("29.4.3", False)])
def test_progress_while_it_runs(run: Run, version: str, has_text: bool) -> None:
    async def scenario(daemon: Daemon) -> list[dict[str, Any]]:
        daemon.engine.registry.bytes_per_second = 2e10
        return [message for message in await daemon.pull(f"{NANOSERVER}:ltsc2022") if message.get("status") == "Downloading"]

    messages = run(scenario, version)
    counts = [message["progressDetail"]["current"] for message in messages]
    assert counts == sorted(counts)
    assert len(counts) > 3
    assert counts[-1] == messages[-1]["progressDetail"]["total"]
    assert all(("progress" in message) == has_text for message in messages)


def test_a_full_disk(run: Run) -> None:
    async def scenario(daemon: Daemon) -> tuple[str, int, int]:
        daemon.host.free_bytes = 1000
        last = (await daemon.pull(f"{NANOSERVER}:ltsc2022"))[-1]
        return last["error"], daemon.host.free_bytes, (await daemon.ask("GET", "/images/json"))[1]

    error, free, images = run(scenario)
    assert error.endswith("There is not enough space on the disk.")
    assert (free, images) == (1000, [])


def test_space_comes_back_with_the_image(run: Run) -> None:
    async def scenario(daemon: Daemon) -> tuple[int, int, int]:
        before = daemon.host.free_bytes
        await daemon.pull(f"{NANOSERVER}:ltsc2022")
        taken = before - daemon.host.free_bytes
        status, _unused = await daemon.ask("DELETE", f"/images/{NANOSERVER}:ltsc2022")
        return taken, before - daemon.host.free_bytes, status

    assert run(scenario) == (296_000_000, 0, 200)


def test_distribution(run: Run) -> None:
    status, answer = run(lambda daemon: daemon.ask("GET", f"/distribution/{NANOSERVER}:ltsc2025/json"))
    assert status == 200
    assert answer["Platforms"] == [{"architecture": "amd64", "os": "windows", "os.version": "10.0.26100.4349"}]
    assert answer["Descriptor"]["digest"].startswith("sha256:")


def test_distribution_of_an_unknown_tag(run: Run) -> None:
    status, message = run(lambda daemon: daemon.message("GET", f"/distribution/{NANOSERVER}:nothing/json"))
    assert status == 404
    assert message.startswith("manifest unknown")


def test_pull_by_digest(run: Run) -> None:
    async def scenario(daemon: Daemon) -> str:
        digest = (await daemon.ask("GET", f"/distribution/{NANOSERVER}:ltsc2022/json"))[1]["Descriptor"]["digest"]
        await daemon.pull(f"{NANOSERVER}@{digest}")
        return str((await daemon.ask("GET", f"/images/{NANOSERVER}@{digest}/json"))[1]["OsVersion"])

    assert run(scenario).startswith("10.0.20348.")


def test_a_tag_that_is_published_anew_names_another_image(run: Run) -> None:
    """Patch Tuesday: the tag moves, the image that had it stays without a name, and its digest still finds it."""
    name = f"{NANOSERVER}:ltsc2022"

    async def scenario(daemon: Daemon) -> None:
        before = await os_version(daemon, name)
        old = (await daemon.ask("GET", f"/images/{name}/json"))[1]
        version = {"os_version": "10.0.20348.9999", "tags": ["ltsc2022"], "compressed": 1, "on_disk": 1}
        daemon.engine.registry.publish({"bases": [{"repository": NANOSERVER, "versions": [version]}]})
        assert (await daemon.ask("GET", f"/distribution/{name}/json"))[1]["Platforms"][0]["os.version"] == "10.0.20348.9999"
        assert await os_version(daemon, name) == "10.0.20348.9999"
        assert (await daemon.ask("GET", f"/images/{old['Id']}/json"))[1]["RepoTags"] == []
        assert await os_version(daemon, old["RepoDigests"][0]) == before

    run(scenario)


def test_mirrors_serve_docker_hub_only() -> None:
    registry = Registry.standard({"copies": {"mirror.example.com/library/hello-world": "docker.io/library/python"}})
    hub, other = parse_reference("hello-world:latest"), parse_reference(f"{NANOSERVER}:ltsc2022")
    mirrored = look_up(registry, hub, mirrors=["mirror.example.com"])
    assert mirrored.digest == registry.repositories["docker.io/library/python"]["latest"].digest != look_up(registry, hub).digest
    assert look_up(registry, other, mirrors=["mirror.example.com"]).digest == look_up(registry, other).digest
    tag = parse_reference("hello-world:nanoserver")
    assert look_up(registry, tag, mirrors=["mirror.example.com"]).digest == look_up(registry, tag).digest, (
        "what it lacks is asked of the Hub"
    )


def test_two_pulls_share_their_layers_and_a_cut_one_leaves_nothing(run: Run) -> None:
    async def scenario(daemon: Daemon) -> None:
        engine = daemon.engine
        engine.registry.bytes_per_second, engine.registry.tick = 400e6, 0.02
        free = engine.host.free_bytes
        cut = asyncio.ensure_future(daemon.pull(f"{NANOSERVER}:ltsc2022"))
        await asyncio.sleep(0.05)
        both = asyncio.ensure_future(daemon.pull(f"{NANOSERVER}:ltsc2022"))
        await asyncio.sleep(0.05)
        cut.cancel()
        assert "error" not in (await both)[-1], "the other one keeps the download alive"
        assert len(engine.downloads.fetched) == len(set(engine.downloads.fetched)) > 0
        free -= next(iter(engine.state.images.images.values())).size
        last = asyncio.ensure_future(daemon.pull(f"{NANOSERVER}:1809"))
        await asyncio.sleep(0.1)
        last.cancel()
        await asyncio.gather(cut, last, return_exceptions=True)
        await asyncio.sleep(0.1)
        assert engine.host.free_bytes == free

    run(scenario)
