# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user sees who runs a PowerShell module of others on a simulated host, over either connection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.fleet import RunningFleet

from ..conftest import Play
from .test_psrp import PSRP

#: A module as those of ansible.windows are written.
MODULE = """#!powershell
#AnsibleRequires -CSharpUtil Ansible.Basic
$module = [Ansible.Basic.AnsibleModule]::Create($args, @{ options = @{} })
$module.ExitJson()
"""
WORDS = "simulated and has no PowerShell"


@pytest.mark.parametrize("variables", [{}, PSRP], ids=["winrm", "psrp"])
@pytest.mark.parametrize("task", ["module", "raw"])
def test_a_powershell_module_is_refused_in_plain_words(
    play: Play, fleet: Callable[..., RunningFleet], tmp_path: Path, variables: dict[str, Any], task: str
) -> None:
    (tmp_path / "win_probe.ps1").write_text(MODULE)
    running = fleet({"name": "ws2022", "profile": "server-2022"})
    tasks = {"module": {"name": "try", "win_probe": {}}, "raw": {"name": "try", "ansible.builtin.raw": "hostname"}}
    done = play(running, [tasks[task]], "--module-path", str(tmp_path), variables=variables)
    assert not done.ok
    assert WORDS in " ".join(done.output.split()), done.output
    refused = running.call(lambda: [line.text for line in running.machines["ws2022"].log_lines if line.kind == "refused"])
    assert refused and all("powershell" in text.lower() for text in refused)
