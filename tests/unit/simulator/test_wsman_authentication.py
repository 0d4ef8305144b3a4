# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way to log on, by pywinrm and pypsrp unchanged, with the encryption it has; Kerberos is in test_wsman_kerberos.py."""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import spnego
from pypsrp.exceptions import AuthenticationError
from pypsrp.shell import Process, WinRS
from pypsrp.wsman import WSMan
from requests_credssp.exceptions import AuthenticationException, NTStatusException
from winrm.exceptions import InvalidCredentialsError
from winrm.protocol import Protocol

from simulator.wsman import sealing
from simulator.wsman.authentication import CERTIFICATE
from simulator.wsman.bindings import end_point
from simulator.wsman.certificate import client_certificate, server_certificate_der

USER, PASSWORD = "vagrant", "pa:ss wörd"
#: Longer than one part of CredSSP, in both directions.
LONG = bytes(range(256)) * 300


def address(rig: Any) -> str:
    found: str = rig.endpoint.split("//")[1].split(":")[0]
    return found


def pywinrm(rig: Any, transport: Any, scheme: str = "http", **settings: Any) -> Protocol:
    endpoint = f"{scheme}://{address(rig)}:{5986 if scheme == 'https' else 5985}/wsman"
    chosen = {"username": USER, "password": PASSWORD, **settings}
    return Protocol(endpoint, transport=transport, server_cert_validation="ignore", **chosen)


def pypsrp(rig: Any, auth: str, ssl: bool = False, **settings: Any) -> WSMan:
    chosen = {"username": USER, "password": PASSWORD, **settings}
    return WSMan(address(rig), port=5986 if ssl else 5985, ssl=ssl, auth=auth, cert_validation=False, **chosen)


def echo(client: Protocol, data: bytes = b"hello") -> bytes:
    """What a program in a shell gives back of its input."""
    shell = client.open_shell(codepage=65001)
    command = client.run_command(shell, "cat", console_mode_stdin=False)
    client.send_command_input(shell, command, data, end=True)
    output, _stderr, _code = client.get_command_output(shell, command)
    client.close_shell(shell)
    return bytes(output)


def psrp_echo(client: WSMan, data: bytes = b"hello") -> bytes:
    with client, WinRS(client, codepage=65001) as shell:
        process = Process(shell, "cat")
        process.begin_invoke()
        process.send(data, end=True)
        process.end_invoke()
        return bytes(process.stdout)


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The protocols that sealed messages name while the test runs."""
    seen: list[str] = []
    real = sealing.protocol_of

    def watched(content_type: str) -> str:
        seen.append(f"{content_type.split(';')[0].rpartition('/')[2]} {real(content_type).rpartition('/')[2]}")
        return real(content_type)

    monkeypatch.setattr(sealing, "protocol_of", watched)
    return seen


# --- offered schemes -----------------------------------------------------------------------------------------------------------


def offered(rig: Any, **headers: str) -> list[str]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(address(rig), 5986, context=context, timeout=10)
    connection.request("POST", "/wsman", b"", headers)
    response = connection.getresponse()
    assert (response.status, response.reason) == (401, "")
    found: list[str] = response.headers.get_all("WWW-Authenticate") or []
    connection.close()
    return found


def test_everything_on_is_offered_in_the_recorded_order(winrm: Any, certificate: Any) -> None:
    rig = winrm(basic=True, credssp=True, https_port=5986, certificate_mappings=[certificate().mapping])
    assert offered(rig) == ["Negotiate", "Kerberos", CERTIFICATE, 'Basic realm="WSMAN"', "CredSSP"]


def test_what_is_off_is_neither_offered_nor_taken(winrm: Any) -> None:
    rig = winrm(negotiate=False, kerberos=False, credssp=True, https_port=5986)
    assert offered(rig) == ["CredSSP"]
    for scheme in ("NTLM", "Negotiate", "Kerberos"):
        assert offered(rig, Authorization=f"{scheme} TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==") == ["CredSSP"]
    with pytest.raises(InvalidCredentialsError):
        pywinrm(rig, "plaintext").open_shell()


@pytest.mark.parametrize("header", ["Negotiate", "Negotiate !!!", "Negotiate YQ==", "Kerberos YQ==", "CredSSP YQ==", "Basic", CERTIFICATE])
def test_nonsense_is_refused(winrm: Any, header: str) -> None:
    assert "Negotiate" in offered(winrm(basic=True, credssp=True, https_port=5986), Authorization=header)


# --- Negotiate -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", ["ntlm", "negotiate"])
def test_ntlm_raw_and_inside_spnego(winrm: Any, sealed: list[str], auth: str) -> None:
    """pypsrp's ``negotiate`` wraps NTLM in SPNEGO, its ``ntlm`` and pywinrm's send it raw."""
    rig = winrm()
    assert psrp_echo(pypsrp(rig, auth), LONG) == LONG
    assert set(sealed) == {"encrypted HTTP-SPNEGO-session-encrypted"}


@pytest.mark.parametrize("encryption", ["auto", "always"])
def test_over_https_sealing_is_the_clients_choice(winrm: Any, sealed: list[str], encryption: Any) -> None:
    rig = winrm(https_port=5986)
    assert echo(pywinrm(rig, "ntlm", "https", message_encryption=encryption)) == b"hello"
    assert bool(sealed) == (encryption == "always")


# --- CredSSP -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_credssp_with_pywinrm(winrm: Any, sealed: list[str], scheme: str) -> None:
    rig = winrm(credssp=True, https_port=5986)
    client = pywinrm(rig, "credssp", scheme)
    assert echo(client, LONG) == LONG
    expected = {"encrypted HTTP-CredSSP-session-encrypted", "x-multi-encrypted HTTP-CredSSP-session-encrypted"}
    assert set(sealed) == (expected if scheme == "http" else set())


def test_credssp_with_pypsrp(winrm: Any) -> None:
    assert psrp_echo(pypsrp(winrm(credssp=True), "credssp", credssp_auth_mechanism="auto"), LONG) == LONG


def test_credssp_is_off_by_default(winrm: Any) -> None:
    with pytest.raises((InvalidCredentialsError, AuthenticationException)):
        pywinrm(winrm(), "credssp").open_shell()


def test_credssp_with_a_wrong_password(winrm: Any) -> None:
    with pytest.raises(NTStatusException, match="STATUS_LOGON_FAILURE"):
        pywinrm(winrm(credssp=True), "credssp", password="wrong").open_shell()


# --- certificates --------------------------------------------------------------------------------------------------------------


class Certificate:
    """A client certificate in a file, and its mapping to an account."""

    def __init__(self, path: Path, subject: str, account: str) -> None:
        path.write_bytes(client_certificate(subject))
        self.path = str(path)
        self.mapping = {"subject": subject, "account": account, "certificate": self.path}


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[..., Certificate]:
    def make(subject: str = "vagrant@localhost", account: str = "vagrant") -> Certificate:
        return Certificate(tmp_path / f"{subject}.pem", subject, account)

    return make


def test_certificate_with_both_clients(winrm: Any, certificate: Any) -> None:
    known = certificate()
    rig = winrm(https_port=5986, certificate_mappings=[known.mapping])
    client = pywinrm(rig, "certificate", "https", cert_pem=known.path, cert_key_pem=known.path, username=None, password=None)
    assert echo(client) == b"hello"
    psrp = pypsrp(rig, "certificate", ssl=True, certificate_pem=known.path, certificate_key_pem=known.path)
    assert psrp_echo(psrp) == b"hello"
    assert {started[3] for started in rig.machine.started} == {"vagrant"}


def test_a_certificate_that_names_another_user_is_refused(winrm: Any, certificate: Any) -> None:
    known, other = certificate(), certificate("other@localhost", "other")
    mappings = [known.mapping, {**other.mapping, "subject": "somebody@localhost"}]
    rig = winrm(https_port=5986, certificate_mappings=mappings)
    with pytest.raises(InvalidCredentialsError):
        pywinrm(rig, "certificate", "https", cert_pem=other.path, cert_key_pem=other.path).open_shell()


def test_a_certificate_nobody_vouches_for_ends_the_handshake(winrm: Any, certificate: Any) -> None:
    rig = winrm(https_port=5986, certificate_mappings=[certificate().mapping])
    stranger = certificate("stranger@localhost")
    with pytest.raises((requests.ConnectionError, InvalidCredentialsError)):
        pywinrm(rig, "certificate", "https", cert_pem=stranger.path, cert_key_pem=stranger.path).open_shell()


def test_a_mapping_to_no_account_is_refused(winrm: Any, certificate: Any) -> None:
    known = certificate(account="nobody")
    rig = winrm(https_port=5986, certificate_mappings=[known.mapping])
    with pytest.raises(InvalidCredentialsError):
        pywinrm(rig, "certificate", "https", cert_pem=known.path, cert_key_pem=known.path).open_shell()


# --- channel bindings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "send_cbt", "taken"),
    [("none", True, True), ("none", False, True), ("relaxed", True, True), ("relaxed", False, True), ("strict", True, True),
     ("strict", False, False)],
)  # fmt: skip
@pytest.mark.parametrize("auth", ["ntlm", "negotiate"])
def test_channel_bindings(winrm: Any, level: str, send_cbt: bool, taken: bool, auth: str) -> None:
    rig = winrm(https_port=5986, cbt_hardening=level)
    client = pypsrp(rig, auth, ssl=True, negotiate_send_cbt=send_cbt)
    if taken:
        assert psrp_echo(client) == b"hello"
    else:
        with pytest.raises(AuthenticationError):
            psrp_echo(client)


def test_strict_does_not_matter_to_those_without_bindings(winrm: Any) -> None:
    rig = winrm(https_port=5986, cbt_hardening="strict", basic=True)
    assert echo(pywinrm(rig, "basic", "https")) == b"hello"
    assert echo(pywinrm(rig, "ntlm")) == b"hello"


@pytest.mark.parametrize(("level", "status"), [("none", 200), ("relaxed", 401), ("strict", 401)])
def test_bindings_of_another_channel(winrm: Any, level: str, status: int) -> None:
    """As a relayed logon would bring them."""
    rig = winrm(https_port=5986, cbt_hardening=level)
    other = end_point(server_certificate_der())
    other.application_data = (other.application_data or b"")[:-1] + b"?"
    context = spnego.client(USER, PASSWORD, protocol="ntlm", channel_bindings=other)
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(address(rig), 5986, context=tls, timeout=10)
    answer: bytes | None = None
    found = 0
    for _step in range(2):
        token = context.step(answer)
        assert token
        connection.request("POST", "/wsman", b"", {"Authorization": "Negotiate " + _base64(token)})
        response = connection.getresponse()
        response.read()
        found = response.status
        answer = _token(response.headers.get("WWW-Authenticate", ""))
    connection.close()
    assert found == status


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _token(header: str) -> bytes | None:
    text = header.partition(" ")[2]
    return base64.b64decode(text) if text else None
