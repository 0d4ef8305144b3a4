#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``base_image``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: base_image
short_description: Provide the Windows base image that fits the host
version_added: 0.1.0
description:
  - Finds the tag of a Microsoft base image that matches the Windows build of the host, and pulls it when the host does not have what
    the registry offers now.
  - Asks the registry, through the engine, before anything is pulled. An image that is newer than the host is refused then.
  - Shows the progress of the pull while it runs.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_info
  - module: winfleet.containers.container
notes:
  - Whether the image is up to date is decided by its digest, so the registry is asked in every run.
  - C(windows) is published for Windows Server 2019 and older releases only, C(server) for Windows Server 2022 and later.
options:
  family:
    description: Family of the base image.
    type: str
    required: true
    choices: [nanoserver, servercore, server, windows]
  release:
    description:
      - V(auto) takes the image generation of the host's own release, or the newest one that the host can run.
      - Otherwise a release as in the image's tags (V(ltsc2022), V(1809)), or a full version (V(10.0.20348.2340)).
    type: str
    default: auto
"""

EXAMPLES = r"""
- name: Provide the Nano Server image that fits each host
  winfleet.containers.base_image:
    family: nanoserver

- name: Provide an older Server Core image, to be run with Hyper-V isolation
  winfleet.containers.base_image:
    family: servercore
    release: ltsc2019

- name: Provide an image that never moves
  winfleet.containers.base_image:
    family: nanoserver
    release: 10.0.20348.1487
  register: base

- name: Use what was found
  winfleet.containers.container:
    name: ping
    image: "{{ base.image.reference }}"
    command: [ping, -t, localhost]
"""

RETURN = r"""
image:
  description: The image on the host. In check mode, where it would have been pulled, what the registry says of it.
  returned: success
  type: dict
  contains:
    reference:
      description: Repository and tag.
      type: str
      sample: mcr.microsoft.com/windows/nanoserver:ltsc2022
    id:
      description: Id of the image. V(null) in check mode, before a pull.
      type: str
      sample: sha256:8a09fa9e06cd9128dc86b7b2561072877cfe13e38b0527223f42b03b90c4af3d
    os_version:
      description: Windows version in the image. V(null) if the image does not tell.
      type: str
      sample: 10.0.20348.2340
    digest:
      description: Digest of the manifest, or manifest list, under which the registry offers the image.
      type: str
      sample: sha256:b4248836dea118c48481b821d9fbb40daf7e207b48f5e6edc9da6837050b0f65
    size:
      description: Size on disk in bytes. V(null) in check mode, before a pull.
      type: int
      sample: 296000000
plan:
  description: The steps that were carried out, or would be in check mode.
  returned: changed
  type: list
  elements: str
  sample: ["pull the image mcr.microsoft.com/windows/nanoserver:ltsc2022"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "family": {"type": "str", "required": True, "choices": ["nanoserver", "servercore", "server", "windows"]},
    "release": {"type": "str", "default": "auto"},
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
