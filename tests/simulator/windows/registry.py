# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry: hives, keys and typed values, without case."""

from __future__ import annotations

from dataclasses import dataclass, field

REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 1, 2, 3, 4, 7, 11

Data = str | int | bytes | list[str]

#: Names of the types as reg.exe prints them.
TYPE_NAMES = {
    REG_SZ: "REG_SZ",
    REG_EXPAND_SZ: "REG_EXPAND_SZ",
    REG_BINARY: "REG_BINARY",
    REG_DWORD: "REG_DWORD",
    REG_MULTI_SZ: "REG_MULTI_SZ",
    REG_QWORD: "REG_QWORD",
}

#: Predefined handles (StdRegProv's hDefKey) to hive.
HIVES = {
    2147483648: "HKEY_CLASSES_ROOT",
    2147483649: "HKEY_CURRENT_USER",
    2147483650: "HKEY_LOCAL_MACHINE",
    2147483651: "HKEY_USERS",
    2147483653: "HKEY_CURRENT_CONFIG",
}


@dataclass
class RegistryValue:
    """One value: its name as spelt, type and data."""

    name: str
    type: int
    data: Data


@dataclass
class Key:
    """One key; children and values by lower-case name. A volatile key is gone after a reboot."""

    name: str
    volatile: bool = False
    children: dict[str, Key] = field(default_factory=dict)
    values: dict[str, RegistryValue] = field(default_factory=dict)


class Registry:
    """All hives. Paths are below HKEY_LOCAL_MACHINE unless ``hive`` says otherwise.

    Attributes:
        denied: Lower-case paths below HKLM that may not be written (a test's knob).
    """

    def __init__(self) -> None:
        self._hives = {name: Key(name) for name in HIVES.values()}
        self.denied: set[str] = set()

    def key(self, path: str, hive: str = "HKEY_LOCAL_MACHINE") -> Key | None:
        """The key at a path, or None."""
        node: Key | None = self._hives[hive]
        for part in filter(None, path.split("\\")):
            node = node.children.get(part.lower()) if node else None
        return node

    def create(self, path: str, *, hive: str = "HKEY_LOCAL_MACHINE", volatile: bool = False) -> Key:
        """The key at a path, created with its parents when missing."""
        node = self._hives[hive]
        parts = [part for part in path.split("\\") if part]
        for index, part in enumerate(parts):
            child = node.children.get(part.lower())
            if child is None:
                child = node.children[part.lower()] = Key(part, volatile and index == len(parts) - 1)
            node = child
        return node

    def delete_key(self, path: str, hive: str = "HKEY_LOCAL_MACHINE", *, recursive: bool = True) -> int:
        """Win32 code: 0, 2 missing, 5 it has subkeys and ``recursive`` is off."""
        parent_path, _unused, name = path.strip("\\").rpartition("\\")
        parent = self.key(parent_path, hive)
        if parent is None or name.lower() not in parent.children:
            return 2
        if parent.children[name.lower()].children and not recursive:
            return 5
        del parent.children[name.lower()]
        return 0

    def get(self, path: str, name: str, hive: str = "HKEY_LOCAL_MACHINE") -> RegistryValue | None:
        """A value, or None when it or its key is missing. The name ``""`` is the default value."""
        key = self.key(path, hive)
        return key.values.get(name.lower()) if key else None

    def data(self, path: str, name: str) -> Data | None:
        """A value's data below HKLM, or None."""
        value = self.get(path, name)
        return value.data if value else None

    def set(self, path: str, name: str, data: Data, type: int | None = None, hive: str = "HKEY_LOCAL_MACHINE") -> None:
        """Write a value, creating its key. The type follows the data's unless given."""
        if type is None:
            type = {str: REG_SZ, int: REG_DWORD, bytes: REG_BINARY, list: REG_MULTI_SZ}[data.__class__]
        key = self.create(path, hive=hive)
        old = key.values.get(name.lower())
        key.values[name.lower()] = RegistryValue(old.name if old else name, type, data)

    def delete_value(self, path: str, name: str, hive: str = "HKEY_LOCAL_MACHINE") -> int:
        """Win32 code: 0 or 2."""
        key = self.key(path, hive)
        return 0 if key and key.values.pop(name.lower(), None) else 2

    def forget_volatile(self) -> None:
        """What a reboot does."""
        for hive in self._hives.values():
            _forget_volatile(hive)


def _forget_volatile(key: Key) -> None:
    for name, child in list(key.children.items()):
        if child.volatile:
            del key.children[name]
        else:
            _forget_volatile(child)
