# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command lines that survive ``cmd.exe /C`` and CommandLineToArgvW. Pure.

Two parsers read a line one after the other. cmd would expand ``%VAR%`` and (with delayed expansion) ``!VAR!`` even between
quotes, flips its state at a quote and stops at a line end; none of these can be escaped reliably on a ``/C`` line, so they are
refused. Everything else is harmless once every argument is quoted (facts/wsman.md 4.3; facts/native-tools.md 5).
The line never starts with a quote, because then cmd would strip quotes by rules of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import OptionError

#: cmd takes 8191 characters; the service puts ``C:\Windows\system32\cmd.exe /C `` and perhaps quotes around.
MAX_LENGTH = 8000

_FORBIDDEN = {
    "%": "a percent sign",
    "!": "an exclamation mark",
    '"': "a quotation mark",
    "\r": "a line end",
    "\n": "a line end",
    "\x00": "a NUL",
}
_PLAIN_PROGRAM = re.compile(r"(?:[A-Za-z]:)?[\\\w.+~-]+")
_PLAIN_NAME = re.compile(r"[\w.+~-]+")
_NOT_IN_PATHS = "<>|?*:"
_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|[\\/]{2}")


@dataclass(frozen=True)
class CommandLine:
    """A line for ``cmd.exe /C`` and the folder to start it from (None: wherever the shell is)."""

    text: str
    working_directory: str | None = None


def command_line(program: str, arguments: Sequence[str] = ()) -> CommandLine:
    """Build the line that starts ``program`` with exactly these arguments.

    Args:
        program: Full path of the program, or a name in System32 such as ``dism.exe``: it is never searched along PATH, where
            another tar.exe may lie (facts/native-tools.md 4). A path with blanks or cmd's special characters is run from its folder.
        arguments: One string per argument.

    Raises:
        OptionError: An argument or the path holds what cmd cannot carry (``%``, ``!``, a quote, a line end or NUL), named in the text.
    """
    word, working_directory = _program(program)
    line = " ".join([word, *(quote_argument(argument) for argument in arguments)])
    if len(line) > MAX_LENGTH:
        raise OptionError(
            f"the command line has {len(line)} characters, and cmd.exe on the host takes at most {MAX_LENGTH}", "Shorten the values"
        )
    return CommandLine(line, working_directory)


def _program(program: str) -> tuple[str, str | None]:
    _refuse(program, "the program's path")
    program = program.replace("/", "\\")
    folder, backslash, name = program.rpartition("\\")
    if not _PLAIN_NAME.fullmatch(name):
        raise OptionError(f'the program name "{name}" holds characters that cmd.exe on the host would change', "Rename the program")
    if not backslash:
        return f"%SystemRoot%\\System32\\{name}", None
    if _PLAIN_PROGRAM.fullmatch(program):
        return program, None
    if folder.startswith("\\\\"):
        raise OptionError(
            f'the program\'s folder "{folder}" is on the network, where cmd.exe cannot be started', "Use a local path without blanks"
        )
    # With ".\" cmd looks neither along PATH nor at NoDefaultCurrentDirectoryInExePath.
    return f".\\{name}", folder if not folder.endswith(":") else folder + "\\"


def quote_argument(argument: str) -> str:
    """One argument in quotes, as CommandLineToArgvW gives it back. Raises OptionError as :func:`command_line`."""
    _refuse(argument, "the argument")
    trailing = len(argument) - len(argument.rstrip("\\"))
    return f'"{argument}{chr(92) * trailing}"'


def quote_path(path: str) -> str:
    """A path in quotes for cmd's own commands (``type``, ``move`` ...), which know no escapes.

    Raises:
        OptionError: The path is not absolute, or holds what cmd cannot carry or what Windows forbids in paths.
    """
    _refuse(path, "the path")
    if not _ABSOLUTE.match(path):
        raise OptionError(f'the path "{path}" is not absolute', "Write it with its drive, for example C:\\ProgramData")
    bad = next((character for character in path[2:] if character in _NOT_IN_PATHS), None)
    if bad:
        raise OptionError(f'the path "{path}" holds "{bad}", which Windows does not allow in paths', "Correct the path")
    path = path.replace("/", "\\")
    # A backslash before the closing quote means nothing to cmd's commands, but move and rmdir stumble over it.
    return f'"{path.rstrip(chr(92)) if len(path.rstrip(chr(92))) > 2 else path}"'


def _refuse(value: str, what: str) -> None:
    for character in value:
        name = _FORBIDDEN.get(character)
        if name is None and (ord(character) < 32 and character != "\t" or 0xD800 <= ord(character) <= 0xDFFF):
            name = f"the control character U+{ord(character):04X}"
        if name:
            shown = value.encode("unicode_escape").decode("ascii") if not value.isprintable() else value
            raise OptionError(
                f'{what} "{shown}" holds {name}, which a command line on the host cannot carry unchanged', "Use a value without it"
            )
