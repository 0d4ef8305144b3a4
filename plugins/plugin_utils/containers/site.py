# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the containers of one task have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..engine.client import EngineClient
from ..engine.lookup import find_container, find_image, find_network
from ..host.facts import read_readiness, read_version
from ..host.readiness import Readiness
from ..images.compatibility import HostVersion
from ..remote.host import RemoteHost
from .options import Inspected


@dataclass(frozen=True)
class EngineInfo:
    """Of ``GET /info``: the default isolation, how many processors the engine counts (None when it does not say), and where its data lies."""

    isolation: str
    processors: int | None = None
    data_root: str = ""


class Site:
    """A host and its engine as all containers of one task share them: one tunnel, and what need be asked only once.

    Args:
        host: The host.
        pipe: Name of the engine's named pipe.

    Attributes:
        members: Names of the containers that the task manages, where they are several.
    """

    def __init__(self, host: RemoteHost, pipe: str) -> None:
        self.host = host
        self.pipe = pipe
        self.members: frozenset[str] = frozenset()
        self._names: set[str] | None = None
        self._images: dict[str, Inspected | None] = {}
        self._networks: dict[str, Inspected | None] = {}

    def look(self, *, many: bool = False) -> None:
        """Forget what was looked up; for many containers, one request tells which names there are."""
        self._images, self._networks, self._names = {}, {}, None
        if many and self.opened is not None:
            with self.engine.errors():
                rows = self.engine.api.containers(all=True)
            self._names = {str(name).lstrip("/") for row in rows for name in row.get("Names") or ()}

    def container(self, name: str) -> Inspected | None:
        """A container by its name, and never by an id."""
        if self._names is not None and name not in self._names:
            return None
        found = find_container(self.engine, name)
        return found if found is not None and str(found.get("Name")) == f"/{name}" else None

    def image(self, name: str) -> Inspected | None:
        """A local image, looked up once."""
        if name not in self._images:
            self._images[name] = find_image(self.engine, name)
        return self._images[name]

    def network(self, name: str) -> Inspected | None:
        """A network, looked up once."""
        if name not in self._networks:
            self._networks[name] = find_network(self.engine, name)
        return self._networks[name]

    @cached_property
    def opened(self) -> EngineClient | None:
        """The engine, opened when first needed; None in check mode where none is installed yet."""
        return EngineClient.open_or_plan(self.host, self.pipe)

    @property
    def engine(self) -> EngineClient:
        """The engine."""
        if self.opened is None:
            raise ValueError("this container is planned without an engine")
        return self.opened

    @cached_property
    def info(self) -> EngineInfo:
        """What the engine says of itself."""
        with self.engine.errors():
            answer = self.engine.api.info()
        return EngineInfo(
            str(answer.get("Isolation") or "").lower() or "process", answer.get("NCPU") or None, str(answer.get("DockerRootDir") or "")
        )

    @cached_property
    def version(self) -> HostVersion:
        """Build and revision of the host."""
        return read_version(self.host)

    @cached_property
    def readiness(self) -> Readiness:
        """Whether the host can run either isolation."""
        return read_readiness(self.host)

    @property
    def api(self) -> tuple[int, ...]:
        """The newest API version the engine speaks."""
        return tuple(int(part) for part in str(self.engine.version.get("ApiVersion") or "1.24").split("."))
