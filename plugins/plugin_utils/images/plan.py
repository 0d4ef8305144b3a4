# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what a host has to the image a task wants. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..desired_state import Difference, Plan, Step, joined
from ..errors import OptionError
from .compatibility import HostVersion, ImageVersion, isolation_modes
from .desired import Desired
from .keep import superseded
from .references import Reference, nothing_fits, platform_version, select_platform
from .selection import selection_warning
from .space import space_refusal
from .state import ArchivedImage, Observed, Recipe, digest_of, must_pull


def plan_image(desired: Desired, observed: Observed, ahead: bool = False) -> Plan:
    """What must be done.

    Args:
        desired: What is asked for.
        observed: What is there.
        ahead: Whether only a prediction is asked for, so that containers may still use an image that is to be absent.

    Raises:
        OptionError: It cannot be done.
    """
    if desired.state == "absent":
        return _plan_absent(desired, observed, ahead)
    return joined(_plan_present(desired, observed), _saving(desired, observed))


def _plan_present(desired: Desired, observed: Observed) -> Plan:
    if desired.source == "load":
        return _plan_load(desired, observed)
    if observed.recipe is not None:
        return _plan_build(desired, observed, observed.recipe)
    if not observed.installed:
        return joined(_get(desired, observed), _names(desired, observed, pulled=True))
    if desired.source == "pull" and must_pull(desired.origin, desired.pull, observed.local, observed.offer):
        parts = [_get(desired, observed)]
        if not desired.detached:
            parts += [_names(desired, observed, pulled=True), _superseded(desired, observed, pulled=True)]
        return joined(*parts)
    if observed.local is None:
        raise OptionError("the host has no such image, and source: local says that none is to be fetched", "Pull, load or build it first")
    return joined(_names(desired, observed, pulled=False), _superseded(desired, observed, pulled=False))


def _plan_load(desired: Desired, observed: Observed) -> Plan:
    """Load what is not there, and give it the names its archive does not bring."""
    archived = observed.archived
    if archived is None:  # in check mode, on a host without an engine, where what lies there may be still to come
        return Plan((Step("load", f"load the image {desired.reference}", {}),), (Difference("id", None, str(desired.reference)),))
    version = _refuse_unfit(desired, observed, archived)
    held = str((observed.local or {}).get("Id") or "") or None
    if held == archived.id and not desired.force:
        return joined(_names(desired, observed, pulled=False), _superseded(desired, observed, pulled=False))
    loading = Plan(
        (Step("load", f"load the image {desired.reference}", {"id": archived.id}),),
        (Difference("id", held, archived.id),),
        version_warnings(observed.host, version, desired.explicit and not desired.reference.family) if version else (),
    )
    missing = [name for name in desired.names if name not in archived.names and (observed.named.get(name) != archived.id)]
    return joined(loading, _tagging(missing, desired.reference, observed, archived.id), _superseded(desired, observed, pulled=True))


def _plan_build(desired: Desired, observed: Observed, recipe: Recipe) -> Plan:
    """Build unless the image was built from just this."""
    if observed.local is not None and observed.built_from == recipe.digest and not desired.force:
        return _names(desired, observed, pulled=False)
    step = Step("build", f"build the image {desired.reference}", {"digest": recipe.digest})
    difference = Difference("built_from", observed.built_from or None, recipe.digest)
    return joined(Plan((step,), (difference,), recipe.warnings), _names(desired, observed, pulled=True))


def _refuse_unfit(desired: Desired, observed: Observed, archived: ArchivedImage) -> ImageVersion | None:
    """The image's Windows version. Raises OptionError for one that can run here in neither mode."""
    if archived.os not in ("windows", ""):
        raise OptionError(f"the image is made for {archived.os}", "Load a Windows image")
    version = ImageVersion.parse(archived.os_version) if archived.os_version else None
    if version is not None and not isolation_modes(observed.host, version).allowed:
        platform = {"os": "windows", "architecture": "amd64", "os.version": archived.os_version}
        raise nothing_fits(desired.reference, [platform], observed.host)
    return version


def _saving(desired: Desired, observed: Observed) -> Plan:
    """Write the archive, unless it is there and holds what the host has."""
    if not desired.save_to or observed.saved:
        return Plan()
    step = Step("save", f"save the image {desired.reference} as {desired.save_to} on the controller", {"path": desired.save_to})
    return Plan((step,), (Difference("save_to", None, desired.save_to),))


def _get(desired: Desired, observed: Observed) -> Plan:
    """The pull, begun or carried out."""
    reference = str(desired.origin)
    if desired.pull == "never":
        raise OptionError("the host has no such image, and pull: never forbids to fetch it", "Provide it, or set pull: missing")
    if observed.offer is None:
        return Plan((_pull_step(desired),), (Difference("reference", None, reference),))
    chosen = select_platform(observed.offer.platforms, observed.host)
    if chosen is None:
        raise nothing_fits(desired.origin, observed.offer.platforms, observed.host)
    version = platform_version(chosen)
    warnings = version_warnings(observed.host, version, desired.explicit and not desired.reference.family) if version else ()
    warnings += selection_warning(observed.offer.platforms, chosen, observed.host)
    before = digest_of(desired.origin, observed.local)
    if desired.detached and observed.detached is not None and observed.detached.process_id is not None:
        return Plan(warnings=warnings)
    if desired.check_space and (refusal := space_refusal(desired.reference, version, observed)):
        raise refusal
    if desired.detached and observed.detached is not None:
        warnings += (f"an earlier detached pull ended without the image; it said: {observed.detached.words or 'nothing'}",)
    return Plan((_pull_step(desired),), (Difference("digest", before, observed.offer.digest),), warnings)


def _pull_step(desired: Desired) -> Step:
    reference = str(desired.origin)
    if desired.detached:
        return Step("start_pull", f"start the pull of the image {reference} on the host", {"reference": reference})
    return Step("pull", f"pull the image {reference}", {"reference": reference})


def version_warnings(host: HostVersion, image: ImageVersion, always: bool = True) -> tuple[str, ...]:
    """What to watch, also where a server has the image's build and yet cannot run it as a server does by default (its revision).

    Args:
        always: Tell it too where the image is of an older build, which nobody has asked for by its Windows release.
    """
    process = isolation_modes(host, image).process
    if process.allowed or host.product_type != "server" or not (always or host.build == image.build):
        return process.warnings
    return (f"this image runs here with Hyper-V isolation only: {process.reason}",)


def _names(desired: Desired, observed: Observed, *, pulled: bool) -> Plan:
    """Give the image its names; what it will be is not known before a pull, so then each is given anew."""
    identifier = None if pulled or observed.local is None else str(observed.local.get("Id"))
    wrong = [name for name in desired.names if pulled or observed.named.get(name) != identifier]
    return _tagging(wrong, desired.origin, observed, identifier)


def _tagging(names: Sequence[str], source: Reference, observed: Observed, identifier: str | None) -> Plan:
    return Plan(
        tuple(Step("tag", f"tag the image {source} as {name}", {"name": name}) for name in names),
        tuple(Difference(name, observed.named.get(name), identifier or str(source)) for name in names),
    )


def _superseded(desired: Desired, observed: Observed, *, pulled: bool) -> Plan:
    """Remove what is older than what is to be kept."""
    if desired.keep is None:
        return Plan()
    current = () if pulled or observed.local is None else (str(observed.local.get("Id")),)
    build = _build(observed)
    gone = superseded(observed.others, desired.keep, build, current, {desired.reference.repository, desired.origin.repository})
    return Plan(
        tuple(
            Step("remove", f"remove the image {one.id[:19]} of Windows 10.0.{one.build}.{one.revision}", {"id": one.id, "names": one.names})
            for one in gone
        ),
        tuple(Difference(one.id, ", ".join(one.names) or "present", None) for one in gone),
    )


def _build(observed: Observed) -> int:
    """The build of the image that is, or will be, there."""
    offered = select_platform(observed.offer.platforms, observed.host) if observed.offer else None
    version = platform_version(offered) if offered else local_version(observed.local)
    if observed.archived is not None and observed.archived.os_version:
        version = ImageVersion.parse(observed.archived.os_version)
    return version.build if version else 0


def local_version(image: Mapping[str, Any] | None) -> ImageVersion | None:
    """The ``OsVersion`` of an image on the host; None when it has none."""
    text = str((image or {}).get("OsVersion") or "")
    return ImageVersion.parse(text) if text else None


def _plan_absent(desired: Desired, observed: Observed, ahead: bool) -> Plan:
    names = [name for name in _names_of(desired, observed) if name]
    if observed.local is None or not names:
        return Plan()
    left = [name for name in observed.local.get("RepoTags") or () if name not in names]
    refusal = None if left and not desired.reference.identifier else _refusal_of_users(desired, observed)
    if refusal is not None and not ahead:
        raise refusal
    steps = tuple(Step("remove_name", f"remove the image {name}", {"name": name, "force": desired.force}) for name in names)
    held = (f"{refusal.cause}, and the image can go only once they are gone",) if refusal else ()
    identifier = str(observed.local.get("Id"))
    return Plan(steps, (Difference("image", identifier, identifier if left else None),), assumptions=held)


def _names_of(desired: Desired, observed: Observed) -> list[str]:
    """The names under which the host has the image, of those the task is about; for an id, the id."""
    if desired.reference.identifier:
        return [desired.reference.identifier]
    tags = [str(name) for name in (observed.local or {}).get("RepoTags") or ()]
    wanted = (desired.reference, desired.origin)
    found = [name for name in tags if any(one.has_name(name) for one in wanted)]
    if found or not any(one.digest for one in wanted):
        return found
    return [str((observed.local or {}).get("Id") or "")]


def _refusal_of_users(desired: Desired, observed: Observed) -> OptionError | None:
    running = [user.name for user in observed.users if user.running]
    if running:
        return OptionError(f"running containers use it: {', '.join(running)}", "Remove these containers first")
    if observed.users and not desired.force:
        return OptionError(
            f"containers use it: {', '.join(user.name for user in observed.users)}",
            "Remove these containers first, or set force: true to remove the image all the same",
        )
    return None
