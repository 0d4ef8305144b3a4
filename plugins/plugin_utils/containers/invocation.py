# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a command line of Ansible becomes a program with arguments in a container, and its output plain text. Pure.

The engine makes one command line of the arguments of an exec, and writes a double quote as ``\\"`` (moby daemon/exec_windows.go,
escapeArgs), which cmd.exe does not understand. cmd.exe replaces variables before it reads quotes and operators, so each quote goes as a
variable, and so does a path that nobody may take for a part of the command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from ..errors import OptionError

_POWERSHELL = ("PowerShell", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Unrestricted")
_QUOTE = "WINFLEET_QUOTE"
_PATH = "WINFLEET_PATH"
#: A path between quotes, wherever a line names it.
PATH = f'"%{_PATH}%"'
#: A quote inside a replacement like ``%NAME:"=%``, where a variable cannot stand for it.
_QUOTE_IN_REPLACEMENT = re.compile(r'%[^%:\s"]+:[^%"]*"[^%]*%')
#: Without it, PowerShell ends with 1 whatever code the last program ended with (PowerShell/PowerShell#13501); core's shell plugin has the like.
_EXIT_CODE = "if (-not $?) { if ($LASTEXITCODE) { exit $LASTEXITCODE } else { exit 1 } }"
_CLIXML = b"#< CLIXML"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Invocation:
    """A program of the container with its arguments, and the variables they need.

    Attributes:
        powershell: Whether the program is Windows PowerShell.
    """

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    powershell: bool = False


def encoded(command: str) -> Invocation | None:
    """A command of Ansible's shell plugins that starts PowerShell with an encoded script, as they all do; None for any other."""
    words = tuple(command.split(" "))
    starts = words[0].lower().removesuffix(".exe") == "powershell" and "-encodedcommand" in map(str.lower, words)
    if starts and not re.search(r"[\"|&<>]", command):
        return Invocation(words, powershell=True)
    return None


def powershell_line(line: str) -> Invocation:
    """A line for PowerShell, which undoes the engine's quoting by itself, with the exit code of its last program."""
    return Invocation((*_POWERSHELL, "-Command", f"{line}\n{_EXIT_CODE}"), powershell=True)


def unquoted(path: str) -> str:
    """A path without the quotes that Ansible's shell plugins may have put around it."""
    match = re.fullmatch(r"""\s*(['"])(.*)\1\s*""", path)
    return match[2] if match else path


def cmd_line(line: str, path: str | None = None) -> Invocation:
    """A line for cmd.exe, which reads it as it would read it at its prompt.

    Args:
        line: The line; :data:`PATH` stands for the path.
        path: Any path.

    Raises:
        OptionError: cmd.exe cannot take the line.
    """
    text = line.strip()
    if re.search(r"[\r\n\0]", text):
        raise OptionError("the command holds a line end or NUL, where cmd.exe would stop reading", "Join its commands with & or &&")
    if _QUOTE_IN_REPLACEMENT.search(text):
        raise OptionError("the command replaces double quotes where it expands a variable", "Put it into a script in the container")
    if text.endswith("\\"):
        text += " "  # the engine doubles backslashes in front of the quote it puts at the end
    variables = {_QUOTE: '"'} if '"' in text else {}
    if path is not None:
        variables[_PATH] = path
    return Invocation(("cmd.exe", "/S", "/C", text.replace('"', f"%{_QUOTE}%")), variables)


def plain_errors(stderr: bytes) -> bytes:
    """What PowerShell writes to stderr as text, where it wrote its objects as XML."""
    if not stderr.startswith(_CLIXML):
        return stderr
    try:
        found = [ElementTree.fromstring(piece) for piece in re.findall(rb"<Objs .*?</Objs>", stderr, re.DOTALL)]
    except ElementTree.ParseError:
        return stderr
    texts = [entry.text or "" for root in found for entry in root.iter() if entry.get("S") == "Error"]
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), "".join(texts))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
