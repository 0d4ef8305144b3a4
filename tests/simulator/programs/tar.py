# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tar.exe (bsdtar) on real archives (native-tools.md 4): extracts, lists and creates."""

from __future__ import annotations

import fnmatch
import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ..windows.files import File, FileError, Folder, absolute
from .process import Process, program

Written = Literal["w:", "w:gz", "w:bz2", "w:xz"]
#: How an archive is written, by the letter of its compression.
_WRITTEN: dict[str, Written] = {"z": "w:gz", "j": "w:bz2", "J": "w:xz"}


class _Bad(Exception):
    """bsdtar's complaint, without its name in front."""


@dataclass
class _Options:
    mode: str = ""
    archive: str | None = None
    verbose: bool = False
    written_as: Written = "w:"
    folder: str = ""
    strip: int = 0
    members: list[str] = field(default_factory=list)
    to_stdout: bool = False


@dataclass(frozen=True)
class _Member:
    name: str
    is_folder: bool
    content: bytes


_LONG = {"--extract": "x", "--list": "t", "--create": "c", "--verbose": "v", "--gzip": "z", "--get": "x"}


def _options(arguments: list[str], working_directory: str) -> _Options:
    options = _Options(folder=working_directory)
    rest = list(arguments)
    if rest and not rest[0].startswith("-"):
        rest[0] = "-" + rest[0]
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            options.members += rest
            break
        if name in ("--file", "--directory", "--strip-components"):
            _set(options, {"--file": "f", "--directory": "C", "--strip-components": "#"}[name], value if equals else _next(rest, name))
        elif word in _LONG:
            _set(options, _LONG[word], "")
        elif word.startswith("-") and len(word) > 1:
            _bundle(options, word[1:], rest)
        else:
            options.members.append(word)
    if not options.mode:
        raise _Bad("Must specify one of -c, -r, -t, -u, -x")
    return options


def _next(rest: list[str], name: str) -> str:
    if not rest:
        raise _Bad(f"Option {name} requires an argument")
    return rest.pop(0)


def _bundle(options: _Options, letters: str, rest: list[str]) -> None:
    for position, letter in enumerate(letters):
        if letter in "fC":
            inline = letters[position + 1 :]
            _set(options, letter, inline or _next(rest, f"-{letter}"))
            return
        _set(options, letter, "")


def _set(options: _Options, letter: str, value: str) -> None:
    if letter in "xtc":
        options.mode = letter
    elif letter == "f":
        options.archive = value
    elif letter == "C":
        options.folder = absolute(value, options.folder)
    elif letter == "v":
        options.verbose = True
    elif letter == "O":
        options.to_stdout = True
    elif letter == "#":
        options.strip = int(value)
    elif letter in "zjJ":
        options.written_as = _WRITTEN[letter]
    elif letter not in "pma":
        raise _Bad(f"Option -{letter} is not supported")


def _read_archive(data: bytes, *, streamed: bool) -> Iterator[_Member]:
    """The members. A zip on stdin is refused: bsdtar reads such a stream unreliably (native-tools.md 4)."""
    if data[:4] == b"PK\x03\x04":
        if streamed:
            raise _Bad("Error opening archive: Unrecognized archive format")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield _Member(info.filename, info.is_dir(), b"" if info.is_dir() else archive.read(info))
        return
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as tar:
            for entry in tar:
                if entry.isdir() or entry.isfile():
                    stream = tar.extractfile(entry) if entry.isfile() else None
                    yield _Member(entry.name, entry.isdir(), stream.read() if stream else b"")
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, tarfile.ReadError) and not data:
            return
        reason = "truncated gzip input" if isinstance(error, EOFError) else "Unrecognized archive format"
        raise _Bad(f"Error opening archive: {reason}") from None
    except zipfile.BadZipFile:
        raise _Bad("Error opening archive: Truncated ZIP file") from None


class _Tar:
    def __init__(self, process: Process, options: _Options) -> None:
        self.process, self.options = process, options
        self.files = process.machine.files

    async def go(self) -> int:
        if not self.files.is_folder(self.options.folder):
            raise _Bad(f"could not chdir to '{self.options.folder}'\n")
        if self.options.mode == "c":
            return await self.create()
        streamed = self.options.archive in (None, "-")
        data = await self.process.stdin.read_all() if streamed else self.archive_bytes()
        try:
            members = [one for one in _read_archive(data, streamed=streamed) if self.wanted(one.name)]
        except zipfile.BadZipFile:
            raise _Bad("Error opening archive: Truncated ZIP file") from None
        missing = [name for name in self.options.members if not any(_covers(name, one.name) for one in members)]
        for member in members:
            await (self.list(member) if self.options.mode == "t" else self.extract(member))
        for name in missing:
            await self.process.complain(f"tar.exe: {name}: Not found in archive\n")
        if missing:
            await self.process.complain("tar.exe: Error exit delayed from previous errors.\n")
        return 1 if missing else 0

    def archive_bytes(self) -> bytes:
        path = self.process.absolute(self.options.archive or "")
        try:
            return self.files.read(path)
        except FileError:
            raise _Bad(f"Error opening archive: Failed to open '{self.options.archive}'") from None

    def wanted(self, name: str) -> bool:
        return not self.options.members or any(_covers(pattern, name) for pattern in self.options.members)

    async def list(self, member: _Member) -> None:
        await self.process.print(f"{member.name}\n")

    async def extract(self, member: _Member) -> None:
        parts = [part for part in member.name.replace("\\", "/").split("/") if part not in ("", ".")][self.options.strip :]
        if not parts:
            return
        if ".." in parts:
            raise _Bad(f"{member.name}: Path contains '..'")
        if self.options.verbose:
            await self.process.complain(f"x {member.name}\n")
        if self.options.to_stdout:
            await self.process.stdout.write(member.content)
            return
        path = absolute("\\".join(parts), self.options.folder)
        try:
            if member.is_folder:
                self.files.make_folder(path)
            else:
                self.files.write(path, member.content, parents=True)
        except FileError as error:
            if error.code == 112:
                raise _Bad(f"{member.name}: Write failed: No space left on device") from None
            if error.code in (5, 32):
                raise _Bad(f"{member.name}: Can't unlink already-existing object: Permission denied") from None
            raise _Bad(f"{member.name}: {error.text}") from None

    async def create(self) -> int:
        if not self.options.members:
            raise _Bad("no files or directories specified")
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=self.options.written_as, format=tarfile.USTAR_FORMAT) as tar:
            for name in self.options.members:
                path = absolute(name, self.options.folder)
                node = self.files.find(path)
                if node is None:
                    raise _Bad(f"{name}: Couldn't visit directory: No such file or directory")
                await self.add(tar, name.replace("\\", "/"), node)
        data = buffer.getvalue()
        if self.options.archive in (None, "-"):
            await self.process.stdout.write(data)
            return 0
        try:
            self.files.write(self.process.absolute(self.options.archive or ""), data)
        except FileError as error:
            raise _Bad(f"Failed to open '{self.options.archive}': {error.text}") from None
        return 0

    async def add(self, tar: tarfile.TarFile, name: str, node: File | Folder) -> None:
        info = tarfile.TarInfo(name.removeprefix("C:").lstrip("/"))
        info.mtime = int(node.modified.timestamp())
        if self.options.verbose:
            await self.process.complain(f"a {name}\n")
        if isinstance(node, File):
            info.size = len(node.content)
            tar.addfile(info, io.BytesIO(node.content))
            return
        info.type = tarfile.DIRTYPE
        if name not in (".", ""):
            tar.addfile(info)
        for child in node.children.values():
            await self.add(tar, f"{name}/{child.name}", child)


def _covers(pattern: str, name: str) -> bool:
    pattern, name = pattern.strip("/"), name.strip("/")
    return name == pattern or name.startswith(pattern + "/") or fnmatch.fnmatchcase(name, pattern)


@program("tar.exe")
async def tar(process: Process) -> int:
    if "--version" in process.arguments:
        version = process.machine.profile.tar
        bzip2 = "" if process.machine.profile.is_server else " bz2lib/1.0.6"  # a server's tar lacked it (native-tools.md 4)
        await process.print(f"bsdtar {version} - libarchive {version} zlib/1.2.5.f-ipp{bzip2}\n")
        return 0
    try:
        return await _Tar(process, _options(process.arguments[1:], process.working_directory)).go()
    except _Bad as bad:
        await process.complain(f"tar.exe: {bad}\n")
        return 1
