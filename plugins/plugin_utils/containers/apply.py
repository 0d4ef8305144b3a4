# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out the steps of a plan through the engine. The only writer of containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Step
from ..engine.failures import explaining
from ..errors import ContainersError, doing
from ..images.pull import pull
from ..images.references import Reference

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost


class Applier:
    """Carries out plans of :func:`.plan.plan` on one host.

    Args:
        engine: The engine, open.
        host: For progress.
        name: The container's name, for errors.
        ports: The ports it publishes, for errors.
        stop_timeout: Seconds a container gets to stop by itself; None leaves it to the container or the engine (30 s on Windows).
    """

    def __init__(self, engine: EngineClient, host: RemoteHost, name: str, ports: Sequence[str], stop_timeout: int | None = None) -> None:
        self._engine = engine
        self._api: Any = engine.api  # the SDK's types stop at some of its mix-ins
        self._host = host
        self._name = name
        self._ports = ", ".join(ports) or "none"
        self._stop_timeout = stop_timeout
        self._actions: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "pull": self._pull,
            "create": self._create,
            "replace": self._replace,
            "rename": lambda step: self._rename(step["id"], step["name"]),
            "remove": lambda step: self._remove(step["id"]),
            "update": self._update,
            "start": lambda step: self._start(step["id"]),
            "stop": lambda step: self._stop(step["id"]),
            "unpause": self._unpause,
        }

    def apply(self, plan: Plan) -> None:
        """Carry out all steps in order. Raises ContainersError; what a failed step had begun is undone."""
        for step in plan.steps:
            self._step(step)

    def _step(self, step: Step) -> None:
        self._host.progress(step.description)
        self._actions[step.action](step.arguments)

    @contextmanager
    def _asking(self, verb: str) -> Iterator[None]:
        """Name the deed in errors, and make the engine's texts clear."""
        with doing(verb, "container", self._name), explaining(ports=self._ports), self._engine.errors():
            yield

    def _pull(self, step: Mapping[str, Any]) -> None:
        with doing("pull", "image", step["reference"]):
            pull(self._engine, self._host, Reference.parse(step["reference"]))

    def _create(self, step: Mapping[str, Any]) -> None:
        """Create and perhaps start; a container made here whose first start fails is removed."""
        with self._asking("create"):
            identifier = str(self._api.create_container_from_config(step["request"], step["name"])["Id"])
        if not step["start"]:
            return
        try:
            self._start(identifier)
        except BaseException as error:
            self._undo(error, [("the new container could not be removed", lambda: self._remove(identifier))])
            raise

    def _replace(self, step: Mapping[str, Any]) -> None:
        """Put the old container aside, make the new one, remove the old one; on any failure bring the old one back."""
        old = step["old"]
        undo: list[tuple[str, Callable[[], None]]] = []
        try:
            if step["was_running"]:
                undo.append(("the old container could not be started again", lambda: self._start(old)))
                self._stop(old)
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

    def _stop(self, identifier: str) -> None:
        with self._asking("stop"):
            self._api.stop(identifier, timeout=self._stop_timeout)

    def _unpause(self, step: Mapping[str, Any]) -> None:
        with self._asking("unpause"):
            self._api.unpause(step["id"])

    def _rename(self, identifier: str, name: str) -> None:
        with self._asking("rename"):
            self._api.rename(identifier, name)

    def _remove(self, identifier: str) -> None:
        with self._asking("remove"):
            self._api.remove_container(identifier, force=True)

    def _update(self, step: Mapping[str, Any]) -> None:
        with self._asking("update"):
            self._api.update_container(step["id"], restart_policy=step["restart_policy"])
