# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command lines that survive ``cmd.exe /C`` and CommandLineToArgvW. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class CommandLine:
    """A line for ``cmd.exe /C`` and the folder to start it from (None: wherever the shell is)."""

    text: str
    working_directory: str | None = None


def command_line(program: str, arguments: Sequence[str] = ()) -> CommandLine:
    """Build the line that starts ``program`` with exactly these arguments.

    Args:
        program: Name or full path of the program. A path with blanks is run from its folder.
        arguments: One string per argument.

    Raises:
        OptionError: An argument or the path holds what cmd cannot carry (``%``, ``!``, a quote, a line end or NUL), named in the text.
    """
    raise NotImplementedError
