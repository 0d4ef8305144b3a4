# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine's PATH, with its variables kept: read as text, changed as text. Pure.

StdRegProv expands what it reads, so that a value read and written by it would lose ``%SystemRoot%`` for good; ``reg query`` shows it as it is.
"""

from __future__ import annotations

import ntpath
import re
from dataclasses import dataclass, replace

from ..errors import RemoteError

KEY = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
#: Four blanks, the name, four blanks, the type, four blanks, the data (native-tools.md 5).
_ROW = re.compile(r"^ {4}path {4}(REG_(?:EXPAND_)?SZ) {4}(.*)$", re.IGNORECASE | re.MULTILINE)
_KNOWN = {"programfiles": r"C:\Program Files", "systemroot": r"C:\Windows", "systemdrive": "C:", "programdata": r"C:\ProgramData"}


@dataclass(frozen=True)
class MachinePath:
    """The value as the registry has it.

    Args:
        text: With its variables unexpanded.
        expands: Whether it is a REG_EXPAND_SZ.
    """

    text: str
    expands: bool = True

    def holds(self, folder: str) -> bool:
        """Whether one of its entries names the folder, in whatever spelling."""
        return any(_same(entry, folder) for entry in self.text.split(";"))

    def with_folder(self, folder: str) -> MachinePath:
        """The value with the folder at its end; the rest is kept to the letter."""
        return replace(self, text=f"{self.text.rstrip(';')};{folder}" if self.text else folder)

    def without_folder(self, folder: str) -> MachinePath:
        """The value without the entries that name the folder; the rest is kept to the letter."""
        return replace(self, text=";".join(entry for entry in self.text.split(";") if not _same(entry, folder)))


def _same(entry: str, folder: str) -> bool:
    known = re.sub(r"%(\w+)%", lambda match: _KNOWN.get(match[1].lower(), match[0]), entry.strip().strip('"'))
    return bool(known) and ntpath.normcase(ntpath.normpath(known)) == ntpath.normcase(ntpath.normpath(folder))


def parse_query(output: bytes) -> MachinePath:
    """The value from ``reg query``'s output.

    Raises:
        RemoteError: The output holds no such row, or characters whose code page is unknown; writing it back would damage the value.
    """
    try:
        match = _ROW.search(output.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        cause = "the machine's PATH holds characters that reg.exe does not print in UTF-8, and rewriting it would damage them"
        raise RemoteError(cause, "Leave out the option add_to_path, and add the folder by hand") from error
    if match is None:
        raise RemoteError(
            "the machine's PATH could not be read", "See what 'reg query' shows of it on the host", text=output.decode("utf-8")
        )
    return MachinePath(match[2], match[1].upper() == "REG_EXPAND_SZ")
