# -*- coding: utf-8 -*-
# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of the modules that talk to the engine, without those of the fragment ``progress``; see module_utils/engine_arguments.py."""

    DOCUMENTATION = r"""
options:
  engine_pipe:
    description:
      - Name of the named pipe the engine listens on, without C(\\.\pipe\).
      - Docker Desktop's Windows engine listens on a different pipe from that of a standalone Docker Engine.
    type: str
    default: docker_engine
requirements:
  - Docker SDK for Python (C(docker)) 7.0 or later on the controller.
"""
