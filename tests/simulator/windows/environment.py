# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environment variables: names without case."""

from __future__ import annotations

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
    """``%NAME%`` replaced where NAME is set and kept where it is not, as cmd does on a command line (native-tools.md 5)."""
    out, rest = "", text
    while True:
        before, mark, after = rest.partition("%")
        out += before
        if not mark:
            return out
        name, mark, tail = after.partition("%")
        if not mark:
            return f"{out}%{after}"
        if name and name in variables:
            out, rest = out + variables[name], tail
        else:
            out, rest = out + "%", after
