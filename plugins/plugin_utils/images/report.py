# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a task about an image. Pure."""

from __future__ import annotations

from typing import Any

from ..desired_state import Plan
from .compatibility import ImageVersion
from .desired import Desired
from .plan import local_version
from .references import platform_version, select_platform
from .selection import candidates, isolation_report
from .state import Observed, digest_of


def image_report(desired: Desired, observed: Observed, plan: Plan, *, predicted: bool) -> dict[str, Any]:
    """The image as it is on the host; in check mode, where it would change, what can be known of it."""
    coming = predicted and any(step.action in ("pull", "start_pull", "load", "build") for step in plan.steps)
    archived = observed.archived
    image = None if coming or (predicted and desired.state == "absent") else observed.local
    chosen = select_platform(observed.offer.platforms, observed.host) if observed.offer else None
    version = (platform_version(chosen) if chosen else None) if coming else local_version(image)
    if coming and archived is not None and archived.os_version:
        version = ImageVersion.parse(archived.os_version)
    digest = (observed.offer.digest if observed.offer else None) if coming else digest_of(desired.origin, image)
    known = image or {}
    report: dict[str, Any] = {
        "image": {
            "reference": str(desired.reference),
            "id": archived.id if coming and archived else known.get("Id"),
            "os_version": str(version) if version else None,
            "digest": digest,
            "size": known.get("Size"),
            "tags": sorted(known.get("RepoTags") or ()),
            "isolation": isolation_report(observed.host, version),
        },
        "removed": [text for step in plan.steps if step.action in ("remove", "remove_name") for text in _goes(step.arguments)],
    }
    if observed.offer is not None:
        report["candidates"] = candidates(observed.offer.platforms, chosen, observed.host)
    if desired.detached and desired.state == "present":
        report["pull"] = _pull_report(observed, plan, predicted)
    return report


def _pull_report(observed: Observed, plan: Plan, predicted: bool) -> dict[str, Any]:
    """How far a detached pull is."""
    started = any(step.action == "start_pull" for step in plan.steps)
    found = None if started and predicted else observed.detached
    state = "started" if started else ("running" if found and found.process_id is not None else "done")
    return {"state": state, "process_id": found.process_id if found else None, "message": (found.words or None) if found else None}


def _goes(arguments: Any) -> list[str]:
    return [*arguments.get("names", ()), arguments["id"]] if "id" in arguments else [arguments["name"]]
