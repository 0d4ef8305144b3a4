# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service control manager: services, their states, and the programs behind them."""

from __future__ import annotations

import asyncio
import ntpath
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .profiles import read_data
from .service import DRIVERS, SERVICES_KEY, Service

if TYPE_CHECKING:
    from .machine import Machine

#: How long the service control manager waits for a program that never reports (really about 30 s, native-tools.md 2).
PIPE_TIMEOUT = 1.0


ServiceMain = Callable[["Machine", Service], Awaitable[int]]
#: Lower-case file name of a program (``dockerd.exe``) to what it does as a service: an async function of machine and service
#: that calls ``service.running()`` and returns its Win32 exit code.
SERVICE_MAINS: dict[str, ServiceMain] = {}


async def _idle(machine: Machine, service: Service) -> int:
    """A service of Windows' own whose work is not simulated."""
    service.running()
    machine.services.tell_winrm(service, "winrm up")
    await service.stop_requested.wait()
    machine.services.tell_winrm(service, "winrm down")
    return 0


#: Codes of a program that died without reporting itself stopped.
_CRASHES = (1067, 0xC0000005)
#: Failures that show only when the program runs.
_FAILS_LATER = (1053, 1066, 1067)


def _failing(code: int) -> ServiceMain:
    """A program that ends with this code before it is up."""

    async def fail(machine: Machine, service: Service) -> int:
        service.specific_code = 1 if code == 1066 else 0
        return code

    return fail


def executable(path_name: str) -> str:
    """The program in an image path with its arguments."""
    text = path_name.strip()
    if text.startswith('"'):
        return text[1:].partition('"')[0]
    lowered = text.lower()
    return text[: lowered.index(".exe") + 4] if ".exe" in lowered else text.split(" ")[0]


class Services:
    """All services of one machine.

    Attributes:
        failing: Lower-case names of services that do not start, to the Win32 code: 1053 hangs and is given up, 1066 and 1067 start and
            end at once, all others are refused at once (a test's knob).
    """

    def __init__(self, machine: Machine, failing: Mapping[str, int] | None = None) -> None:
        self.machine = machine
        self.failing = {name.lower(): code for name, code in (failing or {}).items()}
        self._services: dict[str, Service] = {}
        for name, row in read_data("services.yml")["base"].items():
            self._install(name, row)

    def _install(self, name: str, row: dict[str, object], feature: str | None = None) -> None:
        path = str(row.get("path", f"C:\\Windows\\system32\\svchost.exe -k {name}"))
        service = Service(name, str(row["display"]), path, str(row["mode"]), feature=feature)
        service.accept_stop = bool(row.get("accept_stop", True))
        service.account = str(row.get("account", "LocalSystem"))
        service.type = int(str(row.get("type", 32 if "svchost" in path else 16)))
        self._services[name.lower()] = service
        service.write_to(self.machine.registry)
        if row["state"] == "Running":
            self._run_silently(service)

    def _run_silently(self, service: Service) -> None:
        """A service of Windows' own, up since the start; no task is needed for it."""
        exe = executable(service.path)
        service.exit_code, service.state = 0, "Running"
        if service.type in DRIVERS:
            return
        service.pid = self.machine.processes.add(
            ntpath.basename(exe), parent=self.machine.processes.services, command_line=service.path, path=exe
        )

    def be_up(self, name: str) -> None:
        """Let a service be up since the start, as on a machine set up before the simulation began. Raises KeyError."""
        self._run_silently(self._services[name.lower()])

    def tell_winrm(self, service: Service, event: str) -> None:
        """The service WinRM has a port: whoever keeps it is told as of power, shortly after, so that a last answer can leave."""
        if service.name.lower() == "winrm" and not self.machine.power.going_down:
            self.machine.later(0.05, lambda: self.machine.power_event(event))

    # --- looking -----------------------------------------------------------------------------------------------------------

    def all(self) -> list[Service]:
        return sorted(self._services.values(), key=lambda service: service.name.lower())

    def get(self, name: str) -> Service | None:
        """By service name, without case."""
        return self._services.get(name.lower())

    def by_display_name(self, name: str) -> Service | None:
        return next((one for one in self._services.values() if one.display_name.lower() == name.lower()), None)

    # --- changing ----------------------------------------------------------------------------------------------------------

    def create(
        self,
        name: str,
        path: str,
        *,
        display_name: str = "",
        start_mode: str = "Manual",
        delayed: bool = False,
        account: str = "LocalSystem",
        dependencies: Sequence[str] = (),
        error_control: int = 1,
        type: int = 16,
    ) -> int:
        """Install a service. Win32 codes: 0, 87, 1072, 1073, 1078."""
        old = self.get(name)
        if old:
            return 1072 if old.marked_for_deletion else 1073
        if not name or len(name) > 256 or "/" in name or "\\" in name:
            return 123
        if self.by_display_name(display_name or name) or self.get(display_name or name):
            return 1078
        service = Service(name, display_name or name, path, start_mode, delayed, type, error_control, account, list(dependencies))
        self._services[name.lower()] = service
        service.write_to(self.machine.registry)
        self.machine.log("service", f"{name}: created, {path}")
        return 0

    def save(self, service: Service) -> None:
        """Write a changed configuration to the registry."""
        service.write_to(self.machine.registry)
        self.machine.log("service", f"{service.name}: configuration changed")

    def delete(self, name: str) -> int:
        """Remove a service; one that still runs is marked and goes when it stops. Win32 codes: 0, 1060, 1072."""
        service = self.get(name)
        if service is None:
            return 1060
        if service.marked_for_deletion:
            return 1072
        self.machine.log("service", f"{service.name}: deleted")
        service.marked_for_deletion = True
        if service.state == "Stopped":
            self._forget(service)
        return 0

    def _forget(self, service: Service) -> None:
        self._services.pop(service.name.lower(), None)
        self.machine.registry.delete_key(f"{SERVICES_KEY}\\{service.name}")

    # --- starting and stopping ---------------------------------------------------------------------------------------------

    async def start(self, name: str) -> int:
        """Ask a service to start; its program is running, not necessarily up, when this returns.

        Win32 codes: 0, 2 (no such program), 1053, 1056, 1058, 1060, 1068, 1072.
        """
        service = self.get(name)
        if service is None:
            return 1060
        refusal = self._refuses_start(service)
        if refusal:
            return refusal
        for needed in service.dependencies:
            code = await self._start_dependency(needed)
            if code:
                return code
        return await self._launch(service)

    def _refuses_start(self, service: Service) -> int:
        if service.marked_for_deletion:
            return 1072
        if service.state != "Stopped":
            return 1056
        if service.start_mode == "Disabled":
            return 1058
        code = self.failing.get(service.name.lower(), 0)
        return 0 if code in _FAILS_LATER else code

    async def _start_dependency(self, name: str) -> int:
        service = self.get(name)
        if service is None:
            return 1068
        if service.state == "Stopped" and await self.start(name):
            return 1068
        await service.settled()
        return 0 if service.state == "Running" else 1068

    async def _launch(self, service: Service) -> int:
        exe = executable(service.path)
        if not self.machine.files.is_file(exe):
            service.exit_code = 2
            return 2
        from ..programs.process import PROGRAMS  # programs know machines; here the knowledge is only for this moment

        # What Windows brings along is taken for a service, unless it is known to be a program for people.
        own = exe.lower().startswith("c:\\windows\\") and ntpath.basename(exe).lower() not in PROGRAMS
        main = SERVICE_MAINS.get(ntpath.basename(exe).lower(), _idle if own else None)
        failure = self.failing.get(service.name.lower())
        if failure:
            main = None if failure == 1053 else _failing(failure)
        self.machine.log("program", service.path)
        service.stop_requested = asyncio.Event()
        service.specific_code = 0
        service.to("Start Pending")
        if main is None:
            await asyncio.sleep(PIPE_TIMEOUT)
            service.exit_code = 1053
            service.to("Stopped")
            return 1053
        service.pid = self.machine.processes.add(
            ntpath.basename(exe), parent=self.machine.processes.services, command_line=service.path, path=self.machine.files.real_path(exe)
        )
        self.machine.log("service", f"{service.name}: Start Pending")
        service.task = asyncio.ensure_future(self._watch(service, main))
        row = self.machine.processes.get(service.pid)
        if row:
            row.kill = service.task.cancel
        await asyncio.sleep(0)
        return 0

    async def _watch(self, service: Service, main: ServiceMain) -> None:
        """The life of a service's program."""
        try:
            code = await main(self.machine, service)
        except asyncio.CancelledError:
            code = 1067
        except Exception as error:  # a fault of the simulation itself must be seen, not lost in a task
            self.machine.log("refused", f"{service.name}: the simulated program failed: {error!r}")
            code = 1067
        asked = service.stop_requested.is_set()
        self.machine.processes.remove(service.pid)
        service.pid, service.task = 0, None
        service.exit_code = code
        service.to("Stopped")
        self.machine.log("service", f"{service.name}: Stopped ({code})")
        if service.marked_for_deletion:
            self._forget(service)
        elif code and self.machine.running and self._failed(service, code, asked=asked):
            self._recover(service)

    @staticmethod
    def _failed(service: Service, code: int, *, asked: bool) -> bool:
        """Whether an end counts as a failure: a crash does, a stop with an error code where failureflag says so (native-tools.md 2)."""
        return service.recovers_from_codes or (not asked and code in _CRASHES)

    def _recover(self, service: Service) -> None:
        """Recovery actions after a failure (native-tools.md 2). The count starts anew after a while without one."""
        if not service.failure_actions:
            return
        now = asyncio.get_running_loop().time()
        if service.failure_reset is not None and now - service.failed_at > service.failure_reset * self.machine.switches.time_scale:
            service.failures = 0
        service.failed_at = now
        action, delay = service.failure_actions[min(service.failures, len(service.failure_actions) - 1)]
        service.failures += 1
        seconds = delay / 1000 * self.machine.switches.time_scale
        if action == "restart":
            self.machine.later(seconds, lambda: self.start(service.name))
        elif action == "reboot":
            self.machine.log("service", f"{service.name}: recovery restarts the machine")
            self.machine.later(seconds, self._restart_machine)

    async def _restart_machine(self) -> None:
        self.machine.power.schedule(0)

    async def stop(self, name: str) -> int:
        """Ask a service to stop. Win32 codes: 0, 1051, 1052, 1060, 1061, 1062."""
        service = self.get(name)
        if service is None:
            return 1060
        if service.state == "Stopped":
            return 1062
        if service.state.endswith("Pending"):
            return 1061
        if not service.accept_stop:
            return 1052
        lowered = service.name.lower()
        if any(lowered in map(str.lower, one.dependencies) and one.state != "Stopped" for one in self.all()):
            return 1051
        self._request_stop(service)
        await asyncio.sleep(0)
        return 0

    def _request_stop(self, service: Service) -> None:
        if service.task is None:
            self.machine.processes.remove(service.pid)
            service.pid, service.exit_code = 0, 0
            service.to("Stopped")
            if not self.machine.power.going_down:  # at the end of Windows nobody wants a line for each
                self.machine.log("service", f"{service.name}: Stopped (0)")
                self.tell_winrm(service, "winrm down")
            if service.marked_for_deletion:
                self._forget(service)
            return
        self.machine.log("service", f"{service.name}: Stop Pending")
        service.to("Stop Pending")
        service.stop_requested.set()

    # --- boot --------------------------------------------------------------------------------------------------------------

    async def shut_down(self, timeout: float = 5) -> None:
        """Stop all, as at the end of Windows."""
        tasks = [service.task for service in self.all() if service.task]
        for service in self.all():
            if service.state != "Stopped":
                self._request_stop(service)
        if tasks:
            _unused, late = await asyncio.wait(tasks, timeout=timeout)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)

    def sync_features(self, *, start: bool = False) -> None:
        """Add and remove the services that features bring."""
        provided = self.machine.features.provided()
        if "vmcompute" in provided:
            for name in ("vmcompute.exe", "hcsdiag.exe"):
                self.machine.files.write(f"C:\\Windows\\System32\\{name}", b"MZ", size=300_000)
        if "hns" in provided:
            self.machine.files.write("C:\\Windows\\System32\\hnsdiag.exe", b"MZ", size=300_000)
        if "vmms" in provided:
            self.machine.files.write("C:\\Windows\\System32\\vmms.exe", b"MZ", size=300_000)
        for name, row in read_data("services.yml")["provided"].items():
            service = self.get(name)
            if name in provided and service is None:
                self._install(name, row, feature=name)
            elif name not in provided and service is not None and service.feature:
                self._forget(service)
            elif start and service is not None and service.state == "Stopped" and row["state"] == "Running":
                self._run_silently(service)

    async def boot(self) -> None:
        """Read the registry anew and start what starts by itself."""
        for service in self.all():
            service.read_from(self.machine.registry)
            service.failures, service.exit_code = 0, 1077
        for name, row in read_data("services.yml")["base"].items():
            known = self.get(name)
            late = known and known.delayed and known.start_mode == "Auto"
            if known and not late and known.state == "Stopped" and row["state"] == "Running" and known.start_mode in ("Auto", "Manual"):
                self._run_silently(known)
        self.sync_features(start=True)
        for service in self.all():
            if service.start_mode == "Auto" and service.state == "Stopped":
                await self._start_at_boot(service)

    async def _start_at_boot(self, service: Service) -> None:
        """Now, or a while after the others; a service that somebody else has started meanwhile is left alone."""
        if not service.delayed:
            await self.start(service.name)
            return
        switches = self.machine.switches
        self.machine.later(switches.delayed_start_seconds * switches.time_scale, lambda: self.start(service.name))
