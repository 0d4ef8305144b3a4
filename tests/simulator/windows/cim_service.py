# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_Service and its methods, whose results are a table of their own (native-tools.md 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .cim import CimClass, Instance, Value
from .cim_rows import row, types
from .service import DRIVERS

if TYPE_CHECKING:
    from .machine import Machine
    from .service import Service

_SERVICE = types(
    "boolean: AcceptPause AcceptStop DelayedAutoStart DesktopInteract Started",
    "string: Caption CreationClassName Description DisplayName ErrorControl Name PathName ServiceType StartMode StartName State Status "
    "SystemCreationClassName SystemName",
    "uint32: CheckPoint ExitCode ProcessId ServiceSpecificExitCode TagId WaitHint",
    "datetime: InstallDate",
)
_ERROR_CONTROL = {0: "Ignore", 1: "Normal", 2: "Severe", 3: "Critical"}
_TYPE = {1: "Kernel Driver", 2: "File System Driver", 16: "Own Process", 32: "Share Process"}
#: What ChangeStartMode and Create are told, against what StartMode says (native-tools.md 2).
_START_MODES = {"boot": "Boot", "system": "System", "automatic": "Auto", "manual": "Manual", "disabled": "Disabled"}
#: Win32 code of the service control manager to the methods' own result.
_RESULTS = {
    0: 0,
    2: 9,
    3: 9,
    5: 2,
    87: 21,
    123: 20,
    1051: 3,
    1052: 4,
    1053: 7,
    1055: 11,
    1056: 10,
    1057: 22,
    1058: 14,
    1061: 5,
    1062: 6,
    1068: 13,
    1069: 15,
    1072: 16,
    1073: 23,
    1078: 19,
}


def _instance(machine: Machine, service: Service) -> Instance:
    return row(
        _SERVICE,
        AcceptPause=False,
        AcceptStop=service.accept_stop and service.state == "Running",
        Caption=service.display_name,
        CheckPoint=0,
        CreationClassName="Win32_Service",
        DelayedAutoStart=service.delayed,
        Description=service.description or None,
        DesktopInteract=False,
        DisplayName=service.display_name,
        ErrorControl=_ERROR_CONTROL.get(service.error_control, "Unknown"),
        ExitCode=service.exit_code,
        Name=service.name,
        PathName=service.path,
        ProcessId=service.pid,
        ServiceSpecificExitCode=service.specific_code,
        ServiceType=_TYPE.get(service.type, "Unknown"),
        Started=service.state == "Running",
        StartMode=service.start_mode,
        StartName=service.account,
        State=service.state,
        Status="OK",
        SystemCreationClassName="Win32_ComputerSystem",
        SystemName=machine.name,
        TagId=0,
        WaitHint=0,
    )


def _services(machine: Machine) -> list[Instance]:
    return [_instance(machine, service) for service in machine.services.all() if service.type not in DRIVERS]


def _result(code: int) -> Instance:
    return {"ReturnValue": _RESULTS.get(code, 8)}


def _service(machine: Machine, instance: Instance | None) -> Service | None:
    return machine.services.get(str(instance["Name"])) if instance else None


async def _start(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    service = _service(machine, instance)
    return _result(await machine.services.start(service.name)) if service else {"ReturnValue": 21}


async def _stop(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    service = _service(machine, instance)
    return _result(await machine.services.stop(service.name)) if service else {"ReturnValue": 21}


async def _delete(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    service = _service(machine, instance)
    return _result(machine.services.delete(service.name)) if service else {"ReturnValue": 21}


async def _change_start_mode(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    service = _service(machine, instance)
    mode = _START_MODES.get(str(parameters.get("StartMode")).lower())
    if service is None or mode is None:
        return {"ReturnValue": 21}
    service.start_mode = mode
    machine.services.save(service)
    return {"ReturnValue": 0}


async def _change(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """Null parameters leave a property as it is."""
    service = _service(machine, instance)
    given = {name: value for name, value in parameters.items() if value is not None}
    mode = _START_MODES.get(str(given.get("StartMode", "manual")).lower())
    if service is None or mode is None:
        return {"ReturnValue": 21}
    if service.marked_for_deletion:
        return {"ReturnValue": 16}
    service.display_name = given.get("DisplayName", service.display_name)
    service.path = given.get("PathName", service.path)
    service.start_mode = mode if "StartMode" in given else service.start_mode
    service.account = given.get("StartName", service.account)
    service.dependencies = list(given.get("ServiceDependencies", service.dependencies))
    machine.services.save(service)
    return {"ReturnValue": 0}


async def _create(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    mode = _START_MODES.get(str(parameters.get("StartMode")).lower())
    if not parameters.get("Name") or not parameters.get("PathName") or mode is None:
        return {"ReturnValue": 21}
    code = machine.services.create(
        parameters["Name"],
        parameters["PathName"],
        display_name=parameters.get("DisplayName") or "",
        start_mode=mode,
        type=parameters.get("ServiceType") or 16,
        error_control=1 if parameters.get("ErrorControl") is None else parameters["ErrorControl"],
        account=parameters.get("StartName") or "LocalSystem",
        dependencies=parameters.get("ServiceDependencies") or (),
    )
    return _result(code)


async def _interrogate(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    service = _service(machine, instance)
    return {"ReturnValue": 0 if service and service.state == "Running" else 6}


_CHANGE = {
    "DisplayName": "string",
    "PathName": "string",
    "ServiceType": "uint8",
    "ErrorControl": "uint8",
    "StartMode": "string",
    "DesktopInteract": "boolean",
    "StartName": "string",
    "StartPassword": "string",
    "LoadOrderGroup": "string",
    "LoadOrderGroupDependencies": "string[]",
    "ServiceDependencies": "string[]",
}
_METHODS = {
    "StartService": _start,
    "StopService": _stop,
    "Delete": _delete,
    "ChangeStartMode": _change_start_mode,
    "Change": _change,
    "Create": _create,
    "InterrogateService": _interrogate,
}

CLASSES = [
    CimClass(
        "Win32_Service",
        "root/cimv2",
        _SERVICE,
        ("Name",),
        _services,
        methods=_METHODS,
        inputs={"ChangeStartMode": {"StartMode": "string"}, "Change": _CHANGE, "Create": {"Name": "string", **_CHANGE}},
        outputs={name: {"ReturnValue": "uint32"} for name in _METHODS},
    )
]
