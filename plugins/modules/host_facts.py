#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``host_facts``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_facts
short_description: Gather facts about a Windows container host
version_added: 0.1.0
description:
  - Reads the same as M(winfleet.containers.host_info) and sets it as a fact named C(winfleet_host), which later tasks and plays find under
    C(ansible_facts.winfleet_host).
  - A later call replaces the whole fact, even where it asks for less.
extends_documentation_fragment:
  - winfleet.containers.host
  - winfleet.containers.attributes.info
  - winfleet.containers.attributes.actiongroup_host
attributes:
  facts:
    description: Action returns an C(ansible_facts) dictionary that will update existing host facts.
    support: full
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_info
  - module: ansible.builtin.setup
"""

EXAMPLES = r"""
- name: Gather facts of the container host
  winfleet.containers.host_facts:

- name: Say what to do next where no engine can run yet
  ansible.builtin.debug:
    msg: "{{ ansible_facts.winfleet_host.readiness.engine.next_steps }}"
  when: not ansible_facts.winfleet_host.readiness.engine.ready

- name: Put hosts of one release into one group
  ansible.builtin.group_by:
    key: "windows_{{ ansible_facts.winfleet_host.os.build }}"
"""

RETURN = r"""
ansible_facts:
  description: The facts of the host.
  returned: success
  type: dict
  contains:
    winfleet_host:
      description:
        - What M(winfleet.containers.host_info) returns for the same subsets, under the same keys, such as
          RV(winfleet.containers.host_info#module:os) and RV(winfleet.containers.host_info#module:readiness).
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.host_arguments import GATHER_ARGUMENTS

ARGUMENT_SPEC = {**GATHER_ARGUMENTS}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
