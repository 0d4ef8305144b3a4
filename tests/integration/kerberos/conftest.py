# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kerberos realm of this test's own: a KDC on loopback, a user, and a simulated host that belongs to it.

Everything that speaks Kerberos runs in processes of its own: its configuration and its libraries (build/kerberos, laid by
tests/tools/kerberos) belong to whole processes, and the other tests shall not notice them.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from demo.runs import settings

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES = ROOT / "build" / "kerberos"
REALM, HOST, USER, PASSWORD = "WINFLEET.TEST", "ws2022.winfleet.test", "alice", "pa:ss word"
NEEDED = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit")

KRB5_CONF = """[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
[realms]
{realm} = {{
  kdc = 127.0.0.1:{port}
}}
[domain_realm]
.winfleet.test = {realm}
"""
KDC_CONF = """[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realm} = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
  acl_file = {folder}/acl
}}
[logging]
kdc = FILE:{folder}/kdc.log
"""


def tool(name: str) -> str:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") or ""


@dataclass
class Realm:
    """A running realm.

    Attributes:
        environment: What a process needs to take part in it.
        keytab: The keys of the host.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def keytab(self) -> Path:
        return self.folder / "host.keytab"

    def run(self, *command: str, text: str = "", timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this realm to its end."""
        return subprocess.run(
            command,
            input=text,
            env={**self.environment, **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )

    def python(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script with the Kerberos libraries."""
        return self.run(sys.executable, "-c", script, *arguments, **environment)

    def ticket(self) -> str:
        """A cache with a ticket for the user."""
        cache = f"FILE:{self.folder}/cache"
        done = self.run("kinit", f"{USER}@{REALM}", text=f"{PASSWORD}\n", KRB5CCNAME=cache)
        assert done.returncode == 0, done.stdout
        return cache


@pytest.fixture(scope="session")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """Start a KDC; skips where there is none (tests/tools/kerberos installs it on Debian, as root)."""
    missing = [name for name in NEEDED if not tool(name)] + ([] if LIBRARIES.is_dir() else [str(LIBRARIES)])
    if missing or os.geteuid() != 0:
        pytest.skip(f"Kerberos is not tested here: {'missing ' + ', '.join(missing) if missing else 'its KDC runs as root'}")
    folder, port = tmp_path_factory.mktemp("realm"), free_port()
    (folder / "krb5.conf").write_text(KRB5_CONF.format(realm=REALM, port=port))
    (folder / "kdc.conf").write_text(KDC_CONF.format(realm=REALM, port=port, folder=folder))
    paths = f"{ROOT / 'build' / 'collections'}:{ROOT / 'tests'}:{LIBRARIES}"
    environment = {**settings(), "KRB5_CONFIG": f"{folder}/krb5.conf", "KRB5_KDC_PROFILE": f"{folder}/kdc.conf", "PYTHONPATH": paths}
    environment["KRB5CCNAME"] = f"FILE:{folder}/no-cache"
    found = Realm(folder, environment)
    _fill(found)
    with subprocess.Popen([tool("krb5kdc"), "-n"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as kdc:
        try:
            yield found
        finally:
            kdc.terminate()


def _fill(realm: Realm) -> None:
    def run(*command: str) -> None:
        done = realm.run(tool(command[0]), *command[1:])
        assert done.returncode == 0, done.stdout

    run("kdb5_util", "create", "-s", "-P", "master key")
    run("kadmin.local", "addprinc", "-pw", PASSWORD, USER)
    for service in ("HTTP", "WSMAN", "host"):
        run("kadmin.local", "addprinc", "-randkey", f"{service}/{HOST}")
        run("kadmin.local", "ktadd", "-k", str(realm.keytab), f"{service}/{HOST}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Site:
    """A simulated fleet in a process of its own."""

    inventory: dict[str, Any]
    log: Path

    @property
    def host(self) -> dict[str, Any]:
        found: dict[str, Any] = self.inventory["all"]["children"]["windows"]["hosts"]["ws2022"]
        return found


@contextmanager
def simulated(realm: Realm, folder: Path, winrm: dict[str, Any]) -> Iterator[Site]:
    """``python -m simulator`` with one host in the realm."""
    entry = {"name": "ws2022", "profile": "server-2022", "winrm": {"keytab": str(realm.keytab), **winrm}}
    (folder / "fleet.yml").write_text(yaml.safe_dump({"hosts": [entry]}))
    ready, inventory, log = folder / "ready", folder / "inventory.yml", folder / "log"
    command: Sequence[str] = (
        sys.executable, "-m", "simulator", str(folder / "fleet.yml"), "--inventory", str(inventory), "--ready-file", str(ready),
    )  # fmt: skip
    with log.open("wb") as out, subprocess.Popen(command, env=realm.environment, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            give_up = time.monotonic() + 20
            while not ready.exists():
                assert process.poll() is None and time.monotonic() < give_up, log.read_text()
                time.sleep(0.05)
            yield Site(yaml.safe_load(inventory.read_text()), log)
        finally:
            process.terminate()
