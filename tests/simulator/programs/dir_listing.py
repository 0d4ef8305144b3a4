# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built-in ``dir`` (layout: the recording receive-directory-listing of a Server 2016)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..windows.files import File, Folder, absolute, split

if TYPE_CHECKING:
    from .cmd import Shell


async def list_folder(shell: Shell, operands: list[str], switches: set[str], matches: Callable[[Shell, str], list[str]]) -> int:
    """``dir [/b] [/s] [/a...] [PATH]``. Exit code 1 when nothing was found."""
    files = shell.machine.files
    path = shell.path(operands[0]) if operands else shell.process.working_directory
    if files.is_folder(path):
        folder = path
        found = [absolute(child.name, path) for child in files.list(path)]
        if "/s" in switches:
            found = [inner for inner, _unused in files.walk(path)]
    else:
        folder = split(path)[0]
        found = matches(shell, operands[0])
        if not found:
            await shell.process.complain("File Not Found\n")
            return 1
    found = [one for one in found if _wanted(files.find(one), switches)]
    if "/b" in switches:
        if not found:
            await shell.process.complain("File Not Found\n")
            return 1
        names = [one if "/s" in switches else split(one)[1] for one in found]
        await shell.process.print("".join(f"{name}\n" for name in names))
        return 0
    await shell.process.print(_listing(shell, folder, found, dots=files.is_folder(path)))
    return 0


def _wanted(node: File | Folder | None, switches: set[str]) -> bool:
    if "/ad" in switches or "/a:d" in switches:
        return isinstance(node, Folder)
    if "/a-d" in switches or "/a:-d" in switches:
        return isinstance(node, File)
    return node is not None


def _listing(shell: Shell, folder: str, found: list[str], *, dots: bool) -> str:
    files = shell.machine.files
    lines = [" Volume in drive C has no label.", " Volume Serial Number is 7869-2C66", "", f" Directory of {files.real_path(folder)}", ""]
    nodes: list[tuple[str, File | Folder]] = []
    here = files.find(folder)
    if dots and isinstance(here, Folder):
        nodes = [(".", here), ("..", here)]
    nodes += [(split(one)[1], node) for one in found if (node := files.find(one))]
    for name, node in nodes:
        size = f"    {'<DIR>':<14}" if isinstance(node, Folder) else f"    {node.size:>14,}"
        lines.append(f"{node.modified:%m/%d/%Y  %I:%M %p}{size} {name}")
    sizes = [node.size for _unused, node in nodes if isinstance(node, File)]
    lines.append(f"{len(sizes):>16} File(s) {sum(sizes):>14,} bytes")
    lines.append(f"{len(nodes) - len(sizes):>16} Dir(s) {files.free_bytes:>15,} bytes free")
    return "\n".join(lines) + "\n"
