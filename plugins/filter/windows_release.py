# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``windows_release``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: windows_release
short_description: The name of the Windows release a build belongs to
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - Names the release of a build, a version or a host.
  - An unknown build is named as such, for example V(Windows build 12345).
positional: _input
options:
  _input:
    description:
      - The host, as the result of M(winfleet.containers.host_info), the fact C(winfleet_host) of M(winfleet.containers.host_facts), a build such as
        V(20348), or a version such as V(10.0.20348.3207).
    type: raw
    required: true
  product_type:
    description:
      - Which kind of Windows this build is. Needed only where a server and a client share the build and nothing else tells them apart.
      - If not given, the host's own facts decide; without those it is V(server), unless only clients have the build.
    type: str
    choices: [server, domain_controller, workstation]
seealso:
  - plugin: winfleet.containers.windows_version
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Name the release of a build
  ansible.builtin.debug:
    msg: "{{ 26100 | winfleet.containers.windows_release }}"  # Windows Server 2025

- name: Name the client release of the same build
  ansible.builtin.debug:
    msg: "{{ 26100 | winfleet.containers.windows_release(product_type='workstation') }}"  # Windows 11 24H2
"""

RETURN = r"""
_value:
  description: The name.
  type: str
  sample: Windows Server 2022
"""


class FilterModule:
    """Gives Jinja the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name and function."""
        return {"windows_release": answering("name the release", given.release)}
