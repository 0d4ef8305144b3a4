# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test ``newer_than_host``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: newer_than_host
short_description: Whether an image has a newer build than a host
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - A newer image never runs on an older host, in either isolation mode.
positional: _input, host
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
seealso:
  - plugin: winfleet.containers.runs_on
    plugin_type: test
"""

EXAMPLES = r"""
- name: Find a mistake in a table of images
  ansible.builtin.assert:
    that: "'10.0.26100.2314' is winfleet.containers.newer_than_host(20348)"
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
        return {"newer_than_host": answering("compare the image with the host", given.newer_than_host)}
