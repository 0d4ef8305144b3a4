# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM instances as XML, in the two shapes Windows has (facts/wsman.md 5.1): typed elements and ``w:XmlFragment``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import names
from .envelope import escape

if TYPE_CHECKING:
    from ..windows.cim import CimClass, Instance


def class_uri(cim_class: CimClass) -> str:
    """The resource URI of a class, which is also the namespace of its elements."""
    return f"{names.WMI}{cim_class.namespace}/{cim_class.name}"


def typed(cim_class: CimClass, instance: Instance) -> str:
    """``select *`` and Get: ``p:<Class>`` with every property, alphabetical. An instance of a subclass (``__CLASS``) goes by its own name."""
    body = _properties(_alphabetical(cim_class.properties), instance, "p:", "cim:")
    name = str(instance.get("__CLASS", cim_class.name))
    return f"{_open(f'p:{name}', f'{names.WMI}{cim_class.namespace}/{name}', f'p:{name}_Type')}{body}</p:{name}>"


def fragment(cim_class: CimClass, columns: Iterable[str], instance: Instance) -> str:
    """Named columns: children without namespace, alphabetical."""
    spelled = {name.lower(): name for name in cim_class.properties}
    wanted = _alphabetical(spelled.get(column.lower(), column) for column in columns)
    return f'<w:XmlFragment xmlns:xsi="{names.XSI}" xmlns:w="{names.WSMAN}">{_properties(wanted, instance, "", "")}</w:XmlFragment>'


def reference(cim_class: CimClass, instance: Instance) -> str:
    """The address of an instance, for EnumerateEPR: its class and its keys (DSP0226 8.7; not recorded)."""
    keys = {"__cimnamespace": cim_class.namespace, **{key: instance.get(key) for key in cim_class.keys}}
    selectors = "".join(f'<w:Selector Name="{escape(name)}">{escape(str(value))}</w:Selector>' for name, value in keys.items())
    return (
        f"<a:EndpointReference><a:Address>{names.ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{class_uri(cim_class)}</w:ResourceURI><w:SelectorSet>{selectors}</w:SelectorSet>"
        "</a:ReferenceParameters></a:EndpointReference>"
    )


def output(cim_class: CimClass, method: str, values: Mapping[str, Any]) -> str:
    """The answer of a method: the declared out-parameters, ReturnValue last (facts/wsman.md 5.2)."""
    declared = list(cim_class.outputs.get(method, {}))
    ordered = [*declared, *(name for name in values if name not in declared and name != "ReturnValue"), "ReturnValue"]
    present = [name for name in dict.fromkeys(ordered) if name in values]
    body = _properties(present, values, "p:", "cim:")
    return f"{_open(f'p:{method}_OUTPUT', class_uri(cim_class), f'p:{method}_OUTPUT_Type')}{body}</p:{method}_OUTPUT>"


def _open(element: str, uri: str, kind: str) -> str:
    return f'<{element} xmlns:xsi="{names.XSI}" xmlns:p="{uri}" xmlns:cim="{names.CIM}" xsi:type="{kind}">'


def _alphabetical(columns: Iterable[str]) -> list[str]:
    return sorted(columns, key=str.casefold)


def _properties(columns: Iterable[str], values: Mapping[str, Any], prefix: str, cim: str) -> str:
    return "".join(_property(prefix + name, values.get(name), cim) for name in columns)


def _property(element: str, value: Any, cim: str) -> str:
    """An array repeats the element, an empty one has none (facts/wsman.md 5.1)."""
    if isinstance(value, (list, tuple)):
        return "".join(_property(element, item, cim) for item in value)
    if value is None:
        return f'<{element} xsi:nil="true"/>'
    return f"<{element}>{_text(value, cim)}</{element}>"


def _text(value: Any, cim: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"<{cim}Datetime>{moment(value)}</{cim}Datetime>"
    if isinstance(value, timedelta):
        return f"<{cim}Interval>{interval(value)}</{cim}Interval>"
    return escape(str(value))


def moment(value: datetime) -> str:
    """As recorded: ``2013-04-15T16:28:43.488171Z``, the fraction without trailing zeros or missing, UTC as Z."""
    text = value.strftime("%Y-%m-%dT%H:%M:%S")
    if value.microsecond:
        text += f".{value.microsecond:06d}".rstrip("0")
    if value.tzinfo is None or value.utcoffset() == timedelta(0):
        return text + "Z"
    offset = value.astimezone(value.tzinfo).strftime("%z")
    return f"{text}{offset[:3]}:{offset[3:5]}"


def interval(value: timedelta) -> str:
    """An xs:duration (facts/wsman.md 5.1: documented, not recorded)."""
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}" if value.microseconds else ""
    return f"P{value.days}DT{hours}H{minutes}M{seconds}{fraction}S"
