# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: one HTML page that needs nothing beside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from .folded import folded
from .model import Report, stamp
from .table import Table

HERE = Path(__file__).parent
#: Hosts that are named in a row of several; more of them are folded away behind their number.
NAMED = 4


def as_html(report: Report) -> str:
    """The page. All that comes from hosts is escaped; style and script are this collection's own files, and the only ones it may run."""
    tables = [folded(table) for table in report.tables]
    style, script = column_rules(tables) + _own("page.css"), _own("page.js")
    # Trusted by their hashes in the page's policy: what a container's name might smuggle in would not run even unescaped.
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["breakable"] = breakable
    groups = sorted({name for names in report.groups.values() for name in names})
    return environment.get_template("page.html.j2").render(
        report=report,
        tables=tables,
        heads={table.key: row_head(table) for table in tables},
        named=NAMED,
        generated=stamp(report.generated),
        day=f"{report.generated:%Y-%m-%d %H:%M %Z}",
        groups=groups,
        # The page's script knows the groups by their places in the choice, where "all" is the first.
        numbers={host: " ".join(str(groups.index(name) + 1) for name in sorted(names)) for host, names in report.groups.items()},
        style=style,
        script=script,
        policy=policy,
    )


def column_rules(tables: Iterable[Table]) -> str:
    """Says once for each column what every cell would have to repeat: how its kind is set."""
    places: dict[str, list[str]] = {}
    for table in tables:
        for number, column in enumerate(table.columns, 1):
            places.setdefault(column.kind, []).append(f"#{table.key} tbody>tr>:nth-child({number})")
    return "".join(f"{','.join(places[kind])}{{{rule}}}\n" for kind, rule in _RULES.items() if kind in places)


_RULES = {
    "number": "text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap",
    "word": "white-space:nowrap",
    "words": "overflow-wrap:normal",
    "name": "min-width:min(8rem,26vw);font-weight:600",
    "text": "min-width:min(12rem,40vw);font-weight:400",
    "where": "min-width:min(13rem,40vw)",
}


def row_head(table: Table) -> int:
    """Which column names a row: to screen readers it is read with every cell."""
    return next((index for index, column in enumerate(table.columns) if column.kind == "name"), 0)


def breakable(text: str) -> Markup:
    """Escaped text whose long references may be broken after a slash."""
    return escape(text).replace("/", Markup("/<wbr>"))


def _own(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
