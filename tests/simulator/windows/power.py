# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shutdown orders, and what happens between two boots."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .machine import Machine

#: LogonUI creates this volatile key when the logon prompt is about to show (native-tools.md 3).
AUTO_LOGON_KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\AutoLogonChecked"
SERVICING_KEY = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing"


class Power:
    """Power state of one machine.

    Attributes:
        boot_time: When Windows started last, by the clock as it was then.
        order: The scheduled shutdown that has not begun, or None.
        going_down: A shutdown is in progress.
        boots: How often the machine has started since the simulation began.
        hypervisor_launch: bcdedit's ``hypervisorlaunchtype``.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.boot_time = (machine.now() - timedelta(hours=30, minutes=17)).replace(microsecond=500000)
        self.order: asyncio.Task[None] | None = None
        self.going_down = False
        self.boots = 0
        self.hypervisor_launch = "Auto"
        machine.registry.create(AUTO_LOGON_KEY, volatile=True)

    def schedule(self, seconds: float, *, restart: bool = True) -> int:
        """Order a shutdown. Win32 codes: 0, 1115 in progress, 1190 scheduled already."""
        if self.going_down:
            return 1115
        if self.order is not None:
            return 1190
        self.machine.log("reboot", f"{'restart' if restart else 'shutdown'} ordered in {seconds:g} s")
        self.order = asyncio.ensure_future(self._wait(seconds, restart))
        return 0

    def abort(self) -> int:
        """Withdraw the order. Win32 codes: 0, 1116 nothing to withdraw."""
        if self.order is None or self.going_down:
            return 1116
        self.order.cancel()
        self.order = None
        self.machine.log("reboot", "order withdrawn")
        return 0

    async def _wait(self, seconds: float, restart: bool) -> None:
        await asyncio.sleep(seconds * self.machine.switches.time_scale)
        self.order = None
        if self.machine.switches.refuses_reboot:
            self.machine.log("reboot", "the order was accepted but nothing happens")
            return
        await self._go_down()
        if restart and not self.machine.switches.never_returns:
            await self._come_up()

    async def restart(self) -> None:
        """Down and up again, at once."""
        await self._go_down()
        await self._come_up()

    async def _go_down(self) -> None:
        machine = self.machine
        self.going_down = True
        await machine.power_event("going down")
        await machine.services.shut_down()
        machine.running = False
        await machine.power_event("down")
        await machine.kill_tasks()
        machine.pipes.clear()

    async def _come_up(self) -> None:
        machine = self.machine
        late = machine.switches.late_servicing if machine.features.waiting() else 0
        first_hypervisor = not machine.hypervisor_running
        for _unused in range(1 + machine.switches.extra_boots):
            await asyncio.sleep(machine.boot_seconds)
            self._start_kernel()
            if not late and machine.features.carry_out():
                await asyncio.sleep(machine.servicing_seconds)
        machine.hypervisor_running = machine.hypervisor_can_start()
        machine.running = True
        self.going_down = False
        await machine.power_event("starting")
        await machine.services.boot()
        await self._open()
        if late:
            machine.keep(asyncio.ensure_future(self._finish_servicing(late)))
            return
        machine.registry.create(AUTO_LOGON_KEY, volatile=True)
        if first_hypervisor and machine.hypervisor_running and machine.switches.network_disturbance:
            machine.keep(asyncio.ensure_future(self._disturb(machine.switches.network_disturbance)))

    async def _open(self) -> None:
        """Windows answers, if its WinRM runs."""
        machine = self.machine
        await machine.power_event("up")
        winrm = machine.services.get("WinRM")
        if winrm is None or winrm.state == "Stopped":  # disabled, or delayed
            await machine.power_event("winrm down")

    async def _finish_servicing(self, seconds: float) -> None:
        """Pending changes are made while WinRM answers already; TrustedInstaller is set to start by itself as long as there is work."""
        machine = self.machine
        installer = machine.services.get("TrustedInstaller")
        machine.registry.create(f"{SERVICING_KEY}\\RebootInProgress", volatile=True)
        if installer:
            installer.start_mode, installer.state = "Auto", "Running"
        await asyncio.sleep(seconds)
        machine.features.carry_out()
        machine.services.sync_features(start=True)
        machine.hypervisor_running = machine.hypervisor_can_start()
        machine.registry.delete_key(f"{SERVICING_KEY}\\RebootInProgress")
        if installer:
            installer.start_mode, installer.state = "Manual", "Stopped"
        machine.registry.create(AUTO_LOGON_KEY, volatile=True)

    async def _disturb(self, seconds: float) -> None:
        """The virtual switch takes over the network adapter: for a while nothing gets through."""
        await asyncio.sleep(0.2)
        await self.machine.power_event("winrm down")
        await asyncio.sleep(seconds)
        await self.machine.power_event("winrm up")

    def _start_kernel(self) -> None:
        machine = self.machine
        machine.registry.forget_volatile()
        machine.processes.boot()
        machine.clock.boot(machine.switches.clock_jump_at_boot)
        self.boot_time = machine.now()
        self.boots += 1
