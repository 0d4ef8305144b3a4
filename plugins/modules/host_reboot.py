#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``host_reboot``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_reboot
short_description: Reboot a Windows host and prove it
version_added: 0.1.0
description:
  - Reboots the host once and waits until it is back. The proof is a boot time that has changed.
  - Fails with what was seen when the host refuses to reboot, does not go down, or does not come back in time.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_host
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_feature
  - module: winfleet.containers.host_info
notes:
  - This module always reboots and always reports a change. Use C(when) with RV(winfleet.containers.host_info#module:reboot) or
    RV(winfleet.containers.host_feature#module:reboot_required) to reboot only when it is needed.
options:
  msg:
    description: Shown to users who are logged on; at most 512 characters.
    type: str
    default: Reboot requested by Ansible
  delay:
    description: Seconds from the request to the restart, at least 2 so that the host can answer before it goes.
    type: int
    default: 2
  reboot_timeout:
    description: Seconds for the host to come back.
    type: int
    default: 600
  post_reboot_delay:
    description: Seconds to wait after the host is back.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Reboot the host
  winfleet.containers.host_reboot:
    msg: Maintenance, back in ten minutes

- name: Give a slow machine half an hour
  winfleet.containers.host_reboot:
    reboot_timeout: 1800
"""

RETURN = r"""
rebooted:
  description: Whether the host was rebooted. In check mode, whether it would be.
  returned: success
  type: bool
  sample: true
elapsed:
  description: Seconds from the request until the host was back; null in check mode.
  returned: success
  type: float
  sample: 74.2
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
plan:
  description: The steps that were carried out, or would be in check mode.
  returned: changed
  type: list
  elements: str
  sample: ["reboot the host"]
"""

from ansible.module_utils.basic import AnsibleModule

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "msg": {"type": "str", "default": "Reboot requested by Ansible"},
    "delay": {"type": "int", "default": 2},
    "reboot_timeout": {"type": "int", "default": 600},
    "post_reboot_delay": {"type": "int", "default": 0},
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
