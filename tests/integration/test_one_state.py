# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State is one: what one part of a simulated Windows changes, every other part shows, and the collection sees it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from winrm.exceptions import WSManFaultError
from winrm.protocol import Protocol

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.isolation_info import IsolationInfo
from simulator.console import Finished
from simulator.console import run as run_line
from simulator.fleet import RunningFleet
from simulator.windows.machine import Machine

from .conftest import Play
from .containers.conftest import HYPERV, IMAGE, NANO, PING, Site, prepare

CIMV2, VIRTUALIZATION = "root/cimv2", "root/virtualization/v2"
QUICK = {"boot_seconds": 0.2, "servicing_seconds": 0.05, "time_scale": 0.1}
PENDING = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending"
Start = Callable[..., RunningFleet]


def line(fleet: RunningFleet, host: str, text: str, **settings: Any) -> Finished:
    """Run a line on a host, behind WinRM's back."""
    done: Finished = fleet.call(lambda: run_line(fleet.machines[host], text, **settings))
    return done


def rows(machine: Machine, wql: str) -> list[dict[str, Any]]:
    return list(machine.cim.query(CIMV2, wql).instances)


def install_state(fleet: RunningFleet, host: str, name: str) -> int:
    found = fleet.call(lambda: rows(fleet.machines[host], f"SELECT * FROM Win32_OptionalFeature WHERE Name='{name}'"))
    return int(found[0]["InstallState"])


def services(fleet: RunningFleet, host: str) -> set[str]:
    found = fleet.call(lambda: rows(fleet.machines[host], "SELECT Name FROM Win32_Service WHERE State='Running'"))
    return {row["Name"] for row in found} & {"hns", "vmcompute", "vmms"}


def host_info(play: Play, fleet: RunningFleet) -> dict[str, Any]:
    run = play(fleet, [{"name": "Look", "winfleet.containers.host_info": {}}])
    assert run.ok, run.output
    return run.result("Look")


# --- features ---------------------------------------------------------------------------------------------------------------


def test_a_feature_enabled_by_dism_shows_everywhere_after_the_reboot(fleet: Start, play: Play) -> None:
    running = fleet({"name": "one", "profile": "server-2022", **QUICK})
    enable = "dism.exe /online /english /enable-feature /featurename:{} /all /norestart"
    assert [line(running, "one", enable.format(name)).code for name in ("Containers",)] == [3010]
    assert install_state(running, "one", "Containers") == 2
    assert "State : Enable Pending" in line(running, "one", "dism /online /english /get-featureinfo /featurename:Containers").text
    assert line(running, "one", f'reg query "{PENDING}"').code == 0
    assert (services(running, "one"), line(running, "one", "sc query hns").code) == (set(), 1060)
    info = host_info(play, running)
    assert (info["features"]["containers"], info["reboot"]["pending"]) == ("enable_pending", True)

    running.call(running.machines["one"].reboot)
    assert install_state(running, "one", "Containers") == 1
    assert line(running, "one", f'reg query "{PENDING}"').code == 1
    assert services(running, "one") == {"hns", "vmcompute"}
    assert line(running, "one", "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\hns /v Start").code == 0
    info = host_info(play, running)
    assert (info["features"]["containers"], info["reboot"]["pending"]) == ("enabled", False)


def test_the_virtualisation_namespace_comes_with_its_service(fleet: Start) -> None:
    running = fleet({"name": "one", "profile": "server-2022", **QUICK})
    machine = running.machines["one"]

    def code() -> int:
        try:
            machine.cim.find(VIRTUALIZATION, "Msvm_ComputerSystem")
        except Exception as error:
            return int(getattr(error, "code", 0))
        return 0

    assert running.call(code) == 0x8004100E
    line(running, "one", "dism /online /english /enable-feature /featurename:Microsoft-Hyper-V /all /norestart")
    running.call(machine.reboot)
    assert services(running, "one") >= {"vmms", "vmcompute"}
    assert running.call(code) == 0x80041010


def test_a_reboot_can_roll_a_feature_back(fleet: Start, play: Play) -> None:
    running = fleet({"name": "one", "profile": "server-2022", "rollback_features": ["Containers"], **QUICK})
    assert line(running, "one", "dism /online /english /enable-feature /featurename:Containers /norestart").code == 3010
    running.call(running.machines["one"].reboot)
    assert (install_state(running, "one", "Containers"), services(running, "one")) == (2, set())
    assert host_info(play, running)["features"]["containers"] == "disabled"


# --- containers -------------------------------------------------------------------------------------------------------------


def table(where: Site) -> dict[int, str]:
    """The host's process table as CIM has it."""
    found = where.fleet.call(lambda: rows(where.machine, "SELECT ProcessId,Name FROM Win32_Process"))
    return {row["ProcessId"]: row["Name"] for row in found}


async def ask(machine: Machine, path: str) -> Any:
    """GET from the engine, through its named pipe."""
    end = machine.connect_pipe("docker_engine")
    await end.write(f"GET {path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while data := await end.read():
        answer += data
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def top(where: Site, name: str) -> dict[int, str]:
    """What the engine's ``top`` reports of a container, by process id."""
    answer = where.fleet.call(lambda: ask(where.machine, f"/containers/{name}/top"))
    return {int(row[1]): row[0] for row in answer["Processes"]}


def test_processes_of_a_process_isolated_container_are_the_hosts(fleet: Start) -> None:
    where = prepare(fleet({"name": "one", "profile": "server-2022", **HYPERV, **QUICK}))
    before = table(where)
    assert not where.container(name="shared", image=IMAGE, command=PING, isolation="process").error
    inside, after = top(where, "shared"), table(where)
    assert inside and {pid: after[pid] for pid in inside} == inside
    assert set(after) - set(before) == set(inside)
    assert "vmwp.exe" not in after.values()
    evidence = where.run(lambda remote: IsolationInfo(remote, ("shared",), "docker_engine")).result["containers"][0]["evidence"]
    assert {entry["pid"] for entry in evidence["on_host"]} <= set(inside)


@pytest.mark.parametrize(
    ("profile", "image", "added"),
    [
        ("server-2022", IMAGE, {"vmwp.exe": 1}),
        # recorded on this build: docker/ws2025-isolation-experiment.json
        ("server-2025", f"{NANO}:ltsc2025", {"vmwp.exe": 1, "vmmem": 1}),
    ],
)
def test_a_hyperv_isolated_container_adds_its_worker_process_and_nothing_of_its_own(
    fleet: Start, profile: str, image: str, added: dict[str, int]
) -> None:
    where = prepare(fleet({"name": "one", "profile": profile, **HYPERV, **QUICK}))
    before = table(where)
    assert not where.container(name="apart", image=image, command=PING, isolation="hyperv").error
    after = table(where)
    assert Counter(after[pid] for pid in set(after) - set(before)) == Counter(added)
    assert "PING.EXE" in top(where, "apart").values()
    assert "PING.EXE" not in after.values()
    where.container(name="apart", state="absent")
    assert table(where) == before


@pytest.mark.parametrize("narrow", [False, True])
def test_which_images_run_above_build_26100_is_a_switch(fleet: Start, narrow: bool) -> None:
    entry = {"features": {"Containers": "enabled"}, "narrow_process_window": narrow, **QUICK}
    where = prepare(fleet({"name": "one", "profile": "windows-11-25h2", **entry}))
    for image, refused in ((f"{NANO}:ltsc2025", False), (IMAGE, narrow)):
        done = where.container(name="web", image=image, command=PING, isolation="process", state="started")
        assert bool(done.error) == refused, done.error
        where.container(name="web", state="absent")


def test_a_reboot_ends_shells_and_containers_and_starts_those_again_that_want_it(fleet: Start) -> None:
    running = fleet({"name": "one", "profile": "server-2022", "features": {"Containers": "enabled"}, **QUICK})
    where = prepare(running)
    for name, policy in (("stays", "always"), ("goes", "no")):
        assert not where.container(name=name, image=IMAGE, command=PING, restart_policy=policy).error
    nat = where.engine.state.networks.find("nat").id
    hnsdiag = line(running, "one", "hnsdiag list all").text
    old = set(top(where, "stays"))
    entry = where.host.inventory()
    client = Protocol(
        f"http://{entry['ansible_host']}:{entry['ansible_port']}/wsman",
        transport="ntlm",
        username=entry["ansible_user"],
        password=entry["ansible_password"],
    )
    shell = client.open_shell()
    client.run_command(shell, "ping", ["-t", "localhost"])
    assert "ping.exe" in {name.lower() for name in table(where).values()}

    running.call(where.machine.reboot)
    with pytest.raises(WSManFaultError) as fault:
        Protocol(
            client.transport.endpoint, transport="ntlm", username=entry["ansible_user"], password=entry["ansible_password"]
        ).run_command(shell, "hostname")
    assert fault.value.wsman_fault_code == 2150858843
    assert where.names() == ["goes: exited", "stays: running"]
    assert where.engine.state.networks.find("nat").id != nat
    assert line(running, "one", "hnsdiag list all").text != hnsdiag
    assert not old & set(top(where, "stays"))
    assert {pid: table(where)[pid] for pid in top(where, "stays")} == top(where, "stays")


# --- disk -------------------------------------------------------------------------------------------------------------------


def test_a_full_disk_fails_everything_that_writes(fleet: Start, play: Play) -> None:
    running = fleet({"name": "one", "profile": "server-2022", "features": {"Containers": "enabled"}, **QUICK})
    where = prepare(running)
    running.call(lambda: where.machine.files.write("C:\\Users\\big.bin", b"x" * 5000))
    archive = line(running, "one", "tar -cf - -C C:\\Users big.bin").out
    running.call(lambda: setattr(where.machine.files, "free_bytes", 500))
    assert rows(where.machine, "SELECT FreeSpace FROM Win32_LogicalDisk WHERE DeviceID='C:'")[0]["FreeSpace"] == 500
    assert host_info(play, running)["hardware"]["free_disk_bytes"] == 500

    pulled = where.container(name="web", image=IMAGE, command=PING)
    assert "disk is full" in pulled.error, pulled.error
    assert where.names() == []
    unpacked = line(running, "one", "tar -xf - -C C:\\Windows\\Temp", stdin=archive)
    assert (unpacked.code, "No space left on device" in unpacked.error_text) == (1, True)
    dism = line(running, "one", "dism /online /english /enable-feature /featurename:TelnetClient /norestart")
    assert (dism.code, "There is not enough space on the disk." in dism.text) == (112, True)
    loaded = line(running, "one", f"curl -fsS -o C:\\Users\\docker.zip {running.mirror_url}/docker-28.5.2.zip")
    assert loaded.code == 23
    written = line(running, "one", "echo " + "x" * 2000 + "> C:\\Users\\full.txt")
    assert "There is not enough space on the disk." in written.error_text
    assert running.call(lambda: where.machine.files.free_bytes) <= 500


# --- odd hosts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {"clock_shift": -90000.0},
        {"clock_jump_at_boot": 5400.0},
        {"clock_jump_at_boot": -5400.0},
        {"clock_jump_at_boot": -5400.0, "boot_time_follows_clock": False},
        {"program_seconds": 1.0},
    ],
    ids=str,
)
def test_a_reboot_is_proved_whatever_the_clock_does(fleet: Start, play: Play, odd: dict[str, Any]) -> None:
    running = fleet({"name": "one", "profile": "server-2022", **QUICK, **odd})
    run = play(running, [{"name": "Reboot", "winfleet.containers.host_reboot": {"delay": 2}}])
    assert run.ok, run.output
    assert running.machines["one"].power.boots == 1


def test_an_engine_that_does_not_start_is_named(fleet: Start, play: Play) -> None:
    entry = {"features": {"Containers": "enabled"}, "failing_services": {"docker": 1067}}
    running = fleet({"name": "one", "profile": "server-2022", **entry, **QUICK})
    task = {
        "name": "Install",
        "winfleet.containers.docker_engine": {
            "version": "28.5.2",
            "url": "{{ winfleet_mirror_url }}/docker-28.5.2.zip",
            "sha256": "{{ winfleet_engine_sha256['28.5.2'] }}",
        },
    }
    run = play(running, [task])
    assert not run.ok
    message = run.result("Install")["msg"]
    assert message.startswith("Cannot ") and "docker" in message and "Traceback" not in run.output, message
