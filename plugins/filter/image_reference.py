# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter ``image_reference``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given
from ansible_collections.winfleet.containers.plugins.plugin_utils.templating import answering

DOCUMENTATION = r"""
name: image_reference
short_description: The parts of an image reference
version_added: 0.1.0
author:
  - The winfleet.containers authors (@winfleet)
description:
  - Reads a reference as the engine does, and fills in the tag V(latest).
  - Fails for anything that is not a reference, and for a base image without a tag, since those have no V(latest).
positional: _input
options:
  _input:
    description: The reference, such as V(registry.example.com/team/app:1.2), or the id of a local image.
    type: str
    required: true
seealso:
  - plugin: winfleet.containers.base_image
    plugin_type: test
"""

EXAMPLES = r"""
- name: Log in to the registry of an image
  ansible.builtin.debug:
    msg: "{{ ('registry.example.com:5000/team/app:1.2' | winfleet.containers.image_reference).registry }}"

- name: Show the family of a base image
  ansible.builtin.debug:
    msg: "{{ ('mcr.microsoft.com/windows/nanoserver:ltsc2022' | winfleet.containers.image_reference).family }}"  # nanoserver
"""

RETURN = r"""
_value:
  description: The parts; those that the reference lacks are empty.
  type: dict
  contains:
    name:
      description: The reference as a whole.
      type: str
    registry:
      description: Address of the registry, V(docker.io) where the reference names none.
      type: str
    repository:
      description: The repository, with its registry as given.
      type: str
    tag:
      description: The tag.
      type: str
    digest:
      description: The digest.
      type: str
    id:
      description: The id of a local image.
      type: str
    family:
      description: The family of a base image.
      type: str
  sample:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
    registry: mcr.microsoft.com
    repository: mcr.microsoft.com/windows/nanoserver
    tag: ltsc2022
    digest: ""
    id: ""
    family: nanoserver
"""


class FilterModule:
    """Gives Jinja the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name and function."""
        return {"image_reference": answering("read the image reference", given.parts)}
