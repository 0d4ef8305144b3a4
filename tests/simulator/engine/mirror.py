# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The download mirror: a real HTTP server on loopback with real zips of the simulated Docker Engine.

The archive's layout is the official one (docker-on-windows.md 1.1): a folder ``docker`` with docker.exe and dockerd.exe, nothing else. The two
files are small texts that say which release they are; archives are the same bytes each time, so their sums can be written down.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import cache
from typing import Any

from ..http import Abort, Connection, Request, Response, SocketStream, raw, serve

VERSIONS = (
    "20.10.21",
    "20.10.23",
    "20.10.24",
    "23.0.6",
    "24.0.7",
    "24.0.9",
    "25.0.5",
    "26.1.4",
    "27.5.1",
    "28.5.1",
    "28.5.2",
    "29.1.5",
    "29.2.0",
    "29.4.3",
    "29.7.2",
)
FOLDER = "/win/static/stable/x86_64"
_CHUNK = 16384


def program_bytes(name: str, version: str) -> bytes:
    """The content of ``docker.exe`` or ``dockerd.exe``: a marker that the simulated programs read, then filler that compresses badly."""
    head = f"MZ\x00\x00 {name} Docker Engine simulated {version}\r\n".encode()
    filler = b"".join(hashlib.sha256(f"{name} {version} {number}".encode()).digest() for number in range(2048))
    return head + filler


@cache
def archive(version: str) -> bytes:
    """``docker-<version>.zip``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(_entry("docker/"), b"")
        for name in ("docker.exe", "dockerd.exe"):
            package.writestr(_entry(f"docker/{name}"), program_bytes(name, version))
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.create_system = 0
    entry.compress_type = zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
    entry.external_attr = 0x10 if name.endswith("/") else 0x20
    return entry


def sha256(version: str) -> str:
    """The sum of that release's archive."""
    return hashlib.sha256(archive(version)).hexdigest()


class Mirror:
    """The server.

    Args:
        versions: Releases it has.
        address: Loopback address to listen on.
        port: 0 takes a free one.
        bytes_per_second: Pace of a download; 0 is as fast as it goes.
        fault: A broken mirror: ``reset`` at once, ``truncate`` in the middle of a download, ``corrupt`` (another content), or an HTTP status as
            text (``503``); empty: none. May be set while it runs.

    Attributes:
        requests: Paths asked for so far.
    """

    def __init__(
        self, versions: Iterable[str] = VERSIONS, *, address: str = "127.0.0.1", port: int = 0, bytes_per_second: float = 0, fault: str = ""
    ) -> None:
        self.versions = tuple(versions)
        self.address, self.port = address, port
        self.bytes_per_second, self.fault = bytes_per_second, fault
        self.requests: list[str] = []
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[Any]] = set()

    @classmethod
    def load(cls, data: Mapping[str, Any] | None = None) -> Mirror:
        """From section ``mirror`` of a fleet file: ``versions``, ``address``, ``port``, ``bytes_per_second``, ``fault``. Raises ValueError."""
        data = dict(data or {})
        unknown = set(data) - {"versions", "address", "port", "bytes_per_second", "fault"}
        if unknown:
            raise ValueError(f"unknown keys in the mirror section: {', '.join(sorted(unknown))}")
        return cls(
            [str(version) for version in data.get("versions", VERSIONS)],
            address=str(data.get("address", "127.0.0.1")),
            port=int(data.get("port", 0)),
            bytes_per_second=float(data.get("bytes_per_second", 0)),
            fault=str(data.get("fault", "")),
        )

    @property
    def url(self) -> str:
        """The folder of the archives: ``<url>/docker-28.5.2.zip``. Known once started."""
        return f"http://{self.address}:{self.port}{FOLDER}"

    @property
    def sha256(self) -> dict[str, str]:
        """Release to the sum of its archive."""
        return {version: sha256(version) for version in self.versions}

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._connected, self.address, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end what is under way."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        await serve(SocketStream(reader, writer), self._answer)

    async def _answer(self, request: Request, connection: Connection) -> Response:
        path = request.target.partition("?")[0]
        self.requests.append(path)
        version = path.removeprefix(f"{FOLDER}/docker-").removesuffix(".zip")
        if request.method not in ("GET", "HEAD"):
            return Response(405, b"", reason=b"Method Not Allowed")
        if version not in self.versions or path != f"{FOLDER}/docker-{version}.zip":
            return Response(404, b"<html><body>Not Found</body></html>\n", [("Content-Type", "text/html")], reason=b"Not Found")
        if self.fault and request.method == "GET":
            return self._broken(archive(version))
        data = archive(version)
        headers = [("Content-Type", "application/zip"), ("ETag", f'"{sha256(version)[:32]}"')]
        if not self.bytes_per_second or request.method == "HEAD":
            return Response(200, data, headers, reason=b"OK")
        return Response(200, self._paced(data), [*headers, ("Content-Length", str(len(data)))], reason=b"OK")

    def _broken(self, data: bytes) -> Response:
        if self.fault == "corrupt":
            return Response(200, data[:-64] + bytes(64), [("Content-Type", "application/zip")], reason=b"OK")
        if self.fault == "truncate":
            return Abort(body=raw(Response(200, data, [("Content-Type", "application/zip")], reason=b"OK"))[: len(data) // 2], orderly=True)
        return Response(int(self.fault)) if self.fault.isdigit() else Abort()

    async def _paced(self, data: bytes) -> AsyncIterator[bytes]:
        for position in range(0, len(data), _CHUNK):
            piece = data[position : position + _CHUNK]
            yield piece
            await asyncio.sleep(len(piece) / self.bytes_per_second)
