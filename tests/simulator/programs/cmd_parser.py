# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cmd.exe's language, as much of it as a ``/C`` line uses: text to a tree. Pure.

Sources: native-tools.md 5 (quote rule, special characters), wsman.md 4.3. Operators bind as in cmd: ``&``, then ``||``, then ``&&``,
then ``|``. What is not simulated (``for``, ``goto``) raises :class:`Unsupported`; ``call`` and ``start`` are built-ins.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equ": operator.eq,
    "neq": operator.ne,
    "lss": operator.lt,
    "leq": operator.le,
    "gtr": operator.gt,
    "geq": operator.ge,
}
_SPECIAL = set("&<>()@^|")
_DELIMITERS = " \t,;="


class SyntaxFault(Exception):
    """The line is not cmd's language; the text is what cmd prints."""


class Unsupported(Exception):
    """The line uses something this simulation leaves out; the text says what."""


@dataclass
class Redirection:
    """``handle`` 0, 1 or 2; ``target`` a path, or ``&1`` for a handle."""

    handle: int
    target: str
    append: bool = False


@dataclass
class Simple:
    """A built-in or a program: the text with carets taken out and quotes kept."""

    text: str
    redirections: list[Redirection] = field(default_factory=list)


@dataclass
class Group:
    """``( ... )``"""

    body: Node
    redirections: list[Redirection] = field(default_factory=list)


@dataclass
class If:
    """``if [not] exist PATH``, ``if [not] errorlevel N``, ``if [not] defined NAME``, ``if [/i] [not] A==B``, ``if [not] A equ B`` (``neq``,
    ``lss``, ``leq``, ``gtr``, ``geq``)."""

    negated: bool
    kind: str
    operands: tuple[str, ...]
    then: Node
    otherwise: Node | None = None


@dataclass
class Joined:
    """Two parts joined by ``&``, ``&&``, ``||`` or ``|``."""

    operator: str
    left: Node
    right: Node


Node = Simple | Group | If | Joined


def strip_quotes(text: str, is_executable: Callable[[str], bool], *, always: bool = False) -> str:
    """The quote rule of ``cmd /C`` (native-tools.md 5): the first and the last quote go, unless there are exactly two, with a blank and
    no special character between, around the name of an executable. ``always`` is ``/S``."""
    text = text.lstrip()
    if not text.startswith('"'):
        return text
    inside = text[1:].partition('"')[0]
    kept = text.count('"') == 2 and not _SPECIAL & set(inside) and " " in inside and is_executable(inside)
    if kept and not always:
        return text
    last = text.rfind('"')
    return text[1:] if last == 0 else text[1:last] + text[last + 1 :]


class Parser:
    """Recursive descent over characters."""

    def __init__(self, text: str) -> None:
        self.text = text.split("\n")[0].rstrip("\r")  # a line end ends a /C line
        self.position = 0
        self.depth = 0  # of open parentheses: only inside does a closing one end a command

    def parse(self) -> Node | None:
        """The whole line; None when there is nothing in it. Raises SyntaxFault, Unsupported."""
        self._blanks()
        if self._peek() == "":
            return None
        node = self._sequence()
        if self._peek():
            raise SyntaxFault(f"{self._word()} was unexpected at this time.")
        return node

    def _peek(self, count: int = 1) -> str:
        return self.text[self.position : self.position + count]

    def _blanks(self) -> None:
        while self._peek() and self._peek() in _DELIMITERS:
            self.position += 1

    def _accept(self, operator: str) -> bool:
        self._blanks()
        if self._peek(len(operator)) != operator:
            return False
        if operator in ("&", "|") and self._peek(2) == operator * 2:
            return False
        self.position += len(operator)
        return True

    def _sequence(self) -> Node:
        return self._binary("&", lambda: self._binary("||", lambda: self._binary("&&", lambda: self._binary("|", self._command))))

    def _binary(self, operator: str, operand: Callable[[], Node]) -> Node:
        node = operand()
        while self._accept(operator):
            self._blanks()
            if operator == "&" and self._peek() in ("", ")"):
                return node
            node = Joined(operator, node, operand())
        return node

    def _command(self) -> Node:
        self._blanks()
        while self._peek() == "@":
            self.position += 1
            self._blanks()
        if self._peek() == "(":
            return self._group()
        word = self._word().lower()
        if word == "if":
            return self._if()
        if word in ("for", "goto"):
            raise Unsupported(f"the cmd command {word}")
        simple = self._simple()
        if not simple.text and not simple.redirections:
            rest = self._word() or self._peek(2).strip()
            raise SyntaxFault(f"{rest} was unexpected at this time." if rest else "The syntax of the command is incorrect.")
        return simple

    def _group(self) -> Group:
        self.position += 1
        self.depth += 1
        self._blanks()
        body = self._sequence()
        if not self._accept(")"):
            raise SyntaxFault("The syntax of the command is incorrect.")
        self.depth -= 1
        redirections: list[Redirection] = []
        self._blanks()
        while redirection := self._redirection():
            redirections.append(redirection)
            self._blanks()
        return Group(body, redirections)

    def _word(self) -> str:
        """The next word, without moving."""
        end = self.position
        while end < len(self.text) and self.text[end] not in _DELIMITERS + '&|<>()"':
            end += 1
        return self.text[self.position : end]

    def _take_word(self) -> str:
        """The next word, quotes kept, moved over."""
        self._blanks()
        start, quoted = self.position, False
        while self.position < len(self.text):
            character = self.text[self.position]
            if character == '"':
                quoted = not quoted
            elif not quoted and (character in _DELIMITERS or character in "&|<>()"):
                break
            self.position += 1
        return self.text[start : self.position]

    def _if(self) -> If:
        self._take_word()
        fold = negated = False
        while (word := self._peek_word().lower()) in ("not", "/i"):
            self._take_word()
            negated, fold = negated or word == "not", fold or word == "/i"
        operands: tuple[str, ...]
        if word in ("exist", "errorlevel", "defined"):
            self._take_word()
            kind, operands = word, (self._take_word().replace('"', ""),)
        else:
            left = self._take_word()
            self._blanks_only()
            comparison = self._word().lower()
            if self._peek(2) == "==":
                self.position += 2
                kind = "same, without case" if fold else "same"
            elif comparison in COMPARISONS:
                self._take_word()
                kind = comparison
            else:
                raise Unsupported("this form of the cmd command if")
            operands = (left, self._take_word())
        then = self._sequence() if self._peek_blank() != "(" else self._command()
        otherwise = None
        if isinstance(then, Group) and self._peek_word().lower() == "else":
            self._take_word()
            otherwise = self._command()
        return If(negated, kind, operands, then, otherwise)

    def _peek_word(self) -> str:
        self._blanks()
        return self._word()

    def _peek_blank(self) -> str:
        self._blanks()
        return self._peek()

    def _blanks_only(self) -> None:
        while self._peek() in (" ", "\t"):
            self.position += 1

    def _redirection(self) -> Redirection | None:
        start = self.position
        handle = None
        if self._peek().isdigit() and self.text[start + 1 : start + 2] in ("<", ">"):
            handle = int(self._peek())
            self.position += 1
        symbol = self._peek()
        if symbol not in ("<", ">") or not symbol:
            self.position = start
            return None
        self.position += 1
        append = symbol == ">" and self._peek() == ">"
        self.position += append
        if handle is None:
            handle = 0 if symbol == "<" else 1
        self._blanks_only()
        if self._peek() == "&" and self._peek(2)[1:].isdigit():
            target = self._peek(2)
            self.position += 2
            return Redirection(handle, target)
        target = self._take_word()
        if not target:
            raise SyntaxFault("The syntax of the command is incorrect.")
        return Redirection(handle, target.replace('"', ""), append)

    def _simple(self) -> Simple:
        out: list[str] = []
        redirections: list[Redirection] = []
        quoted = False
        while character := self._peek():
            if quoted:
                quoted = character != '"'
            elif character == "^":
                self.position += 1
                out.append(self._peek())
                self.position += 1
                continue
            elif character == '"':
                quoted = True
            elif character in "&|" or (character == ")" and self.depth):
                break
            elif character in "<>" or (character.isdigit() and self._peek(2)[1:] in ("<", ">") and (not out or out[-1] in _DELIMITERS)):
                redirection = self._redirection()
                if redirection:
                    redirections.append(redirection)
                    continue
            out.append(character)
            self.position += 1
        return Simple("".join(out), redirections)


def parse(text: str) -> Node | None:
    """A line after expansion of variables to a tree."""
    return Parser(text).parse()
