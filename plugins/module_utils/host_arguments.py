# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of host_info and host_facts, beside their documentation in doc_fragments/host.py."""

from __future__ import annotations

from typing import Any

GATHER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "gather_subset": {"type": "list", "elements": "str", "default": ["default"]},
    "today": {"type": "str"},
}
