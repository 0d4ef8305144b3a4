# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""certutil.exe -hashfile (native-tools.md 4)."""

from __future__ import annotations

import hashlib

from ..windows.files import FileError
from .process import Process, program

_ALGORITHMS = {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"}


async def _failed(process: Process, hresult: int, win32: str) -> int:
    text = process.say("CertUtil: -hashfile command FAILED: {} ({})", f"{hresult:#x}", win32)
    reason = process.say(_MESSAGES.get(hresult, "The parameter is incorrect."))
    await process.print(f"{text}\nCertUtil: {reason}\n")
    return hresult


_MESSAGES = {
    0x80070002: "The system cannot find the file specified.",
    0x80070003: "The system cannot find the path specified.",
    0x80070005: "Access is denied.",
    0x800703EE: "The volume for a file has been externally altered so that the opened file is no longer valid.",
}
_NAMES = {2: "2 ERROR_FILE_NOT_FOUND", 3: "3 ERROR_PATH_NOT_FOUND", 5: "5 ERROR_ACCESS_DENIED"}


@program("certutil.exe")
async def certutil(process: Process) -> int:
    words = process.arguments[1:]
    if not words or words[0].lower().lstrip("-/") != "hashfile" or not 2 <= len(words) <= 3:
        process.machine.log("refused", process.command_line)
        await process.print("CertUtil: Unknown arg\n")
        return 0x80070057
    algorithm = words[2].upper() if len(words) == 3 else "SHA1"
    if algorithm not in _ALGORITHMS:
        return await _failed(process, 0xD00000BB, "-805306181")
    try:
        content = process.machine.files.read(process.absolute(words[1]))
    except FileError as error:
        return await _failed(process, 0x80070000 | error.code, f"WIN32: {_NAMES.get(error.code, str(error.code))}")
    if not content:
        return await _failed(process, 0x800703EE, "WIN32: 1006 ERROR_FILE_INVALID")
    digest = hashlib.new(algorithm.lower(), content).hexdigest()
    head, end = process.say("{} hash of {}:", algorithm, words[1]), process.say("CertUtil: -hashfile command completed successfully.")
    await process.print(f"{head}\n{digest}\n{end}\n")
    return 0
