#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``host_info``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Facts about a Windows container host, with verdicts and reasons
version_added: 0.1.0
description:
  - Reads what decides whether and how a Windows machine can run containers, without changing anything and without PowerShell.
  - Says for each isolation mode whether the host can run it, why, and what is still missing.
  - Starts a program on the host only while Windows servicing waits for a reboot, or to ask an engine that is installed.
extends_documentation_fragment:
  - winfleet.containers.attributes.info
  - winfleet.containers.attributes.actiongroup_host
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_feature
  - module: winfleet.containers.host_reboot
notes:
  - Where a hypervisor is present, processor flags that read false prove nothing. A guest whose virtualization cannot be seen therefore
    gets the verdict V(unknown) for Hyper-V isolation, with the reason and with what would settle it.
options: {}
"""

EXAMPLES = r"""
- name: Look at the host
  winfleet.containers.host_info:
  register: host

- name: Show which isolation works and why
  ansible.builtin.debug:
    msg:
      - "process: {{ host.isolation.process.verdict }}, {{ host.isolation.process.reason }}"
      - "hyperv: {{ host.isolation.hyperv.verdict }}, {{ host.isolation.hyperv.reason }}"

- name: Reboot when one is pending
  winfleet.containers.host_reboot:
  when: host.reboot.pending
"""

RETURN = r"""
os:
  description: The Windows of the host.
  returned: success
  type: dict
  contains:
    caption:
      description: Name of the product.
      type: str
      sample: Microsoft Windows Server 2022 Standard
    edition:
      description: Edition as the registry names it.
      type: str
      sample: ServerStandard
    product_type:
      description: V(workstation), V(domain_controller) or V(server).
      type: str
      sample: server
    installation_type:
      description: How it was installed, V(Client), V(Server) or V(Server Core).
      type: str
      sample: Server Core
    version:
      description: Version with build and revision.
      type: str
      sample: 10.0.20348.3207
    build:
      description: Build, the third field of the version.
      type: int
      sample: 20348
    revision:
      description: Revision (UBR), the fourth field of the version; null when it cannot be read.
      type: int
      sample: 3207
    release:
      description: The release this build belongs to.
      type: str
      sample: Windows Server 2022
    display_version:
      description: The release's short label; null when Windows gives none.
      type: str
      sample: 21H2
platform:
  description:
    - On what this Windows runs, one of V(metal), V(hyperv), V(vmware), V(azure), V(ec2), V(kvm), V(virtualbox), V(xen), V(unknown).
  returned: success
  type: str
  sample: hyperv
hardware:
  description: The machine's size.
  returned: success
  type: dict
  contains:
    memory_bytes:
      description: Physical memory.
      type: int
      sample: 17179869184
    processors:
      description: Logical processors.
      type: int
      sample: 8
    free_disk_bytes:
      description: Free space of the system drive.
      type: int
      sample: 64424509440
isolation:
  description: Whether the host can run containers in each isolation mode, under the keys C(process) and C(hyperv).
  returned: success
  type: dict
  contains:
    process:
      description: Process isolation.
      type: dict
      contains: &verdict
        verdict:
          description: V(yes), V(no) or V(unknown) for the host with its features enabled.
          type: str
          sample: "yes"
        reason:
          description: Why.
          type: str
          sample: Windows Server 2022 runs process-isolated containers
        ready:
          description: Whether nothing is missing now.
          type: bool
          sample: false
        missing:
          description: What is missing.
          type: list
          elements: str
          sample: [the feature Containers is not enabled]
        advice:
          description: What would change the verdict; empty when nothing would.
          type: str
          sample: ""
    hyperv:
      description: Hyper-V isolation.
      type: dict
      contains: *verdict
features:
  description:
    - States of the features under the keys C(containers) and C(hyperv).
    - One of V(enabled), V(disabled), V(enable_pending), V(disable_pending), V(removed), V(partially_installed), V(unknown).
      The last one stands for a feature that this Windows does not have.
  returned: success
  type: dict
  sample: {containers: enabled, hyperv: disabled}
reboot:
  description: Whether a reboot is pending.
  returned: success
  type: dict
  contains:
    pending:
      description: A reboot is due.
      type: bool
      sample: true
    servicing:
      description: Windows servicing waits for it, so that no feature can be changed before.
      type: bool
      sample: true
    reasons:
      description: The indicators that are set, also those that alone make no reboot due.
      type: list
      elements: str
engine:
  description: The Docker Engine.
  returned: success
  type: dict
  contains:
    installed:
      description: Whether a service runs C(dockerd.exe).
      type: bool
      sample: true
    version:
      description: Version of the engine; null when there is none or it cannot be learned.
      type: str
      sample: 28.5.2
    running:
      description: Whether the service runs.
      type: bool
      sample: true
    default_isolation:
      description: Isolation of containers that ask for none; null while the engine does not run.
      type: str
      sample: process
    service:
      description: Name of the service.
      type: str
      sample: docker
    path:
      description: Path of C(dockerd.exe).
      type: str
      sample: C:\Program Files\docker\dockerd.exe
    problem:
      description: Why a running engine could not be asked; null otherwise.
      type: str
base_images:
  description: The tag of each base image family that matches this host; null where the family has none for it.
  returned: success
  type: dict
  sample: {nanoserver: ltsc2022, servercore: ltsc2022, server: ltsc2022, windows: null}
"""

from ansible.module_utils.basic import AnsibleModule

ARGUMENT_SPEC: dict[str, dict[str, object]] = {}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
