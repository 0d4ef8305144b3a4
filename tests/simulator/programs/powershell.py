# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""powershell.exe: blocked by policy, but for the one literal line a Windows without tar.exe needs to write bytes (Server 2016).

It is compared letter by letter: a line that is only similar is refused like all others.
"""

from __future__ import annotations

from ..windows.files import FileError
from .blocked import blocked
from .process import Process, program

#: Builds from here on have tar.exe, and nothing to ask of PowerShell (native-tools.md 4).
_HAS_TAR = 17134
_OPTIONS = ["-NoProfile", "-NonInteractive", "-InputFormat", "None", "-Command"]
_SCRIPT = "$file = [IO.File]::Create('winfleet.part'); [Console]::OpenStandardInput().CopyTo($file); $file.Close()"


@program("powershell.exe")
async def powershell(process: Process) -> int:
    if process.machine.profile.build >= _HAS_TAR or process.arguments[1:] != [*_OPTIONS, _SCRIPT]:
        return await blocked(process)
    content = await process.stdin.read_all()
    try:
        process.machine.files.write(process.absolute("winfleet.part"), content)
    except FileError as error:
        await process.complain(f'Exception calling "CopyTo" with "1" argument(s): "{error.text}"\n')
        return 1
    return 0
