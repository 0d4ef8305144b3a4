# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything ``host_info`` reports, and the shape it reports it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Resource
from ..images.compatibility import base_image_tags
from .facts import HostFacts, read_facts
from .features import CONTAINERS, HYPERV
from .readiness import Verdict

if TYPE_CHECKING:
    from ..remote.host import RemoteHost


@dataclass(frozen=True)
class HostInfo:
    """What was read. ``engine`` is reported as it comes: this layer knows nothing of engines."""

    facts: HostFacts
    engine: dict[str, Any]


class HostInfoResource(Resource[HostInfo]):
    """The host, only looked at.

    Args:
        read_engine: Reads the engine's facts in the shape they are reported in.
    """

    verb = "read"
    thing = "the facts of the host"

    def __init__(self, host: RemoteHost, read_engine: Callable[[RemoteHost], dict[str, Any]]) -> None:
        self._host = host
        self._read_engine = read_engine

    def read(self) -> HostInfo:
        return HostInfo(read_facts(self._host), self._read_engine(self._host))

    def report(self, observed: HostInfo, plan: Plan) -> dict[str, Any]:
        problem = observed.engine.get("problem")
        warnings = [f"The engine runs but could not be asked: {problem}."] if problem else []
        return {**report(observed), "warnings": warnings}


def report(info: HostInfo) -> dict[str, Any]:
    """The result of ``host_info``."""
    facts = info.facts
    return {
        "os": _os(facts),
        "platform": facts.platform,
        "hardware": {
            "memory_bytes": facts.machine.memory_bytes,
            "processors": facts.machine.processors,
            "free_disk_bytes": facts.free_disk_bytes,
        },
        "isolation": {"process": _verdict(facts.readiness.process), "hyperv": _verdict(facts.readiness.hyperv)},
        "features": {"containers": facts.features[CONTAINERS], "hyperv": facts.features[HYPERV]},
        "reboot": {**asdict(facts.reboot), "reasons": list(facts.reboot.reasons)},
        "engine": info.engine,
        "base_images": base_image_tags(facts.system.version),
    }


def _os(facts: HostFacts) -> dict[str, Any]:
    system = facts.system
    return {
        "caption": system.caption,
        "edition": system.edition,
        "product_type": system.product_type,
        "installation_type": system.installation_type,
        "version": str(system.version),
        "build": system.version.build,
        "revision": system.version.revision,
        "release": system.release,
        "display_version": system.label,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "missing": list(verdict.missing)}
