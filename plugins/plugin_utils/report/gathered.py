# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection's modules told of one host, as far as they could. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..images.compatibility import HostVersion, ProductType

Result = Mapping[str, Any]
#: Each part of what is gathered: the module it comes from, and the key of its result that says it could look.
PARTS = {
    "host": ("host_info", "os"),
    "containers": ("container_info", "containers"),
    "images": ("image_info", "images"),
    "isolation": ("isolation_info", "containers"),
    "updates": ("image_update_info", "images"),
}


@dataclass(frozen=True)
class Gathered:
    """One host: the results of the modules by the names of :data:`PARTS`, whether they succeeded or not."""

    name: str
    groups: tuple[str, ...] = ()
    results: Mapping[str, Result] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Gathered:
        """From an entry of the module's option ``hosts``."""
        return cls(str(entry["name"]), tuple(map(str, entry.get("groups") or ())), {part: entry.get(part) or {} for part in PARTS})

    def part(self, name: str) -> Result:
        """A module's result; empty when it was not asked or could not look."""
        result = self.results.get(name) or {}
        return result if PARTS[name][1] in result else {}

    def problem(self, name: str) -> str:
        """Why a module could not look, in its own words; empty when it could, or was not asked."""
        result = self.results.get(name) or {}
        if self.part(name) or result.get("skipped"):
            return ""
        return str(result.get("msg") or "").removeprefix("Task failed: ").rstrip(". ")  # core says that first

    @property
    def reached(self) -> bool:
        return bool(self.part("host"))

    @property
    def unreachable(self) -> bool:
        return bool((self.results.get("host") or {}).get("unreachable"))

    def facts(self, *path: str) -> Any:
        """A fact of host_info; None when it is not there."""
        found: Any = self.part("host")
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    @property
    def version(self) -> HostVersion | None:
        """Build and revision; None for a host that was not reached."""
        if not self.reached:
            return None
        product: ProductType = "workstation" if self.facts("os", "product_type") == "workstation" else "server"
        return HostVersion(int(self.facts("os", "build")), self.facts("os", "revision"), product)

    def entries(self, part: str, key: str) -> Sequence[Result]:
        """The list of that name in a module's result."""
        found: Sequence[Result] = self.part(part).get(key) or ()
        return found

    @property
    def containers(self) -> Sequence[Result]:
        return self.entries("containers", "containers")

    @property
    def images(self) -> Sequence[Result]:
        return self.entries("images", "images")

    @property
    def proofs(self) -> Mapping[str, Result]:
        """What isolation_info says of each container, by name."""
        return {str(entry["name"]): entry for entry in self.entries("isolation", "containers")}

    def image_version(self, container: Result) -> str:
        """``os.version`` of a container's image; empty when it is not known."""
        found = (image.get("os_version") for image in self.images if image.get("id") == container.get("image_id"))
        return str(next(found, None) or "")

    @property
    def hyperv_running(self) -> tuple[str, ...]:
        """Running containers that asked for Hyper-V isolation: each is an instance in the sense of the licence."""
        return tuple(str(entry["name"]) for entry in self.containers if entry.get("running") and entry.get("isolation") == "hyperv")
