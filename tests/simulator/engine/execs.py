# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs started in a running container: create, start (detached or on a hijacked connection), inspect."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..http import Stream
from ..streams import Pipe
from . import texts
from .containers import Container, Program
from .output import STDERR, STDOUT, frame
from .terminal import Terminal, shown, until_left
from .values import new_id
from .workload import Job, NoSuchFolder, NoSuchProgram, NoSuchUser, known_user, process_names

if TYPE_CHECKING:
    from .engine import Engine

Json = dict[str, Any]


@dataclass
class Exec:
    """One exec instance."""

    id: str
    container: Container
    config: Json
    running: bool = False
    started: bool = False
    exit_code: int | None = None
    pid: int = 0
    task: asyncio.Task[None] | None = None

    def shown(self) -> Json:
        """``GET /exec/{id}/json``."""
        command = self.config["Cmd"]
        return {
            "ID": self.id,
            "Running": self.running,
            "ExitCode": self.exit_code,
            "ProcessConfig": {
                "tty": self.config["Tty"],
                "entrypoint": command[0],
                "arguments": command[1:],
                "privileged": False,
            },
            "OpenStdin": self.config["AttachStdin"],
            "OpenStderr": self.config["AttachStderr"],
            "OpenStdout": self.config["AttachStdout"],
            "CanRemove": False,
            "ContainerID": self.container.id,
            "DetachKeys": "",
            "Pid": self.pid,
        }


class Execs:
    """All exec instances of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.execs: dict[str, Exec] = {}

    def find(self, exec_id: str) -> Exec:
        """Raises ApiError 404."""
        if exec_id not in self.execs:
            raise texts.no_such_exec(exec_id)
        return self.execs[exec_id]

    def create(self, container: Container, body: Json) -> Exec:
        """Raises ApiError 409 when the container does not run."""
        if not container.state.running:
            raise texts.not_running(container.id, self.engine.version)
        if container.state.paused:
            raise texts.ApiError(409, f"Container {container.id} is paused, unpause the container before exec")
        command = body["Cmd"]
        config = {key: bool(body.get(key)) for key in ("Tty", "AttachStdin", "AttachStdout", "AttachStderr")}
        instance = Exec(new_id(), container, config | {"Cmd": list(command), "Env": body.get("Env") or []})
        instance.config |= {"WorkingDir": str(body.get("WorkingDir") or ""), "User": str(body.get("User") or "")}
        self.execs[instance.id] = instance
        container.execs.append(instance.id)
        self._tell(instance, "exec_create")
        return instance

    def check_start(self, instance: Exec) -> None:
        """Raises ApiError 409 when it ran before or the container stopped."""
        if instance.started:
            raise texts.exec_has_run(instance.id, self.engine.version)
        if not instance.container.state.running:
            raise texts.not_running(instance.container.id, self.engine.version)
        instance.started = True

    async def run(self, instance: Exec, stream: Stream | None) -> None:
        """Run to the end; output and input go over ``stream`` when the client stays attached."""
        try:
            if stream is not None:
                self.check_start(instance)
        except texts.ApiError as error:
            # The connection is hijacked before the daemon looks: the refusal is output.
            await _Writer(instance, stream).refuse(error.message)
            return
        stdin = Pipe() if instance.config["AttachStdin"] and stream is not None else None
        terminal = self._terminal(instance, stream, stdin)
        reader = self.engine.spawn(_feed(stream, stdin, terminal)) if stream is not None else None
        instance.task = self.engine.spawn(self._work(instance, stream, stdin))
        await until_left(instance.task, reader, tty=terminal is not None)

    def _terminal(self, instance: Exec, stream: Stream | None, stdin: Pipe | None) -> Terminal | None:
        if stdin is None or not instance.config["Tty"]:
            return None
        return Terminal(stdin, _Writer(instance, stream).stdout, unix=instance.container.image.busybox)

    async def _work(self, instance: Exec, stream: Stream | None, stdin: Pipe | None) -> None:
        write = _Writer(instance, stream)
        try:
            instance.exit_code = await self._run(instance, write, stdin)
        except NoSuchProgram as error:
            await asyncio.sleep(self.engine.program_start_seconds)
            refusal = texts.program_not_found(instance.container.id, str(error), self.engine.version)
            instance.exit_code = 127
            await write.refuse(refusal.message)
        except NoSuchFolder:
            instance.exit_code = 128
            await write.refuse(texts.no_such_folder(instance.container.id, self.engine.version).message)
        except NoSuchUser as error:
            instance.exit_code = 128
            await write.refuse(texts.no_such_user(instance.container.id, str(error), self.engine.version).message)
        except asyncio.CancelledError:
            instance.exit_code = 1
        finally:
            instance.running, instance.pid = False, 0
            if instance.id in instance.container.execs:  # the daemon still knows it (moby daemon/monitor.go)
                instance.container.execs.remove(instance.id)

    async def _run(self, instance: Exec, write: _Writer, stdin: Pipe | None) -> int:
        container, command = instance.container, instance.config["Cmd"]
        if not container.image.busybox and not known_user(
            instance.config["User"], container.config["User"], container.image.config.get("User")
        ):
            raise NoSuchUser(command[0])
        if not container.has_drive(instance.config["WorkingDir"]):
            raise NoSuchFolder(instance.config["WorkingDir"])
        names = process_names(command, container.image.busybox, lacks=container.image.lacks)
        environment = dict(entry.partition("=")[::2] for entry in instance.config["Env"])
        job: Job = self.engine.lifecycle.job(container, command, stdin)
        job = replace(job, stdout=write.stdout, stderr=write.stderr, environment={**job.environment, **environment})
        job = replace(job, directory=instance.config["WorkingDir"] or job.directory, user=instance.config["User"] or job.user)
        programs: list[Program] = [self.engine.lifecycle.add_program(container, name) for name in names]
        instance.running, instance.pid = True, programs[0].pid
        self._tell(instance, "exec_start")
        try:
            await asyncio.sleep(self.engine.program_start_seconds)
            code = await job.run()
            self.engine.events.container(container, "exec_die", execID=instance.id, exitCode=str(code))
            return code
        finally:
            for program in programs:
                self.engine.lifecycle.remove_program(container, program)

    async def probe(self, container: Container, command: list[str]) -> tuple[int, str]:
        """Run a health check: exit code (-1 when it cannot start) and output of both streams."""
        output: list[bytes] = []

        async def collect(data: bytes) -> None:
            output.append(data)

        instance = Exec(new_id(), container, {"Cmd": command, "Env": []})
        self._tell(instance, "exec_create")
        try:
            process_names(command, container.image.busybox, lacks=container.image.lacks)
        except NoSuchProgram as error:
            return -1, texts.program_not_found(container.id, str(error), self.engine.version).message
        self._tell(instance, "exec_start")
        job = replace(self.engine.lifecycle.job(container, command, None), stdout=collect, stderr=collect)
        code = await job.run()
        self.engine.events.container(container, "exec_die", execID=instance.id, exitCode=str(code))
        return code, b"".join(output).decode("utf-8", "replace")

    def _tell(self, instance: Exec, action: str) -> None:
        self.engine.events.container(instance.container, f"{action}: {' '.join(instance.config['Cmd'])}", execID=instance.id)

    def end_all(self, container: Container) -> None:
        """The container stopped: what ran in it ends."""
        for exec_id in list(container.execs):
            instance = self.execs.get(exec_id)
            if instance is not None and instance.task is not None and instance.running:
                instance.task.cancel()


class _Writer:
    """Output of an exec on its connection: framed, or raw with a terminal."""

    def __init__(self, instance: Exec, stream: Stream | None) -> None:
        self.config, self.stream = instance.config, stream

    async def refuse(self, message: str) -> None:
        """An error of the daemon goes where the program's stdout goes."""
        await self._write(STDOUT, f"{message}\r\n".encode())

    async def stdout(self, data: bytes) -> None:
        await self._send(STDOUT, data, "AttachStdout")

    async def stderr(self, data: bytes) -> None:
        await self._send(STDERR, data, "AttachStderr")

    async def _send(self, number: int, data: bytes, wanted: str) -> None:
        if self.config[wanted]:
            await self._write(number, data)

    async def _write(self, number: int, data: bytes) -> None:
        if self.stream is None:
            return
        try:
            await self.stream.write(shown(data) if self.config["Tty"] else frame(number, data))
        except ConnectionError:
            self.stream = None  # whoever read it is gone, and the program goes on


async def _feed(stream: Stream, stdin: Pipe | None, terminal: Terminal | None) -> None:
    """Copy what the client sends to the program; its half-close is the end of input, except for a terminal's."""
    try:
        while data := await stream.read():
            if stdin is not None:
                await (terminal.type(data) if terminal else stdin.write(data))
        if stdin is not None and terminal is None:
            await stdin.end()
    except (ConnectionError, BrokenPipeError):
        return
