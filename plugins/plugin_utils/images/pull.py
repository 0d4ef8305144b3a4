# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pull an image through the engine, with progress while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..engine.errors import TunnelLostError
from ..engine.failures import explaining, one_line
from ..errors import ContainersError, RemoteError, RemoteTimeout
from ..sizes import human_size
from .references import Reference

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost
    from .registry import Credentials

#: Seconds without a word after which a pull is given up. Unpacking the end of a base layer is silent for minutes.
SILENCE = 600
#: Statuses of a layer, by how far it is; others say nothing about a layer (docker-on-windows.md section 3, "Pull stream").
_DOWNLOADED = ("Verifying Checksum", "Download complete", "Extracting", "Pull complete", "Already exists")
_READY = ("Pull complete", "Already exists")
#: Statuses that bring the pull forward; only they are worth a line.
_MOVING = ("Downloading", "Extracting", "Pull complete")


@dataclass
class _Layer:
    current: int = 0
    total: int = 0
    extracted: float = 0.0
    downloaded: bool = False
    ready: bool = False


@dataclass
class PullProgress:
    """Turns the messages of a pull into lines for the user. Pure.

    A layer's size is known only once its download starts, so the total grows during the first seconds.
    """

    reference: str
    layers: dict[str, _Layer] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    _began: tuple[float, int] | None = None

    def feed(self, message: Mapping[str, Any]) -> str | None:
        """Take in one message; a line where it moved something, else None."""
        status, identifier = str(message.get("status") or ""), str(message.get("id") or "")
        if not identifier or status.startswith("Pulling from"):
            return None
        self._note(self.layers.setdefault(identifier, _Layer()), status, message.get("progressDetail") or {})
        return self.line() if status in _MOVING else None

    def _note(self, layer: _Layer, status: str, detail: Mapping[str, Any]) -> None:
        current, total = int(detail.get("current") or 0), int(detail.get("total") or 0)
        if status == "Downloading":
            layer.current, layer.total = current, max(total, layer.total)
            self._began = self._began or (self.clock(), self.downloaded)
        elif status == "Extracting" and total:
            layer.extracted = current / total
        if status in _DOWNLOADED:
            layer.current, layer.downloaded = layer.total, True
        layer.ready = layer.ready or status in _READY

    def _share(self) -> float:
        """How far the pull is, downloading and unpacking counted alike."""
        if not self.layers:
            return 0.0
        return sum(self._layer_share(layer) for layer in self.layers.values()) / len(self.layers)

    @staticmethod
    def _layer_share(layer: _Layer) -> float:
        if layer.ready:
            return 1.0
        loaded = 1.0 if layer.downloaded else (layer.current / layer.total if layer.total else 0.0)
        return min((loaded + layer.extracted) / 2, 0.99)

    @property
    def downloaded(self) -> int:
        """Bytes so far, as far as they were seen to come."""
        return sum(layer.current for layer in self.layers.values())

    def _rate(self) -> str:
        """Mean bytes per second since the first byte seen; empty before a second has passed."""
        if self._began is None or all(layer.downloaded for layer in self.layers.values()):
            return ""
        since, first = self._began
        seconds = self.clock() - since
        return f"{human_size((self.downloaded - first) / seconds)}/s, " if seconds >= 1 else ""

    def line(self) -> str:
        """Where the pull stands, in one line."""
        ready = sum(layer.ready for layer in self.layers.values())
        total = sum(layer.total for layer in self.layers.values())
        loaded = f"{human_size(self.downloaded)} of {human_size(total)} downloaded, " if total else ""
        return f"pull {self.reference}: {int(self._share() * 100)} %, {loaded}{self._rate()}{ready} of {len(self.layers)} layers ready"


def pull(
    engine: EngineClient,
    host: RemoteHost,
    reference: Reference,
    credentials: Credentials | None = None,
    silence: int = SILENCE,
) -> None:
    """Pull an image, showing progress. A download of the same layers that runs already is joined by the engine.

    Errors that arrive inside the stream (the answer itself was 200) are raised like the others.

    Args:
        credentials: Of the reference's registry.
        silence: Seconds without a word from the engine after which it is given up; how long it takes altogether does not matter.

    Raises:
        OptionError: No such image, or none for this host.
        RemoteError: Registry or disk failed, or the connection was cut.
        RemoteTimeout: Silence.
    """
    progress = PullProgress(str(reference))
    auth = credentials.header() if credentials else None
    tag = reference.digest or reference.tag
    try:
        with explaining("pull"), engine.errors(), engine.api.patience(silence):
            for message in engine.api.pull(reference.repository, tag=tag, stream=True, decode=True, auth_config=auth):
                raise_failure(message)
                line = progress.feed(message)
                if line:
                    host.progress(line)
            host.journal.count(progress.downloaded)
    except (TunnelLostError, RemoteTimeout) as error:
        raise _cut_off(error, progress, silence) from error


def _cut_off(error: RemoteError | RemoteTimeout, progress: PullProgress, silence: int) -> ContainersError:
    """What becomes of a pull that nobody follows any more: the engine cancels it and gives up what no image holds
    (moby distribution/xfer: a transfer without watchers is cancelled, and its layers are released)."""
    why = f"the engine was silent for {silence} seconds" if isinstance(error, RemoteTimeout) else error.cause
    return RemoteError(
        f"the pull was cut off ({why}) at {progress.line().partition(': ')[2]}; the engine gives up a pull that nobody follows, "
        "and keeps at most the layers it had registered",
        "Run the task again: it goes on from what is there. A pull that must survive its connection is started with detached: true",
    )


def raise_failure(message: Mapping[str, Any]) -> None:
    """Raise what a message of a stream says went wrong. Raises RemoteError."""
    failure = message.get("errorDetail") or message.get("error")
    if failure:
        text = str(failure.get("message") if isinstance(failure, dict) else failure)
        raise RemoteError(f"the engine answered: {one_line(text)}", text=text)
