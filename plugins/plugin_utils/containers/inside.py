# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running container as a place to work in: commands, and files in and out of it.

The engine's own way for files (its archive API) is refused for a running container with Hyper-V isolation (docker-on-windows.md 2), so
programs in the container carry them: tar.exe, or where the image has none (native-tools.md 4), cmd.exe, which copies text.
"""

from __future__ import annotations

import gzip
import hashlib
import mmap
import ntpath
import re
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ..engine.client import EngineClient, ExecResult
from ..engine.lookup import find_container
from ..errors import NotFoundError, OptionError, RemoteError, describe_code
from ..remote.files import parse_certutil
from .invocation import PATH, Invocation, cmd_line, plain_errors
from .options import Inspected
from .state import paused, running, status

TAR = "C:\\Windows\\System32\\tar.exe"
_NO_POWERSHELL = "Set ansible_shell_type to cmd for it and use ansible.builtin.raw, or use the module winfleet.containers.container_exec"
#: What cmd.exe copies as text: more would take too long, and tar.exe is missing only in images of Windows Server 2016.
_TEXT_BYTES = 1_000_000
_BLOCK = 1 << 16
#: tar.exe would write "_" for each of these, and take * and ? for patterns (libarchive, archive_write_disk_windows.c and bsdtar's tree).
_NEVER_IN_A_NAME = re.compile(r'[\0-\x1f<>:"|?*]')


def require_running(container: Inspected | None) -> None:
    """Raises NotFoundError or RemoteError where no command can run."""
    if container is None:
        raise NotFoundError("there is no such container", "Correct the name, or create it with the module container")
    if not running(container):
        raise RemoteError(f"it does not run (its status is {status(container)})", "Start it with the module container and state: started")
    if paused(container):
        raise RemoteError("it is paused", "Let it go on with the module container and paused: false")


class Inside:
    """One container that runs.

    Args:
        engine: The engine of its host.
        name: Its name, or at least 12 digits of its id.
        user: Who runs the commands; empty for the image's default.

    Raises:
        NotFoundError, RemoteError: It does not exist, or does not run.
    """

    def __init__(self, engine: EngineClient, name: str, user: str = "") -> None:
        self._engine, self.name, self._user = engine, name, user
        require_running(find_container(engine, name))

    def run(
        self, invocation: Invocation, stdin: bytes | mmap.mmap | None = None, output: Callable[[bytes], object] | None = None
    ) -> ExecResult:
        """Run a command to its end.

        Args:
            stdin: What it reads; None for nothing at all.
            output: Takes stdout in pieces; without it, the result holds it.

        Raises:
            OptionError: The command needs PowerShell, and the image has none; or there is no such user.
            EngineNotFoundError, EngineConflictError: The container is gone or has stopped.
        """
        done = self._engine.exec(
            self.name, invocation.words, stdin=stdin, environment=invocation.environment, user=self._user, output=output
        )
        self._expect_user(done)
        if not invocation.powershell:
            return done
        if done.start_failure == "program_missing":
            raise OptionError("its image has no Windows PowerShell, which every module for Windows needs", _NO_POWERSHELL)
        return ExecResult(done.exit_code, done.stdout, plain_errors(done.stderr))

    def _expect_user(self, done: ExecResult) -> None:
        if done.start_failure == "user_missing":
            raise OptionError(
                f'it has no user "{self._user}"', "Set winfleet_container_user to a user of its image, such as ContainerAdministrator"
            )

    def put(self, source: Path, path: str) -> None:
        """Copy a file into the container, and verify there what arrived; a file that is there already is replaced.

        Args:
            source: The file on the controller.
            path: Where it goes; its folder must exist.

        Raises:
            RemoteError: The container's programs refused, or the bytes arrived changed.
        """
        folder, name = _split(path)
        with tempfile.TemporaryFile() as packed:
            size, digest = _pack(source, name, packed)
            archive = mmap.mmap(packed.fileno(), 0, access=mmap.ACCESS_READ)
            done = self.run(Invocation((TAR, "-xzf", "-", "-C", folder)), archive)
        if done.start_failure == "program_missing":
            done = self.run(cmd_line(f'findstr "^" >{PATH}', path), _text(source, size))
        _expect_success(done, "Check that the folder exists and that the user may write there")
        if not self._holds(path, size, digest):
            raise RemoteError("the file arrived changed", "Run the task again; if it happens again, use an image that has tar.exe")

    def fetch(self, path: str, target: IO[bytes]) -> None:
        """Copy a file out of the container.

        Args:
            path: The file.
            target: Takes its content.

        Raises:
            RemoteError: It cannot be read, is no file, or arrived changed.
        """
        folder, name = _split(path)
        with tempfile.TemporaryFile() as packed:
            done = self.run(Invocation((TAR, "-czf", "-", "-C", folder, f"./{name}")), output=packed.write)
            packed.seek(0)
            done = ExecResult(done.exit_code, packed.read(4096) if done.exit_code else b"", done.stderr)
            self._expect_user(done)
            if done.start_failure == "program_missing":
                self._fetch_text(path, target)
                return
            _expect_success(done, "Check that the file exists and that the user may read it")
            packed.seek(0)
            found = _unpack(packed, target)
        # A name beyond its code page reaches tar.exe with question marks, which it takes for a pattern.
        if not path.isascii() and not self._holds(path, *found):
            raise RemoteError("the programs in the container took its name for another", "Give the file a name of plain letters there")

    def _fetch_text(self, path: str, target: IO[bytes]) -> None:
        done = self.run(cmd_line(f"type {PATH}", path))
        _expect_success(done, "Check that the file exists and that the user may read it")
        if not self._holds(path, len(done.stdout), hashlib.sha256(done.stdout).hexdigest()):
            raise RemoteError("cmd.exe could not copy it unchanged", "Use an image that has tar.exe")
        target.write(done.stdout)

    def _holds(self, path: str, size: int, digest: str) -> bool:
        """Whether a file has this content, by certutil.exe; of an empty one, and where the image has no certutil.exe, by its size."""
        done = self.run(Invocation(("certutil.exe", "-hashfile", path, "SHA256"))) if size else None
        if done is None or done.start_failure == "program_missing":
            done = self.run(cmd_line(f"for %I in ({PATH}) do @echo %~zI", path))
            return done.stdout.strip() == str(size).encode()
        _expect_success(done, "")
        return parse_certutil(done.stdout.decode("ascii", "replace")) == digest


def _split(path: str) -> tuple[str, str]:
    """Folder and name. Raises OptionError."""
    folder, name = ntpath.split(path)
    if not name:
        raise OptionError(f'"{path}" names no file', "Name a file")
    if found := _NEVER_IN_A_NAME.search(ntpath.splitdrive(path)[1]):
        raise OptionError(f'"{path}" holds {found[0]!r}, which no name of a file has in Windows', "Name a file")
    return folder or ".", name


def _pack(source: Path, name: str, packed: IO[bytes]) -> tuple[int, str]:
    """A tar.gz with one file, as bsdtar reads it from its input; size and SHA-256 of the file."""
    with source.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        size = content.tell()
        content.seek(0)
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as archive:
            member = tarfile.TarInfo(name)
            member.size = size
            archive.addfile(member, content)
    packed.flush()
    return size, digest


def _unpack(packed: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """The one file of a tar.gz, read to the end, where the format has its check sum; its size and SHA-256."""
    digest = hashlib.sha256()
    try:
        with gzip.open(packed) as plain, tarfile.open(fileobj=plain, mode="r:") as archive:
            member = archive.next()
            content = archive.extractfile(member) if member is not None and member.isreg() else None
            if member is None or content is None:
                raise OptionError("it is not a file", "Name a file")
            while piece := content.read(_BLOCK):
                digest.update(piece)
                target.write(piece)
            while plain.read(_BLOCK):
                continue
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise RemoteError(f"the archive that arrived is not complete ({error})", "Run the task again") from error
    return member.size, digest.hexdigest()


def _text(source: Path, size: int) -> bytes:
    """What cmd.exe can copy. Raises OptionError."""
    content = source.read_bytes() if size <= _TEXT_BYTES else b"\0"
    if b"\0" in content or not content.endswith(b"\n"):
        raise OptionError(
            "its image has no tar.exe, and without it only short text whose last line has an end can be copied",
            "Use an image of Windows Server 2019 or later",
        )
    return content


def _expect_success(done: ExecResult, advice: str) -> None:
    if done.exit_code:
        lines = [line.strip() for line in (done.stderr or done.stdout).decode("utf-8", "replace").splitlines() if line.strip()]
        said = f" and said: {lines[-1]}" if lines else ""
        raise RemoteError(f"the program in the container ended with code {describe_code(done.exit_code)}{said}", advice)
