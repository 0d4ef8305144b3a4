# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tasklist.exe and taskkill.exe (*unverified*: no recording; codes and texts as commonly seen)."""

from __future__ import annotations

import asyncio
import fnmatch
import operator
from collections.abc import Callable
from typing import Any

from ..windows.processes import ProcessEntry
from .process import Process, program

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "lt": operator.lt,
    "ge": operator.ge,
    "le": operator.le,
}


class _Bad(Exception):
    """Not a command line of these programs; the text is what they print."""


def _filter(text: str) -> Callable[[ProcessEntry], bool]:
    """A ``/fi`` filter: IMAGENAME, PID, SESSION with an operator and a value. Raises _Bad."""
    parts = text.split(None, 2)
    if len(parts) != 3 or parts[0].lower() not in ("imagename", "pid", "session") or parts[1].lower() not in _COMPARISONS:
        raise _Bad("ERROR: The search filter cannot be recognized.")
    what, compare, value = parts[0].lower(), _COMPARISONS[parts[1].lower()], parts[2].strip().lower()
    if what == "imagename":
        wanted = parts[1].lower() == "eq"
        return lambda row: fnmatch.fnmatchcase(row.name.lower(), value) == wanted
    if not value.isdigit():
        raise _Bad("ERROR: The search filter cannot be recognized.")
    return lambda row: compare(row.pid if what == "pid" else row.session, int(value))


def _options(words: list[str], flags: set[str], values: set[str]) -> dict[str, list[str]]:
    """Switches to the values they were given. Raises _Bad."""
    found: dict[str, list[str]] = {}
    rest = list(words)
    while rest:
        name = rest.pop(0).lower()
        if name in flags:
            found[name] = []
        elif name in values and rest:
            found.setdefault(name, []).append(rest.pop(0))
        else:
            raise _Bad(f"ERROR: Invalid argument/option - '{name}'.")
    return found


async def _refuse(process: Process, text: str) -> int:
    process.machine.log("refused", process.command_line)
    await process.complain(f'{process.say(text)}\nType "{process.arguments[0].upper()} /?" for usage.\n')
    return 1


@program("tasklist.exe")
async def tasklist(process: Process) -> int:
    """``/fi``, ``/fo table|csv|list``, ``/nh``, ``/svc``; ``/v``, ``/m`` and other machines are refused."""
    try:
        options = _options(process.arguments[1:], {"/nh", "/svc"}, {"/fi", "/fo"})
        filters = [_filter(text) for text in options.get("/fi", [])]
        shape = options.get("/fo", ["table"])[-1].lower()
        if shape not in ("table", "csv", "list"):
            raise _Bad(f"ERROR: Invalid value \"{shape}\" specified for '/fo' option.")
    except _Bad as bad:
        return await _refuse(process, str(bad))
    rows = [row for row in process.machine.processes.all() if all(one(row) for one in filters)]
    if not rows:
        await process.print(process.say("INFO: No tasks are running which match the specified criteria.") + "\n")
        return 0
    titles = ["Image Name", "PID", "Services"] if "/svc" in options else ["Image Name", "PID", "Session Name", "Session#", "Mem Usage"]
    table = [_cells(process, row, services="/svc" in options) for row in rows]
    shown = {"csv": _csv, "list": _list}.get(shape, _table)([process.say(title) for title in titles], table)
    if "/nh" in options and shape != "list":
        shown = shown.split("\n", 1 if shape == "csv" else 3)[-1]
    await process.print(shown)
    return 0


def _cells(process: Process, row: ProcessEntry, *, services: bool) -> list[str]:
    if services:
        names = [one.name for one in process.machine.services.all() if one.pid == row.pid and row.pid]
        return [row.name, str(row.pid), ",".join(names) or "N/A"]
    return [row.name, str(row.pid), "Services" if row.session == 0 else "", str(row.session), "8,192 K"]


def _csv(titles: list[str], table: list[list[str]]) -> str:
    return "".join(",".join(f'"{cell}"' for cell in cells) + "\n" for cells in [titles, *table])


def _list(titles: list[str], table: list[list[str]]) -> str:
    return "".join("\n" + "".join(f"{title + ':':<14}{cell}\n" for title, cell in zip(titles, cells, strict=True)) for cells in table)


def _table(titles: list[str], table: list[list[str]]) -> str:
    widths = [25, 8, 44] if len(titles) == 3 else [25, 8, 16, 11, 12]

    def line(cells: list[str]) -> str:
        aligned = [
            f"{cell[:width]:<{width}}" if index in (0, 2) else f"{cell:>{width}}"
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return " ".join(aligned) + "\n"

    return "\n" + line(titles) + " ".join("=" * width for width in widths) + "\n" + "".join(line(cells) for cells in table)


@program("taskkill.exe")
async def taskkill(process: Process) -> int:
    """``/pid`` and ``/im`` (several, ``*`` allowed), ``/fi``, ``/f``, ``/t``. Codes: 0, 1 refused, 128 none found, 255 partly failed."""
    try:
        options = _options(process.arguments[1:], {"/f", "/t"}, {"/pid", "/im", "/fi"})
        filters = [_filter(text) for text in options.get("/fi", [])]
    except _Bad as bad:
        return await _refuse(process, str(bad))
    wanted = [(text, True) for text in options.get("/pid", [])] + [(text, False) for text in options.get("/im", [])]
    if not wanted or any(number and not text.isdigit() for text, number in wanted):
        return await _refuse(process, "ERROR: Invalid syntax.")
    codes = [await _kill(process, text, number, filters, tree="/t" in options) for text, number in wanted]
    return max(codes)


async def _kill(process: Process, text: str, number: bool, filters: list[Callable[[ProcessEntry], bool]], *, tree: bool) -> int:
    table = process.machine.processes
    rows = [row for row in table.all() if (row.pid == int(text) if number else fnmatch.fnmatchcase(row.name.lower(), text.lower()))]
    rows = [row for row in rows if all(one(row) for one in filters)]
    if not rows:
        await process.complain(process.say('ERROR: The process "{}" not found.', text) + "\n")
        return 128
    if tree:
        rows = [one for row in rows for one in [*_descendants(process, row), row]]
    code = 0
    for row in rows:
        if row.kill is None or not process.elevated:
            text = process.say("ERROR: The process with PID {} could not be terminated.\nReason: Access is denied.", row.pid)
            await process.complain(f"{text}\n")
            code = 1
            continue
        row.kill()
        await asyncio.sleep(0)
        template = (
            "SUCCESS: The process with PID {} has been terminated."
            if number
            else 'SUCCESS: The process "{1}" with PID {0} has been terminated.'
        )
        await process.print(process.say(template, row.pid, row.name) + "\n")
    return code


def _descendants(process: Process, row: ProcessEntry) -> list[ProcessEntry]:
    found = []
    for child in process.machine.processes.children(row.pid):
        found += [*_descendants(process, child), child]
    return found
