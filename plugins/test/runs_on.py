# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test ``runs_on``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: runs_on
short_description: Whether an image can run on a host
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - Decides by the versions alone, like P(winfleet.containers.isolation_modes#filter).
positional: _input, host, isolation
options:
  _input:
    description: The os.version of the image, such as V(10.0.20348.2340), a build, or what a module returned for an image.
    type: raw
    required: true
  host:
    description:
      - The host, as the result of M(winfleet.containers.host_info), the fact C(winfleet_host) of M(winfleet.containers.host_facts), a build such as
        V(20348), or a version such as V(10.0.20348.3207).
    type: raw
    required: true
  isolation:
    description: The isolation mode; either one if not given.
    type: str
    choices: [process, hyperv]
  product_type:
    description:
      - Which kind of Windows this build is. Needed only where a server and a client share the build and nothing else tells them apart.
      - If not given, the host's own facts decide; without those it is V(server), unless only clients have the build.
    type: str
    choices: [server, domain_controller, workstation]
seealso:
  - plugin: winfleet.containers.isolation_modes
    plugin_type: filter
  - plugin: winfleet.containers.newer_than_host
    plugin_type: test
"""

EXAMPLES = r"""
- name: Refuse an image before anything is pulled
  ansible.builtin.assert:
    that: "'10.0.20348.2340' is winfleet.containers.runs_on('10.0.20348.3207', isolation='process')"
"""

RETURN = r"""
_value:
  description: Whether it can.
  type: bool
"""


class TestModule:
    """Gives Jinja the test."""

    def tests(self) -> dict[str, Callable[..., Any]]:
        """Name and function."""
        return {"runs_on": answering("tell whether the image runs there", given.runs_on)}
