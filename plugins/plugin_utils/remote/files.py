# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on the host: read by ``type``, written as verified tar streams (facts/native-tools.md 4, 5)."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import uuid
from typing import TYPE_CHECKING

from ..errors import RemoteError, explain, refusal
from .command_line import quote_path
from .network import ConnectionLost, quietly

if TYPE_CHECKING:
    from .program import Completed, Programs

_FILE_NOT_FOUND = 0x80070002
_PATH_NOT_FOUND = 0x80070003
#: certutil's answer for an empty file (facts/native-tools.md 4, uncertain there; both forms are taken).
_EMPTY_FILE = (0x800703EE, 1006)
_MISSING_EXIT, _LEFT_EXIT = 44, 45
_HEX_LINE = re.compile(r"[0-9a-fA-F]{2}(?: ?[0-9a-fA-F]{2}){31}")


class Files:
    """File operations of one host. Paths are absolute Windows paths with backslashes."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    def read(self, path: str) -> bytes | None:
        """The content of a small file; None when it does not exist. ``type`` turns UTF-16 with a byte order mark into UTF-8."""
        quoted = quote_path(path)
        done = self._repeatable(f"if exist {quoted} (type {quoted}) else (exit {_MISSING_EXIT})")
        if done.exit_code == _MISSING_EXIT:
            return None
        _expect_success(done)
        return done.stdout

    def exists(self, path: str) -> bool:
        """Whether a file or folder exists."""
        done = self._repeatable(f"if exist {quote_path(path)} (exit 0) else (exit {_MISSING_EXIT})")
        if done.exit_code not in (0, _MISSING_EXIT):
            raise _refused(done)
        return done.exit_code == 0

    def sha256(self, path: str) -> str | None:
        """Lower-case hex digest by ``certutil -hashfile``; None when the file does not exist."""
        quote_path(path)
        done = self._programs.run("certutil.exe", ["-hashfile", path, "SHA256"])
        code = done.exit_code & 0xFFFFFFFF
        if code in (_FILE_NOT_FOUND, _PATH_NOT_FOUND, 2, 3):
            return None
        if code in _EMPTY_FILE:
            return hashlib.sha256(b"").hexdigest()
        _expect_success(done)
        return parse_certutil(done.text)

    def write(self, path: str, content: bytes) -> None:
        """Write a file: tar.gz stream into a staging folder, verified by hash, then moved into place. Missing folders are made.

        The staging folder lies beside the target, so that the last step is a rename on one volume and the old file stays until then.

        Raises:
            RemoteError: The host's disk is full, access is denied, or the bytes arrived changed.
        """
        quote_path(path)
        parent, _unused, name = path.replace("/", "\\").rpartition("\\")
        staging = f"{parent}\\.winfleet-{uuid.uuid4().hex[:12]}"
        self.make_folder(staging)
        try:
            self._unpack_stream(tar_of(name, content), staging)
            arrived = self.sha256(f"{staging}\\{name}")
            if arrived != hashlib.sha256(content).hexdigest():
                raise RemoteError(
                    "the bytes arrived changed on the host",
                    "Run the task again; if it happens again, report it with the host's Windows build",
                )
            self.move(f"{staging}\\{name}", path)
        except BaseException:
            quietly(lambda: self.remove(staging))
            raise
        self.remove(staging)

    def _unpack_stream(self, archive: bytes, folder: str) -> None:
        done = self._programs.run("tar.exe", ["-xzf", "-", "-C", folder], stdin=archive)
        if done.exit_code:
            raise _refused(done, "Check that the host has tar.exe (Windows 10 1803, Server 2019 and later) and free disk space")

    def extract_zip(self, archive: str, folder: str) -> None:
        """Unpack a zip that lies on the host into a folder of the host (``tar.exe -xf``), which is made when missing."""
        quote_path(archive)
        self.make_folder(folder)
        done = self._programs.run("tar.exe", ["-xf", archive, "-C", folder], timeout=1800)
        if done.exit_code:
            raise _refused(done, "Check that the archive is whole and that the host has free disk space")

    def make_folder(self, path: str) -> None:
        """Create a folder and its parents; no error when it exists."""
        quoted = quote_path(path)
        _expect_success(self._repeatable(f"if not exist {quoted} mkdir {quoted}"))

    def move(self, source: str, target: str) -> None:
        """Move or rename a file, replacing the target."""
        _expect_success(self._programs.shell_builtin(f"move /Y {quote_path(source)} {quote_path(target)}"))

    def copy(self, source: str, target: str) -> None:
        """Copy a file on the host, replacing the target."""
        _expect_success(self._programs.shell_builtin(f"copy /B /Y {quote_path(source)} {quote_path(target)}", timeout=600))

    def remove_if_empty(self, path: str) -> None:
        """Remove a folder that holds nothing; one that holds something, or is missing, is left as it is."""
        self._programs.shell_builtin(f"rmdir {quote_path(path)}")

    def remove(self, path: str) -> None:
        """Remove a file or a folder with all it holds; no error when it is missing."""
        quoted = quote_path(path)
        # rmdir does not touch a file and del does not touch a folder; neither can be trusted to tell by its code that something is left.
        still = f"if exist {quoted}"
        line = f"({still} (rmdir /S /Q {quoted} & {still} (del /F /Q {quoted} & {still} exit {_LEFT_EXIT}))) & exit 0"
        done = self._repeatable(line, timeout=600)
        if done.exit_code == _LEFT_EXIT:
            words = done.error_text.strip().splitlines()
            said = f", and Windows said: {words[-1].strip()}" if words else ""
            raise RemoteError(f'"{path}" could not be removed{said}', "See on the host which program uses it", text=done.error_text)
        _expect_success(done)

    def _repeatable(self, line: str, timeout: float = 60) -> Completed:
        """A line that comes to the same when it runs twice, so that a broken connection is healed by running it again."""
        try:
            return self._programs.shell_builtin(line, timeout=timeout)
        except ConnectionLost:
            return self._programs.shell_builtin(line, timeout=timeout)


def tar_of(name: str, content: bytes) -> bytes:
    """A tar.gz with one file, as bsdtar on Windows reads it from stdin. Pure and reproducible."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=6, mtime=0)


def parse_certutil(text: str) -> str:
    """The digest: the only line that is all hex; old releases put blanks between the bytes, the other lines are localized."""
    for line in text.splitlines():
        if _HEX_LINE.fullmatch(line.strip()):
            return line.replace(" ", "").strip().lower()
    raise RemoteError("certutil printed no digest", text=text)


def _expect_success(done: Completed) -> None:
    if done.exit_code:
        raise _refused(done)


def _refused(done: Completed, advice: str = "") -> RemoteError:
    """The program's own last words and, where nothing is known of the code, our advice."""
    error = refusal(done.exit_code, done.error_text or done.text)
    if explain(done.exit_code) is None and advice:
        error.advice = advice
    return error
