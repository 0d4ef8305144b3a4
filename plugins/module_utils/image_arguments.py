# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options shared by modules that pull images (documented in the doc fragments ``registry`` and ``image``)."""

from __future__ import annotations

from typing import Any

REGISTRY_ARGUMENTS: dict[str, dict[str, Any]] = {
    "registry_username": {"type": "str"},
    "registry_password": {"type": "str", "no_log": True},
}
#: Neither goes without the other.
REGISTRY_TOGETHER = [("registry_username", "registry_password")]

IMAGE_ARGUMENTS: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "path": {"type": "path"},
    "remote_path": {"type": "str"},
    "from_host": {"type": "str"},
    "detached": {"type": "bool", "default": False},
    "silence_timeout": {"type": "int", "default": 600},
    "check_free_space": {"type": "bool", "default": True},
    **REGISTRY_ARGUMENTS,
}

#: What goes together, and what does not.
IMAGE_RULES: dict[str, Any] = {
    "required_together": REGISTRY_TOGETHER,
    "mutually_exclusive": [("path", "remote_path", "from_host")],
    "required_if": [("source", "load", ("path", "remote_path", "from_host"), True)],
}
