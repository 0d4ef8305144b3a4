# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thousand hosts in one process, each answering a CIM query over NTLM with sealed messages."""

from __future__ import annotations

import base64
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import spnego
import yaml

from simulator.plain_client import envelope
from simulator.wsman import names, sealing
from simulator.wsman.sealing import Part

ROOT = Path(__file__).resolve().parents[3]
HOSTS = 1000
#: Generous: other tests run at the same time. What was measured stands in the simulator's README.
START_SECONDS, START_CPU_SECONDS, RESIDENT_BYTES = 60, 10, 1 << 30
PROFILES = ("server-2019", "server-2022", "server-2025", "windows-11-24h2")
QUERY = (
    f'<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>10</w:MaxElements><w:Filter Dialect="{names.WQL}">'
    "select BuildNumber,CSName from Win32_OperatingSystem</w:Filter></n:Enumerate>"
)


@dataclass
class Process:
    """The fleet's process, as the kernel sees it."""

    pid: int
    inventory: dict[str, Any]
    seconds: float

    @property
    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def resident_bytes(self) -> int:
        """The most it ever had."""
        line = next(line for line in Path(f"/proc/{self.pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024


@contextmanager
def thousand(folder: Path) -> Iterator[Process]:
    hosts = [{"name": f"host{number:04}", "profile": PROFILES[number % len(PROFILES)]} for number in range(HOSTS)]
    (folder / "fleet.yml").write_text(yaml.safe_dump({"hosts": hosts, "mirror": {"versions": []}}))
    ready, inventory = folder / "ready", folder / "inventory.yml"
    command = [sys.executable, "-m", "simulator", str(folder / "fleet.yml"), "--inventory", str(inventory), "--ready-file", str(ready)]
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "tests")}) as process:
        try:
            while not ready.exists():
                assert process.poll() is None and time.monotonic() < begun + START_SECONDS
                time.sleep(0.02)
            seconds = time.monotonic() - begun
            text = inventory.read_text()
            yield Process(process.pid, yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), seconds)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def ask(host: dict[str, Any]) -> str:
    """Log on with NTLM and ask for the operating system; the plain answer."""
    connection = http.client.HTTPConnection(host["ansible_host"], host["ansible_port"], timeout=30)
    context = spnego.client(host["ansible_user"], host["ansible_password"], protocol="ntlm", options=spnego.NegotiateOptions.wrapping_winrm)
    token: bytes | None = None
    while not context.complete:
        connection.request("POST", "/wsman", b"", {"Authorization": "Negotiate " + base64.b64encode(context.step(token) or b"").decode()})
        response = connection.getresponse()
        response.read()
        token = base64.b64decode(response.headers.get("WWW-Authenticate", "").partition(" ")[2])
    plain = envelope("n/Enumerate", f"{names.WMI}root/cimv2/*", QUERY).encode()
    wrapped = context.wrap_winrm(plain)
    body = sealing.frame([Part(wrapped.header, wrapped.data, len(plain))], sealing.SPNEGO)
    connection.request("POST", "/wsman", body, {"Content-Type": sealing.content_type(sealing.SPNEGO)})
    response = connection.getresponse()
    assert response.status == 200
    [part] = sealing.unframe(response.read())
    connection.close()
    return context.unwrap_winrm(part.signature, part.sealed).decode()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory and time are read from /proc")
def test_a_thousand_hosts(tmp_path: Path, record_property: Any) -> None:
    with thousand(tmp_path) as process:
        started = process.cpu_seconds
        hosts = process.inventory["all"]["children"]["windows"]["hosts"]
        assert len(hosts) == HOSTS
        begun = time.monotonic()
        answers = {name: ask(host) for name, host in hosts.items()}
        asked, cpu, resident = time.monotonic() - begun, process.cpu_seconds - started, process.resident_bytes
    figures = (
        f"{HOSTS} hosts: ready after {process.seconds:.1f} s ({started:.1f} s of CPU), {resident >> 20} MiB; a query each in {asked:.1f} s "
        f"({cpu / HOSTS * 1000:.2f} ms of CPU a host)"
    )
    record_property("figures", figures)
    print(figures)
    assert all(f"<CSName>{name.upper()}</CSName>" in answer for name, answer in answers.items())
    assert started < START_CPU_SECONDS, figures
    assert resident < RESIDENT_BYTES, figures
