# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive of an engine on the controller: fetched, verified, and re-packed as a stream for hosts without internet.

bsdtar cannot be trusted with a zip on its stdin (native-tools.md 4), so what travels is a tar.gz of the two programs.
"""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
import urllib.error
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ansible.module_utils.urls import open_url

from ..errors import OptionError, RemoteError, doing
from ..progress import Counter

PROGRAMS = ("docker.exe", "dockerd.exe")  #: in the order they are put in place: dockerd's version tells whether all of it is done
_FOLDER = "docker"  #: the one folder of the archive (docker-on-windows.md section 1, 1)
_BLOCK = 1024 * 1024
_SILENCE = 60.0


class Archive:
    """An engine's zip on the controller, verified.

    Attributes:
        size: Bytes of the programs in it.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            self._members = {program: self._zip.getinfo(f"{_FOLDER}/{program}") for program in PROGRAMS}
        except (zipfile.BadZipFile, KeyError) as error:
            raise OptionError(
                f"{name} is not an archive of Docker Engine for Windows (a zip with docker\\docker.exe and docker\\dockerd.exe)",
                "Give the archive docker-<version>.zip as it is published",
            ) from error
        self.size = sum(member.file_size for member in self._members.values())

    def open(self, program: str) -> IO[bytes]:
        """The bytes of one program."""
        return self._zip.open(self._members[program])

    def sha256(self, program: str) -> str:
        """Of one program, to be compared with what arrived."""
        digest = hashlib.sha256()
        with self.open(program) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def tar_gz(self, piece: int, report: Callable[[int], None] = lambda packed: None) -> Iterator[bytes]:
        """The programs as a tar.gz, in pieces of at least ``piece`` bytes but for the last; ``report`` is told how many more were packed."""
        packer, ready = zlib.compressobj(level=6, wbits=31), bytearray()
        for program, member in self._members.items():
            header = tarfile.TarInfo(program)
            header.size = member.file_size
            ready += packer.compress(header.tobuf(format=tarfile.USTAR_FORMAT))
            with self.open(program) as stream:
                while block := stream.read(_BLOCK):
                    ready += packer.compress(block)
                    while len(ready) >= piece:
                        yield bytes(ready[:piece])
                        del ready[:piece]
                    report(len(block))
            ready += packer.compress(b"\0" * (-member.file_size % tarfile.BLOCKSIZE))
        ready += packer.compress(b"\0" * tarfile.RECORDSIZE) + packer.flush()
        yield bytes(ready)


@contextmanager
def fetched(url: str, checksums: Sequence[str], counter: Callable[[int], Counter]) -> Iterator[Archive]:
    """Download an archive to the controller and verify it on the way; the file is gone afterwards.

    Args:
        counter: Counts bytes of as many as it is told, or of 0 where nobody knows.

    Raises:
        OptionError: Its checksum is none of those expected, or it is no archive of an engine.
        RemoteError: It cannot be downloaded.
    """
    with tempfile.TemporaryFile() as file:
        digest = hashlib.sha256()
        with doing("download", "the archive", url):
            try:
                _download(url, file, digest.update, counter)
            except urllib.error.HTTPError as error:
                raise RemoteError(
                    f"the download server answered the controller with HTTP {error.code}", "Check the options version and url"
                ) from error
            except OSError as error:
                reason = getattr(error, "reason", error)
                words = getattr(reason, "strerror", None) or reason
                raise RemoteError(
                    f"the controller cannot download it: {words}", "Check the option url and the controller's proxy"
                ) from error
            verify(digest.hexdigest(), checksums)
        yield Archive(file, url)


def _download(url: str, file: IO[bytes], update: Callable[[bytes], None], counter: Callable[[int], Counter]) -> None:
    # The options allow http and https only. Credentials come from the address or not at all.
    with open_url(url, timeout=_SILENCE, use_netrc=False) as answer:
        total = int(answer.headers.get("Content-Length") or 0)
        seen = counter(total)
        while block := answer.read(_BLOCK):
            file.write(block)
            update(block)
            seen.add(len(block))
        if total and seen.count < total:
            raise OSError(f"the download broke off after {seen.count} of {total} bytes")


def local_path(path: str) -> Path:
    """Where an archive lies on the controller. Raises OptionError when it does not."""
    place = Path(path).expanduser()
    if not place.is_absolute():
        raise OptionError(
            f'the option path is "{path}", which is not absolute on the controller',
            'Write for example "{{ playbook_dir }}/files/docker-28.5.2.zip"',
        )
    if not place.is_file():
        raise OptionError(f'there is no file "{path}" on the controller', "Check the option path")
    return place


@contextmanager
def opened(path: str, checksums: Sequence[str]) -> Iterator[Archive]:
    """An archive that lies on the controller, verified. Raises OptionError."""
    place = local_path(path)
    digest = hashlib.sha256()
    try:
        with place.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
            verify(digest.hexdigest(), checksums)
            file.seek(0)
            yield Archive(file, path)
    except OSError as error:
        raise OptionError(f'"{path}" cannot be read on the controller ({error.strerror or error})', "Check the option path") from error


def verify(found: str | None, expected: Sequence[str]) -> None:
    """Compare checksums. Raises OptionError with both."""
    if found not in expected:
        raise OptionError(
            f"the archive has the sha256 {found}, expected was {' or '.join(expected)}",
            "Check where the archive comes from and the option sha256; nothing was installed",
        )
