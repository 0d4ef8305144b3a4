# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos from a KDC of MIT's to a simulated member of the realm: pywinrm, pypsrp, and the collection over Ansible's connections."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import HOST, PASSWORD, REALM, USER, Realm, Site, simulated

PYWINRM = """
import sys
from winrm.protocol import Protocol
address, scheme, port = sys.argv[1:4]
client = Protocol(f"{scheme}://{address}:{port}/wsman", transport="kerberos", username="@USER@", kerberos_hostname_override="@HOST@",
                  server_cert_validation="ignore", send_cbt=sys.argv[4] == "cbt")
shell = client.open_shell(codepage=65001)
command = client.run_command(shell, "whoami", console_mode_stdin=False)
print(client.get_command_output(shell, command)[0].decode())
client.close_shell(shell)
"""
PYPSRP = """
import sys
from pypsrp.shell import Process, WinRS
from pypsrp.wsman import WSMan
address, auth, port, service, cbt = sys.argv[1:6]
client = WSMan(address, port=int(port), ssl=port == "5986", cert_validation=False, auth=auth, username="@USER@",
               negotiate_hostname_override="@HOST@", negotiate_service=service, negotiate_send_cbt=cbt == "cbt")
with client, WinRS(client, codepage=65001) as shell:
    process = Process(shell, "whoami")
    process.invoke()
    print(process.stdout.decode())
    if client.transport.encryption:
        print(client.transport.encryption.protocol)
"""
NAME = f"winfleet\\{USER}"


def script(text: str) -> str:
    return text.replace("@USER@", f"{USER}@{REALM}").replace("@HOST@", HOST)


@pytest.fixture(scope="module")
def site(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with simulated(realm, tmp_path_factory.mktemp("fleet"), {"https_port": 5986, "cbt_hardening": "strict"}) as running:
        yield running


@pytest.mark.parametrize(("scheme", "port"), [("http", "5985"), ("https", "5986")])
def test_pywinrm(realm: Realm, site: Site, scheme: str, port: str) -> None:
    done = realm.python(script(PYWINRM), site.host["ansible_host"], scheme, port, "cbt", KRB5CCNAME=realm.ticket())
    assert (done.returncode, NAME in done.stdout) == (0, True), done.stdout + site.log.read_text()[-2000:]


@pytest.mark.parametrize("service", ["HTTP", "WSMAN"])
@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
def test_pypsrp(realm: Realm, site: Site, auth: str, service: str) -> None:
    """Raw tickets, and tickets inside SPNEGO."""
    done = realm.python(script(PYPSRP), site.host["ansible_host"], auth, "5985", service, "cbt", KRB5CCNAME=realm.ticket())
    assert (done.returncode, NAME in done.stdout) == (0, True), done.stdout + site.log.read_text()[-2000:]
    assert "HTTP-SPNEGO-session-encrypted" in done.stdout


def test_the_scheme_kerberos_has_its_own_name_for_the_encryption(realm: Realm, tmp_path: Path) -> None:
    with simulated(realm, tmp_path, {"negotiate": False}) as site:
        done = realm.python(script(PYPSRP), site.host["ansible_host"], "kerberos", "5985", "HTTP", "cbt", KRB5CCNAME=realm.ticket())
        assert (done.returncode, "HTTP-Kerberos-session-encrypted" in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize(("cbt", "taken"), [("cbt", True), ("none", False)])
def test_strict_channel_bindings(realm: Realm, site: Site, cbt: str, taken: bool) -> None:
    done = realm.python(script(PYPSRP), site.host["ansible_host"], "kerberos", "5986", "HTTP", cbt, KRB5CCNAME=realm.ticket())
    assert (done.returncode == 0) is taken, done.stdout


def test_without_a_ticket_nothing_happens(realm: Realm, site: Site) -> None:
    assert realm.python(script(PYPSRP), site.host["ansible_host"], "kerberos", "5985", "HTTP", "cbt").returncode != 0


def test_a_host_of_no_realm_refuses_the_ticket(realm: Realm, tmp_path: Path) -> None:
    with simulated(realm, tmp_path, {"keytab": ""}) as site:
        done = realm.python(script(PYPSRP), site.host["ansible_host"], "kerberos", "5985", "HTTP", "cbt", KRB5CCNAME=realm.ticket())
        assert "AuthenticationError" in done.stdout


@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_the_collection(realm: Realm, site: Site, tmp_path: Path, connection: str) -> None:
    """A password in the inventory; Ansible's winrm runs kinit with it, psrp gets its ticket itself."""
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [{"winfleet.containers.host_info": {}, "register": "info"}, {"ansible.builtin.debug": {"var": "info.os.build"}}],
        }
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(play))
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": {"ws2022": variables(site, connection)}}}))
    command = (str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(tmp_path / "inventory.yml"), str(tmp_path / "play.yml"))
    done = realm.run(*command, timeout=120)
    assert done.returncode == 0, done.stdout + site.log.read_text()[-2000:]
    assert "20348" in done.stdout


def variables(site: Site, connection: str) -> dict[str, Any]:
    return {
        "ansible_connection": connection,
        "ansible_host": site.host["ansible_host"],
        "ansible_port": 5985,
        "ansible_user": f"{USER}@{REALM}",
        "ansible_password": PASSWORD,
        "ansible_winrm_transport": "kerberos",
        "ansible_winrm_scheme": "http",
        "ansible_winrm_kerberos_hostname_override": HOST,
        "ansible_winrm_kinit_env_vars": ["KRB5_CONFIG"],
        "ansible_psrp_protocol": "http",
        "ansible_psrp_auth": "kerberos",
        "ansible_psrp_negotiate_hostname_override": HOST,
    }
