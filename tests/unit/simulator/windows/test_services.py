# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services: sc, net, Win32_Service and the programs behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.console import Finished, play, run, run_lines
from simulator.windows.machine import Machine
from simulator.windows.service import Service
from simulator.windows.services import SERVICE_MAINS

CREATE = 'sc create probe binPath= "\\"C:\\Program Files\\p\\probe.exe\\" --run-service" start= auto DisplayName= "Probe Engine"'


async def probe(machine: Machine, service: Service) -> int:
    """A service program for these tests: up when there is no file C:\\fail."""
    if machine.files.exists("C:\\fail"):
        service.specific_code = 7
        return 1066
    service.running()
    await service.stop_requested.wait()
    return 0


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine("ws2022", "server-2022", boot_seconds=0.01, time_scale=0.01)
    machine.files.write("C:\\Program Files\\p\\probe.exe", b"MZ", parents=True)
    SERVICE_MAINS["probe.exe"] = probe
    yield machine
    del SERVICE_MAINS["probe.exe"]


def invoke(machine: Machine, method: str, selectors: dict[str, str], **parameters: Any) -> int:
    async def scene() -> Any:
        return (await machine.cim.invoke("root/cimv2", "Win32_Service", method, selectors, parameters))[1]["ReturnValue"]

    return int(play(scene))


def test_a_service_lives(machine: Machine) -> None:
    async def scene() -> list[Finished]:
        done = [await run(machine, CREATE), await run(machine, "sc start probe")]
        await asyncio.sleep(0.01)
        done += [await run(machine, line) for line in ("sc query probe", "sc start probe", "sc stop probe", "sc stop nosuch")]
        await asyncio.sleep(0.01)
        return done + [await run(machine, line) for line in ("sc stop probe", "sc delete probe", "sc qc probe")]

    done = play(scene)
    assert [one.code for one in done] == [0, 0, 0, 1056, 0, 1060, 1062, 0, 1060]
    assert "STATE              : 2  START_PENDING" in done[1].text or "STATE              : 4  RUNNING" in done[1].text
    assert "STATE              : 4  RUNNING" in done[2].text
    assert done[6].text == "[SC] ControlService FAILED 1062:\n\nThe service has not been started.\n\n"


def test_all_faces_show_one_service(machine: Machine) -> None:
    run_lines(machine, CREATE)
    _unused, seen = machine.cim.get("root/cimv2", "Win32_Service", {"name": "PROBE"})
    assert (seen["StartMode"], seen["State"], seen["DisplayName"]) == ("Auto", "Stopped", "Probe Engine")
    assert seen["PathName"] == '"C:\\Program Files\\p\\probe.exe" --run-service'
    assert machine.registry.data("SYSTEM\\CurrentControlSet\\Services\\probe", "Start") == 2
    found = machine.cim.query("root/cimv2", "select Name from Win32_Service where PathName like '%probe.exe%'")
    assert [one["Name"] for one in found.instances] == ["probe"]


def test_automatic_services_start_with_the_machine(machine: Machine) -> None:
    async def scene() -> tuple[str, list[str | None]]:
        await run(machine, CREATE)
        await machine.reboot()
        await asyncio.sleep(0.01)
        service = machine.services.get("probe")
        return service.state if service else "gone", [row.path for row in machine.processes.named("probe.exe")]

    assert play(scene) == ("Running", ["C:\\Program Files\\p\\probe.exe"])


def test_a_failing_program(machine: Machine) -> None:
    machine.files.write("C:\\fail", b"x")

    async def scene() -> list[Finished]:
        return [await run(machine, CREATE), await run(machine, "net start probe"), await run(machine, "sc query probe")]

    done = play(scene)
    assert [one.code for one in done] == [0, 2, 0]
    assert "System error 1066 has occurred." in done[1].error_text
    assert "WIN32_EXIT_CODE    : 1066  (0x42a)\n        SERVICE_EXIT_CODE  : 7  (0x7)" in done[2].text


@pytest.mark.parametrize(("flag", "state"), [("1", "Running"), ("0", "Stopped")])
def test_recovery_actions_after_a_stop_with_an_error_code_need_the_failure_flag(machine: Machine, flag: str, state: str) -> None:
    machine.files.write("C:\\fail", b"x")

    async def scene() -> str:
        await run(machine, CREATE)
        await run(machine, "sc failure probe reset= 86400 actions= restart/1000/restart/1000//1000")
        await run(machine, f"sc failureflag probe {flag}")
        await run(machine, "sc start probe")
        await asyncio.sleep(0.001)
        machine.files.delete("C:\\fail")
        await asyncio.sleep(0.1)
        service = machine.services.get("probe")
        return service.state if service else "gone"

    assert play(scene) == state
    data = machine.registry.data("SYSTEM\\CurrentControlSet\\Services\\probe", "FailureActions")
    assert isinstance(data, bytes)
    assert data[:4] == bytes([128, 81, 1, 0])


def test_a_killed_service_is_restarted_by_its_recovery_actions(machine: Machine) -> None:
    async def scene() -> list[Any]:
        for line in (CREATE, "sc failure probe reset= 86400 actions= restart/1000", "sc start probe"):
            await run(machine, line)
        before = machine.processes.named("probe.exe")[0].pid
        killed = await run(machine, "taskkill /im probe.exe /f")
        await asyncio.sleep(0.1)
        after = machine.processes.named("probe.exe")[0].pid
        return [killed.code, before != after, machine.services.get("probe").state]  # type: ignore[union-attr]

    assert play(scene) == [0, True, "Running"]


def test_a_plain_program_is_no_service(machine: Machine) -> None:
    machine.files.write("C:\\plain.exe", b"MZ")
    done = run_lines(
        machine, "sc create plain binPath= C:\\plain.exe", "sc start plain", "sc create gone binPath= C:\\gone.exe", "sc start gone"
    )
    assert [one.code for one in done] == [0, 1053, 0, 2]


def test_running_programs_cannot_be_replaced(machine: Machine) -> None:
    async def scene() -> list[Finished]:
        await run(machine, CREATE)
        await run(machine, "sc start probe")
        return [
            await run(machine, 'del "C:\\Program Files\\p\\probe.exe"'),
            await run(machine, 'copy C:\\Windows\\System32\\tar.exe "C:\\Program Files\\p\\probe.exe"'),
            await run(machine, 'ren "C:\\Program Files\\p\\probe.exe" old.exe'),
        ]

    done = play(scene)
    assert "being used by another process" in done[0].error_text
    assert [one.code for one in done[1:]] == [1, 0]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("sc create x binPath=C:\\x.exe", 1639),
        ("sc create winrm binPath= C:\\x.exe", 1073),
        ('sc create x binPath= C:\\x.exe DisplayName= "Windows Event Log"', 1078),
        ("sc config nosuch start= auto", 1060),
        ("sc config spooler start= disabled", 0),
        ("sc start remoteregistry", 1058),
        ("sc stop rpcss", 1052),
        ("sc frobnicate x", 1639),
    ],
)
def test_exit_codes(machine: Machine, line: str, code: int) -> None:
    (done,) = run_lines(machine, line)
    assert done.code == code


def test_win32_service_methods_have_their_own_codes(machine: Machine) -> None:
    by = {"Name": "probe"}
    path = '"C:\\Program Files\\p\\probe.exe" --run-service'
    assert (
        invoke(
            machine,
            "Create",
            {},
            Name="probe",
            DisplayName="Probe",
            PathName=path,
            ServiceType="16",
            ErrorControl="1",
            StartMode="Automatic",
        )
        == 0
    )
    assert invoke(machine, "Create", {}, Name="probe", DisplayName="Other", PathName=path, StartMode="Automatic") == 23
    assert invoke(machine, "StopService", by) == 6
    assert invoke(machine, "ChangeStartMode", by, StartMode="Disabled") == 0
    assert invoke(machine, "StartService", by) == 14
    assert invoke(machine, "ChangeStartMode", by, StartMode="Auto") == 21
    assert invoke(machine, "Change", by, StartMode="Manual", PathName="C:\\nope.exe") == 0
    assert invoke(machine, "StartService", by) == 9
    assert invoke(machine, "Delete", by) == 0
    assert machine.services.get("probe") is None


def test_a_running_service_is_marked_for_deletion(machine: Machine) -> None:
    async def scene() -> list[int]:
        lines = [CREATE, "sc start probe", "sc delete probe", "sc delete probe", CREATE, "sc stop probe"]
        codes = [(await run(machine, line)).code for line in lines]
        await asyncio.sleep(0.01)
        return [*codes, (await run(machine, CREATE)).code]

    assert play(scene) == [0, 0, 0, 1072, 1072, 0, 0]
