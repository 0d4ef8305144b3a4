# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The structure of an answer, and where two of them differ.

Structure is every element with its depth, prefixed name, attributes and namespace declarations, in order; in faults also the texts and numbers.
Ids, times, host names and the language are left out, and so is how the output of a program happened to be cut into pieces.
"""

from __future__ import annotations

import difflib
from typing import Any
from xml.parsers import expat

#: Texts that are ids, addresses, or quote a number or a path of the host.
IGNORED_TEXT = {"MessageID", "ActivityId", "RelatesTo", "To", "Address", "ParameterInfo", "p:Message", "error_WindowsErrorMessage"}
#: Attributes whose value matters.
VALUES = ("xmlns", "Code", "End", "Name", "xsi:nil", "xsi:type", "State", "path", "provider")


def outline(text: str, *, editorial: bool = False, rewritten: bool = False) -> list[str]:
    """One line for each element.

    Args:
        text: The envelope.
        editorial: Prefixes, declarations and mustUnderstand were chosen by an author: names are shown without them, as are types.
        rewritten: The source re-indented it, and often sorted the attributes: their order says nothing.
    """
    nodes: list[list[Any]] = []
    stack: list[list[Any]] = []
    is_fault = ":Fault>" in text
    parser = expat.ParserCreate(namespace_separator="}" if editorial else None)
    parser.ordered_attributes = True

    def start(name: str, attributes: list[str]) -> None:
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        stack.append([len(stack), name.rpartition("}")[2] if editorial else name, _shown(pairs, editorial, rewritten), ""])
        nodes.append(stack[-1])

    def data(content: str) -> None:
        stack[-1][3] += content

    parser.StartElementHandler, parser.CharacterDataHandler = start, data
    parser.EndElementHandler = lambda name: stack.pop()
    parser.Parse(text.strip(), True)
    return _joined([_line(node, is_fault) for node in nodes])


def _shown(pairs: list[tuple[str, str]], editorial: bool, rewritten: bool) -> tuple[str, ...]:
    """Attributes in their order, unless the source re-indented (and then often sorted) them."""
    names = [(name, value) for name, value in pairs if not (editorial and name.endswith(("mustUnderstand", "providerId", "}type")))]
    shown = [f"{name}={value}" if name.startswith(VALUES) else name for name, value in names]
    return tuple(sorted(shown) if rewritten or editorial else sorted(shown, key=lambda each: not each.startswith("xml")))


def _line(node: list[Any], is_fault: bool) -> str:
    depth, name, attributes, text = node
    shown = " ".join(text.split()) if is_fault and not {name, name.rpartition(":")[2]} & IGNORED_TEXT else ""
    return f"{'  ' * depth}{name} {' '.join(attributes)} {shown}".rstrip()


def _joined(lines: list[str]) -> list[str]:
    """Neighbouring pieces of one stream become one."""
    return [
        line
        for number, line in enumerate(lines)
        if not (number and line == lines[number - 1] and "rsp:Stream" in line and "End=" not in line)
    ]


def differences(theirs: list[str], ours: list[str]) -> list[str]:
    """Lines only Windows has (-), and only we have (+)."""
    return [line for line in difflib.ndiff(theirs, ours) if line[:2] in ("- ", "+ ")]
