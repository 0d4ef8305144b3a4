# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM values: types, nulls, arrays and dates out of XML that carries no types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ProtocolError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import quote
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.values import Instance, parse_datetime, parse_instance, render


def instance(inner: str, types: dict[str, type | list[type]]) -> Instance:
    declared = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="urn:p" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"'
    )
    return parse_instance(ElementTree.fromstring(f"<p:X {declared}>{inner}</p:X>"), types)


@pytest.mark.parametrize(
    ("kind", "inner", "value"),
    [
        (int, "<p:A>18446744073709551615</p:A>", 2**64 - 1),
        (bool, "<p:A>true</p:A>", True),
        (bool, "<p:A>false</p:A>", False),
        (str, "<p:A></p:A>", ""),
        (str, '<p:A xsi:nil="true"/>', None),
        (str, "", None),
        (int, '<p:A xsi:nil="true"/>', None),
        ([str], "<p:A>x</p:A><p:A>y</p:A>", ["x", "y"]),
        ([str], "<p:A>x</p:A>", ["x"]),
        ([int], "<A>1</A><A>2</A>", [1, 2]),
        ([str], '<p:A xsi:nil="true"/>', None),
        ([str], "", []),
        (str, "<p:a>spelled otherwise</p:a>", "spelled otherwise"),
        (datetime, "<p:A><cim:Datetime>2013-04-15T16:28:43.488171Z</cim:Datetime></p:A>", datetime(2013, 4, 15, 16, 28, 43, 488171, UTC)),
        (datetime, "<A><Datetime>2013-03-09T02:57:32Z</Datetime></A>", datetime(2013, 3, 9, 2, 57, 32, 0, UTC)),
    ],
)
def test_a_property_has_its_type(kind: type | list[type], inner: str, value: object) -> None:
    assert instance(inner, {"A": kind}) == {"A": value}


def test_what_was_not_asked_for_is_text() -> None:
    assert instance("<p:B>7</p:B><p:C>1</p:C><p:C>2</p:C>", {}) == {"B": "7", "C": ["1", "2"]}


@pytest.mark.parametrize(("kind", "text"), [(int, "x"), (bool, "perhaps"), (datetime, "yesterday")])
def test_a_value_that_does_not_fit_names_its_property(kind: type, text: str) -> None:
    with pytest.raises(ProtocolError, match="Uptime"):
        instance(f"<p:Uptime>{text}</p:Uptime>", {"Uptime": kind})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T08:00:00Z", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T08:00:00.1234567Z", datetime(2026, 11, 24, 8, 0, 0, 123456, UTC)),
        ("2026-11-24T08:00:00+02:00", datetime(2026, 11, 24, 8, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-11-24T08:00:00-0330", datetime(2026, 11, 24, 8, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
        ("20261124080000.500000+060", datetime(2026, 11, 24, 8, 0, 0, 500000, timezone(timedelta(hours=1)))),
        ("2026-11-24T08:00:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
    ],
)
def test_dates_in_every_form(text: str, expected: datetime) -> None:
    assert parse_datetime(text) == expected


@pytest.mark.parametrize(
    ("value", "pairs"),
    [(None, []), (True, [("A", "true")]), (7, [("A", "7")]), (["x", "y"], [("A", "x"), ("A", "y")]), ([], [])],
)
def test_parameters(value: Any, pairs: list[tuple[str, str]]) -> None:
    assert render("A", value) == pairs


@pytest.mark.parametrize(("text", "literal"), [("plain", "'plain'"), ("it's", r"'it\'s'"), ("C:\\x", r"'C:\\x'"), ("\\'", r"'\\\''")])
def test_wql_literals_cannot_be_left(text: str, literal: str) -> None:
    assert quote(text) == literal
