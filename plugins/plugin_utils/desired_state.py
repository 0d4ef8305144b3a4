# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read, plan, apply: the three verbs every resource of this collection is made of. Pure: no I/O, no Ansible."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Observed = TypeVar("Observed")


@dataclass(frozen=True)
class Difference:
    """One property that is not as asked for. Values are JSON-like and already free of secrets."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Step:
    """One change to be made.

    Args:
        action: Identifier that ``apply`` dispatches on, for example ``enable_feature``.
        description: The sentence check mode prints, for example ``enable the feature Containers``.
        arguments: What ``apply`` needs, decided by the planner.
    """

    action: str
    description: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The steps from what was observed to what is desired; empty when nothing is to be done.

    Args:
        warnings: What to watch, as clauses.
        assumptions: What is taken for granted and is not so yet, as clauses: in check mode nobody has carried out the tasks before.
    """

    steps: tuple[Step, ...] = ()
    differences: tuple[Difference, ...] = ()
    warnings: tuple[str, ...] = ()
    reboot_required: bool = False
    assumptions: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.steps)

    def diff(self) -> dict[str, dict[str, Any]]:
        """Ansible's diff: the values before and after, of the differing properties only."""
        return {
            "before": {difference.name: difference.before for difference in self.differences},
            "after": {difference.name: difference.after for difference in self.differences},
        }


def joined(*plans: Plan) -> Plan:
    """One plan of several, in this order; what two of them say alike is said once."""
    return Plan(
        tuple(step for plan in plans for step in plan.steps),
        tuple(difference for plan in plans for difference in plan.differences),
        tuple(dict.fromkeys(warning for plan in plans for warning in plan.warnings)),
        any(plan.reboot_required for plan in plans),
        tuple(dict.fromkeys(assumption for plan in plans for assumption in plan.assumptions)),
    )


class Resource(ABC, Generic[Observed]):
    """A managed thing on one host. ``read`` and ``apply`` do the I/O, ``plan`` and ``report`` are pure."""

    verb: str = "manage"  #: for errors: Cannot <verb> <thing> "<name>"
    thing: str = "resource"
    name: str = ""

    @abstractmethod
    def read(self) -> Observed:
        """Observe the host."""

    def plan(self, observed: Observed) -> Plan:
        """Decide, without I/O, what must change. Raises OptionError for what cannot be. Read-only resources keep this one."""
        return Plan()

    def apply(self, plan: Plan, observed: Observed) -> None:
        """Carry out a plan that is not empty."""

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        """The result in check mode; by default the report on what was observed."""
        return self.report(observed, plan)

    @abstractmethod
    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        """The task's result, from what was read (after a change: read back)."""
