# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan for a container that is made, new or in place of another: all that can be ruled out is ruled out before anything is touched. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..desired_state import Difference, Plan, Step
from ..errors import OptionError
from ..images.compatibility import HostVersion, ImageVersion
from ..images.references import Reference
from .draft import Draft, carried, discarded, overlay, predicted
from .isolation import Decision, Situation, decide
from .networks import refuse_address
from .options import OPTIONS, Inspected
from .state import Desired, Observed, Preflight, isolation_of, stop_seconds, vanishes, wanted_image

#: Devices can be assigned from this build on, of host and image (windows-containers.md 12).
_DEVICES_BUILD = 17763
_GRAPHICS = "5b45201d-f2f2-4f3b-85bb-30ff1f953599"


@dataclass(frozen=True)
class _Making:
    """What is made, decided."""

    image: str
    draft: Draft
    decision: Decision
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]


def create(desired: Desired, observed: Observed) -> Plan:
    """The plan for a container that is not there. Raises OptionError."""
    made = _decided(desired, observed, None, ())
    step = Step("create", f"create the container {desired.name}{_then(desired, False)}", _arguments(desired, observed, made))
    difference = Difference("state", "absent", desired.state)
    return Plan((*_pull(desired, observed, made), step, *_afterwards(desired)), (difference,), made.warnings, assumptions=made.assumptions)


def replacement(
    desired: Desired,
    observed: Observed,
    old: Inspected,
    found: tuple[Difference, ...],
    *,
    was_running: bool,
    before: tuple[Step, ...],
) -> Plan:
    """The plan for a container in place of another.

    Args:
        desired: What is asked for.
        observed: What is there.
        old: The container that is replaced.
        found: How it differs.
        was_running: Whether it runs, or did before an interrupted run put it aside.
        before: The steps that come first.

    Raises:
        OptionError: The new one cannot be.
    """
    made = _decided(desired, observed, old, found)
    names = [difference.name for difference in found if difference.name not in OPTIONS or not OPTIONS[difference.name].row.in_place]
    because = f"because of {', '.join(names)}" if names else "because recreate is set"
    arguments = {
        **_arguments(desired, observed, made),
        "start": desired.runs or (desired.state == "present" and was_running),
        "old": old["Id"],
        "was_running": was_running,
        "stop_seconds": stop_seconds(old),
        "vanishes": vanishes(old),
        "backup": desired.backup_name,
        "because": names,
    }
    step = Step("replace", f"replace the container {desired.name} {because}{_then(desired, was_running)}", arguments)
    present = isolation_of(old)
    if desired.isolation is None and present != made.decision.mode:
        found += (Difference("isolation", present, made.decision.mode),)
    shown = found or (Difference("id", str(old["Id"])[:12], "a new container"),)
    return Plan((*before, *_pull(desired, observed, made), step, *_afterwards(desired)), shown, made.warnings, assumptions=made.assumptions)


def _then(desired: Desired, was_running: bool) -> str:
    if desired.state == "healthy":
        return ", start it and wait until it is healthy"
    return " and start it" if desired.runs or (desired.state == "present" and was_running) else ""


def _afterwards(desired: Desired) -> tuple[Step, ...]:
    """For a container in the foreground; its id is only known by then, so the name serves."""
    if desired.detach:
        return ()
    steps = [Step("wait_end", f"wait until the container {desired.name} has ended", {"id": desired.name})]
    if desired.cleanup:
        steps.append(Step("remove", f"remove the container {desired.name}", {"id": desired.name}))
    return tuple(steps)


def _arguments(desired: Desired, observed: Observed, made: _Making) -> Mapping[str, Any]:
    """What creating needs. Without the option isolation the mode is not sent where the engine decides as predicted here."""
    situation = observed.preflight.situation if observed.preflight else None
    by_engine = desired.isolation is None and situation is not None and made.decision.mode == situation.default
    return {
        "name": desired.name,
        "request": made.draft.request(made.image, None if by_engine else made.decision.mode),
        "connect": made.draft.connections(),
        "start": desired.runs,
        "healthy": desired.state == "healthy",
        "mode": made.decision.mode,
        "reason": made.decision.reason,
        "predicted": predicted(made.draft, observed.image, made.image, made.decision.mode),
    }


def _pull(desired: Desired, observed: Observed, made: _Making) -> tuple[Step, ...]:
    if observed.image is not None:
        return ()
    return (Step("pull", f"pull the image {made.image}", {"reference": made.image}),)


def _decided(desired: Desired, observed: Observed, old: Inspected | None, found: tuple[Difference, ...]) -> _Making:
    """Image, request and isolation, once all has been ruled out that can be known to fail.

    Args:
        desired: What is asked for.
        observed: What is there.
        old: The container that is replaced, if one is.
        found: How it differs.
    """
    preflight = observed.preflight
    if preflight is None:
        raise ValueError("a container is to be made, but nothing was looked up for it")
    image = _image(desired, observed, old)
    if preflight.refusal is not None:
        raise preflight.refusal
    if preflight.situation is None:
        raise ValueError("the preflight has neither a situation nor a refusal")
    if preflight.missing_folders:
        folders = ", ".join(preflight.missing_folders)
        raise OptionError(f"the host has no such folder: {folders}", "Create it first; single files cannot be mapped on Windows")
    if preflight.missing_credential_spec:
        raise OptionError(
            f"the host has no such credential spec: {preflight.missing_credential_spec}",
            "Put it there first, or give its content as a dictionary",
        )
    _check_others(desired, preflight)
    draft = overlay(carried(old, preflight.own_image) if old else Draft(), desired.values, desired.modes)
    _check_engine(draft, observed)
    _check_processors(draft, preflight)
    situation = replace(preflight.situation, image_name=image, only_process=_only_process(draft))
    decision = decide(desired.isolation, situation, isolation_of(old) if old else "")
    warnings = (
        *decision.warnings,
        *_lost(old, preflight),
        *_no_way_back(old),
        *discarded(draft, decision.mode),
        *_device_warnings(draft, situation, decision.mode),
        *_licence_warnings(desired, preflight, decision.mode),
    )
    return _Making(image, draft, decision, warnings, tuple(f"{clause} yet" for clause in preflight.lacking))


def _check_others(desired: Desired, preflight: Preflight) -> None:
    """Raises OptionError for networks, addresses and other containers that it cannot have. What is only foretold may still be lacking."""
    if preflight.lacking and not preflight.ahead:
        raise OptionError("; ".join(preflight.lacking), "Provide it first, or correct the name")
    own = {desired.name, desired.backup_name, *preflight.members}
    for name, asked in (desired.values.get("networks") or {}).items():
        if asked.get("ipv4_address") and name in preflight.networks:
            refuse_address(name, asked["ipv4_address"], preflight.networks[name], own)


def _image(desired: Desired, observed: Observed, old: Inspected | None) -> str:
    """How the image is named in the request. Raises OptionError when none can be had."""
    wanted = wanted_image(desired, old)
    if wanted is None:
        return _own_image(observed, old)
    if observed.image is None and desired.pull == "never" and observed.installed:
        raise OptionError(
            f'the host does not have the image {wanted}, and pull is "never"', "Set pull: missing, or pull the image beforehand"
        )
    if observed.image is None and wanted.identifier:
        raise OptionError(f"the host has no image with the id {wanted}", "Name the image by repository and tag")
    platform = str((observed.image or {}).get("Architecture") or "")
    asked = desired.platform.partition("/")[2]
    if asked and platform and asked != platform:
        raise OptionError(f"the image {wanted} is built for {platform}, and platform asks for {asked}", "Name another image or platform")
    return str(wanted)


def _own_image(observed: Observed, old: Inspected | None) -> str:
    """The image of the container that is replaced: by its name while that still means it, else by its id."""
    if old is None:
        raise OptionError("the option image is needed to make a container", "Name the image")
    if observed.image is None:
        raise OptionError("the container is to be replaced, and its image is no longer on the host", "Name the image")
    named = str((old.get("Config") or {}).get("Image") or "")
    known = [*(observed.image.get("RepoTags") or ()), *(observed.image.get("RepoDigests") or ())]
    return named if named in known or str(Reference.parse(named)) in known else str(old.get("Image"))


def _lost(old: Inspected | None, preflight: Preflight) -> tuple[str, ...]:
    if old is None or preflight.own_image is not None:
        return ()
    return (
        "the old container's image is no longer on the host, so nobody can tell what of its command, variables, labels and the like was its own: "
        "the new container keeps only what this task gives of them",
    )


def _no_way_back(old: Inspected | None) -> tuple[str, ...]:
    if old is None or not vanishes(old):
        return ()
    return ("the engine removes the old container as soon as it stops (auto_remove), so it cannot come back if the new one fails",)


def _check_engine(draft: Draft, observed: Observed) -> None:
    """Raises OptionError for what an older engine would drop silently (moby api/server/router/container)."""
    if observed.api >= (1, 44):
        return
    if (draft["Config.Healthcheck"] or {}).get("StartInterval"):
        raise OptionError("start_interval of the option healthcheck needs Docker Engine 25 or later", "Leave it out, or upgrade the engine")
    late = [name for name, endpoint in draft.connections().items() if endpoint.get("MacAddress")]
    if late:
        raise OptionError(
            f'mac_address of the network "{late[0]}" needs Docker Engine 25 or later, as it is not the first network',
            "Put that network first, or upgrade the engine",
        )


def _check_processors(draft: Draft, preflight: Preflight) -> None:
    there = preflight.processors
    asked = (draft["HostConfig.NanoCpus"] or 0) / 1e9
    if there and asked > there:
        raise OptionError(f"cpus is {asked:g}, and the host has {there} processors", "Give at most that many")


def _only_process(draft: Draft) -> str:
    """What of it works with process isolation only (docker-on-windows.md section 2, 8), as a clause."""
    if draft["HostConfig.Devices"]:
        return "devices are assigned to it"
    if str(draft["HostConfig.NetworkMode"] or "").startswith("container:"):
        return "it uses the network of another container"
    return ""


def _device_warnings(draft: Draft, situation: Situation, mode: str) -> tuple[str, ...]:
    devices = [str(entry.get("PathOnHost") or "") for entry in draft["HostConfig.Devices"] or ()]
    if not devices or mode != "process":
        return ()
    found = []
    versions: tuple[HostVersion | ImageVersion | None, ...] = (situation.host, situation.image)
    if any(version is not None and version.build < _DEVICES_BUILD for version in versions):
        found.append("devices can be assigned from Windows Server 2019 (1809) on, by host and image")
    small = next((name for name in ("nanoserver", "servercore") if f"/{name}:" in situation.image_name), "")
    if small and any(_GRAPHICS in device.lower() for device in devices):
        found.append(f"graphics need the image family server or windows, {small} lacks what they need")
    return tuple(found)


def _licence_warnings(desired: Desired, preflight: Preflight, mode: str) -> tuple[str, ...]:
    """The edition's count is a matter of the contract, nothing refuses more (windows-containers.md 2.5)."""
    others = [name for name in preflight.hyperv_containers if name not in (desired.name, desired.backup_name)]
    if mode != "hyperv" or preflight.licensed is None or len(others) < preflight.licensed:
        return ()
    return (
        f"a licence of this Windows edition covers {preflight.licensed} containers with Hyper-V isolation, and {len(others)} others run already",
    )
