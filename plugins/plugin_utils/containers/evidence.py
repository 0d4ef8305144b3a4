# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which isolation is in force, judged from evidence. Pure.

With process isolation the container's processes are processes of the host, under the same ids; with Hyper-V isolation they are not,
and each container has a ``vmwp.exe`` on the host (docker-on-windows.md section 2, 10; windows-containers.md 6). What ``inspect``
says is what was asked for and resolved, not a measurement, so it decides nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: The worker process of a virtual machine; ordinary virtual machines have one too.
WORKER = "vmwp.exe"
#: Ids that every Windows has (idle and System), on the host and inside a virtual machine.
_UNIVERSAL = 4

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
    """

    name: str
    identifier: str
    requested: str
    before: Processes | None = None
    after: Processes | None = None


@dataclass(frozen=True)
class Verdict:
    """The isolation in force: ``process``, ``hyperv`` or ``unproved``, why, and what it rests on."""

    verdict: str
    reason: str
    compared: tuple[tuple[int, str], ...] = ()
    on_host: tuple[tuple[int, str], ...] = ()
    workers: tuple[int, ...] = field(default=())


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


def judge(sightings: Iterable[Sighting], host: Processes) -> dict[str, Verdict]:
    """The verdict on each container, by its id.

    Args:
        sightings: All containers looked at.
        host: The host's process table, read between the two looks at each container.
    """
    seen = list(sightings)
    found = {sighting.identifier: _on_host(compared(sighting), host) for sighting in seen}
    workers = tuple(sorted(pid for pid, name in host.items() if name.lower() == WORKER))
    absent = sum(_elsewhere(compared(sighting), found[sighting.identifier]) for sighting in seen)
    return {sighting.identifier: _verdict(sighting, found[sighting.identifier], workers, absent) for sighting in seen}


def _on_host(processes: Processes, host: Processes) -> dict[int, str]:
    return {pid: name for pid, name in processes.items() if same_program(host.get(pid, ""), name)}


def _elsewhere(lived: Processes, found: Processes) -> bool:
    """Whether the processes are not the host's. With process isolation every one of them is; without it a few may share id and name with
    one of the host by chance, as both sides have a dozen ``svchost.exe`` (windows-containers.md 6.1)."""
    return 2 * len(found) < len(lived)


def same_program(one: str, other: str) -> bool:
    """Whether two process names mean one program: without case, with or without ``.exe`` (old samples of ``top`` leave it out)."""
    return bool(one) and one.lower().removesuffix(".exe") == other.lower().removesuffix(".exe")


def _verdict(sighting: Sighting, found: Processes, workers: tuple[int, ...], absent: int) -> Verdict:
    lived = compared(sighting)
    pairs, matches = tuple(sorted(lived.items())), tuple(sorted(found.items()))
    if sighting.before is None:
        return Verdict("unproved", "the container does not run")
    if not lived:
        return Verdict("unproved", "no process of the container was there in both looks, so none could be compared", workers=workers)
    if len(found) == len(lived):
        reason = (
            f"of {_count(len(lived), 'process')} compared all are processes of the host, with the same ids and names ({_names(matches)})"
        )
        return Verdict("process", reason, pairs, matches, workers)
    if not _elsewhere(lived, found):
        reason = f"of {_count(len(lived), 'process')} compared only {len(found)} are on the host with the same ids and names"
        return Verdict("unproved", reason, pairs, matches, workers)
    share = f"only {len(found)}, as chance may have it," if found else "none"
    reason = (
        f"of {_count(len(lived), 'process')} compared {share} is on the host, which has {_count(len(workers), f'process {WORKER}')} "
        f"for {_count(absent, 'container')} of this kind"
    )
    return Verdict("unproved" if len(workers) < absent else "hyperv", reason, pairs, matches, workers)


def _count(number: int, noun: str) -> str:
    first, _unused, rest = noun.partition(" ")
    plural = f"{first}es" if first.endswith("s") else f"{first}s"
    return " ".join(filter(None, (str(number), first if number == 1 else plural, rest)))


def _names(processes: Sequence[tuple[int, str]]) -> str:
    shown = ", ".join(f"{name} {pid}" for pid, name in processes[:3])
    return shown + (" ..." if len(processes) > 3 else "")


def describe(sighting: Sighting, verdict: Verdict) -> dict[str, Any]:
    """One container of the result."""
    proved = verdict.verdict != "unproved"
    return {
        "name": sighting.name,
        "id": sighting.identifier,
        "requested": sighting.requested,
        "verdict": verdict.verdict,
        "as_requested": verdict.verdict == sighting.requested if proved else None,
        "reason": verdict.reason,
        "evidence": {
            "compared": [{"pid": pid, "name": name} for pid, name in verdict.compared],
            "on_host": [{"pid": pid, "name": name} for pid, name in verdict.on_host],
            "utility_vm_processes": list(verdict.workers),
            "inspect": sighting.requested,
        },
    }
