#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``fleet_report``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_report
short_description: Write a report on a fleet of container hosts
version_added: 0.1.0
description:
  - Writes one HTML page on the controller that shows what needs action in a fleet, what will not start after the next update of the hosts, and the
    state of hosts, containers, images and licences. The page is self-contained, works without JavaScript, and can be printed.
  - Writes the same tables beside it as one JSON file, and as a CSV file for each table.
  - The facts come from other modules of this collection, whose results are passed in. The playbook C(winfleet.containers.fleet_report) gathers
    them and writes the report.
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_info
  - module: winfleet.containers.container_info
  - module: winfleet.containers.image_info
  - module: winfleet.containers.image_update_info
  - module: winfleet.containers.isolation_info
notes:
  - No host is queried. Run it with C(run_once) and C(delegate_to=localhost).
  - The same results and the same O(timestamp) give the same files, byte for byte.
attributes:
  check_mode:
    description: Says which files would change without writing them.
    support: full
  diff_mode:
    description: Shows which files differ, not how.
    support: partial
    details: A page that differs in its timestamp alone would fill the screen.
  action:
    description: All work is done on the controller by an action plugin of the same name.
    support: full
  async:
    description: Can be run in the background with C(async).
    support: none
    details: The work is done on the controller and is quick.
  become:
    description: Can be run as another user with C(become).
    support: none
    details: The files belong to the user who runs Ansible.
  platform:
    description: Target systems.
    support: full
    platforms: posix
  action_group:
    description: Belongs to no action group, because it shares no options with other modules.
    support: none
    membership: []
options:
  dest:
    description: The folder for the files, on the controller. It is created if it does not exist.
    type: path
    required: true
  hosts:
    description:
      - What was gathered, one entry for each host. Results of failed, skipped and unreachable tasks are accepted, and shown as such.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the host in the inventory.
        type: str
        required: true
      groups:
        description: Its groups, for the page's filter.
        type: list
        elements: str
        default: []
      host:
        description: Result of M(winfleet.containers.host_info).
        type: dict
      containers:
        description: Result of M(winfleet.containers.container_info).
        type: dict
      images:
        description: Result of M(winfleet.containers.image_info).
        type: dict
      isolation:
        description: Result of M(winfleet.containers.isolation_info).
        type: dict
      updates:
        description: Result of M(winfleet.containers.image_update_info).
        type: dict
  title:
    description: Title of the page.
    type: str
    default: Windows container hosts
  timestamp:
    description:
      - The moment the report describes, such as V(2026-11-24T12:00:00+00:00). Ages and the end of support are calculated for its date.
      - The current time if not given.
    type: str
"""

EXAMPLES = r"""
- name: Look at the host
  winfleet.containers.host_info:
  register: host

- name: Look at its containers
  winfleet.containers.container_info:
  register: containers

- name: Write a report on this host alone
  winfleet.containers.fleet_report:
    dest: "{{ report_folder }}"
    title: "The host {{ inventory_hostname }}"
    hosts:
      - name: "{{ inventory_hostname }}"
        groups: "{{ group_names }}"
        host: "{{ host }}"
        containers: "{{ containers }}"
  register: report
  delegate_to: localhost

- name: Say where it is
  ansible.builtin.debug:
    var: report.page
"""

RETURN = r"""
plan:
  description: The files that were written, or in check mode would be.
  returned: when something changed
  type: list
  elements: str
  sample: [write /srv/reports/fleet-report.html]
page:
  description: Path of the page.
  returned: success
  type: str
  sample: /srv/reports/fleet-report.html
files:
  description: Paths of all files.
  returned: success
  type: list
  elements: str
  sample: [/srv/reports/fleet-report.html, /srv/reports/fleet-report.json, /srv/reports/fleet-report-hosts.csv]
summary:
  description: The figures at the head of the page, each with C(value), and with C(of) where it is a part of something.
  returned: success
  type: dict
  sample: {act: {value: 1, of: 40}, reached: {value: 39, of: 40}, reboots: {value: 2, of: null}}
findings:
  description: What needs action, the most urgent first.
  returned: success
  type: list
  elements: dict
  contains:
    urgency:
      description: V(act) for what is broken or will break with the next update, V(plan) for what works but not indefinitely.
      type: str
      sample: plan
    host:
      description: Name of the host.
      type: str
      sample: web01
    what:
      description: The finding.
      type: str
      sample: the registry has newer images
    subjects:
      description: The containers or images it concerns.
      type: list
      elements: str
      sample: ['mcr.microsoft.com/windows/nanoserver:ltsc2022']
    advice:
      description: What to do.
      type: str
      sample: Run update_base_images
"""

from ansible.module_utils.basic import AnsibleModule

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "dest": {"type": "path", "required": True},
    "hosts": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "groups": {"type": "list", "elements": "str", "default": []},
            "host": {"type": "dict"},
            "containers": {"type": "dict"},
            "images": {"type": "dict"},
            "isolation": {"type": "dict"},
            "updates": {"type": "dict"},
        },
    },
    "title": {"type": "str", "default": "Windows container hosts"},
    "timestamp": {"type": "str"},
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
