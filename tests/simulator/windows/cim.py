# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM: the classes a machine has, answered from its state. Protocol-free: WS-Man wraps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import wql as wql_language

if TYPE_CHECKING:
    from .machine import Machine

#: A property's value in Python: str, int, bool, datetime, None, or a list of these.
Value = Any
Instance = dict[str, Value]


class CimError(Exception):
    """A refusal by WMI; ``code`` is the WBEM HRESULT (0x8004....), ``text`` Windows' own words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass
class CimClass:
    """One class of one namespace.

    Args:
        name: As Windows spells it.
        namespace: ``root/cimv2``.
        properties: Every property in the class's order, with its CIM type (``string``, ``uint32``, ``boolean``, ``datetime``, ``string[]`` ...).
        keys: Names of the key properties; empty for a singleton.
        instances: Computes all instances from the machine's state, each with every property.
        methods: Name to ``async (machine, key instance or None, parameters) -> out-parameters with ReturnValue``.
        outputs: Method name to the CIM types of its out-parameters, in order.
        inputs: Method name to the CIM types of its in-parameters, in order.
        exact: Properties whose texts are compared with case in WQL (native-tools.md 1.1).
        servers_only: A client has no such class, nor its namespace if it holds nothing else.
        present: Whether the machine has it now, and its namespace if that holds nothing else.
    """

    name: str
    namespace: str
    properties: Mapping[str, str]
    keys: tuple[str, ...]
    instances: Callable[[Machine], list[Instance]]
    methods: Mapping[str, Callable[[Machine, Instance | None, Mapping[str, Value]], Awaitable[Instance]]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()
    servers_only: bool = False
    present: Callable[[Machine], bool] = lambda machine: True


@dataclass(frozen=True)
class QueryResult:
    """What a WQL query gives: the class, the named columns (None for ``select *``) and the matching instances."""

    cim_class: CimClass
    columns: tuple[str, ...] | None
    instances: tuple[Instance, ...]


INVALID_CLASS, INVALID_NAMESPACE, NOT_FOUND, INVALID_QUERY = 0x80041010, 0x8004100E, 0x80041002, 0x80041017
INVALID_PARAMETER, INVALID_METHOD, ACCESS_DENIED = 0x80041008, 0x8004102E, 0x80041003

_TEXTS = {
    INVALID_CLASS: "Invalid class ",
    INVALID_NAMESPACE: "Invalid namespace ",
    NOT_FOUND: "Not found ",
    INVALID_QUERY: "Invalid query ",
    INVALID_PARAMETER: "Invalid parameter ",
    INVALID_METHOD: "Invalid method ",
    ACCESS_DENIED: "Access denied ",
}


def refuse(code: int) -> CimError:
    """The error of a WBEM code with Windows' own text."""
    return CimError(code, _TEXTS[code])


def convert(cim_type: str, value: Value) -> Value:
    """A parameter's text as the Python value of a CIM type. Raises CimError 0x80041008."""
    if value is None:
        return None
    if cim_type.endswith("[]"):
        items = value if isinstance(value, (list, tuple)) else [value]
        return [convert(cim_type[:-2], item) for item in items]
    if isinstance(value, (list, tuple)):
        raise refuse(INVALID_PARAMETER)
    if cim_type == "boolean":
        if str(value).lower() not in ("true", "false", "0", "1"):
            raise refuse(INVALID_PARAMETER)
        return str(value).lower() in ("true", "1")
    if cim_type.startswith(("uint", "sint")):
        try:
            return int(str(value), 0)
        except ValueError:
            raise refuse(INVALID_PARAMETER) from None
    return value if isinstance(value, datetime) else str(value)


class Cim:
    """All classes of one machine.

    Attributes:
        denied: Lower-case class names whose every use is refused with access denied (a test's knob).
    """

    def __init__(self, machine: Machine) -> None:
        from .cim_classes import all_classes  # those modules need the types above

        self.machine = machine
        self.denied: set[str] = set()
        known = [one for one in all_classes() if machine.profile.is_server or not one.servers_only]
        self._classes = {(one.namespace, one.name.lower()): one for one in known}

    def add(self, cim_class: CimClass) -> None:
        """Add a class, for tests and extensions."""
        self._classes[cim_class.namespace, cim_class.name.lower()] = cim_class

    def classes(self) -> list[CimClass]:
        return [one for one in self._classes.values() if one.present(self.machine)]

    def find(self, namespace: str, class_name: str) -> CimClass:
        """Raises CimError: 0x8004100E invalid namespace, 0x80041010 invalid class."""
        namespace = namespace.replace("\\", "/").strip("/").lower()
        if not self._namespace_exists(namespace):
            self.machine.log("refused", f"CIM namespace {namespace} ({class_name})")
            raise refuse(INVALID_NAMESPACE)
        found = self._classes.get((namespace, class_name.lower()))
        if found is None or not found.present(self.machine):
            self.machine.log("refused", f"CIM class {namespace}/{class_name}")
            raise refuse(INVALID_CLASS)
        if found.name.lower() in self.denied:
            raise refuse(ACCESS_DENIED)
        return found

    def _namespace_exists(self, namespace: str) -> bool:
        """The virtualisation namespace comes with the Hyper-V management provider (native-tools.md 6); its classes are not simulated."""
        held = any(one.present(self.machine) for (place, _unused), one in self._classes.items() if place == namespace)
        return held or (namespace == "root/virtualization/v2" and self.machine.services.get("vmms") is not None)

    def query(self, namespace: str, wql: str) -> QueryResult:
        """Raises CimError: 0x80041017 invalid query, and as :meth:`find`."""
        try:
            parsed = wql_language.parse(wql)
            cim_class = self.find(namespace, parsed.class_name)
            spelt = {name.lower(): name for name in cim_class.properties}
            unknown = [name for name in (*(parsed.columns or ()), *parsed.names) if name.lower() not in spelt and not name.startswith("__")]
            if unknown:
                raise wql_language.WqlError(f"no property {unknown[0]}")
            found = self._matching(cim_class, parsed)
        except wql_language.WqlError as error:
            self.machine.log("refused", f"WQL {wql!r}: {error}")
            raise refuse(INVALID_QUERY) from None
        columns = None if parsed.columns is None else tuple(spelt.get(name.lower(), name) for name in parsed.columns)
        return QueryResult(cim_class, columns, tuple(found))

    def _matching(self, cim_class: CimClass, parsed: wql_language.Query) -> list[Instance]:
        found = []
        for instance in cim_class.instances(self.machine):
            row: dict[str, Value] = {
                name.lower(): wql_language.Exact(value) if name in cim_class.exact and isinstance(value, str) else value
                for name, value in instance.items()
            }
            if parsed.condition(row):
                found.append(instance)
        return found

    def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> tuple[CimClass, Instance]:
        """One instance; names and values without case. Raises CimError 0x80041002 not found."""
        cim_class = self.find(namespace, class_name)
        return cim_class, self._instance(cim_class, selectors)

    def _instance(self, cim_class: CimClass, selectors: Mapping[str, str]) -> Instance:
        wanted = {name.lower(): value for name, value in selectors.items() if not name.startswith("__")}
        keys = {key.lower(): key for key in cim_class.keys}
        if not keys and set(wanted) <= {""}:
            wanted = {}
        if set(wanted) != set(keys):
            raise refuse(NOT_FOUND if set(wanted) <= set(keys) else INVALID_PARAMETER)
        for instance in cim_class.instances(self.machine):
            if all(str(instance[keys[name]]).lower() == value.lower() for name, value in wanted.items()):
                return instance
        raise refuse(NOT_FOUND)

    async def invoke(
        self, namespace: str, class_name: str, method: str, selectors: Mapping[str, str], parameters: Mapping[str, Value]
    ) -> tuple[CimClass, Instance]:
        """Call a method. ``parameters`` are texts (or lists of texts, or None) as they came; the class converts them.

        Raises CimError: 0x80041008 a parameter that isn't the method's, or of the wrong type; 0x8004102E no such method; as :meth:`get`.
        """
        cim_class = self.find(namespace, class_name)
        name = next((one for one in cim_class.methods if one.lower() == method.lower()), None)
        if name is None:
            self.machine.log("refused", f"CIM method {class_name}.{method}")
            raise refuse(INVALID_METHOD)
        inputs = {one.lower(): (one, kind) for one, kind in cim_class.inputs.get(name, {}).items()}
        converted: dict[str, Value] = {}
        for parameter, value in parameters.items():
            if parameter.lower() not in inputs:
                raise refuse(INVALID_PARAMETER)
            spelt, kind = inputs[parameter.lower()]
            converted[spelt] = convert(kind, value)
        instance = self._instance(cim_class, selectors) if selectors or (cim_class.keys and name not in STATIC_METHODS) else None
        return cim_class, await cim_class.methods[name](self.machine, instance, converted)


#: Methods called on a class that has instances.
STATIC_METHODS = frozenset({"Create"})
