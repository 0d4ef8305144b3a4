# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated Windows: the single state that WinRM, programs and the engine all read and change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .. import programs
from ..streams import Duplex, Pipe
from . import runtimes, setup
from .cim import Cim
from .clock import Clock
from .environment import Variables
from .features import Features
from .files import FileSystem
from .firewall import Firewall
from .language import language
from .power import Power
from .processes import ProcessTable
from .profiles import Platform, Profile, platform, profile
from .registry import Registry
from .services import Services
from .switches import Switches
from .tasks import Tasks

GIB = 1024**3


@dataclass(frozen=True)
class LogLine:
    """One line of a machine's log."""

    time: datetime
    kind: str
    text: str


class Machine:
    """A Windows machine. Its parts are attributes, each with rules of its own.

    Args:
        name: Host name.
        profile_name: See profiles.yml.
        overrides: ``platform`` (see platforms.yml), ``edition`` (see editions.yml), ``language`` (see languages/), any field of
            :class:`.profiles.Profile` (``revision`` ...), any field of :class:`Switches`, ``accounts``, ``memory_bytes``, ``processors``,
            ``disk_bytes``, ``free_bytes``, ``virtualization_firmware`` (bool), ``boot_seconds``, ``servicing_seconds``, ``engine_bridge``,
            ``hosts``, ``servicing_pending`` (bool), ``features`` (name to state), ``rollback_features``, ``source_missing`` (lists of
            names), ``failing_features`` (name to the exit code dism ends with), ``failing_services`` (name to the Win32 code of every
            start), ``clock_shift`` (seconds the clock is ahead), ``trusted_roots`` (PEM texts), ``domain`` (the one it has joined),
            ``time_zone`` (name) and ``utc_offset_minutes``, ``antivirus`` (names of products beside Defender), ``runtimes`` (see runtimes.py).

    Attributes:
        name: Host name as Windows knows it.
        profile: Release (build, revision, edition ...); see profiles.yml.
        platform: What it runs on; see platforms.yml.
        accounts: User name to password, for WinRM.
        registry: All hives (windows/registry.py).
        files: The file system, in memory (windows/files.py); knows the disk's free space.
        services: The service control manager (windows/services.py).
        features: Optional features and servicing (windows/features.py).
        processes: The process table (windows/processes.py).
        firewall: Firewall rules (windows/firewall.py).
        power: Shutdown orders and boots (windows/power.py).
        clock: The time of day, which may be wrong or jump (windows/clock.py).
        domain: The domain it belongs to; empty for none.
        antivirus: Names of products beside Defender, which then steps back.
        language: The language programs talk (windows/language.py).
        tasks: The task scheduler (windows/tasks.py).
        trusted_roots: The machine's root certificates (PEM), which curl goes by; none to begin with.
        ntfs_rights: Lower-case path to the rights that icacls granted there: account and mask.
        cim: CIM classes over all that (windows/cim.py).
        pipes: Named pipes, ``docker_engine`` to a function that serves one client end; a PermissionError as value denies access.
        hosts: Names this machine can resolve besides loopback addresses, to the base URL that really answers
            (``{"download.docker.com": "http://127.0.0.1:8000"}``); all other names do not exist.
        application_events: The Application event log: time, source, event id, message; what no program writes is not simulated.
        compute_systems: What hcsdiag lists: id to (type, state, runtime GUID, owner); the engine enters its containers.
        engine_bridge: Path of a real engine's unix socket that docker.exe connects to, or None.
        running: False while the machine is down (rebooting).
        hypervisor_running: Windows' own hypervisor was started at the last boot.
    """

    def __init__(self, name: str, profile_name: str | Profile, **overrides: Any) -> None:
        programs.load()
        edition = overrides.pop("edition", "")
        base = profile(profile_name, edition) if isinstance(profile_name, str) else profile_name
        self.name = name[:15].upper()
        self.profile = base.with_(**{key: overrides.pop(key) for key in list(overrides) if key in Profile.__dataclass_fields__})
        self.switches = Switches(**{key: overrides.pop(key) for key in list(overrides) if key in Switches.__dataclass_fields__})
        self.platform: Platform = platform(overrides.pop("platform", "metal"))
        self.accounts: dict[str, str] = dict(overrides.pop("accounts", {"vagrant": "vagrant"}))
        self.memory_bytes: int = overrides.pop("memory_bytes", self.platform.memory_bytes)
        self.processors: int = overrides.pop("processors", self.platform.processors)
        self.virtualization_firmware: bool = overrides.pop("virtualization_firmware", True)
        self.boot_seconds: float = overrides.pop("boot_seconds", 1.0)
        self.servicing_seconds: float = overrides.pop("servicing_seconds", 0.05)
        self.engine_bridge: str | None = overrides.pop("engine_bridge", None)
        self.hosts: dict[str, str] = dict(overrides.pop("hosts", {}))
        self.language = language(overrides.pop("language", "en-US"))
        self.domain: str = overrides.pop("domain", "")
        self.antivirus: list[str] = list(overrides.pop("antivirus", ()))
        self.time_zone_name: str = overrides.pop("time_zone", "UTC")
        self.utc_offset_minutes: int = overrides.pop("utc_offset_minutes", 0)
        self.clock = Clock(overrides.pop("clock_shift", 0))
        self.ntfs_rights: dict[str, list[tuple[str, str]]] = {}
        self.trusted_roots: list[str] = list(overrides.pop("trusted_roots", ()))
        self.compute_systems: dict[str, tuple[str, str, str, str]] = {}
        self.application_events: list[tuple[datetime, str, int, str]] = []
        self.running = True
        self.hypervisor_running = False
        self.log_lines: list[LogLine] = []
        self.log_listeners: list[Callable[[LogLine], None]] = []
        self._power_listeners: list[Callable[[str], Any]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self.pipes: dict[str, Callable[[Duplex], Awaitable[None]] | PermissionError] = {}
        self._build(overrides)
        if overrides:
            raise TypeError(f"unknown settings of machine {name}: {', '.join(overrides)}")

    def _build(self, overrides: dict[str, Any]) -> None:
        disk = overrides.pop("disk_bytes", 127 * GIB)
        self.files = FileSystem(disk, disk)
        self.files.now = self.now
        self.registry = Registry()
        self.processes = ProcessTable(self.now, memory_processes=self.profile.build >= 26100)
        self.features = Features(self)
        self.features.rollback_listeners.append(programs.dism_rolled_back)
        for feature, state in overrides.pop("features", {}).items():
            self.features.set_state(feature, state)
        self.features.rollback = set(overrides.pop("rollback_features", ()))
        self.features.source_missing = set(overrides.pop("source_missing", ()))
        self.features.failing = dict(overrides.pop("failing_features", {}))
        self.firewall = Firewall()
        setup.install(self)
        self.files.in_use = self.processes.executing
        self.files.free_bytes = overrides.pop("free_bytes", disk - 27 * GIB)
        self.services = Services(self, overrides.pop("failing_services", {}))
        self.services.sync_features(start=True)
        runtimes.install(self, overrides.pop("runtimes", {}))
        self.power = Power(self)
        self.tasks = Tasks(self)
        self.hypervisor_running = self.hypervisor_can_start()
        self.cim = Cim(self)
        if overrides.pop("servicing_pending", False):
            self.features.mark_reboot_pending()

    # --- what it is ----------------------------------------------------------------------------------------------------------

    @property
    def virtualization_available(self) -> bool:
        """Whether a hypervisor could start here: firmware on and, in a guest, nesting exposed."""
        return self.platform.nested and (self.platform.virtual or self.virtualization_firmware)

    @property
    def hypervisor_present(self) -> bool:
        """Win32_ComputerSystem.HypervisorPresent: its own hypervisor, or the one under it (native-tools.md 6)."""
        return self.platform.virtual or self.hypervisor_running

    def hypervisor_can_start(self) -> bool:
        """Whether this boot starts Windows' hypervisor. The feature itself is enabled either way (native-tools.md 1.4)."""
        return "hypervisor" in self.features.provided() and self.virtualization_available and self.hypervisor_launch != "Off"

    @property
    def hypervisor_launch(self) -> str:
        """bcdedit's hypervisorlaunchtype."""
        return self.power.hypervisor_launch if hasattr(self, "power") else "Auto"

    @property
    def boot_time(self) -> datetime:
        """Win32_OperatingSystem.LastBootUpTime."""
        return self.power.boot_time + (self.clock.moved_since_boot if self.switches.boot_time_follows_clock else timedelta())

    def now(self) -> datetime:
        """The time as this machine has it."""
        return self.clock.now()

    @property
    def time_zone(self) -> timezone:
        """Its offset from UTC, the same all year."""
        return timezone(timedelta(minutes=self.utc_offset_minutes))

    # --- log -----------------------------------------------------------------------------------------------------------------

    def log(self, kind: str, text: str) -> None:
        """One line of the live log: kinds ``cmd`` (a line given to cmd.exe), ``program``, ``service``, ``feature``, ``reboot``,
        ``engine``, ``wsman``, ``refused``."""
        line = LogLine(self.now(), kind, text)
        self.log_lines.append(line)
        for listener in self.log_listeners:
            listener(line)

    @property
    def started_programs(self) -> list[str]:
        """The full command line of every program started so far (cmd.exe's own lines are logged as kind ``cmd``)."""
        return [line.text for line in self.log_lines if line.kind == "program"]

    # --- running things ------------------------------------------------------------------------------------------------------

    def environment(self, user: str = "") -> Variables:
        """What a new logon of that user finds (wsman recording receive-environment-noprofile, and the registry's variables)."""
        return setup.environment(self, user)

    async def execute(
        self,
        command_line: str,
        *,
        stdin: Pipe,
        stdout: Pipe,
        stderr: Pipe,
        environment: Mapping[str, str] | None = None,
        working_directory: str = "C:\\Windows\\System32",
        user: str = "",
        elevated: bool | None = None,
    ) -> int:
        """Run a line under ``cmd.exe /C`` to its end; the exit code. Cancelling the task kills the processes.

        When it returns, stdout and stderr are ended and stdin is closed. Every program started is written to :attr:`log_lines`
        as kind ``program`` with its full command line. ``environment`` is laid over the logon's own variables.
        """
        from ..programs.starts import run_under_cmd  # programs know machines; here the knowledge is only for this moment

        variables = self.environment(user)
        variables.update(environment or {})
        work = run_under_cmd(
            self,
            command_line,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            environment=variables,
            working_directory=working_directory,
            user=user,
            elevated=self.switches.elevated if elevated is None else elevated,
        )
        return await self._finish(work, stdin, stdout, stderr)

    async def run_as_system(self, command_line: str, *, stdin: Pipe, stdout: Pipe, stderr: Pipe) -> int:
        """Run a program outside any shell, as SYSTEM with all its rights; its exit code, 2 when there is no such program."""
        from ..programs.starts import run_as_service  # as above

        work = run_as_service(self, command_line, stdin=stdin, stdout=stdout, stderr=stderr, environment=self.environment("SYSTEM"))
        return await self._finish(work, stdin, stdout, stderr)

    async def _finish(self, work: Coroutine[Any, Any, int], stdin: Pipe, stdout: Pipe, stderr: Pipe) -> int:
        task = self.keep(asyncio.ensure_future(work))
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        finally:
            for pipe in (stdout, stderr):
                await pipe.end()
            await stdin.close()
        return self.exit_code(0xC000013A if task.cancelled() else task.result())

    def exit_code(self, code: int) -> int:
        """An exit code in the form this machine reports it (:attr:`Switches.signed_exit_codes`)."""
        code &= 0xFFFFFFFF
        return code - 0x100000000 if self.switches.signed_exit_codes and code & 0x80000000 else code

    def keep(self, task: asyncio.Task[Any]) -> asyncio.Task[Any]:
        """Remember a task as part of the running system: it is cancelled when the machine goes down."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def later(self, seconds: float, action: Callable[[], Awaitable[Any]]) -> asyncio.Task[Any]:
        """Do something after a while, unless the machine goes down before."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await action()

        return self.keep(asyncio.ensure_future(wait()))

    async def kill_tasks(self) -> None:
        """End all running programs (power off). The caller's own task is spared."""
        tasks = {task for task in self._tasks if task is not asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=2)

    # --- named pipes -----------------------------------------------------------------------------------------------------------

    def connect_pipe(self, name: str) -> Duplex:
        """Open a named pipe as a client. Raises FileNotFoundError (nobody listens) or PermissionError."""
        server = self.pipes.get(name)
        if server is None:
            raise FileNotFoundError(2, "The system cannot find the file specified.", f"//./pipe/{name}")
        if isinstance(server, PermissionError):
            raise PermissionError(13, "Access is denied.", f"//./pipe/{name}")
        ours, theirs = Duplex.pair()

        async def serve() -> None:
            try:
                await server(theirs)
            except (BrokenPipeError, ConnectionError):
                return
            except Exception as error:  # a fault of the simulation itself must be seen, not lost in a task
                self.log("refused", f"the pipe {name} failed: {error!r}")
                await theirs.close()

        self.keep(asyncio.ensure_future(serve()))
        return ours

    # --- power -------------------------------------------------------------------------------------------------------------------

    def on_power(self, listener: Callable[[str], Any]) -> None:
        """Call ``listener`` with ``going down``, ``down``, ``starting``, ``up``: WinRM closes and opens its port, the engine stops and
        starts; with ``winrm down`` and ``winrm up`` when only that service stops and starts. A listener may return an awaitable, which
        is awaited."""
        self._power_listeners.append(listener)

    async def power_event(self, event: str) -> None:
        """Tell all listeners."""
        self.log("reboot", event)
        for listener in list(self._power_listeners):
            result = listener(event)
            if hasattr(result, "__await__"):
                await result

    async def reboot(self, delay: float = 0) -> None:
        """Go down after ``delay`` seconds and come up again: servicing is carried out, boot time changes, automatic services start."""
        await asyncio.sleep(delay)
        await self.power.restart()

    def uptime(self) -> timedelta:
        return self.now() - self.boot_time
