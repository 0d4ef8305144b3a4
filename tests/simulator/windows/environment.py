# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environment variables: names without case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping


class Variables(MutableMapping[str, str]):
    """An environment block. Keeps the spelling of the first setting."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values: dict[str, tuple[str, str]] = {}
        self.update(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][1]

    def __setitem__(self, name: str, value: str) -> None:
        spelt = self._values.get(name.lower(), (name, ""))[0]
        self._values[name.lower()] = (spelt, value)

    def __delitem__(self, name: str) -> None:
        del self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return (spelt for _unused, (spelt, _unused) in sorted(self._values.items()))

    def __len__(self) -> int:
        return len(self._values)

    def copy(self) -> Variables:
        return Variables(dict(self))


def expand(text: str, variables: Mapping[str, str]) -> str:
    """``%NAME%``, ``%NAME:~start,length%`` and ``%NAME:text=other%`` replaced where NAME is set and kept where it is not, as cmd does on a
    command line (native-tools.md 5; the two long forms: general knowledge of cmd, *unverified*)."""
    out, rest = "", text
    while True:
        before, mark, after = rest.partition("%")
        out += before
        if not mark:
            return out
        inner, mark, tail = after.partition("%")
        if not mark:
            return f"{out}%{after}"
        value = _value(inner, variables)
        if value is None:
            out, rest = out + "%", after
        else:
            out, rest = out + value, tail


def _value(inner: str, variables: Mapping[str, str]) -> str | None:
    """What stands for the text between two percent signs; None when it is no variable."""
    if inner and inner in variables:
        return variables[inner]
    name, colon, how = inner.partition(":")
    if not (name and colon and how) or name not in variables:
        return None
    if how.startswith("~"):
        return _part(variables[name], how[1:])
    search, equals, replacement = how.partition("=")
    if not equals or not search.strip("*"):
        return None
    if search.startswith("*"):
        position = variables[name].lower().find(search[1:].lower())
        return variables[name] if position < 0 else replacement + variables[name][position + len(search) - 1 :]
    return re.sub(re.escape(search), lambda match: replacement, variables[name], flags=re.IGNORECASE)


def _part(value: str, how: str) -> str | None:
    """``start,length`` of a text: negative ones count from its end."""
    numbers = re.fullmatch(r"\s*(-?\d+)\s*(?:,\s*(-?\d+)\s*)?", how)
    if not numbers:
        return None
    start = int(numbers[1])
    start = max(0, len(value) + start) if start < 0 else start
    if numbers[2] is None:
        return value[start:]
    length = int(numbers[2])
    return value[start : len(value) + length] if length < 0 else value[start : start + length]
