# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""schtasks.exe: /create, /run, /query, /delete, /end of tasks that run once (windows/tasks.py).

The three SUCCESS texts are as pasted by users; the others, the table and the codes (0, 1) are *unverified*.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..windows.messages import system_message
from ..windows.tasks import NEVER_RUN, Task
from .process import Process, program

_VALUES = {"/tn", "/tr", "/sc", "/st", "/sd", "/ru", "/rp", "/rl", "/fo"}
_FLAGS = {"/f", "/z", "/v", "/v1", "/nh", "/it", "/np", "/hresult"}
_VERBS = ("/create", "/run", "/query", "/delete", "/end")
#: Of a task's line.
LONGEST_LINE = 261
_SYSTEM = ("system", "nt authority\\system", "s-1-5-18", "")


class _Bad(Exception):
    """Not a command line of schtasks; the text is what it prints."""


def _options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        name = rest.pop(0).lower()
        if name in _VALUES:
            if not rest:
                raise _Bad(f"Invalid syntax. Value expected for '{name}'.")
            found[name] = rest.pop(0)
        elif name in _FLAGS:
            found[name] = ""
        else:
            raise _Bad(f"Invalid argument/option - '{name}'.")
    return found


def _due(process: Process, options: dict[str, str]) -> datetime | None:
    """When a task runs. Raises _Bad for a schedule that is none, or that this simulation lacks."""
    schedule = options.get("/sc", "").lower()
    if schedule in ("onstart", "onlogon", "onidle"):
        return None
    if schedule != "once":
        raise _Bad("Invalid Schedule Type specified.")
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", options.get("/st", ""))
    if not match:
        raise _Bad("Invalid syntax. Mandatory option 'st' is missing." if "/st" not in options else "Invalid Starttime value.")
    now = process.machine.now()
    return now.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)


async def _create(process: Process, options: dict[str, str]) -> int:
    if "/tn" not in options or "/tr" not in options:
        raise _Bad(f"Invalid syntax. Mandatory option '{'tr' if '/tn' in options else 'tn'}' is missing.")
    if len(options["/tr"]) > LONGEST_LINE:
        raise _Bad(f"Value for '/TR' option cannot be more than {LONGEST_LINE} character(s).")
    user = options.get("/ru", process.user)
    if user.lower() not in _SYSTEM:
        process.machine.log("refused", f"a task of the account {user}: {process.command_line}")
        raise _Bad("The simulated task scheduler runs tasks as SYSTEM only.")
    name, due = options["/tn"].strip("\\"), _due(process, options)
    tasks = process.machine.tasks
    if tasks.find(name) and "/f" not in options:
        await process.print(process.say('WARNING: The task name "{}" already exists. Do you want to replace it (Y/N)?', name) + " ")
        if not (await process.stdin.read()).strip().lower().startswith(b"y"):
            return 0
    if due and due < process.machine.now() - timedelta(seconds=60):
        await process.complain(process.say("WARNING: Task may not run because /ST is earlier than current time.") + "\n")
    tasks.create(Task(name, options["/tr"], due, "SYSTEM"))
    await process.print(process.say('SUCCESS: The scheduled task "{}" has successfully been created.', name) + "\n")
    return 0


def _task(process: Process, options: dict[str, str]) -> Task:
    task = process.machine.tasks.find(options.get("/tn", ""))
    if task is None:
        raise _Bad(system_message(2))
    return task


async def _run(process: Process, options: dict[str, str]) -> int:
    task = _task(process, options)
    process.machine.tasks.start(task)
    await process.print(process.say('SUCCESS: Attempted to run the scheduled task "{}".', task.name) + "\n")
    return 0


async def _end(process: Process, options: dict[str, str]) -> int:
    task = _task(process, options)
    if task.run and not task.run.done():
        task.run.cancel()
    await process.print(process.say('SUCCESS: The scheduled task "{}" has been terminated successfully.', task.name) + "\n")
    return 0


async def _delete(process: Process, options: dict[str, str]) -> int:
    task = _task(process, options)
    if "/f" not in options:
        question = process.say('WARNING: Are you sure you want to remove the task "{}" (Y/N)?', task.name)
        await process.print(f"{question} ")
        if not (await process.stdin.read()).strip().lower().startswith(b"y"):
            return 0
    process.machine.tasks.delete(task.name)
    await process.print(process.say('SUCCESS: The scheduled task "{}" was successfully deleted.', task.name) + "\n")
    return 0


async def _query(process: Process, options: dict[str, str]) -> int:
    tasks = [_task(process, options)] if "/tn" in options else process.machine.tasks.all()
    if not tasks:
        await process.print(process.say("INFO: There are no scheduled tasks presently available at your access level.") + "\n")
        return 0
    shape = options.get("/fo", "table").lower()
    rows = [_row(process, task, verbose="/v" in options) for task in tasks]
    titles = [process.say(title) for title, _unused in rows[0]]
    if shape == "csv":
        head = [] if "/nh" in options else [",".join(f'"{title}"' for title in titles)]
        lines = head + [",".join(f'"{value}"' for _unused, value in row) for row in rows]
        await process.print("\n".join(lines) + "\n")
    elif shape == "list":
        width = max(map(len, titles)) + 2
        texts = ["".join(f"{process.say(title) + ':':<{width}}{value}\n" for title, value in row) for row in rows]
        await process.print("\n" + process.say("Folder: {}", "\\") + "\n" + "\n".join(texts))
    else:
        widths = [40, 22, 15, *([20] * 10)]
        lines = [" ".join(f"{title:<{width}}" for title, width in zip(titles, widths, strict=False)).rstrip()]
        lines.append(" ".join("=" * width for _unused, width in zip(titles, widths, strict=False)))
        lines += [" ".join(f"{value:<{width}}" for (_unused, value), width in zip(row, widths, strict=False)).rstrip() for row in rows]
        top = "" if "/nh" in options else f"\n{process.say('Folder: {}', chr(92))}\n" + "\n".join(lines[:2]) + "\n"
        await process.print(top + "\n".join(lines[2:]) + "\n")
    return 0


def _row(process: Process, task: Task, *, verbose: bool) -> list[tuple[str, str]]:
    now = process.machine.now()
    due = f"{task.due:%-m/%-d/%Y %-I:%M:%S %p}" if task.due and task.due > now else "N/A"
    row = [("TaskName", f"\\{task.name}" if verbose else task.name), ("Next Run Time", due), ("Status", process.say(task.status))]
    if verbose:
        last = f"{task.last_run:%-m/%-d/%Y %-I:%M:%S %p}" if task.last_run else "11/30/1999 12:00:00 AM"
        result = task.last_result if task.last_result != NEVER_RUN else NEVER_RUN
        row += [("Last Run Time", last), ("Last Result", str(result)), ("Task To Run", task.line), ("Run As User", task.user)]
    return row


@program("schtasks.exe")
async def schtasks(process: Process) -> int:
    words = process.arguments[1:]
    verb = words[0].lower() if words else "/query"
    try:
        if verb not in _VERBS:
            raise _Bad(f"Invalid argument/option - '{verb}'.")
        options = _options(words[1:])
        if not process.elevated and verb != "/query":
            raise _Bad(system_message(5))
        actions = {"/create": _create, "/run": _run, "/query": _query, "/delete": _delete, "/end": _end}
        return await actions[verb](process, options)
    except _Bad as bad:
        if str(bad).startswith("Invalid"):
            process.machine.log("refused", process.command_line)
        await process.complain(f"{process.say('ERROR:')} {process.say(str(bad))}\n")
        return 1
