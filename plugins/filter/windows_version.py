# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``windows_version``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: windows_version
short_description: The parts of a Windows version
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - Splits a Windows version, or the os.version of an image, into its parts.
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
  - plugin: winfleet.containers.windows_release
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Compare the revision of an image
  ansible.builtin.debug:
    msg: "{{ ('10.0.20348.2340' | winfleet.containers.windows_version).revision >= 2227 }}"
"""

RETURN = r"""
_value:
  description: The parts.
  type: dict
  contains:
    version:
      description: The version with build and, where it is known, revision.
      type: str
    build:
      description: The third field of the version.
      type: int
    revision:
      description: The fourth field of the version; null where it is not known.
      type: int
    release:
      description: The name of the release.
      type: str
    display_version:
      description: The release's short label; null where it has none.
      type: str
    product_type:
      description: V(server) or V(workstation).
      type: str
  sample:
    version: 10.0.20348.2340
    build: 20348
    revision: 2340
    release: Windows Server 2022
    display_version: 21H2
    product_type: server
"""


class FilterModule:
    """Gives Jinja the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name and function."""
        return {"windows_version": answering("read the version", given.version)}
