# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``base_image_reference``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: base_image_reference
short_description: The full reference of the base image that matches a host
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - Like P(winfleet.containers.base_image_tag#filter), with registry and repository.
positional: _input, family, release, registry
options:
  _input:
    description:
      - The host, as the result of M(winfleet.containers.host_info), the fact C(winfleet_host) of M(winfleet.containers.host_facts), a build such as
        V(20348), or a version such as V(10.0.20348.3207).
    type: raw
    required: true
  family:
    description: The family of the base image.
    type: str
    choices: [nanoserver, servercore, server, windows]
    required: true
  release:
    description:
      - V(auto) means the image generation of the host.
      - Otherwise a release such as V(ltsc2022) or V(1809), a tag made from one, or a full version. It is checked against the host.
    type: str
    default: auto
  registry:
    description: A mirror with the images under the same repository names, such as V(registry.example.com/mirror).
    type: str
    default: ""
  product_type:
    description:
      - Which kind of Windows this build is. Needed only where a server and a client share the build and nothing else tells them apart.
      - If not given, the host's own facts decide; without those it is V(server), unless only clients have the build.
    type: str
    choices: [server, domain_controller, workstation]
seealso:
  - plugin: winfleet.containers.base_image_tag
    plugin_type: filter
  - module: winfleet.containers.base_image
"""

EXAMPLES = r"""
- name: Name the image that matches a host
  ansible.builtin.debug:
    msg: "{{ 20348 | winfleet.containers.base_image_reference('nanoserver') }}"  # mcr.microsoft.com/windows/nanoserver:ltsc2022

- name: Name the same image at a mirror
  ansible.builtin.debug:
    msg: "{{ 17763 | winfleet.containers.base_image_reference('servercore', registry='registry.example.com') }}"
"""

RETURN = r"""
_value:
  description: The reference.
  type: str
  sample: mcr.microsoft.com/windows/nanoserver:ltsc2022
"""


class FilterModule:
    """Gives Jinja the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name and function."""
        return {"base_image_reference": answering("name the base image", given.reference)}
