# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the report about hosts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..host.prerequisites import licensed_hyperv_containers
from .findings import FREE_BYTES, Finding, free_bytes
from .gathered import Gathered
from .table import Cell, Column, Row, Table, Tone, counted

_VERDICT: dict[str, Tone] = {"yes": "good", "no": "off", "unknown": "unknown"}


def findings_table(found: Sequence[Finding], hosts: Sequence[Gathered]) -> Table:
    columns = (
        Column("urgency", "Urgency", kind="word"),
        Column("host", "Host"),
        Column("what", "What", kind="name"),
        Column("subjects", "Which"),
        Column("advice", "What to do", kind="text"),
    )
    rows = tuple(
        Row(
            (
                Cell("act" if each.tone == "bad" else "plan", tone=each.tone, order=0 if each.tone == "bad" else 1),
                Cell(each.host),
                Cell(each.what),
                Cell(each.subjects),
                Cell(each.advice),
            ),
            each.host,
        )
        for each in found
    )
    about = "Act: it is broken, or breaks with the next update. Plan: it works, and will not for ever."
    nothing = "Nothing. Every host was reached and none of the checks found anything." if hosts else "No hosts."
    return Table("findings", "What needs action", about, columns, rows, nothing, calm=bool(hosts), where=("host", "subjects"))


def releases_table(hosts: Sequence[Gathered]) -> Table:
    groups: dict[tuple[Cell, ...], list[str]] = {}
    for host in sorted(hosts, key=lambda host: (host.facts("os", "build") or 0, host.facts("os", "revision") or 0)):
        release = Cell(host.facts("os", "release")) if host.reached else Cell("not reached", tone="bad")
        groups.setdefault((release, Cell(host.facts("os", "build")), Cell(host.facts("os", "revision"))), []).append(host.name)
    columns = (
        Column("release", "Windows", kind="name"),
        Column("build", "Build", kind="number"),
        Column("revision", "Revision", kind="number"),
        *_COUNTED,
    )
    about = "Hosts by release, build and revision."
    return Table("releases", "Windows releases", about, columns, counted(groups, len(hosts)), "No hosts.", where=("hosts",))


def engines_table(hosts: Sequence[Gathered]) -> Table:
    groups: dict[tuple[Cell, ...], list[str]] = {}
    for host in sorted(hosts, key=lambda host: str(host.facts("engine", "version") or "")):
        groups.setdefault((engine_cell(host),), []).append(host.name)
    columns = (Column("engine", "Docker Engine", kind="name"), *_COUNTED)
    about = "Hosts by the version of their Docker Engine."
    return Table("engines", "Engine versions", about, columns, counted(groups, len(hosts)), "No hosts.", where=("hosts",))


_COUNTED = (Column("count", "Hosts", kind="number"), Column("share", "Share in %", kind="number"), Column("hosts", "Names"))


def engine_cell(host: Gathered) -> Cell:
    """The version of a host's engine, or why there is none to tell."""
    if not host.reached:
        return Cell(None, "not reached", "unknown")
    version = host.facts("engine", "version")
    if host.facts("engine", "problem"):
        return Cell(version, f"{version or 'engine'}, does not answer", "bad")
    if not host.facts("engine", "installed"):
        return Cell(None, "none", "watch")
    return Cell(
        version,
        "" if host.facts("engine", "running") else f"{version or 'engine'}, stopped",
        "good" if host.facts("engine", "running") else "bad",
    )


def hosts_table(hosts: Iterable[Gathered]) -> Table:
    columns = (
        Column("host", "Host", kind="name"),
        Column("state", "State", kind="word"),
        Column("windows", "Windows", kind="words"),
        Column("build", "Build", kind="number"),
        Column("revision", "Revision", kind="number"),
        Column("platform", "Platform", kind="word"),
        Column("process", "Process", kind="word"),
        Column("hyperv", "Hyper-V", kind="word"),
        Column("engine", "Engine", kind="words"),
        Column("support_end", "Support ends", kind="word"),
        Column("reboot", "Reboot", kind="word"),
        Column("free_bytes", "Free", kind="number"),
        Column("running", "Running", kind="number"),
    )
    about = "Process and Hyper-V: whether containers can run in that isolation now. The reasons stand under Readiness."
    return Table("hosts", "Hosts", about, columns, tuple(map(_host, hosts)), "No hosts.")


def _host(host: Gathered) -> Row:
    if not host.reached:
        state = Cell("unreachable" if host.unreachable else "failed", tone="bad")
        return Row((Cell(host.name), state, *(Cell(None) for _nothing in range(11))), host.name)
    running = sum(bool(entry.get("running")) for entry in host.containers)
    return Row(
        (
            Cell(host.name),
            Cell("reached", tone="good"),
            Cell(str(host.facts("os", "caption") or host.facts("os", "release")).removeprefix("Microsoft ")),
            Cell(host.facts("os", "build")),
            Cell(host.facts("os", "revision")),
            Cell(host.facts("platform")),
            _mode(host, "process"),
            _mode(host, "hyperv"),
            engine_cell(host),
            _support(host),
            _reboot(host),
            _free(free_bytes(host)),
            Cell(running, f"{running} of {len(host.containers)}", order=running) if host.part("containers") else Cell(None),
        ),
        host.name,
    )


def _free(free: int | None) -> Cell:
    if free is None:
        return Cell(None)
    scarce = free < FREE_BYTES
    return Cell(free, f"{free / 1000**3:.{1 if scarce else 0}f} GB", "watch" if scarce else "", free)


def _mode(host: Gathered, mode: str) -> Cell:
    verdict = str(host.facts("readiness", mode, "verdict") or "unknown")
    if verdict == "yes" and not host.facts("readiness", mode, "ready"):
        return Cell("not ready", tone="watch")
    return Cell({"yes": "ready"}.get(verdict, verdict), tone=_VERDICT.get(verdict, "unknown"))


def _support(host: Gathered) -> Cell:
    tones: dict[str, Tone] = {"no": "bad", "unknown": "watch"}
    return Cell(host.facts("support", "end"), tone=tones.get(str(host.facts("support", "verdict")), ""))


def _reboot(host: Gathered) -> Cell:
    pending = host.facts("reboot", "pending")
    if pending is None:
        return Cell("unknown", tone="unknown")
    return Cell("pending", tone="watch") if pending else Cell("no")


def readiness_table(hosts: Iterable[Gathered]) -> Table:
    columns = (
        Column("host", "Host"),
        Column("for", "For", kind="name"),
        Column("verdict", "Can", kind="word"),
        Column("ready", "Ready now", kind="word"),
        Column("reasons", "Reasons", kind="text"),
        Column("next_steps", "Next steps", kind="text"),
    )
    names = {"process": "process isolation", "hyperv": "Hyper-V isolation", "engine": "a Docker Engine"}
    rows = [_readiness(host, key, name) for host in hosts for key, name in names.items() if host.facts("readiness", key)]
    about = "Whether each host can run containers in each isolation, and an engine at all, and why."
    return Table("readiness", "Readiness", about, columns, tuple(rows), "No host told anything about it.", where=("host",))


def _readiness(host: Gathered, key: str, name: str) -> Row:
    verdict, ready = str(host.facts("readiness", key, "verdict")), bool(host.facts("readiness", key, "ready"))
    missing: Tone = "watch" if verdict == "yes" else "off"
    cells = (
        Cell(host.name),
        Cell(name),
        Cell(verdict, tone=_VERDICT.get(verdict, "unknown")),
        Cell("yes" if ready else "no", tone="good" if ready else missing),
        Cell(tuple(map(str, host.facts("readiness", key, "reasons") or ()))),
        Cell(tuple(map(str, host.facts("readiness", key, "next_steps") or ()))),
    )
    return Row(cells, host.name)


def licences_table(hosts: Iterable[Gathered]) -> Table:
    columns = (
        Column("host", "Host"),
        Column("edition", "Edition", kind="name"),
        Column("running", "Hyper-V containers", kind="number"),
        Column("covered", "Covered by one licence", kind="number"),
        Column("verdict", "Verdict", kind="word"),
    )
    about = (
        "Each running container with Hyper-V isolation counts. Standard covers two, Datacenter any number; process isolation is not limited. "
        "Clients may run containers for test and development only."
    )
    rows = tuple(_licence(host) for host in hosts if host.part("containers"))
    return Table("licences", "Licence limits", about, columns, rows, "No host told which containers it has.", where=("host",))


def _licence(host: Gathered) -> Row:
    edition = str(host.facts("os", "edition") or "")
    covered, running = licensed_hyperv_containers(edition), len(host.hyperv_running)
    client = host.facts("os", "product_type") == "workstation"
    verdict = Cell("test and development only", tone="off") if client else Cell("no limit is documented", tone="good")
    if covered is not None:
        verdict = Cell(f"{running - covered} too many", tone="bad") if running > covered else Cell(f"{covered - running} left", tone="good")
    return Row((Cell(host.name), Cell(edition), Cell(running), Cell(covered, "" if covered is not None else "-"), verdict), host.name)
