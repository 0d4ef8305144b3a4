# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of the isolation in force, gathered from engine and host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..desired_state import Plan, Resource
from ..engine.client import EngineClient
from ..engine.errors import EngineError
from ..engine.lookup import find_container
from ..errors import OptionError, RemoteError, RemoteTimeout, doing
from ..remote.cim import CimClass
from ..remote.host import RemoteHost
from .evidence import WORKER, HostView, Sighting, System, describe, elsewhere, failed_start, judge, machine_of, systems, top_processes
from .state import isolation_of, running

PROCESS = CimClass("Win32_Process", {"ProcessId": int, "Name": str})
#: Command lines are read of worker processes alone: those of other programs may hold secrets.
_WORKERS = CimClass("Win32_Process", {"ProcessId": int, "CommandLine": str})
#: Above this many ids the whole table is cheaper than the condition, and WMI limits a condition's length.
_MOST_IDS = 60
_COMPUTE_SECONDS = 30.0
_NO_ENGINE_YET = "no engine is installed on this host yet, so there is nothing to examine"


@dataclass(frozen=True)
class Sightings:
    """All that the verdicts are drawn from.

    Attributes:
        missing: Names that are not there, which only check mode accepts.
        installed: Whether there is an engine; only check mode goes on without.
    """

    containers: tuple[Sighting, ...] = ()
    host: HostView = field(default_factory=HostView)
    missing: tuple[str, ...] = ()
    installed: bool = True


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
        self._names = tuple(dict.fromkeys(names))
        self._pipe = pipe

    def read(self) -> Sightings:
        """Look at the containers, at the host's process table, and at the containers again."""
        if "" in self._names:
            raise OptionError("the option name holds an empty name", "Leave the option out for all containers that run")
        engine = self._engine or EngineClient.open_or_plan(self._host, self._pipe)
        if engine is None:
            return Sightings(missing=self._names, installed=False)
        listed, missing = self._list(engine)
        first = tuple(replace(entry, before=self._top(engine, entry)) if entry.before is not None else entry for entry in listed)
        if all(entry.before is None for entry in first):
            return Sightings(first, missing=missing)
        host = self._processes(pid for entry in first for pid in entry.before or {})
        seen = tuple(replace(entry, after=self._top(engine, entry)) if entry.before else entry for entry in first)
        return Sightings(seen, self._view(seen, host), missing)

    def _view(self, seen: Sequence[Sighting], host: dict[int, str]) -> HostView:
        """With what tells virtual machines apart, where a container seems to have one: that takes two more questions."""
        workers = {pid: "" for pid, name in host.items() if name.lower() == WORKER}
        if not any(elsewhere(entry, host) for entry in seen):
            return HostView(host, workers)
        with doing("read", "the host's virtual machine workers"):
            rows = self._host.cim.query(_WORKERS, f"Name='{WORKER}'")
        machines = {row["ProcessId"]: machine_of(str(row["CommandLine"] or "")) for row in rows}
        return HostView(host, {pid: machines.get(pid, "") for pid in workers}, self._systems())

    def _systems(self) -> tuple[System, ...] | None:
        """What the Host Compute Service lists; None where its tool is missing or refuses (native-tools.md 5: not before Server 2019)."""
        try:
            done = self._host.programs.run("hcsdiag.exe", ["list"], timeout=_COMPUTE_SECONDS)
        except (RemoteError, RemoteTimeout):
            return None
        return systems(done.text) if done.exit_code == 0 else None

    def _list(self, engine: EngineClient) -> tuple[tuple[Sighting, ...], tuple[str, ...]]:
        """What was asked for, by name, and the names that are not there. One that ends and goes meanwhile was not asked for."""
        names: Iterable[str] = self._names
        if not self._names:
            with engine.errors():
                names = [str(entry["Id"]) for entry in engine.api.containers()]
        found = {name: find_container(engine, name) for name in names}
        missing = tuple(name for name, container in found.items() if container is None and self._names)
        if missing and not self._host.check_mode:
            raise OptionError(f'there is no container "{missing[0]}"', "Correct the name, or leave the option name out for all that run")
        there = [self._sighting(container) for container in found.values() if container is not None]
        return tuple(sorted(there, key=lambda entry: entry.name)), missing

    def _sighting(self, container: dict[str, Any]) -> Sighting:
        before: dict[int, str] | None = {} if running(container) else None
        error = str(container["State"].get("Error") or "")
        name = str(container["Name"]).lstrip("/")
        return Sighting(name, str(container["Id"]), isolation_of(container), before, failed_start=failed_start(error))

    def _top(self, engine: EngineClient, sighting: Sighting) -> dict[int, str] | None:
        try:
            with engine.errors():
                return top_processes(engine.api.top(sighting.identifier))
        except EngineError as error:
            if error.status is None or self._runs(engine, sighting):
                raise
            return None  # it stopped meanwhile

    def _runs(self, engine: EngineClient, sighting: Sighting) -> bool:
        container = find_container(engine, sighting.identifier)
        return container is not None and running(container)

    def _processes(self, pids: Iterable[int]) -> dict[int, str]:
        """The host's processes, as far as they matter: one query, in one message where the answer fits."""
        wanted = sorted(set(pids))
        where = f"Name='{WORKER}'" + "".join(f" OR ProcessId={pid}" for pid in wanted) if len(wanted) <= _MOST_IDS else ""
        with doing("read", "the host's processes"):
            rows = self._host.cim.query(PROCESS, where)
        return {row["ProcessId"]: str(row["Name"] or "") for row in rows if isinstance(row["ProcessId"], int)}

    def plan(self, observed: Sightings) -> Plan:
        """Nothing to do; in check mode a warning about what is not there yet."""
        absent = tuple(f'there is no container "{name}" yet' for name in observed.missing)
        return Plan(warnings=absent if observed.installed else (_NO_ENGINE_YET,))

    def report(self, observed: Sightings, plan: Plan) -> dict[str, Any]:
        verdicts = judge(observed.containers, observed.host)
        entries = [describe(one, verdicts[one.identifier], observed.host) for one in observed.containers]
        return {
            "containers": entries,
            "mismatched": [entry["name"] for entry in entries if entry["mismatches"]],
            "unproved": [entry["name"] for entry in entries if entry["as_requested"] is None],
        }
