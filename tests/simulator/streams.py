# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Byte pipes in memory: what a Windows anonymous or named pipe is to two processes."""

from __future__ import annotations

import asyncio


class Pipe:
    """One direction, bounded: a writer waits while the reader is behind, as on Windows.

    Args:
        capacity: Bytes held before ``write`` waits.
    """

    def __init__(self, capacity: int = 65536) -> None:
        self._data = bytearray()
        self._capacity = capacity
        self._changed = asyncio.Condition()
        self.ended = False  #: the writing end is closed
        self.broken = False  #: the reading end is closed

    async def write(self, data: bytes) -> None:
        """Write all; waits while the pipe is full. Raises BrokenPipeError when the reader is gone."""
        view = memoryview(data)
        while view:
            async with self._changed:
                await self._changed.wait_for(lambda: self.broken or self.ended or len(self._data) < self._capacity)
                if self.broken or self.ended:
                    raise BrokenPipeError("the pipe has been ended")
                room = self._capacity - len(self._data)
                self._data += view[:room]
                view = view[room:]
                self._changed.notify_all()

    async def read(self, limit: int = 65536) -> bytes:
        """Up to ``limit`` bytes, at least one; empty at the end of the stream."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._data or self.ended or self.broken)
            data = bytes(self._data[:limit])
            del self._data[:limit]
            self._changed.notify_all()
            return data

    async def read_all(self) -> bytes:
        """Everything up to the end of the stream."""
        pieces = []
        while piece := await self.read():
            pieces.append(piece)
        return b"".join(pieces)

    async def end(self) -> None:
        """Close the writing end: the reader sees the end after the rest."""
        async with self._changed:
            self.ended = True
            self._changed.notify_all()

    async def close(self) -> None:
        """Close the reading end: the writer gets BrokenPipeError."""
        async with self._changed:
            self.broken = True
            self._data.clear()
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """Bytes ready to be read."""
        return len(self._data)


class Duplex:
    """One end of a two-way stream: ``incoming`` is read, ``outgoing`` is written."""

    def __init__(self, incoming: Pipe, outgoing: Pipe) -> None:
        self.incoming = incoming
        self.outgoing = outgoing

    @classmethod
    def pair(cls) -> tuple[Duplex, Duplex]:
        """The two ends of a named pipe."""
        one, two = Pipe(), Pipe()
        return cls(one, two), cls(two, one)

    async def read(self, limit: int = 65536) -> bytes:
        return await self.incoming.read(limit)

    async def write(self, data: bytes) -> None:
        await self.outgoing.write(data)

    async def write_eof(self) -> None:
        """Half-close."""
        await self.outgoing.end()

    async def close(self) -> None:
        await self.outgoing.end()
        await self.incoming.close()
