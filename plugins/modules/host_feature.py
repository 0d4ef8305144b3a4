#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``host_feature``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_feature
short_description: Enable or disable optional features of Windows
version_added: 0.1.0
description:
  - Enables or disables C(Containers), C(Hyper-V) or any other optional feature by its DISM name, on servers and clients.
  - Changes all features that need a change in one run of C(dism.exe), with their parent features.
  - Reads the state again afterwards, after the reboot where there is one, and fails if Windows has rolled back the change.
  - Verifies Hyper-V as far as possible, after the reboot and whenever it is found enabled. Its hypervisor runs if the machine reports that one is
    present, or (in a guest) if the System log says that it was launched at this boot. Where it does not run because the boot loader is set not to
    launch it (C(bcdedit), C(hypervisorlaunchtype)), correcting that is a change of its own, and takes a reboot.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_host
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_info
  - module: winfleet.containers.host_reboot
notes:
  - While Windows servicing waits for a reboot, features cannot be changed reliably. The task then fails without touching anything,
    unless O(reboot=true).
  - Hyper-V is refused on a machine whose processor cannot run it. Where that cannot be determined, it is refused unless O(force=true).
  - C(dism.exe) does not say beforehand whether a feature needs a reboot. In check mode, a possible reboot counts as needed.
options:
  name:
    description:
      - Features, V(containers), V(hyperv) or names as C(dism /online /get-features) lists them. Letter case does not matter.
    type: list
    elements: str
    required: true
  state:
    description:
      - Whether the features are enabled or disabled.
      - A feature that will reach this state with the next reboot is left alone, and RV(reboot_required) says so.
    type: str
    choices: [present, absent]
    default: present
  reboot:
    description:
      - Reboot the host when the features need it, and also beforehand when servicing is already waiting for a reboot.
      - The plan, in check mode too, names the containers that the reboot stops, and which of them come back.
      - Otherwise the host is not rebooted, and RV(reboot_required) says whether a reboot is due.
    type: bool
    default: false
  reboot_timeout:
    description: Seconds the host has to come back from a reboot. Windows configures features while it boots, which can take minutes.
    type: int
    default: 1200
  source:
    description:
      - Where C(dism.exe) finds the payload of a feature that was removed from the host, given as a folder such as C(D:\\sources\\sxs), a share or a
        C(wim:) path.
      - Without it, Windows looks where its policies say, usually Windows Update.
    type: str
  winrm_start:
    description:
      - When the WinRM service starts at boot. Hyper-V disrupts the network while it starts, and WinRM avoids that if it starts a while after the
        other services (V(delayed)). Each boot then takes about two minutes longer.
      - It is a change of its own, in the plan and in the diff. Without it, the service is left as it is.
    type: str
    choices: [automatic, delayed]
  force:
    description:
      - Enable Hyper-V even though nothing shows that the processor's virtualization is exposed to this guest.
      - It does not help where the processor is known to lack virtualization.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Make the host ready for containers, with the reboot that this needs
  winfleet.containers.host_feature:
    name: containers
    reboot: true

- name: Enable Containers and Hyper-V together
  winfleet.containers.host_feature:
    name: [containers, hyperv]
  register: features

- name: Reboot once for both
  winfleet.containers.host_reboot:
  when: features.reboot_required

- name: Enable Hyper-V on hosts whose network it disrupts at boot
  winfleet.containers.host_feature:
    name: [containers, hyperv]
    winrm_start: delayed
    reboot: true

- name: Enable a feature whose payload is on the installation medium
  winfleet.containers.host_feature:
    name: NetFx3
    source: C:\media\sources\sxs
    reboot: true

- name: Remove a feature by its DISM name
  winfleet.containers.host_feature:
    name: TelnetClient
    state: absent
"""

RETURN = r"""
features:
  description:
    - State of each feature under the name the task used, as read back after the change.
    - One of V(enabled), V(disabled), V(enable_pending), V(disable_pending), V(removed), V(partially_installed), V(unknown).
  returned: success
  type: dict
  sample: {containers: enabled, hyperv: enable_pending}
reboot_required:
  description: Whether a reboot is due after this task. In check mode, whether one would be.
  returned: success
  type: bool
  sample: true
rebooted:
  description: Whether this task rebooted the host. In check mode, whether it would.
  returned: success
  type: bool
  sample: false
winrm_start:
  description: When the WinRM service starts at boot, V(automatic), V(delayed), V(manual) or V(disabled).
  returned: when O(winrm_start) is given
  type: str
  sample: delayed
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
  sample: ["enable the features Containers, Microsoft-Hyper-V"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.progress_arguments import PROGRESS_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "reboot": {"type": "bool", "default": False},
    "reboot_timeout": {"type": "int", "default": 1200},
    "force": {"type": "bool", "default": False},
    "source": {"type": "str"},
    "winrm_start": {"type": "str", "choices": ["automatic", "delayed"]},
    **PROGRESS_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
