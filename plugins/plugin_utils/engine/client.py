# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of one host: the Docker SDK on a tunnel, with what the rest of the collection needs around it."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

from ..desired_state import Plan
from ..errors import ContainersError, missing_library
from .adapter import TunnelAdapter
from .errors import dial_error, engine_errors
from .failures import meaning
from .hijack import Pump, PumpedSocket
from .libraries import MISSING
from .sdk import TunnelClient
from .service import EngineService, find_service, require_service
from .streams import STDOUT, RawStream, frames
from .transport import Transport, WinrsTransport, check_pipe
from .tunnel import TunnelSocket

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

DEFAULT_PIPE = "docker_engine"
#: For plans made where :meth:`EngineClient.open_or_plan` gave None.
NO_ENGINE_YET = "no engine is installed on this host yet, so everything is planned as new"


@dataclass(frozen=True)
class ExecResult:
    """What a command in a container gave."""

    exit_code: int | None
    stdout: bytes
    stderr: bytes

    @property
    def start_failure(self) -> str:
        """The entry of failures.yml for why the program did not start; empty where it did.

        The engine writes the reason where the program's output goes, and sets an exit code of its own (moby daemon/exec.go, daemon/errors.go).
        """
        if self.exit_code not in (126, 127, 128):
            return ""
        found = meaning((self.stdout + self.stderr).decode("utf-8", "replace"))
        return found.id if found is not None and found.id in ("program_missing", "user_missing", "working_folder_missing") else ""


class EngineClient:
    """A connected engine.

    Attributes:
        api: ``docker.APIClient`` for plain requests, on the task's own thread, API version negotiated. ``exec_start`` and
            ``attach`` work on it as long as no input is given.
        version: The engine's answer to ``/version``, asked for once.
        service: The service the engine's programs were found by.
        pipe: Name of its named pipe.
        tunnels: How many programs were started to reach it.
    """

    def __init__(
        self,
        dial: Callable[[], Transport],
        service: EngineService,
        pipe: str = DEFAULT_PIPE,
        look_again: Callable[[], EngineService | None] = lambda: None,
    ) -> None:
        if MISSING:
            raise missing_library("docker>=7", MISSING)
        self.service = service
        self.pipe = pipe
        self.tunnels = 0

        def counted() -> Transport:
            self.tunnels += 1
            return dial()

        self._dial = counted
        self._look_again = look_again
        self._sockets: WeakSet[TunnelSocket] = WeakSet()
        self._adapters: list[TunnelAdapter] = [TunnelAdapter(self._connect)]
        self.api = TunnelClient(self._adapters[0], None, self.has_ended)
        self.version: dict[str, Any] = {}

    @classmethod
    def open(cls, host: RemoteHost, pipe: str = DEFAULT_PIPE, service: EngineService | None = None) -> EngineClient:
        """Connect to the engine of a host; closed with the host.

        Args:
            host: The host.
            pipe: Name of the engine's named pipe.
            service: The engine's service where the caller has read it already; else one CIM query finds it.

        Raises:
            EngineNotInstalledError: No service runs dockerd.
            EngineDownError, EngineAccessError, PipeModeError: See their texts.
            OptionError: ``pipe`` is no pipe name, or the Docker SDK is missing on the controller.
        """
        check_pipe(pipe)
        found = service or require_service(host)
        engine = cls(
            lambda: WinrsTransport(host.session, found, pipe, host.environment), found, pipe, look_again=lambda: find_service(host)
        )
        host.on_close(engine.close)
        host.statistics.update(engine_requests=lambda: engine.requests, tunnels=lambda: engine.tunnels)
        engine.negotiate()
        return engine

    @classmethod
    def open_or_plan(cls, host: RemoteHost, pipe: str = DEFAULT_PIPE) -> EngineClient | None:
        """As :meth:`open`; None in check mode where no service runs dockerd: nobody has carried out what was predicted before.

        A resource then plans as if nothing existed, and says so with :func:`planned_as_new`.
        """
        service = find_service(host) if host.check_mode else None
        if host.check_mode and service is None:
            check_pipe(pipe)
            return None
        return cls.open(host, pipe, service)

    def negotiate(self) -> None:
        """Ask for the engine's version and speak its API."""
        with self.errors():
            self.version = self.api.negotiate()

    @property
    def requests(self) -> int:
        """Requests sent to the engine so far, over all tunnels."""
        return sum(adapter.requests for adapter in self._adapters)

    def errors(self) -> AbstractContextManager[None]:
        """A block in which the exceptions of the Docker SDK become errors of ours."""
        return engine_errors()

    @contextmanager
    def hijacked(self) -> Iterator[TunnelClient]:
        """A second client whose connections carry both directions at once: exec and attach with input, large uploads."""
        pumps: list[Pump] = []

        def connect() -> PumpedSocket:
            pump = Pump(self._dial(), self._dial_error)
            pumps.append(pump)
            return pump.connect()

        adapter = TunnelAdapter(connect)
        self._adapters.append(adapter)
        client = TunnelClient(adapter, self.api.api_version, self.has_ended)
        try:
            yield client
        except Exception as error:
            # The socket only told the SDK that the stream ended; the pump knows why.
            reason = next((pump.failure for pump in pumps if pump.failure is not None), None)
            if reason is None or isinstance(error, ContainersError) and error is reason:
                raise
            raise reason from error
        else:
            _raise_failure(pumps)
        finally:
            client.close()
            for pump in pumps:
                pump.close()

    def exec(
        self,
        container: str,
        command: Sequence[str],
        *,
        stdin: bytes | mmap.mmap | None = None,
        environment: Mapping[str, str] | None = None,
        working_directory: str | None = None,
        user: str = "",
        output: Callable[[bytes], object] | None = None,
    ) -> ExecResult:
        """Run a command in a running container to its end.

        Args:
            container: Name or id.
            command: Program and arguments.
            stdin: What the command reads; None for nothing at all.
            output: Takes its stdout in pieces, which the result then lacks.
        """
        stdout, stderr = bytearray(), bytearray()
        takers: tuple[Callable[[bytes], object], ...] = (output or stdout.extend, stderr.extend)
        with self.errors():
            exec_id = self._create_exec(container, command, stdin is not None, environment, working_directory, user)
            if stdin is not None:
                self._exec_with_input(exec_id, stdin, *takers)
            else:
                for pieces in self.api.exec_start(exec_id, stream=True, demux=True):
                    for take, piece in zip(takers, pieces, strict=True):
                        take(piece or b"")
            return ExecResult(self.api.exec_inspect(exec_id)["ExitCode"], bytes(stdout), bytes(stderr))

    def exec_detached(
        self,
        container: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        working_directory: str | None = None,
        user: str = "",
    ) -> str:
        """Start a command in a running container and leave it alone; the id of the exec."""
        with self.errors():
            exec_id = self._create_exec(container, command, False, environment, working_directory, user)
            self.api.exec_start(exec_id, detach=True)
            return exec_id

    def _create_exec(
        self,
        container: str,
        command: Sequence[str],
        stdin: bool,
        environment: Mapping[str, str] | None,
        working_directory: str | None,
        user: str,
    ) -> str:
        variables = dict(environment or {}) or None
        created = self.api.exec_create(container, list(command), stdin=stdin, environment=variables, workdir=working_directory, user=user)
        return str(created["Id"])

    def _exec_with_input(
        self, exec_id: str, stdin: bytes | mmap.mmap, stdout: Callable[[bytes], object], stderr: Callable[[bytes], object]
    ) -> None:
        with self.hijacked() as client:
            stream = cast(RawStream, client.exec_start(exec_id, socket=True))
            stream.give(stdin)
            try:
                for frame in frames(stream, lambda: self.has_ended("exec", exec_id)):
                    (stdout if frame.stream == STDOUT else stderr)(frame.data)
            finally:
                stream.close()

    def _connect(self) -> TunnelSocket:
        sock = TunnelSocket(self._dial(), self._dial_error_now)
        self._sockets.add(sock)
        sock.connect()
        return sock

    def _dial_error(self, text: str) -> ContainersError:
        return dial_error(self.pipe, text, self.service.name, self.service.state)

    def _dial_error_now(self, text: str) -> ContainersError:
        """The same with the service's state of this moment; on the task's own thread only, whose session it uses."""
        self.service = self._look_again() or self.service
        return self._dial_error(text)

    def has_ended(self, kind: str, name: str) -> bool:
        """Whether an exec (kind ``exec``) or a container (kind ``containers``) no longer runs. Raises what the SDK raises."""
        if kind == "exec":
            return not self.api.exec_inspect(name)["Running"]
        return not self.api.inspect_container(name)["State"]["Running"]

    def close(self) -> None:
        """Close the tunnels. Never raises."""
        self.api.close()
        for sock in list(self._sockets):
            # The HTTP library knows nothing of a connection whose answer is still being read when the task is broken off.
            sock.abort()


def planned_as_new(plan: Plan) -> Plan:
    """A plan made without an engine, which says so where it would change something. Pure."""
    return replace(plan, assumptions=(NO_ENGINE_YET, *plan.assumptions)) if plan.changed else plan


def _raise_failure(pumps: list[Pump]) -> None:
    for pump in pumps:
        if pump.failure is not None:
            raise pump.failure
