# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One running dockerd: state, configuration and the connections it serves."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..http import Stream, serve
from . import texts
from .api import answer
from .containers import Container
from .downloads import Downloads
from .events import Events
from .execs import Execs
from .host import EngineHost
from .images import ImageStore
from .lifecycle import Lifecycle
from .networks import Networks
from .registry import Registry
from .versions import EngineVersion

Json = dict[str, Any]
T = TypeVar("T")
DEFAULT_DATA_ROOT = "C:\\ProgramData\\docker"


@dataclass
class EngineState:
    """What lies under the data root: it survives the service and the machine's reboots."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    images: ImageStore = field(default_factory=ImageStore)
    containers: dict[str, Container] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)
    volumes: dict[str, Json] = field(default_factory=dict)
    build_cache: dict[str, str] = field(default_factory=dict)  #: step of a build to the image it made
    boot: object = None  #: the boot in which the nat network was made: HNS makes a new one after a reboot


class Engine:
    """The daemon of one machine.

    Args:
        host: The Windows below.
        version: Release, ``X.Y.Z``.
        config: daemon.json, checked already (programs/dockerd.py).
        registry: Where images come from.
        state: What an earlier daemon left.
        boot: Anything that changes with each boot of the machine.
    """

    def __init__(
        self,
        host: EngineHost,
        *,
        version: str = "28.5.2",
        config: Mapping[str, Any] | None = None,
        registry: Registry | None = None,
        state: EngineState | None = None,
        boot: object = 0,
    ) -> None:
        self.host = host
        self.version = EngineVersion.parse(version)
        self.config = dict(config or {})
        self.registry = registry if registry is not None else Registry.standard()
        self.state = state if state is not None else EngineState()
        self.boot = boot
        self.downloads = Downloads(host.release, self.state.images.has_layer)
        self.events = Events(self._keep_layers)
        self._layers: set[str] = set()
        self.lifecycle = Lifecycle(self)
        self.execs = Execs(self)
        self.running = False
        #: What a program needs to start. With 0 its first output may come in one piece with the answer's head (a switch: both happen).
        self.program_start_seconds = 0.02
        self.creation_document: bool | None = None  #: whether failures of the Host Compute Service show it; None: by release
        self.requests: list[str] = []  #: method and path of every request, for tests and bench
        self._tasks: set[asyncio.Task[Any]] = set()
        self._connections: set[asyncio.Task[Any]] = set()

    @property
    def data_root(self) -> str:
        return str(self.config.get("data-root") or DEFAULT_DATA_ROOT)

    @property
    def mirrors(self) -> list[str]:
        """Addresses of the registry mirrors, without their scheme."""
        return [urlsplit(str(one)).netloc for one in self.config.get("registry-mirrors") or ()]

    @property
    def default_isolation(self) -> str:
        """By product type unless exec-opts say otherwise (docker-on-windows.md 2.3)."""
        for option in self.config.get("exec-opts") or ():
            key, _unused, value = str(option).partition("=")
            if key.strip().lower() == "isolation" and value.lower() in ("process", "hyperv"):
                return value.lower()
        return "process" if self.host.server else "hyperv"

    def _keep_layers(self) -> None:
        """Give each layer and container its folder below windowsfilter (docker-on-windows.md 1.13: nobody else can delete them)."""
        wanted = {layer.digest[7:] for image in self.state.images.images.values() for layer in image.layers} | set(self.state.containers)
        for name in wanted - self._layers:
            self.host.add_layer(f"{self.data_root}\\windowsfilter\\{name}")
        for name in self._layers - wanted:
            self.host.remove_layer(f"{self.data_root}\\windowsfilter\\{name}")
        self._layers = wanted

    async def start(self) -> None:
        """Come up: networks, then the containers whose restart policy wants them."""
        self.running = True
        if self.state.boot != self.boot and self.config.get("bridge") != "none":
            if self.state.boot is not None:
                self.state.networks.after_boot(self.version)
            self.state.networks.make_nat(str(self.config.get("fixed-cidr") or ""))
        self.state.boot = self.boot
        for container in list(self.state.containers.values()):
            if container.state.ever_started and container.host_config["AutoRemove"]:
                await self.lifecycle.remove(container, container.name, force=True)
            elif container.state.ever_started and self.lifecycle.wants_restart(container):
                try:
                    await self.lifecycle.start(container)
                except texts.ApiError as error:
                    self.host.log(f"container {container.name} was not restarted: {error.message}")

    async def stop(self) -> None:
        """Go down: every container ends (there is no live restore on Windows), every connection closes."""
        self.running = False
        for container in list(self.state.containers.values()):
            await self.lifecycle.stop(container, by_user=False)
        for task in [*self._tasks, *self._connections]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._connections, return_exceptions=True)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something as long as the engine runs."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def serve(self, stream: Stream) -> None:
        """Serve one client connection (a named pipe's end, or a socket) until it ends."""
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
        try:
            await serve(stream, lambda request, _connection: answer(self, request))
        except asyncio.CancelledError:
            if self.running:
                raise
        finally:
            if task is not None:
                self._connections.discard(task)

    def find_container(self, name: str) -> Container:
        """By id, name or id prefix. Raises ApiError 404."""
        containers = self.state.containers
        if name in containers:
            return containers[name]
        bare = name.removeprefix("/")
        for container in containers.values():
            if container.name == bare:
                return container
        matches = [container for id_, container in containers.items() if bare and id_.startswith(bare)]
        if len(matches) != 1:
            raise texts.no_such_container(name)
        return matches[0]
