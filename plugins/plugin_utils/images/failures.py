# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The situation in which the table of failures is read while an image is got. Pure."""

from __future__ import annotations

from ..engine.failures import explain, explaining

PULL_MEANINGS = "pull"

__all__ = ["PULL_MEANINGS", "explain", "explaining"]
