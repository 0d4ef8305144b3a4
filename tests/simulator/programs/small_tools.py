# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that only tell: where, whoami, hostname (native-tools.md 5; texts *unverified*)."""

from __future__ import annotations

import fnmatch

from ..windows.files import File, absolute
from .process import Process, program


@program("where.exe")
async def where(process: Process) -> int:
    """Every match in the current folder and along PATH; exit code 1 when there is none (native-tools.md 5, unverified)."""
    patterns = [word for word in process.arguments[1:] if not word.startswith("/")]
    switches = {word.lower() for word in process.arguments[1:] if word.startswith("/")}
    if not patterns or switches - {"/q"}:
        process.machine.log("refused", process.command_line)
        await process.complain(process.say("ERROR: Invalid argument or option.") + "\n")
        return 2
    folders = [process.working_directory, *process.environment.get("PATH", "").split(";")]
    extensions = ["", *process.environment.get("PATHEXT", "").lower().split(";")]
    files = process.machine.files
    found: list[str] = []
    for pattern in patterns:
        for folder in filter(None, folders):
            children = files.list(absolute(folder)) if files.is_folder(folder) else []
            for child in children:
                match = any(fnmatch.fnmatchcase(child.name.lower(), pattern.lower() + extension) for extension in extensions)
                path = absolute(child.name, files.real_path(folder))
                if match and isinstance(child, File) and path not in found:
                    found.append(path)
    if not found:
        await process.complain(process.say("INFO: Could not find files for the given pattern(s).") + "\n")
        return 1
    if "/q" not in switches:
        await process.print("".join(f"{path}\n" for path in found))
    return 0


@program("whoami.exe")
async def whoami(process: Process) -> int:
    if len(process.arguments) > 1:
        process.machine.log("refused", process.command_line)
        await process.complain("ERROR: Invalid argument/option - '" + process.arguments[1] + "'.\n")
        return 1
    user = process.user or process.environment.get("USERNAME", "system")
    await process.print((user if "\\" in user else f"{process.machine.name}\\{user}").lower() + "\n")
    return 0


@program("hostname.exe")
async def hostname(process: Process) -> int:
    if any(word[:1] in ("-", "/") for word in process.arguments[1:]):
        process.machine.log("refused", process.command_line)
        await process.complain("sethostname: Use the Network Control Panel Applet to set hostname.\nhostname -s is not supported.\n")
        return 1
    await process.print(f"{process.machine.name}\n")
    return 0
