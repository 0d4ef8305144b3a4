# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live log: ``time host kind: text`` for files and programs, aligned columns in colours for people at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import TextIO

from .windows.machine import LogLine

#: Every kind of line, with what it tells and the colour of its word on a terminal.
KINDS = {
    "program": ("a program that was started, with its full command line", "32"),
    "cmd": ("a line given to cmd.exe", "90"),
    "refused": ("what this Windows does not allow, or does not know", "31"),
    "service": ("a service changed", "36"),
    "feature": ("an optional feature changed", "35"),
    "reboot": ("the machine goes down and comes up", "33"),
    "engine": ("a request to the Docker Engine, or what it did", "34"),
    "wsman": ("trouble on the wire", "31"),
    "trouble": ("trouble made on purpose through the control address", "31"),
}


class LiveLog:
    """Writes log lines as they come.

    Args:
        output: Where to; colours and columns only on a terminal.
        kinds: The kinds to show; all when empty.
        width: Room for the host names.
    """

    def __init__(self, output: TextIO, kinds: Collection[str] = (), width: int = 0) -> None:
        self._output, self._kinds, self._width = output, frozenset(kinds), width
        self._write: Callable[[str, LogLine], str] = _columns if output.isatty() else _plain
        self.refused: Counter[str] = Counter()

    def __call__(self, name: str, line: LogLine) -> None:
        """One line of one machine."""
        if line.kind == "refused":
            self.refused[name] += 1
        if not self._kinds or line.kind in self._kinds:
            print(self._write(name.ljust(self._width) if self._output.isatty() else name, line), file=self._output, flush=True)


def _plain(name: str, line: LogLine) -> str:
    return f"{line.time:%H:%M:%S} {name} {line.kind}: {line.text}"


def _columns(name: str, line: LogLine) -> str:
    colour = KINDS.get(line.kind, ("", "0"))[1]
    text = line.text if line.kind != "refused" else f"\x1b[31m{line.text}\x1b[0m"
    return f"\x1b[90m{line.time.astimezone():%H:%M:%S}\x1b[0m {name}  \x1b[{colour}m{line.kind:8}\x1b[0m {text}"
