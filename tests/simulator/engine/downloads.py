# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads of layers that several pulls share.

A layer on its way is downloaded once, however many pulls want it; each of them sees its progress from where it is. A download nobody
follows any more is cancelled, and what no image and no pull holds is given up, registered or not (moby distribution/xfer: transfer.go
``Release`` cancels without watchers, download.go releases a layer with its transfer).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

from .registry import Layer

Json = dict[str, Any]
Work = Callable[[], AsyncIterator[Json]]


class _Transfer:
    """One layer on its way."""

    def __init__(self, work: AsyncIterator[Json]) -> None:
        self._watchers: list[asyncio.Queue[Json | None]] = []
        self._last: Json | None = None
        self.failure: BaseException | None = None
        self.task = asyncio.get_running_loop().create_task(self._run(work))

    async def _run(self, work: AsyncIterator[Json]) -> None:
        try:
            async for message in work:
                self._tell(message)
        except Exception as error:
            self.failure = error
        finally:
            self._tell(None)

    def _tell(self, message: Json | None) -> None:
        self._last = message or self._last
        for watcher in self._watchers:
            watcher.put_nowait(message)

    def watch(self) -> asyncio.Queue[Json | None]:
        """A queue that begins with the latest message; None at the end."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        if self._last is not None:
            queue.put_nowait(self._last)
        self._watchers.append(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Json | None]) -> None:
        """The last one to leave cancels it."""
        self._watchers.remove(queue)
        if not self._watchers and not self.task.done():
            self.task.cancel()


class Downloads:
    """The layers that running pulls download or hold.

    Args:
        release: Gives bytes of the disk back.
        kept: Whether an image has a layer.
    """

    def __init__(self, release: Callable[[int], None], kept: Callable[[str], bool]) -> None:
        self._release, self._kept = release, kept
        self._transfers: dict[str, _Transfer] = {}
        self._holders: Counter[str] = Counter()
        self.fetched: list[str] = []  #: digest of every layer whose download began, for tests

    def has(self, layer: Layer) -> bool:
        """Whether a running pull has registered it."""
        return self._holders[layer.digest] > 0

    def hold(self, layer: Layer) -> None:
        """Keep it for a pull that has it now."""
        self._holders[layer.digest] += 1

    def let_go(self, layer: Layer) -> None:
        """The pull is over; the last one leaves the layer to the images."""
        self._holders[layer.digest] -= 1
        if not self._holders[layer.digest] and not self._kept(layer.digest):
            self._release(layer.on_disk)

    async def follow(self, layer: Layer, work: Work) -> AsyncIterator[Json]:
        """The messages of a download, which is begun unless it is under way. Raises what the download raised."""
        transfer = self._transfers.get(layer.digest)
        if transfer is None:
            self.fetched.append(layer.digest)
            transfer = self._transfers[layer.digest] = _Transfer(work())
            transfer.task.add_done_callback(lambda _task: self._transfers.pop(layer.digest, None))
        queue = transfer.watch()
        try:
            while (message := await queue.get()) is not None:
                yield message
        finally:
            transfer.leave(queue)
        if transfer.failure is not None:
            raise transfer.failure
