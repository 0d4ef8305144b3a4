# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WQL: ``select ... from ... where ...``, parsed to a predicate. Pure.

Backslash escapes in literals (wsman.md 5.1); comparison of texts is without case but for names that a class marks as exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]


class WqlError(Exception):
    """The query is not WQL (WBEM_E_INVALID_QUERY)."""


@dataclass(frozen=True)
class Query:
    """``columns`` None is ``*``; ``names`` are the properties the condition reads."""

    columns: tuple[str, ...] | None
    class_name: str
    condition: Predicate
    names: tuple[str, ...]


class Exact(str):
    """A text that is compared with case."""


_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<number>-?\d+(?:\.\d+)?)|"""
    r"""(?P<operator><=|>=|<>|!=|=|<|>|\(|\)|,|\*)|(?P<word>[A-Za-z_][\w.]*))"""
)


def _tokens(text: str) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match or match.lastgroup is None:
            raise WqlError(f"unexpected text at {text[position:]!r}")
        out.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return out


def _like(pattern: str) -> re.Pattern[str]:
    out, position = "", 0
    while position < len(pattern):
        character = pattern[position]
        if character == "%":
            out += ".*"
        elif character == "_":
            out += "."
        elif character == "[" and "]" in pattern[position:]:
            end = pattern.index("]", position)
            out += pattern[position : end + 1]
            position = end
        else:
            out += re.escape(character)
        position += 1
    return re.compile(out, re.IGNORECASE | re.DOTALL)


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides as the same kind of thing: booleans and numbers by value, the rest as text without case."""
    if isinstance(left, bool):
        truth = {"true": True, "false": False, "1": True, "0": False, "-1": True}
        return left, right if isinstance(right, bool) else truth.get(str(right).lower(), right)
    if isinstance(left, int):
        try:
            return left, int(right)
        except (TypeError, ValueError):
            raise WqlError(f"{right!r} is not a number") from None
    if isinstance(left, datetime):
        return left.strftime("%Y%m%d%H%M%S"), str(right)[:14]
    if isinstance(left, Exact):
        return str(left), str(right)
    return str(left).lower(), str(right).lower()


def _compare(operator: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    one, two = _comparable(left, right)
    if operator == "=":
        return bool(one == two)
    if operator in ("<>", "!="):
        return bool(one != two)
    return bool({"<": one < two, ">": one > two, "<=": one <= two, ">=": one >= two}[operator])


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0
        self.names: list[str] = []

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.position += 1
        return token

    def word(self, *expected: str) -> bool:
        kind, text = self.peek()
        if kind in ("word", "operator") and text.lower() in expected:
            self.position += 1
            return True
        return False

    def need(self, expected: str) -> None:
        if not self.word(expected):
            raise WqlError(f"{expected} expected, not {self.peek()[1]!r}")

    def query(self) -> Query:
        self.need("select")
        columns = self.columns()
        self.need("from")
        kind, class_name = self.take()
        if kind != "word":
            raise WqlError("a class name is expected after from")
        condition = self.either() if self.word("where") else _everything
        if self.peek()[0] != "end":
            raise WqlError(f"unexpected {self.peek()[1]!r}")
        return Query(columns, class_name, condition, tuple(self.names))

    def columns(self) -> tuple[str, ...] | None:
        if self.word("*"):
            return None
        found: list[str] = []
        while True:
            kind, text = self.take()
            if kind != "word":
                raise WqlError("a property name is expected after select")
            found.append(text.rpartition(".")[2])
            if not self.word(","):
                return tuple(found)

    def either(self) -> Predicate:
        left = self.both()
        while self.word("or"):
            left = _or(left, self.both())
        return left

    def both(self) -> Predicate:
        left = self.negation()
        while self.word("and"):
            left = _and(left, self.negation())
        return left

    def negation(self) -> Predicate:
        if self.word("not"):
            inner = self.negation()
            return lambda row: not inner(row)
        if self.word("("):
            inner = self.either()
            self.need(")")
            return inner
        return self.comparison()

    def comparison(self) -> Predicate:
        name = self.name()
        if self.word("is"):
            negated = self.word("not")
            self.need("null")
            return lambda row: (row.get(name) is None) != negated
        negated = self.word("not")
        if self.word("like"):
            pattern = _like(str(self.value()))
            return lambda row: row.get(name) is not None and bool(pattern.fullmatch(str(row[name]))) != negated
        kind, operator = self.take()
        if kind != "operator" or operator in "(),*" or negated:
            raise WqlError(f"a comparison is expected, not {operator!r}")
        value = self.value()
        return lambda row: _compare(operator, row.get(name), value)

    def name(self) -> str:
        kind, text = self.take()
        if kind != "word":
            raise WqlError(f"a property name is expected, not {text!r}")
        self.names.append(text)
        return text.lower()

    def value(self) -> Any:
        kind, text = self.take()
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        if kind == "number":
            return int(float(text))
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        if text.lower() == "null":
            return None
        raise WqlError(f"a value is expected, not {text!r}")


def _everything(row: Row) -> bool:
    return True


def _or(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) or right(row)


def _and(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) and right(row)


def parse(text: str) -> Query:
    """Parse a query. The predicate takes rows with LOWER-CASE names. Raises WqlError."""
    return _Parser(text).query()
