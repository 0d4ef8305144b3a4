# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base image that fits a host, as a managed thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..desired_state import Difference, Plan, Resource, Step
from ..engine.client import EngineClient, planned_as_new
from ..host.facts import read_version
from ..remote.host import RemoteHost
from .compatibility import HostVersion, ImageVersion, base_image_tag, image_repository, isolation_modes
from .pull import human_size, pull
from .references import Reference, nothing_fits, platform_version, select_platform
from .registry import Offer, local_image, offered_image


@dataclass(frozen=True)
class ObservedImage:
    """What host and registry have.

    Attributes:
        host: Build, revision and product type.
        reference: The image that fits the host.
        local: Inspected, or None.
        offer: The registry's answer; None when there is no engine yet that could ask it.
    """

    host: HostVersion
    reference: Reference
    local: Mapping[str, Any] | None
    offer: Offer | None

    @property
    def up_to_date(self) -> bool:
        """Whether the local image is what the registry offers now: an image pulled under a name carries the digest of that name's
        manifest list in ``RepoDigests``, and that is the digest ``/distribution`` tells."""
        return (
            self.local is not None
            and self.offer is not None
            and self.reference.has_digest(self.local.get("RepoDigests") or (), self.offer.digest)
        )


def plan_base_image(observed: ObservedImage) -> Plan:
    """Pull unless the host has what the registry offers. Raises OptionError when nothing offered fits the host."""
    reference = str(observed.reference)
    pulling = Step("pull", f"pull the image {reference}", {"reference": reference})
    if observed.offer is None:
        return planned_as_new(Plan((pulling,), (Difference("reference", None, reference),)))
    chosen = select_platform(observed.offer.platforms, observed.host)
    if chosen is None:
        raise nothing_fits(observed.reference, observed.offer.platforms, observed.host)
    if observed.up_to_date:
        return Plan()
    version = platform_version(chosen)
    warnings = _warnings(observed.host, version) if version else ()
    before = digest_of(observed.reference, observed.local)
    return Plan(
        (pulling,),
        (Difference("digest", before, observed.offer.digest),),
        warnings,
    )


def _warnings(host: HostVersion, image: ImageVersion) -> tuple[str, ...]:
    """What to watch, also where a server has the image's build and yet cannot run it as a server does by default (its revision)."""
    process = isolation_modes(host, image).process
    if process.allowed or host.product_type != "server" or host.build != image.build:
        return process.warnings
    return (f"this image runs here with Hyper-V isolation only: {process.reason}",)


def digest_of(reference: Reference, image: Mapping[str, Any] | None) -> str | None:
    """The digest under which the image was pulled from the reference's repository; None when it was not."""
    for entry in (image or {}).get("RepoDigests") or ():
        digest = str(entry).rpartition("@")[2]
        if reference.has_digest([str(entry)], digest):
            return digest
    return None


class BaseImage(Resource[ObservedImage]):
    """One base image on one host.

    Args:
        host: The host.
        family: ``nanoserver``, ``servercore``, ``server`` or ``windows``.
        release: ``auto``, a release or a full version; see :func:`.compatibility.base_image_tag`.
        pipe: Name of the engine's named pipe.
    """

    verb = "provide"
    thing = "base image"

    def __init__(self, host: RemoteHost, family: str, release: str, pipe: str) -> None:
        self.name = family
        self._host = host
        self._family = family
        self._release = release
        self._pipe = pipe

    @cached_property
    def engine(self) -> EngineClient | None:
        """The engine, opened when first needed; see :meth:`.EngineClient.open_or_plan`."""
        return EngineClient.open_or_plan(self._host, self._pipe)

    def read(self) -> ObservedImage:
        """Host, local image and registry. A release that cannot fit is refused before the engine is asked."""
        version = read_version(self._host)
        tag = base_image_tag(version, self._family, self._release)
        reference = Reference.parse(f"{image_repository(self._family)}:{tag}")
        self.name = str(reference)
        if self.engine is None:
            return ObservedImage(version, reference, None, None)
        local = local_image(self.engine, str(reference))
        return ObservedImage(version, reference, local, offered_image(self.engine, reference))

    def plan(self, observed: ObservedImage) -> Plan:
        return plan_base_image(observed)

    def apply(self, plan: Plan, observed: ObservedImage) -> None:
        for step in plan.steps:
            self._host.progress(step.description)
            if self.engine is not None:
                pull(self.engine, self._host, observed.reference)

    def predict(self, plan: Plan, observed: ObservedImage) -> dict[str, Any]:
        """What a pull would bring: the registry tells digest and os.version, but neither id nor size."""
        chosen = (select_platform(observed.offer.platforms, observed.host) if observed.offer else None) or {}
        return {
            "image": {
                "reference": str(observed.reference),
                "id": None,
                "os_version": str(chosen.get("os.version") or "") or None,
                "digest": observed.offer.digest if observed.offer else None,
                "size": None,
            }
        }

    def report(self, observed: ObservedImage, plan: Plan) -> dict[str, Any]:
        image = observed.local or {}
        if plan.changed:
            self._host.progress(f"{observed.reference} is there, {human_size(int(image.get('Size') or 0))} on disk")
        return {
            "image": {
                "reference": str(observed.reference),
                "id": image.get("Id"),
                "os_version": image.get("OsVersion"),
                "digest": digest_of(observed.reference, image),
                "size": image.get("Size"),
            }
        }
