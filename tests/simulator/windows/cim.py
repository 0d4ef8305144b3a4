# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM: the classes a machine has, answered from its state. Protocol-free: WS-Man wraps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    """

    name: str
    namespace: str
    properties: Mapping[str, str]
    keys: tuple[str, ...]
    instances: Callable[[Machine], list[Instance]]
    methods: Mapping[str, Callable[[Machine, Instance | None, Mapping[str, Value]], Awaitable[Instance]]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class QueryResult:
    """What a WQL query gives: the class, the named columns (None for ``select *``) and the matching instances."""

    cim_class: CimClass
    columns: tuple[str, ...] | None
    instances: tuple[Instance, ...]


class Cim:
    """All classes of one machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def find(self, namespace: str, class_name: str) -> CimClass:
        """Raises CimError: 0x8004100E invalid namespace, 0x80041010 invalid class."""
        raise NotImplementedError

    def query(self, namespace: str, wql: str) -> QueryResult:
        """Raises CimError: 0x80041017 invalid query, and as :meth:`find`."""
        raise NotImplementedError

    def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> tuple[CimClass, Instance]:
        """One instance; names and values without case. Raises CimError 0x80041002 not found."""
        raise NotImplementedError

    async def invoke(
        self, namespace: str, class_name: str, method: str, selectors: Mapping[str, str], parameters: Mapping[str, Value]
    ) -> tuple[CimClass, Instance]:
        """Call a method. ``parameters`` are texts (or lists of texts, or None) as they came; the class converts them."""
        raise NotImplementedError
