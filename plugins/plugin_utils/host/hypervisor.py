# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the host's own hypervisor runs, and whether the boot loader is told to launch it (native-tools.md 5, 6)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ..errors import refusal
from .facts import COMPUTER_SYSTEM, OPERATING_SYSTEM, read_hypervisor_launch
from .platform import ComputerSystem, platform_of

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

Launch = Literal["auto", "off"]


def hypervisor_runs(host: RemoteHost) -> bool | None:
    """Whether Hyper-V, which is enabled, runs: from HypervisorPresent, and in a guest (where it is true either way) from the System log.

    Returns:
        None when nothing tells.
    """
    rows = host.cim.query(COMPUTER_SYSTEM)
    row = rows[0] if rows else {}
    present = row.get("HypervisorPresent")
    if present is False:
        return False
    manufacturer, model = str(row.get("Manufacturer") or ""), str(row.get("Model") or "")
    if platform_of(ComputerSystem(manufacturer, model, present is True), True) == "metal":
        return True if present else None
    boot_time = host.cim.get(OPERATING_SYSTEM).get("LastBootUpTime")
    launch = read_hypervisor_launch(host, boot_time if isinstance(boot_time, datetime) else None)
    return {"started": True, "failed": False}.get(launch)


def read_launch(host: RemoteHost) -> Launch:
    """What the boot loader is told: one run of bcdedit.exe. Raises RemoteError when it is refused."""
    done = host.programs.run("bcdedit.exe", ["/enum", "{current}"], timeout=60)
    if done.exit_code:
        raise refusal(done.exit_code, done.error_text or done.text)
    return parse_launch(done.text)


def parse_launch(text: str) -> Launch:
    """``hypervisorlaunchtype`` in the output of ``bcdedit /enum``: names are not translated, values may be; a missing row means Auto. Pure."""
    match = re.search(r"^hypervisorlaunchtype\s+(\S+)", text, re.MULTILINE | re.IGNORECASE)
    return "off" if match and not match[1].lower().startswith("auto") else "auto"


def launch_automatically(host: RemoteHost) -> None:
    """Let the next boot launch the hypervisor. Raises RemoteError when bcdedit.exe refuses."""
    done = host.programs.run("bcdedit.exe", ["/set", "{current}", "hypervisorlaunchtype", "auto"], timeout=60)
    if done.exit_code:
        raise refusal(done.exit_code, done.error_text or done.text)
