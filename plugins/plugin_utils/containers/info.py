# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What containers a host has, and how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..desired_state import Plan
from ..engine.client import EngineClient
from ..engine.lookup import checked_filters, find_container
from ..engine.object import EngineObject
from ..errors import NotFoundError, OptionError, doing
from ..remote.host import RemoteHost
from ..values import name_of
from .options import Inspected, at
from .report import describe

#: moby daemon/list.go, acceptedPsFilterTags.
FILTERS = frozenset(
    (
        "ancestor",
        "before",
        "exited",
        "expose",
        "health",
        "id",
        "isolation",
        "label",
        "name",
        "network",
        "publish",
        "since",
        "status",
        "volume",
    )
)
#: Log drivers take tokens and passwords among their options (splunk-token, gelf and fluentd addresses may hold them too).
_HIDDEN = "(value not shown)"


class ContainerInfo(EngineObject[dict[str, Inspected | None]]):
    """The containers of one host."""

    verb = "look at"
    thing = "containers"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        super().__init__(host, options)
        self._names: list[str] | None = options["name"]
        self._filters = options["filters"]
        self._full = bool(options["inspect"])
        self._lines: int | None = options["logs"]
        self._logs: dict[str, str | None] = {}

    def read(self) -> dict[str, Inspected | None]:
        """Each container asked for, inspected, by the name it was asked for by; None for one that is not there."""
        filters = checked_filters("filters", self._filters, FILTERS)
        if self._names is not None and "" in self._names:
            raise OptionError("the option name holds an empty name", "Leave the option out for all containers")
        if self._lines is not None and self._lines < 1:
            raise OptionError(f"the option logs is {self._lines}", "Give a number of lines, 1 or more")
        engine = self.opened
        if engine is None:
            return dict.fromkeys(self._names or ())
        observed = self._found(engine, filters)
        if self._lines is not None:
            self._logs = {str(found["Id"]): last_words(engine, found, self._lines) for found in observed.values() if found is not None}
        return observed

    def _found(self, engine: EngineClient, filters: dict[str, list[str]]) -> dict[str, Inspected | None]:
        if self._names is not None:
            return {name: find_container(engine, name) for name in self._names}
        with engine.errors():
            identifiers = [str(entry["Id"]) for entry in engine.api.containers(all=True, filters=filters or None)]
        there = {identifier: find_container(engine, identifier) for identifier in identifiers}
        return {identifier: found for identifier, found in there.items() if found is not None}  # one may have gone since it was listed

    def report(self, observed: dict[str, Inspected | None], plan: Plan) -> dict[str, Any]:
        found = {str(container.get("Id")): container for container in observed.values() if container is not None}
        entries = sorted((self._entry(container) for container in found.values()), key=lambda entry: str(entry["name"]))
        result: dict[str, Any] = {"exists": None not in observed.values() and bool(observed), "containers": entries}
        if self._names is not None:
            result["missing"] = [name for name, container in observed.items() if container is None]
            result["container"] = entries[0] if len(self._names) == 1 and entries else None
        return result

    def _entry(self, container: Inspected) -> dict[str, Any]:
        more: dict[str, Any] = {"inspect": without_secrets(container)} if self._full else {}
        if self._lines is not None:
            more["logs"] = self._logs.get(str(container.get("Id")))
        return {**describe(container), **more}


def last_words(engine: EngineClient, container: Inspected, lines: int) -> str | None:
    """The last lines that a container wrote; None where its log driver keeps nothing, or it is gone. Raises EngineError."""
    if at(container, "HostConfig.LogConfig.Type") == "none":
        return None
    try:
        with doing("read the output of", "container", name_of(container)), engine.errors():
            output: bytes = engine.api.logs(container["Id"], stdout=True, stderr=True, tail=lines)
    except NotFoundError:
        return None
    return output.decode("utf-8", "replace")


def without_secrets(container: Inspected) -> dict[str, Any]:
    """The engine's answer without what may be a secret: values of environment variables and of the log driver's options."""
    config, host_config = dict(container.get("Config") or {}), dict(container.get("HostConfig") or {})
    if config.get("Env"):
        config["Env"] = [f"{str(entry).partition('=')[0]}={_HIDDEN}" for entry in config["Env"]]
    log = host_config.get("LogConfig") or {}
    if log.get("Config"):
        host_config["LogConfig"] = {**log, "Config": dict.fromkeys(log["Config"], _HIDDEN)}
    return {**container, "Config": config, "HostConfig": host_config}
