# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real dockerd of this machine's own, with its own socket, data root and pid file, and an image without any download."""

from __future__ import annotations

import ctypes
import io
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

APPLETS = ("sh", "cat", "echo", "sleep", "true", "false", "env", "hostname", "pwd", "mkdir", "rm", "touch", "test")
_START_SECONDS = 60
_PR_SET_PDEATHSIG = 1


class NoRealEngine(Exception):
    """This machine cannot run one; the text says why."""


def busybox_tar() -> bytes:
    """A root file system of busybox alone. Raises NoRealEngine without a static busybox."""
    busybox = Path("/bin/busybox")
    if not busybox.is_file():
        raise NoRealEngine("there is no /bin/busybox (Debian: busybox-static)")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(busybox.resolve(), "bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return out.getvalue()


@contextmanager
def real_engine() -> Iterator[Path]:
    """A started dockerd; the path of its socket. Raises NoRealEngine."""
    program = shutil.which("dockerd")
    if program is None:
        raise NoRealEngine("dockerd is not installed (Debian: docker.io)")
    if os.geteuid() != 0:
        raise NoRealEngine("dockerd needs root")
    # Not below pytest's own folder: a socket's path may have 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="winfleet-engine-"))
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(_command(program, folder), stdout=log, stderr=log, start_new_session=True, preexec_fn=_die_with_parent)
    try:
        _wait_for(daemon, folder)
        yield folder / "docker.sock"
    finally:
        _end(daemon)
        shutil.rmtree(folder, ignore_errors=True)


def _die_with_parent() -> None:
    """Ask the kernel to end dockerd when the tests die, however they die (it then ends its containerd and containers itself)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _command(program: str, folder: Path) -> list[str]:
    return [
        program,
        "--storage-driver=vfs",
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
        f"--host=unix://{folder}/docker.sock",
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/docker.pid",
    ]


def _wait_for(daemon: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and daemon.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(folder / "docker.sock"))
                return
            except OSError:
                time.sleep(0.1)
    last = (folder / "log").read_text(errors="replace").strip().splitlines()[-1:]
    raise NoRealEngine(f"dockerd did not come up here: {last[0] if last else 'it wrote nothing'}")


def _end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    try:
        daemon.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait(10)
