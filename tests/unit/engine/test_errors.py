# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's refusals as errors of ours."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import refusal
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.libraries import APIError

EXTRA = 'extra info: {"CommandLine":"run","Environment":{"TOKEN":"s3cret"},"ConsoleSize":[0,0]}'


@pytest.mark.parametrize(
    "text",
    [
        f"container 1 encountered an error during CreateProcess: failure in a Windows system call: Not found. (0x2) {EXTRA}.",
        f"hcsshim::System::CreateProcess 1: Not found. (0x2)\n[Event Detail: a]\n({EXTRA})",
    ],
)
def test_the_values_of_variables_are_never_shown(text: str) -> None:
    error = refusal(APIError("500 Server Error", None, text))
    assert "Not found. (0x2)" in error.cause
    assert "s3cret" not in error.cause + error.text
    assert "extra info" not in error.sentence("host")
