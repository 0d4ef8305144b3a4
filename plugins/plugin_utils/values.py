# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that users write, in the form the engine takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import OptionError


def texts(option: str, values: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Names and values as texts; None stays None. Raises OptionError for what YAML has made a truth value, a date or a list of."""
    for name, value in (values or {}).items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise OptionError(f'the value of "{name}" in the option {option} is no text', 'Put it in quotes: "true", "yes"')
    return None if values is None else {str(name): str(value) for name, value in values.items()}
