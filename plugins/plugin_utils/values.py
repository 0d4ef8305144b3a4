# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that users write, in the form the engine takes, and names as users know them. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from .errors import OptionError


def meant(name: str, known: Collection[str]) -> str:
    """``Did you mean "x"? `` for a name that is not known, to go before other advice; empty where none of the known ones is near."""
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return f'Did you mean "{near[0]}"? ' if near else ""


def name_of(container: Mapping[str, Any]) -> str:
    """A container's name, of a row of the engine's list; one that has none is called by its id."""
    return str((container.get("Names") or [container.get("Id")])[0]).removeprefix("/")


def scalar(what: str, value: Any) -> str:
    """A text or number as a text. The value itself is never shown: it may be a secret that was nested one level too deep.

    Raises:
        OptionError: It is neither.
    """
    if value is None or isinstance(value, (bool, dict, list)):
        kind = "empty" if value is None else {bool: "true or false", dict: "a dictionary", list: "a list"}[type(value)]
        raise OptionError(f"{what} is {kind}, which is not text", "Put the value in quotes")
    return str(value)


def texts(value: Mapping[str, Any], what: str) -> dict[str, str]:
    """Names and values as texts; see :func:`scalar`. Raises OptionError."""
    return {str(name): scalar(f'"{name}" in {what}', item) for name, item in value.items()}
