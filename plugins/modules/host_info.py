#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``host_info``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Gather information about a Windows container host, with verdicts and reasons
version_added: 0.1.0
description:
  - Reads what determines whether and how a Windows machine can run containers, without changing anything and without PowerShell.
  - Says for process isolation, for Hyper-V isolation and for the engine whether the host can run it, why, and what to do next. Each verdict
    is V(yes), V(no) or V(unknown), never a guess.
extends_documentation_fragment:
  - winfleet.containers.host
  - winfleet.containers.attributes.info
  - winfleet.containers.attributes.actiongroup_host
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_facts
  - module: winfleet.containers.host_feature
  - module: winfleet.containers.host_reboot
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

- name: Look at everything
  winfleet.containers.host_info:
    gather_subset: [all]
  register: everything

- name: Show what has to be done before an engine can run
  ansible.builtin.debug:
    msg: "{{ everything.readiness.engine.next_steps }}"

- name: Fail where the engine's drive is nearly full
  ansible.builtin.assert:
    that: everything.storage.free_bytes is none or everything.storage.free_bytes > 20 * 1024 ** 3

- name: Check only which Windows it is, and whether it will still be supported at the end of next year
  winfleet.containers.host_info:
    gather_subset: [support]
    today: "2027-12-31"
"""

RETURN = r"""
os:
  description: The host's Windows.
  returned: unless the subset V(os) is left out
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
    - What this Windows runs on, one of V(metal), V(hyperv), V(vmware), V(azure), V(ec2), V(kvm), V(virtualbox), V(xen), V(unknown).
  returned: unless the subset V(hardware) is left out
  type: str
  sample: hyperv
hardware:
  description: The machine's size.
  returned: unless the subset V(hardware) is left out
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
  returned: unless the subset V(isolation) is left out
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
          description: Whether everything needed is in place now.
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
virtualization:
  description: What is known about the virtualization below and in this Windows.
  returned: unless the subset V(isolation) is left out
  type: dict
  contains:
    guest:
      description: Whether the machine is virtual; null when that is not known.
      type: bool
    hypervisor_present:
      description: Whether a hypervisor runs, this Windows' own or one below it; null when the host does not say.
      type: bool
    exposed:
      description: Whether the processor's virtualization is available to this Windows, V(yes), V(no) or V(unknown). In a guest this means nested
        virtualization.
      type: str
      sample: unknown
    processor_flags:
      description:
        - What the processor reports about itself, under the keys C(vm_monitor), C(second_level_translation) and C(firmware_enabled).
        - With C(reliable) false, a hypervisor hides the actual values, and a flag that is false proves nothing.
      type: dict
readiness:
  description:
    - The verdicts with everything that bears on them, under the keys C(process), C(hyperv) and C(engine).
    - The engine's is about a Docker Engine, not about Docker Desktop.
  returned: unless the subset V(isolation) is left out
  type: dict
  contains:
    process:
      description: Process isolation.
      type: dict
      contains: &readiness
        verdict:
          description: V(yes), V(no) or V(unknown) for the host with its features enabled.
          type: str
          sample: "yes"
        ready:
          description: Whether everything needed is in place now.
          type: bool
          sample: false
        reasons:
          description: The deciding reason, then what is missing, then what else bears on it, such as licences and the end of support.
          type: list
          elements: str
          sample: [Windows Server 2022 runs current Docker Engines, the feature Containers is not enabled, no Docker Engine is installed]
        next_steps:
          description: What to do, in order.
          type: list
          elements: str
          sample: [Enable the feature Containers with the module host_feature, Install a Docker Engine with the module docker_engine]
    hyperv:
      description: Hyper-V isolation.
      type: dict
      contains: *readiness
    engine:
      description: A Docker Engine.
      type: dict
      contains: *readiness
features:
  description:
    - States of the features, under the keys C(containers) and C(hyperv).
    - One of V(enabled), V(disabled), V(enable_pending), V(disable_pending), V(removed), V(partially_installed), V(unknown). The last one means a
      feature that this Windows does not have.
  returned: unless the subset V(features) is left out
  type: dict
  sample: {containers: enabled, hyperv: disabled}
reboot:
  description: Whether a reboot is pending.
  returned: unless the subset V(reboot) is left out
  type: dict
  contains:
    pending:
      description: Whether a reboot is due.
      type: bool
      sample: true
    servicing:
      description: Whether Windows servicing waits for it, so that no feature can be changed before.
      type: bool
      sample: true
    reasons:
      description: The indicators that are set, including those that do not require a reboot by themselves.
      type: list
      elements: str
engine:
  description: The Docker Engine.
  returned: unless the subset V(engine) is left out
  type: dict
  contains:
    installed:
      description: Whether a service runs C(dockerd.exe).
      type: bool
      sample: true
    version:
      description: Version of the engine; null when there is none or it cannot be determined.
      type: str
      sample: 28.5.2
    running:
      description: Whether the service runs.
      type: bool
      sample: true
    default_isolation:
      description: Isolation of containers that do not ask for a mode; null while the engine does not run.
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
  returned: unless the subset V(base_images) is left out
  type: dict
  sample: {nanoserver: ltsc2022, servercore: ltsc2022, server: ltsc2022, windows: null}
runtimes:
  description: The container runtimes of the host, recognised by their services.
  returned: unless the subset V(runtimes) is left out
  type: list
  elements: dict
  contains:
    name:
      description: V(docker), V(docker_desktop) or V(containerd).
      type: str
      sample: containerd
    service:
      description: Name of its service.
      type: str
      sample: containerd
    path:
      description: Path of the service's program; null where another program starts the runtime.
      type: str
      sample: C:\Program Files\containerd\containerd.exe
    running:
      description: Whether it runs. For Docker Desktop, whether its Windows engine runs; null when that cannot be determined.
      type: bool
      sample: true
    version:
      description: Its version; null when it cannot be determined cheaply.
      type: str
      sample: 2.0.10
    pipe:
      description: Name of the named pipe it listens on by default; null while it does not run.
      type: str
      sample: containerd-containerd
domain:
  description: Domain membership.
  returned: unless the subset V(domain) is left out
  type: dict
  contains:
    joined:
      description: Whether the machine belongs to a domain.
      type: bool
      sample: false
    name:
      description: Name of the domain, or of the workgroup.
      type: str
      sample: WORKGROUP
    role:
      description:
        - One of V(standalone_workstation), V(member_workstation), V(standalone_server), V(member_server), V(backup_domain_controller),
          V(primary_domain_controller).
      type: str
      sample: standalone_server
support:
  description: Whether the vendor supports this Windows on the date of O(today).
  returned: unless the subset V(support) is left out
  type: dict
  contains:
    verdict:
      description: V(yes), V(no), or V(unknown) where the edition, the sources or paid updates leave it open.
      type: str
      sample: "yes"
    phase:
      description: V(mainstream), V(extended), V(ended) or V(unknown).
      type: str
      sample: extended
    reason:
      description: Why.
      type: str
      sample: support ends on 2031-10-14
    end:
      description: The last day of free support.
      type: str
      sample: "2031-10-14"
    mainstream_end:
      description: The last day of mainstream support.
      type: str
      sample: "2026-10-13"
    paid_end:
      description: The last day of paid extended security updates; null when there are none.
      type: str
    days_left:
      description: Days until the end; negative after it.
      type: int
      sample: 1785
storage:
  description: Where the engine keeps its data, or would by default.
  returned: when the subset V(storage) is asked for
  type: dict
  contains:
    data_root:
      description: The folder; null when the engine's configuration cannot be read.
      type: str
      sample: C:\ProgramData\docker
    exists:
      description: Whether the folder exists.
      type: bool
    windowsfilter:
      description: The folder of the layers; null when there is none yet.
      type: str
    drive:
      description: Drive of the folder.
      type: str
      sample: "C:"
    size_bytes:
      description: Size of the drive.
      type: int
    free_bytes:
      description: Free space of the drive.
      type: int
    filesystem:
      description: File system of the drive.
      type: str
      sample: NTFS
    problems:
      description: What prevents containers from being stored there.
      type: list
      elements: str
networks:
  description: Container networks.
  returned: when the subset V(networks) is asked for
  type: dict
  contains:
    hns:
      description: Networks of the Host Network Service with C(name) and C(id), of any runtime; null when they cannot be determined.
      type: list
      elements: dict
    problem:
      description: Why they cannot be determined; null otherwise.
      type: str
winrm:
  description: What the host's WinRM service allows.
  returned: when the subset V(winrm) is asked for
  type: dict
  contains:
    settings:
      description: Limits, under names such as C(max_envelope_kb) and C(max_shells_per_user), and what is allowed; null when the account may not
        read them.
      type: dict
      sample: {max_envelope_kb: 500, max_shells_per_user: 30, max_processes_per_shell: 25, allow_remote_shell: true}
    tight:
      description: Settings below the defaults of Windows, with which tasks may fail or take longer.
      type: list
      elements: str
    problem:
      description: Why the settings cannot be determined; null otherwise.
      type: str
antivirus:
  description: Malware protection, as far as CIM reports it. Products that are not registered there are not seen.
  returned: when the subset V(antivirus) is asked for
  type: dict
  contains:
    products:
      description:
        - Products with C(name), C(enabled), C(real_time) and C(version); the last three are null where only the presence is known.
        - Null when nothing could be determined. Servers report Defender only.
      type: list
      elements: dict
    problem:
      description: Why nothing, or not everything, could be determined; null otherwise.
      type: str
time:
  description: Clock and time zone.
  returned: when the subset V(time) is asked for
  type: dict
  contains:
    zone:
      description: Name of the time zone, the same in every system language; null when it cannot be read.
      type: str
      sample: W. Europe Standard Time
    utc_offset_minutes:
      description: How far local time is currently ahead of UTC.
      type: int
      sample: 60
    local_time:
      description: The host's clock at the time of the query.
      type: str
      sample: "2026-11-24T12:00:00+01:00"
    ahead_seconds:
      description: How far the host's clock is ahead of the controller's; negative when it is behind.
      type: int
      sample: 0
    container_zones:
      description: Whether a container can have a different time zone from the host's, V(yes), V(no) or V(unknown).
      type: str
      sample: "yes"
updates:
  description: Installed updates.
  returned: when the subset V(updates) is asked for
  type: dict
  contains:
    installed:
      description: What Windows lists, with C(id), C(description) and C(installed_on), as Windows formats them.
      type: list
      elements: dict
      sample: [{id: KB5066782, description: Security Update, installed_on: 10/15/2026}]
    relevant:
      description:
        - Updates that containers need on this build, with C(id), the C(revision) that brought it, C(about) and C(installed), which is V(yes),
          V(no) or V(unknown).
        - Decided by the revision, because a later cumulative update hides an earlier one from the list.
      type: list
      elements: dict
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
