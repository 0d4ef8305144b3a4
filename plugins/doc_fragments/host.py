# -*- coding: utf-8 -*-
# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of host_info and host_facts; the same as GATHER_ARGUMENTS in module_utils/host_arguments.py."""

    DOCUMENTATION = r"""
options:
  gather_subset:
    description:
      - What to read, by the rules of M(ansible.builtin.setup). Each subset queries only what it needs, and nothing is queried twice.
      - V(default) reads what determines whether and how containers can run. V(all) reads everything. V(min) reads V(os), which is part of every
        selection unless V(!min) is given.
      - An exclamation mark before a name excludes it. Exclusions alone are subtracted from V(default). A subset that is named stays even when a
        group is excluded, so V(!all) together with V(engine) reads V(os) and V(engine).
      - V(default) contains V(os), V(hardware), V(reboot), V(features), V(isolation), V(engine), V(runtimes), V(base_images), V(domain) and
        V(support). Only V(all) contains V(storage), V(networks), V(winrm), V(antivirus), V(time) and V(updates).
      - See the notes for what each costs.
    type: list
    elements: str
    default: [default]
  today:
    description:
      - The date on which the vendor's support is judged, as year-month-day. The controller's current date when not given.
    type: str
notes:
  - Where a hypervisor is present, processor flags that read false prove nothing. A guest whose virtualization cannot be seen therefore
    gets the verdict V(unknown) for Hyper-V isolation, with the reason and with what would settle it.
  - "Cost in WS-Management messages on a host without an engine: V(default) 18 to 22, V(all) 25 to 32. Each subset, in addition to the 5 or 6 of
    V(os): V(hardware) 3 or 4, V(reboot) 6 or 7, V(features) 2 (3 without V(reboot)), V(engine) and V(runtimes) 1 or 2 together, V(isolation) 0 to 2
    more than all these, V(base_images) and V(support) 0, V(domain) 2 (0 with V(hardware)), V(storage) 3, V(networks) 0 (one program where
    containers are enabled), V(winrm) 1, V(antivirus) 1 or 2, V(time) 1, V(updates) 1 or 2, which Windows may take seconds to answer."
  - Programs are started on the host only to ask an engine or a containerd that is installed (V(engine), V(runtimes)), to list networks
    (V(networks)), to read the configuration of an engine that does not run (V(storage)), and for V(features) while Windows servicing waits
    for a reboot, or where CIM does not know a feature.
"""
