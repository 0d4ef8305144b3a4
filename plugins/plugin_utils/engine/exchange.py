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
_LAST_CHUNK = b"0\r\n\r\n"


class Exchange:
    """What has passed over one connection.

    Attributes:
        answered: Whether the engine has said a word.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moved = clock()
        self._at_rest = True
        self._head_due = False
        self._bounded = False
        self._upgraded = False
        self.answered = False

    def sent(self, data: bytes) -> None:
        """Bytes of the client."""
        self._at_rest, self._head_due, self._moved = False, True, self._clock()

    def received(self, data: bytes) -> None:
        """Bytes of the engine."""
        if self._head_due:
            self._head_due = False
            self._upgraded = self._upgraded or data.startswith(_UPGRADED)
            self._bounded = bool(_BOUNDED.search(data.partition(b"\r\n\r\n")[0]))
        self.answered, self._moved = True, self._clock()
        # A stream (logs that are followed, events) is open until its last chunk, an upgraded one (exec, attach) until it is closed.
        self._at_rest = not self._upgraded and (self._bounded or data.endswith(_LAST_CHUNK))

    @property
    def idle(self) -> float:
        """Seconds since the last answer ended; 0 while one is due or under way."""
        return self._clock() - self._moved if self._at_rest else 0.0
