# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``docker pull`` and ``docker load -i``, as they write where no terminal is: one line per state of a layer, no progress bars.

Words and order: docker/cli cli/command/image/{pull,load}.go and moby pkg/jsonmessage (a message with progress is left out without a
terminal; errors go to stderr, exit code 1).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Protocol
from urllib.parse import urlencode

import h11

from .process import Process

Json = dict[str, Any]


class Stream(Protocol):
    """The engine's end."""

    async def read(self, limit: int = ...) -> bytes: ...
    async def write(self, data: bytes) -> None: ...


async def pull(process: Process, stream: Stream, reference: str) -> int:
    """Pull one image, telling every state."""
    name, tag = _split(reference)
    target = "/images/create?" + urlencode({"fromImage": name, "tag": tag})
    if not await _show(process, _messages(stream, "POST", target, b"")):
        return 1
    await process.print(f"{reference}\n")
    return 0


async def load(process: Process, stream: Stream, path: str) -> int:
    """Load an archive of the host, quietly."""
    node = process.machine.files.read(process.absolute(path)) if process.machine.files.is_file(process.absolute(path)) else None
    if node is None:
        await process.complain(f"open {path}: The system cannot find the file specified.\n")
        return 1
    return 0 if await _show(process, _messages(stream, "POST", "/images/load?quiet=1", node)) else 1


def _split(reference: str) -> tuple[str, str]:
    name, at, digest = reference.partition("@")
    head, colon, last = name.rpartition(":")
    tag = last if colon and "/" not in last else "latest"
    return (head if colon and "/" not in last else name), digest if at else tag


async def _show(process: Process, messages: AsyncIterator[Json]) -> bool:
    async for message in messages:
        if "message" in message:
            await process.complain(f"Error response from daemon: {message['message']}\n")
            return False
        if "error" in message:
            await process.complain(f"{message['error']}\n")
            return False
        if "stream" in message:
            await process.print(str(message["stream"]))
        elif not message.get("progressDetail"):
            lead = f"{message['id']}: " if message.get("id") else ""
            await process.print(f"{lead}{message.get('status', '')}\n")
    return True


async def _messages(stream: Stream, method: str, target: str, body: bytes) -> AsyncIterator[Json]:
    """The JSON lines of an answer; of a refusal the one document."""
    connection = h11.Connection(h11.CLIENT)
    headers = [("Host", "docker"), ("Content-Length", str(len(body))), ("Connection", "close")]
    for part in (h11.Request(method=method, target=target, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
        await stream.write(connection.send(part) or b"")
    pending = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await stream.read())
        elif isinstance(event, h11.Data):
            *lines, pending = (pending + event.data).split(b"\n")
            for line in lines:
                if line.strip():
                    yield json.loads(line)
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            break
    if pending.strip():
        yield json.loads(pending)
