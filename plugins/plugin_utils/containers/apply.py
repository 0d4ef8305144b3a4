# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out the steps of a plan through the engine. The only writer of containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Step
from ..engine.errors import EngineConflictError
from ..engine.failures import explaining
from ..errors import ContainersError, NotFoundError, RemoteError, doing
from ..images.pull import pull
from ..images.references import Reference
from .info import last_words
from .options import Inspected, at
from .state import Desired
from .waiting import one_line, wait_end, wait_healthy, wait_until, without_values

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..images.registry import Credentials
    from ..remote.host import RemoteHost


#: Seconds the engine may take to terminate what does not stop (docker-on-windows.md section 7: it waits up to 75 s), and some for itself.
_KILLING = 135
#: Of the log of a container that does not get healthy, this many lines go into the result.
_LAST_LINES = 20


@dataclass(frozen=True)
class Ended:
    """What a container in the foreground left: its exit code, what it wrote, and of that the end as an error may quote it."""

    status: int
    output: str
    said: str


class Applier:
    """Carries out plans of :func:`.plan.plan` on one host.

    Args:
        engine: The engine, open.
        host: For progress.
        desired: The container, for its name and for how to stop and wait.
        ports: The ports it publishes, for errors.
        credentials: Of the image's registry.

    Attributes:
        ended: After a step ``wait_end``.
    """

    def __init__(
        self, engine: EngineClient, host: RemoteHost, desired: Desired, ports: Sequence[str], credentials: Credentials | None = None
    ) -> None:
        self.ended: Ended | None = None
        self._engine = engine
        self._api: Any = engine.api  # the SDK's types stop at some of its mix-ins
        self._host = host
        self._desired = desired
        self._name = desired.name
        self._ports = ", ".join(ports) or "none"
        self._credentials = credentials
        self._actions: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "pull": self._pull,
            "create": self._create,
            "replace": self._replace,
            "rename": lambda step: self._rename(step["id"], step["name"]),
            "remove": lambda step: self._remove(step["id"]),
            "update": self._update,
            "start": lambda step: self._start(step["id"]),
            "stop": lambda step: self._stop(step["id"], step["stop_seconds"]),
            "restart": self._restart,
            "unpause": self._unpause,
            "wait_healthy": lambda step: self._wait_healthy(step["id"]),
            "wait_end": lambda step: self._wait_end(step["id"]),
        }

    def apply(self, plan: Plan) -> None:
        """Carry out all steps in order. Raises ContainersError; what a failed step had begun is undone."""
        for step in plan.steps:
            self._step(step)
        if self.ended is not None and self.ended.status:
            said = f" and said last: {self.ended.said}" if self.ended.said else ""
            error = RemoteError(f"its command ended with exit code {self.ended.status}{said}", "Correct the command, or what it works on")
            error.result = {"changed": True, "status": self.ended.status, "output": self.ended.output}
            raise error

    def _step(self, step: Step) -> None:
        self._host.begin(step)
        self._actions[step.action](step.arguments)

    @contextmanager
    def _asking(self, verb: str) -> Iterator[None]:
        """Name the deed in errors, and make the engine's texts clear."""
        with doing(verb, "container", self._name), explaining(ports=self._ports), self._engine.errors():
            yield

    def _pull(self, step: Mapping[str, Any]) -> None:
        with doing("pull", "image", step["reference"]):
            pull(self._engine, self._host, Reference.parse(step["reference"]), self._credentials)

    def _create(self, step: Mapping[str, Any]) -> None:
        """Create and perhaps start; a container made here that cannot be started, or never gets healthy, is removed."""
        with self._asking("create"):
            identifier = str(self._api.create_container_from_config(step["request"], step["name"])["Id"])
        try:
            self._connect(identifier, step["connect"])
            if step["start"]:
                self._start(identifier)
            if step["healthy"]:
                self._wait_healthy(identifier)
        except BaseException as error:
            self._undo(error, [("the new container could not be removed", lambda: self._remove(identifier))])
            raise

    def _connect(self, identifier: str, networks: Mapping[str, Any]) -> None:
        for name, endpoint in networks.items():
            with self._asking("connect"):
                url = self._api._url("/networks/{0}/connect", name)
                # The SDK's own call cannot give an address of a card to engines that take one.
                answer = self._api._post_json(url, data={"Container": identifier, "EndpointConfig": endpoint})
                self._api._raise_for_status(answer)

    def _replace(self, step: Mapping[str, Any]) -> None:
        """Put the old container aside, make the new one, remove the old one; on any failure bring the old one back."""
        old = step["old"]
        if step["vanishes"]:
            self._stop(old, step["stop_seconds"])
            self._remove(old)
            self._create(step)
            return
        undo: list[tuple[str, Callable[[], None]]] = []
        try:
            if step["was_running"]:
                undo.append(("the old container could not be started again", lambda: self._start(old)))
                self._stop(old, step["stop_seconds"])
            undo.append(("the old container could not get its name back", lambda: self._rename(old, step["name"])))
            self._rename(old, step["backup"])
            self._create(step)
        except BaseException as error:
            self._undo(error, undo)
            raise
        self._remove(old)

    def _undo(self, error: BaseException, deeds: list[tuple[str, Callable[[], None]]]) -> None:
        """Undo in reverse order; whatever fails is told in the error, and the rest is tried all the same."""
        failed = []
        for consequence, deed in reversed(deeds):
            try:
                deed()
            except ContainersError as second:
                failed.append(f"{consequence} ({second.cause})")
        if failed and isinstance(error, ContainersError):
            error.cause = "; afterwards ".join([error.cause, *failed])
            error.advice = error.advice or "Run the task again once the cause is removed"

    def _start(self, identifier: str) -> None:
        with self._asking("start"):
            self._api.start(identifier)

    def _stop(self, identifier: str, seconds: int) -> None:
        """Stop it within the task's time, or its own; the engine answers only when it has stopped."""
        given = self._desired.stop_timeout
        with self._asking("stop"), self._engine.api.patience((seconds if given is None else given) + _KILLING):
            if self._desired.force_kill:
                self._api.kill(identifier)
            else:
                self._api.stop(identifier, timeout=given)

    def _restart(self, step: Mapping[str, Any]) -> None:
        self._stop(step["id"], step["stop_seconds"])
        self._start(step["id"])

    def _unpause(self, step: Mapping[str, Any]) -> None:
        with self._asking("unpause"):
            self._api.unpause(step["id"])

    def _rename(self, identifier: str, name: str) -> None:
        with self._asking("rename"):
            self._api.rename(identifier, name)

    def _remove(self, identifier: str) -> None:
        """Remove it by force. The engine may be about it already, where it removes what ends."""
        timeout = self._desired.removal_wait_timeout
        try:
            with doing("remove", "container", self._name), self._engine.errors(), self._engine.api.patience(_KILLING):
                self._api.remove_container(identifier, v=not self._desired.keep_volumes, force=True)
        except NotFoundError:
            return
        except EngineConflictError as error:
            if "already in progress" not in error.text:
                raise
            timeout = _KILLING if timeout is None else timeout
        if timeout is not None:
            self._wait_gone(identifier, timeout)

    def _wait_gone(self, identifier: str, timeout: float) -> None:
        with doing("remove", "container", self._name):
            advice = "Run the task again, or raise removal_wait_timeout"
            wait_until(
                lambda: self._look_if_there(identifier), lambda container: not container, timeout, "the container was not gone", advice
            )

    def _update(self, step: Mapping[str, Any]) -> None:
        with self._asking("update"):
            self._api.update_container(step["id"], restart_policy=step["restart_policy"])

    def _look(self, identifier: str) -> Inspected:
        with doing("inspect", "container", self._name), self._engine.errors():
            container: dict[str, Any] = self._api.inspect_container(identifier)
        return container

    def _look_if_there(self, identifier: str) -> Inspected:
        try:
            return self._look(identifier)
        except NotFoundError:
            return {}

    def _wait_healthy(self, identifier: str) -> None:
        try:
            with doing("start", "container", self._name):
                wait_healthy(lambda: self._look(identifier), self._desired.wait_timeout, self._desired.healthy_after, self._tell)
        except ContainersError as error:
            self._quote(identifier, error)
            raise

    def _quote(self, identifier: str, error: ContainersError) -> None:
        """Add what the container said last: where this task made it, it is removed next, and its log with it."""
        try:
            container = self._look(identifier)
            output = without_values(container, last_words(self._engine, container, _LAST_LINES) or "")
        except ContainersError:
            return  # the first error is the one that counts
        if output.strip():
            error.cause = f"{error.cause}; it said last: {one_line(output)}"
            error.result = {**error.result, "output": output}

    def _tell(self, words: str) -> None:
        self._host.progress(f"wait until the container {self._name} is healthy: {words}")

    def _wait_end(self, identifier: str) -> None:
        with doing("run", "container", self._name):
            container = wait_end(lambda: self._look(identifier), self._desired.wait_timeout)
        output = self._output(container)
        said = one_line(without_values(container, output))
        self.ended = Ended(int((container.get("State") or {}).get("ExitCode") or 0), output, said)

    def _output(self, container: Inspected) -> str:
        """What it wrote; nothing is kept of it by the log driver none."""
        if at(container, "HostConfig.LogConfig.Type") == "none":
            return ""
        with self._asking("read the output of"):
            output: bytes = self._api.logs(container["Id"], stdout=True, stderr=True)
        return output.decode("utf-8", "replace")
