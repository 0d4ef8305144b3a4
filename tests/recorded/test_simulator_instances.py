# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded CIM instances, read into Python values and written by the simulator again: every byte is the same."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from simulator.windows.cim import CimClass
from simulator.wsman.instances import fragment, typed

from .replay import instance

RECORDINGS = (
    "wmi-enumerate-computersystem", "wmi-enumerate-logicaldisk", "wmi-enumerate-networkadapterconfiguration",
    "wmi-enumerate-operatingsystem", "wmi-enumerate-operatingsystem-2012", "wmi-enumerate-operatingsystem-columns",
    "wmi-enumerate-product", "wmi-enumerate-routes", "wmi-enumerate-service", "wmi-enumerate-volume-columns", "wmi-get-logicaldisk",
    "wmi-pull-logicaldisk-end", "wmi-pull-networkadapterconfiguration-arrays", "wmi-pull-product-end", "wmi-pull-routes",
    "wmi-pull-service-end", "wmi-pull-service-middle", "wmi-pull-volume-columns",
)  # fmt: skip
ITEM = re.compile(r"<(p:Win32_\w+|w:XmlFragment) xmlns:xsi.*?</\1>", re.DOTALL)


@pytest.mark.parametrize("name", RECORDINGS)
def test_instances_are_written_as_recorded(facts: Path, name: str) -> None:
    text = (facts / "wsman" / f"{name}.response.xml").read_text(encoding="utf-8")
    items = [match.group() for match in ITEM.finditer(text)]
    assert items
    for item in items:
        element = ET.fromstring(item)
        values = instance(element)
        uri = element.tag.rpartition("}")[0].lstrip("{")
        namespace = uri.partition("/wmi/")[2].rpartition("/")[0]
        cim_class = CimClass(element.tag.rpartition("}")[2], namespace, dict.fromkeys(values, "string"), (), lambda machine: [])
        written = fragment(cim_class, list(values), values) if item.startswith("<w:") else typed(cim_class, values)
        assert written == item
