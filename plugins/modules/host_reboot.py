#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``host_reboot``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_reboot
short_description: Reboot a Windows host and verify that it restarted
version_added: 0.1.0
description:
  - Reboots the host once and waits until it is back. A changed boot time is the proof.
  - The host counts as back when, several times in a row, it answers with the new boot time, has finished servicing (features are configured while
    Windows starts, and even after it answers), and runs the services of O(services). Finally O(test_command) must succeed.
  - Requests the restart with C(shutdown.exe). Where the account may not restart Windows, or where Windows accepts the request and does nothing
    (cloud images do that), a scheduled task running as SYSTEM requests it. The scheduled task deletes itself; one left behind by an interrupted run
    is removed by the next reboot.
  - The plan, in check mode too, names the containers that the reboot stops, and which of them come back.
  - Fails with what was seen when the host refuses to reboot, does not go down, or does not come back in time.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_host
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_feature
  - module: winfleet.containers.host_info
notes:
  - This module always reboots and always reports a change. Use C(when) with RV(winfleet.containers.host_info#module:reboot) or
    RV(winfleet.containers.host_feature#module:reboot_required) to reboot only when it is needed.
  - How many hosts reboot at a time is up to Ansible, see R(Rebooting a fleet,ansible_collections.winfleet.containers.docsite.guide_reboot).
options:
  msg:
    description:
      - Message shown to users who are logged on; at most 512 characters.
      - A scheduled task shows it only if it is short (about 100 characters) and contains only letters, digits, spaces and C(.,:;/+-_).
    type: str
    default: Reboot requested by Ansible
  delay:
    description: Seconds from the request to the restart, at least 2 so that the host can answer before it goes.
    type: int
    default: 2
  reboot_timeout:
    description:
      - Seconds the host has to come back and be ready, counted from the end of O(delay).
      - A host that still answers as before after a quarter of this time, at most 60 seconds, is considered to ignore the request.
    type: int
    default: 600
  post_reboot_delay:
    description: Seconds to wait after the host is back.
    type: int
    default: 0
  services:
    description:
      - Names of services that must run again before the host counts as back. A service that the host does not have is not waited for; the task
        warns about it.
      - If not given, those of the container engines, C(hns), C(vmcompute) and C(vmms) that start automatically and run before the reboot. An empty
        list means none.
    type: list
    elements: str
  test_command:
    description:
      - A program on the host and its arguments, one item each; the task waits until it exits with 0.
      - It is run once everything else is ready, for at most 60 seconds at a time.
    type: list
    elements: str
    aliases: [test]
"""

EXAMPLES = r"""
- name: Reboot the host
  winfleet.containers.host_reboot:
    msg: Maintenance, back in ten minutes

- name: Give a slow machine half an hour
  winfleet.containers.host_reboot:
    reboot_timeout: 1800

- name: Wait until the container engine answers
  winfleet.containers.host_reboot:
    services: [docker]
    test_command: ['C:\Program Files\docker\docker.exe', version]
"""

RETURN = r"""
rebooted:
  description: Whether the host was rebooted. In check mode, whether it would be.
  returned: success
  type: bool
  sample: true
boot_time_before:
  description: Boot time before the reboot.
  returned: success
  type: str
  sample: "2026-11-24T07:12:03+00:00"
boot_time_after:
  description: Boot time after the reboot; null in check mode.
  returned: success
  type: str
  sample: "2026-11-24T08:30:41+00:00"
method:
  description: What requested the restart, V(shutdown) or V(scheduled_task); null in check mode.
  returned: success
  type: str
  sample: shutdown
rolled_back:
  description: DISM names of features whose pending change Windows rolled back at this boot. A warning names them too.
  returned: success
  type: list
  elements: str
  sample: []
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
  sample: ["reboot the host"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.progress_arguments import PROGRESS_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "msg": {"type": "str", "default": "Reboot requested by Ansible"},
    "delay": {"type": "int", "default": 2},
    "reboot_timeout": {"type": "int", "default": 600},
    "post_reboot_delay": {"type": "int", "default": 0},
    "services": {"type": "list", "elements": "str"},
    "test_command": {"type": "list", "elements": "str", "aliases": ["test"]},
    **PROGRESS_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
