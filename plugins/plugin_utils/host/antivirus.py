# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which protection against malware CIM tells of. A namespace that is missing makes it unknown, never absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import NotFoundError, RemoteError, RemoteTimeout
from ..remote.cim import CimClass, Instance

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

#: Windows' security centre, on clients only; productState is documented by nobody.
PRODUCTS = CimClass("AntiVirusProduct", {"displayName": str}, "root/SecurityCenter2")
#: Defender's own class, on clients and servers that have it.
DEFENDER = CimClass(
    "MSFT_MpComputerStatus",
    {"AMServiceEnabled": bool, "AntivirusEnabled": bool, "RealTimeProtectionEnabled": bool, "AMProductVersion": str},
    "root/Microsoft/Windows/Defender",
)
#: How the security centre names Defender; since 2020 "Microsoft Defender Antivirus", before "Windows Defender".
_DEFENDER_NAMES = ("windows defender", "microsoft defender")


@dataclass(frozen=True)
class Product:
    """One product.

    Args:
        enabled: Whether it is switched on; None where only its presence is told.
        real_time: Whether it looks at files as they are used; the same.
        version: Version of the product; the same.
    """

    name: str
    enabled: bool | None = None
    real_time: bool | None = None
    version: str | None = None


@dataclass(frozen=True)
class Antivirus:
    """What is known. ``products`` is None when neither source answered; an empty list of servers knows of Defender only."""

    products: tuple[Product, ...] | None
    problem: str = ""


def read_antivirus(host: RemoteHost, client: bool) -> Antivirus:
    """Ask the security centre (clients have one) and Defender; one query each."""
    centre, trouble = _ask(host, PRODUCTS) if client else (None, "")
    defender, other_trouble = _ask(host, DEFENDER)
    return judge(centre, defender, trouble or other_trouble)


def _ask(host: RemoteHost, cim_class: CimClass) -> tuple[list[Instance] | None, str]:
    """The instances, or None and why."""
    try:
        return host.cim.query(cim_class), ""
    except NotFoundError:
        return None, f"the host has no CIM class {cim_class.namespace}/{cim_class.name}"
    except (RemoteError, RemoteTimeout) as error:
        # Protection is told, not needed: where it cannot be read it stays unknown.
        return None, error.cause


def judge(centre: list[Instance] | None, defender: list[Instance] | None, problem: str) -> Antivirus:
    """Put both answers together. Pure.

    Args:
        centre: Products of the security centre; None when it did not answer.
        defender: Defender's status; the same.
        problem: Why one of them did not.
    """
    if centre is None and defender is None:
        return Antivirus(None, problem)
    names = [str(each.get("displayName") or "") for each in centre or ()]
    products = [Product(name) for name in names if name and not (defender and name.lower().startswith(_DEFENDER_NAMES))]
    for status in defender or ():
        products.append(
            Product(
                "Microsoft Defender Antivirus",
                _boolean(status, "AntivirusEnabled"),
                _boolean(status, "RealTimeProtectionEnabled"),
                str(status.get("AMProductVersion") or "") or None,
            )
        )
    return Antivirus(tuple(products), "" if centre is not None or not problem else problem)


def _boolean(instance: Instance, name: str) -> bool | None:
    value = instance.get(name)
    return value if isinstance(value, bool) else None
