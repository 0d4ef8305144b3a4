# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of what a host's engine no longer uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from ..desired_state import Difference, Plan, Step
from ..engine.lookup import checked_filters
from ..engine.object import EngineObject
from ..errors import OptionError, doing
from ..remote.host import RemoteHost
from ..values import name_of
from . import rules
from .rules import FILTERS, Filters, Row

#: In this order: what containers used is unused once they are gone.
KINDS = ("containers", "images", "networks", "volumes", "builder_cache")
_WORDS = {"containers": "container", "images": "image", "networks": "network", "volumes": "volume", "builder_cache": "cache entry"}
#: The API from which on a prune of volumes leaves those with a name alone.
_ANONYMOUS_FROM = (1, 42)


@dataclass(frozen=True)
class Observed:
    """What would go, by kind; and the names of containers by their ids."""

    going: Mapping[str, list[str]] = field(default_factory=dict)
    untagged: list[str] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)


class Prune(EngineObject[Observed]):
    """What one host no longer uses."""

    verb = "remove"
    thing = "what is not used"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        super().__init__(host, options)
        self._done: dict[str, Any] | None = None

    @cached_property
    def filters(self) -> Mapping[str, Filters]:
        """The filters of the kinds asked for. Raises OptionError."""
        kinds = [kind for kind in KINDS if self._options[kind]]
        if not kinds:
            raise OptionError("the task names nothing to remove", f"Set one of {', '.join(KINDS)} to true")
        checked: dict[str, Filters] = {
            kind: checked_filters(f"{kind}_filters", self._options[f"{kind}_filters"], FILTERS[kind]) for kind in kinds
        }
        for filters in checked.values():
            rules.refuse_unreadable(filters)
        return checked

    def read(self) -> Observed:
        """The engine's lists, as far as they matter. What is gone after the prune calls, they have told themselves."""
        filters = self.filters
        if self.opened is None or self._done is not None:
            return Observed()
        api: Any = self.engine.api  # the SDK's types stop at some of its mix-ins
        with self.engine.errors():
            now = rules.moment_of(str(api.info()["SystemTime"])) if any("until" in one for one in filters.values()) else None
            containers = api.containers(all=True)
            gone = rules.containers_to_go(containers, filters["containers"], now) if "containers" in filters else []
            left = [row for row in containers if row not in gone]
            going = {"containers": [name_of(row) for row in gone]}
            images = self._images(api, left, now)
            going["images"] = [str(row["Id"]) for row in images]
            going["networks"] = self._networks(api, left, now)
            going["volumes"] = self._volumes(api, gone, left)
            going["builder_cache"] = self._builder_cache(api)
        untagged = [name for row in images for name in rules.tags_of(row)]
        return Observed(going, untagged, {str(row["Id"]): name_of(row) for row in containers})

    def _images(self, api: Any, left: list[Row], now: datetime | None) -> list[Row]:
        if "images" not in self.filters:
            return []
        return rules.images_to_go(api.images(all=True), left, self.filters["images"], now)

    def _networks(self, api: Any, left: list[Row], now: datetime | None) -> list[str]:
        if "networks" not in self.filters:
            return []
        return [str(row["Name"]) for row in rules.networks_to_go(api.networks(), left, self.filters["networks"], now)]

    def _volumes(self, api: Any, gone: list[Row], left: list[Row]) -> list[str]:
        """Volumes that only containers use which go before them are unused too."""
        if "volumes" not in self.filters:
            return []
        freed = rules.volumes_of(gone) - rules.volumes_of(left)
        unused = list(api.volumes(filters={"dangling": True})["Volumes"] or ())
        if freed:
            known = {str(row["Name"]) for row in unused}
            unused += [row for row in api.volumes()["Volumes"] or () if row["Name"] in freed - known]
        anonymous_only = tuple(map(int, str(api.api_version).split("."))) >= _ANONYMOUS_FROM
        return [str(row["Name"]) for row in rules.volumes_to_go(unused, self.filters["volumes"], anonymous_only)]

    def _builder_cache(self, api: Any) -> list[str]:
        if "builder_cache" not in self.filters:
            return []
        return [str(row.get("ID")) for row in api.df().get("BuildCache") or () if not row.get("InUse")]

    def plan(self, observed: Observed) -> Plan:
        going = {kind: names for kind, names in observed.going.items() if names}
        steps = tuple(Step(kind, f"remove the {_counted(kind, names)} {_shown(names)}") for kind, names in going.items())
        return Plan(steps, tuple(Difference(kind, sorted(names), []) for kind, names in going.items()))

    def apply(self, plan: Plan, observed: Observed) -> None:
        api: Any = self.engine.api
        calls: dict[str, Callable[[Filters], Any]] = {
            "containers": api.prune_containers,
            "images": api.prune_images,
            "networks": api.prune_networks,
            "volumes": api.prune_volumes,
            "builder_cache": lambda filters: api.prune_builds(filters=filters or None, all=self._options["builder_cache_all"] or None),
        }
        done = self._result({}, [])
        for step in plan.steps:
            self._host.begin(step)
            with doing("remove", f"unused {step.action.replace('_', ' ')}"), self.engine.errors():
                answer = calls[step.action](self.filters[step.action])
            done |= _deleted(step.action, answer, observed.names)
        self._done = done

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        """The engine tells only afterwards how much room it made."""
        return self._result(observed.going, observed.untagged, None)

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        if self._done is None:
            return self._result({}, [])
        return {**self._done, "changed": any(self._done[kind] for kind in self.filters) or bool(self._done.get("images_untagged"))}

    def _result(self, going: Mapping[str, list[str]], untagged: list[str], reclaimed: int | None = 0) -> dict[str, Any]:
        """The kinds asked for, as nothing or what is predicted has gone."""
        result: dict[str, Any] = {}
        for kind in self.filters:
            result[kind] = sorted(going.get(kind, ()))
            if kind != "networks":
                result[f"{kind}_space_reclaimed"] = reclaimed if result[kind] else 0
        return {**result, "images_untagged": sorted(untagged)} if "images" in self.filters else result


def _counted(kind: str, names: list[str]) -> str:
    return _WORDS[kind] if len(names) == 1 else kind.replace("builder_cache", "cache entries")


def _shown(names: list[str], most: int = 5) -> str:
    """The first few; ids in their short form."""
    shown = [name.removeprefix("sha256:")[:12] if name.startswith("sha256:") or len(name) == 64 else name for name in sorted(names)]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def _deleted(kind: str, answer: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The engine's answer in the shape of the result."""
    space = {} if kind == "networks" else {f"{kind}_space_reclaimed": int(answer.get("SpaceReclaimed") or 0)}
    if kind == "images":
        entries = answer.get("ImagesDeleted") or ()
        deleted = [str(entry["Deleted"]) for entry in entries if entry.get("Deleted")]
        # A name by digest goes with its tag.
        untagged = [str(entry["Untagged"]) for entry in entries if entry.get("Untagged") and "@" not in str(entry["Untagged"])]
        return {"images": sorted(deleted), "images_untagged": sorted(untagged), **space}
    key = {"containers": "ContainersDeleted", "networks": "NetworksDeleted", "volumes": "VolumesDeleted", "builder_cache": "CachesDeleted"}[
        kind
    ]
    return {kind: sorted(names.get(str(one), str(one)) for one in answer.get(key) or ()), **space}
