# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine knows of an image: locally, and at the registry before anything is pulled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..engine.failures import explaining
from ..errors import NotFoundError, OptionError, RemoteError
from .references import Reference, known_tags
from .state import Offer

if TYPE_CHECKING:
    from ..engine.client import EngineClient


@dataclass(frozen=True)
class Credentials:
    """Who to be at a registry. They go to the engine in a header of the one request that needs them, and are kept nowhere."""

    username: str
    password: str = field(repr=False)

    def header(self) -> dict[str, str]:
        """As the Docker SDK takes them."""
        return {"username": self.username, "password": self.password}


def offered_image(engine: EngineClient, reference: Reference, credentials: Credentials | None = None) -> Offer:
    """Ask the registry, through the engine's ``/distribution`` call.

    A list gives one platform per image. Of a single image the engine reads the configuration, so that its ``os.version`` is known as well
    (moby daemon/server/router/distribution: it decodes the configuration into the platform).

    Raises:
        OptionError: The registry has no such repository or tag; names the known tags of a base image.
        RemoteError: The registry cannot be reached, or refuses.
    """
    api: Any = engine.api
    try:
        with explaining("pull"), engine.errors():
            answer = api.inspect_distribution(str(reference), auth_config=credentials.header() if credentials else None)
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
            f'the registry has no {"digest" if reference.digest else "tag"} "{reference.digest or reference.tag}" of {reference.repository}',
            f"Known releases are {tags}; full versions look like 10.0.20348.2340",
        )
    return OptionError(f"the registry has no image {reference} ({error.cause})", "Correct the name or the tag")
