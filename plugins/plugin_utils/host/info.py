# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything ``host_info`` and ``host_facts`` report, and the shape they report it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan, Resource
from ..errors import OptionError
from ..images.compatibility import base_image_tags
from ..remote.winrm_config import tight_settings
from .features import CONTAINERS, HYPERV
from .prerequisites import container_time_zones, relevant_updates
from .reader import EngineView, HostReader
from .readiness import Evidence, Verdict, exposed
from .subsets import choose

if TYPE_CHECKING:
    from ..remote.cim import Instance
    from ..remote.host import RemoteHost

#: The name host_facts gives its facts.
FACTS = "winfleet_host"


class HostInfo(Resource[dict[str, Any]]):
    """The host, only looked at.

    Args:
        open_engine: Gives the view on the host's engine, from the services that were found.
        subsets: What to read, as the option has it.
        today: The day that support is judged on, as the option has it; None for the controller's.
        as_facts: Return it as facts.

    Raises:
        OptionError: A subset or the day is none.
    """

    verb = "read"
    thing = "the facts of the host"

    def __init__(
        self,
        host: RemoteHost,
        open_engine: Callable[[RemoteHost, list[Instance]], EngineView],
        subsets: Sequence[str],
        today: str | None = None,
        as_facts: bool = False,
    ) -> None:
        self._host = host
        self._open_engine = open_engine
        self._wanted = subsets
        self._today = today
        self._as_facts = as_facts

    def read(self) -> dict[str, Any]:
        subsets, today = choose(self._wanted), parse_day(self._today)
        reader = HostReader(self._host, self._open_engine, today)
        found: dict[str, Any] = {}
        for subset in subsets:
            found.update(PARTS[subset](reader))
        return found

    def report(self, observed: dict[str, Any], plan: Plan) -> dict[str, Any]:
        problem = observed.get("engine", {}).get("problem")
        warnings = [f"The engine runs but could not be asked: {problem}."] if problem else []
        return {**({"ansible_facts": {FACTS: observed}} if self._as_facts else observed), "warnings": warnings}


def parse_day(text: str | None) -> date:
    """A day as 2026-11-24; the controller's own for None. Raises OptionError."""
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OptionError(f'"{text}" is not a day', "Write it as year-month-day, for example 2026-11-24") from error


def _os(reader: HostReader) -> dict[str, Any]:
    system = reader.system
    return {
        "os": {
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
    }


def _hardware(reader: HostReader) -> dict[str, Any]:
    return {
        "platform": reader.platform,
        "hardware": {
            "memory_bytes": reader.machine.memory_bytes,
            "processors": reader.machine.processors,
            "free_disk_bytes": reader.free_disk_bytes,
        },
    }


def _virtualization(evidence: Evidence) -> dict[str, Any]:
    flags = evidence.processor
    return {
        "guest": evidence.guest if evidence.platform != "unknown" else None,
        "hypervisor_present": evidence.hypervisor_present,
        "exposed": exposed(evidence),
        "processor_flags": {
            "vm_monitor": flags.vm_monitor,
            "second_level_translation": flags.second_level_translation,
            "firmware_enabled": flags.firmware_enabled,
            "reliable": evidence.hypervisor_present is False or flags.all_true,
        },
    }


def _isolation(reader: HostReader) -> dict[str, Any]:
    readiness = reader.readiness
    return {
        "isolation": {"process": _verdict(readiness.process), "hyperv": _verdict(readiness.hyperv)},
        "virtualization": _virtualization(reader.evidence),
        "readiness": {name: _reasons(getattr(readiness, name)) for name in ("process", "hyperv", "engine")},
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {name: plain(getattr(verdict, name)) for name in ("verdict", "reason", "ready", "missing", "advice")}


def _reasons(verdict: Verdict) -> dict[str, Any]:
    return {name: plain(getattr(verdict, name)) for name in ("verdict", "ready", "reasons", "next_steps")}


def _networks(reader: HostReader) -> dict[str, Any]:
    networks = reader.networks
    problem = "hnsdiag.exe is not on the host or did not answer" if networks is None else None
    hns = None if networks is None else [{"name": name, "id": id} for name, id in networks.items()]
    return {"networks": {"hns": hns, "problem": problem}}


def _winrm(reader: HostReader) -> dict[str, Any]:
    winrm = reader.winrm
    if isinstance(winrm, str):
        return {"winrm": {"settings": None, "tight": [], "problem": winrm}}
    return {"winrm": {"settings": winrm, "tight": list(tight_settings(winrm)), "problem": None}}


def _antivirus(reader: HostReader) -> dict[str, Any]:
    found = reader.antivirus
    return {"antivirus": {"products": plain(found.products), "problem": found.problem or None}}


def _time(reader: HostReader) -> dict[str, Any]:
    system = reader.system
    return {
        "time": {
            "zone": reader.time_zone,
            "utc_offset_minutes": system.utc_offset_minutes,
            "local_time": system.local_time.isoformat(timespec="seconds") if system.local_time else None,
            "ahead_seconds": system.clock_ahead_seconds,
            "container_zones": container_time_zones(system.version),
        }
    }


def _updates(reader: HostReader) -> dict[str, Any]:
    rows = reader.hotfixes
    ids = [str(row.get("HotFixID") or "") for row in rows]
    listed = [
        {"id": id, "description": str(row.get("Description") or ""), "installed_on": row.get("InstalledOn") or None}
        for id, row in zip(ids, rows, strict=True)
    ]
    return {"updates": {"installed": listed, "relevant": plain(relevant_updates(reader.system.version, ids))}}


#: Subset to what it reports, under one key or several.
PARTS: dict[str, Callable[[HostReader], dict[str, Any]]] = {
    "os": _os,
    "hardware": _hardware,
    "features": lambda reader: {"features": {"containers": reader.features[CONTAINERS], "hyperv": reader.features[HYPERV]}},
    "reboot": lambda reader: {"reboot": plain(reader.reboot)},
    "isolation": _isolation,
    "engine": lambda reader: {"engine": reader.engine.report()},
    "runtimes": lambda reader: {"runtimes": plain(reader.runtimes)},
    "base_images": lambda reader: {"base_images": base_image_tags(reader.system.version)},
    "domain": lambda reader: {"domain": plain(reader.machine.domain)},
    "support": lambda reader: {"support": plain(reader.support)},
    "storage": lambda reader: {"storage": plain(reader.storage)},
    "networks": _networks,
    "winrm": _winrm,
    "antivirus": _antivirus,
    "time": _time,
    "updates": _updates,
}


def plain(value: Any) -> Any:
    """Dataclasses, tuples and days as a result carries them."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
