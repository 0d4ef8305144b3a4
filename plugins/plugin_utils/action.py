# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one base class of all action plugins (contract: docs/docsite, "The contract of a task")."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from abc import abstractmethod
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from .desired_state import Plan, Resource
from .errors import ConnectError, ContainersError, OptionError, doing
from .progress import Progress, pace_of, ticking
from .remote.host import RemoteHost
from .remote.session import Session
from .secrets import Scrubber, secret_values

#: Seconds to wait for one answer while a host is rebooting.
_REBOOT_PATIENCE = 10.0
#: With this environment variable set, results carry counts of messages (``make bench``).
_STATISTICS = "WINFLEET_STATISTICS"
_NAME = re.compile(r"\w+")
#: Core looks up the class in the process a person started, before it forks the workers, and these have no terminal any more.
_TERMINAL = sys.stderr is not None and sys.stderr.isatty()


class ContainersAction(ActionBase):  # type: ignore[misc]  # core ships no types
    """Validate, connect, read, plan, apply, report. A subclass says which options and which resource."""

    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False
    #: The module's ``ARGUMENT_SPEC`` (the one source of options).
    argument_spec: ClassVar[dict[str, Any]]
    #: ``mutually_exclusive``, ``required_if`` ... of the same module, as AnsibleModule takes them.
    argument_rules: ClassVar[dict[str, Any]] = {}
    #: The variables of the running task.
    task_vars: Mapping[str, Any] = {}

    @abstractmethod
    def resource(self, options: dict[str, Any], host: RemoteHost) -> Resource[Any]:
        """The resource this task manages, from validated, defaulted, plain-typed options."""

    def check_mode(self) -> bool:
        """Whether this task runs in check mode."""
        return bool(self._task.check_mode)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Carry out the task.

        Raises:
            AnsibleConnectionFailure: The host cannot be reached or refuses the credentials (UNREACHABLE). Every other error is one
                failed result with one sentence; nothing is chained, because core would print what lies below.
        """
        super().run(tmp, task_vars)
        self.task_vars = task_vars or {}
        name = str(self._task.delegate_to or (task_vars or {}).get("inventory_hostname", "the host"))
        scrubber = Scrubber(secret_values(self.argument_spec, self._task.args))
        try:
            return scrubber.clean(self._run(name, scrubber))
        except ConnectError as error:
            unreachable = self._sentence(error, name)
        except ContainersError as error:
            return scrubber.clean({"failed": True, "changed": False, **error.result, "msg": self._sentence(error, name)})
        except AnsibleConnectionFailure as error:
            unreachable = f"Cannot reach {name}: {error}"
        except Exception as error:
            return scrubber.clean({"failed": True, "changed": False, "msg": self._unexpected(error, name, scrubber)})
        raise AnsibleConnectionFailure(self._with_password(scrubber).clean(unreachable))

    def _run(self, name: str, scrubber: Scrubber) -> dict[str, Any]:
        started = time.process_time()
        self._refuse_become()
        options = self._options()
        for secret in secret_values(self.argument_spec, options):
            scrubber.add(secret)
        environment = self._environment()
        progress = self._progress(name, options, scrubber)
        host = RemoteHost(
            name,
            Session.of(self._connection),
            environment=environment,
            progress=progress,
            announce=progress.begin,
            reconnect=lambda: Session.of(self._connection, _REBOOT_PATIENCE),
            check_mode=self.check_mode(),
        )
        with host, ticking(progress):
            resource = self.resource(options, host)
            with doing(resource.verb, resource.thing, resource.name):
                result = self._converge(resource, host)
        if os.environ.get(_STATISTICS):
            counts = {key: count() for key, count in host.statistics.items()}
            result["statistics"] = {**counts, "cpu_seconds": round(time.process_time() - started, 3)}
        return result

    def _converge(self, resource: Resource[Any], host: RemoteHost | None = None) -> dict[str, Any]:
        """Read, plan, apply and read again; what is reported was read back. Without a host nothing takes long."""
        observed = resource.read()
        plan = resource.plan(observed)
        if not plan.changed:
            report = resource.report(observed, plan)
        elif self.check_mode():
            report = resource.predict(plan, observed)
        else:
            self._apply(resource, plan, observed, host)
            report = resource.report(resource.read(), plan)
        return self._result(plan, {**report, **(host.journal.report() if host else {})})

    @staticmethod
    def _apply(resource: Resource[Any], plan: Plan, observed: Any, host: RemoteHost | None) -> None:
        """Where a step fails, the result says how far it came."""
        try:
            resource.apply(plan, observed)
        except ContainersError as error:
            error.result = {**error.result, **(host.journal.report() if host else {})}
            raise
        finally:
            if host:
                host.end()

    def _result(self, plan: Plan, report: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {"changed": plan.changed, **report}
        if plan.changed:
            result["plan"] = [step.description for step in plan.steps]
        if self._task.diff and plan.differences:
            result["diff"] = plan.diff()
        assumptions = plan.assumptions if self._is_foretold() else ()
        warnings = [_sentence(warning) for warning in (*assumptions, *plan.warnings, *result.pop("warnings", []))]
        # Core shows warnings also of a task whose result it hides.
        if warnings and not self._task.no_log:
            result["warnings"] = warnings
        return result

    def _is_foretold(self) -> bool:
        """Whether a user asked for check mode. This collection's roles too ask some modules in check mode, before a run does it all: what
        is missing then comes with the tasks between, and is nothing to warn of. They mark those tasks with a variable."""
        role = str(self.task_vars.get("ansible_role_name", "")).rpartition(".")[2]
        return not self.task_vars.get(f"_{role}_only_checked", False)

    def _refuse_become(self) -> None:
        if self._play_context.become:
            raise OptionError(
                "become is set, and a WinRM session has no second user to become",
                "Remove become from the task and connect as an administrator",
            )

    def _options(self) -> dict[str, Any]:
        """Validated and defaulted; the JSON round trip turns core's tagged values into plain ones."""
        plain = json.loads(json.dumps(self._task.args, default=str))
        validator = ModuleArgumentSpecValidator(self.argument_spec, **self.argument_rules)
        checked = validator.validate(plain)  # it also shows warnings and deprecations
        if checked.error_messages:
            action = self._task.resolved_action or self._task.action
            with doing("run", "the module", action):
                raise OptionError("; ".join(_option_error(error) for error in checked.errors.errors), f"See 'ansible-doc {action}'")
        return dict(checked.validated_parameters)

    def _environment(self) -> dict[str, str]:
        """The keyword ``environment`` (core has evaluated it), for the shells of our own."""
        merged: dict[str, str] = {}
        entries = self._task.environment or []
        for entry in entries if isinstance(entries, list) else [entries]:
            variables = entry or {}
            if not isinstance(variables, Mapping):
                raise OptionError("the keyword environment is not a dictionary", "Write it as names and values")
            merged.update({str(key): str(value) for key, value in variables.items()})
        bad = next((key for key in merged if not key or "=" in key), None)
        if bad is not None:
            raise OptionError(f'the keyword environment holds the name "{bad}"', "Use names without an equals sign")
        return merged

    def _progress(self, name: str, options: Mapping[str, Any], scrubber: Scrubber) -> Progress:
        pace = pace_of(str(options.get("progress", "auto")), os.environ, no_log=bool(self._task.no_log), terminal=_TERMINAL)
        display = Display()
        # Only lines on stderr come out of a worker at once, ungarbled and outside the result.
        return Progress(lambda line: display.display(scrubber.clean(f"[{name}] {line}"), stderr=True), pace)

    def _sentence(self, error: ContainersError, name: str) -> str:
        """The error's text. Core shows it also of a task whose result it hides, so ``no_log`` leaves only what no option can be in."""
        if not self._task.no_log:
            return error.sentence(name)
        if isinstance(error, ConnectError):
            error.operation = None
            return error.sentence(name)
        return f"Cannot finish {self._action_name()} on {name}: the cause is hidden by no_log. Remove no_log from the task to see it."

    def _action_name(self) -> str:
        return str(self._task.resolved_action or self._task.action)

    def _with_password(self, scrubber: Scrubber) -> Scrubber:
        """For texts of the layers below. Our own texts never hold the password, and it may be an ordinary word that they do hold."""
        try:
            return Scrubber([str(self._connection.get_option("remote_password") or ""), *scrubber.secrets])
        except (AnsibleError, KeyError):
            return scrubber

    def _unexpected(self, error: Exception, name: str, scrubber: Scrubber) -> str:
        """Our own words for a defect of ours; the trace goes to -vvv, scrubbed, and nowhere under ``no_log``."""
        if not self._task.no_log:
            Display().vvv(self._with_password(scrubber).clean("".join(traceback.format_exception(error))), host=name)
        return f"Cannot finish {self._action_name()} on {name}: an unexpected error of the type {type(error).__name__}. Run it with -vvv and report the trace."


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:].rstrip(".") + "."


def _option_error(error: Exception) -> str:
    """Core's own words; those about unknown options get a beginning and the name that may be meant, those of a module without options an end."""
    text = str(error).removesuffix("Supported parameters include: .").rstrip(". ")
    if not isinstance(error, UnsupportedError):
        return text
    unknown, _unused, known = text.partition(". ")
    near = [match for name in unknown.split(", ") for match in get_close_matches(name.rpartition(".")[2], _NAME.findall(known), n=1)]
    hint = f" Did you mean {' and '.join(near)}?" if near else ""
    return f"unknown option: {unknown}.{hint} {known}".rstrip(". ")
