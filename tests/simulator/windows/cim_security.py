# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Protection against malware: Windows' security centre on clients, and Defender where the machine has it.

Property sets: of AntiVirusProduct as scripts of many read it, of MSFT_MpComputerStatus a part of the documented one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cim import CimClass, Instance
from .cim_rows import row, types

if TYPE_CHECKING:
    from .machine import Machine

_PRODUCT = types("string: displayName instanceGuid pathToSignedProductExe pathToSignedReportingExe timestamp", "uint32: productState")
_STATUS = types(
    "string: AMEngineVersion AMProductVersion AMServiceVersion ComputerID",
    "boolean: AMServiceEnabled AntispywareEnabled AntivirusEnabled BehaviorMonitorEnabled IoavProtectionEnabled NISEnabled "
    "OnAccessProtectionEnabled RealTimeProtectionEnabled",
)
#: Reported for a product that is on and up to date, for Defender and for others; documented by nobody.
_DEFENDER_ON, _OTHER_ON, _DEFENDER_OFF = 397568, 266240, 393472


def has_defender(machine: Machine) -> bool:
    """Clients always; servers while the feature is enabled."""
    return not machine.profile.is_server or machine.features.enabled("Windows-Defender")


def is_client(machine: Machine) -> bool:
    """Only a client has a security centre."""
    return not machine.profile.is_server


def _products(machine: Machine) -> list[Instance]:
    """Defender steps back where another product is registered."""
    others = machine.antivirus
    state = _DEFENDER_OFF if others else _DEFENDER_ON
    names = [("Windows Defender", state), *((name, _OTHER_ON) for name in others)]
    return [
        row(_PRODUCT, displayName=name, instanceGuid=f"{{D68DDC3A-831F-4FAE-9E44-DA132C1ACF{index:02X}}}", productState=number)
        for index, (name, number) in enumerate(names)
    ]


def _status(machine: Machine) -> list[Instance]:
    on = not machine.antivirus
    return [
        row(
            _STATUS,
            AMEngineVersion="1.1.25090.3000",
            AMProductVersion="4.18.25090.3009",
            AMServiceEnabled=True,
            AMServiceVersion="4.18.25090.3009",
            ComputerID="5A1C0F7E-3B52-4C8C-9A55-3C1A5A2B7D10",
            AntispywareEnabled=on,
            AntivirusEnabled=on,
            BehaviorMonitorEnabled=on,
            IoavProtectionEnabled=on,
            NISEnabled=on,
            OnAccessProtectionEnabled=on,
            RealTimeProtectionEnabled=on,
        )
    ]


CLASSES = [
    CimClass("AntiVirusProduct", "root/securitycenter2", _PRODUCT, ("instanceGuid",), _products, present=is_client),
    CimClass("MSFT_MpComputerStatus", "root/microsoft/windows/defender", _STATUS, ("ComputerID",), _status, present=has_defender),
]
