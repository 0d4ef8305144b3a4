# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What decides about a reboot, as data: the task's line, what is unfinished, what was rolled back, what the boot loader is told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.host.hypervisor import parse_launch
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.reboot_resource import rolled_back
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.reboot import unfinished
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.restart_order import TASK, task_line

PLAIN = f"cmd.exe /c shutdown.exe /a & shutdown.exe /r /t 5 /d p:2:4 & schtasks.exe /delete /tn {TASK} /f"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("", False),
        ("Wartung, gleich zurück", True),
        ("one & two", False),
        ("100 %", False),
        ('say "no"', False),
        ("x^y", False),
        ("x" * 100, True),
        ("x" * 200, False),
    ],
)
def test_the_task_shows_only_plain_short_messages(message: str, shown: bool) -> None:
    """And deletes itself after it has given the order."""
    said = f'/d p:2:4 /c "{message}"' if shown else "/d p:2:4"
    assert task_line(message, 5) == PLAIN.replace("/d p:2:4", said)
    assert len(task_line(message, 315360000)) <= 261


def service(name: str, state: str, mode: str = "Auto") -> dict[str, Any]:
    return {"Name": name, "State": state, "StartMode": mode}


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([], ""),
        ([service("TrustedInstaller", "Stopped", "Manual"), service("docker", "Running")], ""),
        ([service("TrustedInstaller", "Running", "Manual")], ""),
        ([service("TrustedInstaller", "Running")], "Windows servicing is still at work"),
        ([service("TRUSTEDINSTALLER", "Start Pending")], "Windows servicing is still at work"),
        ([service("docker", "Start Pending")], "the service docker is start pending"),
        ([service("docker", "Stopped")], "the service docker is stopped"),
    ],
)
def test_unfinished(services: list[dict[str, Any]], said: str) -> None:
    assert unfinished(services) == said


def test_rolled_back() -> None:
    before: Any = {"A": "enable_pending", "B": "disable_pending", "C": "enable_pending", "D": "enable_pending", "E": "enable_pending"}
    after: Any = {"A": "disabled", "B": "enabled", "C": "enabled", "D": "enable_pending"}
    assert rolled_back(before, after) == ["A", "B"]
    assert rolled_back({}, {"A": "disabled"}) == []


@pytest.mark.parametrize(
    ("row", "launch"),
    [
        ("hypervisorlaunchtype    Auto", "auto"),
        ("hypervisorlaunchtype    Automatisch", "auto"),
        ("hypervisorlaunchtype    Off", "off"),
        ("hypervisorlaunchtype    Aus", "off"),
        ("nx                      OptOut", "auto"),
    ],
)
def test_what_the_boot_loader_is_told(row: str, launch: str) -> None:
    text = f"\r\nWindows Boot Loader\r\n-------------------\r\nidentifier              {{current}}\r\n{row}\r\nbootmenupolicy Standard\r\n"
    assert parse_launch(text) == launch
