# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the service WinRM starts at boot: with the others, or a while later, when Hyper-V has its network (containerd-kubernetes.md 4.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RemoteError, refusal
from ..remote.cim import CimClass

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_SERVICE = CimClass("Win32_Service", {"Name": str, "StartMode": str, "DelayedAutoStart": bool})
#: The words of sc.exe; Win32_Service cannot set a delayed start (native-tools.md 2).
_SC_WORDS = {"automatic": "auto", "delayed": "delayed-auto"}


def read_winrm_start(host: RemoteHost) -> str:
    """``automatic``, ``delayed``, ``manual`` or ``disabled``."""
    rows = host.cim.query(_SERVICE, where="Name='WinRM'")
    if not rows:
        raise RemoteError("the host does not name its service WinRM", "Check that the account may see services")
    mode = str(rows[0].get("StartMode")).lower()
    if mode != "auto":
        return mode
    return "delayed" if rows[0].get("DelayedAutoStart") else "automatic"


def set_winrm_start(host: RemoteHost, mode: str) -> None:
    """Set ``automatic`` or ``delayed``. Raises RemoteError when sc.exe refuses."""
    done = host.programs.run("sc.exe", ["config", "WinRM", "start=", _SC_WORDS[mode]], timeout=60)
    if done.exit_code:
        raise refusal(done.exit_code, done.error_text or done.text)
