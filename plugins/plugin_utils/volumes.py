# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A named volume as a managed thing. Facts: docker-on-windows.md 5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .desired_state import Difference, Plan, Step
from .engine.lookup import find_volume
from .engine.object import EngineObject
from .errors import OptionError
from .remote.host import RemoteHost
from .values import name_of, texts

Inspected = Mapping[str, Any]
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_RESERVED = frozenset(("con", "prn", "nul", "aux", *(f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10))))


@dataclass(frozen=True)
class Desired:
    """A volume as the task describes it; what was not given is None.

    Attributes:
        recreate: ``never``, ``always`` or ``options-changed``.
    """

    name: str
    state: str
    driver: str | None = None
    driver_options: Mapping[str, str] | None = None
    labels: Mapping[str, str] | None = None
    recreate: str = "never"

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Desired:
        """From a task's options. Raises OptionError for whatever can be refused without looking at the host."""
        name = str(options["name"])
        if not _NAME.fullmatch(name) or name.partition(".")[0].lower() in _RESERVED:
            raise OptionError(
                f'"{name}" is not a volume name on Windows',
                "It has at least two of letters, digits, and after the first character also . _ -, and is not a name that Windows reserves",
            )
        if options["driver_options"] and (options["driver"] or "local") == "local":
            raise OptionError("the driver local takes no options on Windows", "Leave driver_options out, or name another driver")
        return cls(
            name,
            options["state"],
            options["driver"],
            None if options["driver_options"] is None else texts(options["driver_options"], "the option driver_options"),
            None if options["labels"] is None else texts(options["labels"], "the option labels"),
            options["recreate"],
        )


@dataclass(frozen=True)
class Observed:
    """A host as far as one volume is concerned.

    Attributes:
        volume: Inspected, or None.
        users: Names of the containers it is mounted in; looked up only when it is to go.
    """

    volume: Inspected | None = None
    users: tuple[str, ...] = ()


def differences(desired: Desired, volume: Inspected) -> tuple[Difference, ...]:
    """What differs between the options given and an inspected volume."""
    pairs = (
        ("driver", desired.driver, volume.get("Driver")),
        ("driver_options", desired.driver_options, volume.get("Options") or {}),
        ("labels", desired.labels, volume.get("Labels") or {}),
    )
    return tuple(Difference(name, before, after) for name, after, before in pairs if after is not None and after != before)


def must_go(desired: Desired, volume: Inspected | None) -> bool:
    """Whether the volume that is there has to be removed."""
    if volume is None:
        return False
    if desired.state == "absent" or desired.recreate == "always":
        return True
    return desired.recreate == "options-changed" and bool(differences(desired, volume))


def plan_volume(desired: Desired, observed: Observed, ahead: bool = False) -> Plan:
    """Create, replace or remove.

    Args:
        desired: What is asked for.
        observed: What is there.
        ahead: Whether only a prediction is asked for, so that containers may still use a volume that is to be absent.

    Raises:
        OptionError: It is in use and would have to go.
    """
    name, volume = desired.name, observed.volume
    going, users = must_go(desired, volume), ", ".join(observed.users)
    if going and users and not (ahead and desired.state == "absent"):
        raise OptionError(f"it is in use by {users}", "Remove those containers first, whether they run or not; a volume cannot be changed")
    remove = Step("remove", f"remove the volume {name} with what is in it")
    create = Step("create", f"create the volume {name}", {"request": create_request(desired, volume)})
    if desired.state == "absent":
        held = (f"the volume {name} is in use by {users}, and can go only once they are gone",) if users else ()
        return Plan((remove,), (Difference("exists", True, False),), assumptions=held) if going else Plan()
    if volume is None:
        return Plan((create,), (Difference("exists", False, True),))
    found = differences(desired, volume)
    if going:
        return Plan((remove, create), found)
    return Plan(warnings=tuple(_left(name, one) for one in found))


def create_request(desired: Desired, present: Inspected | None) -> dict[str, Any]:
    """Arguments for ``create_volume``. What the task does not give is taken over from a volume that is being replaced."""
    old = present or {}
    return {
        "driver": desired.driver or old.get("Driver"),
        "driver_opts": dict(desired.driver_options if desired.driver_options is not None else old.get("Options") or {}) or None,
        "labels": dict(desired.labels if desired.labels is not None else old.get("Labels") or {}) or None,
    }


def _left(name: str, difference: Difference) -> str:
    return f"the volume {name} has another value of {difference.name}, and stays because of recreate: never"


def describe(volume: Inspected) -> dict[str, Any]:
    """An inspected volume in the shape of the result."""
    return {
        "name": volume.get("Name"),
        "driver": volume.get("Driver"),
        "mountpoint": volume.get("Mountpoint"),
        "created": volume.get("CreatedAt"),
        "scope": volume.get("Scope"),
        "labels": volume.get("Labels") or {},
        "options": volume.get("Options") or {},
    }


class Volume(EngineObject[Observed]):
    """One volume on one host."""

    thing = "volume"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        super().__init__(host, options)
        self.name = str(options["name"])
        self.verb = "remove" if options["state"] == "absent" else "provide"

    @cached_property
    def desired(self) -> Desired:
        """What the task asks for."""
        return Desired.of(self._options)

    def read(self) -> Observed:
        """The volume, and its users where it would have to go."""
        desired = self.desired
        if self.opened is None:
            return Observed()
        volume = find_volume(self.engine, desired.name)
        return Observed(volume, self._users(str(volume["Name"])) if volume is not None and must_go(desired, volume) else ())

    def _users(self, name: str) -> tuple[str, ...]:
        with self.engine.errors():
            rows = self.engine.api.containers(all=True, filters={"volume": name})
        return tuple(sorted(map(name_of, rows)))

    def plan(self, observed: Observed) -> Plan:
        return self.planned(plan_volume(self.desired, observed, ahead=self._host.check_mode))

    def apply(self, plan: Plan, observed: Observed) -> None:
        for step in plan.steps:
            self._host.begin(step)
            with self.engine.errors():
                if step.action == "remove":
                    self.engine.api.remove_volume(self.name)
                else:
                    self.engine.api.create_volume(self.name, **step.arguments["request"])

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        if self.desired.state == "absent":
            return {"volume": None}
        request = plan.steps[-1].arguments["request"]
        given = {"Driver": request["driver"] or "local", "Scope": "local", "Labels": request["labels"], "Options": request["driver_opts"]}
        # The engine keeps names in lower case on Windows.
        return {"volume": {**describe(given), "name": self.name.lower()}}

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        return {"volume": None if observed.volume is None or self.desired.state == "absent" else describe(observed.volume)}
