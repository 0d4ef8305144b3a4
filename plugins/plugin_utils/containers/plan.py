# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is asked for and what was observed to the steps between. Pure. What is made anew stands in making.py."""

from __future__ import annotations

from dataclasses import dataclass

from ..desired_state import Difference, Plan, Step
from .isolation import decide, possible
from .making import create, replacement
from .options import OPTIONS, Inspected, at, check_policy, differences
from .state import Desired, Observed, health, isolation_of, paused, running, status, stop_seconds, wanted_image


@dataclass(frozen=True)
class _Base:
    """The container the plan starts from, and what is to be done about the leftovers of an interrupted run: before all else, and after."""

    container: Inspected | None
    steps: tuple[Step, ...] = ()
    afterwards: tuple[Step, ...] = ()


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
        return create(desired, observed)
    forcing, in_place = _differing(desired, observed, base.container)
    if forcing or desired.recreate:
        # A container that was put aside by an interrupted run had been running before.
        was_running = running(base.container) or base.container is observed.backup
        return replacement(
            desired, observed, base.container, forcing + in_place, was_running=was_running, before=base.steps + base.afterwards
        )
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
    return desired.isolation == "auto" and desired.runs and not running(container)


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
    # Last, so that the predecessor is still there should the new one never get healthy.
    return _Base(container, afterwards=(leftover,))


def _absent(desired: Desired, observed: Observed) -> Plan:
    found = [container for container in (observed.container, observed.backup) if container is not None]
    if not found:
        return Plan()
    return Plan(tuple(step for container in found for step in _removal(container)), (Difference("state", status(found[0]), "absent"),))


def _removal(container: Inspected) -> tuple[Step, ...]:
    """Stop first: what runs gets its time to end, where removing by force would kill it."""
    name, identifier = str(container["Name"]).lstrip("/"), {"id": container["Id"]}
    if not running(container) or paused(container):
        return (Step("remove", f"remove the container {name}", identifier),)
    stop = Step("stop", f"stop the container {name}", {**identifier, "stop_seconds": stop_seconds(container)})
    return (stop, Step("remove", f"remove the container {name}", identifier))


def _differing(desired: Desired, observed: Observed, container: Inspected) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """What forces a new container, and what can be changed in the present one."""
    image = observed.image
    if desired.modes.get("image") == "ignore" and image is not None and image["Id"] != container.get("Image"):
        image = None  # the container may have another one, and what that brought is not known here
    found = differences(desired.values, container, image, desired.modes)
    in_place = tuple(difference for difference in found if OPTIONS[difference.name].row.in_place)
    forcing = tuple(difference for difference in found if not OPTIONS[difference.name].row.in_place)
    return _image_difference(desired, observed, container) + _isolation_difference(desired, observed, container) + forcing, in_place


def _image_difference(desired: Desired, observed: Observed, container: Inspected) -> tuple[Difference, ...]:
    named = wanted_image(desired, container)
    if named is None or desired.modes.get("image") == "ignore":
        return ()
    if observed.image is None and desired.image is None and not observed.outdated:
        return ()  # with update_image: the container's own name means nothing any more, so nothing newer is known
    wanted = observed.image["Id"] if observed.image else None
    if wanted == container.get("Image"):
        return ()
    present = str((container.get("Config") or {}).get("Image") or "")
    return (Difference("image", _named(present, container.get("Image")), _named(str(named), wanted)),)


def _named(reference: str, identifier: object) -> str:
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


def _adjust(desired: Desired, base: _Base, in_place: tuple[Difference, ...]) -> Plan:
    """Change the present container without making a new one."""
    container = base.container or {}
    steps = list(base.steps)
    found = list(in_place)
    if in_place:
        steps.append(_update(desired, container, in_place))
    powers = _power(desired, container)
    arguments = {"id": container.get("Id"), "stop_seconds": stop_seconds(container)}
    steps += [Step(action, sentence, arguments) for action, sentence in powers]
    if powers:
        found.append(Difference("state", _state(desired, container), desired.state))
    steps += base.afterwards
    if steps and not found:
        found.append(Difference("leftovers", desired.backup_name, None))
    return Plan(tuple(steps), tuple(found))


def _state(desired: Desired, container: Inspected) -> str:
    return health(container) or status(container) if desired.state == "healthy" else status(container)


def _update(desired: Desired, container: Inspected, in_place: tuple[Difference, ...]) -> Step:
    """Name and number of retries go together: the engine takes the policy as a whole. Raises OptionError for what it would not take."""
    name = desired.values.get("restart_policy", OPTIONS["restart_policy"].found(container))
    retries = desired.values.get("restart_retries", OPTIONS["restart_retries"].found(container))
    check_policy(name, retries, at(container, "HostConfig.AutoRemove"))
    sentence = f"set the restart policy of {desired.name} to {name}" + (f" with {retries} retries" if retries else "")
    return Step("update", sentence, {"id": container.get("Id"), "restart_policy": {"Name": name, "MaximumRetryCount": retries}})


def _power(desired: Desired, container: Inspected) -> list[tuple[str, str]]:
    """What is to be done to a container that is otherwise as it should be: actions and their sentences."""
    name = desired.name
    if desired.state == "present":
        return []
    if desired.state == "stopped":
        return [("stop", f"stop the container {name}")] if running(container) else []
    steps: list[tuple[str, str]] = []
    if not running(container):
        steps.append(("start", f"start the container {name}"))
    elif paused(container):
        steps.append(("unpause", f"unpause the container {name}"))
    elif desired.restart:
        steps.append(("restart", f"restart the container {name}"))
    if desired.state == "healthy" and (steps or health(container) not in ("", "healthy")):
        steps.append(("wait_healthy", f"wait until the container {name} is healthy"))
    if not desired.detach:
        steps.append(("wait_end", f"wait until the container {name} has ended"))
        steps += [("remove", f"remove the container {name}")] if desired.cleanup else []
    return steps
