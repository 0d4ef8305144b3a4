# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options every module has that talks to the engine (documented in the doc fragments ``engine`` and ``progress``)."""

from __future__ import annotations

from typing import Any

from .progress_arguments import PROGRESS_ARGUMENTS

ENGINE_ARGUMENTS: dict[str, dict[str, Any]] = {
    "engine_pipe": {"type": "str", "default": "docker_engine"},
    **PROGRESS_ARGUMENTS,
}
