# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks engine and registries what of a host is behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..desired_state import Plan
from ..engine.client import EngineClient
from ..engine.object import EngineObject
from ..errors import NotFoundError, doing
from ..host.facts import read_version
from ..images.compatibility import HostVersion
from ..images.references import Reference, nothing_fits, platform_version, select_platform
from ..images.registry import Credentials, offered_image
from ..remote.host import RemoteHost
from .updates import LocalImage, Tag, User, leave_out, registry_of, report, to_ask, users_of


@dataclass(frozen=True)
class Standing:
    """What the host has, and what the registries offer.

    Attributes:
        idle: Entries of ``exclude`` that leave nothing out.
    """

    images: tuple[LocalImage, ...] = ()
    users: tuple[User, ...] = ()
    tags: tuple[Tag, ...] = ()
    idle: tuple[str, ...] = ()


class ImageUpdateInfo(EngineObject[Standing]):
    """Images and containers of one host, compared with what registries offer now."""

    verb = "look for"
    thing = "newer images"

    def __init__(self, host: RemoteHost, options: Mapping[str, Any]) -> None:
        super().__init__(host, options)
        self._exclude = list(options["exclude"])
        self._credentials = {
            str(entry["name"]): Credentials(str(entry["username"]), str(entry["password"])) for entry in options["registries"]
        }

    def read(self) -> Standing:
        """Every image and container, then one request to a registry for each tag. Without an engine yet (check mode) there is nothing."""
        engine = self.opened
        if engine is None:
            return Standing()
        api: Any = engine.api  # the SDK's types stop at some of its mix-ins
        with engine.errors():
            images = tuple(map(LocalImage.of, _inspected(engine, api.images(), api.inspect_image)))
            users = users_of(_inspected(engine, api.containers(all=True), api.inspect_container))
        asked, idle = leave_out(to_ask(images, users), self._exclude)
        version = read_version(self._host) if asked else None
        return Standing(images, users, tuple(self._tag(engine, version, *entry) for entry in asked.items()) if version else (), idle)

    def _tag(self, engine: EngineClient, host: HostVersion, reference: Reference, image: LocalImage) -> Tag:
        with doing("ask for", "the image", str(reference)):
            offer = offered_image(engine, reference, self._credentials.get(registry_of(reference)))
            chosen = select_platform(offer.platforms, host)
            if chosen is None:
                raise nothing_fits(reference, offer.platforms, host)
        return Tag(reference, image, offer.digest, platform_version(chosen))

    def plan(self, observed: Standing) -> Plan:
        """Nothing to do; a warning of what was excluded in vain."""
        return Plan(
            warnings=tuple(f'exclude names "{text}", which is not a tag that this host would ask a registry for' for text in observed.idle)
        )

    def report(self, observed: Standing, plan: Plan) -> dict[str, Any]:
        return report(observed.images, observed.users, observed.tags)


def _inspected(engine: EngineClient, rows: Sequence[Any], inspect: Any) -> list[dict[str, Any]]:
    """Each row of a list in full; what was removed meanwhile is left out."""
    found = []
    for row in rows:
        try:
            with engine.errors():
                found.append(inspect(row["Id"]))
        except NotFoundError:
            continue
    return found
