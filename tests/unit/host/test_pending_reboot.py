# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which indicators make a reboot due, and which are only told."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.host.pending_reboot import RebootIndicators, judge


@pytest.mark.parametrize(
    ("indicators", "pending", "servicing", "words"),
    [
        (RebootIndicators(servicing=frozenset({"RebootPending", "Packages"})), True, True, "RebootPending"),
        (RebootIndicators(servicing=frozenset({"RebootInProgress"})), True, False, "RebootInProgress"),
        (RebootIndicators(update=frozenset({"RebootRequired"})), True, False, "Windows Update"),
        (RebootIndicators(server_manager=1), True, False, "Server Manager"),
        (RebootIndicators(active_name="OLD", next_name="NEW"), True, False, "from OLD to NEW"),
        (RebootIndicators(servicing=frozenset({"PackagesPending"})), False, False, "makes no reboot due"),
        (RebootIndicators(renames=(r"\??\C:\a", "", r"\??\C:\b", "")), False, False, "2 file rename(s)"),
    ],
)
def test_one_indicator(indicators: RebootIndicators, pending: bool, servicing: bool, words: str) -> None:
    verdict = judge(indicators)
    assert (verdict.pending, verdict.servicing) == (pending, servicing)
    assert words in verdict.reasons[0]


@pytest.mark.parametrize(
    "indicators",
    [
        RebootIndicators(),
        RebootIndicators(servicing=frozenset({"Packages"}), renames=("", "")),
        RebootIndicators(active_name="host", next_name="HOST"),
    ],
)
def test_nothing_pending(indicators: RebootIndicators) -> None:
    assert judge(indicators).reasons == ()
