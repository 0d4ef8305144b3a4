# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pulls that go on when nobody is connected: ``docker pull`` as a process of its own on the host.

What a WinRS shell starts dies with the shell, so the process is started by ``Win32_Process.Create`` (native-tools.md 6: it is said to outlive
the shell, within the limits of the provider's job; should it not, the next task finds that it ended, and says so). It holds on to
the download: the engine cancels one that nobody follows, and lets everybody who asks for the same layers follow the same download (moby
distribution/xfer/transfer.go). So another task joins by simply pulling the image, and only whether a process runs, and what an ended one
said, has to be found out here.
"""

from __future__ import annotations

import hashlib
import ntpath
from typing import TYPE_CHECKING

from ..engine.failures import explain
from ..errors import ContainersError, RemoteError
from ..remote.cim import CimClass, quote
from ..remote.command_line import command_line, quote_path
from .references import Reference
from .state import DetachedPull

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost

WIN32_PROCESS = CimClass("Win32_Process", {"ProcessId": int, "CommandLine": str})
#: Folder for their output, below the engine's data root, with which it goes.
FOLDER = "winfleet-pulls"
#: Results of Win32_Process.Create (native-tools.md 6).
_REFUSALS = {
    2: ("access is denied", 'Where Defender blocks "process creations originating from PSExec and WMI commands", pull without detached'),
    3: ("the account lacks a privilege that this needs", "Connect as an administrator of the host, or pull without detached"),
}


class DetachedPulls:
    """The detached pulls of one image on one host.

    Args:
        reference: What is pulled.
        digest: Of what the registry offers now: the output of a pull of another month's image says nothing about this one.
        data_root: The engine's.
    """

    def __init__(self, host: RemoteHost, engine: EngineClient, reference: Reference, digest: str, data_root: str) -> None:
        self._host = host
        name = hashlib.sha256(f"{reference} {digest}".encode()).hexdigest()[:16]
        self._folder = ntpath.join(data_root, FOLDER)
        self._log = ntpath.join(self._folder, f"{name}.log")
        self._pull = command_line(engine.service.client, ["-H", f"npipe:////./pipe/{engine.pipe}", "pull", str(reference.lookup)])

    @property
    def line(self) -> str:
        """What is run: cmd only sends the output into the file. The reference is the only foreign text, and it is a checked one."""
        return f"cmd.exe /D /C {self._pull.text} > {quote_path(self._log)} 2>&1"

    def find(self, words: bool) -> DetachedPull | None:
        """The pull that runs, or has ended; None when none was started. ``words`` asks for what it said, which costs a program."""
        rows = self._host.cim.query(
            WIN32_PROCESS, where=f"Name='cmd.exe' AND CommandLine LIKE {quote('%' + ntpath.basename(self._log) + '%')}"
        )
        running = next((row.get("ProcessId") for row in rows if isinstance(row.get("ProcessId"), int)), None)
        identifier = running if isinstance(running, int) else None
        if not words:
            return DetachedPull(identifier) if identifier is not None else None
        content = self._host.files.read(self._log)
        if content is None and identifier is None:
            return None
        return DetachedPull(identifier, last_line(content or b""))

    def start(self) -> None:
        """Start it. Raises RemoteError with the reason of a refusal."""
        self._host.files.make_folder(self._folder)
        arguments = {"CommandLine": self.line}
        if self._pull.working_directory:
            arguments["CurrentDirectory"] = self._pull.working_directory
        result = self._host.cim.invoke(WIN32_PROCESS, "Create", arguments).get("ReturnValue")
        if result != 0:
            number = result if isinstance(result, int) else -1
            cause, advice = _REFUSALS.get(number, (f"Win32_Process.Create gave {number}", "Pull without detached"))
            raise RemoteError(f"Windows did not start the pull: {cause}", advice, code=number)


def ended_at_once(found: DetachedPull | None) -> ContainersError:
    """A pull that was started a moment ago, does not run, and has not brought the image."""
    words = found.words if found else ""
    error = RemoteError(
        f"the pull ended at once and said: {words or 'nothing'}", "Correct what it names, or pull without detached", text=words
    )
    return explain(error, "pull") or error


def last_line(output: bytes) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""
