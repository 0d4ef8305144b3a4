# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Console-mode stdin: what a host does that honours WINRS_CONSOLEMODE_STDIN (facts/wsman.md 4.5, reported, a switch)."""

from __future__ import annotations

import codecs
from collections.abc import Callable

#: ANSI code page of an English Windows.
ANSI = "cp1252"


def console_text(code_page: int) -> Callable[[bytes], bytes]:
    """A function that carries bytes through the console's code page into the ANSI one: only text survives."""
    name = "utf-8" if code_page == 65001 else f"cp{code_page}"
    try:
        codecs.lookup(name)
    except LookupError:
        name = "cp437"

    def convert(data: bytes) -> bytes:
        return data.decode(name, "replace").encode(ANSI, "replace")

    return convert
