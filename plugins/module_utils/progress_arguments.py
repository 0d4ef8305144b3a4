# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option of every module that may take long (documented in the doc fragment ``progress``)."""

from __future__ import annotations

from typing import Any

PROGRESS_ARGUMENTS: dict[str, dict[str, Any]] = {
    "progress": {"type": "str", "default": "auto", "choices": ["auto", "always", "never"]},
}
