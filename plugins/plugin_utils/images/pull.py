# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pull an image through the engine, with progress while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import RemoteError
from .failures import PULL_MEANINGS, explaining
from .references import Reference

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost

#: Shares of the way after which another line is due.
_STEP = 0.1
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
    _shown: float = -1.0

    def feed(self, message: Mapping[str, Any]) -> str | None:
        """Take in one message; the line that is due, or None."""
        status, identifier = str(message.get("status") or ""), str(message.get("id") or "")
        if not identifier or status.startswith("Pulling from"):
            return None
        self._note(self.layers.setdefault(identifier, _Layer()), status, message.get("progressDetail") or {})
        share = self._share()
        self._shown = min(self._shown, share)  # layers that only now became known make it fall
        if status not in _MOVING or (share < self._shown + _STEP and not share >= 1 > self._shown):
            return None
        self._shown = share
        return self.line()

    def _note(self, layer: _Layer, status: str, detail: Mapping[str, Any]) -> None:
        current, total = int(detail.get("current") or 0), int(detail.get("total") or 0)
        if status == "Downloading":
            layer.current, layer.total = current, max(total, layer.total)
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

    def line(self) -> str:
        """Where the pull stands, in one line."""
        ready = sum(layer.ready for layer in self.layers.values())
        current = sum(layer.current for layer in self.layers.values())
        total = sum(layer.total for layer in self.layers.values())
        loaded = f"{human_size(current)} of {human_size(total)} downloaded, " if total else ""
        return f"pull {self.reference}: {int(self._share() * 100)} %, {loaded}{ready} of {len(self.layers)} layers ready"


def human_size(count: int) -> str:
    """Bytes in the unit a person would choose, decimal as the engine prints them."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def pull(engine: EngineClient, host: RemoteHost, reference: Reference) -> None:
    """Pull an image, showing progress.

    Errors that arrive inside the stream (the answer itself was 200) are raised like the others.

    Raises:
        OptionError: No such image, or none for this host.
        RemoteError: Registry or disk failed.
    """
    progress = PullProgress(str(reference))
    with explaining(PULL_MEANINGS), engine.errors():
        tag = reference.digest or reference.tag
        for message in engine.api.pull(reference.repository, tag=tag, stream=True, decode=True):
            failure = message.get("errorDetail") or message.get("error")
            if failure:
                text = str(failure.get("message") if isinstance(failure, dict) else failure)
                raise RemoteError(f"the engine answered: {text}", text=text)
            line = progress.feed(message)
            if line:
                host.progress(line)
