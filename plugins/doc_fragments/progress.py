# -*- coding: utf-8 -*-
# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The option of every module that may take long; the same as PROGRESS_ARGUMENTS in module_utils/progress_arguments.py."""

    DOCUMENTATION = r"""
options:
  progress:
    description:
      - Whether lines that tell how far a long task has come are shown on the controller while it runs.
      - V(auto) shows the steps that take long, seldom where the output is no terminal, and nothing where the environment variable E(CI) is
        set. The environment variable E(WINFLEET_PROGRESS) on the controller takes the place of V(auto) for a whole run.
      - V(always) shows every step, also where E(CI) is set. V(never) shows none.
      - Tasks with C(no_log) never show them.
    type: str
    choices: [auto, always, never]
    default: auto
"""
