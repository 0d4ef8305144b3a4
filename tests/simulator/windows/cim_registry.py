# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""StdRegProv: the registry's provider, static methods only (native-tools.md 6). Results: 0 or a Win32 code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from .cim import CimClass, Instance, Value
from .environment import expand
from .registry import HIVES, REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_QWORD, REG_SZ, Key
from .setup import environment

if TYPE_CHECKING:
    from .machine import Machine

Method = Callable[["Machine", Instance | None, Mapping[str, Value]], Awaitable[Instance]]
_LOCAL_MACHINE = 2147483650
_PLACE = {"hDefKey": "uint32", "sSubKeyName": "string"}
_VALUE = {**_PLACE, "sValueName": "string"}
#: Suffix of Get.../Set...Value: registry type, CIM type, name of the data parameter.
_KINDS = {
    "String": (REG_SZ, "string", "sValue"),
    "ExpandedString": (REG_EXPAND_SZ, "string", "sValue"),
    "MultiString": (REG_MULTI_SZ, "string[]", "sValue"),
    "DWORD": (REG_DWORD, "uint32", "uValue"),
    "QWORD": (REG_QWORD, "uint64", "uValue"),
    "Binary": (REG_BINARY, "uint8[]", "uValue"),
}


def _place(parameters: Mapping[str, Value]) -> tuple[str, str]:
    hive = parameters.get("hDefKey")
    return HIVES.get(_LOCAL_MACHINE if hive is None else hive, ""), str(parameters.get("sSubKeyName") or "")


def _key(machine: Machine, parameters: Mapping[str, Value]) -> Key | None:
    hive, path = _place(parameters)
    return machine.registry.key(path, hive) if hive else None


def _denied(machine: Machine, parameters: Mapping[str, Value]) -> bool:
    hive, path = _place(parameters)
    lowered = path.lower().strip("\\")
    knobs = machine.registry.denied
    return hive == "HKEY_LOCAL_MACHINE" and any(lowered == knob or lowered.startswith(knob + "\\") for knob in knobs)


async def _enum_key(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    key = _key(machine, parameters)
    names = [child.name for child in key.children.values()] if key else None
    return {"sNames": names or None, "ReturnValue": 0 if key else 2}


async def _enum_values(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    key = _key(machine, parameters)
    values = list(key.values.values()) if key else []
    return {
        "sNames": [value.name for value in values] or None,
        "Types": [value.type for value in values] or None,
        "ReturnValue": 0 if key else 2,
    }


async def _create_key(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    hive, path = _place(parameters)
    if not hive or not path or _denied(machine, parameters):
        return {"ReturnValue": 5 if hive and path else 87}
    machine.registry.create(path, hive=hive)
    return {"ReturnValue": 0}


async def _delete_key(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """A key with subkeys is refused (as RegDeleteKey does)."""
    hive, path = _place(parameters)
    if not hive or _denied(machine, parameters):
        return {"ReturnValue": 5}
    return {"ReturnValue": machine.registry.delete_key(path, hive, recursive=False)}


async def _delete_value(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    hive, path = _place(parameters)
    if not hive or _denied(machine, parameters):
        return {"ReturnValue": 5}
    return {"ReturnValue": machine.registry.delete_value(path, str(parameters.get("sValueName") or ""), hive)}


#: Rights that change a key: set value, create subkey, delete, write DAC, write owner, and the generic ones.
_WRITING = 0x2 | 0x4 | 0x10000 | 0x40000 | 0x80000 | 0x10000000 | 0x40000000


async def _check_access(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
    """Without ``uRequired`` it asks for query value and set value, as documented."""
    if _key(machine, parameters) is None:
        return {"bGranted": False, "ReturnValue": 2}
    required = parameters.get("uRequired")
    granted = not (_denied(machine, parameters) and (3 if required is None else required) & _WRITING)
    return {"bGranted": granted, "ReturnValue": 0 if granted else 5}


def _getter(kind: str) -> Method:
    registry_type, _unused, out = _KINDS[kind]

    async def get(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
        key = _key(machine, parameters)
        value = key.values.get(str(parameters.get("sValueName") or "").lower()) if key else None
        if value is None:
            return {out: None, "ReturnValue": 2 if key is None else machine.switches.missing_value_result}
        text_types = {REG_SZ, REG_EXPAND_SZ}
        if value.type != registry_type and not {value.type, registry_type} <= text_types:
            return {out: None, "ReturnValue": 2147749893}
        data: Value = value.data
        if value.type == REG_EXPAND_SZ:
            data = expand(str(data), environment(machine, ""))  # the provider expands on read
        elif isinstance(data, bytes):
            data = list(data)
        return {out: data, "ReturnValue": 0}

    return get


def _setter(kind: str) -> Method:
    registry_type, _unused, name = _KINDS[kind]

    async def set_(machine: Machine, instance: Instance | None, parameters: Mapping[str, Value]) -> Instance:
        hive, path = _place(parameters)
        if not hive or machine.registry.key(path, hive) is None:
            return {"ReturnValue": 2}
        if _denied(machine, parameters):
            return {"ReturnValue": 5}
        data = parameters.get(name)
        if kind == "Binary":
            data = bytes(data or [])
        elif kind == "MultiString":
            data = list(data or [])
        elif data is None:
            data = "" if kind.endswith("String") else 0
        machine.registry.set(path, str(parameters.get("sValueName") or ""), data, registry_type, hive)
        return {"ReturnValue": 0}

    return set_


_METHODS: dict[str, Method] = {
    "EnumKey": _enum_key,
    "EnumValues": _enum_values,
    "CreateKey": _create_key,
    "DeleteKey": _delete_key,
    "DeleteValue": _delete_value,
    "CheckAccess": _check_access,
}
_INPUTS: dict[str, dict[str, str]] = {
    "EnumKey": _PLACE,
    "EnumValues": _PLACE,
    "CreateKey": _PLACE,
    "DeleteKey": _PLACE,
    "DeleteValue": _VALUE,
    "CheckAccess": {**_PLACE, "uRequired": "uint32"},
}
_RESULT = {"ReturnValue": "uint32"}
_OUTPUTS: dict[str, dict[str, str]] = {
    "EnumKey": {"sNames": "string[]", **_RESULT},
    "EnumValues": {"sNames": "string[]", "Types": "sint32[]", **_RESULT},
    "CreateKey": _RESULT,
    "DeleteKey": _RESULT,
    "DeleteValue": _RESULT,
    "CheckAccess": {"bGranted": "boolean", **_RESULT},
}
for _kind, (_, _cim_type, _data) in _KINDS.items():
    _METHODS[f"Get{_kind}Value"] = _getter(_kind)
    _METHODS[f"Set{_kind}Value"] = _setter(_kind)
    _INPUTS[f"Get{_kind}Value"] = _VALUE
    _INPUTS[f"Set{_kind}Value"] = {**_VALUE, _data: _cim_type}
    _OUTPUTS[f"Get{_kind}Value"] = {_data: _cim_type, **_RESULT}
    _OUTPUTS[f"Set{_kind}Value"] = _RESULT

# root\default is where the documentation has it; current Windows registers it in root\cimv2 too.
CLASSES = [
    CimClass("StdRegProv", namespace, {}, (), lambda machine: [], methods=_METHODS, inputs=_INPUTS, outputs=_OUTPUTS)
    for namespace in ("root/default", "root/cimv2")
]
