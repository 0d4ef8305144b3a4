# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An engine to ask without any socket: requests go straight to its HTTP face."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from simulator.engine import Engine, PlainHost, Registry
from simulator.engine.api import answer
from simulator.http import Request

NANOSERVER = "mcr.microsoft.com/windows/nanoserver"
SERVERCORE = "mcr.microsoft.com/windows/servercore"


class Daemon:
    """One engine on one plain host, with shortcuts that assert success."""

    def __init__(self, version: str, config: dict[str, Any], host: PlainHost) -> None:
        registry = Registry.standard({"bytes_per_second": 1e12, "tick": 0.001})
        self.host = host
        self.engine = Engine(host, version=version, config=config, registry=registry)

    async def ask(self, method: str, target: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """Status and decoded body; of a stream the list of its messages."""
        target += f"?{urlencode(query)}" if query else ""
        response = await answer(self.engine, Request(method, target, (), b"" if body is None else json.dumps(body).encode()))
        if isinstance(response.body, bytes):
            return response.status, json.loads(response.body) if response.body.strip() else None
        pieces = [piece async for piece in response.body]
        return response.status, [json.loads(piece) for piece in pieces]

    async def message(self, method: str, target: str, body: Any = None, **query: Any) -> tuple[int, str]:
        """Status and message of a refusal."""
        status, answered = await self.ask(method, target, body, **query)
        return status, answered["message"]

    async def pull(self, reference: str, **query: Any) -> list[dict[str, Any]]:
        """The messages of a pull."""
        status, messages = await self.ask("POST", "/images/create", fromImage=reference, **query)
        assert status == 200, messages
        return list(messages)

    async def create(self, image: str, command: list[str] | None = None, name: str = "", **host_config: Any) -> str:
        """A container of an image that is pulled when it isn't here; its id."""
        if (await self.ask("GET", f"/images/{quote(image, safe='/:')}/json"))[0] == 404:
            await self.pull(image)
        body = {"Image": image, "Cmd": command or ["ping", "-t", "localhost"], "HostConfig": host_config}
        status, made = await self.ask("POST", f"/containers/create{'?name=' + name if name else ''}", body)
        assert status == 201, made
        return str(made["Id"])

    async def inspect(self, container: str) -> dict[str, Any]:
        """What inspect shows."""
        status, shown = await self.ask("GET", f"/containers/{container}/json")
        assert status == 200, shown
        return dict(shown)

    async def start(self, container: str) -> tuple[int, str]:
        """Status and message, empty on success."""
        status, answered = await self.ask("POST", f"/containers/{container}/start")
        return status, answered["message"] if answered else ""


Scenario = Callable[[Daemon], Any]


@pytest.fixture
def run() -> Callable[..., Any]:
    """Run an async scenario against a fresh daemon: ``run(scenario, version="28.5.2", config={...}, build=20348, server=True)``."""

    def execute(scenario: Scenario, version: str = "28.5.2", config: dict[str, Any] | None = None, **host: Any) -> Any:
        async def work() -> Any:
            daemon = Daemon(version, config or {}, PlainHost(**host))
            await daemon.engine.start()
            try:
                return await asyncio.wait_for(scenario(daemon), 20)
            finally:
                await daemon.engine.stop()

        return asyncio.run(work())

    return execute
