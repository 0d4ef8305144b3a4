# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which platform a machine's own words name."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.host.platform import AZURE_ASSET_TAG, ComputerSystem, platform_of


@pytest.mark.parametrize(
    ("manufacturer", "model", "hypervisor", "tag", "runs_hyperv", "platform"),
    [
        ("Microsoft Corporation", "Virtual Machine", True, "", False, "hyperv"),
        ("Microsoft Corporation", "Virtual Machine", True, AZURE_ASSET_TAG, False, "azure"),
        ("Microsoft Corporation", "Surface Book", False, "", False, "metal"),
        ("VMware, Inc.", "VMware Virtual Platform", True, "", False, "vmware"),
        ("VMware, Inc.", "VMware7,1", True, "", True, "vmware"),
        ("innotek GmbH", "VirtualBox", True, "", False, "virtualbox"),
        ("Amazon EC2", "c5ad.xlarge", True, "", False, "ec2"),
        ("Xen", "HVM domU", True, "", False, "xen"),
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", True, "", False, "kvm"),
        ("Red Hat", "KVM", True, "", False, "kvm"),
        ("Dell Inc.", "PowerEdge R650", False, "", False, "metal"),
        # A laptop whose own Hyper-V runs, and the same words where nothing says whose hypervisor it is.
        ("Micro-Star International Co., Ltd.", "Star 11 CPP", True, "", True, "metal"),
        ("Micro-Star International Co., Ltd.", "Star 11 CPP", True, "", False, "unknown"),
        ("", "", None, "", False, "unknown"),
    ],
)
def test_platform(manufacturer: str, model: str, hypervisor: bool | None, tag: str, runs_hyperv: bool, platform: str) -> None:
    assert platform_of(ComputerSystem(manufacturer, model, hypervisor, tag), runs_hyperv) == platform
