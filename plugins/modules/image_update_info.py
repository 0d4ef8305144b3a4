#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``image_update_info``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_update_info
short_description: Find outdated images and containers on a Windows host
version_added: 0.1.0
description:
  - Asks the registries which images the tags on a host now refer to. Floating tags such as V(ltsc2022) move on Patch Tuesday; a pulled image
    records which digest its tag had then.
  - Lists the containers that use an older image than the one their tag now refers to, here or at the registry.
  - Lists the images that were built on an older revision of a base image and cannot be brought up to date by a pull. They have to be rebuilt, by
    their publisher or by you.
extends_documentation_fragment:
  - winfleet.containers.attributes.info
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.base_image
  - module: winfleet.containers.container
notes:
  - The registry is asked about the floating tags of base images and the tags that containers were created with, as far as they were pulled from the
    registry they name. It is never asked about references with a digest, full versions of base images, or images that were built or loaded.
  - The playbook C(winfleet.containers.update_base_images) acts on what this module finds.
options:
  exclude:
    description:
      - References that no registry is asked about, for example tags that a publisher has withdrawn.
      - The task warns about a reference that would not be asked about anyway.
    type: list
    elements: str
    default: []
  registries:
    description:
      - Credentials for registries that do not allow anonymous access. All others are asked anonymously.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The registry as it is named in references, V(docker.io) for Docker Hub.
        type: str
        required: true
      username:
        description: User name for the registry.
        type: str
        required: true
      password:
        description: Password or access token for the registry. It is sent to the engine in the requests that need it, and is not stored anywhere.
        type: str
        required: true
"""

EXAMPLES = r"""
- name: Find what is out of date, except for an image that is meant to stay
  winfleet.containers.image_update_info:
    exclude: [mcr.microsoft.com/windows/servercore:ltsc2019]
  register: updates

- name: Log in to a private registry for it
  winfleet.containers.image_update_info:
    registries:
      - name: registry.example.com
        username: puller
        password: "{{ lookup('ansible.builtin.env', 'REGISTRY_PASSWORD') }}"

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.reason }}"
  loop: "{{ updates.containers | selectattr('outdated') }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
images:
  description: One entry for each tag that a registry was asked about.
  returned: success
  type: list
  elements: dict
  contains:
    reference:
      description: Repository and tag.
      type: str
      sample: mcr.microsoft.com/windows/nanoserver:ltsc2022
    aliases:
      description: Microsoft's names for a base image that was pulled from another registry. They follow this tag.
      type: list
      elements: str
      sample: []
    registry:
      description: The registry that was asked.
      type: str
      sample: mcr.microsoft.com
    id:
      description: The image the tag refers to on the host.
      type: str
    os_version:
      description: Its Windows version; null when the image does not state it.
      type: str
      sample: 10.0.20348.3807
    offered_digest:
      description: The digest the tag refers to at the registry.
      type: str
    offered_os_version:
      description: The Windows version that this host would get.
      type: str
      sample: 10.0.20348.4052
    outdated:
      description: Whether a pull would fetch a different image.
      type: bool
containers:
  description: Every container, running or not.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: web
    image:
      description: The reference it was created with.
      type: str
      sample: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
    image_id:
      description: The image it uses.
      type: str
    running:
      description: Whether it runs.
      type: bool
    outdated:
      description: Whether its reference now refers to another image, here or at the registry.
      type: bool
    reason:
      description: Why it is outdated; empty when it is not.
      type: str
      sample: the registry has another image for mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
before:
  description:
    - The names that an update moves, by the images to which they have to return if it fails - those that the containers use, otherwise those that
      the names refer to now. Each entry fits the options O(winfleet.containers.image#module:name) and O(winfleet.containers.image#module:tags).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: An image of the host.
      type: str
    tags:
      description: Names.
      type: list
      elements: str
      sample: ['mcr.microsoft.com/windows/nanoserver:ltsc2022']
stale:
  description:
    - Images built on a base image of which a newer revision is known, and which no pull brings up to date. They are found by their layers, which
      begin with those of the base image, as long as the host has it.
  returned: success
  type: list
  elements: dict
  contains:
    image:
      description: Its first tag, or its id.
      type: str
      sample: shop:1.4
    id:
      description: Its id.
      type: str
    base:
      description: Family and version of the base image it is built on.
      type: str
      sample: servercore 10.0.20348.3807
    newest:
      description: The newest known revision of that base image.
      type: str
      sample: 10.0.20348.4052
    published:
      description: Whether it came from a registry, which has no newer one yet. Others were built or loaded.
      type: bool
    containers:
      description: The containers that use it.
      type: list
      elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "exclude": {"type": "list", "elements": "str", "default": []},
    "registries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "username": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
        },
    },
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
