# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_Process, with Create and Terminate (native-tools.md 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .cim import CimClass, Instance, Value
from .cim_rows import row, types

if TYPE_CHECKING:
    from .machine import Machine

_PROCESS = types(
    "string: Caption CommandLine CreationClassName CSCreationClassName CSName Description ExecutablePath Handle Name OSCreationClassName OSName "
    "Status WindowsVersion",
    "datetime: CreationDate InstallDate TerminationDate",
    "uint16: ExecutionState",
    "uint32: HandleCount MaximumWorkingSetSize MinimumWorkingSetSize PageFaults PageFileUsage ParentProcessId PeakPageFileUsage "
    "PeakWorkingSetSize Priority ProcessId QuotaNonPagedPoolUsage QuotaPagedPoolUsage QuotaPeakNonPagedPoolUsage QuotaPeakPagedPoolUsage "
    "SessionId ThreadCount",
    "uint64: KernelModeTime OtherOperationCount OtherTransferCount PeakVirtualSize PrivatePageCount ReadOperationCount ReadTransferCount "
    "UserModeTime VirtualSize WorkingSetSize WriteOperationCount WriteTransferCount",
)


def _processes(machine: Machine) -> list[Instance]:
    system = f"{machine.profile.caption}|C:\\Windows|\\Device\\Harddisk0\\Partition3"
    return [
        row(
            _PROCESS,
            Caption=entry.name,
            CommandLine=entry.command_line,
            CreationClassName="Win32_Process",
            CreationDate=entry.created,
            CSCreationClassName="Win32_ComputerSystem",
            CSName=machine.name,
            Description=entry.name,
            ExecutablePath=entry.path,
            Handle=str(entry.pid),
            HandleCount=120,
            Name=entry.name,
            OSCreationClassName="Win32_OperatingSystem",
            OSName=system,
            ParentProcessId=entry.parent,
            Priority=8,
            ProcessId=entry.pid,
            SessionId=entry.session,
            ThreadCount=4,
            WindowsVersion=machine.profile.version,
            WorkingSetSize=8_388_608,
        )
        for entry in machine.processes.all()
    ]


async def _create(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """The program runs outside any shell; its output goes nowhere. Results: 0, 9 path not found, 21 invalid parameter."""
    from ..programs.cmd import start_detached  # programs know machines; here the knowledge is only for this moment

    line = parameters.get("CommandLine")
    if not line:
        return {"ProcessId": None, "ReturnValue": 21}
    pid = await start_detached(machine, line, parameters.get("CurrentDirectory") or "C:\\Windows\\System32")
    return {"ProcessId": pid, "ReturnValue": 0 if pid else 9}


async def _terminate(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    entry = machine.processes.get(int(instance["ProcessId"])) if instance else None
    if entry is None:
        return {"ReturnValue": 9}
    if entry.pid in (0, 4) or entry.kill is None:
        return {"ReturnValue": 2}
    entry.kill()
    await asyncio.sleep(0)
    return {"ReturnValue": 0}


CLASSES = [
    CimClass(
        "Win32_Process",
        "root/cimv2",
        _PROCESS,
        ("Handle",),
        _processes,
        methods={"Create": _create, "Terminate": _terminate},
        inputs={
            "Create": {"CommandLine": "string", "CurrentDirectory": "string", "ProcessStartupInformation": "string"},
            "Terminate": {"Reason": "uint32"},
        },
        outputs={"Create": {"ProcessId": "uint32", "ReturnValue": "uint32"}, "Terminate": {"ReturnValue": "uint32"}},
    )
]
