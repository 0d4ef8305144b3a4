# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test ``base_image``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: base_image
short_description: Whether a reference names one of Microsoft's base images
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - Is true for the families that P(winfleet.containers.base_image_tag#filter) knows, at Microsoft's registry.
  - Is false for everything else, including what is not a reference.
positional: _input
options:
  _input:
    description: The reference.
    type: str
    required: true
seealso:
  - plugin: winfleet.containers.image_reference
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep only base images
  ansible.builtin.debug:
    msg: "{{ images | select('winfleet.containers.base_image') }}"
  vars:
    images:
      - mcr.microsoft.com/windows/servercore:ltsc2022
      - registry.example.com/team/app:1.2
"""

RETURN = r"""
_value:
  description: Whether it is.
  type: bool
"""


class TestModule:
    """Gives Jinja the test."""

    def tests(self) -> dict[str, Callable[..., Any]]:
        """Name and function."""
        return {"base_image": answering("read the image reference", given.is_base_image)}
