# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a reboot is pending, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..remote.cim import Registry

# The indicators are those of native-tools.md 3, "Pending reboot indicators".
SERVICING = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing"
UPDATE = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update"
SERVER_MANAGER = "SOFTWARE\\Microsoft\\ServerManager\\ServicingStorage\\ServerComponentCache"
SESSION_MANAGER = "SYSTEM\\CurrentControlSet\\Control\\Session Manager"
COMPUTER_NAME = "SYSTEM\\CurrentControlSet\\Control\\ComputerName"


@dataclass(frozen=True)
class RebootIndicators:
    """What the registry says.

    Args:
        servicing: Names of the keys below Component Based Servicing.
        update: Names of the keys below Windows Update's Auto Update.
        server_manager: Value RestartRequired of Server Manager's cache.
        renames: Entries of PendingFileRenameOperations, pairs of source and target.
        active_name: The computer's name now.
        next_name: The computer's name after the next boot.
    """

    servicing: frozenset[str] = frozenset()
    update: frozenset[str] = frozenset()
    server_manager: int = 0
    renames: tuple[str, ...] = ()
    active_name: str = ""
    next_name: str = ""


@dataclass(frozen=True)
class PendingReboot:
    """The verdict.

    Args:
        pending: A reboot is due.
        servicing: Component based servicing waits for one: until then no feature can be changed reliably (native-tools.md 1.3).
        reasons: A clause for each indicator that is set, also for those that do not make a reboot due.
    """

    pending: bool
    servicing: bool
    reasons: tuple[str, ...]


def judge(indicators: RebootIndicators) -> PendingReboot:
    """Weigh the indicators. File renames and queued packages are told but make no reboot due: they are often set for no good reason."""
    servicing = "RebootPending" in indicators.servicing
    due = []
    if servicing:
        due.append("Windows servicing has changes that take effect at the next boot (Component Based Servicing, RebootPending)")
    if "RebootInProgress" in indicators.servicing:
        due.append("Windows servicing has a reboot in progress (Component Based Servicing, RebootInProgress)")
    if "RebootRequired" in indicators.update:
        due.append("Windows Update needs a reboot (Auto Update, RebootRequired)")
    if indicators.server_manager:
        due.append("Server Manager needs a reboot (ServerComponentCache, RestartRequired)")
    if indicators.active_name and indicators.next_name and indicators.active_name.lower() != indicators.next_name.lower():
        due.append(f"the computer is to be renamed from {indicators.active_name} to {indicators.next_name}")
    told = []
    if "PackagesPending" in indicators.servicing:
        told.append("packages are queued for servicing (PackagesPending); this alone makes no reboot due")
    renames = sum(1 for source in indicators.renames[::2] if source.strip())
    if renames:
        told.append(f"{renames} file rename(s) wait for the next boot (PendingFileRenameOperations); this alone makes no reboot due")
    return PendingReboot(bool(due), servicing, tuple(due + told))


def servicing_pending(registry: Registry) -> bool:
    """Whether component based servicing waits for a reboot; one CIM request."""
    return "RebootPending" in (registry.subkeys(SERVICING) or [])


def read_indicators(registry: Registry) -> RebootIndicators:
    """Read all indicators; a missing key or value is the normal case."""
    return RebootIndicators(
        servicing=frozenset(registry.subkeys(SERVICING) or []),
        update=frozenset(registry.subkeys(UPDATE) or []),
        server_manager=registry.dword(SERVER_MANAGER, "RestartRequired") or 0,
        renames=tuple(registry.strings(SESSION_MANAGER, "PendingFileRenameOperations") or []),
        active_name=registry.string(COMPUTER_NAME + "\\ActiveComputerName", "ComputerName") or "",
        next_name=registry.string(COMPUTER_NAME + "\\ComputerName", "ComputerName") or "",
    )
