# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas, policies and what they refuse; WinRM 2 beside WinRM 3; PowerShell, which is not there; answers cut short."""

from __future__ import annotations

import http.client
import re
from typing import Any

import pytest
import requests
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import WSMan

from simulator.plain_client import CMD, WIN32, Client, envelope, of
from simulator.wsman import names
from simulator.wsman.shell_service import POLICY


def test_no_shell_where_the_policy_forbids_them(plain: Any) -> None:
    rig, client = plain(allow_remote_shell=False)
    answer = client.create()
    assert (answer.code, "configured to not accept any remote shell requests" in answer.text) == (2150859180, True)
    assert client.send("n/Enumerate", f"{WIN32}Win32_OperatingSystem", '<n:Enumerate xmlns:n="' + names.ENUMERATION + '"/>').code == 0
    rig.server.settings.allow_remote_shell = True
    assert client.create().code == 0


def test_the_policy_is_read_from_the_registry(plain: Any) -> None:
    rig, client = plain()
    rig.machine.registry.set(*POLICY, 0)
    assert client.create().code == 2150859180
    rig.machine.registry.set(*POLICY, 1)
    assert client.create().code == 0


def test_users_with_shells(plain: Any) -> None:
    rig, client = plain(limits={"max_concurrent_users": 1})
    assert client.create().code == 0
    assert Client(rig, "other", "secret").create().code == 2150859179
    assert client.create().code == 0


def test_processes_of_a_shell(plain: Any) -> None:
    _rig, client = plain(limits={"max_processes_per_shell": 2}, switches={"second_command": "run"})
    shell = client.shell()
    assert [client.command(shell, "sleep 5").code for _each in range(3)] == [0, 0, 1816]


def test_a_shell_verb_in_chunks_is_refused(plain: Any) -> None:
    """Other verbs are not (wsman.md 1)."""
    _rig, client = plain()
    body = envelope("t/Create", CMD, f'<rsp:Shell xmlns:rsp="{names.SHELL}"/>').encode()
    other = envelope("t/Get", names.CONFIG).encode()
    assert [_in_chunks(client, each) for each in (body, other)] == [(500, True), (200, False)]


def _in_chunks(client: Client, body: bytes) -> tuple[int, bool]:
    connection = http.client.HTTPConnection(client.address, 5985, timeout=10)
    headers = {"Authorization": client._authorization, "Content-Type": "application/soap+xml;charset=UTF-8"}
    connection.request("POST", "/wsman", iter([body[:100], body[100:]]), headers, encode_chunked=True)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, b'Code="50"' in content


def test_connections(plain: Any) -> None:
    """Idle ones count until they are closed (wsman.md 6)."""
    rig, first = plain(limits={"max_connections": 2})
    second, third = Client(rig), Client(rig)
    assert [client.http(envelope("t/Get", names.CONFIG))[0] for client in (first, second, third)] == [200, 200, 503]
    first.close()
    rig.call(lambda: None)
    assert Client(rig).http(envelope("t/Get", names.CONFIG))[0] == 200


def test_an_option_the_client_insists_on_must_be_known(plain: Any) -> None:
    _rig, client = plain()
    option = '<w:OptionSet><w:Option Name="{}" MustComply="true">1</w:Option></w:OptionSet>'
    assert client.create(header=option.format("WINRS_NOPROFILE")).code == 0
    assert client.create(header=option.format("COLOUR")).code == 2150858809
    assert client.create(header=option.format("COLOUR").replace("true", "false")).code == 0


def test_the_namespace_selector_must_agree_with_the_resource(plain: Any) -> None:
    _rig, client = plain()
    selector = (
        '<w:SelectorSet><w:Selector Name="__cimnamespace">{}</w:Selector><w:Selector Name="Name">service001</w:Selector></w:SelectorSet>'
    )
    assert [
        client.send("t/Get", f"{WIN32}Win32_Service", header=selector.format(name)).code for name in ("root/cimv2", "root/default")
    ] == [0, 50]


@pytest.mark.parametrize(("mode", "objects"), [("EnumerateEPR", 0), ("EnumerateObjectAndEPR", 1)])
def test_instances_can_be_listed_by_their_address(plain: Any, mode: str, objects: int) -> None:
    """And each address leads to its instance."""
    _rig, client = plain(switches={"first_items": -1})
    body = (
        f"<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>2</w:MaxElements><w:EnumerationMode>{mode}</w:EnumerationMode></n:Enumerate>"
    )
    answer = client.send("n/Enumerate", f"{WIN32}Win32_Service", body)
    assert (answer.code, answer.text.count("<p:Win32_Service ")) == (0, 2 * objects)
    selectors = re.findall(r"<w:SelectorSet>.*?</w:SelectorSet>", answer.text)
    found = [client.send("t/Get", f"{WIN32}Win32_Service", header=each).text for each in selectors]
    assert [re.findall("<p:Name>(.*?)<", each) for each in found] == [["service000"], ["service001"]]


# --- WinRM 2 -------------------------------------------------------------------------------------------------------------------


def test_winrm_2_has_smaller_quotas_and_other_faults(plain: Any) -> None:
    rig, client = plain(stack=2)
    created = [client.create() for _each in range(6)]
    assert [answer.code for answer in created] == [0, 0, 0, 0, 0, 2150859173]
    assert "<rsp:Shell " not in created[0].text and "x:ResourceCreated" in created[0].text
    refused = created[5].text
    assert "<f:WSManFault" in refused and "<a:RelatesTo>uuid:1<" in refused and "MSFT_WmiError" not in refused
    assert not any("p:ActivityId" in answer.text for answer in created)
    limits = rig.server.settings.limits
    assert (limits.max_envelope_kb, limits.max_operations_per_user, limits.max_connections) == (150, 15, 25)


def test_winrm_2_names_itself(plain: Any) -> None:
    _rig, client = plain(stack=2)
    body = f'<s:Envelope xmlns:s="{names.SOAP}"><s:Header/><s:Body><i:Identify xmlns:i="{names.IDENTITY}"/></s:Body></s:Envelope>'
    assert b"Stack: 2.0" in client.http(body, WSMANIDENTIFY="unauthenticated", Authorization="")[2]


def test_limits_of_a_file_win_over_those_of_the_stack(winrm: Any) -> None:
    rig = winrm(stack=2, limits={"max_shells_per_user": 7})
    assert (rig.server.settings.limits.max_shells_per_user, rig.server.settings.limits.idle_timeout_ms) == (7, 180000)


@pytest.mark.parametrize(
    "settings", [{"stack": 4}, {"cbt_hardening": "tight"}, {"certificate_mappings": [{"subject": "x", "colour": "red"}]}]
)
def test_unknown_values_are_refused(winrm: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="unknown"):
        winrm(**settings)


# --- PowerShell ----------------------------------------------------------------------------------------------------------------


def test_a_session_configuration_of_powershell_is_refused_in_plain_words(winrm: Any) -> None:
    rig = winrm()
    host = rig.endpoint.split("//")[1].split(":")[0]
    client = WSMan(host, port=5985, ssl=False, auth="ntlm", username="vagrant", password="pa:ss wörd")
    with pytest.raises(
        WSManFaultError, match=r"Cannot find the Microsoft\.PowerShell session configuration .* simulated and has no PowerShell"
    ):
        RunspacePool(client).open()
    assert any(line.startswith("refused: PowerShell is not simulated") for line in rig.machine.log_lines)


# --- answers that do not arrive whole ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "error"),
    [
        ("cut", ConnectionResetError),
        ("close", http.client.RemoteDisconnected),
        ("truncate", (http.client.IncompleteRead, ConnectionResetError)),
    ],
)
def test_a_lost_answer_does_not_undo_what_was_done(plain: Any, do: str, error: Any) -> None:
    rig, client = plain()
    rig.faults.add(do, kind="Create", when="after")
    with pytest.raises(error):
        client.create()
    assert len(rig.call(lambda: list(rig.server.service.shells.shells.all()))) == 1


def test_a_truncated_answer_is_no_answer_to_requests(plain: Any) -> None:
    rig, client = plain()
    rig.faults.add("truncate", kind="Get")
    headers = {"Authorization": client._authorization, "Content-Type": "application/soap+xml;charset=UTF-8"}
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        requests.post(rig.endpoint, envelope("t/Get", names.CONFIG), headers=headers, timeout=10)


def test_a_fault_is_checked_when_it_is_made(plain: Any) -> None:
    rig, _client = plain()
    for settings in ({"do": "explode"}, {"do": "cut", "kind": "Sing"}, {"do": "truncate", "when": "before"}):
        with pytest.raises(ValueError, match="fault"):
            rig.faults.add(**settings)
    assert rig.faults.rules == []


def test_shells_of_a_domain_account_keep_their_name(plain: Any) -> None:
    """The owner is shown with its domain, and the profile lies under the plain name."""
    rig, client = plain()
    shell = client.shell()
    found = rig.call(lambda: rig.server.service.shells.shells.all()[0])
    found.user = "WINFLEET\\alice"
    assert "<rsp:Owner>WINFLEET\\alice<" in found.listed_xml("WS2022")
    assert found.start().working_directory == "C:\\Users\\alice"
    assert client.send("t/Get", names.SHELL, header=of(shell)).code == 2150858843
