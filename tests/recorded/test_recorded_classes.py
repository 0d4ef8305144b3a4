# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the WS-Man recordings show of programs and CIM classes: a folder's listing, and the classes' properties."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.console import run_lines
from simulator.windows.machine import Machine

from .native_scenes import tidy

#: What a recorded value of a type looks like; datetimes have an element of their own.
_LOOKS = {"boolean": r"true|false", "uint": r"\d+", "sint": r"-?\d+", "string": r".*"}


def test_a_folder_as_dir_shows_it(facts: Path) -> None:
    text = (facts / "wsman" / "receive-directory-listing.response.xml").read_text(encoding="utf-8")
    streams = re.findall('<rsp:Stream Name="stdout"[^>]*>([^<]+)<', text)
    real = tidy(b"".join(base64.b64decode(stream) for stream in streams).decode())
    machine = Machine("ws2016", "server-2016", accounts={"vagrant": "x"})
    home = "C:\\Users\\vagrant"
    for line in real:
        match = re.match(r"(\d\d/\d\d/\d{4}  \d\d:\d\d [AP]M) +(<DIR>|\d+) +(.+)", line)
        if match:
            path = home if match[3] in (".", "..") else f"{home}\\{match[3]}"
            machine.files.make_folder(path) if match[2] == "<DIR>" else machine.files.write(path, b"x" * int(match[2]))
            node = machine.files.find(path)
            assert node is not None
            node.modified = datetime.strptime(match[1], "%m/%d/%Y  %I:%M %p").replace(tzinfo=UTC)
    machine.files.free_bytes = int(re.sub(r"\D", "", real[-1].partition("Dir(s)")[2]))
    found = tidy(run_lines(machine, f"dir {home}")[-1].text)
    start = real.index(" Directory of C:\\Users\\vagrant")
    assert [line for line in found[3:] if line] == [line for line in real[start:] if line]


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("wmi-enumerate-operatingsystem-2012", "Win32_OperatingSystem"),
        ("wmi-enumerate-computersystem", "Win32_ComputerSystem"),
        ("wmi-enumerate-logicaldisk", "Win32_LogicalDisk"),
        ("wmi-enumerate-service", "Win32_Service"),
        ("wmi-enumerate-networkadapterconfiguration", "Win32_NetworkAdapterConfiguration"),
        ("wmi-enumerate-product", "Win32_Product"),
        ("wmi-enumerate-routes", "Win32_IP4RouteTable"),
        ("wmi-enumerate-volume-columns", "Win32_Volume"),
    ],
)
def test_recorded_properties_are_ours_in_order_and_type(facts: Path, name: str, class_name: str) -> None:
    text = (facts / "wsman" / f"{name}.response.xml").read_text(encoding="utf-8")
    item = re.search(r"<(p:Win32_\w+|w:XmlFragment) xmlns:xsi.*?</\1>", text, re.DOTALL)
    assert item
    real = [
        (key, value) for key, value in re.findall(r"<(?:p:)?([A-Z]\w+)(?: xsi:nil=\"true\"/|[^>]*)>([^<]*)", item[0]) if key != class_name
    ]
    ours = Machine("ws2022", "server-2022").cim.find("root/cimv2", class_name).properties
    names = list(dict.fromkeys(key for key, _unused in real if key not in ("Datetime",)))
    assert [key for key in ours if key in names] == names
    for key, value in real:
        kind = ours.get(key, "datetime").removesuffix("[]")
        if value and kind != "datetime":
            assert re.fullmatch(_LOOKS[kind.rstrip("0123456789")], value), (key, kind, value)
