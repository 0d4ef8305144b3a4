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
  - Asks the registries what the tags on a host name now. Floating tags such as V(ltsc2022) move on Patch Tuesday; an image that was pulled
    knows which digest its tag had then.
  - Tells which containers stand on an older image than their tag names, here or at the registry.
  - Tells which images were built on an older revision of a base image and cannot be brought up to date by a pull. They have to be built
    anew, by their publisher or by their user.
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
  - The registry is asked for the floating tags of base images and for the tags containers were made with, as far as they were pulled from
    where they name. References with a digest, full versions of base images, and images that were built or loaded are never asked for.
  - The playbook C(winfleet.containers.update_base_images) acts on what this module finds.
options:
  exclude:
    description:
      - References no registry is asked for, for example tags that a publisher has withdrawn.
      - One that is no tag a host would ask for is warned of.
    type: list
    elements: str
    default: []
  registries:
    description:
      - Who to be at registries that do not answer everybody. All others are asked anonymously.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The registry as references name it, V(docker.io) for Docker Hub.
        type: str
        required: true
      username:
        description: User name there.
        type: str
        required: true
      password:
        description: Password or access token there. It goes to the engine inside the requests that need it, and is written nowhere.
        type: str
        required: true
"""

EXAMPLES = r"""
- name: Look what is behind, but for an image that is meant to stay
  winfleet.containers.image_update_info:
    exclude: [mcr.microsoft.com/windows/servercore:ltsc2019]
  register: updates

- name: Look with a name of one's own at a private registry
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
  description: One entry for each tag that a registry was asked for.
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
      description: The image the tag names on the host.
      type: str
    os_version:
      description: Its Windows version; null when it does not say.
      type: str
      sample: 10.0.20348.3807
    offered_digest:
      description: What the tag names at the registry.
      type: str
    offered_os_version:
      description: The Windows version this host would get.
      type: str
      sample: 10.0.20348.4052
    outdated:
      description: Whether a pull would bring another image.
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
      description: The reference it was made with.
      type: str
      sample: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
    image_id:
      description: The image it stands on.
      type: str
    running:
      description: Whether it runs.
      type: bool
    outdated:
      description: Whether its reference names another image by now, here or at the registry.
      type: bool
    reason:
      description: Why it is outdated; empty when it is not.
      type: str
      sample: the registry has another image for mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
before:
  description:
    - The names that an update moves, by the images they have to go back to when it fails - what the containers stand on, else what the
      names name now. Each entry fits the options O(winfleet.containers.image#module:name) and O(winfleet.containers.image#module:tags).
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
    - Images built on a base image of which a newer revision is known, and which no pull brings up to date. Found by their layers, which
      begin with those of the base, as long as the host has that base.
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
      description: Family and version of the base image it stands on.
      type: str
      sample: servercore 10.0.20348.3807
    newest:
      description: The newest revision known of that base.
      type: str
      sample: 10.0.20348.4052
    published:
      description: Whether it came from a registry, which has no newer one yet. Others were built or loaded.
      type: bool
    containers:
      description: The containers that stand on it.
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
