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
  - Returns images by name, by filters, or all, with the Windows version they are built on, the base image they stand on, the containers
    made from them, and the isolation modes that this host and the image allow together.
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
  - RV(images[].isolation) is decided from the versions of host and image alone. Whether the host has what Hyper-V isolation needs is
    told by M(winfleet.containers.host_info).
  - Values of environment variables are never returned. They are often secrets.
options:
  name:
    description:
      - Images by repository and tag, repository and digest, or id. Names that do not exist are no error.
      - Without it, all images.
    type: list
    elements: str
  filters:
    description:
      - Only images that fit these filters of the engine, each a text or a list of texts. Excludes O(name).
      - Known are C(before), C(dangling), C(label), C(reference), C(since) and C(until).
    type: dict
"""

EXAMPLES = r"""
- name: Look at all images
  winfleet.containers.image_info:
  register: found

- name: Name those that nothing was made from
  ansible.builtin.debug:
    msg: "{{ found.images | rejectattr('containers') | map(attribute='tags') | flatten }}"

- name: Learn whether one can run with process isolation here
  winfleet.containers.image_info:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
  register: nano

- name: Show the verdict
  ansible.builtin.debug:
    msg: "{{ nano.images[0].isolation.process.reason }}"
  when: nano.exists

- name: Look at what has lost its name
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
      description: Repositories and digests it was pulled under.
      type: list
      elements: str
      sample: []
    created:
      description: When it was made.
      type: str
      sample: '2026-11-10T00:00:00Z'
    size:
      description: Bytes on disk, layers it shares with other images included.
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
      description: Windows version it is built on. V(null) when the image does not tell.
      type: str
      sample: 10.0.20348.2340
    release:
      description: The release of that version. V(null) for a build that is not known.
      type: str
      sample: ltsc2022
    family:
      description: The family, for a base image of Microsoft. V(null) for any other image.
      type: str
      sample: nanoserver
    base:
      description: The base image on this host whose layers it stands on. V(null) when the host does not have it.
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
      description: Names of the containers made from it, whether they run or not.
      type: list
      elements: str
      sample: [web]
    isolation:
      description: What host and image allow together. V(null) when the image does not tell its version.
      type: dict
      contains:
        process:
          description: Whether process isolation is possible, why, and what to watch.
          type: dict
          sample: {possible: true, reason: host and image share build 20348, warnings: []}
        hyperv:
          description: The same of Hyper-V isolation.
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
