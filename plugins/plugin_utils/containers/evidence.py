# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which isolation is in force, judged from evidence. Pure.

With process isolation the container's processes are processes of the host, under the same ids; with Hyper-V isolation they are not,
and each container has a ``vmwp.exe`` on the host (docker-on-windows.md section 2, 10; windows-containers.md 6). What ``inspect``
says is what was asked for and resolved, not a measurement, so it decides nothing here. What the Host Compute Service lists raises the
confidence in a verdict or speaks against it; alone it decides nothing either, because its listing is known from few recordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

#: The worker process of a virtual machine; ordinary virtual machines have one too.
WORKER = "vmwp.exe"
#: Ids that every Windows has (idle and System), on the host and inside a virtual machine.
_UNIVERSAL = 4
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: The second line of an entry: type, blanks and TAB, state, id of the virtual machine, owner (native-tools.md 5, hcsdiag list).
_SYSTEM = re.compile(r"\s+(?P<kind>\w+),\s*\w+,\s*(?P<identifier>[0-9A-Fa-f-]{36}),")
_PARTITION = re.compile(r'"HvPartition":(true|false)')

#: Process id to name.
Processes = Mapping[int, str]


@dataclass(frozen=True)
class Sighting:
    """What was seen of one container.

    Attributes:
        name: Without the leading slash.
        identifier: Container id.
        requested: ``HostConfig.Isolation``, a claim.
        before: Its processes by ``top``, before the host's table was read; None when it does not run.
        after: The same afterwards.
        failed_start: The isolation in which its last start failed, as the error of the engine tells; empty where it does not.
    """

    name: str
    identifier: str
    requested: str
    before: Processes | None = None
    after: Processes | None = None
    failed_start: str = ""


@dataclass(frozen=True)
class System:
    """One entry of the Host Compute Service.

    Attributes:
        name: The container's id, with ``@vm`` behind it where containerd made it.
        kind: ``VM`` or ``Container``.
        identifier: Of its virtual machine, a GUID.
    """

    name: str
    kind: str
    identifier: str


@dataclass(frozen=True)
class HostView:
    """What was seen on the host.

    Attributes:
        processes: Its process table, read between the two looks at each container.
        workers: Ids of its ``vmwp.exe``, each with the GUID of its virtual machine; empty text where that is not known.
        systems: What the Host Compute Service lists; None when it was not asked, or did not tell.
    """

    processes: Processes = field(default_factory=dict)
    workers: Processes = field(default_factory=dict)
    systems: tuple[System, ...] | None = None

    def system_of(self, sighting: Sighting) -> System | None:
        return next((one for one in self.systems or () if one.name.removesuffix("@vm") == sighting.identifier), None)

    def worker_of(self, system: System | None) -> int | None:
        """The worker process of just this system's virtual machine."""
        guid = system.identifier.lower() if system else ""
        return next((pid for pid, machine in self.workers.items() if guid and machine.lower() == guid), None)


@dataclass(frozen=True)
class Verdict:
    """The isolation in force, and what that rests on.

    Attributes:
        verdict: ``process``, ``hyperv`` or ``unproved``.
        confidence: ``high``, ``medium`` or ``low``; ``none`` when nothing is proved.
        reason: A clause.
        compared: Processes of the container that could be compared.
        on_host: Those of them that are the host's.
        against: Evidence that contradicts other evidence, a clause; empty where there is none.
    """

    verdict: str
    confidence: str
    reason: str
    compared: tuple[tuple[int, str], ...] = ()
    on_host: tuple[tuple[int, str], ...] = ()
    against: str = ""


def systems(text: str) -> tuple[System, ...]:
    """The entries that ``hcsdiag list`` prints: two lines each, of which the second is indented."""
    found, name = [], ""
    for line in text.splitlines():
        match = _SYSTEM.match(line)
        if match and name:
            found.append(System(name, match["kind"], match["identifier"]))
        name = "" if match else line.strip()
    return tuple(found)


def machine_of(command_line: str) -> str:
    """The GUID of the virtual machine that a ``vmwp.exe`` works for, by its command line; empty when that cannot be seen."""
    found = _GUID.search(command_line)
    return found[0] if found else ""


def failed_start(error: str) -> str:
    """The isolation in which a start failed, by the creation document in the engine's error (docker-on-windows.md section 7)."""
    found = _PARTITION.search(error)
    return {"true": "hyperv", "false": "process"}[found[1]] if found else ""


def top_processes(answer: Mapping[str, Any]) -> dict[int, str]:
    """The processes in an answer of ``/containers/<id>/top``; columns by their titles (docker-on-windows.md section 7)."""
    titles = [str(title).lower() for title in answer.get("Titles") or ()]
    if "pid" not in titles:
        return {}
    pid = titles.index("pid")
    name = next((titles.index(title) for title in ("name", "cmd", "command") if title in titles), None)
    rows = [row for row in answer.get("Processes") or () if str(row[pid]).isdigit()]
    return {int(row[pid]): str(row[name]) if name is not None else "" for row in rows}


def compared(sighting: Sighting) -> dict[int, str]:
    """The processes that lived while the host's table was read: seen before and after, under one name."""
    before, after = sighting.before or {}, sighting.after or {}
    return {pid: name for pid, name in before.items() if pid > _UNIVERSAL and after.get(pid, "").lower() == name.lower() != ""}


def judge(sightings: Iterable[Sighting], host: HostView) -> dict[str, Verdict]:
    """The verdict on each container, by its id."""
    seen = list(sightings)
    absent = sum(elsewhere(sighting, host.processes) for sighting in seen)
    return {sighting.identifier: _verdict(sighting, host, absent) for sighting in seen}


def elsewhere(sighting: Sighting, host: Processes) -> bool:
    """Whether the container's processes are not the host's. With process isolation every one of them is; without it a few may share id and
    name with one of the host by chance, as both sides have a dozen ``svchost.exe`` (windows-containers.md 6.1)."""
    lived = compared(sighting)
    return 2 * len(_on_host(lived, host)) < len(lived)


def _on_host(processes: Processes, host: Processes) -> dict[int, str]:
    return {pid: name for pid, name in processes.items() if same_program(host.get(pid, ""), name)}


def same_program(one: str, other: str) -> bool:
    """Whether two process names mean one program: without case, with or without ``.exe`` (old samples of ``top`` leave it out)."""
    return bool(one) and one.lower().removesuffix(".exe") == other.lower().removesuffix(".exe")


def _verdict(sighting: Sighting, host: HostView, absent: int) -> Verdict:
    lived = compared(sighting)
    found = _on_host(lived, host.processes)
    pairs, matches = tuple(sorted(lived.items())), tuple(sorted(found.items()))
    if sighting.before is None:
        failed = f"; its last start failed with {sighting.failed_start} isolation" if sighting.failed_start else ""
        return Verdict("unproved", "none", f"the container does not run{failed}")
    if not lived:
        return Verdict("unproved", "none", "no process of the container was there in both looks, so none could be compared")
    if elsewhere(sighting, host.processes):
        return _in_a_machine(sighting, host, absent, Verdict("hyperv", "", "", pairs, matches))
    if len(found) == len(lived):
        return _on_the_host(sighting, host, Verdict("process", "", "", pairs, matches))
    reason = f"of {_count(len(lived), 'process')} compared only {len(found)} are on the host with the same ids and names"
    return Verdict("unproved", "none", reason, pairs, matches)


def _on_the_host(sighting: Sighting, host: HostView, verdict: Verdict) -> Verdict:
    """All processes are the host's: process isolation, unless the compute service knows a virtual machine of this container."""
    names, system = _names(verdict.on_host), host.system_of(sighting)
    reason = f"of {_count(len(verdict.compared), 'process')} compared all are processes of the host, with the same ids and names ({names})"
    if system is not None and system.kind == "VM":
        against = "the Host Compute Service lists a virtual machine for it"
        return replace(verdict, verdict="unproved", confidence="none", reason=f"{reason}, but {against}", against=against)
    sure = len(verdict.on_host) > 1 or system is not None
    return replace(verdict, confidence="high" if sure else "medium", reason=reason)


def _in_a_machine(sighting: Sighting, host: HostView, absent: int, verdict: Verdict) -> Verdict:
    """The processes are not the host's: Hyper-V isolation, if there is a virtual machine to hold them."""
    share = f"only {len(verdict.on_host)}, as chance may have it," if verdict.on_host else "none"
    reason = f"of {_count(len(verdict.compared), 'process')} compared {share} is on the host"
    system = host.system_of(sighting)
    worker = host.worker_of(system)
    if worker is not None:
        return replace(verdict, confidence="high", reason=f"{reason}, where {WORKER} {worker} works for the container's virtual machine")
    number = len(host.workers)
    reason = f"{reason}, which has {_count(number, f'process {WORKER}')} for {_count(absent, 'container')} of this kind"
    if number < absent:
        return replace(verdict, verdict="unproved", confidence="none", reason=reason, against=f"there are too few processes {WORKER}")
    known = system is not None and system.kind == "VM"
    return replace(verdict, confidence="high" if known else "medium" if number == absent else "low", reason=reason)


def _count(number: int, noun: str) -> str:
    first, _unused, rest = noun.partition(" ")
    plural = f"{first}es" if first.endswith("s") else f"{first}s"
    return " ".join(filter(None, (str(number), first if number == 1 else plural, rest)))


def _names(processes: Sequence[tuple[int, str]]) -> str:
    shown = ", ".join(f"{name} {pid}" for pid, name in processes[:3])
    return shown + (" ..." if len(processes) > 3 else "")


def describe(sighting: Sighting, verdict: Verdict, host: HostView) -> dict[str, Any]:
    """One container of the result."""
    proved = verdict.verdict != "unproved"
    wrong = proved and verdict.verdict != sighting.requested
    claim = [f"{sighting.requested} was asked for, and {verdict.verdict} is in force"] if wrong else []
    system = host.system_of(sighting)
    return {
        "name": sighting.name,
        "id": sighting.identifier,
        "requested": sighting.requested,
        "verdict": verdict.verdict,
        "confidence": verdict.confidence,
        "as_requested": not wrong if proved else None,
        "reason": verdict.reason,
        "mismatches": claim + ([verdict.against] if verdict.against else []),
        "evidence": {
            "compared": [{"pid": pid, "name": name} for pid, name in verdict.compared],
            "on_host": [{"pid": pid, "name": name} for pid, name in verdict.on_host],
            "utility_vm_processes": sorted(host.workers),
            "utility_vm_process": host.worker_of(system),
            "compute_system": {"type": system.kind, "vm_id": system.identifier} if system else None,
            "failed_start": sighting.failed_start or None,
            "inspect": sighting.requested,
        },
    }
