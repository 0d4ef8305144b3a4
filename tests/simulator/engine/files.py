# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an image or a container: a small tree in memory, read and written as tar. Paths know no case; ``C:`` and slashes do not matter."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .texts import ApiError

_DIRECTORY, _LINK = 1 << 31, 1 << 27  #: Go's bits of os.FileMode


@dataclass(frozen=True)
class Node:
    """A file, folder or link. ``name`` is the last part of its path, as it is spelt."""

    name: str
    kind: str = "file"  #: file, directory, link
    data: bytes = b""
    target: str = ""
    mode: int = 0o755
    modified: float = field(default_factory=time.time)

    @property
    def go_mode(self) -> int:
        """Permission and type as Go's os.FileMode."""
        return self.mode | {"directory": _DIRECTORY, "link": _LINK}.get(self.kind, 0)


ROOT = Node("/", "directory")


def normal(path: str) -> str:
    """``/a/b`` for ``C:\\\\A\\\\B\\\\``, ``a/b`` ...: the key of a path; slashes and case do not matter."""
    return spelt(path).lower()


def spelt(path: str) -> str:
    """The path with slashes, from the root, without ``.``, ``..`` and drive letter."""
    path = path.replace("\\", "/")
    if len(path) > 1 and path[1] == ":":
        path = path[2:]
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def parent(key: str) -> str:
    """The folder a path lies in."""
    return key.rpartition("/")[0] or "/"


class Files:
    """One tree. Copies are cheap: nodes are never changed in place."""

    def __init__(self, nodes: dict[str, Node] | None = None) -> None:
        self.nodes: dict[str, Node] = {"/": ROOT} if nodes is None else nodes

    def copy(self) -> Files:
        return Files(dict(self.nodes))

    def find(self, path: str) -> Node | None:
        """What lies at a path; a link in the way is followed, a link at its end is not."""
        return self.nodes.get(self._through_links(normal(path)))

    def _through_links(self, key: str) -> str:
        """A key whose folders are no links."""
        where = ""
        for part in key.strip("/").split("/")[:-1]:
            where = f"{where}/{part}"
            node = self.nodes.get(where)
            if node is not None and node.kind == "link":
                where = normal(node.target if node.target.startswith("/") else f"{parent(where)}/{node.target}")
        last = key.rpartition("/")[2]
        return f"{where}/{last}" if last else "/"

    def is_directory(self, path: str) -> bool:
        node = self.find(path)
        return node is not None and node.kind == "directory"

    def put(self, path: str, node: Node) -> None:
        """Put a node somewhere; folders that lack are made."""
        shown = spelt(path)
        key = self._through_links(shown.lower())
        if key != "/":
            folder = parent(shown)
            if parent(key) not in self.nodes:
                self.put(folder, Node(folder.rpartition("/")[2], "directory"))
            self.nodes[key] = replace(node, name=shown.rpartition("/")[2])

    def write(self, path: str, data: bytes) -> None:
        """A file with that content."""
        self.put(path, Node("", data=data, mode=0o644))

    def make_directory(self, path: str) -> None:
        if self.find(path) is None:
            self.put(path, Node("", "directory"))

    def remove(self, path: str) -> bool:
        """Delete what lies there and below; whether there was something."""
        key = self._through_links(normal(path))
        gone = [each for each in self.nodes if each == key or each.startswith(key.rstrip("/") + "/")]
        for each in gone:
            if each != "/":
                del self.nodes[each]
        return bool(gone)

    def below(self, path: str) -> Iterator[tuple[str, Node]]:
        """Everything below a folder: path relative to it, spelt, and node; folders first."""
        top = self._through_links(normal(path)).rstrip("/")
        names: dict[str, str] = {top: ""}
        for key in sorted(self.nodes):
            if key.startswith(top + "/") and key != "/":
                above = names.get(parent(key) if parent(key) != "/" else top, "")
                names[key] = f"{above}/{self.nodes[key].name}".lstrip("/")
                yield names[key], self.nodes[key]

    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(node.data) for node in self.nodes.values())

    def changes(self, base: Files) -> list[tuple[int, str]]:
        """What differs from ``base``: 0 changed, 1 added, 2 deleted, with the path; folders around a change count as changed."""
        found: dict[str, int] = {}
        for key, node in self.nodes.items():
            if key not in base.nodes:
                found[key] = 1
            elif base.nodes[key] is not node and base.nodes[key] != node:
                found[key] = 0
        found |= {key: 2 for key in base.nodes if key not in self.nodes}
        for key in list(found):
            folder = parent(key)
            while folder != "/" and folder not in found:
                found[folder] = 0
                folder = parent(folder)
        return sorted((kind, self._shown(key, base)) for key, kind in found.items())

    def _shown(self, key: str, base: Files) -> str:
        parts, where = [], ""
        for part in key.strip("/").split("/"):
            where = f"{where}/{part}"
            node = self.nodes.get(where) or base.nodes.get(where)
            parts.append(node.name if node else part)
        return "/" + "/".join(parts)

    # -- tar ------------------------------------------------------------------------------------------------------------------

    def tar(self, path: str, name: str) -> bytes:
        """A file, or a folder with all below it, under a name of its own."""
        out = io.BytesIO()
        node = self.find(path) or ROOT
        with tarfile.open(fileobj=out, mode="w") as archive:
            _add(archive, name, node)
            if node.kind == "directory":
                for inner, each in self.below(path):
                    _add(archive, f"{name.rstrip('/')}/{inner}", each)
        return out.getvalue()

    def untar(self, path: str, data: bytes, *, keep_kind: bool = False) -> None:
        """Unpack below a folder.

        Args:
            keep_kind: A folder may not become a file, nor a file a folder.

        Raises:
            ApiError: No tar (500), or what ``keep_kind`` forbids (400).
        """
        for name, node in tar_nodes(data):
            target = f"{spelt(path).rstrip('/')}/{name}"
            there = self.find(target)
            if keep_kind and there is not None and (there.kind == "directory") != (node.kind == "directory"):
                kinds = ("non-directory", "directory") if node.kind == "directory" else ("directory", "non-directory")
                raise ApiError(500, f"cannot overwrite {kinds[0]} {target!r} with {kinds[1]} {path!r}")
            if there is not None and there.kind == "directory" and node.kind == "directory":
                self.nodes[self._through_links(normal(target))] = replace(node, name=there.name)
            else:
                self.put(target, node)


def tar_nodes(data: bytes) -> list[tuple[str, Node]]:
    """The members of a tar, plain or compressed. Raises ApiError 500 when it is none."""
    if not data:
        return []
    found = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                kind = "directory" if member.isdir() else "link" if member.issym() or member.islnk() else "file"
                node = Node("", kind, content.read() if content else b"", member.linkname, member.mode & 0o7777, member.mtime)
                found.append((member.name, node))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ApiError(500, "archive/tar: invalid tar header") from error
    return found


def files_of(data: bytes) -> Files:
    """A tree made from a tar. Raises ApiError 500."""
    files = Files()
    files.untar("/", data)
    return files


def _add(archive: tarfile.TarFile, name: str, node: Node) -> None:
    member = tarfile.TarInfo(name)
    member.type = {"directory": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}.get(node.kind, tarfile.REGTYPE)
    member.mode, member.mtime, member.linkname, member.size = node.mode, int(node.modified), node.target, len(node.data)
    archive.addfile(member, io.BytesIO(node.data))
