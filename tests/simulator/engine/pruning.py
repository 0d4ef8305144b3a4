# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the prune calls: ``label``, ``label!``, ``until``. Source: moby daemon/prune.go."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from . import texts
from .api import Call
from .values import now

_UNITS = {"s": 1, "m": 60, "h": 3600}


def prune_filter(call: Call, accepted: tuple[str, ...]) -> Callable[[Mapping[str, Any] | None, datetime], bool]:
    """Tells for labels and time of creation whether something may go. Raises ApiError 400."""
    filters = call.filters()
    for name in sorted(set(filters) - set(accepted)):
        raise texts.invalid_filter(name, call.engine.version)
    until = _until(filters.get("until", []))

    def wanted(labels: Mapping[str, Any] | None, created: datetime) -> bool:
        has = [_has(labels or {}, one) for one in filters.get("label", [])]
        has_not = [_has(labels or {}, one) for one in filters.get("label!", [])]
        return all(has) and not (has_not and all(has_not)) and (until is None or created <= until)

    return wanted


def _has(labels: Mapping[str, Any], wanted: str) -> bool:
    key, sign, value = wanted.partition("=")
    return labels.get(key) == value if sign else key in labels


def _until(values: list[str]) -> datetime | None:
    if not values:
        return None
    if len(values) > 1:
        raise texts.ApiError(400, "more than one until filter specified")
    parts = re.findall(r"(\d+(?:\.\d+)?)([smh])", values[0])
    if parts and "".join(number + unit for number, unit in parts) == values[0]:
        return now() - timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
    try:
        return datetime.fromtimestamp(float(values[0]), now().tzinfo)
    except ValueError:
        try:
            moment = datetime.fromisoformat(values[0].replace("Z", "+00:00"))
        except ValueError as error:
            raise texts.ApiError(400, f'failed to parse value as time or duration: "{values[0]}"') from error
        return moment if moment.tzinfo else moment.replace(tzinfo=now().tzinfo)
