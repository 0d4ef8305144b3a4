# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create-time rules of a Windows daemon: what is refused, what is adapted.

Facts: docker-on-windows.md 2 (isolation), 4 (fields), 7 (restart policy). Status 400 or 500 by release as stated there.
"""

from __future__ import annotations

import ntpath
import re
from collections.abc import Mapping
from typing import Any

from .host import EngineHost
from .texts import (
    ApiError,
    auto_remove_with_policy,
    client_process_old,
    hyperv_container_network,
    invalid_isolation,
    invalid_signal,
    unclassed,
)
from .versions import EngineVersion

Json = dict[str, Any]

#: HostConfig field to the value that asks for nothing, of those a Windows daemon refuses.
_REFUSED_FIELDS = (
    "BlkioDeviceReadBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteBps", "BlkioDeviceWriteIOps", "BlkioWeight", "BlkioWeightDevice",
    "CgroupParent", "CpuPeriod", "CpusetCpus", "CpusetMems", "KernelMemory", "MemoryReservation", "MemorySwap", "MemorySwappiness",
    "OomKillDisable", "PidsLimit", "Ulimits",
)  # fmt: skip
_SHOWN = {"CpuPeriod": "CPUPeriod"}
#: Names a Windows daemon parses (moby pkg/signal, signal_windows.go); most of them it then refuses to send.
_SIGNALS = frozenset((
    "ABRT", "ALRM", "BUS", "FPE", "HUP", "ILL", "INT", "KILL", "PIPE", "QUIT", "SEGV", "TERM", "TRAP", "CHLD", "CLD", "CONT", "IO",
    "IOT", "POLL", "PROF", "PWR", "STKFLT", "STOP", "SYS", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU",
    "XFSZ",
))  # fmt: skip


def check_decoded(host_config: Json, version: EngineVersion) -> None:
    """The checks made while the request is decoded. Raises ApiError 400 (28 and later) or 500."""
    isolation = str(host_config.get("Isolation") or "")
    if isolation.lower() not in ("", "default", "process", "hyperv"):
        raise invalid_isolation(isolation, version)
    if str(host_config.get("NetworkMode") or "").startswith("container:") and isolation.lower() == "hyperv":
        raise hyperv_container_network(version)
    tables = (
        ("Privileged", "privileged mode is not supported for Windows containers", "Windows does not support privileged mode"),
        (
            "ReadonlyRootfs",
            "read-only mode is not supported for Windows containers",
            "Windows does not support root filesystem in read-only mode",
        ),
        (
            "CpuRealtimePeriod",
            "CPU real-time period is not supported for Windows containers",
            "Windows does not support CPU real-time period",
        ),
        (
            "CpuRealtimeRuntime",
            "CPU real-time runtime is not supported for Windows containers",
            "Windows does not support CPU real-time runtime",
        ),
    )
    for field, text, old in tables:
        if host_config.get(field):
            raise unclassed(f"invalid option: {text}", old, version)


def check_daemon(host_config: Json, host: EngineHost, version: EngineVersion) -> list[str]:
    """The daemon's own checks; zeroes the CPU fields that lose. The warnings. Raises ApiError 400."""
    if host_config.get("MemorySwappiness") == -1:
        host_config["MemorySwappiness"] = None
    for field in _REFUSED_FIELDS:
        if field == "KernelMemory" and version.major > 28:
            continue
        if host_config.get(field):
            raise ApiError(400, f"invalid option: Windows does not support {_SHOWN.get(field, field)}")
    if host_config.get("Tmpfs"):
        raise ApiError(400, "windows does not support tmpfs")
    check_policy(host_config, version)
    check_ports(host_config)
    if host_config["Isolation"].lower() == "process" and not host.server and host.build < 17763 and version.major < 23:
        raise client_process_old()
    return _check_processors(host_config, host)


def check_ports(host_config: Json) -> None:
    """moby daemon/container.go, validatePortBindings: one number or a range, empty for any."""
    for bindings in host_config["PortBindings"].values():
        for binding in bindings or ():
            text = str((binding or {}).get("HostPort") or "")
            if not re.fullmatch(r"(\d+(-\d+)?)?", text) or any(int(part) > 65535 for part in text.split("-") if part):
                raise ApiError(400, f'invalid port specification: "{text}"')


def check_policy(host_config: Json, version: EngineVersion) -> None:
    """moby daemon/container.go; since 25 api/types/container/hostconfig.go, ValidateRestartPolicy."""
    name, count = host_config["RestartPolicy"]["Name"], host_config["RestartPolicy"]["MaximumRetryCount"]
    if name not in ("", "no", "always", "on-failure", "unless-stopped"):
        if version.major >= 25:
            known = "'no', 'always', 'on-failure', or 'unless-stopped'"
            raise ApiError(400, f"invalid restart policy: unknown policy '{name}'; use one of {known}")
        raise ApiError(400, f"invalid restart policy '{name}'")
    if count and name not in ("", "on-failure"):
        if version.major >= 25:
            more = " and cannot be negative" if count < 0 else ""
            raise ApiError(400, f"invalid restart policy: maximum retry count can only be used with 'on-failure'{more}")
        raise ApiError(400, f"maximum retry count cannot be used with restart policy '{name}'")
    if count < 0 and name == "on-failure":
        raise ApiError(400, f"{'invalid restart policy: ' if version.major >= 25 else ''}maximum retry count cannot be negative")
    if host_config["AutoRemove"] and name not in ("", "no"):
        raise auto_remove_with_policy()


def _check_processors(host_config: Json, host: EngineHost) -> list[str]:
    shares, percent, count, nano = (host_config.get(key) or 0 for key in ("CpuShares", "CpuPercent", "CpuCount", "NanoCpus"))
    if not 0 <= shares <= 10000:
        raise ApiError(400, "range of CPUShares is from 1 to 10000")
    if not 0 <= percent <= 100:
        raise ApiError(400, "range of CPUPercent is from 1 to 100")
    if count < 0:
        raise ApiError(400, "invalid CPUCount: CPUCount cannot be negative")
    warnings: list[str] = []
    if host_config["Isolation"].lower() == "process":
        # The losers are gone before the rest is looked at (moby daemon/daemon_windows.go).
        warnings = _discard_losers(host_config, count, shares, percent)
        shares, percent = host_config.get("CpuShares") or 0, host_config.get("CpuPercent") or 0
    for other, name in ((percent, "CPU Percent"), (shares, "CPU Shares")):
        if nano and other:
            raise ApiError(400, f"conflicting options: Nano CPUs and {name} cannot both be set")
    if nano and not 10_000_000 <= nano <= host.processors * 10**9:
        raise ApiError(400, f"range of CPUs is from 0.01 to {host.processors}.00, as there are only {host.processors} CPUs available")
    return warnings


def _discard_losers(host_config: Json, count: int, shares: int, percent: int) -> list[str]:
    warnings = []
    for winner, winner_name, loser, loser_name, key in (
        (count, "count", shares, "shares", "CpuShares"),
        (count, "count", percent, "percent", "CpuPercent"),
        (shares, "shares", percent, "percent", "CpuPercent"),
    ):
        if winner and loser and host_config[key]:
            host_config[key] = 0
            text = f"CPU {winner_name} takes priority over CPU {loser_name} on Windows Server Containers. CPU {loser_name} discarded"
            warnings.append(f"Conflicting options: {text}")
    return warnings


def check_config(config: Json, version: EngineVersion) -> None:
    """What a create looks at in Config, in this order (moby daemon/container.go, validateContainerConfig). Raises ApiError 400."""
    signal = str(config.get("StopSignal") or "").upper().removeprefix("SIG")
    if signal and signal not in _SIGNALS and signal not in map(str, range(1, 65)):
        raise ApiError(400, invalid_signal(str(config["StopSignal"]), version).message)
    for variable in config.get("Env") or ():
        if not variable or variable.startswith("="):
            raise ApiError(400, f"invalid environment variable: {variable}")
    check_health(config.get("Healthcheck") or {})


#: moby daemon/logdrivers_windows.go and what each takes (the two that keep files on the host; the options of the others are not checked here).
LOG_DRIVERS = ("awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "json-file", "local", "none", "splunk", "syslog")
_FILE_OPTIONS = ("max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag")


def log_config(asked: Json, daemon: Mapping[str, Any], version: EngineVersion) -> Json:
    """The container's log driver and options, with the daemon's own merged in. Raises ApiError 400 (moby daemon/logs.go)."""
    standard = str(daemon.get("log-driver") or "json-file")
    driver, options = str(asked.get("Type") or standard), dict(asked.get("Config") or {})
    if driver == standard:
        options = {**(daemon.get("log-opts") or {}), **options}
    known = (*LOG_DRIVERS, "logentries") if version.major < 25 else LOG_DRIVERS
    if driver not in known:
        raise ApiError(400, f"logger: no log driver named '{driver}' is registered")
    for key in options:
        if driver == "json-file" and key not in _FILE_OPTIONS:
            raise ApiError(400, f"unknown log opt '{key}' for json-file log driver")
        if driver == "local" and key not in ("max-file", "max-size", "compress"):
            raise ApiError(400, f"unknown log opt '{key}' for log driver local")
    return {"Type": driver, "Config": options}


def check_logger(config: Json) -> None:
    """Values of the options of json-file, which are read when the container starts. Raises ApiError 500 (moby daemon/logger/jsonfilelog)."""
    options = config["Config"] if config["Type"] == "json-file" else {}
    size, files = str(options.get("max-size", "1m")), str(options.get("max-file", "1"))
    why = ""
    if not re.fullmatch(r"\d+(\.\d+)* ?[kmgtp]?i?b?", size, re.IGNORECASE):
        why = f"invalid size: '{size}'"
    elif not re.fullmatch(r"-?\d+", files):
        why = f'strconv.Atoi: parsing "{files}": invalid syntax'
    elif int(files) < 1:
        why = "max-file cannot be less than 1"
    if why:
        raise ApiError(500, f"failed to initialize logging driver: {why}")


def check_storage(host_config: Json) -> None:
    """``StorageOpt``: the size must be one (moby daemon/graphdriver/windows). Raises ApiError 500."""
    for key, value in (host_config.get("StorageOpt") or {}).items():
        if key.lower() == "size" and not re.fullmatch(r"\d+(\.\d+)?\s*[kmgtp]?i?b?", str(value), re.IGNORECASE):
            raise ApiError(500, f"failed to parse storage options: invalid size: '{value}'")


def check_health(check: Json) -> None:
    """Raises ApiError 400 (moby daemon/container.go, validateHealthCheck)."""
    for name in ("Interval", "Timeout", "StartPeriod", "StartInterval"):
        if 0 != (check.get(name) or 0) < 1_000_000:
            raise ApiError(400, f"{name} in Healthcheck cannot be less than 1ms")
    if (check.get("Retries") or 0) < 0:
        raise ApiError(400, "Retries in Healthcheck cannot be negative")


def working_directory(path: str) -> str:
    """Slashes turned round and cleaned. Raises ApiError 400 when it is not absolute."""
    if not path:
        return ""
    cleaned = ntpath.normpath(path.replace("/", "\\"))  # filepath.Clean
    if not re.match(r"(?:[a-zA-Z]:)?\\", cleaned + "\\") or re.match(r"[^\\:]+\\|[^\\:]+$", cleaned):
        raise ApiError(400, f"the working directory '{path}' is invalid, it needs to be an absolute path")
    return cleaned
