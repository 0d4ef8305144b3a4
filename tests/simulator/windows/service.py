# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One service of Windows: its configuration, its state, and its record in the registry."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from .registry import REG_BINARY, REG_EXPAND_SZ, REG_MULTI_SZ, Registry

SERVICES_KEY = "SYSTEM\\CurrentControlSet\\Services"
START_MODES = {"Boot": 0, "System": 1, "Auto": 2, "Manual": 3, "Disabled": 4}
#: Types of drivers: they run in the kernel, have no process, and are not listed among the services.
DRIVERS = (1, 2)


@dataclass
class Service:
    """One installed service.

    A service's program calls :meth:`running` when it is up and ends soon after :attr:`stop_requested`; it may set
    :attr:`specific_code` before it returns 1066.
    """

    name: str
    display_name: str
    path: str
    start_mode: str = "Manual"
    delayed: bool = False
    type: int = 16
    error_control: int = 1
    account: str = "LocalSystem"
    dependencies: list[str] = field(default_factory=list)
    description: str = ""
    accept_stop: bool = True
    state: str = "Stopped"
    exit_code: int = 1077
    specific_code: int = 0
    pid: int = 0
    failure_reset: int | None = None
    failure_actions: list[tuple[str, int]] = field(default_factory=list)
    recovers_from_codes: bool = False
    marked_for_deletion: bool = False
    feature: str | None = None
    failures: int = 0
    failed_at: float = 0.0
    stop_requested: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def to(self, state: str) -> None:
        """Enter a state and wake those who wait for a change."""
        self.state = state
        self.changed.set()
        self.changed = asyncio.Event()

    def running(self) -> None:
        """The program reports that it is up."""
        if self.state == "Start Pending":
            self.exit_code = 0
            self.to("Running")

    async def settled(self, timeout: float = 30) -> None:
        """Wait until no start or stop is under way."""
        deadline = asyncio.get_running_loop().time() + timeout
        while self.state.endswith("Pending"):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return
            try:
                await asyncio.wait_for(self.changed.wait(), left)
            except TimeoutError:
                return

    def write_to(self, registry: Registry) -> None:
        """Keep its configuration, as the service control manager does."""
        key = f"{SERVICES_KEY}\\{self.name}"
        registry.set(key, "Type", self.type)
        registry.set(key, "Start", START_MODES[self.start_mode])
        registry.set(key, "ErrorControl", self.error_control)
        registry.set(key, "ImagePath", self.path, REG_EXPAND_SZ)
        registry.set(key, "DisplayName", self.display_name)
        registry.set(key, "ObjectName", self.account)
        registry.set(key, "DelayedAutostart", int(self.delayed))
        if self.description:
            registry.set(key, "Description", self.description)
        if self.dependencies:
            registry.set(key, "DependOnService", list(self.dependencies), REG_MULTI_SZ)
        else:
            registry.delete_value(key, "DependOnService")
        if self.recovers_from_codes:
            registry.set(key, "FailureActionsOnNonCrashFailures", 1)
        if self.failure_reset is not None:
            registry.set(key, "FailureActions", self._failure_bytes(), REG_BINARY)

    def _failure_bytes(self) -> bytes:
        """SERVICE_FAILURE_ACTIONS as stored: reset period first (native-tools.md 2), then the actions."""
        kinds = {"": 0, "restart": 1, "reboot": 2, "run": 3}
        head = [self.failure_reset or 0, 0, 0, len(self.failure_actions), 20]
        rows = [number for action, delay in self.failure_actions for number in (kinds.get(action, 0), delay)]
        return b"".join(number.to_bytes(4, "little") for number in head + rows)

    def read_from(self, registry: Registry) -> None:
        """What the registry says now counts from this boot on."""
        key = f"{SERVICES_KEY}\\{self.name}"
        start = registry.data(key, "Start")
        self.start_mode = next((mode for mode, number in START_MODES.items() if number == start), self.start_mode)
        self.path = str(registry.data(key, "ImagePath") or self.path)
        self.delayed = bool(registry.data(key, "DelayedAutostart"))
        depends = registry.data(key, "DependOnService")
        self.dependencies = list(depends) if isinstance(depends, list) else []
