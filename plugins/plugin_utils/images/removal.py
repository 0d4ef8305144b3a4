# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove images through the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..engine.errors import EngineConflictError, EngineNotFoundError

if TYPE_CHECKING:
    from ..engine.client import EngineClient


class Removal:
    """Removes images and keeps account.

    Attributes:
        removed: Names and ids that are gone.
        kept: Ids that the engine did not give up, with its reason.
    """

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine
        self._api: Any = engine.api
        self.removed: list[str] = []
        self.kept: list[str] = []

    def by_name(self, name: str, force: bool) -> None:
        """Take a name away, and the image with its last one; one that is gone already is no error. Raises EngineError."""
        try:
            with self._engine.errors():
                gone: list[dict[str, str]] = self._api.remove_image(name, force=force)
        except EngineNotFoundError:
            return
        self.removed += [text for one in gone for text in one.values() if text not in self.removed]

    def superseded(self, identifier: str, names: Sequence[str], current: str) -> None:
        """Remove an old image, unless it has become the current one or the engine knows a reason to keep it."""
        if identifier == current:
            return
        try:
            for name in names or (identifier,):
                # A name that moved to the current image in this run is not the old one's any more.
                if not names or self._is(name, identifier):
                    self.by_name(name, force=False)
            self.by_name(identifier, force=False)
        except EngineConflictError as error:
            self.kept.append(f"the old image {identifier[:19]} stays: {error.cause}")

    def _is(self, name: str, identifier: str) -> bool:
        try:
            with self._engine.errors():
                return bool(self._api.inspect_image(name)["Id"] == identifier)
        except EngineNotFoundError:
            return False
