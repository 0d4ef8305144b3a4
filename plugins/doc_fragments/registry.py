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
      - User name at the registry the image is pulled from. Without it the registry is asked anonymously.
      - Needs O(registry_password).
    type: str
  registry_password:
    description:
      - Password or access token at the registry.
      - Goes to the engine inside the one request that needs it. It is in no command line, and is written nowhere on the host.
    type: str
"""
