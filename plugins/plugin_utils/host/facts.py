# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host says of itself: the CIM queries, and pure functions that turn answers into frozen facts.

Classes and properties: native-tools.md 6. Registry values: windows-containers.md 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from ..errors import ProtocolError, RemoteError, RemoteTimeout, doing
from ..images.compatibility import HostVersion, ProductType, release_name, release_version
from ..remote.cim import CimClass, Instance, quote
from .features import CONTAINERS, HYPERV, read_states
from .pending_reboot import servicing_pending
from .platform import ComputerSystem, is_microsoft_guest, platform_of
from .readiness import HOME_SKUS, Evidence, FeatureState, ProcessorFlags, Readiness, isolation_readiness
from .runtimes import container_services, engine_state, has_desktop, read_services

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

OPERATING_SYSTEM = CimClass(
    "Win32_OperatingSystem",
    {
        "Caption": str,
        "Version": str,
        "BuildNumber": str,
        "OperatingSystemSKU": int,
        "ProductType": int,
        "LastBootUpTime": datetime,
        "SystemDrive": str,
        "CurrentTimeZone": int,
        "LocalDateTime": datetime,
    },
)
COMPUTER_SYSTEM = CimClass(
    "Win32_ComputerSystem",
    {
        "Manufacturer": str,
        "Model": str,
        "HypervisorPresent": bool,
        "TotalPhysicalMemory": int,
        "NumberOfLogicalProcessors": int,
        "PartOfDomain": bool,
        "Domain": str,
        "DomainRole": int,
    },
)
PROCESSOR = CimClass(
    "Win32_Processor",
    {"VMMonitorModeExtensions": bool, "SecondLevelAddressTranslationExtensions": bool, "VirtualizationFirmwareEnabled": bool},
)
ENCLOSURE = CimClass("Win32_SystemEnclosure", {"SMBIOSAssetTag": str})
LOGICAL_DISK = CimClass("Win32_LogicalDisk", {"DeviceID": str, "FreeSpace": int})
EVENT = CimClass("Win32_NTLogEvent", {"EventCode": int, "TimeGenerated": datetime})

CURRENT_VERSION = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#: Win32_OperatingSystem.ProductType.
_PRODUCT_TYPES: dict[int, Literal["workstation", "domain_controller", "server"]] = {1: "workstation", 2: "domain_controller", 3: "server"}
#: Win32_ComputerSystem.DomainRole, as documented for the class.
_DOMAIN_ROLES = {
    0: "standalone_workstation",
    1: "member_workstation",
    2: "standalone_server",
    3: "member_server",
    4: "backup_domain_controller",
    5: "primary_domain_controller",
}
#: Launch of the hypervisor at boot, in the System log: 1 success, 41 failure (native-tools.md 6, uncertain there).
_HYPERVISOR_EVENTS = "Logfile='System' AND SourceName='Microsoft-Windows-Hyper-V-Hypervisor' AND (EventCode=1 OR EventCode=41)"


@dataclass(frozen=True)
class OperatingSystem:
    """The Windows of a host.

    Args:
        product_type: ``workstation``, ``domain_controller`` or ``server``.
        installation_type: ``Client``, ``Server``, ``Server Core`` ...; the SKU cannot tell Core from Desktop. None when unreadable.
        display_version: The label Windows shows (``21H2``), ``ReleaseId`` on releases before 20H2.
        sku: OperatingSystemSKU.
        edition: EditionID of the registry, ``ServerStandard``.
        utc_offset_minutes: Where its clock is against UTC, summer time included.
        local_time: Its clock when it was asked.
        clock_ahead_seconds: By how much its clock was ahead of the controller's; negative behind.
    """

    version: HostVersion
    caption: str
    product_type: Literal["workstation", "domain_controller", "server"]
    sku: int | None
    boot_time: datetime | None
    system_drive: str
    edition: str | None = None
    installation_type: str | None = None
    display_version: str | None = None
    utc_offset_minutes: int | None = None
    local_time: datetime | None = None
    clock_ahead_seconds: int | None = None

    @property
    def release(self) -> str:
        """``Windows Server 2022``, ``Windows 11 24H2``."""
        return release_name(self.version)

    @property
    def label(self) -> str | None:
        """What the host displays as version, else what the release is known by."""
        return self.display_version or release_version(self.version)


@dataclass(frozen=True)
class Domain:
    """Membership. ``name`` is the domain's, or the workgroup's where the machine belongs to none."""

    joined: bool | None = None
    name: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Machine:
    """The machine below the Windows. Sizes in bytes."""

    computer: ComputerSystem
    memory_bytes: int | None
    processors: int | None
    processor: ProcessorFlags
    domain: Domain = Domain()


def product_type(instance: Instance) -> Literal["workstation", "domain_controller", "server"]:
    """Win32_OperatingSystem.ProductType in words. Raises ProtocolError for a number Windows does not define."""
    number = instance.get("ProductType")
    if not isinstance(number, int) or number not in _PRODUCT_TYPES:
        raise ProtocolError(f"Win32_OperatingSystem gave the product type {number!r}, which is none")
    return _PRODUCT_TYPES[number]


def host_version(instance: Instance, revision: int | None) -> HostVersion:
    """The version that compatibility is decided on, from Win32_OperatingSystem and the registry's UBR."""
    build = str(instance.get("BuildNumber") or "")
    if not build.isdigit():
        raise ProtocolError(f"Win32_OperatingSystem gave the build number {build!r}, which is none")
    kind: ProductType = "workstation" if product_type(instance) == "workstation" else "server"
    return HostVersion(int(build), revision, kind)


def read_version(host: RemoteHost) -> HostVersion:
    """Build, revision and product type, in two CIM requests."""
    with doing("read", "the Windows version"):
        return host_version(host.cim.get(OPERATING_SYSTEM), host.registry.dword(CURRENT_VERSION, "UBR"))


def read_system(host: RemoteHost) -> OperatingSystem:
    """Win32_OperatingSystem and what only the registry knows."""
    with doing("read", "the Windows version"):
        instance = host.cim.get(OPERATING_SYSTEM)
        registry = host.registry
        now = datetime.now(UTC)
        boot_time, sku, local = instance.get("LastBootUpTime"), instance.get("OperatingSystemSKU"), instance.get("LocalDateTime")
        return OperatingSystem(
            version=host_version(instance, registry.dword(CURRENT_VERSION, "UBR")),
            caption=str(instance.get("Caption") or "").strip(),
            product_type=product_type(instance),
            sku=sku if isinstance(sku, int) else None,
            boot_time=boot_time if isinstance(boot_time, datetime) else None,
            system_drive=str(instance.get("SystemDrive") or "C:"),
            edition=registry.string(CURRENT_VERSION, "EditionID"),
            installation_type=registry.string(CURRENT_VERSION, "InstallationType"),
            display_version=registry.string(CURRENT_VERSION, "DisplayVersion") or registry.string(CURRENT_VERSION, "ReleaseId"),
            utc_offset_minutes=_number(instance, "CurrentTimeZone"),
            local_time=local if isinstance(local, datetime) else None,
            clock_ahead_seconds=round((local - now).total_seconds()) if isinstance(local, datetime) else None,
        )


def read_machine(host: RemoteHost) -> Machine:
    """Win32_ComputerSystem, Win32_Processor, and the chassis tag where it can name Azure."""
    with doing("read", "the hardware"):
        system = _first(host.cim.query(COMPUTER_SYSTEM))
        manufacturer, model = str(system.get("Manufacturer") or ""), str(system.get("Model") or "")
        tag = ""
        if is_microsoft_guest(manufacturer, model):
            tag = str(_first(host.cim.query(ENCLOSURE)).get("SMBIOSAssetTag") or "")
        processor = _first(host.cim.query(PROCESSOR))
        return Machine(
            computer=ComputerSystem(manufacturer, model, _boolean(system, "HypervisorPresent"), tag),
            memory_bytes=_number(system, "TotalPhysicalMemory"),
            processors=_number(system, "NumberOfLogicalProcessors"),
            processor=ProcessorFlags(
                _boolean(processor, "VMMonitorModeExtensions"),
                _boolean(processor, "SecondLevelAddressTranslationExtensions"),
                _boolean(processor, "VirtualizationFirmwareEnabled"),
            ),
            domain=Domain(
                _boolean(system, "PartOfDomain"),
                str(system.get("Domain") or "") or None,
                _DOMAIN_ROLES.get(_number(system, "DomainRole") or 0) if system.get("DomainRole") is not None else None,
            ),
        )


def read_evidence(
    host: RemoteHost,
    system: OperatingSystem,
    machine: Machine,
    features: dict[str, FeatureState],
    services: Sequence[Instance] | None = None,
) -> Evidence:
    """Complete what the readiness verdicts rest on.

    Args:
        features: The states of :data:`CONTAINERS` and :data:`HYPERV`.
        services: What :func:`.runtimes.read_services` gave, where it was read already.
    """
    hyperv = features.get(HYPERV, "unknown")
    platform = platform_of(machine.computer, hyperv == "enabled")
    services = read_services(host) if services is None else services
    launch: Literal["started", "failed", "unknown"] = "unknown"
    if hyperv == "enabled" and platform != "metal":
        # Elsewhere HypervisorPresent already says it; in a guest it is true either way and only the log can tell.
        launch = read_hypervisor_launch(host, system.boot_time)
    return Evidence(
        version=system.version,
        sku=system.sku,
        platform=platform,
        hypervisor_present=machine.computer.hypervisor_present,
        processor=machine.processor,
        containers=features.get(CONTAINERS, "unknown"),
        hyperv=hyperv,
        services=container_services(services),
        hypervisor_launch=launch,
        memory_bytes=machine.memory_bytes,
        processors=machine.processors,
        engine=engine_state(services),
        desktop=has_desktop(services),
        system_drive=system.system_drive,
    )


def read_hypervisor_launch(host: RemoteHost, boot_time: datetime | None) -> Literal["started", "failed", "unknown"]:
    """What the System log says of the hypervisor's launch at this boot."""
    if boot_time is None:
        return "unknown"
    since = boot_time.astimezone(UTC).strftime("%Y%m%d%H%M%S.000000+000")
    try:
        events = host.cim.query(EVENT, where=f"{_HYPERVISOR_EVENTS} AND TimeGenerated>='{since}'")
    except (RemoteError, RemoteTimeout):
        # The log is evidence, not a precondition: where it cannot be read the verdict stays unknown.
        return "unknown"
    return hypervisor_launch(events, boot_time)


def hypervisor_launch(events: list[Instance], boot_time: datetime) -> Literal["started", "failed", "unknown"]:
    """The newest launch event of this boot. The launch is logged after the boot time, so older events say nothing."""
    found: list[tuple[datetime, object]] = []
    for event in events:
        time = event.get("TimeGenerated")
        if isinstance(time, datetime) and time >= boot_time.replace(microsecond=0):
            found.append((time, event.get("EventCode")))
    if not found:
        return "unknown"
    return "started" if max(found, key=lambda entry: entry[0])[1] == 1 else "failed"


def read_features(host: RemoteHost, sku: int | None, servicing: bool) -> dict[str, FeatureState]:
    """States of the two features that matter: by CIM; by dism while servicing waits for a reboot, because then CIM cannot tell a pending
    feature, and where CIM does not know one: that it does not exist is a verdict, which wants more than the silence of a provider that
    may be damaged (native-tools.md 6). The Home editions are known to lack them.
    """
    states = read_states(host, (CONTAINERS, HYPERV), servicing)
    if servicing or "unknown" not in states.values() or sku in HOME_SKUS:
        return states
    return read_states(host, (CONTAINERS, HYPERV), True)


def read_readiness(host: RemoteHost) -> Readiness:
    """The readiness verdicts alone, for those who are about to create a container."""
    system, machine = read_system(host), read_machine(host)
    features = read_features(host, system.sku, servicing_pending(host.registry))
    return isolation_readiness(read_evidence(host, system, machine, features))


def read_free_disk(host: RemoteHost, drive: str) -> int | None:
    """Free bytes of a drive, ``C:``."""
    with doing("read", "the disks"):
        return _number(_first(host.cim.query(LOGICAL_DISK, where=f"DeviceID={quote(drive)}")), "FreeSpace")


def _first(instances: list[Instance]) -> Instance:
    return instances[0] if instances else {}


def _number(instance: Instance, name: str) -> int | None:
    value = instance.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _boolean(instance: Instance, name: str) -> bool | None:
    value = instance.get(name)
    return value if isinstance(value, bool) else None
