# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP answers before any envelope, recorded as whole requests and answers in a text file."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.fleet import RunningFleet

from .conftest import Row

FILE = Path(os.environ.get("WINFLEET_FACTS", Path(__file__).resolve().parents[3] / "shared" / "facts")) / "wsman" / "http-401-and-405.txt"


def head(text: str) -> list[str]:
    """Status line and headers, the date and the connection of a client that keeps it apart."""
    lines = text.strip("\r\n").splitlines()
    return [re.sub(r"^Date: .*", "Date:", line).rstrip() for line in lines]


@pytest.mark.skipif(not FILE.exists(), reason="the recordings are not here")
@pytest.mark.parametrize("path", [FILE], ids=lambda path: path.stem)
def test_answers_without_an_envelope(path: Path, row: Row, fleet: Callable[..., RunningFleet]) -> None:
    row.simulator = "different, for no known reason"
    winrm = {"basic": True, "kerberos": False, "allow_unencrypted": True}
    running = fleet({"name": "ws2022", "profile": "server-2022", "winrm": winrm})
    for exchange in path.read_text(encoding="utf-8").split("-" * 70)[:2]:
        request, _blank, answer = exchange.strip().partition("\n\n")
        with socket.create_connection((running.hosts["ws2022"].address, 5985), timeout=10) as connection:
            connection.sendall(request.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536)
        assert head(received.decode()) == head(answer)
    row.simulator = "same"
