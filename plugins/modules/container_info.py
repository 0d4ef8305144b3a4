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
  - Returns containers by name, by filters, or all of them, with the keys that the module M(winfleet.containers.container) returns.
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
  - The isolation returned is the one the engine records for the container. M(winfleet.containers.isolation_info) proves which one is in force.
  - Values of environment variables, and of the options of log drivers, are never returned, since they are often secrets. What a container wrote
    (O(logs)) is returned as it is; use C(no_log) where it may contain secrets.
options:
  name:
    description:
      - Containers, by their exact names or by at least 12 digits of their ids. Names that do not exist are not an error.
      - All containers, running or not, if not given.
    type: list
    elements: str
  filters:
    description:
      - Only containers that match these filters of the engine, each a string or a list of strings. Cannot be combined with O(name).
      - The filters are C(ancestor), C(before), C(exited), C(expose), C(health), C(id), C(isolation), C(label), C(name), C(network), C(publish),
        C(since), C(status) and C(volume).
    type: dict
  inspect:
    description: Whether to add the engine's own description of each container, as RV(containers[].inspect).
    type: bool
    default: false
  logs:
    description: How many of the last lines of each container's output to add, as RV(containers[].logs).
    type: int
"""

EXAMPLES = r"""
- name: Look for one container
  winfleet.containers.container_info:
    name: web
  register: web

- name: Show its state
  ansible.builtin.debug:
    msg: "{{ 'there is none' if not web.exists else web.container.status ~ ', ' ~ web.container.isolation }}"

- name: List all that were created from one image and run with Hyper-V isolation
  winfleet.containers.container_info:
    filters:
      ancestor: mcr.microsoft.com/windows/nanoserver:ltsc2022
      isolation: hyperv
      status: running

- name: Find containers that have exited, with their last lines of output
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

- name: Get the engine's own description of a container
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
  description: The container, when O(name) contains one name. V(null) when it does not exist.
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
      description: The isolation that was asked for, V(process) or V(hyperv); where the default was asked for, what the engine resolved it to.
      type: str
      sample: process
    inspect:
      description: The engine's own answer, without the values of environment variables and log driver options.
      returned: with O(inspect=true)
      type: dict
      sample: {HostConfig: {Isolation: process, NetworkMode: nat}}
    logs:
      description: The last lines that it wrote, standard output and standard error interleaved. V(null) where its log driver keeps nothing.
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
