# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that know nothing of the simulator: pywinrm and pypsrp, unchanged, over a real socket."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import requests
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import SelectorSet, WSMan
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
from winrm.protocol import Protocol

USER, PASSWORD = "vagrant", "pa:ss wörd"
CIMV2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
ENUMERATE = (
    f'<n:Enumerate xmlns:n="{ENUMERATION}" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><w:OptimizeEnumeration/>'
    '<w:MaxElements>32000</w:MaxElements><w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">'
    "select Name,State from Win32_Service</w:Filter></n:Enumerate>"
)
PULL = (
    f'<n:Pull xmlns:n="{ENUMERATION}"><n:EnumerationContext>{{context}}</n:EnumerationContext><n:MaxElements>32000</n:MaxElements></n:Pull>'
)


def pywinrm(rig: Any, transport: Any = "ntlm", user: str = USER, password: str = PASSWORD, timeout: int = 5) -> Protocol:
    return Protocol(rig.endpoint, transport=transport, username=user, password=password, read_timeout_sec=20, operation_timeout_sec=timeout)


def pypsrp(rig: Any, auth: str = "ntlm", **settings: Any) -> WSMan:
    host = rig.endpoint.split("//")[1].split(":")[0]
    return WSMan(host, port=5985, ssl=False, auth=auth, username=USER, password=PASSWORD, operation_timeout=5, **settings)


@pytest.mark.parametrize("user", [USER, "VAGRANT", "WS2022\\vagrant", ".\\vagrant"])
def test_pywinrm_runs_a_command_over_ntlm_with_sealed_messages(winrm: Any, user: str) -> None:
    rig = winrm()
    client = pywinrm(rig, user=user)
    shell = client.open_shell(codepage=65001, working_directory="C:\\work", env_vars={"COLOUR": "red"})
    command = client.run_command(shell, "both", ["7"], console_mode_stdin=False)
    assert client.get_command_output(shell, command) == (b"out \r\n", b"err \r\n", 7)
    client.cleanup_command(shell, command)
    client.close_shell(shell)
    assert rig.machine.started == [("both 7", {"COLOUR": "red"}, "C:\\work", "vagrant")]
    assert rig.server.messages["Command"] == rig.server.messages["Signal"] == rig.server.messages["Delete"] == 1


def test_pywinrm_runs_a_command_over_basic(winrm: Any) -> None:
    client = pywinrm(winrm(basic=True, allow_unencrypted=True), transport="plaintext")
    shell = client.open_shell()
    command = client.run_command(shell, "echo", ["hello"])
    assert client.get_command_output(shell, command) == (b"hello\r\n", b"", 0)
    client.close_shell(shell)


@pytest.mark.parametrize("transport", ["ntlm", "plaintext", "ssl"])
def test_pywinrm_runs_a_command_over_https(winrm: Any, transport: Any) -> None:
    rig = winrm(basic=True, https_port=5986)
    endpoint = rig.endpoint.replace("http:", "https:").replace("5985", "5986")
    client = Protocol(endpoint, transport=transport, username=USER, password=PASSWORD, server_cert_validation="ignore")
    shell = client.open_shell()
    command = client.run_command(shell, "echo", ["hello"])
    assert client.get_command_output(shell, command) == (b"hello\r\n", b"", 0)
    client.close_shell(shell)


@pytest.mark.parametrize(
    ("transport", "user", "password"), [("ntlm", USER, "wrong"), ("ntlm", "nobody", PASSWORD), ("plaintext", USER, "wrong")]
)
def test_wrong_credentials_are_refused(winrm: Any, transport: str, user: str, password: str) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm(winrm(basic=True, allow_unencrypted=True), transport, user, password).open_shell()


def test_basic_is_off_by_default(winrm: Any) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm(winrm(), "plaintext").open_shell()


@pytest.mark.parametrize("status", [401, 500])
def test_a_plain_body_is_refused_while_unencrypted_is_not_allowed(winrm: Any, status: int) -> None:
    expected = InvalidCredentialsError if status == 401 else WinRMTransportError
    with pytest.raises(expected):
        pywinrm(winrm(basic=True, switches={"unencrypted_status": status}), "plaintext").open_shell()


@pytest.mark.parametrize("auth", ["ntlm", "negotiate"])
def test_pypsrp_runs_a_process_with_stdin(winrm: Any, auth: str) -> None:
    rig = winrm()
    with pypsrp(rig, auth) as client, WinRS(client, codepage=65001) as shell:
        process = Process(shell, "cat")
        process.begin_invoke()
        process.send(b"first \x00\xff", end=False)
        process.send(b"last", end=True)
        process.end_invoke()
        process.signal(SignalCode.TERMINATE)
        assert (process.stdout, process.stderr, process.rc) == (b"first \x00\xfflast", b"", 0)


def test_pypsrp_gets_enumerates_and_pulls(winrm: Any) -> None:
    client = pypsrp(winrm())
    selectors = SelectorSet()
    selectors.add_option("Name", "SERVICE007")
    body = client.get(f"{CIMV2}/Win32_Service", selector_set=selectors)
    assert body.findtext(f".//{{{CIMV2}/Win32_Service}}Name") == "service007"

    first = client.enumerate(f"{CIMV2}/*", ET.fromstring(ENUMERATE))
    assert [element.text for element in first.iter("Name")] == ["service000"]
    context = first.findtext(f".//{{{ENUMERATION}}}EnumerationContext")
    rest = client.pull(f"{CIMV2}/*", ET.fromstring(PULL.format(context=context)))
    assert len(list(rest.iter("Name"))) == 199


def test_pypsrp_invokes_a_method(winrm: Any) -> None:
    rig = winrm()
    uri = f"{CIMV2}/Win32_Service"
    selectors = SelectorSet()
    selectors.add_option("Name", "service007")
    arguments = ET.fromstring(
        f'<p:Change_INPUT xmlns:p="{uri}"><p:Text>a &amp; b</p:Text><p:List>1</p:List><p:List>2</p:List></p:Change_INPUT>'
    )
    body = pypsrp(rig).invoke(f"{uri}/Change", uri, arguments, selector_set=selectors)
    output = [(element.tag, element.text) for element in next(body.iter(f"{{{uri}}}Change_OUTPUT"))]
    assert output == [
        (f"{{{uri}}}{name}", text) for name, text in (("Echo", "a & b"), ("Flags", "1"), ("Flags", "2"), ("ReturnValue", "21"))
    ]
    assert rig.machine.cim.invoked == [("Change", {"Name": "service007"}, {"Text": "a & b", "List": ["1", "2"]})]


def test_pypsrp_reports_a_fault_with_its_number(winrm: Any) -> None:
    selectors = SelectorSet()
    selectors.add_option("Name", "nothing")
    with pytest.raises(WSManFaultError) as caught:
        pypsrp(winrm()).get("http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Service", selector_set=selectors)
    assert caught.value.code == 2150858752


def test_pypsrp_is_refused_with_a_wrong_password(winrm: Any) -> None:
    host = winrm().endpoint.split("//")[1].split(":")[0]
    client = WSMan(host, port=5985, ssl=False, auth="ntlm", username=USER, password="wrong")
    with pytest.raises(AuthenticationError):
        client.get("http://schemas.microsoft.com/wbem/wsman/1/config")


def test_pywinrm_after_a_dropped_connection_gets_400_and_recovers_with_a_new_session(winrm: Any) -> None:
    """The client logs on again but repeats a body sealed with the old key (wsman.md 3.2)."""
    rig = winrm()
    client = pywinrm(rig)
    shell = client.open_shell()
    rig.call(rig.server.disconnect_idle)
    with pytest.raises((WinRMTransportError, requests.ConnectionError)) as caught:
        client.run_command(shell, "echo", ["x"])
    assert getattr(caught.value, "code", 400) == 400
    client.transport.close_session()
    command = client.run_command(shell, "echo", ["x"])
    assert client.get_command_output(shell, command)[0] == b"x\r\n"
    assert [line[0] for line in rig.machine.started] == ["echo x"]


def test_stdin_of_a_quarter_megabyte_comes_back_unchanged(winrm: Any) -> None:
    client = pywinrm(winrm())
    shell = client.open_shell(codepage=65001)
    command = client.run_command(shell, "cat", console_mode_stdin=False)
    data = bytes(range(256)) * 400
    client.send_command_input(shell, command, data)
    client.send_command_input(shell, command, base64.b64encode(data), end=True)
    stdout, _unused, code = client.get_command_output(shell, command)
    assert (stdout, code) == (data + base64.b64encode(data), 0)
    client.close_shell(shell)


def test_the_settings_of_a_shell_arrive(winrm: Any) -> None:
    rig = winrm()
    with pypsrp(rig) as client, WinRS(client, codepage=65001, idle_time_out=60, working_directory="C:\\Windows") as shell:
        assert str(shell.idle_time_out) == "PT60.000S"
        created = rig.call(lambda: rig.server.service.shells.shells.all()[0])
        assert (created.code_page, created.idle_timeout, created.working_directory) == (65001, 60.0, "C:\\Windows")
