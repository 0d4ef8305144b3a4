# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_Process and its methods (native-tools.md 6)."""

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
    """The program runs outside any shell; its output goes nowhere. Results: 0, 2 denied, 9 path not found, 21 invalid parameter."""
    from ..programs.starts import start_detached  # programs know machines; here the knowledge is only for this moment

    line = parameters.get("CommandLine")
    if not line:
        return {"ProcessId": None, "ReturnValue": 21}
    if machine.switches.wmi_creation_blocked:  # Defender's rule against process creations from PSExec and WMI (native-tools.md 6)
        return {"ProcessId": None, "ReturnValue": 2}
    folder = parameters.get("CurrentDirectory")
    if folder and not machine.files.is_folder(folder):
        return {"ProcessId": None, "ReturnValue": 9}
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


async def _get_owner(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """Results: 0, 2 for processes nobody may open, 9 for one that is gone."""
    entry = machine.processes.get(int(instance["ProcessId"])) if instance else None
    if entry is None or entry.pid in (0, 4):
        return {"Domain": None, "User": None, "ReturnValue": 2 if entry else 9}
    domain, _unused, user = entry.owner.rpartition("\\")
    wellknown = {"SYSTEM": "NT AUTHORITY", "ContainerAdministrator": "User Manager"}
    return {"Domain": domain or wellknown.get(user, machine.name), "User": user, "ReturnValue": 0}


async def _get_owner_sid(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    owner = await _get_owner(machine, instance, parameters)
    sids = {"SYSTEM": "S-1-5-18", "ContainerAdministrator": "S-1-5-93-2-1"}
    sid = None if owner["ReturnValue"] else sids.get(owner["User"], "S-1-5-21-1004336348-1177238915-682003330-1001")
    return {"Sid": sid, "ReturnValue": owner["ReturnValue"]}


async def _set_priority(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """Accepted without an effect: nothing here has a priority."""
    return {"ReturnValue": 0 if instance and parameters.get("Priority") in (64, 16384, 32, 32768, 128, 256) else 21}


CLASSES = [
    CimClass(
        "Win32_Process",
        "root/cimv2",
        _PROCESS,
        ("Handle",),
        _processes,
        methods={
            "Create": _create,
            "Terminate": _terminate,
            "GetOwner": _get_owner,
            "GetOwnerSid": _get_owner_sid,
            "SetPriority": _set_priority,
        },
        inputs={
            "Create": {"CommandLine": "string", "CurrentDirectory": "string", "ProcessStartupInformation": "string"},
            "Terminate": {"Reason": "uint32"},
            "SetPriority": {"Priority": "sint32"},
        },
        outputs={
            "Create": {"ProcessId": "uint32", "ReturnValue": "uint32"},
            "Terminate": {"ReturnValue": "uint32"},
            "GetOwner": {"Domain": "string", "User": "string", "ReturnValue": "uint32"},
            "GetOwnerSid": {"Sid": "string", "ReturnValue": "uint32"},
            "SetPriority": {"ReturnValue": "uint32"},
        },
    )
]
