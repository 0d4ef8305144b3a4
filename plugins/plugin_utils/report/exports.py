# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for programs: one JSON file, and a CSV file for each table. Pure."""

from __future__ import annotations

import csv
import io
import json

from .model import Report
from .table import Cell, Table

#: What spreadsheets take for the beginning of a formula, wide forms included; they skip blanks and quotes before it.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20|%\t\r")


def as_json(report: Report) -> str:
    """JSON with sorted keys would lose the order of columns, so they stand as in the report."""
    return json.dumps(report.data, indent=2, ensure_ascii=False) + "\n"


def as_csv(table: Table) -> str:
    """RFC 4180, with names in the first line. Numbers stay numbers; no text is a formula to a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(column.key for column in table.columns)
    writer.writerows([_plain(cell) for cell in row.cells] for row in table.rows)
    return buffer.getvalue()


def _plain(cell: Cell) -> str | int:
    if isinstance(cell.value, int):
        return cell.value
    text = "; ".join(Cell(cell.value).lines)
    return f"'{text}" if text.lstrip(" \"'").startswith(_FORMULA) else text
