# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shutdown orders and reboots."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.console import Finished, play, run, run_lines
from simulator.streams import Pipe
from simulator.windows.machine import Machine


def make(**settings: Any) -> Machine:
    return Machine("ws2022", "server-2022", boot_seconds=0.02, time_scale=0.01, **settings)


async def come_up(machine: Machine, line: str) -> list[str]:
    """Order a reboot and wait for the machine; the power events."""
    events: list[str] = []
    up = asyncio.Event()

    def listen(event: str) -> None:
        events.append(event)
        if event == "up":
            up.set()

    machine.on_power(listen)
    assert (await run(machine, line)).code == 0
    await asyncio.wait_for(up.wait(), 5)
    await asyncio.sleep(0)
    return events


def test_a_reboot_in_order() -> None:
    machine = make()
    before = machine.boot_time
    assert play(lambda: come_up(machine, "shutdown /r /t 2 /d p:2:4")) == ["going down", "down", "starting", "up"]
    assert machine.boot_time > before
    assert machine.running
    assert machine.power.boots == 1


def test_windows_may_restart_once_more_by_itself() -> None:
    machine = make(extra_boots=1)
    play(lambda: come_up(machine, "shutdown /r /t 2"))
    assert machine.power.boots == 2


def test_running_programs_end_with_the_machine() -> None:
    machine = make()

    async def scene() -> int:
        out = Pipe()
        task = asyncio.ensure_future(machine.execute("tar -tf -", stdin=Pipe(), stdout=out, stderr=Pipe()))
        await asyncio.sleep(0)
        await machine.reboot()
        code = await task
        assert out.ended
        return code

    assert play(scene) == 0xC000013A - 0x100000000


def test_volatile_keys_go_and_the_rest_stays() -> None:
    machine = make()
    machine.registry.set("SOFTWARE\\Mine", "x", "y")
    machine.registry.create("SOFTWARE\\Volatile", volatile=True)
    logon = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\AutoLogonChecked"
    machine.registry.delete_key(logon)
    play(machine.reboot)
    assert machine.registry.data("SOFTWARE\\Mine", "x") == "y"
    assert machine.registry.key("SOFTWARE\\Volatile") is None
    assert machine.registry.key(logon) is not None, "the logon prompt has come up"


@pytest.mark.parametrize(
    ("lines", "code", "error"),
    [
        (["shutdown /r /t 900", "shutdown /r /t 5"], 1190, "A system shutdown has already been scheduled.(1190)\n"),
        (["shutdown /r /t 900", "shutdown /a"], 0, ""),
        (["shutdown /a"], 1116, "Unable to abort the system shutdown because no shutdown was in progress.(1116)\n"),
        (["shutdown /r /t 5 /d p:300:1"], 87, "The parameter is incorrect.(87)\n"),
        (["shutdown /r /t x"], 87, "The parameter is incorrect.(87)\n"),
        ([f"shutdown /r /t 5 /c {'x' * 513}"], 87, "The parameter is incorrect.(87)\n"),
        (["shutdown"], 1, ""),
    ],
)
def test_orders_are_refused_like_windows(lines: list[str], code: int, error: str) -> None:
    done = run_lines(make(), *lines)[-1]
    assert (done.code, done.error_text) == (code, error)


def test_without_the_privilege() -> None:
    machine = make(remote_shutdown=False)
    (done,) = run_lines(machine, "shutdown /r /t 5")
    assert (done.code, done.error_text) == (5, "Access is denied.(5)\n")

    async def scene() -> Any:
        return (await machine.cim.invoke("root/cimv2", "Win32_OperatingSystem", "Reboot", {}, {}))[1]

    assert play(scene) == {"ReturnValue": 1314}


def test_while_it_goes_down() -> None:
    machine = make()

    async def scene() -> Finished:
        machine.power.going_down = True
        return await run(machine, "shutdown /r /t 5")

    assert play(scene).code == 1115


def test_a_machine_that_never_goes_down() -> None:
    machine = make(refuses_reboot=True)

    async def scene() -> bool:
        await run(machine, "shutdown /r /t 1")
        await asyncio.sleep(0.05)
        return machine.running

    assert play(scene)
    assert machine.power.boots == 0


def test_a_machine_that_never_returns() -> None:
    machine = make(never_returns=True)

    async def scene() -> bool:
        await run(machine, "shutdown /r /t 1")
        await asyncio.sleep(0.2)
        return machine.running

    assert not play(scene)


def test_win32shutdown_reboots() -> None:
    machine = make()

    async def scene() -> int:
        await machine.cim.invoke("root/cimv2", "Win32_OperatingSystem", "Win32Shutdown", {}, {"Flags": "6", "Reserved": "0"})
        await asyncio.sleep(0.2)
        return machine.power.boots

    assert play(scene) == 1


def test_an_order_may_be_ignored_unless_system_gives_it() -> None:
    machine = make(ignores_remote_shutdown=True)

    async def scene() -> None:
        assert (await run(machine, "shutdown /r /t 0")).code == 0
        assert (machine.power.order, machine.power.boots) == (None, 0)
        line = (
            'schtasks /create /tn x /sc once /st 00:00 /ru SYSTEM /f /tr "cmd.exe /c shutdown.exe /r /t 2 & schtasks.exe /delete /tn x /f"'
        )
        assert (await run(machine, line)).code == 0
        await come_up(machine, "schtasks /run /tn x")

    play(scene)
    assert machine.power.boots == 1
    assert machine.tasks.all() == []


def test_a_task_takes_261_characters() -> None:
    machine = make()
    done = play(lambda: run(machine, f'schtasks /create /tn x /sc once /st 00:00 /ru SYSTEM /f /tr "{"x" * 262}"'))
    assert (done.code, "261" in done.error_text) == (1, True)


def test_servicing_may_go_on_after_windows_answers() -> None:
    machine = make(late_servicing=0.1, features={"Containers": "enable_pending"})

    async def scene() -> list[tuple[str, str, int]]:
        await come_up(machine, "shutdown /r /t 2")
        seen = []
        for _moment in ("at once", "later"):
            feature, installer = machine.features.find("Containers"), machine.services.get("TrustedInstaller")
            assert feature and installer
            prompt = await run(machine, 'reg query "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\AutoLogonChecked"')
            seen.append((feature.state.value, f"{installer.state} {installer.start_mode}", prompt.code))
            await asyncio.sleep(0.3)
        return seen

    assert play(scene) == [("Enable Pending", "Running Auto", 1), ("Enabled", "Stopped Manual", 0)]


def test_a_delayed_service_starts_after_the_others() -> None:
    machine = make(delayed_start_seconds=20)

    async def scene() -> list[str]:
        await run(machine, "sc config WinRM start= delayed-auto")
        events = await come_up(machine, "shutdown /r /t 2")
        await asyncio.sleep(0.5)
        return events

    assert play(scene)[-2:] == ["winrm down", "winrm up"]
