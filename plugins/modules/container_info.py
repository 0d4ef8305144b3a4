#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``container_info``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_info
short_description: List the containers of a Windows host
version_added: 0.1.0
description:
  - Returns containers as the module M(winfleet.containers.container) returns its own, by name, by filters, or all.
extends_documentation_fragment:
  - winfleet.containers.attributes.info
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.container
  - module: winfleet.containers.isolation_info
  - module: winfleet.containers.image_info
notes:
  - The isolation returned is the one the engine keeps for the container. M(winfleet.containers.isolation_info) proves which one is in force.
  - Values of environment variables, and of the options of log drivers, are never returned. They are often secrets. What a container wrote
    (O(logs)) is returned as it is; use C(no_log) where it may hold any.
options:
  name:
    description:
      - Containers by their exact name, or by an id of at least 12 digits. Names that do not exist are no error.
      - Without it, all containers, whether they run or not.
    type: list
    elements: str
  filters:
    description:
      - Only containers that fit these filters of the engine, each a text or a list of texts. Excludes O(name).
      - Known are C(ancestor), C(before), C(exited), C(expose), C(health), C(id), C(isolation), C(label), C(name), C(network),
        C(publish), C(since), C(status) and C(volume).
    type: dict
  inspect:
    description: Whether to add what the engine itself tells of each container, as RV(containers[].inspect).
    type: bool
    default: false
  logs:
    description: How many of the last lines that each container wrote are to be added, as RV(containers[].logs).
    type: int
"""

EXAMPLES = r"""
- name: Look for one container
  winfleet.containers.container_info:
    name: web
  register: web

- name: Show where it stands
  ansible.builtin.debug:
    msg: "{{ 'there is none' if not web.exists else web.container.status ~ ', ' ~ web.container.isolation }}"

- name: Look at all that were made from one image and run with Hyper-V isolation
  winfleet.containers.container_info:
    filters:
      ancestor: mcr.microsoft.com/windows/nanoserver:ltsc2022
      isolation: hyperv
      status: running

- name: Look for what has crashed, and for its last words
  winfleet.containers.container_info:
    filters:
      status: exited
    logs: 20
  register: ended

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.name }} ended with {{ item.exit_code }}: {{ item.logs }}"
  loop: "{{ ended.containers | rejectattr('exit_code', 'equalto', 0) }}"
  loop_control:
    label: "{{ item.name }}"

- name: Learn what the engine itself tells of a container
  winfleet.containers.container_info:
    name: web
    inspect: true
"""

RETURN = r"""
exists:
  description: Whether all names that were asked for exist. Without O(name), whether any container was found.
  returned: success
  type: bool
  sample: true
container:
  description: The container, when O(name) holds one name. V(null) when there is none.
  returned: when O(name) is given
  type: dict
  sample: {name: web, status: running, isolation: process}
missing:
  description: The names that do not exist.
  returned: when O(name) is given
  type: list
  elements: str
  sample: []
containers:
  description: One entry for each container found, by name. The keys are those of RV(winfleet.containers.container#module:container).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
      sample: web
    id:
      description: Id.
      type: str
      sample: bee7f05d3210417371c2d17005cbbc2a551e26acf1e1a5de3dfc0d926b54a9dc
    status:
      description: State in the engine's words.
      type: str
      sample: running
    isolation:
      description: The isolation that was asked for, V(process) or V(hyperv), resolved by the engine where its default was asked for.
      type: str
      sample: process
    inspect:
      description: The engine's own answer, without values of environment variables and of options of the log driver.
      returned: with O(inspect=true)
      type: dict
      sample: {HostConfig: {Isolation: process, NetworkMode: nat}}
    logs:
      description: The last lines that it wrote, standard output and error as they came. V(null) where its log driver keeps nothing.
      returned: with O(logs)
      type: str
      sample: "connecting to db\ntime is up\n"
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "list", "elements": "str"},
    "filters": {"type": "dict"},
    "inspect": {"type": "bool", "default": False},
    "logs": {"type": "int"},
    **ENGINE_ARGUMENTS,
}
ARGUMENT_RULES: dict[str, object] = {"mutually_exclusive": [("name", "filters")]}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, **ARGUMENT_RULES, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
