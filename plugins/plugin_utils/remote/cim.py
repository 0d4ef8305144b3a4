# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM over WS-Management: query, get, invoke, and the registry through StdRegProv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from .session import Session

#: A property's value. Arrays are lists; null is None.
Value = Union[str, int, bool, datetime, None, list[str], list[int]]
Instance = dict[str, Value]


@dataclass(frozen=True)
class CimClass:
    """A CIM class as far as we use it: the wire carries no types, so they stand here.

    Args:
        name: Class name, for example ``Win32_Service``.
        properties: Property name to ``str``, ``int``, ``bool`` or ``datetime``; a one-element list of these for an array.
        namespace: With forward slashes.
    """

    name: str
    properties: Mapping[str, type | list[type]]
    namespace: str = "root/cimv2"


class Cim:
    """CIM operations of one session. Needs no shell."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def query(self, cim_class: CimClass, where: str = "") -> list[Instance]:
        """Enumerate with WQL (``select <the properties> from <class> where <where>``) and Pull to the end.

        Raises:
            NotFoundError: The class or namespace does not exist on this host.
            RemoteError: Any other refusal.
        """
        raise NotImplementedError

    def get(self, cim_class: CimClass, selectors: Mapping[str, str] | None = None) -> Instance:
        """One instance by its full key; no selectors for a singleton. Raises NotFoundError."""
        raise NotImplementedError

    def invoke(
        self,
        cim_class: CimClass,
        method: str,
        arguments: Mapping[str, Value] | None = None,
        selectors: Mapping[str, str] | None = None,
    ) -> Instance:
        """Call a method; the out-parameters, typed by ``cim_class.properties``, and ``ReturnValue`` (int, not judged here)."""
        raise NotImplementedError


def quote(text: str) -> str:
    """A WQL string literal, quotes included."""
    raise NotImplementedError


class Registry:
    """HKEY_LOCAL_MACHINE through StdRegProv. Keys are written without the hive: ``SOFTWARE\\Microsoft``."""

    def __init__(self, cim: Cim) -> None:
        self._cim = cim

    def string(self, key: str, name: str) -> str | None:
        """A REG_SZ (or, expanded by the provider, REG_EXPAND_SZ) value; None when key or value is missing."""
        raise NotImplementedError

    def dword(self, key: str, name: str) -> int | None:
        """A REG_DWORD value; None when missing."""
        raise NotImplementedError

    def strings(self, key: str, name: str) -> list[str] | None:
        """A REG_MULTI_SZ value; None when missing."""
        raise NotImplementedError

    def subkeys(self, key: str) -> list[str] | None:
        """The names of the keys below; None when the key itself is missing."""
        raise NotImplementedError

    def value_names(self, key: str) -> list[str] | None:
        """The names of the values; None when the key is missing."""
        raise NotImplementedError

    def set_string(self, key: str, name: str, value: str) -> None:
        """Write REG_SZ; the key must exist."""
        raise NotImplementedError

    def set_expanded_string(self, key: str, name: str, value: str) -> None:
        """Write REG_EXPAND_SZ with ``%VAR%`` kept."""
        raise NotImplementedError

    def set_dword(self, key: str, name: str, value: int) -> None:
        """Write REG_DWORD."""
        raise NotImplementedError

    def set_strings(self, key: str, name: str, value: Sequence[str]) -> None:
        """Write REG_MULTI_SZ."""
        raise NotImplementedError

    def create_key(self, key: str) -> None:
        """Create a key and its parents; no error when it exists."""
        raise NotImplementedError

    def delete_value(self, key: str, name: str) -> None:
        """Delete a value; no error when it is missing."""
        raise NotImplementedError
