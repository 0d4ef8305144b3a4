# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small values in Docker's notation: times, sizes, ids."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

ZERO_TIME = "0001-01-01T00:00:00Z"


def now() -> datetime:
    return datetime.now(UTC)


def show_time(moment: datetime | None) -> str:
    """RFC 3339 with nine digits, as Go prints it; None is Go's zero time."""
    if moment is None:
        return ZERO_TIME
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def new_id() -> str:
    """64 hexadecimal digits. Never all decimal in the first 12: Docker avoids that too, since it is used as a host name."""
    while (value := secrets.token_hex(32))[:12].isdecimal():
        pass
    return value


def human_size(size: float) -> str:
    """Decimal units with four significant digits, as go-units' HumanSize."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.4g}{units[0]}"


def flag(value: str | None) -> bool:
    """A boolean of a query string as the engine reads it: all but a few words is true."""
    return (value or "").strip().lower() not in ("", "0", "no", "false", "none")


def only(mapping: dict[str, Any] | None) -> dict[str, Any]:
    """A mapping or an empty one."""
    return mapping or {}
