# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for people: one HTML page that needs nothing beside it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from .model import Report, stamp
from .table import Row

HERE = Path(__file__).parent
#: A mark for each tone, so that none is told by its colour alone. The words beside it say the same.
MARKS = {"good": "\u2713", "watch": "\u25b2", "bad": "\u2716", "unknown": "?", "off": "\u2013"}


def as_html(report: Report) -> str:
    """The page. All that comes from hosts is escaped; style and script are this collection's own files, and the only ones it may run."""
    style, script = _own("page.css"), _own("page.js")
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
    environment.globals.update(marks=MARKS, groups_of=lambda row: groups_of(report, row))
    return environment.get_template("page.html.j2").render(
        report=report,
        generated=stamp(report.generated),
        day=f"{report.generated:%Y-%m-%d %H:%M %Z}",
        groups=sorted({name for names in report.groups.values() for name in names}),
        style=style,
        script=script,
        policy=policy,
    )


def groups_of(report: Report, row: Row) -> str:
    """The inventory groups a row belongs to, one on each line, for the page's filter."""
    return "\n".join(report.groups.get(row.host, ()))


def breakable(text: str) -> Markup:
    """Escaped text whose long references may be broken after a slash."""
    return escape(text).replace("/", Markup("/<wbr>"))


def _own(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
