# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, stop, kill, restart, remove: what a container does over time, and its trace in the host's process table.

Facts: windows-containers.md 3 (who may run where), docker-on-windows.md 2, 6 and 7.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from typing import TYPE_CHECKING, Any

from ..streams import Pipe
from . import health, specifications, texts
from .containers import Container, Program, State
from .networks import OPERATIONAL, UNSPECIFIED
from .output import STDERR, STDOUT
from .terminal import shown
from .validation import check_logger
from .values import now
from .versions import EngineVersion
from .workload import Job, NoSuchProgram, known_user, process_names

if TYPE_CHECKING:
    from .engine import Engine

Json = dict[str, Any]

#: What a Windows Server container runs beside its command (*unverified* selection).
SYSTEM_PROGRAMS = ("smss.exe", "csrss.exe", "wininit.exe", "services.exe", "lsass.exe", "svchost.exe", "CExecSvc.exe")
#: Exit codes of a command that was told to stop, or terminated (*unverified*: STATUS_CONTROL_C_EXIT for both).
STOPPED = KILLED = 0xC000013A
DEAF_LABEL = "winfleet.simulator.ignores-shutdown"
_SIGNALS = {
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "SEGV": 11, "PIPE": 13, "ALRM": 14, "TERM": 15,
}  # fmt: skip


def process_allowed(host_build: int, host_revision: int, image_build: int, image_revision: int, *, narrow: bool = False) -> bool:
    """Whether the Host Compute Service lets an image run as a process container (compatibility.yml rules.process and rules.revision).

    Above build 26100 the sources disagree (windows-containers.md 3.3): the floor stays at 20348 (containerd/platforms), or is 26100 with
    ``narrow`` (hcsshim).
    """
    if not image_build:
        return True
    if host_build < 20348:
        return image_build == host_build and (host_build != 14393 or image_revision == host_revision)
    floor = 26100 if narrow and host_build > 26100 else 20348
    return floor <= image_build <= host_build


def signal_number(signal: str, version: EngineVersion) -> int:
    """``SIGKILL``, ``kill`` or ``9`` as a number. Raises ApiError 400 for what is no signal."""
    bare = signal.upper().removeprefix("SIG")
    number = int(bare) if bare.isdecimal() else _SIGNALS.get(bare)
    if number is None:
        raise texts.invalid_signal(signal, version)
    return number


def ignores_shutdown(container: Container) -> bool:
    """A label makes a simulated program deaf to shutdown requests, so that time-outs can be seen."""
    return str((container.config["Labels"] or {}).get(DEAF_LABEL)).lower() == "true"


class Lifecycle:
    """Moves containers of one engine through their states."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = iter(range(2, 1 << 30))

    # -- start --------------------------------------------------------------------------------------------------------------

    async def start(self, container: Container) -> None:
        """Start it. Raises ApiError with what the Host Compute Service or HNS would say; the container stays created."""
        try:
            self._connect(container)
            specifications.check_security(container, self.engine)
            specifications.check_devices(container.host_config.get("Devices") or ())
            self._check_system(container)
            self._check_program(container)
            check_logger(container.host_config["LogConfig"])
        except texts.ApiError as error:
            container.state.error = error.message
            # The engine too tells by the text (moby daemon/errors.go, translateContainerdStartErr).
            container.state.exit_code = 127 if "CreateProcess" in error.message else container.state.exit_code or 128
            self._disconnect(container)
            raise
        self._run(container)
        await container.output.open()
        health.begin(self.engine, container)
        self.engine.events.container(container, "start")

    def _check_system(self, container: Container) -> None:
        host, image, version = self.engine.host, container.image, self.engine.version
        hyperv = container.isolation == "hyperv"
        extra = self._extra(container, hyperv)
        if hyperv and not container.image.utility_vm:
            raise texts.ApiError(500, "utility VM image could not be found")
        if hyperv and container.host_config.get("Devices"):
            raise texts.ApiError(500, "device assignment is not supported for HyperV containers")
        if hyperv and not host.hyperv_enabled:
            raise texts.no_hyperv_feature(container.id, extra, version)
        if hyperv and not host.hypervisor_running:
            raise texts.no_hypervisor(container.id, version)
        narrow = host.narrow_process_window
        if not hyperv and not process_allowed(host.build, host.revision, image.build, image.revision, narrow=narrow):
            raise texts.os_mismatch(container.id, extra, version)
        if not hyperv and host.newer_revision_fails and image.build == host.build and image.revision > host.revision:
            raise texts.exited_unexpectedly(container.id, version)

    def _extra(self, container: Container, hyperv: bool) -> str:
        """The creation document: in the message up to 20.10.6 (moby vendor/, hcsshim), or as the switch says."""
        asked = self.engine.creation_document
        if not (self.engine.version < EngineVersion(20, 10, 7) if asked is None else asked):
            return ""
        folder = f"{self.engine.data_root}\\windowsfilter"
        document = {
            "SystemType": "Container",
            "Name": container.id,
            "Owner": "docker",
            "IgnoreFlushesDuringBoot": True,
            "LayerFolderPath": f"{folder}\\{container.id}",
            "Layers": [{"ID": layer.digest[7:15], "Path": f"{folder}\\{layer.digest[7:]}"} for layer in container.image.layers],
            "HostName": container.hostname,
            "HvPartition": hyperv,
            "AllowUnqualifiedDNSQuery": True,
        }
        return json.dumps(document, separators=(",", ":"))

    def _check_program(self, container: Container) -> None:
        user = container.config["User"]
        if container.image.from_microsoft and not known_user(user, container.image.config.get("User")):
            raise texts.no_such_user(container.id, container.path, self.engine.version)
        if not container.has_drive(container.config["WorkingDir"]):
            raise texts.no_such_folder(container.id, self.engine.version)
        try:
            process_names(self._words(container), container.image.busybox, self._escaped(container), container.image.lacks)
        except NoSuchProgram as error:
            raise texts.program_not_found(container.id, str(error), self.engine.version) from error

    def _words(self, container: Container) -> list[str]:
        return [container.path, *container.args]

    def _escaped(self, container: Container) -> bool:
        return bool(container.config.get("ArgsEscaped"))

    def _run(self, container: Container) -> None:
        words = self._words(container)
        self._add_programs(container, process_names(words, container.image.busybox, self._escaped(container), container.image.lacks))
        pid = container.programs[len(SYSTEM_PROGRAMS)].pid
        container.state = State(running=True, ever_started=True, started=now(), finished=container.state.finished, pid=pid)
        if self.engine.version.major >= 29 and not container.host_config.get("Runtime"):
            container.host_config["Runtime"] = "io.containerd.runhcs.v1"
        container.stopped_by_user, container.ended_by = False, None
        container.exited = asyncio.Event()
        job = self.job(container, words, container.stdin, escaped=self._escaped(container))
        container.task = self.engine.spawn(job.run())
        self.engine.spawn(self._supervise(container, container.task))
        self.engine.host.log(f"container {container.name} started ({container.isolation}): {job.command_line}")

    def job(self, container: Container, words: list[str], stdin: Pipe | None, *, escaped: bool = False) -> Job:
        """A process tree in the container that writes to the container's output."""

        tty = bool(container.config["Tty"])

        async def stdout(data: bytes) -> None:
            await container.output.write(STDOUT, shown(data) if tty else data)

        async def stderr(data: bytes) -> None:
            await (stdout(data) if tty else container.output.write(STDERR, data))

        environment = dict(entry.partition("=")[::2] for entry in container.config["Env"] or ())
        version = self._inner_version(container)
        return Job(
            words, environment, stdin, stdout, stderr, container.image.busybox, version, container.hostname,
            files=container.files, escaped=escaped, directory=container.config["WorkingDir"],
            user=container.config["User"], lacks=container.image.lacks,
        )  # fmt: skip

    def _inner_version(self, container: Container) -> str:
        """``ver`` inside: the image's version under hyperv, the host's kernel under process isolation (docker-on-windows.md 2.10)."""
        host = self.engine.host
        if container.isolation == "hyperv" and container.image.os_version:
            return container.image.os_version
        return f"10.0.{host.build}.{host.revision}"

    def add_program(self, container: Container, name: str, session: int = 0) -> Program:
        """A process of the container appears: on the host too under process isolation."""
        if container.isolation == "hyperv":
            # PIDs inside the utility VM are a space of their own.
            last = container.programs[-1].pid if container.programs else random.randrange(400, 1200, 4)
            program = Program(name, last + random.randrange(4, 200, 4), on_host=False)
        else:
            program = Program(name, self.engine.host.add_process(name, session), on_host=True)
        container.programs.append(program)
        return program

    def remove_program(self, container: Container, program: Program) -> None:
        """The process ended."""
        if program in container.programs:
            container.programs.remove(program)
            if program.on_host:
                self.engine.host.remove_process(program.pid)

    def _add_programs(self, container: Container, names: list[str]) -> None:
        session = next(self._sessions)
        self.engine.host.add_system(container.id, container.isolation == "hyperv")
        if container.isolation == "hyperv":
            container.worker_pid = self.engine.host.add_worker(container.id)
        for name in (*SYSTEM_PROGRAMS, *names):
            self.add_program(container, name, session)

    # -- networks and ports ---------------------------------------------------------------------------------------------------

    def _connect(self, container: Container) -> None:
        networks = self.engine.state.networks
        for name in container.networks:
            network = networks.of_mode(name)
            if network is None:
                continue
            if network.name == "nat" or network.driver == "nat":
                container.ports = self._bind_ports(container, network.name)
            others = self.engine.state.containers.values()
            container.networks[name] |= network.attach(container.name, container.asked_endpoint(name), others, self.engine.version)
            self.engine.events.network(network, "connect", container=container.id)
        mode = container.host_config["NetworkMode"]
        if mode.startswith("container:"):
            self._join(container, mode.partition(":")[2])

    def _join(self, container: Container, name: str) -> None:
        """Use the network of another container, which has to run (moby daemon/container_operations.go, getNetworkedContainer)."""
        other = self.engine.find_container(name)
        if not other.state.running:
            raise texts.ApiError(409, f"cannot join network of a non running container: {name}")
        if container.isolation == "hyperv":
            raise texts.ApiError(500, "sharing of hyperv containers network is not supported")

    def _bind_ports(self, container: Container, network: str) -> dict[str, list[Json] | None]:
        ports: dict[str, list[Json] | None] = {str(key): None for key in container.config.get("ExposedPorts") or {}}
        taken = self._taken_ports()
        wanted = dict(container.host_config["PortBindings"])
        if container.host_config.get("PublishAllPorts"):
            wanted |= {key: [{}] for key in ports if not wanted.get(key)}
        for key, bindings in wanted.items():
            shown: list[Json] = []
            for binding in bindings or ():
                if (binding.get("HostIp") or "") not in UNSPECIFIED:
                    raise texts.host_address_refused(container.name, network)
                text = str(binding.get("HostPort") or "")
                if "-" in text:
                    raise texts.host_port_range(container.name, network)
                protocol = key.partition("/")[2] or "tcp"
                number = int(text or 0) or next(free for free in range(49152, 65536) if (free, protocol) not in taken)
                if (number, protocol) in taken or self.engine.host.port_taken(number):
                    raise texts.port_in_use(container.name, network)
                taken.add((number, protocol))
                shown.append({"HostIp": "0.0.0.0", "HostPort": str(number)})
            ports[key] = shown or None
        return ports

    def _taken_ports(self) -> set[tuple[int, str]]:
        return {
            (int(binding["HostPort"]), key.partition("/")[2] or "tcp")
            for other in self.engine.state.containers.values()
            if other.state.running
            for key, bindings in other.ports.items()
            for binding in bindings or ()
        }

    def _disconnect(self, container: Container) -> None:
        for name, endpoint in container.networks.items():
            network = next((one for one in self.engine.state.networks.networks if one.id == endpoint["NetworkID"]), None)
            if network is not None:
                self.engine.events.network(network, "disconnect", container=container.id)
            container.networks[name] |= OPERATIONAL
        container.ports = {}

    # -- end -------------------------------------------------------------------------------------------------------------------

    async def _supervise(self, container: Container, work: asyncio.Task[int]) -> None:
        """Wait for the command, which may be cancelled before it took its first step."""
        await asyncio.wait([work])
        if work.cancelled():
            code = STOPPED if container.ended_by is None else container.ended_by
        elif error := work.exception():
            # A fault of the simulation itself must be seen, and the container must not stay for ever.
            self.engine.host.log(f"container {container.name}: the simulated program failed: {error!r}")
            code = 1
        else:
            code = work.result()
        await self._ended(container, code)

    async def _ended(self, container: Container, code: int) -> None:
        for program in list(container.programs):
            self.remove_program(container, program)
        self.engine.host.remove_system(container.id)
        if container.worker_pid:
            self.engine.host.remove_process(container.worker_pid)
            container.worker_pid = 0
        state = container.state
        state.running, state.paused, state.pid, state.exit_code, state.finished = False, False, 0, code, now()
        health.end(container)
        self._disconnect(container)
        self.engine.execs.end_all(container)
        self.engine.events.container(container, "die", exitCode=str(code))
        if container.stdin is not None:
            await container.stdin.close()
            container.stdin = Pipe()  # for the next run: a client may attach before the start
        again = self.engine.running and self.wants_restart(container)
        state.restarting = again
        await container.output.end()
        container.exited.set()
        event, container.next_exit = container.next_exit, asyncio.Event()
        event.set()
        self.engine.host.log(f"container {container.name} ended with {code}")
        if again:
            self.engine.spawn(self._restart_later(container))
        elif container.host_config["AutoRemove"] and self.engine.running:
            self.engine.spawn(self._remove_later(container))

    def wants_restart(self, container: Container) -> bool:
        """What the restart policy says about a container that is not running."""
        name, retries = container.policy
        if container.stopped_by_user or name in ("", "no"):
            return False
        if name == "on-failure":
            return container.state.exit_code != 0 and (not retries or container.restart_count < retries)
        return True

    async def _restart_later(self, container: Container) -> None:
        lived = (now() - (container.state.started or now())).total_seconds()
        await asyncio.sleep(min(60.0, 0.1 * 2 ** min(container.restart_count, 10)) if lived < 10 else 0.1)
        if container.stopped_by_user or not container.state.restarting or container.removed.is_set():
            container.state.restarting = False
            return
        container.restart_count += 1
        try:
            await self.start(container)
        except texts.ApiError as error:
            container.state.restarting = False
            self.engine.host.log(f"container {container.name} cannot restart: {error.message}")

    async def _remove_later(self, container: Container) -> None:
        await self.remove(container, container.name, force=True)

    async def stop(self, container: Container, *, by_user: bool = True, signal: int | None = None, seconds: float = 0) -> None:
        """A shutdown request; a program that ignores it is terminated when the time is over (never with a negative time)."""
        if by_user and signal is not None:
            self._check_signal(signal)
        was_running = container.state.running
        await self._end(container, KILLED if signal == 9 else STOPPED, by_user, None if seconds < 0 else seconds)
        if by_user and was_running:
            self.engine.events.container(container, "stop")

    async def kill(self, container: Container, signal: int) -> None:
        """SIGKILL terminates, every other known signal is a shutdown request. Raises ApiError for the rest."""
        self._check_signal(signal)
        self.engine.events.container(container, "kill", signal=str(signal))
        if signal != 9 and ignores_shutdown(container):
            return
        await self._end(container, KILLED if signal == 9 else STOPPED, True, 0)

    def _check_signal(self, signal: int) -> None:
        if signal not in _SIGNALS.values():
            raise texts.unsupported_signal(signal, self.engine.version)

    async def _end(self, container: Container, code: int, by_user: bool, seconds: float | None) -> None:
        container.stopped_by_user = container.stopped_by_user or by_user
        container.state.restarting = False
        if container.task is None or not container.state.running:
            return
        if by_user and code == STOPPED and ignores_shutdown(container) and seconds != 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(container.exited.wait()), seconds)
        container.ended_by = code
        container.task.cancel()
        await container.exited.wait()

    async def remove(self, container: Container, asked: str, *, force: bool) -> None:
        """``DELETE /containers/{id}``. Raises ApiError 409 for a running one without force."""
        if container.state.running or container.state.restarting:
            if not force:
                raise texts.remove_running(asked, container.name, container.id, self.engine.version)
            await self._end(container, KILLED, True, 0)
        self.engine.host.release(container.size)
        self.engine.state.containers.pop(container.id, None)
        container.removed.set()
        self.engine.events.container(container, "destroy")
