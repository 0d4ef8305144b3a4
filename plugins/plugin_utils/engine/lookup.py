# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one way to look for a thing of the engine by its exact name.

The engine also takes the beginning of an id for a name, so a container or network called ``ab`` that does not exist would be found as
the one whose id begins with ``ab``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError, OptionError
from ..values import meant

if TYPE_CHECKING:
    from .client import EngineClient

#: What users copy as an id: the short form has 12 digits.
_IDENTIFIER = re.compile(r"[0-9a-f]{12,64}")


def find_container(engine: EngineClient, name: str) -> dict[str, Any] | None:
    """Inspect a container by its exact name, or by an id of at least 12 digits; None when there is none."""
    return _named(name, _found(engine, lambda: engine.api.inspect_container(name)))


def find_network(engine: EngineClient, name: str) -> dict[str, Any] | None:
    """Inspect a network by its exact name, or by an id of at least 12 digits; None when there is none."""
    return _named(name, _found(engine, lambda: engine.api.inspect_network(name)))


def find_volume(engine: EngineClient, name: str) -> dict[str, Any] | None:
    """Inspect a volume; None when there is none. The engine keeps names in lower case and finds them in any (docker-on-windows.md 5)."""
    return _found(engine, lambda: engine.api.inspect_volume(name))


def find_image(engine: EngineClient, name: str) -> dict[str, Any] | None:
    """Inspect a local image by reference or id; None when the host does not have it."""
    api: Any = engine.api  # the SDK's types stop at some of its mix-ins
    return _found(engine, lambda: api.inspect_image(name))


def _found(engine: EngineClient, look: Callable[[], Any]) -> dict[str, Any] | None:
    try:
        with engine.errors():
            return dict(look())
    except NotFoundError:
        return None


def _named(name: str, found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None or str(found.get("Name")).removeprefix("/") == name:
        return found
    return found if _IDENTIFIER.fullmatch(name) and str(found.get("Id")).startswith(name) else None


def checked_filters(option: str, filters: Mapping[str, Any] | None, known: Collection[str]) -> dict[str, list[str]]:
    """Filters as the engine takes them: each name with a list of texts.

    Args:
        option: Name of the option, for errors.
        filters: As the user wrote them: a value or a list of values for each name.
        known: The names the engine knows.

    Raises:
        OptionError: A name is unknown, or a value is neither text, number nor truth value.
    """
    result = {}
    for name, value in (filters or {}).items():
        if name not in known:
            advice = f"{meant(name, known)}Known are {', '.join(sorted(known))}"
            raise OptionError(f'the option {option} has the unknown filter "{name}"', advice)
        values = value if isinstance(value, list) else [value]
        if any(isinstance(entry, dict | list) or entry is None for entry in values):
            raise OptionError(f'the filter "{name}" of the option {option} is not a text or a list of texts', "Write it as NAME: VALUE")
        result[name] = [str(entry).lower() if isinstance(entry, bool) else str(entry) for entry in values]
    return result
