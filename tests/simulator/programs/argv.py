# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CommandLineToArgvW: how a program splits its command line (native-tools.md 5)."""

from __future__ import annotations


def split(command_line: str) -> list[str]:
    """The arguments, program name first. 2n backslashes before a quote give n and toggle, 2n+1 give n and a literal quote."""
    arguments: list[str] = []
    position, length = 0, len(command_line)
    if command_line[:1] == '"':
        end = command_line.find('"', 1)
        end = length if end < 0 else end
        arguments.append(command_line[1:end])
        position = end + 1
    else:
        while position < length and command_line[position] not in " \t":
            position += 1
        arguments.append(command_line[:position])
    while True:
        while position < length and command_line[position] in " \t":
            position += 1
        if position >= length:
            return arguments
        argument, position = _argument(command_line, position)
        arguments.append(argument)


def _argument(text: str, position: int) -> tuple[str, int]:
    out: list[str] = []
    quoted = False
    while position < len(text):
        character = text[position]
        if character in " \t" and not quoted:
            break
        slashes = 0
        while position < len(text) and text[position] == "\\":
            slashes += 1
            position += 1
        if position < len(text) and text[position] == '"':
            out.append("\\" * (slashes // 2))
            if slashes % 2:
                out.append('"')
            elif quoted and text[position + 1 : position + 2] == '"':
                out.append('"')  # a quote doubled inside quotes is a literal one and ends them (judged by Wine's CommandLineToArgvW)
                quoted = False
                position += 1
            else:
                quoted = not quoted
            position += 1
        elif slashes:
            out.append("\\" * slashes)
        else:
            out.append(character)
            position += 1
    return "".join(out), position
