# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``isolation_modes``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: isolation_modes
short_description: Which isolation modes can run an image on a host, and why
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - Decides by the documented table of versions and the rules of the code behind it, like M(winfleet.containers.container).
  - Does not consider features and hardware of the host; M(winfleet.containers.host_info) does.
positional: _input, image
options:
  _input:
    description:
      - The host, as the result of M(winfleet.containers.host_info), the fact C(winfleet_host) of M(winfleet.containers.host_facts), a build such as
        V(20348), or a version such as V(10.0.20348.3207).
    type: raw
    required: true
  image:
    description: The os.version of the image, such as V(10.0.20348.2340), a build, or what a module returned for an image.
    type: raw
    required: true
  product_type:
    description:
      - Which kind of Windows this build is. Needed only where a server and a client share the build and nothing else tells them apart.
      - If not given, the host's own facts decide; without those it is V(server), unless only clients have the build.
    type: str
    choices: [server, domain_controller, workstation]
seealso:
  - plugin: winfleet.containers.runs_on
    plugin_type: test
  - module: winfleet.containers.host_info
"""

EXAMPLES = r"""
- name: Say why an image cannot run with process isolation
  ansible.builtin.debug:
    msg: "{{ ('10.0.20348.3207' | winfleet.containers.isolation_modes('10.0.17763.6532')).process.reason }}"

- name: List the modes that can run it
  ansible.builtin.debug:
    msg: >-
      {{ 20348 | winfleet.containers.isolation_modes(17763) | dict2items
         | selectattr('value.possible') | map(attribute='key') }}
"""

RETURN = r"""
_value:
  description: The verdict on each mode, under the keys C(process) and C(hyperv).
  type: dict
  contains:
    possible:
      description: Whether the mode can run the image.
      type: bool
    reason:
      description: Why.
      type: str
    warnings:
      description: What to watch out for.
      type: list
      elements: str
  sample:
    process:
      possible: false
      reason: process isolation on build 20348 needs an image of the same build, the image is of build 17763
      warnings: []
    hyperv:
      possible: true
      reason: Hyper-V isolation runs images up to the host's build 20348, the image is of build 17763
      warnings: []
"""


class FilterModule:
    """Gives Jinja the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name and function."""
        return {"isolation_modes": answering("decide the isolation modes", given.modes)}
