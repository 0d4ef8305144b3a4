# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where real Windows is uncertain the simulated WinRM has a switch: the way to the host works in every position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import CimClass
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.reboot import RebootRequest, reboot

from .conftest import Site

SERVICE = CimClass("Win32_Service", {"Name": str})
CONTENT = bytes(range(256)) * 300 + "grüße €".encode()
POSITIONS: list[dict[str, Any]] = [
    {},
    {"second_command": "run"},
    {"end_markers": False},
    {"exit_code": True, "empty_running": True},
    {"receive_bytes": 1021, "stream_bytes": 7},
    {"console_mode_stdin": "converts"},
    {"first_items": 0},
    {"first_items": -1},
    {"activity_id": False},
    {"unencrypted_status": 500},
    {"skip_cmd_shell": "honoured"},
]
#: Positions of the whole service: WinRM 2 with its small quotas, and HTTPS beside HTTP.
SERVICES: list[dict[str, Any]] = [{"stack": 2}, {"https_port": 5986, "cbt_hardening": "strict"}]


@pytest.mark.parametrize("winrm", [*({"switches": switches} for switches in POSITIONS), *SERVICES], ids=str)
@pytest.mark.parametrize("kind", ["winrm", "psrp"])
def test_programs_files_and_questions(site: Callable[..., Site], kind: str, winrm: dict[str, Any]) -> None:
    where = site(winrm=winrm)
    host = where.remote(kind)
    assert len(host.cim.query(SERVICE)) > 3
    host.files.write("C:\\Windows\\Temp\\every.bin", CONTENT)
    assert host.files.sha256("C:\\Windows\\Temp\\every.bin") is not None
    assert host.programs.run("sc.exe", ["query", "nothing"]).exit_code == 1060
    assert host.programs.run("findstr.exe", ["/R", "."], stdin=b"one\r\ntwo\r\n", timeout=30).stdout.split() == [b"one", b"two"]
    host.close()
    left = where.fleet.call(lambda: list(where.host.winrm.service.shells.shells.all()))
    assert len(left) == (1 if kind == "winrm" else 0)  # the winrm connection keeps its own until it is closed


@pytest.mark.parametrize(
    "winrm",
    [{}, {"going_down": "fault"}, {"while_down": "silent"}, {"after_boot": ["reset", 401, 500]}],
    ids=str,
)
def test_a_reboot_is_survived(site: Callable[..., Site], winrm: dict[str, Any]) -> None:
    host = site(winrm=winrm, boot_seconds=1.0).remote()
    proof = reboot(host, RebootRequest(timeout=60, delay=0))
    assert proof.boot_time_after > proof.boot_time_before
    assert host.programs.run("whoami.exe").exit_code == 0
