# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the engine's two programs to a staging folder on the host, verified: by download there, or streamed from the controller."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import OptionError, RemoteError, doing, refusal
from ..progress import Counter
from .archive import PROGRAMS, Archive, fetched, opened, verify
from .old_windows import write_bytes
from .options import EngineOptions
from .preflight import TOOLS_BUILD
from .probe import read_version

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_TRANSFER_TIMEOUT = 7200.0
#: curl's exit codes (native-tools.md 4).
_CURL = {
    6: ("the name of the download server cannot be resolved", "Check the option url and the host's name resolution"),
    7: ("the download server refused the connection", "Check the option url, the firewall and the host's proxy; or set source to push"),
    22: ("the download server refused it", "Check the options version and url"),
    23: ("the host could not write it, perhaps because its disk is full", "Free some space on the host and run the task again"),
    28: ("the download did not end in time", "Run the task again, or use a mirror nearer to the host"),
    35: ("no TLS connection to the download server came about", "Check the proxy and the host's certificate store; or set source to push"),
    60: (
        "the download server's certificate is not trusted by the host",
        "Install its authority on the host, use another url, or set source to push",
    ),
}


#: "curl: (22) The requested URL returned error: 404"; curl has one language.
_HTTP_STATUS = re.compile(r"returned error: (\d{3})")


class Delivery:
    """One delivery into a staging folder.

    Args:
        host: Where to.
        options: Where from.
        build: The host's Windows build, which decides how files can be written there.
        step: Arguments of the plan's step: ``version``, ``checksums``, ``staging``.
    """

    def __init__(self, host: RemoteHost, options: EngineOptions, build: int, step: Mapping[str, Any]) -> None:
        self._host, self._options = host, options
        self._has_tools = build >= TOOLS_BUILD
        self._version, self._checksums, self._staging = str(step["version"]), step["checksums"], str(step["staging"])
        self.unpacked = unpacked(self._staging)

    def run(self) -> None:
        """Bring the programs to :attr:`unpacked`.

        Raises:
            OptionError: The archive has another checksum, or holds another version.
            RemoteError: It does not get there.
        """
        files, origin = self._host.files, self._options.origin(self._version)
        files.remove(self._staging)
        files.make_folder(self._staging)
        if self._options.source == "controller":
            self._push(opened(origin, self._checksums), origin)
        elif self._options.source == "push" or not self._has_tools:
            self._push(
                fetched(origin, self._checksums, partial(self._host.counter, f"download engine {self._version} to the controller")), origin
            )
        else:
            self._unpack_there(origin)
        with doing("use", "the archive", origin):
            found = read_version(self._host, ntpath.join(self.unpacked, "dockerd.exe"))
            if found != self._version:
                raise OptionError(
                    f"the archive holds engine version {found or 'unknown'}, not {self._version}",
                    "Correct the option url, path or version",
                )

    def _unpack_there(self, origin: str) -> None:
        files, archive = self._host.files, ntpath.join(self._staging, "docker.zip")
        if self._options.source == "host":
            with doing("use", "the archive", origin):
                if not files.exists(origin):
                    raise OptionError("there is no such file on the host", "Check the option path")
                # Where it lies, others may be able to exchange it between the look and the unpacking.
                files.copy(origin, archive)
                verify(files.sha256(archive), self._checksums)
                files.extract_zip(archive, self._staging)
            return
        with doing("download", "the archive", origin):
            self._download(origin, archive)
            verify(files.sha256(archive), self._checksums)
            files.extract_zip(archive, self._staging)

    def _download(self, url: str, archive: str) -> None:
        done = self._host.programs.run("curl.exe", ["-fsSL", "-o", archive, url], timeout=_TRANSFER_TIMEOUT)
        if done.exit_code == 0:
            return
        if done.exit_code in _CURL:
            cause, advice = _CURL[done.exit_code]
            status = _HTTP_STATUS.search(done.error_text)
            raise RemoteError(f"{cause} with HTTP {status[1]}" if status else cause, advice, code=done.exit_code, text=done.error_text)
        # curl's numbers are its own: what Windows means by the same number would mislead.
        said = done.error_text.strip().splitlines()
        words = f" and said: {said[-1].strip()}" if said else ""
        advice = "Correct what it names, or set source to push"
        raise RemoteError(f"curl.exe ended with code {done.exit_code}{words}", advice, code=done.exit_code, text=done.error_text)

    def _push(self, source: AbstractContextManager[Archive], origin: str) -> None:
        with source as archive, doing("stream", "the archive", origin):
            self._host.files.make_folder(self.unpacked)
            if self._has_tools:
                self._push_stream(archive)
            else:
                self._push_files(archive)
            for program in PROGRAMS:
                self._compare(archive, program)

    def _push_stream(self, archive: Archive) -> None:
        """One tar.gz into tar.exe's stdin."""
        pieces = archive.tar_gz(self._host.session.send_bytes, self._counter(archive).add)
        arguments = ["-xzf", "-", "-C", self.unpacked]
        done = self._host.programs.run("tar.exe", arguments, stdin=pieces, timeout=_TRANSFER_TIMEOUT)
        if done.exit_code:
            raise refusal(done.exit_code, done.error_text)

    def _push_files(self, archive: Archive) -> None:
        counter = self._counter(archive)
        for program in PROGRAMS:
            write_bytes(self._host, self.unpacked, program, counter.over(self._plain(archive, program)))

    def _plain(self, archive: Archive, program: str) -> Iterator[bytes]:
        with archive.open(program) as stream:
            while piece := stream.read(self._host.session.send_bytes):
                yield piece

    def _counter(self, archive: Archive) -> Counter:
        return self._host.counter(f"stream engine {self._version} to the host", archive.size)

    def _compare(self, archive: Archive, program: str) -> None:
        if self._host.files.sha256(ntpath.join(self.unpacked, program)) != archive.sha256(program):
            raise RemoteError(
                f"{program} arrived changed on the host", "Run the task again; if it happens again, report it with the host's Windows build"
            )


def unpacked(staging: str) -> str:
    """The one folder of the archive (docker-on-windows.md section 1, 1) below a staging folder."""
    return ntpath.join(staging, "docker")
