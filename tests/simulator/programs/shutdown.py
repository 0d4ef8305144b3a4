# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""shutdown.exe (native-tools.md 3): the exit code is the Win32 code, the text goes to stderr with the code in parentheses."""

from __future__ import annotations

import re

from ..windows.messages import system_message
from .process import Process, program


class _Bad(Exception):
    """Not a command line of shutdown.exe."""


def _options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0).lower()
        name = word[1:].partition(":")[0]
        if word[:1] not in "/-" or name not in ("r", "s", "a", "g", "f", "t", "c", "d", "hybrid"):
            raise _Bad
        if name in ("t", "c", "d"):
            inline = word.partition(":")[2] if name != "c" else ""
            if not inline and not rest:
                raise _Bad
            found[name] = inline or rest.pop(0)
        else:
            found[name] = ""
    if sum(name in found for name in ("r", "s", "a", "g")) != 1:
        raise _Bad
    return found


def _check(options: dict[str, str]) -> int:
    """0 or 87 for values out of range."""
    delay = options.get("t", "30")
    if not delay.isdigit() or int(delay) > 315360000 or len(options.get("c", "")) > 512:
        return 87
    reason = options.get("d")
    if reason is None:
        return 0
    match = re.fullmatch(r"(?:[pu]:)?(\d+):(\d+)", reason, re.IGNORECASE)
    return 0 if match and int(match[1]) < 256 and int(match[2]) < 65536 else 87


@program("shutdown.exe")
async def shutdown(process: Process) -> int:
    machine = process.machine
    try:
        options = _options(process.arguments[1:])
    except _Bad:
        machine.log("refused", process.command_line)
        await process.print("Usage: shutdown [/i | /l | /s | /sg | /r | /g | /a | /p | /h | /e | /o] [/hybrid] [/soft] [/fw] [/f]\n")
        return 1
    code = _check(options)
    if not code and not process.is_system and not (machine.switches.remote_shutdown and process.elevated):
        code = 5
    if not code and "a" not in options and machine.switches.ignores_remote_shutdown and not process.is_system:
        machine.log("reboot", "the order was accepted but nothing happens")
        return 0
    if not code and "a" in options:
        code = machine.power.abort()
    elif not code:
        code = machine.power.schedule(int(options.get("t", "30")), restart="s" not in options)
    if code:
        await process.complain(f"{process.say(system_message(code))}({code})\n")
    return code
