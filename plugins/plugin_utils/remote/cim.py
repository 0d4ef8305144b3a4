# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM over WS-Management: query, get, invoke, and the registry through StdRegProv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ..errors import NotFoundError, ProtocolError, RemoteError, explain
from . import envelope
from .faults import OperationTimedOut
from .network import ConnectionLost, quietly
from .values import Instance, Value, parse_instance, render

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Cim", "CimClass", "Instance", "Registry", "Value", "quote"]


@dataclass(frozen=True)
class CimClass:
    """A CIM class as far as we use it: the wire carries no types, so they stand here.

    Args:
        name: Class name, for example ``Win32_Service``.
        properties: Property name to ``str``, ``int``, ``bool`` or ``datetime``; a one-element list of these for an array.
        namespace: With forward slashes.
    """

    name: str
    properties: Mapping[str, type | list[type]]
    namespace: str = "root/cimv2"


class Cim:
    """CIM operations of one session. Needs no shell."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, cim_class: CimClass, where: str = "") -> list[Instance]:
        """Enumerate with WQL (``select <the properties> from <class> where <where>``) and Pull to the end.

        Raises:
            NotFoundError: The class or namespace does not exist on this host.
            RemoteError: Any other refusal.
        """
        wql = f"select {','.join(cim_class.properties)} from {cim_class.name}" + (f" where {where}" if where else "")
        try:
            items = self._enumerate(cim_class.namespace, wql)
        except (ConnectionLost, OperationTimedOut):
            if self._session.patience is not None:
                raise
            # A lost Pull has moved the context, and a provider that was asked for the first time may need more than the 60 s that
            # Windows allows: a question may be asked anew from the start.
            items = self._enumerate(cim_class.namespace, wql)
        return [parse_instance(item, cim_class.properties) for item in items]

    def _enumerate(self, namespace: str, wql: str) -> list[ElementTree.Element]:
        batch = envelope.parse_batch(self._session.send(envelope.enumerate_wql(namespace, wql)))
        items = list(batch.items)
        while batch.context is not None:
            batch = self._pull(namespace, batch.context)
            items.extend(batch.items)
        return items

    def _pull(self, namespace: str, context: str) -> envelope.Batch:
        try:
            return envelope.parse_batch(self._session.send(envelope.pull(namespace, context)))
        except BaseException:
            # An enumeration that is given up counts against the user's quota until it times out (facts/wsman.md 5.1).
            quietly(lambda: self._session.send(envelope.release(namespace, context)))
            raise

    def get(self, cim_class: CimClass, selectors: Mapping[str, str] | None = None) -> Instance:
        """One instance by its full key; no selectors for a singleton. Raises NotFoundError."""
        body = self._session.send(envelope.get(cim_class.namespace, cim_class.name, selectors))
        item = body.find("*")
        if item is None:
            raise ProtocolError(f"the host answered a Get of {cim_class.name} with nothing")
        return parse_instance(item, cim_class.properties)

    def invoke(
        self,
        cim_class: CimClass,
        method: str,
        arguments: Mapping[str, Value] | None = None,
        selectors: Mapping[str, str] | None = None,
        *,
        repeatable: bool = False,
    ) -> Instance:
        """Call a method; the out-parameters, typed by ``cim_class.properties``, and ``ReturnValue`` (int, not judged here).

        ``arguments`` are sent in their order, which should be the method's declared one (facts/wsman.md 5.2). ``repeatable`` says that
        the method only reads, so that a broken connection may be healed by calling it again.
        """
        parameters = [pair for name, value in (arguments or {}).items() for pair in render(name, value)]
        request = envelope.invoke(cim_class.namespace, cim_class.name, method, parameters, selectors, repeatable)
        output = self._session.send(request).find("*")
        if output is None or envelope.local_name(output) != f"{method}_OUTPUT":
            raise ProtocolError(f"the host answered {cim_class.name}.{method} with something else")
        return parse_instance(output, {**cim_class.properties, "ReturnValue": int})


def quote(text: str) -> str:
    """A WQL string literal, quotes included; backslash and quote are escaped by a backslash (facts/wsman.md 5.1)."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_REGISTRY = CimClass(
    "StdRegProv",
    {"sValue": str, "uValue": int, "sNames": [str], "Types": [int]},
    "root/default",
)
_STRINGS = CimClass("StdRegProv", {"sValue": [str]}, "root/default")
_LOCAL_MACHINE = 2147483650
#: 2 is documented for a missing key or value; 1 is tolerated for a missing value, no source settles it (facts/wsman.md 5.2).
_MISSING = (1, 2)


class Registry:
    """HKEY_LOCAL_MACHINE through StdRegProv. Keys are written without the hive: ``SOFTWARE\\Microsoft``."""

    def __init__(self, cim: Cim) -> None:
        self._cim = cim

    def string(self, key: str, name: str) -> str | None:
        """A REG_SZ (or, expanded by the provider, REG_EXPAND_SZ) value; None when key or value is missing."""
        value = self._read("GetStringValue", key, name).get("sValue")
        return None if value is None else str(value)

    def dword(self, key: str, name: str) -> int | None:
        """A REG_DWORD value; None when missing."""
        value = self._read("GetDWORDValue", key, name).get("uValue")
        return value if isinstance(value, int) else None

    def strings(self, key: str, name: str) -> list[str] | None:
        """A REG_MULTI_SZ value; None when missing."""
        return _texts(self._read("GetMultiStringValue", key, name, _STRINGS).get("sValue"))

    def subkeys(self, key: str) -> list[str] | None:
        """The names of the keys below; None when the key itself is missing."""
        return self._names("EnumKey", key)

    def value_names(self, key: str) -> list[str] | None:
        """The names of the values; None when the key is missing."""
        return self._names("EnumValues", key)

    def _names(self, method: str, key: str) -> list[str] | None:
        out = self._read(method, key)
        # Null and missing both mean an existing key with nothing in it.
        return _texts(out["sNames"]) or [] if "sNames" in out else None

    def set_string(self, key: str, name: str, value: str) -> None:
        """Write REG_SZ; the key must exist."""
        self._write("SetStringValue", key, {"sValueName": name, "sValue": value})

    def set_expanded_string(self, key: str, name: str, value: str) -> None:
        """Write REG_EXPAND_SZ with ``%VAR%`` kept."""
        self._write("SetExpandedStringValue", key, {"sValueName": name, "sValue": value})

    def set_dword(self, key: str, name: str, value: int) -> None:
        """Write REG_DWORD."""
        self._write("SetDWORDValue", key, {"sValueName": name, "uValue": value})

    def set_strings(self, key: str, name: str, value: Sequence[str]) -> None:
        """Write REG_MULTI_SZ."""
        self._write("SetMultiStringValue", key, {"sValueName": name, "sValue": list(value)})

    def create_key(self, key: str) -> None:
        """Create a key and its parents; no error when it exists."""
        self._write("CreateKey", key, {})

    def delete_value(self, key: str, name: str) -> None:
        """Delete a value; no error when it is missing."""
        self._write("DeleteValue", key, {"sValueName": name}, allowed=_MISSING)

    def _read(self, method: str, key: str, name: str | None = None, cim_class: CimClass = _REGISTRY) -> Instance:
        """The out-parameters; empty when key or value is missing."""
        arguments: dict[str, Value] = {"hDefKey": _LOCAL_MACHINE, "sSubKeyName": key}
        if name is not None:
            arguments["sValueName"] = name
        out = self._cim.invoke(cim_class, method, arguments, repeatable=True)
        code = _return_code(out)
        if code in _MISSING:
            return {}
        _judge(code, key)
        return out

    def _write(self, method: str, key: str, arguments: Mapping[str, Value], allowed: tuple[int, ...] = ()) -> None:
        out = self._cim.invoke(_REGISTRY, method, {"hDefKey": _LOCAL_MACHINE, "sSubKeyName": key, **arguments}, repeatable=True)
        code = _return_code(out)
        if code not in allowed:
            _judge(code, key)


def _texts(value: Value) -> list[str] | None:
    return [str(item) for item in value] if isinstance(value, list) else None


def _return_code(out: Instance) -> int:
    code = out.get("ReturnValue")
    if not isinstance(code, int):
        raise ProtocolError("StdRegProv answered without a ReturnValue")
    return code & 0xFFFFFFFF


def _judge(code: int, key: str) -> None:
    if code == 0:
        return
    where = f"HKEY_LOCAL_MACHINE\\{key}"
    if code == 2:
        raise NotFoundError(f"the registry key {where} does not exist", code=code)
    cause, advice = explain(code) or (f"code {code}", "")
    raise RemoteError(f"the registry key {where} could not be used: {cause}", advice, code=code)
