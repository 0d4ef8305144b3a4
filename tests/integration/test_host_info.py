# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``host_info`` on every kind of host the fleet has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import Play, Run, programs

NAME = "winfleet.containers.host_info"
PREPARED = {"Containers": "enabled", "Microsoft-Hyper-V": "enabled", "Microsoft-Hyper-V-Online": "enabled"}
FLEET = {
    "hosts": [
        {"name": "ws2016", "profile": "server-2016"},
        {"name": "ws2019", "profile": "server-2019", "virtualization_firmware": False},
        {"name": "ws2022", "profile": "server-2022", "features": PREPARED},
        {"name": "core", "profile": "server-2022-core", "platform": "hyperv-guest"},
        {"name": "nested", "profile": "server-2022", "platform": "hyperv-guest-nested"},
        {"name": "hidden", "profile": "server-2022", "platform": "hyperv-guest-nested", "nested_flags_hidden": True},
        {"name": "running", "profile": "server-2022", "platform": "hyperv-guest-nested", "features": PREPARED},
        {"name": "failed", "profile": "server-2022", "platform": "hyperv-guest", "features": PREPARED},
        {"name": "silent", "profile": "server-2022", "platform": "vmware", "features": PREPARED, "silent_hypervisor_log": True},
        {"name": "azure", "profile": "server-2025", "platform": "azure"},
        {"name": "ec2", "profile": "server-2025", "platform": "ec2"},
        {"name": "win11", "profile": "windows-11-24h2", "platform": "kvm"},
        {"name": "pending", "profile": "server-2022", "servicing_pending": True, "features": {"Containers": "enable_pending"}},
    ]
}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as running:
        yield running


@pytest.fixture(scope="module")
def run(fleet: RunningFleet, play: Play) -> Run:
    """All hosts, asked at once."""
    registry = fleet.machines["core"].registry
    session = "SYSTEM\\CurrentControlSet\\Control\\Session Manager"
    fleet.call(lambda: registry.set(session, "PendingFileRenameOperations", ["\\??\\C:\\old", ""]))
    return play(fleet, [{"name": "Ask", NAME: {}}])


def asked(run: Run, host: str) -> dict[str, Any]:
    return run.result("Ask", host)


def test_every_host_answers_and_nothing_changes(run: Run, fleet: RunningFleet) -> None:
    assert run.ok, run.output
    assert run.changed == []
    assert {line["host"] for line in run.recording.lines} == set(fleet.machines)


@pytest.mark.parametrize(
    ("host", "release", "build", "kind", "installation", "label"),
    [
        ("ws2016", "Windows Server 2016", 14393, "server", "Server", "1607"),
        ("ws2019", "Windows Server 2019", 17763, "server", "Server", "1809"),
        ("ws2022", "Windows Server 2022", 20348, "server", "Server", "21H2"),
        ("core", "Windows Server 2022", 20348, "server", "Server Core", "21H2"),
        ("azure", "Windows Server 2025", 26100, "server", "Server", "24H2"),
        ("win11", "Windows 11 24H2", 26100, "workstation", "Client", "24H2"),
    ],
)
def test_which_windows(
    run: Run, fleet: RunningFleet, host: str, release: str, build: int, kind: str, installation: str, label: str
) -> None:
    profile = fleet.machines[host].profile
    assert asked(run, host)["os"] == {
        "caption": profile.caption,
        "edition": profile.edition_id,
        "product_type": kind,
        "installation_type": installation,
        "version": f"10.0.{build}.{profile.revision}",
        "build": build,
        "revision": profile.revision,
        "release": release,
        "display_version": label,
    }


@pytest.mark.parametrize(
    ("host", "platform"),
    [
        ("ws2016", "metal"),
        ("ws2022", "metal"),
        ("core", "hyperv"),
        ("silent", "vmware"),
        ("azure", "azure"),
        ("ec2", "ec2"),
        ("win11", "kvm"),
    ],
)
def test_which_platform(run: Run, host: str, platform: str) -> None:
    assert asked(run, host)["platform"] == platform


def test_how_big(run: Run, fleet: RunningFleet) -> None:
    machine = fleet.machines["core"]
    assert asked(run, "core")["hardware"] == {
        "memory_bytes": machine.memory_bytes,
        "processors": machine.processors,
        "free_disk_bytes": machine.files.free_bytes,
    }


@pytest.mark.parametrize(
    ("host", "process", "hyperv", "words"),
    [
        ("ws2016", ("yes", False), ("yes", False), "firmware has it enabled"),
        ("ws2019", ("yes", False), ("no", False), "virtualization enabled in firmware"),
        ("ws2022", ("yes", True), ("yes", True), "hypervisor runs"),
        ("core", ("yes", False), ("unknown", False), "nothing shows"),
        ("nested", ("yes", False), ("yes", False), "exposed to this machine"),
        ("hidden", ("yes", False), ("unknown", False), "nothing shows"),
        ("running", ("yes", True), ("yes", True), "event 1"),
        ("failed", ("yes", True), ("no", False), "event 41"),
        ("silent", ("yes", True), ("unknown", False), "nothing shows that its own hypervisor runs"),
        ("win11", ("yes", False), ("unknown", False), "nothing shows"),
    ],
)
def test_which_isolation(run: Run, host: str, process: tuple[str, bool], hyperv: tuple[str, bool], words: str) -> None:
    isolation = asked(run, host)["isolation"]
    assert (isolation["process"]["verdict"], isolation["process"]["ready"]) == process
    assert (isolation["hyperv"]["verdict"], isolation["hyperv"]["ready"]) == hyperv
    assert words in isolation["hyperv"]["reason"]


@pytest.mark.parametrize(
    ("host", "tags"),
    [
        ("ws2016", {"nanoserver": "sac2016", "servercore": "ltsc2016", "server": None, "windows": None}),
        ("ws2019", {"nanoserver": "1809", "servercore": "ltsc2019", "server": None, "windows": "1809"}),
        ("core", {"nanoserver": "ltsc2022", "servercore": "ltsc2022", "server": "ltsc2022", "windows": None}),
        ("win11", {"nanoserver": "ltsc2025", "servercore": "ltsc2025", "server": "ltsc2025", "windows": None}),
    ],
)
def test_which_base_images(run: Run, host: str, tags: dict[str, str | None]) -> None:
    assert asked(run, host)["base_images"] == tags


@pytest.mark.parametrize(
    ("host", "containers", "hyperv"),
    [("core", "disabled", "disabled"), ("ws2022", "enabled", "enabled"), ("pending", "enable_pending", "disabled")],
)
def test_feature_states(run: Run, host: str, containers: str, hyperv: str) -> None:
    assert asked(run, host)["features"] == {"containers": containers, "hyperv": hyperv}


def test_pending_reboots(run: Run) -> None:
    assert asked(run, "ws2022")["reboot"] == {"pending": False, "servicing": False, "reasons": []}
    servicing = asked(run, "pending")["reboot"]
    assert (servicing["pending"], servicing["servicing"]) == (True, True)
    renames = asked(run, "core")["reboot"]
    assert (renames["pending"], len(renames["reasons"])) == (False, 1)


def test_a_program_is_started_only_where_cim_cannot_tell(run: Run, fleet: RunningFleet) -> None:
    started = {host: programs(fleet, host) for host in fleet.machines if programs(fleet, host)}
    assert list(started) == ["pending"]
    assert [line.lower().count("/get-features") for line in started["pending"]] == [1]


def test_without_an_engine(run: Run) -> None:
    engine = asked(run, "ws2022")["engine"]
    assert (engine["installed"], engine["running"], engine["version"]) == (False, False, None)


@pytest.mark.parametrize("mode", ["Auto", "Disabled"])
def test_with_an_engine(fleet: RunningFleet, play: Play, mode: str) -> None:
    """One that runs is asked itself, of one that does not only the version is known."""
    host = "ws2022" if mode == "Auto" else "failed"
    machine = fleet.machines[host]

    async def install() -> None:
        for program in ("docker.exe", "dockerd.exe"):
            machine.files.write(f"C:\\Program Files\\docker\\{program}", b"Docker Engine simulated 28.5.2", parents=True)
        machine.services.create("docker", '"C:\\Program Files\\docker\\dockerd.exe" --run-service', start_mode=mode)
        if mode == "Auto":
            await machine.services.start("docker")
        else:
            config = '{"data-root": "C:\\\\layers"}'
            machine.files.write("C:\\ProgramData\\docker\\config\\daemon.json", config.encode(), parents=True)
            machine.files.make_folder("C:\\layers\\windowsfilter")

    fleet.call(install)
    run = play(fleet, [{"name": "Ask", NAME: {"gather_subset": ["default", "storage", "networks"]}}], hosts=host)
    assert asked(run, host)["engine"] == {
        "installed": True,
        "version": "28.5.2",
        "running": mode == "Auto",
        "default_isolation": "process" if mode == "Auto" else None,
        "service": "docker",
        "path": "C:\\Program Files\\docker\\dockerd.exe",
        "problem": None,
    }
    assert run.changed == []
    running, root = mode == "Auto", "C:\\ProgramData\\docker" if mode == "Auto" else "C:\\layers"
    storage, readiness = asked(run, host)["storage"], asked(run, host)["readiness"]["engine"]
    assert (storage["data_root"], storage["exists"], storage["windowsfilter"]) == (root, True, f"{root}\\windowsfilter")
    assert (readiness["verdict"], readiness["ready"]) == ("yes", running)
    assert [network["name"] for network in asked(run, host)["networks"]["hns"]] == (["nat"] if running else [])
    assert asked(run, host)["runtimes"] == [
        {
            "name": "docker",
            "service": "docker",
            "path": "C:\\Program Files\\docker\\dockerd.exe",
            "running": running,
            "version": "28.5.2",
            "pipe": "docker_engine" if running else None,
        }
    ]


def test_check_mode_reads_the_same(run: Run, fleet: RunningFleet, play: Play) -> None:
    again = play(fleet, [{"name": "Ask", NAME: {}}], "--check", "--diff", hosts="core")
    assert asked(again, "core") == asked(run, "core")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"speed": 3}, "unknown option: speed. Supported parameters include: gather_subset, today. See 'ansible-doc"),
        ({"gather_subse": ["all"]}, "unknown option: gather_subse. Did you mean gather_subset? Supported parameters include"),
        ({"gather_subset": ["all", "!network"]}, 'there is no subset "network". Did you mean networks?'),
        ({"gather_subset": ["fritz"]}, 'there is no subset "fritz". Known are min, default, all, os, '),
        ({"today": "tomorrow"}, '"tomorrow" is not a day. Write it as year-month-day'),
    ],
)
def test_wrong_options_are_refused(fleet: RunningFleet, play: Play, options: dict[str, Any], words: str) -> None:
    run = play(fleet, [{"name": "Ask", NAME: options}], hosts="core")
    assert words in asked(run, "core")["msg"]


def test_become_is_refused(fleet: RunningFleet, play: Play) -> None:
    run = play(fleet, [{"name": "Ask", NAME: {}, "become": True}], hosts="core")
    message = asked(run, "core")["msg"]
    assert message.startswith("Cannot ")
    assert "become" in message


def test_a_wrong_password_is_unreachable(fleet: RunningFleet, play: Play) -> None:
    run = play(fleet, [{"name": "Ask", NAME: {}}], hosts="core", vars={"ansible_password": "Planted-Secret-1"})
    assert "UNREACHABLE" in run.output
    assert "credentials" in asked(run, "core")["msg"]
    assert "Planted-Secret-1" not in run.output
