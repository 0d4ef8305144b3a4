# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of a Windows image that carry files: tar.exe and certutil.exe, as far as one file needs them (native-tools.md 4)."""

from __future__ import annotations

import gzip
import hashlib
import re

from .files import Node, spelt
from .texts import ApiError
from .workload import Job


async def tar(job: Job, words: list[str]) -> int:
    """``-xzf - -C FOLDER`` and ``-czf - -C FOLDER MEMBER``, with or without ``z``."""
    mode = re.fullmatch(r"-?([xc])z?f", words[0]) if words else None
    if mode is None or words[1:3] != ["-", "-C"] or len(words) != (4 if mode[1] == "x" else 5):
        await job.stderr(b"tar: the simulated container cannot run this\r\n")
        return 1
    folder = _absolute(job, words[3])
    if not job.files.is_directory(folder):
        return await _complain(job, f"could not chdir to '{words[3]}'\n")
    if mode[1] == "x":
        return await _extract(job, folder)
    node = job.files.find(f"{folder}/{words[4]}")
    if node is None:
        return await _complain(job, f"{words[4]}: Couldn't visit directory: No such file or directory")
    data = job.files.tar(f"{folder}/{words[4]}", words[4])
    await job.stdout(gzip.compress(data) if "z" in words[0] else data)
    return 0


async def _extract(job: Job, folder: str) -> int:
    data = bytearray()
    while job.stdin is not None and (piece := await job.stdin.read()):
        data += piece
    try:
        job.files.untar(folder, bytes(data))
    except ApiError:
        return await _complain(job, "Error opening archive: Unrecognized archive format")
    return 0


async def _complain(job: Job, text: str) -> int:
    await job.stderr(f"tar.exe: {text}\n".encode())
    return 1


async def certutil(job: Job, words: list[str]) -> int:
    """``-hashfile PATH SHA256``."""
    if len(words) != 3 or words[0].lower() != "-hashfile" or words[2].upper() != "SHA256":
        await job.stderr(b"certutil: the simulated container cannot run this\r\n")
        return 1
    node = job.files.find(_absolute(job, words[1]))
    if node is None or node.kind != "file":
        return await _failed(job, 0x80070002, "WIN32: 2 ERROR_FILE_NOT_FOUND", "The system cannot find the file specified.")
    if not node.data:
        changed = "The volume for a file has been externally altered so that the opened file is no longer valid."
        return await _failed(job, 0x800703EE, "WIN32: 1006 ERROR_FILE_INVALID", changed)
    await job.stdout(_hashed(words[1], node).encode())
    return 0


def _hashed(path: str, node: Node) -> str:
    digest = hashlib.sha256(node.data).hexdigest()
    return f"SHA256 hash of {path}:\r\n{digest}\r\nCertUtil: -hashfile command completed successfully.\r\n"


async def _failed(job: Job, code: int, name: str, text: str) -> int:
    await job.stdout(f"CertUtil: -hashfile command FAILED: {code:#x} ({name})\r\nCertUtil: {text}\r\n".encode())
    return code


def _absolute(job: Job, path: str) -> str:
    return spelt(path if re.match(r"[a-zA-Z]:|[\\/]", path) else f"{job.directory or '/'}/{path}")
