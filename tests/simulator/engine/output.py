# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a container writes: kept as log, followed live, framed for the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .values import now, show_time

STDOUT, STDERR = 1, 2


@dataclass(frozen=True)
class Entry:
    """One piece of output."""

    time: datetime
    stream: int
    data: bytes


def frame(stream: int, data: bytes) -> bytes:
    """Docker's multiplexed framing: stream number, three zero bytes, length, data."""
    return bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


class Output:
    """All output of a container since it was created."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._changed = asyncio.Condition()
        self.live = False  #: the container runs
        self.ends = 0  #: how often it has stopped

    async def write(self, stream: int, data: bytes) -> None:
        async with self._changed:
            self.entries.append(Entry(now(), stream, data))
            self._changed.notify_all()

    async def open(self) -> None:
        """The container starts."""
        self.live = True

    async def end(self) -> None:
        """The container stopped: followers get the rest and end."""
        async with self._changed:
            self.live = False
            self.ends += 1
            self._changed.notify_all()

    async def follow(self, position: int, *, next_end: bool = False) -> AsyncIterator[Entry]:
        """Entries from ``position`` on, until the container stops; with ``next_end`` one that does not run is waited for."""
        ends = self.ends
        while batch := await self._from(position, lambda: self.ends > ends if next_end else not self.live):
            position += len(batch)
            for entry in batch:
                yield entry

    async def _from(self, position: int, over: Callable[[], bool]) -> list[Entry]:
        """What there is from that position on; waits for it, and is empty when no more will come."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.entries) > position or over())
            return self.entries[position:]


@dataclass(frozen=True)
class LogQuery:
    """What ``GET /containers/{id}/logs`` asks for."""

    streams: frozenset[int]
    tail: int | None
    since: float
    until: float
    timestamps: bool
    raw: bool  #: the container has a terminal: no framing

    def show(self, entry: Entry) -> bytes:
        """One line of the log as it goes on the wire."""
        data = f"{show_time(entry.time)} ".encode() + entry.data if self.timestamps else entry.data
        return data if self.raw else frame(entry.stream, data)

    def wants(self, entry: Entry) -> bool:
        moment = entry.time.timestamp()
        return entry.stream in self.streams and moment >= self.since and (not self.until or moment <= self.until)

    def stored(self, entries: list[Entry]) -> list[Entry]:
        """The lines that are there already (json-file keeps lines, not pieces)."""
        chosen = [line for entry in entries for line in lines_of(entry) if self.wants(line)]
        return chosen if self.tail is None else chosen[len(chosen) - self.tail if self.tail < len(chosen) else 0 :] if self.tail else []


def lines_of(entry: Entry) -> Iterator[Entry]:
    """The lines of a piece of output."""
    for line in entry.data.splitlines(keepends=True):
        yield Entry(entry.time, entry.stream, line)
