# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in the pages of the documentation."""

from __future__ import annotations

import re
import textwrap
from typing import NamedTuple

_CODE = re.compile(r"^\.\. code-block:: (\w+)\n((?:   :\w+: .*\n)*)\n((?:(?:   .*)?\n)+)", re.MULTILINE)


class Code(NamedTuple):
    """A block of code: its language, the lines of its options, and its own lines."""

    kind: str
    options: str
    text: str

    @property
    def caption(self) -> str:
        """The file it shows; empty where it shows none."""
        return self.options.partition(":caption: ")[2].strip()


def code_of(page: str) -> list[Code]:
    """The blocks of code of a page in reStructuredText."""
    return [Code(kind, options, textwrap.dedent(text).strip("\n") + "\n") for kind, options, text in _CODE.findall(page)]
