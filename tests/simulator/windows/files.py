# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file system: an in-memory tree without case, on a disk of limited size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from .messages import system_message

_FORBIDDEN = set('<>"|?*') | {chr(code) for code in range(32)}


class FileError(OSError):
    """A refusal of the file system; ``code`` is the Win32 code, the text Windows' own."""

    def __init__(self, code: int, path: str) -> None:
        super().__init__(f"{path}: {system_message(code)}")
        self.code, self.path, self.text = code, path, system_message(code)


class DiskFull(FileError):
    """Win32 112."""

    def __init__(self, path: str) -> None:
        super().__init__(112, path)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class File:
    """A file. ``size`` is its length in bytes; ``content`` may be shorter for large files whose content nobody reads."""

    name: str
    content: bytes = b""
    size: int = 0
    modified: datetime = field(default_factory=_now)


@dataclass
class Folder:
    """A folder; children by lower-case name."""

    name: str
    children: dict[str, File | Folder] = field(default_factory=dict)
    modified: datetime = field(default_factory=_now)


@lru_cache(4096)
def absolute(path: str, working_directory: str = "C:\\") -> str:
    """The full path, with backslashes, without ``.``, ``..``, quotes, ``\\\\?\\`` and trailing backslash (but ``C:\\``)."""
    path = path.strip().strip('"').replace("/", "\\")
    if path.startswith("\\\\?\\"):
        path = path[4:]
    if path.startswith("\\\\"):
        return path.rstrip("\\")
    if len(path) >= 2 and path[1] == ":":
        drive, rest = path[:2].upper(), path[2:]
        if not rest.startswith("\\"):
            inside = working_directory[2:] if working_directory[:2].upper() == drive else ""
            rest = f"{inside}\\{rest}"
    elif path.startswith("\\"):
        drive, rest = working_directory[:2].upper(), path
    else:
        drive, rest = working_directory[:2].upper(), f"{working_directory[2:]}\\{path}"
    parts: list[str] = []
    for part in rest.split("\\"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part.rstrip(". ") or part)
    return drive + "\\" + "\\".join(parts)


def split(path: str) -> tuple[str, str]:
    """Parent folder and last name of an absolute path."""
    parent, _unused, name = path.rpartition("\\")
    return (parent + "\\" if parent.endswith(":") else parent), name


class FileSystem:
    """All drives of a machine (one: ``C:``). Paths given are absolute; :func:`absolute` makes them so.

    Attributes:
        size_bytes: Capacity of C:.
        free_bytes: May be set; files written and space reserved take from it.
        denied: Lower-case paths nobody may write to (a test's knob).
        now: The machine's clock.
        in_use: Tells whether a file is being executed, and so cannot be overwritten or deleted.
    """

    def __init__(self, size_bytes: int, free_bytes: int) -> None:
        self.size_bytes, self.free_bytes = size_bytes, free_bytes
        self.denied: set[str] = set()
        self.now: Callable[[], datetime] = _now
        self.in_use: Callable[[str], bool] = lambda path: False
        self._drives = {"c:": Folder("C:")}

    # --- space -----------------------------------------------------------------------------------------------------------

    def reserve(self, size: int, path: str = "C:\\") -> None:
        """Take space from the disk. Raises DiskFull, taking nothing."""
        if size > self.free_bytes:
            raise DiskFull(path)
        self.free_bytes -= size

    def release(self, size: int) -> None:
        """Give space back."""
        self.free_bytes = min(self.size_bytes, self.free_bytes + size)

    # --- looking ---------------------------------------------------------------------------------------------------------

    def find(self, path: str) -> File | Folder | None:
        """The node at a path, or None."""
        drive, *parts = absolute(path).split("\\")
        node: File | Folder | None = self._drives.get(drive.lower())
        for part in filter(None, parts):
            node = node.children.get(part.lower()) if isinstance(node, Folder) else None
        return node

    def exists(self, path: str) -> bool:
        return self.find(path) is not None

    def is_file(self, path: str) -> bool:
        return isinstance(self.find(path), File)

    def is_folder(self, path: str) -> bool:
        return isinstance(self.find(path), Folder)

    def real_path(self, path: str) -> str:
        """The path as it is spelt on disk."""
        drive, *parts = absolute(path).split("\\")
        node: File | Folder | None = self._drives.get(drive.lower())
        spelt = [drive]
        for part in filter(None, parts):
            node = node.children.get(part.lower()) if isinstance(node, Folder) else None
            spelt.append(node.name if node else part)
        return "\\".join(spelt) if len(spelt) > 1 else drive + "\\"

    def file(self, path: str) -> File:
        """The file at a path. Raises FileError 2, 3 or 5 (a folder)."""
        node = self.find(path)
        if isinstance(node, File):
            return node
        if isinstance(node, Folder):
            raise FileError(5, path)
        raise FileError(2 if self.is_folder(split(absolute(path))[0]) else 3, path)

    def read(self, path: str) -> bytes:
        """A file's content. Raises FileError."""
        return self.file(path).content

    def list(self, path: str) -> list[File | Folder]:
        """The children of a folder in the order of their names. Raises FileError 3."""
        node = self.find(path)
        if not isinstance(node, Folder):
            raise FileError(3, path)
        return [child for _unused, child in sorted(node.children.items())]

    def walk(self, path: str) -> Iterator[tuple[str, File | Folder]]:
        """Every node below a folder with its path, folders first."""
        for child in self.list(path):
            inner = f"{absolute(path).rstrip(chr(92))}\\{child.name}"
            yield inner, child
            if isinstance(child, Folder):
                yield from self.walk(inner)

    # --- changing --------------------------------------------------------------------------------------------------------

    def _parent(self, path: str) -> tuple[Folder, str]:
        parent, name = split(path)
        if not name or any(character in _FORBIDDEN or character == ":" for character in name):
            raise FileError(123, path)
        folder = self.find(parent)
        if not isinstance(folder, Folder):
            raise FileError(3, path)
        return folder, name

    def _check_writable(self, path: str, *, replacing: bool = True) -> None:
        lowered = path.lower()
        if any(lowered == denied or lowered.startswith(denied + "\\") for denied in self.denied):
            raise FileError(5, path)
        if replacing and self.in_use(lowered):
            raise FileError(32, path)

    def write(self, path: str, content: bytes, *, size: int | None = None, parents: bool = False) -> None:
        """Create or overwrite a file.

        Args:
            path: Absolute.
            content: Its bytes.
            size: Length on disk when larger than the content.
            parents: Create missing folders.

        Raises:
            FileError: 3 no such folder, 5 denied or a folder, 32 being executed, 112 disk full, 123 impossible name.
        """
        path = absolute(path)
        if parents:
            self.make_folder(split(path)[0])
        folder, name = self._parent(path)
        self._check_writable(path)
        old = folder.children.get(name.lower())
        if isinstance(old, Folder):
            raise FileError(5, path)
        new_size = len(content) if size is None else size
        old_size = old.size if old else 0
        if new_size > old_size:
            self.reserve(new_size - old_size, path)
        else:
            self.release(old_size - new_size)
        folder.children[name.lower()] = File(old.name if old else name, content, new_size, self.now())

    def append(self, path: str, content: bytes) -> None:
        """Write at a file's end, creating it. Raises as :meth:`write`."""
        self.write(path, (self.read(path) if self.is_file(path) else b"") + content)

    def make_folder(self, path: str) -> None:
        """Create a folder with its parents. Raises FileError 183 (a file has that name), 5, 123; 3 for a drive that isn't there."""
        path = absolute(path)
        node = self.find(path)
        if isinstance(node, Folder):
            return
        if node is not None:
            raise FileError(183, path)
        parent = split(path)[0]
        if not split(path)[1]:
            raise FileError(3, path)
        self.make_folder(parent)
        folder, name = self._parent(path)
        self._check_writable(path, replacing=False)
        folder.children[name.lower()] = Folder(name, modified=self.now())

    def delete(self, path: str) -> None:
        """Delete a file. Raises FileError 2, 3, 5, 32."""
        path = absolute(path)
        file = self.file(path)
        self._check_writable(path)
        folder, name = self._parent(path)
        del folder.children[name.lower()]
        self.release(file.size)

    def remove_folder(self, path: str, *, recursive: bool = False) -> None:
        """Delete a folder. Raises FileError 2, 3, 267 (a file), 145 (not empty), 5, 32."""
        path = absolute(path)
        node = self.find(path)
        if node is None:
            raise FileError(2 if self.is_folder(split(path)[0]) else 3, path)
        if not isinstance(node, Folder):
            raise FileError(267, path)
        if node.children and not recursive:
            raise FileError(145, path)
        for inner, child in reversed(list(self.walk(path))):
            if isinstance(child, File):
                self.delete(inner)
        self._check_writable(path)
        folder, name = self._parent(path)
        del folder.children[name.lower()]

    def move(self, source: str, target: str, *, replace: bool = True) -> None:
        """Rename a file or folder. A running program may be renamed, not replaced. Raises FileError 2, 3, 5, 32, 183."""
        source, target = absolute(source), absolute(target)
        node = self.find(source)
        if node is None:
            raise FileError(2, source)
        folder, name = self._parent(target)
        self._check_writable(source, replacing=False)
        old = folder.children.get(name.lower())
        if old is not None and source.lower() != target.lower():
            if isinstance(old, Folder) or isinstance(node, Folder):
                raise FileError(5, target)
            if not replace:
                raise FileError(183, target)
            self._check_writable(target)
            self.release(old.size)
        self._check_writable(target, replacing=False)
        source_folder, source_name = self._parent(source)
        del source_folder.children[source_name.lower()]
        node.name = name
        folder.children[name.lower()] = node

    def copy(self, source: str, target: str) -> None:
        """Copy a file. Raises FileError as :meth:`write`."""
        file = self.file(source)
        self.write(target, file.content, size=file.size)
