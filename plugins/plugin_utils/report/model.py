# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as data: a summary, and tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .container_tables import containers_table, images_table, outlook_table
from .findings import Finding, findings
from .gathered import Gathered
from .outlook import Outlook, outlooks
from .table import Table, Tone
from .tables import engines_table, findings_table, hosts_table, licences_table, readiness_table, releases_table

#: Of the JSON form; raised when a key changes its meaning or goes.
FORMAT = 1


@dataclass(frozen=True)
class Tile:
    """A figure of the summary; ``of`` is what it is a part of, ``table`` the one that has the details."""

    key: str
    label: str
    value: int
    of: int | None
    tone: Tone
    table: str


@dataclass(frozen=True)
class Report:
    """Everything the report says.

    Attributes:
        groups: The inventory groups of each host, by its name.
    """

    title: str
    generated: datetime
    tiles: tuple[Tile, ...]
    tables: tuple[Table, ...]
    groups: Mapping[str, tuple[str, ...]]

    @property
    def data(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "format": FORMAT,
            "title": self.title,
            "generated": stamp(self.generated),
            "summary": {tile.key: {"value": tile.value, "of": tile.of} for tile in self.tiles},
            "groups": {host: list(names) for host, names in self.groups.items()},
            "tables": {table.key: table.records() for table in self.tables},
        }


def stamp(moment: datetime) -> str:
    """``2026-11-24T12:00:00+00:00``."""
    return moment.isoformat(timespec="seconds")


def build(gathered: Iterable[Mapping[str, Any]], title: str, now: datetime) -> Report:
    """The report on what was gathered. Whoever passes the same gets the same.

    Args:
        gathered: Entries of the option ``hosts`` of the module fleet_report.
        now: When it is made; support and age are judged on that day.
    """
    hosts = sorted(map(Gathered.of, gathered), key=lambda host: host.name)
    prospects = {host.name: outlooks(host, now.date()) for host in hosts}
    found = findings(hosts, prospects, now.date())
    tables = (
        findings_table(found, hosts),
        outlook_table(prospects, any(host.reached for host in hosts)),
        hosts_table(hosts),
        containers_table(hosts),
        images_table(hosts, now.date()),
        readiness_table(hosts),
        licences_table(hosts),
        releases_table(hosts),
        engines_table(hosts),
    )
    return Report(title, now, _tiles(hosts, found, prospects, tables), tables, {host.name: host.groups for host in hosts})


def _tiles(
    hosts: Sequence[Gathered], found: Sequence[Finding], prospects: Mapping[str, Sequence[Outlook]], tables: Sequence[Table]
) -> tuple[Tile, ...]:
    rows = {table.key: table.rows for table in tables}
    running = [entry for host in hosts for entry in host.containers if entry.get("running")]
    reached, engines = [host for host in hosts if host.reached], sum(bool(host.facts("engine", "running")) for host in hosts)
    act, plan = ({finding.host for finding in found if finding.tone == tone} for tone in ("bad", "watch"))
    proved = sum(proof.get("as_requested") is True for host in hosts for proof in host.proofs.values())
    behind = sum(row.tone == "watch" for row in rows["images"])
    lost = sum(each.troubled for found in prospects.values() for each in found)
    over = sum(row.tone == "bad" for row in rows["licences"])
    pending = sum(bool(host.facts("reboot", "pending")) for host in hosts)
    fine: Tone = "good" if reached else ""  # of hosts that nobody saw nothing is known
    return (
        Tile("act", "Hosts to act on", len(act), len(hosts), "bad" if act else fine, "findings"),
        Tile("plan", "Hosts to plan for", len(plan), len(hosts), "watch" if plan else fine, "findings"),
        _part("reached", "Hosts reached", len(reached), len(hosts), "bad", "hosts"),
        _ready("process", "Process isolation ready", reached),
        _ready("hyperv", "Hyper-V isolation ready", reached),
        _part("engines", "Engines running", engines, len(reached), "watch", "engines"),
        Tile("running", "Containers running", len(running), sum(len(host.containers) for host in hosts), "", "containers"),
        _part("proved", "Isolation proved", proved, len(running), "watch", "containers"),
        Tile("outlook", "May not restart after an update", lost, None, "watch" if lost else fine, "outlook"),
        Tile("behind", "Images behind", behind, None, "watch" if behind else fine, "images"),
        Tile("reboots", "Reboots pending", pending, None, "watch" if pending else fine, "hosts"),
        Tile("licences", "Hosts over their licence", over, None, "bad" if over else fine, "licences"),
    )


def _part(key: str, label: str, value: int, of: int, otherwise: Tone, table: str) -> Tile:
    return Tile(key, label, value, of, otherwise if value < of else "good" if of else "", table)


def _ready(mode: str, label: str, reached: Sequence[Gathered]) -> Tile:
    """Not every host has to have each isolation, so that a number below all is not a fault."""
    ready = sum(bool(host.facts("readiness", mode, "ready")) for host in reached)
    return _part(mode, label, ready, len(reached), "", "readiness")
