# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether anybody still waits for the engine on a connection that a client keeps open. Pure.

Told from the head of an answer and from the last bytes of its body; a guess of it never changes a byte that passes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

#: An answer whose length its head tells, or that has no body.
_BOUNDED = re.compile(rb"HTTP/1\.[01] (?:204|304)|\r\ncontent-length:", re.IGNORECASE)
_UPGRADED = b"HTTP/1.1 101"
_HIJACK = re.compile(rb"POST (?:/v[0-9.]+)?/(exec|containers)/([\w.-]+)/(?:start|attach)[? ]")
_LAST_CHUNK = b"0\r\n\r\n"


class Exchange:
    """What has passed over one connection.

    Attributes:
        answered: Whether the engine has said a word.
        hijacked: What an upgraded connection belongs to, ``("exec", id)`` or ``("containers", name)``; None for every other one, and for a
            container that has written nothing: docker attaches to it before it starts it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moved = clock()
        self._at_rest = True
        self._head: bytearray | None = None  # of the answer that is due, as far as it came
        self._tail = b""
        self._bounded = False
        self._upgraded = False
        self._asked: tuple[str, str] | None = None
        self.hijacked: tuple[str, str] | None = None
        self.answered = False

    def sent(self, data: bytes) -> None:
        """Bytes of the client."""
        if not self._upgraded and self._head is None:
            self._head = bytearray()
            match = _HIJACK.match(data)
            self._asked = (match[1].decode(), match[2].decode()) if match else None
        self._at_rest, self._moved = False, self._clock()

    def received(self, data: bytes) -> None:
        """Bytes of the engine, cut anywhere."""
        self.answered, self._moved = True, self._clock()
        self._tail = (self._tail + data)[-len(_LAST_CHUNK) :]
        if self._head is not None:
            self._head += data
            head, end, body = bytes(self._head).partition(b"\r\n\r\n")
            if not end:
                return
            self._head = None
            self._upgraded = head.startswith(_UPGRADED)
            data = body
            self._bounded = bool(_BOUNDED.search(head))
        if self._upgraded and self._asked and (data or self._asked[0] == "exec"):
            self.hijacked = self._asked
        # A stream (logs that are followed, events) is open until its last chunk, an upgraded one (exec, attach) until it is closed.
        self._at_rest = not self._upgraded and (self._bounded or self._tail == _LAST_CHUNK)

    @property
    def silence(self) -> float:
        """Seconds since anything passed."""
        return self._clock() - self._moved

    @property
    def idle(self) -> float:
        """Seconds since the last answer ended; 0 while one is due or under way."""
        return self.silence if self._at_rest else 0.0
