# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trouble on purpose, per host or for a whole fleet: connections cut, answers late, cut short or replaced, logons refused.

In a fleet file::

    faults:                                                 # of every host; counted per host
      - {kind: "*", do: delay, seconds: 0.2, times: 0}
    hosts:
      - name: ws2022
        faults:
          - {kind: Receive, do: cut, when: after, nth: 2}
          - {kind: "*", do: status, status: 503, times: 3}

In a test: ``fleet.hosts["ws2022"].faults.add("cut", kind="Receive")``. While it runs: the control address, see control.py.
What goes wrong inside a machine (full disk, reboots, services, downloads) is not here but in its state: trouble.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .http import Abort, Response, raw

ACTIONS = ("cut", "close", "truncate", "delay", "status")
KINDS = (
    "*", "Logon", "Identify", "Create", "Command", "Send", "Receive", "Signal", "Delete", "Get", "Put", "Enumerate", "Pull", "Release",
    "Invoke",
)  # fmt: skip


@dataclass
class Rule:
    """One fault.

    Args:
        do: ``cut`` the connection with a reset, ``close`` it orderly, ``truncate`` the answer in its middle and reset, ``delay`` it, or answer
            with an HTTP ``status`` and no body.
        kind: Of message (``Create``, ``Command``, ``Send``, ``Receive``, ``Signal``, ``Delete``, ``Get``, ``Enumerate``, ``Pull``,
            ``Invoke``, ``Identify``), ``Logon`` for requests without a message, or ``*``.
        when: ``before`` the message is carried out, or ``after``: it is done, only its answer is late or lost. Nothing can be truncated
            before.
        nth: Take effect at this matching message, counted from 1 since the rule was added.
        times: For so many messages; 0: for ever.
        seconds: Of a delay.
        status: HTTP status.
    """

    do: str
    kind: str = "*"
    when: str = ""
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    status: int = 503
    seen: int = 0

    def __post_init__(self) -> None:
        self.when = self.when or ("after" if self.do == "truncate" else "before")
        if self.do not in ACTIONS or self.when not in ("before", "after") or self.kind not in KINDS:
            raise ValueError(
                f"unknown fault: do={self.do!r} kind={self.kind!r} when={self.when!r} "
                f"(do: {', '.join(ACTIONS)}; kind: {', '.join(KINDS)}; when: before, after)"
            )
        if self.do == "truncate" and self.when == "before":
            raise ValueError("a fault cannot truncate an answer before there is one")

    def due(self, kind: str) -> bool:
        """Count a message; whether the rule takes effect on it."""
        if self.kind not in ("*", kind):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)

    def shown(self) -> dict[str, Any]:
        """As in a fleet file, with ``seen``: matching messages so far."""
        return dict(vars(self))


class Faults:
    """The rules of one host."""

    def __init__(self, rules: Iterable[Mapping[str, Any]] = ()) -> None:
        self.rules: list[Rule] = []
        for rule in rules:
            self.rules.append(Rule(**rule))

    def add(self, do: str, **settings: Any) -> Rule:
        """Add a rule; its arguments are Rule's."""
        rule = Rule(do, **settings)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """No more trouble."""
        self.rules.clear()

    def due(self, kind: str) -> list[Rule]:
        """The rules that take effect on this message, in the order they were added."""
        return [rule for rule in self.rules if rule.due(kind)]


async def carry_out(rules: list[Rule], answer: Callable[[], Awaitable[Response]]) -> Response:
    """Answer a message with these rules in force; the response, or what takes its place."""
    if trouble := await _apply([rule for rule in rules if rule.when == "before"], None):
        return trouble
    response = await answer()
    return await _apply([rule for rule in rules if rule.when == "after"], response) or response


async def _apply(rules: list[Rule], response: Response | None) -> Response | None:
    for rule in rules:
        if rule.do == "delay":
            await asyncio.sleep(rule.seconds)
        elif rule.do in ("cut", "close"):
            return Abort(orderly=rule.do == "close")
        elif rule.do == "truncate" and response is not None:
            whole = raw(response)
            return Abort(body=whole[: len(whole) // 2])
        else:
            return Response(rule.status)
    return None
