# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task on a container returns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..desired_state import Plan
from .options import Inspected
from .ports import observed_ports, port_texts
from .state import Desired, Observed, isolation_of, running, status


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
        "exit_code": state.get("ExitCode"),
        "started_at": state.get("StartedAt"),
        "finished_at": state.get("FinishedAt"),
        "pid": state.get("Pid"),
        "isolation": isolation_of(container),
        "command": [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])],
        "env": sorted(str(entry).partition("=")[0] for entry in config.get("Env") or ()),
        "labels": config.get("Labels") or {},
        "published_ports": port_texts(observed_ports(host_config.get("PortBindings"))),
        "mounts": [_mount(entry) for entry in container.get("Mounts") or ()],
        "restart_policy": (host_config.get("RestartPolicy") or {}).get("Name") or "no",
        "networks": {name: (network or {}).get("IPAddress") or None for name, network in networks.items()},
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


def report(desired: Desired, plan: Plan, observed: Observed) -> dict[str, Any]:
    """The result, from what was read (after a change: read back)."""
    if desired.state == "absent" or observed.container is None:
        return {"container": None, "isolation": None, **_because(plan)}
    described = describe(observed.container)
    result = {"container": described, "isolation": {"mode": described["isolation"], "reason": _reason(desired, plan)}, **_because(plan)}
    warning = _exited(desired, plan, described)
    return {**result, "warnings": [warning]} if warning else result


def _exited(desired: Desired, plan: Plan, described: Mapping[str, Any]) -> str:
    """A command that ends at once is no error of the engine, but hardly what was meant."""
    started = any(step.action == "start" or step.arguments.get("start") for step in plan.steps)
    if desired.state != "started" or not started or described["running"] or described["status"] == "created":
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
    unknown = dict.fromkeys(("exit_code", "started_at", "finished_at", "pid", "networks"))
    for step in plan.steps:
        if step.action in ("start", "unpause"):
            after |= {**unknown, "running": True, "status": "running"}
        elif step.action == "stop":
            after |= {**unknown, "running": False, "status": "exited"}
        elif step.action == "update":
            after |= {"restart_policy": step.arguments["restart_policy"]["Name"]}
    return after


def predicted_report(desired: Desired, plan: Plan, observed: Observed) -> dict[str, Any]:
    """The result in check mode: what is known beforehand."""
    if desired.state == "absent":
        return {"container": None, "isolation": None, "differences": []}
    making = _making(plan)
    present = observed.container or observed.backup
    if making is None and present is not None:
        described = {**describe(present), "name": desired.name, **_after(plan)}
        return {"container": described, "isolation": {"mode": described["isolation"], "reason": _reason(desired, plan)}, **_because(plan)}
    mode = making["mode"] if making else None
    described = {
        **dict.fromkeys(describe({})),  # every key is there, None where only the engine will know
        "name": desired.name,
        "image": str(desired.image) if desired.image else None,
        "image_id": observed.image["Id"] if observed.image else None,
        "status": "running" if desired.state == "started" else "created",
        "running": desired.state == "started",
        "isolation": mode,
    }
    return {"container": described, "isolation": {"mode": mode, "reason": _reason(desired, plan)}, **_because(plan)}
