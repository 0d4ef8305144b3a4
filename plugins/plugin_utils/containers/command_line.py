# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Split a Windows command line as a program of Windows would. Pure.

The engine keeps a command as a list, and on Windows joins it again with the quoting that CommandLineToArgvW undoes
(moby daemon/oci_windows.go, escapeArgs). So a command written as one line is split by the rules of CommandLineToArgvW: the
program in the container then sees the arguments the line spells, every backslash kept.
"""

from __future__ import annotations

from ..errors import OptionError

_BLANKS = " \t"


def split_command_line(line: str, what: str = "the option command") -> list[str]:
    """The arguments of a command line, the program first.

    The program's name knows no escapes: it reaches to the next blank, or in quotes to the next quote. After it, 2n
    backslashes before a quote stand for n, 2n+1 for n and a literal quote; elsewhere backslashes are themselves; a quote
    doubled inside quotes is literal and ends them.

    Raises:
        OptionError: The line is empty.
    """
    line = line.lstrip(_BLANKS)
    if not line:
        raise OptionError(f"{what} is an empty line", "Leave it out to run what the image itself runs")
    if line[0] == '"':
        program, _unused, rest = line[1:].partition('"')
    else:
        end = next((index for index, character in enumerate(line) if character in _BLANKS), len(line))
        program, rest = line[:end], line[end:]
    arguments = [program]
    position = 0
    while True:
        while position < len(rest) and rest[position] in _BLANKS:
            position += 1
        if position >= len(rest):
            return arguments
        argument, position = _argument(rest, position)
        arguments.append(argument)


def _argument(text: str, position: int) -> tuple[str, int]:
    result: list[str] = []
    quoted = False
    while position < len(text) and (quoted or text[position] not in _BLANKS):
        if text[position] not in '\\"':
            result.append(text[position])
            position += 1
            continue
        start = position
        while position < len(text) and text[position] == "\\":
            position += 1
        slashes = position - start
        if position >= len(text) or text[position] != '"':
            result.append("\\" * slashes)
            continue
        result.append("\\" * (slashes // 2))
        position += 1
        if slashes % 2:
            result.append('"')
        elif quoted and text[position : position + 1] == '"':
            # Inside quotes a doubled quote is one literal quote, after which the quotes are closed.
            result.append('"')
            quoted = False
            position += 1
        else:
            quoted = not quoted
    return "".join(result), position
