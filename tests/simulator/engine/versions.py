# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an Engine release is: its API range and the points at which texts and statuses changed.

Facts: docker-on-windows.md 1 (API versions). Releases between two listed ones follow the lower one (*unverified*).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ApiVersion = tuple[int, int]

#: First release of a range, API version, lowest API version accepted.
_RANGES: tuple[tuple[tuple[int, int], ApiVersion, ApiVersion], ...] = (
    ((19, 3), (1, 40), (1, 24)),
    ((20, 10), (1, 41), (1, 24)),
    ((23, 0), (1, 42), (1, 24)),
    ((24, 0), (1, 43), (1, 24)),
    ((25, 0), (1, 44), (1, 24)),
    ((26, 0), (1, 45), (1, 24)),
    ((27, 0), (1, 46), (1, 24)),
    ((27, 3), (1, 47), (1, 24)),
    ((28, 0), (1, 48), (1, 24)),
    ((28, 1), (1, 49), (1, 24)),
    ((28, 3), (1, 51), (1, 24)),
    ((29, 0), (1, 52), (1, 44)),
    ((29, 4), (1, 54), (1, 40)),
    ((29, 7), (1, 55), (1, 40)),
)


def parse_api(text: str) -> ApiVersion:
    """``1.43`` as numbers."""
    major, minor = text.split(".")
    return int(major), int(minor)


def show_api(version: ApiVersion) -> str:
    """The numbers as ``1.43``."""
    return f"{version[0]}.{version[1]}"


@dataclass(frozen=True, order=True)
class EngineVersion:
    """A release such as 28.5.2, comparable."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> EngineVersion:
        """Raises ValueError for anything but ``X.Y.Z``."""
        match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", text)
        if not match:
            raise ValueError(f"not an engine version: {text}")
        return cls(*(int(part) for part in match.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor:02d}.{self.patch}" if self.major < 20 else f"{self.major}.{self.minor}.{self.patch}"

    def _range(self) -> tuple[ApiVersion, ApiVersion]:
        known = [(api, lowest) for first, api, lowest in _RANGES if (self.major, self.minor) >= first]
        return known[-1] if known else _RANGES[0][1:]

    @property
    def api(self) -> ApiVersion:
        """The newest API version it speaks."""
        return self._range()[0]

    @property
    def min_api(self) -> ApiVersion:
        """The oldest API version it accepts."""
        return self._range()[1]

    @property
    def minimum_build(self) -> int:
        """The lowest Windows build it starts on (docker-on-windows.md 1.10)."""
        return 17763 if self.major >= 23 else 14393
