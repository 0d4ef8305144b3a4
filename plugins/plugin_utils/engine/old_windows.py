# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes for hosts that have no tar.exe (builds below 17134, Server 2016): the only file of this collection that starts PowerShell.

cmd.exe and the programs of such a host can write lines of text, but not bytes: ``certutil -decode`` could, and is treated as an attack by
Defender (native-tools.md 4). So text goes through findstr.exe, and only the engine's two programs go through the one literal line below. It is
the same each time: the name of the file is always the same, and its folder is the one the shell was opened in. What arrives is verified by
certutil before it is used, as everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import RemoteError, explain, refusal
from ..remote.command_line import quote_path

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

#: Copies stdin to a file of the current folder. ``-InputFormat None`` keeps PowerShell itself from reading stdin.
COPY_STDIN = (
    r"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe -NoProfile -NonInteractive -InputFormat None -Command "
    "\"$file = [IO.File]::Create('winfleet.part'); [Console]::OpenStandardInput().CopyTo($file); $file.Close()\""
)
_PART = "winfleet.part"
_TRANSFER_TIMEOUT = 7200.0


def write_bytes(host: RemoteHost, folder: str, name: str, pieces: Iterable[bytes]) -> None:
    """Write a file of any content into an existing folder. The caller verifies it. Raises RemoteError."""
    done = host.programs.literal(COPY_STDIN, folder=folder, stdin=pieces, timeout=_TRANSFER_TIMEOUT)
    if done.exit_code:
        error = refusal(done.exit_code, done.error_text)
        if explain(done.exit_code) is None:
            error.advice = (
                "Correct what it names; where powershell.exe is forbidden, allow it or copy docker.exe and dockerd.exe into the option "
                "install_path by hand"
            )
        raise error
    host.files.move(f"{folder}\\{_PART}", f"{folder}\\{name}")


def write_text(host: RemoteHost, path: str, content: bytes) -> None:
    """Write a small ASCII file, verified; the previous one stays until then. Lines end with CR LF. Raises RemoteError."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    parent, part = path.rpartition("\\")[0], f"{path}.winfleet-part"
    host.files.make_folder(parent)
    done = host.programs.literal(f'%SystemRoot%\\System32\\findstr.exe "^" > {quote_path(part)}', stdin=(lines,))
    if done.exit_code:
        raise refusal(done.exit_code, done.error_text)
    if host.files.sha256(part) != hashlib.sha256(lines).hexdigest():
        host.files.remove(part)
        raise RemoteError(
            "the bytes arrived changed on the host", "Run the task again; if it happens again, report it with the host's build"
        )
    host.files.move(part, path)
