#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``volume``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: volume
short_description: Manage named volumes on a Windows host
version_added: 0.1.0
description:
  - Creates and removes a named volume. A volume cannot be changed in place, so another driver or other labels mean a new, empty one.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.container
  - module: winfleet.containers.prune
notes:
  - Options that are not given are not compared, and are carried over from a volume that is replaced.
  - On Windows the engine stores volume names in lower case.
options:
  name:
    description: Name of the volume. Names that Windows reserves (V(con), V(nul) and the like) are refused.
    type: str
    required: true
    aliases: [volume_name]
  state:
    description:
      - V(present) ensures that the volume exists.
      - V(absent) removes it with its contents. It is refused while a container, running or not, uses the volume. In check mode this is only a
        warning, since an earlier task of the play may be about to remove the container.
    type: str
    choices: [present, absent]
    default: present
  driver:
    description: Driver of a new volume. The engine's default, V(local), if not given.
    type: str
  driver_options:
    description: Options for the driver. The driver V(local) accepts none on Windows.
    type: dict
  labels:
    description: Labels. Put V(true), V(yes) and the like in quotes.
    type: dict
  recreate:
    description:
      - What to do with an existing volume. Its contents are lost when it is replaced.
      - V(never) keeps it, and warns if an option differs.
      - V(options-changed) replaces it if O(driver), O(driver_options) or O(labels) differ.
      - V(always) replaces it.
    type: str
    choices: [never, options-changed, always]
    default: never
"""

EXAMPLES = r"""
- name: Create a volume for a database
  winfleet.containers.volume:
    name: shop-data
    labels:
      owner: shop

- name: Use it
  winfleet.containers.container:
    name: shop
    image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    command: ping -t localhost
    volumes:
      - shop-data:C:\data

- name: Remove the container
  winfleet.containers.container:
    name: shop
    state: absent

- name: Remove the volume with its contents
  winfleet.containers.volume:
    name: shop-data
    state: absent
"""

RETURN = r"""
volume:
  description: The volume. V(null) when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Name, in lower case.
      type: str
      sample: shop-data
    driver:
      description: Driver.
      type: str
      sample: local
    mountpoint:
      description: Its folder on the host. V(null) in check mode for a volume that is to be created.
      type: str
      sample: 'C:\ProgramData\docker\volumes\shop-data\_data'
    created:
      description: When it was created. V(null) in check mode for a volume that is to be created.
      type: str
      sample: '2026-11-24T08:00:00Z'
    scope:
      description: Scope.
      type: str
      sample: local
    labels:
      description: Labels.
      type: dict
      sample: {owner: shop}
    options:
      description: Options of the driver.
      type: dict
      sample: {}
elapsed:
  description: Seconds that the steps took, also when the task failed partway.
  returned: when steps were carried out
  type: float
  sample: 71.4
progress:
  description: The steps that were carried out, in order. When the task failed partway, the last one is the step that failed.
  returned: when steps were carried out
  type: list
  elements: dict
  contains:
    action:
      description: The kind of step, a stable keyword.
      returned: always
      type: str
      sample: pull
    step:
      description: The step, worded as in RV(plan).
      returned: always
      type: str
      sample: pull the image mcr.microsoft.com/windows/nanoserver:ltsc2022
    elapsed:
      description: Seconds that it took.
      returned: always
      type: float
      sample: 70.9
    bytes:
      description: Bytes that it transferred.
      returned: for steps that transfer a file or an image and count the bytes
      type: int
      sample: 120391823
plan:
  description: The steps that were carried out, or would be in check mode.
  returned: changed
  type: list
  elements: str
  sample: ["create the volume shop-data"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "str", "required": True, "aliases": ["volume_name"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "driver": {"type": "str"},
    "driver_options": {"type": "dict"},
    "labels": {"type": "dict"},
    "recreate": {"type": "str", "choices": ["never", "options-changed", "always"], "default": "never"},
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
