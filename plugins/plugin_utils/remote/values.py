# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM values between Python and the XML of WS-Management, which carries no types. Pure; shapes from facts/wsman.md 5.1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import cast
from xml.etree import ElementTree

from ..errors import ProtocolError

#: A property's value. Arrays are lists; null is None.
Value = str | int | bool | datetime | None | list[str] | list[int]
Instance = dict[str, Value]
Scalar = str | int | bool | datetime
Types = Mapping[str, type | list[type]]

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?\s*(Z|[+-]\d\d:?\d\d)?")
_DMTF = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?([+-]\d{3})?")


def parse_instance(element: ElementTree.Element, types: Types) -> Instance:
    """Read an instance, an ``XmlFragment`` or a method's output.

    Every property of ``types`` is in the result under its own spelling: null is None, an array that is missing is empty (an empty one
    may be left out), a scalar that is missing is None. What ``types`` does not name is given as text.

    Raises:
        ProtocolError: A value does not fit its type.
    """
    spelling = {name.lower(): name for name in types}
    found: dict[str, list[ElementTree.Element]] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        found.setdefault(spelling.get(name.lower(), name), []).append(child)
    instance: Instance = {name: [] if isinstance(kind, list) else None for name, kind in types.items()}
    for name, children in found.items():
        instance[name] = _value(name, children, types.get(name))
    return instance


def _value(name: str, elements: list[ElementTree.Element], kind: type | list[type] | None) -> Value:
    if len(elements) == 1 and elements[0].get(_NIL) in ("true", "1"):
        return None
    present = [
        _scalar(name, element, kind[0] if isinstance(kind, list) else kind or str)
        for element in elements
        if element.get(_NIL) not in ("true", "1")
    ]
    if isinstance(kind, list) or (kind is None and len(elements) > 1):
        return cast(Value, present)  # one kind for all of them, which the checker cannot see
    return present[0] if present else None


def _scalar(name: str, element: ElementTree.Element, kind: type) -> Scalar:
    text = "".join(element.itertext()) if kind is datetime else element.text or ""
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
        if kind is int:
            return int(text)
        if kind is datetime:
            return parse_datetime(text)
    except (ValueError, KeyError) as error:
        raise ProtocolError(f'the host sent "{text}" for {name}, which is not a {kind.__name__}') from error
    return text


def parse_datetime(text: str) -> datetime:
    """ISO 8601 as WS-Man sends it (fraction up to 7 digits, Z or offset) or the DMTF form of WMI. Aware; UTC when no offset is given.

    Raises:
        ValueError: Neither form.
    """
    text = text.strip()
    match = _ISO.fullmatch(text)
    if match:
        offset = _iso_offset(match.group(8))
    else:
        match = _DMTF.fullmatch(text)
        if not match:
            raise ValueError(text)
        offset = timedelta(minutes=int(match.group(8) or 0))
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    microsecond = int((match.group(7) or "0")[:6].ljust(6, "0"))
    return datetime(year, month, day, hour, minute, second, microsecond, timezone(offset))


def _iso_offset(text: str | None) -> timedelta:
    if text in (None, "Z"):
        return timedelta(0)
    digits = str(text)[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if str(text)[0] == "-" else offset


def render(name: str, value: Value) -> list[tuple[str, str]]:
    """A method's parameter as name and text; an array repeats its name, null is left out."""
    if value is None:
        return []
    if isinstance(value, list):
        return [(name, _text(item)) for item in value]
    return [(name, _text(value))]


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
