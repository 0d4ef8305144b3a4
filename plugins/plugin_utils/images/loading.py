# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three places an image can be loaded from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ..engine.client import EngineClient
from ..engine.errors import EngineError
from ..engine.lookup import find_image
from ..errors import ConnectError, OptionError, RemoteError
from ..remote.host import RemoteHost
from .archive import choose, controller_path, read_on_controller, read_on_host
from .references import Reference
from .state import ArchivedImage
from .transfer import file_pieces, load, load_on_host, save

#: Opens another host of the inventory by its name; raises ContainersError.
Peer = Callable[[str], RemoteHost]


class Place(ABC):
    """Where an image lies that is to be loaded."""

    description: str

    @abstractmethod
    def read(self, reference: Reference) -> ArchivedImage:
        """The image there. Raises ContainersError."""

    @abstractmethod
    def load(self, engine: EngineClient, reference: Reference, silence: int) -> None:
        """Load it. Raises ContainersError."""


class OnController(Place):
    """An archive of the controller, streamed through WinRM."""

    def __init__(self, host: RemoteHost, path: Path) -> None:
        self.description = f"the controller's {path}"
        self._host, self._path = host, path

    def read(self, reference: Reference) -> ArchivedImage:
        return choose(read_on_controller(self._path), reference)

    def load(self, engine: EngineClient, reference: Reference, silence: int) -> None:
        counter = self._host.counter(f"load {reference}", self._path.stat().st_size)
        load(engine, counter.over(file_pieces(self._path)), silence)


class OnHost(Place):
    """An archive that lies on the host itself."""

    def __init__(self, host: RemoteHost, path: str) -> None:
        self.description = f"the host's {path}"
        self._host, self._path = host, path

    def read(self, reference: Reference) -> ArchivedImage:
        return choose(read_on_host(self._host, self._path), reference)

    def load(self, engine: EngineClient, reference: Reference, silence: int) -> None:
        load_on_host(self._host, engine, self._path)


class OnPeer(Place):
    """An image of another host's engine: saved there and loaded here in one stream, which passes through the controller and is kept nowhere."""

    def __init__(self, host: RemoteHost, name: str, pipe: str, peer: Peer) -> None:
        self.description = f"the host {name}"
        self._host, self._name, self._pipe, self._peer = host, name, pipe, peer

    @contextmanager
    def _there(self) -> Iterator[None]:
        """Errors of the other host say so: it is not the task's own host that cannot be reached."""
        try:
            yield
        except ConnectError as error:
            raise RemoteError(f"the host {self._name} cannot be reached ({error.cause})", error.advice) from error
        except EngineError as error:
            raise RemoteError(f"on the host {self._name}, {error.cause}", error.advice) from error

    def _open(self, stack: ExitStack) -> EngineClient:
        with self._there():
            return EngineClient.open(stack.enter_context(self._peer(self._name)), self._pipe)

    def _saved(self, other: EngineClient, reference: Reference, silence: int) -> Iterator[bytes]:
        with self._there():
            yield from save(other, reference.name or reference.lookup, silence)

    def read(self, reference: Reference) -> ArchivedImage:
        with ExitStack() as stack:
            image = find_image(self._open(stack), reference.lookup)
        if image is None:
            raise OptionError(f"the host {self._name} has no such image", "Provide it there first")
        tags = (reference.name,) if reference.name else ()  # what is saved by a name brings this name along, and no other
        return ArchivedImage(
            str(image["Id"]), tags, str(image.get("Os") or ""), str(image.get("OsVersion") or ""), int(image.get("Size") or 0)
        )

    def load(self, engine: EngineClient, reference: Reference, silence: int) -> None:
        with ExitStack() as stack:
            other = self._open(stack)
            size = int((find_image(other, reference.lookup) or {}).get("Size") or 0)
            counter = self._host.counter(f"load {reference} from {self._name}", size)
            load(engine, counter.over(self._saved(other, reference, silence)), silence)


def place_of(host: RemoteHost, options: Mapping[str, Any], peer: Peer) -> Place:
    """Where the options say the image lies. Raises OptionError for a path that is not absolute."""
    if options.get("path"):
        return OnController(host, controller_path(options["path"], "path"))
    if options.get("remote_path"):
        return OnHost(host, options["remote_path"])
    return OnPeer(host, options["from_host"], options["engine_pipe"], peer)
