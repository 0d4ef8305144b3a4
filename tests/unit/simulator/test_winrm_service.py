# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service WinRM and its port are one thing: it closes with a stop, and stays closed while the service is disabled."""

from __future__ import annotations

import asyncio
import socket

from simulator.console import run
from simulator.fleet import Fleet
from simulator.windows.machine import Machine


def answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


async def seen_after(machine: Machine, line: str, address: str) -> bool:
    await run(machine, line)
    await asyncio.sleep(0.2)
    return await asyncio.to_thread(answers, address, 5985)


def test_the_port_follows_the_service() -> None:
    async def scene() -> list[bool]:
        address = "127.10.201.7"
        host = {"name": "one", "profile": "server-2022", "address": address, "accounts": {"a": "b"}, "boot_seconds": 0.01}
        async with Fleet.load({"hosts": [host]}) as fleet:
            machine = fleet.machines["one"]
            seen = [await seen_after(machine, line, address) for line in ("ver", "sc stop WinRM", "sc start WinRM", "net stop WinRM")]
            await machine.reboot()
            seen.append(await seen_after(machine, "ver", address))
            await run(machine, "sc config WinRM start= disabled")
            await machine.reboot()
            return [*seen, await seen_after(machine, "ver", address)]

    assert asyncio.run(asyncio.wait_for(scene(), 30)) == [True, False, True, False, True, False]
