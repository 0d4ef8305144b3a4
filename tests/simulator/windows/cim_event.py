# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_NTLogEvent: of the System log what the hypervisor's launch wrote at this boot, of the Application log what programs wrote.

Event 1 success, 41 failure: native-tools.md 6 (uncertain there), 41 and its words also in
cloud-hypervisor/rust-hypervisor-firmware pull request 438. The property set is that of the class's reference page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types

if TYPE_CHECKING:
    from .machine import Machine

_EVENT = types(
    "string: CategoryString ComputerName Logfile Message SourceName Type User",
    "string[]: InsertionStrings",
    "uint8[]: Data",
    "uint16: Category EventCode",
    "uint32: EventIdentifier RecordNumber",
    "uint8: EventType",
    "datetime: TimeGenerated TimeWritten",
)
_SOURCE = "Microsoft-Windows-Hyper-V-Hypervisor"


def _events(machine: Machine) -> list[Instance]:
    return [*_hypervisor_launch(machine), *_application(machine)]


def _hypervisor_launch(machine: Machine) -> list[Instance]:
    if "hypervisor" not in machine.features.provided() or machine.hypervisor_launch == "Off" or machine.switches.silent_hypervisor_log:
        return []
    launched = machine.hypervisor_running
    time = (machine.boot_time + timedelta(seconds=2)).replace(microsecond=0)
    return [
        row(
            _EVENT,
            Category=0,
            ComputerName=machine.name,
            EventCode=1 if launched else 41,
            EventIdentifier=1 if launched else 41,
            EventType=3 if launched else 1,
            Logfile="System",
            Message="Hypervisor successfully started."
            if launched
            else "Hypervisor launch failed; Either VMX not present or not enabled in BIOS.",
            RecordNumber=101,
            SourceName=_SOURCE,
            TimeGenerated=time,
            TimeWritten=time,
            Type="Information" if launched else "Error",
            User="NT AUTHORITY\\SYSTEM",
        )
    ]


def _application(machine: Machine) -> list[Instance]:
    return [
        row(
            _EVENT,
            Category=0,
            ComputerName=machine.name,
            EventCode=code,
            EventIdentifier=code,
            EventType=1,
            InsertionStrings=[message],
            Logfile="Application",
            Message=message,
            RecordNumber=1000 + number,
            SourceName=source,
            TimeGenerated=time.replace(microsecond=0),
            TimeWritten=time.replace(microsecond=0),
            Type="Error",
            User="NT AUTHORITY\\SYSTEM",
        )
        for number, (time, source, code, message) in enumerate(machine.application_events)
    ]


CLASSES = [CimClass("Win32_NTLogEvent", "root/cimv2", _EVENT, ("Logfile", "RecordNumber"), _events)]
