# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the host has space for an image. Pure.

The engine tells no sizes before a pull, so only base images are known, from published sizes; they drift, and the check errs on the side
of pulling.
"""

from __future__ import annotations

from ..errors import OptionError
from ..sizes import human_size
from .compatibility import ImageVersion, facts
from .references import Reference
from .state import Observed

#: The compressed layers lie beside what is unpacked from them: 1.93 GB for 4.84 GB of servercore ltsc2019 (windows-containers.md 2.3).
_PEAK = 1.4


def needed_bytes(reference: Reference, version: ImageVersion | None) -> int | None:
    """Space a pull needs at its peak; None for images whose size nobody knows beforehand."""
    sizes = facts()["disk_sizes"].get(reference.family)
    if sizes is None or version is None:
        return None
    return int(_PEAK * (sizes.get(version.build) or min(sizes.values())))


def space_refusal(reference: Reference, version: ImageVersion | None, observed: Observed) -> OptionError | None:
    """Why the pull is not even begun. Where an older image is there, most layers may be shared, so nothing is refused then."""
    needed = needed_bytes(reference, version)
    if needed is None or observed.free_bytes is None or observed.local is not None or observed.free_bytes >= needed:
        return None
    return OptionError(
        f"the drive {observed.drive} with the engine's data has {human_size(observed.free_bytes)} free, "
        f"and the image takes about {human_size(needed)} while it is unpacked",
        "Free space on that drive, move the engine's data root, or set check_free_space: false",
    )
