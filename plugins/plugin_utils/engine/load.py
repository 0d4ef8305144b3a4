# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an engine holds, asked of the engine itself; its containers stopped in order and started again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import ConnectError, ContainersError, doing
from .client import DEFAULT_PIPE, EngineClient
from .errors import EngineNotFoundError
from .impact import fate
from .options import EngineOptions
from .service import EngineService, find_service
from .state import Load, RunningContainer

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

#: Policies under which a container that ran comes back with the engine (docker-on-windows.md section 7: as on Linux).
_RETURNING = ("always", "unless-stopped")


def read_load(host: RemoteHost, pipe: str, service: EngineService) -> Load:
    """What a running engine holds; an engine that does not answer is no error here, because repairing it may be the task."""
    try:
        engine = EngineClient.open(host, pipe, service)
        with engine.errors():
            everything = engine.api.containers(all=True)
            images = engine.api.images(quiet=True)
            running = [one for one in everything if str(one.get("State")).lower() in ("running", "paused", "restarting")]
            found = [_running(engine, str(one["Id"])) for one in running]
        engine.close()
    except ConnectError:
        raise
    except ContainersError as error:
        return Load(problem=error.cause)
    return Load(tuple(one for one in found if one), len(everything), len(images))


def fate_at_reboot(host: RemoteHost) -> str:
    """What a reboot means for the containers that run, as the end of a step's description; empty when none runs."""
    service = find_service(host)
    if service is None or not service.running:
        return ""
    load = read_load(host, DEFAULT_PIPE, service)
    if load.problem:
        return ", which stops whatever runs in the engine, and that could not be asked"
    return fate(EngineOptions(), load, ", which stops")


def _running(engine: EngineClient, container: str) -> RunningContainer | None:
    try:
        with engine.errors():
            seen = engine.api.inspect_container(container)
    except EngineNotFoundError:
        return None  # it ended in between, and was one that removes itself
    policy = str(((seen.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name") or "no")
    return RunningContainer(str(seen["Name"]).lstrip("/"), policy in _RETURNING)


class Drain:
    """Containers stopped before a restart, and started again after it.

    Their names are kept in a file on the host meanwhile, so that a run that is interrupted is made up for by the next one.

    Args:
        path: That file.
        write: Writes a file on the host; not every Windows can do it in the same way.
    """

    def __init__(self, host: RemoteHost, pipe: str, path: str, write: Callable[[str, bytes], None] | None = None) -> None:
        self._host, self._pipe, self._path = host, pipe, path
        self._write = write or host.files.write

    def stop(self, service: EngineService, names: Sequence[str], timeout: int) -> None:
        """Stop containers one after the other, each within ``timeout`` seconds. Raises EngineError."""
        self._write(self._path, (json.dumps(list(names)) + "\n").encode("ascii"))
        engine = EngineClient.open(self._host, self._pipe, service)
        for name in names:
            self._host.progress(f"stop the container {name}")
            try:
                with doing("stop", "container", name), engine.errors():
                    engine.api.stop(name, timeout=timeout)
            except EngineNotFoundError:
                continue
        engine.close()

    def start(self, service: EngineService, names: Sequence[str]) -> None:
        """Start them again; those removed meanwhile are left out. All are tried before the first failure is raised (EngineError)."""
        engine = EngineClient.open(self._host, self._pipe, service)
        failures: list[ContainersError] = []
        for name in names:
            self._host.progress(f"start the container {name}")
            try:
                with doing("start", "container", name), engine.errors():
                    engine.api.start(name)
            except EngineNotFoundError:
                continue
            except ContainersError as error:
                failures.append(error)
        engine.close()
        if failures:
            raise failures[0]
        self._host.files.remove(self._path)

    def read(self) -> tuple[str, ...]:
        """The names an interrupted run has left; none when there is no such file, or it is not ours."""
        content = self._host.files.read(self._path)
        try:
            names = json.loads(content) if content else []
        except ValueError:
            return ()
        return tuple(str(name) for name in names) if isinstance(names, list) else ()
