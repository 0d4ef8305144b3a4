# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of the isolation in force, gathered from engine and host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..desired_state import Plan, Resource
from ..engine.client import EngineClient
from ..engine.errors import EngineError
from ..errors import NotFoundError, OptionError, doing
from ..remote.cim import CimClass
from ..remote.host import RemoteHost
from .evidence import WORKER, Sighting, describe, judge, top_processes
from .state import isolation_of, running

PROCESS = CimClass("Win32_Process", {"ProcessId": int, "Name": str})
#: Above this many ids the whole table is cheaper than the condition, and WMI limits a condition's length.
_MOST_IDS = 60


@dataclass(frozen=True)
class Sightings:
    """All that the verdicts are drawn from."""

    containers: tuple[Sighting, ...]
    host: dict[int, str]


class IsolationInfo(Resource[Sightings]):
    """The isolation of running containers of one host.

    Args:
        host: The host.
        names: Containers by name; empty for all that run.
        pipe: Name of the engine's named pipe.
        engine: The engine, where the caller has it open.
    """

    verb = "examine"
    thing = "the isolation of containers"

    def __init__(self, host: RemoteHost, names: Sequence[str], pipe: str, engine: EngineClient | None = None) -> None:
        self._host = host
        self._engine = engine
        self._names = names
        self._pipe = pipe

    def read(self) -> Sightings:
        """Look at the containers, at the host's process table, and at the containers again."""
        if "" in self._names:
            raise OptionError("the option name holds an empty name", "Leave the option out for all containers that run")
        engine = self._engine or EngineClient.open(self._host, self._pipe)
        first = tuple(
            replace(entry, before=self._top(engine, entry)) if entry.before is not None else entry for entry in self._list(engine)
        )
        if all(entry.before is None for entry in first):
            return Sightings(first, {})
        host = self._processes(pid for entry in first for pid in entry.before or {})
        return Sightings(tuple(replace(entry, after=self._top(engine, entry)) if entry.before else entry for entry in first), host)

    def _list(self, engine: EngineClient) -> tuple[Sighting, ...]:
        names: Iterable[str] = dict.fromkeys(self._names)
        if not self._names:
            with engine.errors():
                names = [entry["Id"] for entry in engine.api.containers()]
        found = []
        for name in names:
            sighting = self._sighting(engine, name)
            if sighting is not None:
                found.append(sighting)
        return tuple(sorted(found, key=lambda entry: entry.name))

    def _sighting(self, engine: EngineClient, name: str) -> Sighting | None:
        try:
            with engine.errors():
                container = engine.api.inspect_container(name)
        except NotFoundError as error:
            if not self._names:
                return None  # it ended and was removed since the list was made
            raise OptionError(
                f'there is no container "{name}"', "Correct the name, or leave the option name out for all that run"
            ) from error
        before: dict[int, str] | None = {} if running(container) else None
        return Sighting(str(container["Name"]).lstrip("/"), str(container["Id"]), isolation_of(container), before)

    def _top(self, engine: EngineClient, sighting: Sighting) -> dict[int, str] | None:
        try:
            with engine.errors():
                return top_processes(engine.api.top(sighting.identifier))
        except EngineError as error:
            if error.status is None or self._runs(engine, sighting):
                raise
            return None  # it stopped meanwhile

    def _runs(self, engine: EngineClient, sighting: Sighting) -> bool:
        try:
            with engine.errors():
                return running(engine.api.inspect_container(sighting.identifier))
        except NotFoundError:
            return False

    def _processes(self, pids: Iterable[int]) -> dict[int, str]:
        """The host's processes, as far as they matter: one query, in one message where the answer fits."""
        wanted = sorted(set(pids))
        where = f"Name='{WORKER}'" + "".join(f" OR ProcessId={pid}" for pid in wanted) if len(wanted) <= _MOST_IDS else ""
        with doing("read", "the host's processes"):
            rows = self._host.cim.query(PROCESS, where)
        return {row["ProcessId"]: str(row["Name"] or "") for row in rows if isinstance(row["ProcessId"], int)}

    def report(self, observed: Sightings, plan: Plan) -> dict[str, Any]:
        verdicts = judge(observed.containers, observed.host)
        return {"containers": [describe(sighting, verdicts[sighting.identifier]) for sighting in observed.containers]}
