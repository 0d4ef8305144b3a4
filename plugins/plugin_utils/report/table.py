# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's data: tables of cells. The page, the JSON and the CSV files are three ways to write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

#: ``off`` is what a host cannot do by its nature, ``unknown`` what nobody could learn; neither asks for action.
Tone = Literal["", "good", "watch", "bad", "unknown", "off"]
Value = str | int | tuple[str, ...] | None

#: Control characters, and those that turn the direction of text: names and labels come from whoever made a container.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Cell:
    """One value.

    Attributes:
        value: What JSON gets.
        shown: What people get, when it is not the value itself.
        tone: What it means; ``shown`` or ``value`` says the same in words.
        order: What it is sorted by, when that is not what is shown.
    """

    value: Value
    shown: str = ""
    tone: Tone = ""
    order: int | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """What people read, one entry for each line."""
        if self.shown:
            return (visible(self.shown),)
        if isinstance(self.value, tuple):
            return tuple(map(visible, self.value))
        return () if self.value is None else (visible(str(self.value)),)

    @property
    def sort_key(self) -> str:
        """A number, or the text in lower case; empty sorts last."""
        if self.order is not None:
            return str(self.order)
        return str(self.value) if isinstance(self.value, int) else " ".join(self.lines).lower()


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        kind: What it holds: the row's ``name``, a ``number``, a ``text`` of several words, a ``word`` that is never broken, ``words``
            that are broken between them only, the hosts a row speaks of (``where``), or anything else.
    """

    key: str
    label: str
    kind: Literal["", "name", "number", "text", "word", "words", "where"] = ""


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        host: The one it speaks of, empty when it speaks of several.
        where: Those it speaks of when several say the same, each with the containers or images it is about there.
    """

    cells: tuple[Cell, ...]
    host: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def tone(self) -> Tone:
        """The worst of what asks for action."""
        tones = {cell.tone for cell in self.cells}
        return "bad" if "bad" in tones else "watch" if "watch" in tones else ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        empty: What it means that there is no row.
        calm: Whether it is good news that there is none.
        where: The columns that tell on which host, and of what there. Rows that differ in nothing else are one row on the page.
    """

    key: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str
    calm: bool = False
    where: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Value]]:
        """The rows as dictionaries."""
        return [{column.key: cell.value for column, cell in zip(self.columns, row.cells, strict=True)} for row in self.rows]


def visible(text: str) -> str:
    """Text without characters that hide or turn it round."""
    return _INVISIBLE.sub(" ", text)


def counted(groups: Mapping[tuple[Cell, ...], Sequence[str]], total: int) -> tuple[Row, ...]:
    """A row for each group of hosts: what they share, how many they are, their share in percent, their names."""
    return tuple(
        Row(
            (
                *shared,
                Cell(len(names)),
                Cell(round(100 * len(names) / total) if total else 0),
                Cell(tuple(sorted(names)), ", ".join(sorted(names))),
            )
        )
        for shared, names in groups.items()
    )
