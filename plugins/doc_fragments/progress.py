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
      - Whether the controller shows progress lines while a long task runs.
      - V(auto) shows long steps, less often where the output is not a terminal, and nothing where the environment variable E(CI) is set. The
        environment variable E(WINFLEET_PROGRESS) on the controller replaces V(auto) for a whole run.
      - V(always) shows every step, even where E(CI) is set. V(never) shows none.
      - Tasks with C(no_log) never show them.
    type: str
    choices: [auto, always, never]
    default: auto
"""
