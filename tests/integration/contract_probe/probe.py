# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small action on the base class: it manages one registry value, and misbehaves when told to."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.action import ContainersAction
from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Difference, Plan, Resource, Step
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import RemoteError, doing
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost

ARGUMENT_SPEC: dict[str, Any] = {
    "value": {"type": "str", "default": "plain"},
    "count": {"type": "int", "default": 1},
    "token": {"type": "str", "no_log": True},
    "do": {"type": "str", "default": "manage", "choices": ["manage", "crash", "deny", "refuse", "talk", "echo", "last"]},
    "old": {"type": "str", "removed_in_version": "9.0.0", "removed_from_collection": "winfleet.containers"},
    "progress": {"type": "str", "default": "auto", "choices": ["auto", "always", "never"]},
}
KEY = "SOFTWARE\\Winfleet Probe"


class Value(Resource[str | None]):
    """One registry value. Windows keeps it in capitals, so that what is read back differs from what was asked for."""

    verb, thing = "set", "value"

    def __init__(self, options: dict[str, Any], host: RemoteHost) -> None:
        self.options, self.host = options, host
        self.name = "Probe" if options["do"] != "echo" else options["value"]

    def read(self) -> str | None:
        return self.host.registry.string(KEY, "value")

    def plan(self, observed: str | None) -> Plan:
        wanted = self.options["value"].upper()
        if observed == wanted and self.options["do"] == "manage":
            return Plan()
        token = self.options["token"]
        return Plan(
            (Step("set", f"set the value to {wanted} with {token}"),),
            (Difference("value", observed, wanted), Difference("token", None, token)),
            warnings=(f"the token is {token}, the value {wanted}",) if token else (),
        )

    def apply(self, plan: Plan, observed: str | None) -> None:
        token = self.options["token"]
        self.host.begin(plan.steps[0])
        if self.options["do"] == "last":
            time.sleep(4)  # longer than what a person is spared, with half a second to notice
        if self.options["do"] == "crash":
            raise KeyError(f"a defect that holds {token}")
        if self.options["do"] == "deny":
            raise RemoteError(f"the host does not like {self.options['value']}")
        if self.options["do"] == "refuse":
            with doing("write", "value", f"Probe {token}"):
                raise RemoteError("access is denied", "Ask for more", code=5) from ValueError(f"the raw cause {token}")
        if self.options["do"] == "talk":
            for percent in range(101):
                self.host.progress(f"{percent} % of {token}")
        if self.options["do"] == "echo":
            self.said = self.host.programs.shell_builtin("echo %PROBE%").text.strip()
        self.host.registry.create_key(KEY)
        self.host.registry.set_string(KEY, "value", self.options["value"].upper())
        self.applied = time.time()

    def report(self, observed: str | None, plan: Plan) -> dict[str, Any]:
        types = sorted({type(value).__name__ for value in self.options.values() if value is not None})
        return {
            "value": observed,
            "asked": self.options["value"],
            "types": types,
            "token": self.options["token"],
            "said": getattr(self, "said", None),
        }


class ActionModule(ContainersAction):
    """The probe."""

    argument_spec = ARGUMENT_SPEC

    def resource(self, options: dict[str, Any], host: RemoteHost) -> Value:
        return Value(options, host)
