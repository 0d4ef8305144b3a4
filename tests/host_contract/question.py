# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A question to a Windows host, and its answer. Questions are collected by the decorator, in the order of their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .site import Site

#: Settings of a host in a simulator's fleet file.
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a host showed.

    Args:
        value: In one word or a short clause: ``yes``, ``no``, ``refused with code 170``.
        detail: What was seen, a sentence without a final stop.
        position: The settings with which the simulator behaves alike; empty when it has no switch for it.
        seen: Numbers and short texts behind the answer.
        breaks: The collection cannot work on such a host.
    """

    value: str
    detail: str = ""
    position: Settings = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    breaks: bool = False


class NotAsked(Exception):
    """This host, or this way to it, cannot be asked; says why."""


@dataclass(frozen=True)
class Question:
    """What no public source settles.

    Args:
        key: Short name.
        text: The question.
        fact: Where the facts leave it open.
        ask: Asks it.
        starts: Programs it starts on the host, in words a user can check.
        changes: What it changes there, undone afterwards.
        contract: A failure to answer breaks the collection; otherwise every answer is welcome.
        group: ``reboot``, ``feature`` or ``container`` for those that do more than look; they can be left out or must be asked for.
    """

    key: str
    text: str
    fact: str
    ask: Callable[[Site], Answer]
    starts: Sequence[str] = ()
    changes: Sequence[str] = ()
    contract: bool = False
    group: str = ""


QUESTIONS: dict[str, Question] = {}
Ask = Callable[[Site], Answer]


def question(
    key: str,
    text: str,
    *,
    fact: str,
    starts: Sequence[str] = (),
    changes: Sequence[str] = (),
    contract: bool = False,
    group: str = "",
) -> Callable[[Ask], Ask]:
    """Collect a question; the arguments are those of :class:`Question`."""

    def keep(ask: Ask) -> Ask:
        QUESTIONS[key] = Question(key, text, fact, ask, starts, changes, contract, group)
        return ask

    return keep


def yes_no(yes: bool, detail: str = "", *, no_breaks: bool = False, **seen: Any) -> Answer:
    """The plainest answer."""
    return Answer("yes" if yes else "no", detail, seen=seen, breaks=no_breaks and not yes)


def switch(name: str, value: Any) -> Settings:
    """Position of a switch of the WinRM service."""
    return {"winrm": {"switches": {name: value}}}


def merge(settings: Sequence[Settings]) -> dict[str, Any]:
    """Several settings as one."""
    result: dict[str, Any] = {}
    for each in settings:
        for key, value in each.items():
            result[key] = merge([result.get(key, {}), value]) if isinstance(value, Mapping) else value
    return result
