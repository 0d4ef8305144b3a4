# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs a simulated Windows can run; each module registers itself in :data:`.process.PROGRAMS`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..windows.machine import Machine


def dism_rolled_back(machine: Machine, names: list[str]) -> None:
    """Tell dism's log of changes that were undone while Windows started."""
    import_module(f"{__name__}.dism_log").rolled_back(machine, names)


@cache
def load() -> None:
    """Import every program, once."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
