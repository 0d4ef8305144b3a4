# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every CIM class of a simulated machine."""

from __future__ import annotations

from . import (
    cim_directory,
    cim_disk,
    cim_event,
    cim_feature,
    cim_firewall,
    cim_hardware,
    cim_network,
    cim_process,
    cim_product,
    cim_registry,
    cim_security,
    cim_server_manager,
    cim_service,
    cim_system,
)
from .cim import CimClass


def all_classes() -> list[CimClass]:
    """All classes of all namespaces."""
    modules = (
        cim_system,
        cim_hardware,
        cim_disk,
        cim_directory,
        cim_network,
        cim_service,
        cim_process,
        cim_product,
        cim_feature,
        cim_server_manager,
        cim_firewall,
        cim_registry,
        cim_security,
        cim_event,
    )
    return [one for module in modules for one in module.CLASSES]
