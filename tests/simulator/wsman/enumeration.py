# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enumerate, Pull and Release over any list of items (facts/wsman.md 5.1)."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from collections import deque
from dataclasses import dataclass

from . import names
from .envelope import Message, escape, identifier
from .fault import Fault
from .fault_table import ENUMERATION_CONTEXT
from .settings import WinrmSettings

#: Characters left for the envelope: the fullest recorded Pull has 76,072 characters of items at a limit of 76,800 (facts/wsman.md 3.3).
OVERHEAD = 728
_N, _W = f"{{{names.ENUMERATION}}}", f"{{{names.WSMAN}}}"


@dataclass
class _Open:
    user: str
    items: deque[str]
    until: float


class Enumerations:
    """The open enumerations of one machine. A context changes with every Pull and dies with its end or its time."""

    def __init__(self, settings: WinrmSettings) -> None:
        self._settings = settings
        self._open: dict[str, _Open] = {}

    def count(self, user: str) -> int:
        """Open enumerations of a user: each counts as an operation until it ends or expires."""
        self._expire()
        return sum(entry.user == user for entry in self._open.values())

    def clear(self) -> None:
        """The service stops."""
        self._open.clear()

    def start(self, message: Message, items: list[str], characters: int) -> str:
        """The EnumerateResponse: a single item whole, of more exactly one (or what the switch says) and a context."""
        body = message.body
        queue = deque(items)
        optimized = body is not None and body.find(_W + "OptimizeEnumeration") is not None
        first = self._first(queue, body, characters) if optimized else []
        done = optimized and not queue
        context = "" if done else self._keep(message.user, queue)
        shown = f"<w:Items>{''.join(first)}</w:Items>" if optimized else ""
        end = "<w:EndOfSequence/>" if done else ""
        return f"<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext>{shown}{end}</n:EnumerateResponse>"

    def _first(self, queue: deque[str], body: ET.Element | None, characters: int) -> list[str]:
        wanted = self._settings.switches.first_items
        if len(queue) == 1:
            wanted = 1
        most = _most(body, _W + "MaxElements")
        return _take(queue, most if wanted < 0 else min(wanted, most), characters)

    def pull(self, message: Message, characters: int) -> str:
        """The PullResponse: as many as fit and are wanted. Raises Fault for a context that is not, or no longer, known."""
        entry = self._find(message)
        taken = _take(entry.items, min(_most(message.body, _N + "MaxElements"), self._settings.limits.max_batch_items), characters)
        items = f"<n:Items>{''.join(taken)}</n:Items>"
        if not entry.items:
            return f"<n:PullResponse>{items}<n:EndOfSequence/></n:PullResponse>"
        context = self._keep(message.user, entry.items)
        return f"<n:PullResponse><n:EnumerationContext>{context}</n:EnumerationContext>{items}</n:PullResponse>"

    def release(self, message: Message) -> str:
        """Give up an enumeration."""
        self._find(message)
        return ""

    def _find(self, message: Message) -> _Open:
        self._expire()
        text = "" if message.body is None else message.body.findtext(_N + "EnumerationContext") or ""
        entry = self._open.get(text.strip())
        if entry is None or entry.user != message.user:
            raise Fault(ENUMERATION_CONTEXT)
        del self._open[text.strip()]
        return entry

    def _keep(self, user: str, items: deque[str]) -> str:
        context = f"uuid:{identifier()}"
        self._open[context] = _Open(user, items, time.monotonic() + self._settings.limits.enumeration_timeout_ms / 1000)
        return escape(context)

    def _expire(self) -> None:
        now = time.monotonic()
        for context in [key for key, entry in self._open.items() if entry.until < now]:
            del self._open[context]


def _most(body: ET.Element | None, tag: str) -> int:
    """MaxElements; one where it is missing (WS-Enumeration's default)."""
    text = "" if body is None else (body.findtext(tag) or "").strip()
    return int(text) if text.isdigit() and int(text) else 1


def _take(queue: deque[str], most: int, characters: int) -> list[str]:
    """At least one item if any is wanted, then those that fit."""
    taken: list[str] = []
    room = characters - OVERHEAD
    while queue and len(taken) < most and (not taken or len(queue[0]) <= room):
        taken.append(queue.popleft())
        room -= len(taken[-1])
    return taken
