# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What servicing leaves in its logs (native/dism-log-unknown-feature-win10.txt, cbs-log-enable-feature-while-reboot-pending-win10-22h2.txt).

A full disk loses the lines and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..windows.files import FileError

if TYPE_CHECKING:
    from ..windows.machine import Machine

LOG = "C:\\Windows\\Logs\\DISM\\dism.log"
CBS_LOG = "C:\\Windows\\Logs\\CBS\\CBS.log"


def _write(machine: Machine, path: str, lines: list[str]) -> None:
    text = "".join(f"{machine.now():%Y-%m-%d %H:%M:%S}, {line}\r\n" for line in lines)
    with suppress(FileError):
        machine.files.append(path, text.encode())


def unknown_feature(machine: Machine, pid: int, name: str, command: str) -> None:
    """The five lines of a name that dism does not know."""
    place, code = "CPackageManagerCLIHandler", "(hr:0x800f080c)"
    who, thread = f"DISM Package Manager: PID={pid}", f"TID={pid + 8}"
    texts = [
        f"{who} {thread} Failed to get the underlying CBS Feature - CDISMPackage::OpenFeature{code}",
        f"{who} Feature name {name} is unknown. - {place}::Private_GetFeaturesFromCommandLine{code}",
        f"{who} {thread} Unknown features were specified on the command-line. - {place}::Private_GetFeaturesFromCommandLine{code}",
        f"{who} {thread} Failed to get the Feature List from the command line. - {place}::Private_ProcessFeatureChange{code}",
        f"{who} {thread} Failed while processing command {command}. - {place}::ExecuteCmdLine{code}",
    ]
    _write(machine, LOG, [f"Error                 DISM   {text}" for text in texts])


def session(machine: Machine, *, pending: bool, restart: bool) -> None:
    """A run of component based servicing; ``pending``: a restart was due already, so that the work was put off."""
    package = f"Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~~10.0.{machine.profile.base_build}.1"
    put_off = [
        f"Exec: Found package is smart pending queue:\r\n{'':33}{package}",
        f"Exec: Task package already smart pended by earlier sessions,\r\n{'':33}force package smart pend",
        "Perf: InstallUninstallChain complete.",
        "Exec: Scheduled TrustedInstaller for auto-start because session was delayed.",
        "TI: CBS has signaled that a reboot is required.",
        "Exec: Execution Skipped for now.",
    ]
    texts = [
        *(put_off if pending else ["Perf: InstallUninstallChain complete."]),
        "Exec: Processing complete. ... [HRESULT = 0x00000000 - S_OK]",
        f"Session: 31271046_3324950609 finalized. Reboot required: {'yes' if restart else 'no'} [HRESULT = 0x00000000 - S_OK]",
    ]
    _write(machine, CBS_LOG, [f"Info  CBS  {text}" for text in texts])


def rolled_back(machine: Machine, names: list[str]) -> None:
    """A change that failed while Windows started (0x800f0922, native-tools.md 1.2; the wording is *unverified*)."""
    texts = [f"Exec: Update {name} failed, rolling back [HRESULT = 0x800f0922 - CBS_E_INSTALLERS_FAILED]" for name in names]
    _write(machine, CBS_LOG, [f"Error CBS  {text}" for text in texts])
