# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables for people: what several hosts have in common is said once, with the names of the hosts beside it. Pure.

JSON and CSV keep a row for each host. A page does not: of a thousand hosts hundreds say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .table import Cell, Column, Row, Table

_WHERE = Column("where", "Where", kind="where")
_RANK = {"bad": 0, "watch": 1}


def folded(table: Table) -> Table:
    """The table with one column in the place of those that tell where; the worst and the most frequent first.

    A table that counts hosts keeps its order, and one without columns that tell where is returned as it is.
    """
    if not table.where:
        return table
    keys = [column.key for column in table.columns]
    telling = [keys.index(key) for key in table.where]
    places: dict[tuple[Cell | None, ...], dict[str, list[str]]] = {}
    for row in table.rows:
        said = tuple(None if index in telling else cell for index, cell in enumerate(row.cells))
        for host, subjects in _places(row, telling):
            places.setdefault(said, {}).setdefault(host, []).extend(subjects)
    rows = [_row(said, hosts, telling) for said, hosts in places.items()]
    if "host" in table.where:
        rows.sort(key=lambda row: (_RANK.get(row.tone, 2), -len(row.where)))
    columns = tuple(_WHERE if index == telling[-1] else column for index, column in enumerate(table.columns) if index not in telling[:-1])
    return replace(table, columns=columns, rows=tuple(rows))


def _places(row: Row, telling: list[int]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Host and subjects of a row; the hosts of a row that counts them."""
    if row.host:
        yield row.host, tuple(line for index in telling[1:] for line in row.cells[index].lines)
    else:
        yield from ((name, ()) for name in Cell(row.cells[telling[0]].value).lines)


def _row(said: tuple[Cell | None, ...], hosts: dict[str, list[str]], telling: list[int]) -> Row:
    names = Cell(tuple(hosts), order=len(hosts))
    cells = tuple(cell or names for index, cell in enumerate(said) if index not in telling[:-1])
    return Row(cells, where=tuple((host, tuple(subjects)) for host, subjects in hosts.items()))
