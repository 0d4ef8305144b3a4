# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on the host: read by ``type``, written as verified tar streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .program import Programs


class Files:
    """File operations of one host. Paths are absolute Windows paths with backslashes."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    def read(self, path: str) -> bytes | None:
        """The content of a small file; None when it does not exist."""
        raise NotImplementedError

    def exists(self, path: str) -> bool:
        """Whether a file or folder exists."""
        raise NotImplementedError

    def sha256(self, path: str) -> str | None:
        """Lower-case hex digest by ``certutil -hashfile``; None when the file does not exist."""
        raise NotImplementedError

    def write(self, path: str, content: bytes) -> None:
        """Write a file: tar.gz stream into a staging folder, verified by hash, then moved into place. Missing folders are made.

        Raises:
            RemoteError: The host's disk is full, access is denied, or the bytes arrived changed.
        """
        raise NotImplementedError

    def extract_zip(self, archive: str, folder: str) -> None:
        """Unpack a zip that lies on the host into a folder of the host (``tar.exe -xf``)."""
        raise NotImplementedError

    def make_folder(self, path: str) -> None:
        """Create a folder and its parents; no error when it exists."""
        raise NotImplementedError

    def move(self, source: str, target: str) -> None:
        """Move or rename a file, replacing the target."""
        raise NotImplementedError

    def remove(self, path: str) -> None:
        """Remove a file or a folder with all it holds; no error when it is missing."""
        raise NotImplementedError
