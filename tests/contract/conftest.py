# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One suite, two engines: every test runs against the simulator's engine and against a real dockerd."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from contract.platforms import LINUX, WINDOWS, Platform
from contract.real_engine import NoRealEngine, busybox_tar, real_engine

from simulator.engine import Engine, PlainHost
from simulator.http import SocketStream

IMAGE = "contract/busybox:1"
#: The real engine of Debian 12; the simulator speaks as that release so that texts can be compared.
VERSION = "20.10.24"


@dataclass
class Side:
    """One of the two engines."""

    name: str
    platform: Platform
    socket: Path
    api: Any  #: docker.APIClient; the SDK is typed in parts only
    client: Any  #: docker.DockerClient

    def hijacking(self, version: str = "auto") -> Any:
        """A client of its own, for calls that take their connection with them."""
        return docker.APIClient(base_url=f"unix://{self.socket}", version=version, timeout=20)

    def create(self, command: list[str] | str, **options: Any) -> str:
        """A container without network; its id."""
        host = self.api.create_host_config(network_mode="none", **options.pop("host", {}))
        made: dict[str, Any] = self.api.create_container(IMAGE, command, host_config=host, **options)
        return str(made["Id"])

    def run(self, command: list[str] | str, **options: Any) -> str:
        """A started container; its id."""
        id_ = self.create(command, **options)
        self.api.start(id_)
        return id_


@contextmanager
def simulated_engine(folder: Path) -> Iterator[Path]:
    """The simulator's engine in a thread; the path of its socket."""
    path = folder / "engine.sock"
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    engine = Engine(PlainHost(), version=VERSION)

    async def start() -> asyncio.Server:
        await engine.start()
        return await asyncio.start_unix_server(lambda reader, writer: engine.serve(SocketStream(reader, writer)), path)

    async def stop(server: asyncio.Server) -> None:
        server.close()
        await engine.stop()

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield path
    finally:
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def open_side(name: str) -> Iterator[Side]:
    with tempfile.TemporaryDirectory(prefix="winfleet-contract-") as folder:
        opened = simulated_engine(Path(folder)) if name == "simulated" else real_engine()
        with opened as socket:
            address = f"unix://{socket}"
            api, client = docker.APIClient(base_url=address, version="auto", timeout=30), docker.DockerClient(base_url=address, timeout=30)
            repository, _unused, tag = IMAGE.partition(":")
            api.import_image_from_data(busybox_tar(), repository=repository, tag=tag)
            try:
                yield Side(name, WINDOWS if name == "simulated" else LINUX, socket, api, client)
            finally:
                api.close()
                client.close()


@pytest.fixture(scope="session", params=["simulated", pytest.param("real", marks=pytest.mark.real_engine)])
def session_side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """Skips where an engine cannot be had, and says why."""
    try:
        with open_side(request.param) as side:
            yield side
    except NoRealEngine as reason:
        pytest.skip(str(reason))


@pytest.fixture
def side(session_side: Side) -> Iterator[Side]:
    """The engine, without the containers of the test before."""
    yield session_side
    for container in session_side.api.containers(all=True):
        session_side.api.remove_container(container["Id"], force=True)
