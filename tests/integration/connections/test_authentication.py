# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection over Ansible's two connections with every way to log on; Kerberos has a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet
from simulator.wsman.certificate import client_certificate

from ..conftest import Play

#: A program, stdin and its output: sealing in both directions, beside the questions over CIM.
TASKS = [{"name": "info", "winfleet.containers.host_info": {}}]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificate") / "vagrant.pem"
    path.write_bytes(client_certificate("vagrant@localhost"))
    return path


@pytest.fixture(scope="module")
def fleet(certificate: Path) -> Iterator[RunningFleet]:
    mapping = {"subject": "vagrant@localhost", "account": "vagrant", "certificate": str(certificate)}
    everything = {"basic": True, "credssp": True, "https_port": 5986, "cbt_hardening": "strict", "certificate_mappings": [mapping]}
    hosts = [
        {"name": "every", "profile": "server-2022", "winrm": everything},
        {"name": "old", "profile": "server-2016", "winrm": {"stack": 2, "basic": True, "allow_unencrypted": True}},
        {"name": "locked", "profile": "server-2022", "winrm": {"allow_remote_shell": False}},
    ]
    with running_fleet({"hosts": hosts}) as fleet:
        yield fleet


def winrm(transport: str, scheme: str = "https", **more: Any) -> dict[str, Any]:
    named = {f"ansible_winrm_{name}": value for name, value in more.items()}
    return {
        "ansible_winrm_transport": transport,
        "ansible_winrm_scheme": scheme,
        "ansible_port": 5986 if scheme == "https" else 5985,
        **named,
    }


def psrp(auth: str, protocol: str = "https", **more: Any) -> dict[str, Any]:
    named = {f"ansible_psrp_{name}": value for name, value in more.items()}
    return {
        "ansible_connection": "psrp", "ansible_psrp_auth": auth, "ansible_psrp_protocol": protocol, "ansible_psrp_cert_validation": "ignore",
        "ansible_port": 5986 if protocol == "https" else 5985, **named,
    }  # fmt: skip


WAYS = {
    "winrm ntlm": winrm("ntlm", "http"), "winrm ntlm https": winrm("ntlm"), "winrm basic https": winrm("basic"),
    "winrm credssp": winrm("credssp", "http"), "winrm credssp https": winrm("credssp"),
    "psrp ntlm": psrp("ntlm", "http"), "psrp negotiate https": psrp("negotiate"), "psrp basic https": psrp("basic"),
    "psrp credssp": psrp("credssp", "http"), "psrp credssp https": psrp("credssp"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_log_on(play: Play, fleet: RunningFleet, way: str) -> None:
    done = play(fleet, TASKS, hosts="every", variables=WAYS[way])
    assert done.ok, done.output
    assert done.result("info")["os"]["build"] == 20348


@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_client_certificates(play: Play, fleet: RunningFleet, certificate: Path, connection: str) -> None:
    path = str(certificate)
    ways = {
        "winrm": winrm("certificate", cert_pem=path, cert_key_pem=path),
        "psrp": psrp("certificate", certificate_pem=path, certificate_key_pem=path),
    }
    done = play(fleet, TASKS, hosts="every", variables=ways[connection])
    assert done.ok, done.output
    assert done.result("info")["os"]["build"] == 20348


REFUSED = {
    "winrm ntlm": winrm("ntlm", "http"), "winrm credssp": winrm("credssp", "http"), "winrm basic": winrm("basic"),
    "psrp negotiate": psrp("negotiate", "http"), "psrp credssp": psrp("credssp"), "psrp basic": psrp("basic"),
    "winrm without bindings": {**winrm("ntlm", send_cbt=False), "ansible_password": "vagrant"},
    "psrp without bindings": {**psrp("ntlm", negotiate_send_cbt=False), "ansible_password": "vagrant"},
}  # fmt: skip


@pytest.mark.parametrize("way", REFUSED)
def test_refused_credentials_are_unreachable_in_one_sentence(play: Play, fleet: RunningFleet, way: str) -> None:
    done = play(fleet, TASKS, hosts="every", variables={"ansible_password": "s3cret-but-wrong", **REFUSED[way]})
    message = done.result("info")["msg"]
    assert "UNREACHABLE" in done.output, done.output
    assert message.partition("Cannot ")[2].startswith("reach every: "), message
    assert not [word for word in ("Traceback", "s3cret-but-wrong", "TSRequest") if word in done.output], done.output


@pytest.mark.parametrize("variables", [winrm("basic", "http"), psrp("basic", "http", message_encryption="never")])
def test_a_host_with_winrm_2(play: Play, fleet: RunningFleet, variables: dict[str, Any]) -> None:
    done = play(fleet, TASKS, hosts="old", variables=variables)
    assert done.ok, done.output
    assert done.result("info")["os"]["build"] == 14393


@pytest.mark.parametrize("variables", [winrm("ntlm", "http"), psrp("ntlm", "http")])
def test_a_policy_against_remote_shells_is_named(play: Play, fleet: RunningFleet, variables: dict[str, Any]) -> None:
    tasks = [{"name": "feature", "winfleet.containers.host_feature": {"name": "containers"}}]
    done = play(fleet, tasks, hosts="locked", variables=variables)
    assert not done.ok
    assert "remote shell" in done.result("feature")["msg"].lower(), done.output
    assert "Traceback" not in done.output
