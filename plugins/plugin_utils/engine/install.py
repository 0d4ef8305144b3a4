# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out the plan for an engine: fetch, verify, put in place, register, configure, start; and undo what did not prove good."""

from __future__ import annotations

import ntpath
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Step
from ..errors import ContainersError, OptionError, RemoteError, doing, refusal
from .client import EngineClient
from .desired import SERVICE_NAME, EngineOptions, ObservedEngine
from .probe import read_version
from .service import require_service, start_service, stop_service

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

PROGRAMS = ("docker.exe", "dockerd.exe")  #: in the order they are put in place: dockerd's version tells whether all of it is done
_DOWNLOAD_TIMEOUT = 3600.0
#: curl's exit codes (native-tools.md 4).
_CURL = {
    6: ("the name of the download server cannot be resolved", "Check the option url and the host's name resolution"),
    7: ("the download server refused the connection", "Check the option url, the firewall and the host's proxy"),
    22: ("the download server has no such file", "Check the options version and url"),
    28: ("the download did not end in time", "Run the task again, or use a mirror nearer to the host"),
    35: ("no TLS connection to the download server came about", "Check the proxy and the host's certificate store"),
    60: ("the download server's certificate is not trusted by the host", "Install its authority on the host, or use another url"),
}


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
        self._service = observed.service.name if observed.service else SERVICE_NAME
        self._staging = ""
        self._undo: list[Callable[[], None]] = []

    def run(self, plan: Plan) -> None:
        """Carry out all steps; when one fails, the state before is put back as far as it can be."""
        carry_out: dict[str, Callable[[Step], None]] = {
            "stage": self._stage,
            "stop": self._stop,
            "place": self._place,
            "register": self._register,
            "configure": self._configure,
            "start": self._start,
        }
        try:
            for step in plan.steps:
                self._host.progress(step.description)
                carry_out[step.action](step)
        except ContainersError as error:
            self._put_back(error)
            raise
        finally:
            if self._staging:
                self._remove_staging()

    def _stage(self, step: Step) -> None:
        """Fetch, verify, unpack, and see that the programs are what the option version says."""
        arguments = step.arguments
        self._staging = str(arguments["staging"])
        archive = ntpath.join(self._staging, "docker.zip")
        files = self._host.files
        files.remove(self._staging)
        files.make_folder(self._staging)
        with doing("download", "the archive", str(arguments["url"])):
            self._download(str(arguments["url"]), archive)
            _verify(files.sha256(archive), arguments["checksums"])
            files.extract_zip(archive, self._staging)
            found = read_version(self._host, ntpath.join(self._unpacked, "dockerd.exe"))
            if found != self._options.version:
                raise OptionError(
                    f"the archive holds engine version {found or 'unknown'}, not {self._options.version}",
                    "Correct the option url or the option version",
                )

    @property
    def _unpacked(self) -> str:
        """The one folder of the archive (docker-on-windows.md section 1, 1)."""
        return ntpath.join(self._staging, "docker")

    def _download(self, url: str, archive: str) -> None:
        done = self._host.programs.run("curl.exe", ["-fsSL", "-o", archive, url], timeout=_DOWNLOAD_TIMEOUT)
        if done.exit_code == 0:
            return
        if done.exit_code in _CURL:
            cause, advice = _CURL[done.exit_code]
            raise RemoteError(cause, advice, code=done.exit_code, text=done.error_text)
        raise refusal(done.exit_code, done.error_text)

    def _stop(self, step: Step) -> None:
        self._undo.append(lambda: start_service(self._host, self._service))
        stop_service(self._host, self._service)

    def _place(self, step: Step) -> None:
        """Put the new programs where the old ones were, and keep the old ones until the new ones have proved good."""
        files, folder = self._host.files, self._observed.folder
        previous = ntpath.join(self._staging, "previous")
        files.make_folder(folder)
        files.make_folder(previous)
        for name in PROGRAMS:
            target = ntpath.join(folder, name)
            if files.exists(target):
                self._keep(target, ntpath.join(previous, name))
            files.move(ntpath.join(self._unpacked, name), target)

    def _keep(self, target: str, kept: str) -> None:
        self._host.files.move(target, kept)
        self._undo.append(lambda: self._host.files.move(kept, target))

    def _register(self, step: Step) -> None:
        program = ntpath.join(self._observed.folder, "dockerd.exe")
        with doing("register", "the service", self._service):
            done = self._host.programs.run(program, ["--register-service"], timeout=120)
            if done.exit_code:
                raise refusal(done.exit_code, done.error_text or done.text)

    def _configure(self, step: Step) -> None:
        path, before = self._observed.config_path, self._observed.config
        with doing("write", "the file", path):
            self._undo.append(lambda: self._restore(path, before))
            self._host.files.write(path, step.arguments["content"])

    def _restore(self, path: str, content: bytes | None) -> None:
        if content is None:
            self._host.files.remove(path)
        else:
            self._host.files.write(path, content)

    def _start(self, step: Step) -> None:
        """Start it and see it answer over its pipe."""
        # A start that hangs would hold the files that are to be put back.
        self._undo.append(lambda: stop_service(self._host, self._service))
        start_service(self._host, self._service)
        engine = EngineClient.open(self._host, self._options.pipe, require_service(self._host))
        engine.close()

    def _put_back(self, error: ContainersError) -> None:
        """Undo in reverse; what cannot be undone is said, and never hides the error itself."""
        problems = []
        for undo in reversed(self._undo):
            try:
                undo()
            except ContainersError as problem:
                problems.append(problem.cause)
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


def _verify(found: str | None, expected: Any) -> None:
    """Compare checksums. Raises OptionError with both."""
    if found not in expected:
        raise OptionError(
            f"the downloaded archive has the sha256 {found}, expected was {' or '.join(expected)}",
            "Check the options url and sha256; nothing was installed",
        )
