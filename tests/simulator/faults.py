# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trouble on purpose, per host: connections cut, answers late or replaced, logons refused.

In a fleet file::

    hosts:
      - name: ws2022
        faults:
          - {kind: Receive, do: cut, when: after, nth: 2}
          - {kind: Command, do: delay, seconds: 1.5, times: 0}
          - {kind: "*", do: status, status: 503, times: 3}

In a test: ``fleet.hosts["ws2022"].faults.add("cut", kind="Receive")``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ACTIONS = ("cut", "delay", "status")


@dataclass
class Rule:
    """One fault.

    Args:
        do: ``cut`` the connection (a reset), ``delay``, or answer with an HTTP ``status`` and no body.
        kind: Of message (``Create``, ``Command``, ``Send``, ``Receive``, ``Signal``, ``Delete``, ``Get``, ``Enumerate``, ``Pull``,
            ``Invoke``, ``Identify``), ``Logon`` for requests without a message, or ``*``.
        when: ``before`` the message is carried out, or ``after``: it is done, only its answer is late or lost.
        nth: Take effect at this matching message, counted from 1 since the rule was added.
        times: For so many messages; 0: for ever.
        seconds: Of a delay.
        status: HTTP status.
    """

    do: str
    kind: str = "*"
    when: str = "before"
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    status: int = 503
    seen: int = 0

    def __post_init__(self) -> None:
        if self.do not in ACTIONS or self.when not in ("before", "after"):
            raise ValueError(f"unknown fault: do={self.do!r} when={self.when!r} (do: {', '.join(ACTIONS)}; when: before, after)")

    def due(self, kind: str) -> bool:
        """Count a message; whether the rule takes effect on it."""
        if self.kind not in ("*", kind):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)


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
