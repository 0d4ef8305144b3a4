# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container's state, and how the API shows it.

Shape of inspect: docker/container-inspect-process-ws2019-*.json (complete recordings, 19.03); fields of later releases from the API description.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..streams import Pipe
from .files import Files
from .health import Health
from .images import Image
from .output import Output
from .values import ZERO_TIME, now, show_time
from .versions import EngineVersion

Json = dict[str, Any]

#: HostConfig of a Windows container with nothing asked for, as recorded.
HOST_CONFIG_DEFAULTS: Json = {
    "Binds": None,
    "ContainerIDFile": "",
    "LogConfig": {"Type": "json-file", "Config": {}},
    "NetworkMode": "default",
    "PortBindings": {},
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "AutoRemove": False,
    "VolumeDriver": "",
    "VolumesFrom": None,
    "CapAdd": None,
    "CapDrop": None,
    "Dns": [],
    "DnsOptions": [],
    "DnsSearch": [],
    "ExtraHosts": None,
    "GroupAdd": None,
    "IpcMode": "",
    "Cgroup": "",
    "Links": None,
    "OomScoreAdj": 0,
    "PidMode": "",
    "Privileged": False,
    "PublishAllPorts": False,
    "ReadonlyRootfs": False,
    "SecurityOpt": None,
    "UTSMode": "",
    "UsernsMode": "",
    "ShmSize": 0,
    "ConsoleSize": [0, 0],
    "Isolation": "",
    "CpuShares": 0,
    "Memory": 0,
    "NanoCpus": 0,
    "CgroupParent": "",
    "BlkioWeight": 0,
    "BlkioWeightDevice": [],
    "BlkioDeviceReadBps": None,
    "BlkioDeviceWriteBps": None,
    "BlkioDeviceReadIOps": None,
    "BlkioDeviceWriteIOps": None,
    "CpuPeriod": 0,
    "CpuQuota": 0,
    "CpuRealtimePeriod": 0,
    "CpuRealtimeRuntime": 0,
    "CpusetCpus": "",
    "CpusetMems": "",
    "Devices": [],
    "DeviceCgroupRules": None,
    "DeviceRequests": None,
    "MemoryReservation": 0,
    "MemorySwap": 0,
    "MemorySwappiness": None,
    "OomKillDisable": False,
    "PidsLimit": None,
    "Ulimits": None,
    "CpuCount": 0,
    "CpuPercent": 0,
    "IOMaximumIOps": 0,
    "IOMaximumBandwidth": 0,
    "MaskedPaths": None,
    "ReadonlyPaths": None,
}


@dataclass(frozen=True)
class Program:
    """One process of a container; ``on_host`` when the host's process table has it (process isolation)."""

    name: str
    pid: int
    on_host: bool
    started: datetime = field(default_factory=now)


@dataclass
class State:
    """The run state."""

    running: bool = False
    paused: bool = False
    restarting: bool = False
    dead: bool = False
    ever_started: bool = False
    pid: int = 0
    exit_code: int = 0
    error: str = ""
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def status(self) -> str:
        if self.running:
            return "paused" if self.paused else "restarting" if self.restarting else "running"
        if self.restarting:
            return "restarting"
        return "dead" if self.dead else "exited" if self.ever_started else "created"

    def shown(self) -> Json:
        return {
            "Status": self.status,
            "Running": self.running or self.restarting,
            "Paused": self.paused,
            "Restarting": self.restarting,
            "OOMKilled": False,
            "Dead": self.dead,
            "Pid": self.pid,
            "ExitCode": self.exit_code,
            "Error": self.error,
            "StartedAt": show_time(self.started),
            "FinishedAt": show_time(self.finished),
        }


@dataclass
class Container:
    """One container: what was asked for and what it does."""

    id: str
    name: str
    image: Image
    config: Json
    host_config: Json
    path: str
    args: list[str]
    mounts: list[Json]
    networks: dict[str, Json]
    created: datetime = field(default_factory=now)
    state: State = field(default_factory=State)
    restart_count: int = 0
    stopped_by_user: bool = False
    output: Output = field(default_factory=Output)
    stdin: Pipe | None = None
    programs: list[Program] = field(default_factory=list)
    worker_pid: int = 0  #: vmwp.exe of a hyperv container
    task: asyncio.Task[int] | None = None
    exited: asyncio.Event = field(default_factory=asyncio.Event)
    next_exit: asyncio.Event = field(default_factory=asyncio.Event)
    removed: asyncio.Event = field(default_factory=asyncio.Event)
    execs: list[str] = field(default_factory=list)
    ports: dict[str, list[Json] | None] = field(default_factory=dict)
    ended_by: int | None = None  #: exit code forced by stop or kill
    files: Files = field(default_factory=Files)
    health: Health | None = None
    monitor: asyncio.Task[None] | None = None
    macs: dict[str, str] = field(default_factory=dict)  #: addresses of cards that were asked for, by network

    def asked_endpoint(self, network: str) -> Json:
        """What was asked for of one of its endpoints."""
        return {**self.networks[network], "MacAddress": self.macs.get(network, "")}

    def has_drive(self, folder: str) -> bool:
        """Whether the drive of a folder is its own or a mounted one."""
        drive = folder[:2].lower()
        return drive[1:] != ":" or drive == "c:" or any(str(mount["Destination"]).lower().startswith(drive) for mount in self.mounts)

    @property
    def isolation(self) -> str:
        """``process`` or ``hyperv``."""
        return str(self.host_config["Isolation"]).lower()

    @property
    def size(self) -> int:
        """Bytes written in the container (its part of SpaceReclaimed)."""
        return max(0, self.files.size() - self.image.files.size())

    @property
    def policy(self) -> tuple[str, int]:
        """Restart policy and its number of retries."""
        policy = self.host_config["RestartPolicy"]
        return policy["Name"], policy["MaximumRetryCount"]

    @property
    def hostname(self) -> str:
        return str(self.config["Hostname"])


def inspect_container(container: Container, data_root: str, version: EngineVersion) -> Json:
    """``GET /containers/{id}/json``."""
    folder = f"{data_root}\\containers\\{container.id}"
    answer: Json = {
        "Id": container.id,
        "Created": show_time(container.created),
        "Path": container.path,
        "Args": container.args,
        "State": container.state.shown() | ({"Health": container.health.shown()} if container.health else {}),
        "Image": container.image.id,
        "ResolvConfPath": "",
        "HostnamePath": "",
        "HostsPath": "",
        "LogPath": f"{folder}\\{container.id}-json.log",
        "Name": f"/{container.name}",
        "RestartCount": container.restart_count,
        "Driver": "windowsfilter",
        "Platform": "windows",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": container.execs or None,
        "HostConfig": container.host_config,
        "GraphDriver": {"Data": {"dir": f"{data_root}\\windowsfilter\\{container.id}"}, "Name": "windowsfilter"},
        "Mounts": container.mounts,
        "Config": container.config,
        "NetworkSettings": _network_settings(container, version),
    }
    return answer


def _network_settings(container: Container, version: EngineVersion) -> Json:
    sandbox = container.id if container.state.running else ""
    settings: Json = {
        "Bridge": "",
        "SandboxID": sandbox,
        "SandboxKey": sandbox,
        "Ports": container.ports if container.state.running else {},
        "Networks": container.networks,
    }
    if version.major < 29:  # the flat fields are gone in 29
        settings |= {
            "HairpinMode": False,
            "LinkLocalIPv6Address": "",
            "LinkLocalIPv6PrefixLen": 0,
            "SecondaryIPAddresses": None,
            "SecondaryIPv6Addresses": None,
            "EndpointID": "",
            "Gateway": "",
            "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0,
            "IPAddress": "",
            "IPPrefixLen": 0,
            "IPv6Gateway": "",
            "MacAddress": "",
        }
    return settings


def list_row(container: Container) -> Json:
    """One row of ``GET /containers/json``."""
    reference = container.config["Image"]
    command = " ".join([container.path, *(f'"{word}"' if " " in word else word for word in container.args)])
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": reference,
        "ImageID": container.image.id,
        "Command": command,
        "Created": int(container.created.timestamp()),
        "Ports": _list_ports(container),
        "Labels": container.config["Labels"] or {},
        "State": container.state.status,
        "Status": status_text(container),
        "HostConfig": {"NetworkMode": container.host_config["NetworkMode"]},
        "NetworkSettings": {"Networks": container.networks},
        "Mounts": container.mounts,
    }


def _list_ports(container: Container) -> list[Json]:
    rows: list[Json] = []
    for key, bindings in (container.ports if container.state.running else {}).items():
        number, _unused, protocol = key.partition("/")
        row: Json = {"PrivatePort": int(number), "Type": protocol or "tcp"}
        if not bindings:
            rows.append(row)
        for binding in bindings or ():
            rows.append({"IP": binding["HostIp"], **row, "PublicPort": int(binding["HostPort"])})
    return rows


def status_text(container: Container) -> str:
    """The column STATUS of ``docker ps``."""
    state = container.state
    if state.restarting:
        return f"Restarting ({state.exit_code}) {_ago(state.finished)} ago"
    if state.running:
        health = container.health.status if container.health else ""
        shown = f" ({'health: starting' if health == 'starting' else health})" if health else ""
        return f"Up {_ago(state.started)}" + (" (Paused)" if state.paused else shown)
    return f"Exited ({state.exit_code}) {_ago(state.finished)} ago" if state.ever_started else "Created"


def _ago(moment: datetime | None) -> str:
    seconds = int((now() - moment).total_seconds()) if moment else 0
    if seconds < 1:
        return "Less than a second"
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    if seconds < 3600:
        return "About a minute" if seconds < 120 else f"{seconds // 60} minutes"
    return "About an hour" if seconds < 7200 else f"{seconds // 3600} hours"


__all__ = ["HOST_CONFIG_DEFAULTS", "ZERO_TIME", "Container", "Json", "Program", "State", "inspect_container", "list_row", "status_text"]
