# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Windows command lines, split as CommandLineToArgvW does: samples of its documentation, what users write, and Wine as the judge."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.command_line import split_command_line
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.options import parse_options
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

from ..remote.test_command_line import judge, split_by_windows

__all__ = ["judge"]  # a fixture


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        (r"ping -t localhost", ["ping", "-t", "localhost"]),
        (r'x "a b c" d e', ["x", "a b c", "d", "e"]),
        (r'x "ab\"c" "\\" d', ["x", 'ab"c', "\\", "d"]),
        (r'x a\\\b d"e f"g h', ["x", r"a\\\b", "de fg", "h"]),
        (r"x a\\\"b c d", ["x", r"a\"b", "c", "d"]),
        (r'x a\\\\"b c" d e', ["x", r"a\\b c", "d", "e"]),
        (r'x a"b"" c d', ["x", 'ab"', "c", "d"]),
        (r'x ""', ["x", ""]),
        (r'x "" y', ["x", "", "y"]),
        (r"C:\dir\x.exe C:\dir\ D:\a\b\\", [r"C:\dir\x.exe", "C:\\dir\\", "D:\\a\\b\\\\"]),
        (r'"C:\Program Files\x\" y', ["C:\\Program Files\\x\\", "y"]),
        ("  x\t y ", ["x", "y"]),
        ('x "two\nlines" %PATH% & |', ["x", "two\nlines", "%PATH%", "&", "|"]),
    ],
)
def test_lines(line: str, arguments: list[str]) -> None:
    assert split_command_line(line) == arguments


def _quoted(argument: str) -> str:
    """The way back: how the engine quotes an element (Go's syscall.EscapeArg), always in quotes."""
    out, slashes = '"', 0
    for character in argument:
        if character == "\\":
            slashes += 1
        else:
            out += "\\" * (slashes * 2 + 1 if character == '"' else slashes) + character
            slashes = 0
    return out + "\\" * (slashes * 2) + '"'


@given(st.lists(st.text(alphabet='ab \\"\t%&\n')))
def test_what_is_quoted_comes_back(arguments: list[str]) -> None:
    assert split_command_line(" ".join(["x", *map(_quoted, arguments)])) == ["x", *arguments]


def test_an_empty_line_is_refused() -> None:
    with pytest.raises(OptionError):
        split_command_line(" ")


def test_wine_splits_alike(judge: Path) -> None:  # pytest hands the fixture over under its name
    chance = random.Random(2026)
    lines = ["x " + "".join(chance.choices('ab \\\\"""\t', k=chance.randrange(14))) for _unused in range(3000)]
    lines += [chance.choice('ab"') + "".join(chance.choices('ab \\\\""\t', k=chance.randrange(14))) for _unused in range(2000)]
    assert [split_command_line(line) for line in lines] == split_by_windows(judge, lines)


@pytest.mark.parametrize("command", [["ping", "a\0b"], "ping a\0b"])
def test_a_command_with_a_nul_is_refused_by_name(command: list[str] | str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_options({"command": command})
    assert caught.value.sentence("host").endswith(
        "the option command holds a NUL, which a Windows command line cannot carry. Leave it out."
    )
