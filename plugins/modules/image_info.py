#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``image_info``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_info
short_description: List the images of a Windows host, and how it can run them
version_added: 0.1.0
description:
  - Returns images by name, by filters, or all, with the Windows version and the base image they are built on, the containers created from them, and
    the isolation modes in which this host can run them.
extends_documentation_fragment:
  - winfleet.containers.attributes.info
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.base_image
  - module: winfleet.containers.container_info
  - module: winfleet.containers.host_info
notes:
  - RV(images[].isolation) is decided from the versions of host and image alone. M(winfleet.containers.host_info) says whether the host has what
    Hyper-V isolation needs.
  - Values of environment variables are never returned, since they are often secrets.
options:
  name:
    description:
      - Images by repository and tag, repository and digest, or id. Names that do not exist are not an error.
      - All images if not given.
    type: list
    elements: str
  filters:
    description:
      - Only images that match these filters of the engine, each a string or a list of strings. Cannot be combined with O(name).
      - The filters are C(before), C(dangling), C(label), C(reference), C(since) and C(until).
    type: dict
"""

EXAMPLES = r"""
- name: Look at all images
  winfleet.containers.image_info:
  register: found

- name: Show those from which no container was created
  ansible.builtin.debug:
    msg: "{{ found.images | rejectattr('containers') | map(attribute='tags') | flatten }}"

- name: Find out whether one can run with process isolation here
  winfleet.containers.image_info:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
  register: nano

- name: Show the verdict
  ansible.builtin.debug:
    msg: "{{ nano.images[0].isolation.process.reason }}"
  when: nano.exists

- name: List images that have lost their name
  winfleet.containers.image_info:
    filters:
      dangling: true
"""

RETURN = r"""
exists:
  description: Whether all names that were asked for exist.
  returned: when O(name) is given
  type: bool
  sample: true
missing:
  description: The names that do not exist.
  returned: when O(name) is given
  type: list
  elements: str
  sample: []
images:
  description: One entry for each image found, by name.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id.
      type: str
      sample: sha256:8a09fa9e06cd9128dc86b7b2561072877cfe13e38b0527223f42b03b90c4af3d
    tags:
      description: Names.
      type: list
      elements: str
      sample: ['mcr.microsoft.com/windows/nanoserver:ltsc2022']
    digests:
      description: Repositories and digests under which it was pulled.
      type: list
      elements: str
      sample: []
    created:
      description: When it was created.
      type: str
      sample: '2026-11-10T00:00:00Z'
    size:
      description: Size on disk in bytes, including layers shared with other images.
      type: int
      sample: 292000000
    os:
      description: Operating system.
      type: str
      sample: windows
    architecture:
      description: Architecture.
      type: str
      sample: amd64
    os_version:
      description: Windows version it is built on. V(null) if the image does not state it.
      type: str
      sample: 10.0.20348.2340
    release:
      description: The release of that version. V(null) for an unknown build.
      type: str
      sample: ltsc2022
    family:
      description: The family, for one of Microsoft's base images. V(null) for any other image.
      type: str
      sample: nanoserver
    base:
      description: The base image it is built on, found by its layers. V(null) when the host does not have it.
      type: dict
      sample: {family: nanoserver, os_version: 10.0.20348.2340}
    layers:
      description: Digests of its layers, the lowest first.
      type: list
      elements: str
      sample: []
    command:
      description: Entry point and command.
      type: list
      elements: str
      sample: ['c:\\windows\\system32\\cmd.exe']
    env:
      description: Names of the environment variables.
      type: list
      elements: str
      sample: []
    labels:
      description: Labels.
      type: dict
      sample: {}
    exposed_ports:
      description: Ports it declares.
      type: list
      elements: str
      sample: [80/tcp]
    working_dir:
      description: Working directory. V(null) for the engine's default.
      type: str
      sample: 'C:\app'
    user:
      description: User. V(null) for the default.
      type: str
      sample: ContainerUser
    containers:
      description: Names of the containers created from it, running or not.
      type: list
      elements: str
      sample: [web]
    isolation:
      description: The isolation modes in which the host can run the image. V(null) if the image does not state its version.
      type: dict
      contains:
        process:
          description: Whether process isolation is possible, why, and what to watch out for.
          type: dict
          sample: {possible: true, reason: host and image share build 20348, warnings: []}
        hyperv:
          description: The same for Hyper-V isolation.
          type: dict
          sample: {possible: true, reason: "Hyper-V isolation runs images up to the host's build 20348", warnings: []}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "list", "elements": "str"},
    "filters": {"type": "dict"},
    **ENGINE_ARGUMENTS,
}
ARGUMENT_RULES: dict[str, object] = {"mutually_exclusive": [("name", "filters")]}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, **ARGUMENT_RULES, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
