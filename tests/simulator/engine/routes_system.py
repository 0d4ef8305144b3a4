# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes about the daemon itself: ping, version, info, disk use. Facts: docker-on-windows.md 2.5, docker/info-*.txt, docker/version-texts.json."""

from __future__ import annotations

from typing import Any

from ..http import Response
from .api import Call, empty, json_response, route
from .containers import list_row
from .images import list_entry
from .networks import DRIVERS
from .values import now, show_time
from .versions import show_api

Json = dict[str, Any]


@route("GET", "/_ping")
@route("HEAD", "/_ping")
async def ping(call: Call) -> Response:
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Cache-Control", "no-cache, no-store, must-revalidate"),
        ("Builder-Version", "1"),  # BuildKit does not exist on Windows
        ("Swarm", "inactive"),
    ]
    return Response(200, b"OK", headers)


@route("GET", "/version")
async def version(call: Call) -> Response:
    engine = call.engine
    shown = {
        "Version": str(engine.version),
        "ApiVersion": show_api(engine.version.api),
        "MinAPIVersion": show_api(engine.version.min_api),
        "GitCommit": "simulated",
        "GoVersion": "go1.24.9",
        "Os": "windows",
        "Arch": "amd64",
        "KernelVersion": kernel_version(call),
        "BuildTime": "2025-11-05T14:00:00.000000000+00:00",
    }
    details = {key: value for key, value in shown.items() if key != "Version"} | {"Experimental": "false"}
    components = [{"Name": "Engine", "Version": str(engine.version), "Details": details}]
    return json_response({"Platform": {"Name": "Docker Engine - Community"}, "Components": components, **shown})


def kernel_version(call: Call) -> str:
    """``10.0 20348 (20348.1.amd64fre.fe_release.210507-1500)``."""
    return f"10.0 {call.engine.host.build} ({call.engine.host.build_lab})"


def operating_system(call: Call) -> str:
    """``Microsoft Windows Server Version 21H2 (OS Build 20348.707)``: the form from 20.10 on."""
    host = call.engine.host
    kind = "Microsoft Windows Server" if host.server else "Microsoft Windows"
    shown = f" Version {host.display_version}" if host.display_version else ""
    return f"{kind}{shown} (OS Build {host.build}.{host.revision})"


#: What is the same on every Windows that stands outside a swarm.
_ALWAYS: Json = {
    "Driver": "windowsfilter",
    "DriverStatus": [["Windows", ""]],
    "Plugins": {
        "Volume": ["local"],
        "Network": DRIVERS,
        "Authorization": None,
        "Log": ["awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "json-file", "local", "splunk", "syslog"],
    },
    "MemoryLimit": False,
    "SwapLimit": False,
    "NFd": -1,
    "OomKillDisable": False,
    "NGoroutines": 33,
    "CgroupDriver": "",
    "NEventsListener": 0,
    "OSType": "windows",
    "Architecture": "x86_64",
    "IndexServerAddress": "https://index.docker.io/v1/",
    "HttpProxy": "",
    "HttpsProxy": "",
    "NoProxy": "",
    "DefaultRuntime": "",
    "Swarm": {
        "NodeID": "",
        "NodeAddr": "",
        "LocalNodeState": "inactive",
        "ControlAvailable": False,
        "Error": "",
        "RemoteManagers": None,
    },
    "LiveRestoreEnabled": False,
    "InitBinary": "",
    "SecurityOptions": [],
}


@route("GET", "/info")
async def info(call: Call) -> Response:
    engine, host, config = call.engine, call.engine.host, call.engine.config
    answer: Json = {
        **_ALWAYS,
        **_counts(call),
        "ID": engine.state.id,
        "Debug": bool(config.get("debug")),
        "SystemTime": show_time(now()),
        "LoggingDriver": str(config.get("log-driver") or "json-file"),
        "KernelVersion": kernel_version(call),
        "OperatingSystem": operating_system(call),
        "OSVersion": f"10.0.{host.build}",  # without the update revision
        "NCPU": host.processors,
        "MemTotal": host.memory,
        "RegistryConfig": _registry_config(config),
        "DockerRootDir": engine.data_root,
        "Name": host.name,
        "Labels": list(config.get("labels") or []),
        "ExperimentalBuild": bool(config.get("experimental")),
        "ServerVersion": str(engine.version),
        "Isolation": engine.default_isolation,
        "Warnings": _warnings(config),
    }
    return json_response(answer)


def _counts(call: Call) -> Json:
    states = [container.state.status for container in call.engine.state.containers.values()]
    running, paused = states.count("running"), states.count("paused")
    return {
        "Containers": len(states),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": len(states) - running - paused,
        "Images": len(call.engine.state.images.images),
    }


def _registry_config(config: Json) -> Json:
    mirrors = list(config.get("registry-mirrors") or [])
    return {
        "InsecureRegistryCIDRs": ["127.0.0.0/8"],
        "IndexConfigs": {"docker.io": {"Name": "docker.io", "Mirrors": mirrors, "Secure": True, "Official": True}},
        "Mirrors": mirrors,
    }


def _warnings(config: Json) -> list[str] | None:
    """Only an unprotected TCP listener warns on Windows."""
    open_hosts = [str(one) for one in config.get("hosts") or () if str(one).startswith("tcp://") and not config.get("tlsverify")]
    return [
        f"WARNING: API is accessible on http://{one.removeprefix('tcp://')} without encryption.\n"
        "         Access to the remote API is equivalent to root access on the host. Refer\n"
        "         to the 'Docker daemon attack surface' section in the documentation for\n"
        "         more information: https://docs.docker.com/go/attack-surface/"
        for one in open_hosts
    ] or None


@route("GET", "/system/df")
async def disk_use(call: Call) -> Response:
    state = call.engine.state
    images = state.images.images.values()
    layers = {layer.digest: layer.on_disk for image in images for layer in image.layers}
    users = [one.image.id for one in state.containers.values()]
    volumes = [
        {"Driver": "local", "Scope": "local", **volume, "UsageData": {"RefCount": 0, "Size": 0}} for volume in state.volumes.values()
    ]
    answer: Json = {
        "LayersSize": sum(layers.values()),
        "Images": [list_entry(image, call.api) | {"Containers": users.count(image.id), "SharedSize": 0} for image in images],
        "Containers": [list_row(one) for one in state.containers.values()],
        "Volumes": volumes,
        "BuildCache": [],
    }
    if call.api < (1, 42):
        answer["BuilderSize"] = 0
    return json_response(answer)


@route("POST", "/auth")
async def login(call: Call) -> Response:
    return empty()
