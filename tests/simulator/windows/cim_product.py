# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_Product: what the Windows Installer installed (property set: the recording wmi-enumerate-product). Nothing is: no program here
comes as a package of that kind."""

from __future__ import annotations

from .cim import CimClass
from .cim_rows import types

_PRODUCT = types(
    "uint16: AssignmentType",
    "sint16: InstallState",
    "string: Caption Description HelpLink HelpTelephone IdentifyingNumber InstallDate InstallLocation InstallSource Language LocalPackage Name "
    "PackageCache PackageCode PackageName ProductID RegCompany RegOwner SKUNumber Transforms URLInfoAbout URLUpdateInfo Vendor Version",
    "datetime: InstallDate2",
    "uint32: WordCount",
)

CLASSES = [CimClass("Win32_Product", "root/cimv2", _PRODUCT, ("IdentifyingNumber", "Name", "Version"), lambda machine: [])]
