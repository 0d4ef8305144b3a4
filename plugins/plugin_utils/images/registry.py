# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine knows of an image: locally, and at the registry before anything is pulled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError, OptionError, RemoteError
from .failures import PULL_MEANINGS, explaining
from .references import Reference, known_tags

if TYPE_CHECKING:
    from ..engine.client import EngineClient


@dataclass(frozen=True)
class Offer:
    """The registry's answer for a reference.

    Attributes:
        digest: Of the manifest, or of the manifest list where there is one; an image pulled under this name carries it in ``RepoDigests``.
        platforms: One entry per image behind the name: ``os``, ``architecture``, ``os.version``.
    """

    digest: str
    platforms: tuple[Mapping[str, Any], ...]


def local_image(engine: EngineClient, name: str) -> dict[str, Any] | None:
    """Inspect a local image by reference or id; None when the host does not have it."""
    api: Any = engine.api  # the SDK's types stop at some of its mix-ins
    try:
        with engine.errors():
            inspected: dict[str, Any] = api.inspect_image(name)
    except NotFoundError:
        return None
    return inspected


def offered_image(engine: EngineClient, reference: Reference) -> Offer:
    """Ask the registry, through the engine's ``/distribution`` call.

    Raises:
        OptionError: The registry has no such repository or tag; names the known tags of a base image.
        RemoteError: The registry cannot be reached, or refuses.
    """
    api: Any = engine.api
    try:
        with explaining(PULL_MEANINGS), engine.errors():
            answer = api.inspect_distribution(str(reference))
    except NotFoundError as error:
        raise unknown_image(reference, error) from error
    except OptionError as error:
        if reference.family and "no such tag" in error.cause:
            raise unknown_image(reference, error) from error
        raise
    return Offer(str(answer["Descriptor"]["digest"]), tuple(answer.get("Platforms") or ()))


def unknown_image(reference: Reference, error: RemoteError | OptionError) -> OptionError:
    """The registry has no such thing."""
    if reference.family:
        tags = ", ".join(known_tags(reference.family))
        return OptionError(
            f'the registry has no tag "{reference.digest or reference.tag}" of {reference.repository}',
            f"Known releases are {tags}; full versions look like 10.0.20348.2340",
        )
    return OptionError(f"the registry has no image {reference} ({error.cause})", "Correct the name or the tag")
