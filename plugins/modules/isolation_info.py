#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``isolation_info``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: isolation_info
short_description: Prove which isolation is in force for running containers
version_added: 0.1.0
description:
  - Looks for the processes of each container in the process table of the host. With process isolation they appear there, with the same ids and
    names. With Hyper-V isolation they do not, and the host has a worker process for each container's virtual machine.
  - Where a container seems to have a virtual machine, the Host Compute Service is asked as well (C(hcsdiag.exe list), where the host has it and the
    account may run it), to identify the container's own virtual machine and its worker process.
  - Judges by that evidence alone. What the engine says about a container (C(docker inspect)) is what was asked for, not a measurement.
extends_documentation_fragment:
  - winfleet.containers.attributes.info
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.container
  - module: winfleet.containers.host_info
notes:
  - Only processes that existed both before and after the host's table was read are compared, so that a reused id proves nothing.
  - Ordinary virtual machines have worker processes too. Their number is compared with the number of containers without processes on the host, so on
    a host with other virtual machines this part of the evidence is weaker, unless the Host Compute Service tells them apart.
  - In check mode, a container that does not exist or an engine that is not installed only causes a warning, because the changes predicted by
    earlier tasks have not been made.
options:
  name:
    description: Names of the containers. All running containers if not given.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look at all running containers
  winfleet.containers.isolation_info:
  register: proof

- name: Fail unless each has the isolation that was asked for
  ansible.builtin.assert:
    that: item.as_requested
    fail_msg: "{{ item.name }}: {{ item.reason }}"
  loop: "{{ proof.containers }}"
  loop_control:
    label: "{{ item.name }}"

- name: Fail only where the evidence speaks against what was asked for
  ansible.builtin.assert:
    that: proof.mismatched | length == 0

- name: Look at one
  winfleet.containers.isolation_info:
    name: web
"""

RETURN = r"""
containers:
  description: One entry for each container, by name.
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
    requested:
      description: The container's isolation as the engine records it, V(process) or V(hyperv).
      type: str
      sample: hyperv
    verdict:
      description: What the evidence says, V(process), V(hyperv) or V(unproved).
      type: str
      sample: hyperv
    confidence:
      description:
        - How certain the verdict is, V(none) when nothing is proved.
        - V(high) when several processes, or one process and the Host Compute Service, agree, or when the container's own virtual machine is known.
        - V(medium) when one process matches, or when the host has exactly one worker process for each container of this kind.
        - V(low) when it has more of them, so that some belong to other virtual machines.
      type: str
      sample: high
    as_requested:
      description: Whether the verdict matches what was requested. V(null) when nothing is proved.
      type: bool
      sample: true
    reason:
      description: Why the verdict is what it is.
      type: str
      sample: of 9 processes compared none is on the host, where vmwp.exe 2376 works for the container's virtual machine
    mismatches:
      description: The contradictions in the evidence, one clause each. Empty when there are none.
      type: list
      elements: str
      sample: []
    evidence:
      description: What the verdict is based on.
      type: dict
      contains:
        compared:
          description: The container's processes that could be compared.
          type: list
          elements: dict
          sample: [{pid: 1732, name: ping.exe}]
        on_host:
          description: Those of them that are processes of the host, with the same ids and names.
          type: list
          elements: dict
          sample: []
        utility_vm_processes:
          description: Ids of the host's virtual machine worker processes.
          type: list
          elements: int
          sample: [2376]
        utility_vm_process:
          description: Id of the worker process of this container's own virtual machine. V(null) when it cannot be identified.
          type: int
          sample: 2376
        compute_system:
          description: What the Host Compute Service lists for the container. V(null) when it was not asked or does not list it.
          type: dict
          contains:
            type:
              description: Type, V(VM) or V(Container).
              type: str
              sample: VM
            vm_id:
              description: Id of its virtual machine.
              type: str
              sample: C2C42EC1-5040-5D0A-AC86-F4BACF6B75CB
        failed_start:
          description: The isolation in which the last start failed, where the engine's error shows it. V(null) otherwise.
          type: str
          sample: null
        inspect:
          description: What the engine records, for comparison. It does not affect the verdict.
          type: str
          sample: hyperv
mismatched:
  description: Names of the containers whose evidence contradicts what was asked for, or other evidence.
  returned: success
  type: list
  elements: str
  sample: []
unproved:
  description: Names of the containers whose isolation is not proved.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "list", "elements": "str"},
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
