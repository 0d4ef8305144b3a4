# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens in an engine, as ``GET /events`` tells it: kept (the last 256), filtered, followed.

Shape and filters: moby daemon/events.go, daemon/events/filter.go (the same from 20.10 to 29); the doubled fields status, id and from are
gone from API 1.52 on.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .references import parse_reference
from .texts import ApiError
from .versions import ApiVersion

if TYPE_CHECKING:
    from .containers import Container
    from .networks import Network

Json = dict[str, Any]
_KEPT = 256
#: Filters that name the object of that type.
_NAMED = ("daemon", "container", "plugin", "volume", "network", "node", "service", "secret", "config")
_PREFIXED = ("health_status", "exec_create", "exec_start")


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    type: str
    action: str
    id: str
    attributes: Mapping[str, str]
    nanoseconds: int

    @property
    def seconds(self) -> float:
        return self.nanoseconds / 1e9

    def shown(self, api: ApiVersion) -> Json:
        """One message of the stream."""
        old: Json = {}
        if api < (1, 52) and self.type in ("container", "image"):
            old = {"status": self.action, "id": self.id}
            if self.attributes.get("image"):
                old["from"] = self.attributes["image"]
        return old | {
            "Type": self.type,
            "Action": self.action,
            "Actor": {"ID": self.id, "Attributes": dict(self.attributes)},
            "scope": "local",
            "time": self.nanoseconds // 10**9,
            "timeNano": self.nanoseconds,
        }


class Events:
    """The events of one engine, and those who listen."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self.changed = changed  #: called with each event
        self.kept: deque[Event] = deque(maxlen=_KEPT)
        self.listeners: set[asyncio.Queue[Event]] = set()

    def log(self, type: str, action: str, id: str, attributes: Mapping[str, str]) -> None:
        """Something happened."""
        event = Event(type, action, id, attributes, time.time_ns())
        self.kept.append(event)
        self.changed()
        for listener in self.listeners:
            listener.put_nowait(event)

    def container(self, container: Container, action: str, **attributes: str) -> None:
        """Its labels, image and name are told along."""
        known = {**attributes, **(container.config["Labels"] or {})}
        if container.config["Image"]:
            known["image"] = container.config["Image"]
        self.log("container", action, container.id, known | {"name": container.name})

    def image(self, id: str, name: str, action: str) -> None:
        self.log("image", action, id, {"name": name})

    def network(self, network: Network, action: str, **attributes: str) -> None:
        self.log("network", action, network.id, attributes | {"name": network.name, "type": network.driver})

    def volume(self, name: str, action: str, **attributes: str) -> None:
        self.log("volume", action, name, attributes)

    def pruned(self, type: str, reclaimed: int) -> None:
        self.log(type, "prune", "", {"reclaimed": str(reclaimed)})


def wanted(event: Event, filters: Mapping[str, list[str]]) -> bool:
    """Whether an event passes: every filter given must fit, of its values one is enough (of labels all)."""
    for name, values in filters.items():
        if name == "event":
            prefix = any(value in _PREFIXED for value in values)
            fits = any(event.action == value or (prefix and event.action.startswith(value)) for value in values)
        elif name == "type":
            fits = event.type in values
        elif name == "scope":
            fits = "local" in values
        elif name == "image":
            fits = any(value in _image_names(event) for value in values)
        elif name == "label":
            fits = all(_has_label(event, value) for value in values)
        elif name in _NAMED:
            candidates = (event.id, event.attributes.get("name", ""))
            fits = any(candidate.startswith(value) for candidate in candidates for value in values)
        else:
            fits = True
        if not fits:
            return False
    return True


def _has_label(event: Event, label: str) -> bool:
    key, sign, value = label.partition("=")
    return event.attributes.get(key) == value if sign else key in event.attributes


def _image_names(event: Event) -> set[str]:
    name = event.attributes.get("name" if event.type == "image" else "image", "")
    return {event.id, name, _without_tag(event.id), _without_tag(name)}


def _without_tag(name: str) -> str:
    try:
        return parse_reference(name).familiar
    except ApiError:
        return name
