# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is asked for and what was observed to the steps between. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..desired_state import Difference, Plan, Step
from ..errors import OptionError
from .isolation import Decision, decide, possible
from .options import BY_NAME, Inspected, create_request, differences, dropped, restart_policy
from .state import Desired, Observed, isolation_of, paused, running, status


@dataclass(frozen=True)
class _Base:
    """The container the plan starts from, once the leftovers of an interrupted run are dealt with."""

    container: Inspected | None
    steps: tuple[Step, ...] = ()


def plan(desired: Desired, observed: Observed) -> Plan:
    """The steps from what was observed to what is desired.

    Raises:
        OptionError: The host cannot have this container: no image fits, the isolation cannot work, a folder is missing,
            or an option that is needed was not given.
    """
    if desired.state == "absent":
        return _absent(desired, observed)
    base = _base(desired, observed)
    if base.container is None:
        return _create(desired, observed)
    forcing, in_place = _differing(desired, observed, base.container)
    if forcing or desired.recreate:
        return _replace(desired, observed, base, forcing + in_place)
    return _adjust(desired, base, in_place)


def must_make(desired: Desired, observed: Observed) -> bool:
    """Whether a container is about to be made, or started under a mode to be judged anew, so that a preflight is needed."""
    if desired.state == "absent":
        return False
    container = _base(desired, observed).container
    if container is None or desired.recreate:
        return True
    forcing, _unused = _differing(desired, observed, container)
    return bool(forcing) or _to_be_judged(desired, container)


def settled(desired: Desired, observed: Observed) -> bool:
    """Whether nothing is to be done, as far as that is known without a preflight."""
    return not must_make(desired, observed) and not plan(desired, observed).changed


def _to_be_judged(desired: Desired, container: Inspected) -> bool:
    """``auto`` lets a container keep its mode while that still works: one that runs proves it, one to be started does not."""
    return desired.isolation == "auto" and desired.state == "started" and not running(container)


def _base(desired: Desired, observed: Observed) -> _Base:
    container, backup = observed.container, observed.backup
    if backup is None:
        return _Base(container)
    restore = Step(
        "rename",
        f"restore the container {desired.name}, which an interrupted run had put aside",
        {"id": backup["Id"], "name": desired.name},
    )
    if container is None:
        return _Base(backup, (restore,))
    if status(container) == "created":
        # Made, but never started: the run broke off before the new container had proved good.
        half_made = Step("remove", f"remove the half-made container {desired.name} of an interrupted run", {"id": container["Id"]})
        return _Base(backup, (half_made, restore))
    leftover = Step("remove", f"remove {desired.backup_name}, left behind by an interrupted run", {"id": backup["Id"]})
    return _Base(container, (leftover,))


def _absent(desired: Desired, observed: Observed) -> Plan:
    found = [container for container in (observed.container, observed.backup) if container is not None]
    if not found:
        return Plan()
    return Plan(tuple(step for container in found for step in _removal(container)), (Difference("state", status(found[0]), "absent"),))


def _removal(container: Inspected) -> tuple[Step, ...]:
    """Stop first: what runs gets its time to end, where removing by force would kill it."""
    name, identifier = str(container["Name"]).lstrip("/"), {"id": container["Id"]}
    stop = (Step("stop", f"stop the container {name}", identifier),) if running(container) and not paused(container) else ()
    return (*stop, Step("remove", f"remove the container {name}", identifier))


def _differing(desired: Desired, observed: Observed, container: Inspected) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """What forces a new container, and what can be changed in the present one."""
    found = differences(desired.values, container, observed.image)
    in_place = tuple(difference for difference in found if BY_NAME[difference.name].in_place)
    forcing = tuple(difference for difference in found if not BY_NAME[difference.name].in_place)
    return _image_difference(desired, observed, container) + _isolation_difference(desired, observed, container) + forcing, in_place


def _image_difference(desired: Desired, observed: Observed, container: Inspected) -> tuple[Difference, ...]:
    if desired.image is None:
        return ()
    wanted = observed.image["Id"] if observed.image else None
    if wanted == container.get("Image"):
        return ()
    present = str((container.get("Config") or {}).get("Image") or "")
    return (Difference("image", _named(present, container.get("Image")), _named(str(desired.image), wanted)),)


def _named(reference: str, identifier: Any) -> str:
    return f"{reference} ({str(identifier)[:19]})" if identifier else f"{reference} (not pulled yet)"


def _isolation_difference(desired: Desired, observed: Observed, container: Inspected) -> tuple[Difference, ...]:
    present, asked = isolation_of(container), desired.isolation
    if asked == "auto":
        judged = observed.preflight.situation if observed.preflight else None
        if judged is None or not _to_be_judged(desired, container) or possible(present, judged):
            return ()
        wanted = decide("auto", judged).mode
    elif asked is None:
        return ()
    else:
        wanted = observed.default_isolation if asked == "default" else asked
    return () if wanted == present else (Difference("isolation", present, wanted),)


def _create(desired: Desired, observed: Observed) -> Plan:
    decision = _checked(desired, observed)
    step = Step("create", f"create the container {desired.name}{_then(desired)}", _making(desired, decision))
    difference = Difference("state", "absent", desired.state)
    return Plan((*_pull(desired, observed), step), (difference,), decision.warnings)


def _replace(desired: Desired, observed: Observed, base: _Base, found: tuple[Difference, ...]) -> Plan:
    if base.container is None:
        return _create(desired, observed)
    decision = _checked(desired, observed, base.container, found)
    names = [difference.name for difference in found if not BY_NAME.get(difference.name) or not BY_NAME[difference.name].in_place]
    because = f"because of {', '.join(names)}" if names else "because recreate is set"
    # A container that was put aside by an interrupted run had been running before.
    was_running = running(base.container) or base.container is observed.backup
    arguments = {
        **_making(desired, decision),
        "old": base.container["Id"],
        "was_running": was_running,
        "backup": desired.backup_name,
        "because": names,
    }
    step = Step("replace", f"replace the container {desired.name} {because}{_then(desired)}", arguments)
    lost = _lost(desired, observed, base.container, decision)
    shown = (*found, *lost) or (Difference("id", str(base.container["Id"])[:12], "a new container"),)
    return Plan((*base.steps, *_pull(desired, observed), step), shown, (*decision.warnings, *_lost_warnings(lost)))


def _lost(desired: Desired, observed: Observed, container: Inspected, decision: Decision) -> tuple[Difference, ...]:
    """What the old container has and the new one will not, as the task does not ask for it."""
    same_image = observed.image is not None and observed.image["Id"] == container.get("Image")
    lost = dropped(desired.values, container, observed.image if same_image else None)
    present = isolation_of(container)
    if desired.isolation is None and present != decision.mode:
        lost += (Difference("isolation", present, decision.mode),)
    return lost


def _lost_warnings(lost: tuple[Difference, ...]) -> tuple[str, ...]:
    if not lost:
        return ()
    names = ", ".join(difference.name for difference in lost)
    return (f"the new container does not keep what this task does not give, though the old one had it: {names}",)


def _then(desired: Desired) -> str:
    return " and start it" if desired.state == "started" else ""


def _making(desired: Desired, decision: Decision) -> Mapping[str, Any]:
    """What creating needs. Without the option isolation the mode is not sent: the engine decides, as it was predicted here."""
    isolation = decision.mode if desired.isolation else None
    return {
        "name": desired.name,
        "request": create_request(desired.values, str(desired.image), isolation),
        "start": desired.state == "started",
        "mode": decision.mode,
        "reason": decision.reason,
    }


def _checked(desired: Desired, observed: Observed, replaced: Inspected | None = None, found: tuple[Difference, ...] = ()) -> Decision:
    """The isolation, once all has been ruled out that can be known to fail.

    Args:
        replaced: The container that is replaced, if one is.
        found: How it differs.
    """
    if desired.image is None:
        raise _no_image(replaced, found)
    preflight = observed.preflight
    if preflight is None:
        raise ValueError("a container is to be made, but nothing was looked up for it")
    if observed.image is None and desired.pull == "never" and observed.installed:
        raise OptionError(
            f'the host does not have the image {desired.image}, and pull is "never"', "Set pull: missing, or pull the image beforehand"
        )
    if observed.image is None and desired.image.identifier:
        raise OptionError(f"the host has no image with the id {desired.image}", "Name the image by repository and tag")
    if preflight.refusal is not None:
        raise preflight.refusal
    if preflight.situation is None:
        raise ValueError("the preflight has neither a situation nor a refusal")
    if preflight.missing_folders:
        folders = ", ".join(preflight.missing_folders)
        raise OptionError(f"the host has no such folder: {folders}", "Create it first; single files cannot be mapped on Windows")
    return decide(desired.isolation, preflight.situation, isolation_of(replaced) if replaced else "")


def _no_image(replaced: Inspected | None, found: tuple[Difference, ...]) -> OptionError:
    if replaced is None:
        return OptionError("the option image is needed to make a container", "Name the image")
    why = f"differs in {', '.join(difference.name for difference in found)}" if found else "is to be replaced"
    return OptionError(
        f"the container there {why}, and the option image is needed to make a new one",
        "Name the image, and all else that the container needs",
    )


def _pull(desired: Desired, observed: Observed) -> tuple[Step, ...]:
    if observed.image is not None:
        return ()
    return (Step("pull", f"pull the image {desired.image}", {"reference": str(desired.image)}),)


def _adjust(desired: Desired, base: _Base, in_place: tuple[Difference, ...]) -> Plan:
    """Change the present container without making a new one."""
    container = base.container or {}
    identifier = container.get("Id")
    steps = list(base.steps)
    found = list(in_place)
    for difference in in_place:
        steps.append(
            Step(
                "update",
                f"set the restart policy of {desired.name} to {difference.after}",
                {"id": identifier, "restart_policy": restart_policy(str(difference.after))},
            )
        )
    action = _power(desired, container)
    if action:
        steps.append(Step(action, f"{action} the container {desired.name}", {"id": identifier}))
        found.append(Difference("state", status(container), desired.state))
    if steps and not found:
        found.append(Difference("leftovers", desired.backup_name, None))
    return Plan(tuple(steps), tuple(found))


def _power(desired: Desired, container: Inspected) -> str:
    if desired.state == "stopped":
        return "stop" if running(container) else ""
    if not running(container):
        return "start"
    return "unpause" if paused(container) else ""
