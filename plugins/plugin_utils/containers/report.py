# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task on a container returns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..desired_state import Plan
from ..errors import RemoteError
from .options import Inspected
from .ports import observed_ports, port_texts
from .state import Desired, Observed, health, isolation_of, running, status

if TYPE_CHECKING:
    from .apply import Ended


def describe(container: Inspected) -> dict[str, Any]:
    """An inspected container in the shape of the result. Values of environment variables are left out: they are often secrets."""
    config, host_config = container.get("Config") or {}, container.get("HostConfig") or {}
    state, networks = container.get("State") or {}, (container.get("NetworkSettings") or {}).get("Networks") or {}
    return {
        "id": container.get("Id"),
        "name": str(container.get("Name") or "").lstrip("/"),
        "image": config.get("Image"),
        "image_id": container.get("Image"),
        "created": container.get("Created"),
        "status": status(container),
        "running": running(container),
        "health": health(container) or None,
        "exit_code": state.get("ExitCode"),
        "started_at": state.get("StartedAt"),
        "finished_at": state.get("FinishedAt"),
        "pid": state.get("Pid"),
        "isolation": isolation_of(container),
        **_described_config(config),
        **_described_host_config(host_config),
        "mounts": [_mount(entry) for entry in container.get("Mounts") or ()],
        "networks": {name: (network or {}).get("IPAddress") or None for name, network in networks.items()},
    }


def _described_config(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "command": [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])],
        "env": sorted((str(entry).partition("=")[0] for entry in config.get("Env") or ()), key=str.upper),
        "labels": config.get("Labels") or {},
        "working_dir": config.get("WorkingDir") or "",
        "user": config.get("User") or "",
        "exposed_ports": sorted(config.get("ExposedPorts") or ()),
    }


def _described_host_config(host_config: Mapping[str, Any]) -> dict[str, Any]:
    policy = host_config.get("RestartPolicy") or {}
    return {
        "published_ports": port_texts(observed_ports(host_config.get("PortBindings"))),
        "restart_policy": policy.get("Name") or "no",
        "restart_retries": policy.get("MaximumRetryCount") or 0,
        "memory": host_config.get("Memory") or 0,
        "cpus": (host_config.get("NanoCpus") or 0) / 1e9,
        "cpu_count": host_config.get("CpuCount") or 0,
        "cpu_shares": host_config.get("CpuShares") or 0,
        "cpu_percent": host_config.get("CpuPercent") or 0,
    }


def _mount(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": entry.get("Type"),
        "source": entry.get("Name") or entry.get("Source"),
        "target": entry.get("Destination"),
        "read_only": not entry.get("RW", True),
    }


def _making(plan: Plan) -> Mapping[str, Any] | None:
    return next((step.arguments for step in plan.steps if step.action in ("create", "replace")), None)


def report(desired: Desired, plan: Plan, observed: Observed, ended: Ended | None = None) -> dict[str, Any]:
    """The result, from what was read (after a change: read back).

    Args:
        ended: What a container in the foreground left.

    Raises:
        RemoteError: With ``verify``, the evidence speaks against the isolation the engine claims.
    """
    foreground = {"status": ended.status, "output": ended.output} if ended else {}
    if desired.state == "absent" or observed.container is None:
        return {"container": None, "isolation": None, **foreground, **_because(plan)}
    described = describe(observed.container)
    isolation = {"mode": described["isolation"], "reason": _reason(desired, plan), **_proof(observed)}
    result = {"container": described, "isolation": isolation, **foreground, **_because(plan)}
    warnings = [text for text in (_exited(desired, plan, described), _unproved(observed)) if text]
    return {**result, "warnings": warnings} if warnings else result


def _proof(observed: Observed) -> dict[str, Any]:
    """The evidence, where it was taken."""
    if observed.evidence is None:
        return {}
    verdict, reason = observed.evidence["verdict"], observed.evidence["reason"]
    if observed.evidence["as_requested"] is False:
        requested = observed.evidence["requested"]
        raise RemoteError(
            f"it should run with {requested} isolation, and the evidence is for {verdict}: {reason}",
            "Look at the evidence that isolation_info returns",
        )
    return {"verdict": verdict, "evidence": reason}


def _unproved(observed: Observed) -> str:
    if observed.evidence is None or observed.evidence["as_requested"] is not None:
        return ""
    return f"the isolation could not be proved: {observed.evidence['reason']}"


def _exited(desired: Desired, plan: Plan, described: Mapping[str, Any]) -> str:
    """A command that ends at once is no error of the engine, but hardly what was meant."""
    started = any(step.action == "start" or step.arguments.get("start") for step in plan.steps)
    if not desired.runs or not desired.detach or not started or described["running"] or described["status"] == "created":
        return ""
    return f"the container {desired.name} was started and has already ended, with exit code {described['exit_code']}"


def _because(plan: Plan) -> dict[str, Any]:
    making = _making(plan)
    return {"differences": list(making["because"])} if making and "because" in making else {"differences": []}


def _reason(desired: Desired, plan: Plan) -> str:
    making = _making(plan)
    if making:
        return str(making["reason"])
    if desired.isolation is None:
        return "the container exists with it, and no isolation was asked for"
    if desired.isolation == "auto":
        return "the container exists with it, and keeps it while it works"
    if desired.isolation == "default":
        return "it is the engine's default"
    return "it was asked for"


def _after(plan: Plan) -> dict[str, Any]:
    """What the steps that leave the container the same one change about it, as far as that is known beforehand."""
    after: dict[str, Any] = {}
    unknown = dict.fromkeys(("exit_code", "started_at", "finished_at", "pid", "networks", "health"))
    for step in plan.steps:
        if step.action in ("start", "unpause", "restart"):
            after |= {**unknown, "running": True, "status": "running"}
        elif step.action == "stop":
            after |= {**unknown, "running": False, "status": "exited"}
        elif step.action == "wait_healthy":
            after["health"] = None
        elif step.action == "wait_end":
            after |= {**unknown, "running": False, "status": "exited"}
        elif step.action == "update":
            policy = step.arguments["restart_policy"]
            after |= {"restart_policy": policy["Name"], "restart_retries": policy["MaximumRetryCount"]}
    return after


def predicted_report(desired: Desired, plan: Plan, observed: Observed) -> dict[str, Any]:
    """The result in check mode: what is known beforehand."""
    removed = any(step.action == "remove" and step.arguments["id"] == desired.name for step in plan.steps)
    if desired.state == "absent" or (removed and desired.cleanup):
        return {"container": None, "isolation": None, **_because(plan)}
    making = _making(plan)
    present = observed.container or observed.backup
    if making is None and present is not None:
        described = {**describe(present), "name": desired.name, **_after(plan)}
        return {"container": described, "isolation": {"mode": described["isolation"], "reason": _reason(desired, plan)}, **_because(plan)}
    return {**_predicted(desired, plan, making or {}), **_because(plan)}


def _predicted(desired: Desired, plan: Plan, making: Mapping[str, Any]) -> dict[str, Any]:
    """A container that is to be made: None stands for what only the engine will know."""
    inspected = making["predicted"]
    described = describe(inspected)
    only_later = ("id", "created", "health", "exit_code", "started_at", "finished_at", "pid", "mounts", "networks")
    unknown = [*only_later, *(name for name, key in _BY_IMAGE.items() if inspected["Config"].get(key) is None and not inspected["Image"])]
    started = bool(making["start"])
    described |= {
        **dict.fromkeys(unknown),
        "name": desired.name,
        "status": "running" if started else "created",
        "running": started,
        **{key: value for key, value in _after(plan).items() if key in ("status", "running")},
    }
    return {"container": described, "isolation": {"mode": making["mode"], "reason": _reason(desired, plan)}}


#: What an image brings, and nobody knows before it is there.
_BY_IMAGE = {
    "command": "Cmd",
    "env": "Env",
    "labels": "Labels",
    "working_dir": "WorkingDir",
    "user": "User",
    "exposed_ports": "ExposedPorts",
}
