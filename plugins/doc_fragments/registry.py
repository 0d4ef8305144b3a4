# -*- coding: utf-8 -*-
# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Credentials of a registry; the same as REGISTRY_ARGUMENTS in module_utils/image_arguments.py."""

    DOCUMENTATION = r"""
options:
  registry_username:
    description:
      - User name for the registry the image is pulled from. Without it, access is anonymous.
      - Needs O(registry_password).
    type: str
  registry_password:
    description:
      - Password or access token for the registry.
      - It is sent to the engine in the one request that needs it, appears on no command line, and is not written to the host.
    type: str
"""
