# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out the plan for an engine: deliver, put in place, register, configure, start; and undo what did not prove good."""

from __future__ import annotations

import ntpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..desired_state import Plan, Step
from ..errors import ContainersError, RemoteError, doing, refusal
from . import surroundings
from .archive import PROGRAMS
from .client import EngineClient
from .configuration import same_path
from .delivery import Delivery, unpacked
from .failures import one_line
from .load import Drain
from .old_windows import write_text
from .options import EngineOptions
from .preflight import TOOLS_BUILD
from .service import EngineService, require_service, start_service, stop_service
from .state import BACKUP_SUFFIX, SYSTEM32, ObservedEngine, staging_of

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_CANDIDATE_SUFFIX = ".winfleet-new"


class Installation:
    """One run of a plan against one host.

    Args:
        host: Where.
        options: What is asked for.
        observed: What was there before.
    """

    def __init__(self, host: RemoteHost, options: EngineOptions, observed: ObservedEngine) -> None:
        self._host = host
        self._options = options
        self._observed = observed
        self._service = observed.service_name
        self._folder = options.install_path if options.move else observed.folder
        self._staging = staging_of(self._folder)
        self._drain = Drain(host, options.pipe, observed.drained_path, self._write)
        self._undo: list[Callable[[], None]] = []

    def run(self, plan: Plan) -> None:
        """Carry out all steps; when one fails, the state before is put back as far as it can be."""
        carry_out = self._deeds()
        backup = self._observed.backup
        if backup:
            # The file that is there was never proved good; if no start proves it now, the one before it comes back.
            self._undo.append(lambda: self._host.files.move(backup, self._observed.config_path))
        try:
            for step in plan.steps:
                self._host.begin(step)
                carry_out[step.action](step)
        except BaseException as error:
            # Also when the keyword timeout or the user breaks in: an engine that was stopped must not stay so.
            self._put_back(error)
            raise
        finally:
            if self._staging:
                self._remove_staging()

    def _deeds(self) -> dict[str, Callable[[Step], None]]:
        return {
            "stage": self._stage,
            "copy": self._copy,
            "validate": self._validate,
            "drain": self._stop_containers,
            "stop": self._stop,
            "place": self._place,
            "register": self._register,
            "repoint": self._repoint,
            "sc": self._configure_service,
            "environment": self._set_environment,
            "configure": self._configure,
            "start": self._start,
            "resume": self._resume,
            "clear": self._clear,
            "path": lambda step: surroundings.write_path(self._host, step.arguments["value"]),
            "open_port": lambda step: surroundings.open_port(self._host, step.arguments["port"]),
            "close_port": lambda step: surroundings.close_port(self._host, step.arguments["port"]),
            "tidy": self._tidy,
        }

    def _stage(self, step: Step) -> None:
        Delivery(self._host, self._options, self._observed.build, step.arguments).run()

    def _copy(self, step: Step) -> None:
        """Copy the programs that are there, and compare: they are moved only when the service has started from the new folder."""
        files, target = self._host.files, unpacked(self._staging)
        files.remove(self._staging)
        files.make_folder(target)
        for name in PROGRAMS:
            source, copy = ntpath.join(self._observed.folder, name), ntpath.join(target, name)
            with doing("copy", "the program", source):
                files.copy(source, copy)
                if files.sha256(source) != files.sha256(copy):
                    raise RemoteError("the copy differs from it", "Run the task again")

    def _validate(self, step: Step) -> None:
        """Let the engine that is going to run read the new configuration, before anything stops."""
        candidate = self._observed.config_path + _CANDIDATE_SUFFIX
        staged = ntpath.join(unpacked(self._staging), "dockerd.exe")
        program = staged if self._host.files.exists(staged) else ntpath.join(self._folder, "dockerd.exe")
        with doing("write", "the file", self._observed.config_path):
            try:
                self._write(candidate, step.arguments["content"])
                done = self._host.programs.run(program, ["--validate", "--config-file", candidate], timeout=120)
                if done.exit_code:
                    words = one_line(done.error_text or done.text).replace(candidate, self._observed.config_path)
                    raise RemoteError(f"the engine refuses the new content: {words}", "Correct the option config; nothing was changed")
            finally:
                self._host.files.remove(candidate)

    def _stop_containers(self, step: Step) -> None:
        service, names = self._registered(), step.arguments["names"]
        self._undo.append(lambda: self._drain.start(self._registered(), names))
        self._drain.stop(service, names, self._options.drain_timeout)

    def _resume(self, step: Step) -> None:
        # From here on nothing is undone: the engine runs as asked for.
        self._undo.clear()
        self._drain.start(self._registered(), step.arguments["names"])

    def _registered(self) -> EngineService:
        return require_service(self._host)

    def _stop(self, step: Step) -> None:
        self._undo.append(lambda: start_service(self._host, self._service))
        stop_service(self._host, self._service)

    def _place(self, step: Step) -> None:
        """Put the new programs where the old ones were, and keep the old ones until the new ones have proved good."""
        files, folder = self._host.files, self._folder
        previous = ntpath.join(self._staging, "previous")
        files.make_folder(folder)
        files.make_folder(previous)
        for name in step.arguments.get("programs", PROGRAMS):
            target = ntpath.join(folder, name)
            if files.exists(target):
                self._keep(target, ntpath.join(previous, name))
            files.move(ntpath.join(unpacked(self._staging), name), target)

    def _keep(self, target: str, kept: str) -> None:
        # Noted before it is done: where the answer is lost, only the host knows whether it was done.
        self._undo.append(lambda: self._give_back(kept, target))
        self._host.files.move(target, kept)

    def _give_back(self, kept: str, target: str) -> None:
        if self._host.files.exists(kept):
            self._host.files.move(kept, target)

    def _register(self, step: Step) -> None:
        program = ntpath.join(self._folder, "dockerd.exe")
        with doing("register", "the service", self._service):
            done = self._host.programs.run(program, ["--register-service"], timeout=120)
            if done.exit_code:
                raise refusal(done.exit_code, done.error_text or done.text)

    def _repoint(self, step: Step) -> None:
        before = self._observed.service
        if before is not None:
            self._undo.append(lambda: surroundings.repoint_service(self._host, self._service, before.command, before.path))
        program = ntpath.join(self._folder, "dockerd.exe")
        surroundings.repoint_service(self._host, self._service, step.arguments["command"], program)

    def _configure_service(self, step: Step) -> None:
        surroundings.configure_service(self._host, self._service, step.arguments["arguments"])

    def _set_environment(self, step: Step) -> None:
        settings = self._observed.settings_of_service
        before = [f"{name}={value}" for name, value in settings.environment.items()] if settings else []
        self._undo.append(lambda: surroundings.set_environment(self._host, self._service, before))
        surroundings.set_environment(self._host, self._service, step.arguments["values"])

    def _configure(self, step: Step) -> None:
        """Write the file; the one before stays beside it until the engine has started with the new one."""
        path, files = self._observed.config_path, self._host.files
        with doing("write", "the file", path):
            if not self._observed.backup:
                if self._observed.config is not None:
                    files.copy(path, path + BACKUP_SUFFIX)
                self._undo.append(lambda: self._restore(path))
            self._write(path, step.arguments["content"])

    def _restore(self, path: str) -> None:
        if self._observed.config is None:
            self._host.files.remove(path)
        else:
            self._host.files.move(path + BACKUP_SUFFIX, path)

    def _write(self, path: str, content: bytes) -> None:
        if self._observed.build < TOOLS_BUILD:
            write_text(self._host, path, content)
        else:
            self._host.files.write(path, content)

    def _start(self, step: Step) -> None:
        """Start it and see it answer over its pipe."""
        # A start that hangs would hold the files that are to be put back.
        self._undo.append(lambda: stop_service(self._host, self._service))
        start_service(self._host, self._service)
        engine = EngineClient.open(self._host, self._options.pipe, self._registered())
        engine.close()
        self._host.files.remove(self._observed.config_path + BACKUP_SUFFIX)

    def _clear(self, step: Step) -> None:
        """Remove programs from a folder the engine no longer lies in; the folder itself only when it is empty and not Windows' own."""
        folder = step.arguments["folder"]
        for name in PROGRAMS:
            self._host.files.remove(ntpath.join(folder, name))
        if not same_path(folder, SYSTEM32):
            self._host.files.remove_if_empty(folder)

    def _tidy(self, step: Step) -> None:
        """What lies beside daemon.json; the staging folder is removed at the end of every run."""
        for path in self._observed.litter:
            self._host.files.remove(path)

    def _put_back(self, error: BaseException) -> None:
        """Undo in reverse; what cannot be undone is said, and never hides the error itself."""
        problems = []
        for undo in reversed(self._undo):
            try:
                undo()
            except ContainersError as problem:
                problems.append(problem.cause)
        if problems:
            # The former programs may lie there and nowhere else; the next run needs them no more.
            self._staging = ""
        if not isinstance(error, ContainersError):
            return
        if problems:
            error.advice = f"{error.advice}. Putting the state before back failed as well ({'; '.join(problems)})".lstrip(". ")
        elif self._undo and self._observed.service is not None:
            error.cause = f"{error.cause}; the state before was put back"

    def _remove_staging(self) -> None:
        try:
            self._host.files.remove(self._staging)
        except ContainersError:
            # The next run begins by removing it; it must not turn a success into a failure, nor hide the reason of one.
            self._host.progress(f"could not remove {self._staging}")
