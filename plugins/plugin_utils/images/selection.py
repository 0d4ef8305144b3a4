# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a manifest list offers to a host, told to people. Pure; the engine's rules stand in :mod:`.references`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .compatibility import HostVersion, ImageVersion, isolation_modes
from .references import platform_version

Platform = Mapping[str, Any]


def candidates(platforms: Iterable[Platform], chosen: Platform | None, host: HostVersion) -> list[dict[str, Any]]:
    """Every entry of a list, whether the engine takes it, and which isolation modes could run it on this host."""
    return [
        {
            "os": str(entry.get("os") or "") or None,
            "architecture": str(entry.get("architecture") or "") or None,
            "os_version": str(entry.get("os.version") or "") or None,
            "chosen": entry is chosen,
            "isolation": list(_allowed(entry, host)),
        }
        for entry in platforms
    ]


def isolation_report(host: HostVersion, version: ImageVersion | None) -> dict[str, Any] | None:
    """Both modes with their reasons; None for an image that does not tell its Windows version."""
    if version is None:
        return None
    modes = isolation_modes(host, version)
    return {
        name: {"possible": mode.allowed, "reason": mode.reason, "warnings": list(mode.warnings)}
        for name, mode in (("process", modes.process), ("hyperv", modes.hyperv))
    }


def selection_warning(platforms: Iterable[Platform], chosen: Platform, host: HostVersion) -> tuple[str, ...]:
    """Where the engine takes an older entry although the list has one that process isolation could run as well.

    It takes the first that is not too new when none is of the host's own build (docker-on-windows.md section 3, 4 and 5).
    """
    if "process" in _allowed(chosen, host):
        return ()
    better = [entry for entry in platforms if "process" in _allowed(entry, host)]
    if not better:
        return ()
    return (
        f"the engine takes the image's variant for Windows {chosen.get('os.version') or '?'}, the first in its list that is not too new, "
        f"although the one for {better[0].get('os.version')} could run with process isolation here; name the image by that variant's digest",
    )


def _allowed(entry: Platform, host: HostVersion) -> tuple[str, ...]:
    version = platform_version(entry)
    if entry.get("os") != "windows" or entry.get("architecture") not in ("amd64", "", None) or version is None:
        return ()
    return isolation_modes(host, version).allowed
