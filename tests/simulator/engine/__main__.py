# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m simulator.engine --socket PATH``: one engine on a unix socket, without the rest of a Windows."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from ..http import SocketStream
from . import Engine, PlainHost, Registry


async def main() -> None:
    parser = argparse.ArgumentParser(prog="simulator.engine", description="A simulated Windows Docker Engine on a unix socket.")
    parser.add_argument("--socket", type=Path, required=True, help="path of the socket to listen on")
    parser.add_argument("--version", default="28.5.2", help="engine release")
    parser.add_argument("--build", type=int, default=20348, help="Windows build of the host")
    parser.add_argument("--client", action="store_true", help="a workstation instead of a server")
    arguments = parser.parse_args()
    engine = Engine(PlainHost(build=arguments.build, server=not arguments.client), version=arguments.version, registry=Registry.standard())
    await engine.start()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await engine.serve(SocketStream(reader, writer))

    server = await asyncio.start_unix_server(connected, arguments.socket)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
