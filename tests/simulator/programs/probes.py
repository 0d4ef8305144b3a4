# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs by which one tries out pipes and shells: findstr reads its input, ping runs until it is ended (all unverified)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from ..streams import Pipe
from .process import Process, program


async def _lines(pipe: Pipe) -> AsyncIterator[bytes]:
    """Lines without their ends, as they come."""
    rest = b""
    while data := await pipe.read():
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r")
    if rest:
        yield rest.rstrip(b"\r")


@program("findstr.exe")
async def findstr(process: Process) -> int:
    """``/R pattern`` or ``/C:text``, ``/I``, ``/V``, over stdin or one file; 1 without a match (unverified)."""
    words = process.arguments[1:]
    literal = next((word[3:] for word in words if word[:3].lower() == "/c:"), None)
    switches = {word.lower() for word in words if word.startswith("/") and word[:3].lower() != "/c:"}
    plain = [word for word in words if not word.startswith("/")]
    # Blanks part several patterns, of which one is enough.
    pattern = re.escape(literal) if literal is not None else "|".join(plain.pop(0).split()) if plain else ""
    if not pattern or len(plain) > 1 or switches - {"/r", "/i", "/v"}:
        process.machine.log("refused", process.command_line)
        await process.complain("FINDSTR: Bad command line\n")
        return 2
    if plain:
        if not process.machine.files.is_file(process.absolute(plain[0])):
            await process.complain(f"FINDSTR: Cannot open {plain[0]}\n")
            return 1
        source = Pipe(1 << 30)
        await source.write(process.machine.files.read(process.absolute(plain[0])))
        await source.end()
    else:
        source = process.stdin
    found = False
    async for line in _lines(source):
        if bool(re.search(pattern.encode(), line, re.IGNORECASE if "/i" in switches else 0)) != ("/v" in switches):
            found = True
            await process.stdout.write(line + b"\r\n")
    return 0 if found else 1


@program("ping.exe")
async def ping(process: Process) -> int:
    """Answers for this machine and its loopback addresses only; ``-t`` until ended, ``-n`` times otherwise."""
    words = [word.lower().replace("/", "-", 1) if word[0] in "-/" else word for word in process.arguments[1:] if word]
    forever, count, target = "-t" in words, "4", words[-1] if words else ""
    if "-n" in words:
        count = (words[words.index("-n") + 1 :] or [""])[0]
        if not count:
            await process.print("Value must be supplied for option -n.\n")
            return 1
        if not count.isdigit() or count == "0":
            await process.print("Bad value for option -n, valid range is from 1 to 4294967295.\n")
            return 1
    if {word for word in words if word[0] == "-"} - {"-t", "-n"} or not target:
        process.machine.log("refused", process.command_line)
        await process.print("\nUsage: ping [-t] [-n count] target_name\n")
        return 1
    left = int(count)
    if target.lower() not in ("localhost", process.machine.name.lower()) and not target.startswith("127."):
        await process.print(f"Ping request could not find host {target}. Please check the name and try again.\n")
        return 1
    await process.print(f"\nPinging {target} with 32 bytes of data:\n")
    while forever or left:
        await process.print(f"Reply from {target}: bytes=32 time<1ms TTL=128\n")
        left -= 1
        await asyncio.sleep(1)
    return 0
