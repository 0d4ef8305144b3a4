# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several containers in one task: one connection, one tunnel, in the order in which they depend on each other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils.container_options import CONTAINER_ARGUMENTS
from ..desired_state import Difference, Plan, Resource, Step, joined
from ..errors import ContainersError, OptionError, doing
from ..remote.host import RemoteHost
from ..values import meant
from .container import Container
from .options import refuse_foreign
from .site import Site
from .state import Desired, Observed, running, stop_seconds


class Containers(Resource[dict[str, Observed]]):
    """The containers of the option ``containers``.

    Args:
        host: The host.
        options: The task's validated options; those given beside ``containers`` hold for every container that does not give its own.
        given: The options as the task gave them, without defaults.
    """

    verb = "run"
    thing = "the containers"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        self._host = host
        self._options = options
        self._common = {key: value for key, value in _plain(given).items() if key in CONTAINER_ARGUMENTS}
        self._plans: dict[str, Plan] = {}
        self._site = Site(host, str(options["engine_pipe"]))

    @cached_property
    def _members(self) -> dict[str, Container]:
        """The containers in the order they are worked on. Raises OptionError."""
        members: dict[str, Container] = {}
        for number, entry in enumerate(self._options["containers"], 1):
            options = {**self._options, **_validated({**self._common, **entry}, number)}
            container = Container(self._host, options, self._site)
            if container.name in members:
                raise OptionError(f'containers names "{container.name}" twice', "Give every container a name of its own")
            members[container.name] = container
        wanted: dict[str, Desired] = {}
        for name, container in members.items():
            with doing(container.verb, container.thing, name):
                wanted[name] = container.desired
        _refuse_shared_addresses(wanted)
        _refuse_missing_needs(wanted)
        self._site.members = frozenset(wanted)
        return {name: members[name] for name in in_order(list(wanted.values()))}

    def read(self) -> dict[str, Observed]:
        members, found = self._members, {}
        self._site.look(many=True)
        for name, container in members.items():
            with doing(container.verb, container.thing, name):
                found[name] = container.read()
        return found

    def plan(self, observed: dict[str, Observed]) -> Plan:
        self._plans = {}
        pulled: set[str] = set()
        for name, container in self._members.items():
            with doing(container.verb, container.thing, name):
                found = self._restarted(name, container.plan(observed[name]), observed[name])
            # What another container of the task pulls already need not be pulled twice.
            steps = tuple(step for step in found.steps if step.action != "pull" or step.arguments["reference"] not in pulled)
            pulled |= {str(step.arguments["reference"]) for step in steps if step.action == "pull"}
            self._plans[name] = replace(found, steps=steps)
        return joined(*(_named(name, plan) for name, plan in self._plans.items()))

    def _restarted(self, name: str, found: Plan, observed: Observed) -> Plan:
        """A container that uses the network of one that is replaced has none any more until it starts again."""
        other = self._members[name].desired.network_of
        base = self._plans.get(other)
        if base is None or not any(step.action in ("replace", "restart") for step in base.steps):
            return found
        moving = {"create", "replace", "start", "stop", "restart", "remove"}
        if observed.container is None or not running(observed.container) or moving & {step.action for step in found.steps}:
            return found
        sentence = f"restart the container {name}, which uses the network of {other}"
        step = Step("restart", sentence, {"id": observed.container["Id"], "stop_seconds": stop_seconds(observed.container)})
        difference = Difference("network", f"that of the {other} before", f"that of the new {other}")
        return replace(found, steps=(*found.steps, step), differences=(*found.differences, difference))

    def apply(self, plan: Plan, observed: dict[str, Observed]) -> None:
        done: list[str] = []
        for name, container in self._members.items():
            if not self._plans[name].changed:
                continue
            try:
                with doing(container.verb, container.thing, name):
                    container.apply(self._plans[name], observed[name])
            except ContainersError as error:
                if done:
                    error.cause += f"; changed before it: {', '.join(done)}"
                error.result = self._unfinished(name, done, error.result)
                raise
            done.append(name)

    def _unfinished(self, failed: str, done: Sequence[str], own: Mapping[str, Any]) -> dict[str, Any]:
        """How far it came: what was changed, what failed, and what was not tried any more."""
        members = list(self._members)
        tried = members[: members.index(failed) + 1]
        results = [{"name": name, "changed": name in done, "failed": name == failed, "skipped": name not in tried} for name in members]
        results[members.index(failed)] |= own
        return {"changed": bool(done) or bool(own.get("changed")), "containers": results}

    def predict(self, plan: Plan, observed: dict[str, Observed]) -> dict[str, Any]:
        return self._results({name: container.predict(self._plans[name], observed[name]) for name, container in self._members.items()})

    def report(self, observed: dict[str, Observed], plan: Plan) -> dict[str, Any]:
        found = {}
        for name, container in self._members.items():
            with doing(container.verb, container.thing, name):
                found[name] = container.report(observed[name], self._plans[name])
        return self._results(found)

    def _results(self, reports: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        """Each container with its own result, as a task for it alone would give."""
        warnings = [f"{name}: {text}" for name, entry in reports.items() for text in entry.pop("warnings", [])]
        results = []
        for name, entry in reports.items():
            plan = self._plans[name]
            steps = {"plan": [step.description for step in plan.steps]} if plan.changed else {}
            results.append({"name": name, "changed": plan.changed, **steps, **entry})
        return {"containers": results, **({"warnings": warnings} if warnings else {})}


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(given), default=str))
    return plain


def _validated(entry: Mapping[str, Any], number: int) -> dict[str, Any]:
    """One entry, validated as the module's own options are. Raises OptionError."""
    name = str(entry.get("name") or f"number {number}")
    with doing("run", "container", name):
        if not entry.get("name"):
            raise OptionError("this entry of containers has no name", "Give every container a name of its own")
        refuse_foreign(entry)
        unknown = next((key for key in entry if key not in _KNOWN), None)
        if unknown is not None:
            advice = f"{meant(unknown, _KNOWN)}See the options of the module container"
            raise OptionError(f'an entry of containers has the unknown option "{unknown}"', advice)
        checked = ArgumentSpecValidator(dict(CONTAINER_ARGUMENTS)).validate(dict(entry))
        if checked.error_messages:
            raise OptionError("; ".join(str(text).rstrip(". ") for text in checked.error_messages), "Correct the entry of containers")
        return dict(checked.validated_parameters)


_KNOWN = [name for option, spec in CONTAINER_ARGUMENTS.items() for name in (option, *spec.get("aliases", ()))]


def in_order(wanted: Sequence[Desired]) -> list[str]:
    """Names so that each container comes after those it depends on, else as they were written.

    A container depends on what ``depends_on`` names, and on those whose network or volumes it uses. What the task does not list is no dependency
    of this order; the engine tells if it is not there.

    Raises:
        OptionError: They depend on each other in a circle, or one on what is not listed.
    """
    needs = {desired.name: _needs(desired) for desired in wanted}
    for name, others in needs.items():
        missing = next((other for other in wanted_of(wanted, name).depends_on if other not in needs), None)
        if missing is not None:
            raise OptionError(f'the container "{name}" depends on "{missing}", which containers does not list', "List it, or leave it out")
        needs[name] = [other for other in others if other in needs]
    result: list[str] = []
    while len(result) < len(needs):
        ready = next((name for name, others in needs.items() if name not in result and set(others) <= set(result)), None)
        if ready is None:
            circle = ", ".join(name for name in needs if name not in result)
            raise OptionError(f"the containers {circle} depend on each other in a circle", "Correct depends_on")
        result.append(ready)
    return result


def wanted_of(wanted: Sequence[Desired], name: str) -> Desired:
    """The one of that name."""
    return next(desired for desired in wanted if desired.name == name)


def _needs(desired: Desired) -> list[str]:
    return [*desired.depends_on, *desired.volumes_of, desired.network_of]


def _refuse_missing_needs(wanted: Mapping[str, Desired]) -> None:
    """One that needs another which the same task removes, or stops although its network is used. Raises OptionError."""
    for name, desired in wanted.items():
        for other in () if desired.state == "absent" else _needs(desired):
            state = wanted[other].state if other in wanted else ""
            if state == "absent" or (state == "stopped" and other == desired.network_of and desired.runs):
                raise OptionError(
                    f'the container "{name}" needs "{other}", whose state is to be {state}', "Correct the state of one of them"
                )


def _refuse_shared_addresses(wanted: Mapping[str, Desired]) -> None:
    """Two that ask for the same address of the same network. Raises OptionError."""
    holders: dict[tuple[str, str], str] = {}
    for name, desired in wanted.items():
        for network, asked in (desired.values.get("networks") or {}).items():
            address = asked.get("ipv4_address")
            other = holders.setdefault((network, address), name) if address and desired.runs else name
            if other != name:
                why = f'the containers {other} and {name} both ask for the address {address} of the network "{network}"'
                raise OptionError(why, "Give each its own")


def _named(name: str, plan: Plan) -> Plan:
    """A plan whose differences and warnings say whose they are."""
    return replace(
        plan,
        differences=tuple(replace(difference, name=f"{name}.{difference.name}") for difference in plan.differences),
        warnings=tuple(f"{name}: {text}" for text in plan.warnings),
    )
