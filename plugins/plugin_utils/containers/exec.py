# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command in a container that runs, with the rules of core's module ``command``."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from ..desired_state import Plan, Step
from ..engine.client import ExecResult
from ..engine.lookup import find_container
from ..engine.object import EngineObject
from ..errors import OptionError, describe_code, doing
from ..remote.host import RemoteHost
from .forms import arguments, environment
from .state import paused, running

#: What cmd.exe in the container would not take for a part of a path: always, and outside of the quotes the engine puts around blanks.
_NEVER = re.compile(r'["%<>|\x00-\x1f]')
_UNQUOTED = re.compile(r"[&^,;=()]")
#: Exit code of the look for a file, when it is there.
_THERE = 3


@dataclass(frozen=True)
class Desired:
    """A command as the task describes it."""

    container: str
    argv: tuple[str, ...]
    stdin: bytes | None
    env: Mapping[str, str]
    user: str
    chdir: str | None
    encoding: str
    creates: str | None
    removes: str | None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Desired:
        """From a task's options. Raises OptionError for whatever can be refused without looking at the host."""
        if not str(options["container"]).strip():
            raise OptionError("the option container is empty", "Name a container")
        given = "command" if options["argv"] is None else "argv"
        asked = options[given] or ""
        argv = arguments(asked, f"the option {given}") if str(asked).strip() else []
        if not argv or not argv[0]:
            raise OptionError(f"the option {given} names no program", "Begin it with a program of the container")
        encoding = _encoding(str(options["encoding"]))
        return cls(
            str(options["container"]),
            tuple(argv),
            _stdin(options, encoding),
            dict(environment(options["env"] or {}, "the option env").values()),
            str(options["user"] or ""),
            options["chdir"],
            encoding,
            _path("creates", options["creates"]),
            _path("removes", options["removes"]),
        )


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise OptionError(
            f'there is no encoding "{name}"', "Use utf-8, or the code page of the container, such as cp437 or cp850"
        ) from error


def _stdin(options: Mapping[str, Any], encoding: str) -> bytes | None:
    if options["stdin"] is None:
        return None
    if options["detach"]:
        raise OptionError("stdin is given, and a detached command has no input", "Leave out one of stdin and detach")
    text = str(options["stdin"]) + ("\r\n" if options["stdin_add_newline"] else "")
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise OptionError(f"stdin holds characters that {encoding} does not have", "Choose another encoding") from error


def _path(option: str, path: str | None) -> str | None:
    """A path that cmd.exe in the container reads as one, quoted by the engine where it holds a blank."""
    if path is None:
        return None
    bad = _NEVER.search(path) or (None if re.search(r"[ \t]", path) else _UNQUOTED.search(path))
    if bad or not path.strip():
        what = f'the character "{bad[0]}"' if bad else "no path"
        raise OptionError(f"the option {option} holds {what}, which cannot be looked for in a container", "Name another file")
    return path


@dataclass(frozen=True)
class Observed:
    """A container as far as a command in it is concerned.

    Attributes:
        there: Whether it exists; only in check mode it need not.
        reason: Why the command is not needed, in core's words; empty when it is.
    """

    there: bool = True
    reason: str = ""


class ContainerExec(EngineObject[Observed]):
    """One command in one container."""

    verb = "run a command in"
    thing = "container"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        super().__init__(host, options)
        self.name = str(options["container"])
        self._done: dict[str, Any] | None = None

    @cached_property
    def desired(self) -> Desired:
        """What the task asks for."""
        return Desired.of(self._options)

    def read(self) -> Observed:
        """Whether the container runs and the command is needed. After the command nothing is looked at again: it leaves no state of its own."""
        desired = self.desired
        if self._done is not None:
            return Observed()
        container = find_container(self.engine, desired.container) if self.opened is not None else None
        if container is None:
            if self._host.check_mode:
                return Observed(there=False)
            raise OptionError("there is no such container", "Correct the name, or create it with the module container")
        if not running(container) or paused(container):
            state = "is paused" if paused(container) else "does not run"
            if self._host.check_mode:
                return Observed(there=False)
            raise OptionError(f"it {state}", "Start it first, with the module container and state: started")
        return Observed(reason=self._needless())

    def _needless(self) -> str:
        """Core's rule: a file that is there already, or no longer. The engine cannot look into a running container with Hyper-V isolation
        (docker-on-windows.md 2), so a command in the container looks."""
        desired = self.desired
        for path, wanted, text in ((desired.creates, True, "exists"), (desired.removes, False, "does not exist")):
            if path is None:
                continue
            with doing("look for", "file", path):
                found = self.engine.exec(desired.container, ["cmd", "/C", "if", "exist", path, "exit", str(_THERE)])
                if found.exit_code not in (0, _THERE):
                    raise OptionError("cmd.exe in the container did not answer", "Leave creates and removes out")
            if (found.exit_code == _THERE) is wanted:
                return f"Did not run command since '{path}' {text}"
        return ""

    def plan(self, observed: Observed) -> Plan:
        if observed.reason:
            return Plan()
        return Plan((Step("exec", f"run {self.desired.argv[0]} in the container {self.name}"),))

    def apply(self, plan: Plan, observed: Observed) -> None:
        desired = self.desired
        self._host.begin(plan.steps[0])
        settings: dict[str, Any] = {"environment": desired.env, "working_directory": desired.chdir, "user": desired.user}
        if self._options["detach"]:
            self._done = {"exec_id": self.engine.exec_detached(desired.container, desired.argv, **settings)}
            return
        started, clock = datetime.now(UTC), time.monotonic()
        result = self.engine.exec(desired.container, desired.argv, stdin=desired.stdin, **settings)
        taken = timedelta(seconds=time.monotonic() - clock)
        self._done = {**self._output(result), "start": str(started), "end": str(started + taken), "delta": str(taken)}

    def _output(self, result: ExecResult) -> dict[str, Any]:
        stdout, stderr = (data.decode(self.desired.encoding, "replace") for data in (result.stdout, result.stderr))
        if self._options["strip_empty_ends"]:
            stdout, stderr = stdout.rstrip("\r\n"), stderr.rstrip("\r\n")
        code = result.exit_code
        answer = {**_streams(stdout, stderr), "rc": code}
        return answer if code == 0 else {**answer, "failed": True, "msg": self._failure(result)}

    def _failure(self, result: ExecResult) -> str:
        """Why it failed."""
        code, reason = result.exit_code, result.start_failure
        if reason == "program_missing":
            cause, advice = f"the program {self.desired.argv[0]} does not exist in it", "Correct its path"
        elif reason == "user_missing":
            cause, advice = (
                f'it has no user "{self.desired.user}"',
                "Name a user of its image, such as ContainerAdministrator or ContainerUser",
            )
        elif reason == "working_folder_missing":
            cause, advice = f'it has no folder "{self.desired.chdir}"', "Correct the option chdir"
        else:
            shown = "without an exit code" if code is None else f"with exit code {describe_code(code)}"
            cause, advice = f"it ended {shown}", "Look at its stdout and stderr"
        return f'Cannot {self.verb} {self.thing} "{self.name}" on {self._host.name}: {cause}. {advice}.'

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        """As core's ``command``: skipped, or with ``creates`` and ``removes``, which could be looked at, changed."""
        result = {**self._shown(), "msg": "Command would have run if not in check mode", "rc": 0}
        if observed.there and (self.desired.creates or self.desired.removes):
            return result
        return {**result, "skipped": True, "changed": False}

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        if self._done is None:
            return {
                **self._shown(),
                **_streams(f"skipped, since {observed.reason.rpartition('since ')[2]}", ""),
                "rc": 0,
                "msg": observed.reason,
            }
        return {**self._shown(), **self._done}

    def _shown(self) -> dict[str, Any]:
        return {"cmd": list(self.desired.argv)}


def _streams(stdout: str, stderr: str) -> dict[str, Any]:
    return {"stdout": stdout, "stdout_lines": stdout.splitlines(), "stderr": stderr, "stderr_lines": stderr.splitlines()}
