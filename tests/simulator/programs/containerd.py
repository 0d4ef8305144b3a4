# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""containerd.exe on the command line: ``--version`` only (form as printed by every release; the commit is made up)."""

from __future__ import annotations

from ..windows.runtimes import MARK
from .process import Process, program


@program("containerd.exe")
async def containerd(process: Process) -> int:
    """``containerd --version``."""
    text = process.machine.files.read(process.path).decode(errors="replace")
    if [word.lower() for word in process.arguments[1:]] not in (["--version"], ["-v"]) or not text.startswith(MARK):
        process.machine.log("refused", process.command_line)
        await process.complain("containerd: this is not simulated\n")
        return 1
    await process.print(f"containerd github.com/containerd/containerd v{text.removeprefix(MARK).strip()} simulated\n")
    return 0
