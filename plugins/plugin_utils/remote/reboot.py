# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reboot a host and prove it by a changed boot time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .host import RemoteHost


@dataclass(frozen=True)
class Rebooted:
    """The proof: boot time before and after, and how long it took in seconds."""

    boot_time_before: datetime
    boot_time_after: datetime
    elapsed: float


def reboot(host: RemoteHost, *, message: str = "", delay: int = 2, timeout: float = 600, settle: float = 0) -> Rebooted:
    """Reboot through ``shutdown.exe`` and wait until the boot time has changed and the host answers steadily.

    Args:
        host: Reconnected when this returns.
        message: Shown to logged-on users, at most 512 characters.
        delay: Seconds between the request and the restart, at least 2.
        timeout: Seconds for the host to come back.
        settle: Seconds to wait after it is back.

    Raises:
        RemoteError: The host refuses to reboot (with its code and cause).
        RemoteTimeout: It did not go down, or did not come back, in time; says what was seen.
    """
    raise NotImplementedError
