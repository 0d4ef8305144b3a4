# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says beforehand what will be done to a host, asks it, and cleans up."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError

from . import ask_cim, ask_engine, ask_inside, ask_programs, ask_restart, ask_shell, ask_wire
from .question import QUESTIONS, NotAsked, Question
from .report import Entry, Report, hidden_texts
from .site import FOLDER, KEY, Site

#: Imported for the questions they hold, in the order these are asked: those that restart the host come last.
MODULES = (ask_shell, ask_wire, ask_cim, ask_programs, ask_engine, ask_inside, ask_restart)
#: Asked only when wanted.
ASKED_FOR = ("feature",)
GROUPS = ("reboot", "feature", "container")


def chosen(*, only: Collection[str] = (), include: Collection[str] = (), exclude: Collection[str] = ()) -> list[Question]:
    """The questions to ask.

    Args:
        only: Keys; all when empty.
        include: Groups that are asked only when wanted.
        exclude: Groups to leave out.
    """
    left_out = {*exclude, *(group for group in ASKED_FOR if group not in include)}
    order = [module.__name__ for module in MODULES]
    wanted = [each for key, each in QUESTIONS.items() if (key in only if only else each.group not in left_out)]
    return sorted(wanted, key=lambda each: order.index(each.ask.__module__))


def announcement(host: str, questions: Sequence[Question]) -> Iterable[str]:
    """What will be done, line by line: every program and every change."""
    yield f"{len(questions)} questions to {host}."
    yield ""
    yield "They start these programs there, each through cmd.exe, with cmd's own if, type, mkdir, rmdir, move and echo:"
    yield from (f"  {program}" for program in _once(program for each in questions for program in each.starts))
    yield ""
    yield "They change this, and undo it afterwards:"
    yield f"  the folder {FOLDER}, the registry key HKLM\\{KEY}"
    yield from (f"  {change}" for change in _once(change for each in questions for change in each.changes))
    yield ""
    restarts = sum("shutdown.exe /r" in program for each in questions for program in each.starts)
    yield (
        "The host is RESTARTED, several times." if restarts > 1 else "The host is RESTARTED." if restarts else "The host is not restarted."
    )


def _once(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def ask_all(
    name: str,
    variables: Mapping[str, Any],
    questions: Sequence[Question],
    *,
    hide_names: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Report:
    """Ask one question after another, each over a connection of its own, and remove what they wrote."""
    report = Report("the host" if hide_names else name, hidden=hidden_texts(variables, names=hide_names))
    for each in questions:
        entry = ask(name, variables, each)
        report.entries.append(entry)
        said = entry.answer.value if entry.answer else f"no answer: {entry.problem}"
        tell(report.hide(f"{each.text} {said}{' (breaks the collection)' if entry.breaks else ''}"))
    report.left = _clean_up(name, variables)
    return report


def ask(name: str, variables: Mapping[str, Any], wanted: Question) -> Entry:
    """Ask one question; an error is its outcome, too."""
    entry, started = Entry(wanted), time.monotonic()
    try:
        site = Site(name, variables)
        try:
            entry.answer = wanted.ask(site)
        finally:
            site.close()
    except NotAsked as reason:
        entry.problem, entry.skipped = f"Not asked: {reason}", True
    except ContainersError as error:
        entry.problem = error.sentence(name).rstrip(".")
    except Exception as error:  # whatever a question stumbles over, the others are asked, and the host is tidied up
        entry.problem = f"The question itself failed: {type(error).__name__}: {error}"
    entry.seconds = time.monotonic() - started
    return entry


def _clean_up(name: str, variables: Mapping[str, Any]) -> list[str]:
    try:
        site = Site(name, variables)
        try:
            return site.clean_up()
        finally:
            site.close()
    except ContainersError as error:
        return [f"perhaps something: {error.sentence(name)}"]
