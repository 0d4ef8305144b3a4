# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dism while it runs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.host.features import change_features

from .conftest import Site


@pytest.mark.parametrize("bars", [True, False])
def test_the_bar_of_dism_is_told_where_it_draws_one(site: Callable[..., Site], bars: bool) -> None:
    """Whether it does, into a pipe, is uncertain (native-tools.md 1.1); without it the time is what is told."""
    where = site(progress_bars=bars)
    change_features(where.remote(), "disable", ["TelnetClient"])
    shares = [re.fullmatch(r"disable TelnetClient: (\d+) %", line) for line in where.lines]
    assert all(shares)
    assert [share[1] for share in shares if share][-1:] == (["100"] if bars else [])
