# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker.exe: what is used on the way to an engine, ``system dial-stdio``, ``pull``, ``load -i``, ``version`` and ``--version``.

Facts: docker-on-windows.md 9.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..http import SocketStream
from ..streams import Pipe
from . import docker_images
from .dockerd import UsageError, version_of
from .process import Process, program

_USAGE = "docker: unknown command: docker {0}\n\nRun 'docker --help' for more information\n"


class _End(Protocol):
    """The far end of dial-stdio."""

    async def read(self, limit: int = ...) -> bytes: ...
    async def write(self, data: bytes) -> None: ...
    async def write_eof(self) -> None: ...
    async def close(self) -> None: ...


@program("docker.exe")
async def docker(process: Process) -> int:
    """The program on the command line."""
    arguments = process.arguments[1:]
    host = process.environment.get("DOCKER_HOST") or "npipe:////./pipe/docker_engine"
    try:
        version = version_of(process.machine, process.path)
        while arguments and arguments[0].startswith("-"):
            flag = arguments.pop(0)
            name, sign, value = flag.partition("=")
            if name in ("-H", "--host"):
                host = value if sign else arguments.pop(0)
            elif name in ("-v", "--version"):
                await process.print(f"Docker version {version}, build simulated\n")
                return 0
            else:
                raise UsageError(f"unknown flag: {name}\nSee 'docker --help'.")
    except (UsageError, IndexError) as error:
        await process.complain(f"{error}\n")
        return 125
    if arguments == ["system", "dial-stdio"]:
        return await _dial(process, host)
    if arguments == ["version"]:
        await process.print(f"Client:\n Version:           {version}\n OS/Arch:           windows/amd64\n")
        return await _with_engine(process, host, lambda end: _server_version(process, end))
    if (len(arguments), *arguments[:1]) == (2, "pull"):
        return await _with_engine(process, host, lambda end: docker_images.pull(process, end, arguments[1]))
    if (len(arguments), *arguments[:2]) == (3, "load", "-i"):
        return await _with_engine(process, host, lambda end: docker_images.load(process, end, arguments[2]))
    process.machine.log("refused", f"docker.exe {' '.join(arguments)}: the simulated client knows dial-stdio, pull and load -i only")
    await process.complain(_USAGE.format(" ".join(arguments[:1])))
    return 1


async def _with_engine(process: Process, host: str, work: Callable[[_End], Awaitable[int]]) -> int:
    """Do one thing with the engine; without it the long text that depends on the release (docker/error-messages.json)."""
    match = re.fullmatch(r"npipe:////\./pipe/(.+)", host.replace("\\", "/"))
    try:
        end = await _connect(process, match[1]) if match else None
    except (FileNotFoundError, PermissionError):
        end = None
    if end is None:
        await process.complain(
            f"failed to connect to the docker API at {host}; check if the path is correct and if the daemon is running\n"
        )
        return 1
    try:
        return await work(end)
    finally:
        await end.close()


async def _server_version(process: Process, end: _End) -> int:
    """The engine's half of ``docker version``: its own answer to ``/version``."""
    await end.write(b"GET /version HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")
    answer = b""
    while piece := await end.read(65536):
        answer += piece
    found = re.search(rb'"Version":\s*"([^"]+)"', answer)
    if not found:
        return 1
    await process.print(f"\nServer:\n Engine:\n  Version:          {found[1].decode()}\n")
    return 0


async def _dial(process: Process, host: str) -> int:
    """Join stdin and stdout with the engine; 1 and one of three texts when that is not possible."""
    match = re.fullmatch(r"npipe:////\./pipe/(.+)", host.replace("\\", "/"))
    if not match:
        await process.complain(f"unable to parse docker host `{host}`\n")
        return 1
    try:
        end = await _connect(process, match[1])
    except (FileNotFoundError, PermissionError) as error:
        text = "Access is denied." if isinstance(error, PermissionError) else "The system cannot find the file specified."
        await process.complain(f"failed to open the raw stream connection: open //./pipe/{match[1]}: {text}\n")
        return 1
    if end is None:
        await process.complain("the raw stream connection does not implement halfCloser\n")
        return 1
    await _join(process, end)
    return 0


async def _connect(process: Process, pipe: str) -> _End | None:
    """The engine's end; None for a byte-mode pipe. With ``engine_bridge`` a real engine's socket stands behind the pipe."""
    machine = process.machine
    if machine.engine_bridge:
        reader, writer = await asyncio.open_unix_connection(machine.engine_bridge)
        return SocketStream(reader, writer)
    if not process.elevated and pipe in machine.pipes:
        raise PermissionError(pipe)
    if getattr(machine.pipes.get(pipe), "byte_mode", False):
        return None
    return machine.connect_pipe(pipe)


async def _join(process: Process, end: _End) -> None:
    """Both ways. End of stdin is a half-close; when the engine closes, the program exits without waiting for stdin."""
    forward = asyncio.ensure_future(_forward(process.stdin, end))
    try:
        while data := await end.read():
            await process.stdout.write(data)
        if process.machine.switches.dial_stdio_waits_for_input:
            await forward
    except (ConnectionError, BrokenPipeError):
        pass
    finally:
        forward.cancel()
        await asyncio.gather(forward, return_exceptions=True)
        await end.close()


async def _forward(stdin: Pipe, end: _End) -> None:
    try:
        while data := await stdin.read():
            await end.write(data)
        await end.write_eof()
    except (ConnectionError, BrokenPipeError):
        return
