# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WMI through WS-Management: queries, Get and Invoke of the machine's CIM classes (facts/wsman.md 5)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from ..windows.cim import CimError
from . import names
from .envelope import Message
from .fault import Fault
from .fault_table import ACTION, DIALECT, FILTER, INVALID_NAMESPACE, NOT_FOUND, OTHER_NAMESPACE, RESOURCE_UNKNOWN, WMI_PROVIDER, FaultKind
from .instances import fragment, output, reference, typed

if TYPE_CHECKING:
    from ..windows.machine import Machine

_N, _W = f"{{{names.ENUMERATION}}}", f"{{{names.WSMAN}}}"
_INVALID_CLASS, _INVALID_QUERY, _INVALID_NAMESPACE, _NOT_FOUND = 0x80041010, 0x80041017, 0x8004100E, 0x80041002
_CLASS_TEXT = "The specified class does not exist in the given namespace. "


class WmiService:
    """The verbs of ``wmi/...`` resources. Each returns the body of its answer, or items."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def items(self, message: Message) -> list[str]:
        """What an Enumerate finds, as XML. Raises Fault."""
        namespace, class_name = _target(message)
        wql = _query(message.body) or f"select * from {class_name}"
        try:
            result = self._machine.cim.query(namespace, wql)
        except CimError as error:
            raise self._enumeration_fault(error, wql) from None
        mode = "" if message.body is None else (message.body.findtext(_W + "EnumerationMode") or "").strip()
        if mode == "EnumerateEPR":
            return [reference(result.cim_class, instance) for instance in result.instances]
        if mode == "EnumerateObjectAndEPR":
            return [
                f"<w:Item>{typed(result.cim_class, instance)}{reference(result.cim_class, instance)}</w:Item>"
                for instance in result.instances
            ]
        if result.columns is None:
            return [typed(result.cim_class, instance) for instance in result.instances]
        return [fragment(result.cim_class, result.columns, instance) for instance in result.instances]

    def _enumeration_fault(self, error: CimError, wql: str) -> Fault:
        if error.code == _INVALID_CLASS:
            return Fault(FILTER, _CLASS_TEXT, ("ExecQuery", wql, "WinMgmt"))
        if error.code == _INVALID_QUERY:
            return Fault(FILTER, status=("ExecQuery", wql, "WinMgmt"))
        return _other(error)

    def get(self, message: Message) -> str:
        """One instance. Raises Fault."""
        namespace, class_name = _target(message)
        try:
            cim_class, instance = self._machine.cim.get(namespace, class_name.removesuffix("=@"), _keys(message))
        except CimError as error:
            if error.code != _NOT_FOUND:
                raise _other(error) from None
            path = ",".join(f'{name}="{value}"' for name, value in _keys(message).items())
            raise Fault(NOT_FOUND, status=("GetObject", f"{class_name}.{path}", "CIMWin32")) from None
        return typed(cim_class, instance)

    async def invoke(self, message: Message) -> str:
        """Call a method: action is class URI, slash, method. Raises Fault."""
        namespace, class_name = _target(message)
        prefix, _unused, method = message.action.rpartition("/")
        if prefix.lower() != message.resource.lower():
            raise Fault(ACTION)
        parameters = {} if message.body is None else _parameters(message.body)
        try:
            cim_class, values = await self._machine.cim.invoke(namespace, class_name, method, _keys(message), parameters)
        except CimError as error:
            raise Fault(NOT_FOUND) if error.code == _NOT_FOUND else _other(error) from None
        spelled = {name.lower(): name for name in cim_class.methods}
        return output(cim_class, spelled.get(method.lower(), method), values)


def _target(message: Message) -> tuple[str, str]:
    """Namespace and class of the resource URI; a selector for the namespace must name the same one (facts/wsman.md 2.2)."""
    path = message.resource[len(names.WMI) :].split("?", 1)[0]
    namespace, _unused, class_name = path.rpartition("/")
    if not namespace or not class_name:
        raise Fault(RESOURCE_UNKNOWN)
    if message.selectors.get("__cimnamespace", namespace).replace("\\", "/").lower() != namespace.lower():
        raise Fault(OTHER_NAMESPACE)
    return namespace.lower(), class_name


def _query(body: ET.Element | None) -> str:
    """The WQL text of an Enumerate; empty without a filter. Raises Fault for another dialect."""
    found = None if body is None else body.find(_W + "Filter")
    if found is None and body is not None:
        found = body.find(_N + "Filter")
    if found is None:
        return ""
    if found.get("Dialect", names.WQL) != names.WQL:
        raise Fault(DIALECT)
    return (found.text or "").strip()


def _keys(message: Message) -> dict[str, str]:
    """The selectors with the spelling of the client, without the namespace."""
    found = message.headers.iterfind(f"{_W}SelectorSet/{_W}Selector")
    named = {element.get("Name", ""): (element.text or "").strip() for element in found}
    return {name: value for name, value in named.items() if name.lower() != "__cimnamespace"}


def _parameters(body: ET.Element) -> dict[str, Any]:
    """In-parameters: text, a list where an element is repeated, None for null, a mapping for an embedded object."""
    values: dict[str, Any] = {}
    for element in body:
        name, value = element.tag.rpartition("}")[2], _value(element)
        if name not in values:
            values[name] = value
        elif isinstance(values[name], list):
            values[name].append(value)
        else:
            values[name] = [values[name], value]
    return values


def _value(element: ET.Element) -> Any:
    if element.get(f"{{{names.XSI}}}nil", "").lower() in ("true", "1"):
        return None
    return _parameters(element) if len(element) else element.text or ""


def _other(error: CimError) -> Fault:
    """Refusals without a recording: class and namespace as the specification's example, the rest by WMI's own number (unverified)."""
    if error.code in (_INVALID_CLASS, _INVALID_NAMESPACE):
        return Fault(INVALID_NAMESPACE)
    return Fault(FaultKind(error.code, False, "w:InternalError", error.text, "", WMI_PROVIDER, nested=True))
