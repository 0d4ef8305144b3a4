# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts of one host, each question asked once and only when a subset needs its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import RemoteError, RemoteTimeout, doing
from ..remote.cim import CimClass, Instance
from ..remote.winrm_config import read_winrm
from .antivirus import Antivirus, read_antivirus
from .facts import Machine, OperatingSystem, read_evidence, read_features, read_free_disk, read_machine, read_system
from .features import HYPERV
from .pending_reboot import PendingReboot, judge, read_indicators, servicing_pending
from .platform import Platform, platform_of
from .prerequisites import Support, support
from .readiness import Evidence, FeatureState, Readiness, isolation_readiness
from .runtimes import Runtime, read_runtimes, read_services
from .storage import Storage, read_storage

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_HOTFIX = CimClass("Win32_QuickFixEngineering", {"HotFixID": str, "Description": str, "InstalledOn": str})
#: The zone's name in every language; that it stands there is general knowledge of Windows (unverified).
TIME_ZONE = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation"


class EngineView(Protocol):
    """The engine of a host, looked at part by part."""

    def report(self) -> dict[str, Any]: ...

    def data_root(self) -> str | None: ...

    def networks(self) -> dict[str, str] | None: ...


class HostReader:
    """Reads lazily and keeps what it has read.

    Args:
        host: The host.
        open_engine: Gives the view on the host's engine, from what :func:`.runtimes.read_services` found.
        today: The day that support is judged on.
    """

    def __init__(self, host: RemoteHost, open_engine: Callable[[RemoteHost, list[Instance]], EngineView], today: date) -> None:
        self.host = host
        self.today = today
        self._open_engine = open_engine

    @cached_property
    def system(self) -> OperatingSystem:
        return read_system(self.host)

    @cached_property
    def machine(self) -> Machine:
        return read_machine(self.host)

    @cached_property
    def free_disk_bytes(self) -> int | None:
        return read_free_disk(self.host, self.system.system_drive)

    @cached_property
    def reboot(self) -> PendingReboot:
        with doing("read", "the pending reboots"):
            return judge(read_indicators(self.host.registry))

    @cached_property
    def features(self) -> dict[str, FeatureState]:
        known = "reboot" in vars(self)
        servicing = self.reboot.servicing if known else servicing_pending(self.host.registry)
        return read_features(self.host, self.system.sku, servicing)

    @cached_property
    def platform(self) -> Platform:
        """Asks for Hyper-V only where an unfamiliar machine has a hypervisor that may be its own."""
        computer = self.machine.computer
        found = platform_of(computer, False)
        return platform_of(computer, self.features[HYPERV] == "enabled") if found == "unknown" else found

    @cached_property
    def services(self) -> list[Instance]:
        return read_services(self.host)

    @cached_property
    def support(self) -> Support:
        return support(self.system.version, self.system.sku, self.today)

    @cached_property
    def evidence(self) -> Evidence:
        evidence = read_evidence(self.host, self.system, self.machine, self.features, self.services)
        return replace(evidence, support=self.support)

    @cached_property
    def readiness(self) -> Readiness:
        return isolation_readiness(self.evidence)

    @cached_property
    def engine(self) -> EngineView:
        return self._open_engine(self.host, self.services)

    @cached_property
    def runtimes(self) -> list[Runtime]:
        """All of them; the Docker Engine as far as it was found."""
        engine = self.engine.report()
        found = read_runtimes(self.host, self.services)
        if not engine["installed"]:
            return found
        pipe = "docker_engine" if engine["running"] and not engine["problem"] else None
        return [Runtime("docker", engine["service"], engine["path"], engine["running"], engine["version"], pipe), *found]

    @cached_property
    def storage(self) -> Storage:
        return read_storage(self.host, self.engine.data_root())

    @cached_property
    def networks(self) -> dict[str, str] | None:
        """Names and ids of the networks of the Host Network Service; None when they cannot be known."""
        if "hns" not in {str(service.get("Name")).lower() for service in self.services}:
            return {}
        with doing("read", "the container networks"):
            return self.engine.networks()

    @cached_property
    def winrm(self) -> dict[str, int | bool | None] | str:
        """The settings, or why they stay unknown."""
        try:
            return read_winrm(self.host.session)
        except (RemoteError, RemoteTimeout) as error:
            return error.cause

    @cached_property
    def antivirus(self) -> Antivirus:
        return read_antivirus(self.host, self.system.product_type == "workstation")

    @cached_property
    def time_zone(self) -> str | None:
        with doing("read", "the time zone"):
            return self.host.registry.string(TIME_ZONE, "TimeZoneKeyName")

    @cached_property
    def hotfixes(self) -> list[Instance]:
        with doing("read", "the installed updates"):
            return self.host.cim.query(_HOTFIX)
