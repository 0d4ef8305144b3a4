# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session over Ansible's own connections, and what it makes of trouble on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ConnectError, NotFoundError, OptionError, QuotaError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import session as session_module
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import CimClass
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.network import ConnectionLost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session

from .conftest import Site

SYSTEM = CimClass(
    "Win32_OperatingSystem", {"Caption": str, "BuildNumber": int, "LastBootUpTime": datetime, "ProductType": int, "Debug": bool}
)
SERVICE = CimClass("Win32_Service", {"Name": str, "State": str, "ProcessId": int, "PathName": str})

KINDS = ["winrm", "psrp"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_answered_with_types(site: Callable[..., Site], kind: str) -> None:
    remote = site().remote(kind)
    [system] = remote.cim.query(SYSTEM)
    assert (system["BuildNumber"], system["ProductType"]) == (20348, 3)
    assert isinstance(system["LastBootUpTime"], datetime)
    assert remote.cim.get(SYSTEM)["Caption"] == system["Caption"]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("winrm", {"ansible_winrm_transport": "basic"}),
        ("winrm", {"ansible_winrm_transport": ["basic", "ntlm"]}),
        ("psrp", {"ansible_psrp_auth": "negotiate"}),
        ("psrp", {"ansible_psrp_auth": "basic", "ansible_psrp_message_encryption": "never"}),
    ],
)
def test_every_way_to_log_on(site: Callable[..., Site], kind: str, changes: dict[str, Any]) -> None:
    remote = site(winrm={"basic": True, "allow_unencrypted": True}).remote(kind, changes=changes)
    assert remote.cim.query(SYSTEM)
    twin = remote.session.sibling()
    assert type(remote.cim)(twin).query(SYSTEM)
    twin.close()


@pytest.mark.parametrize("kind", KINDS)
def test_cim_needs_no_shell_of_our_own(site: Callable[..., Site], kind: str) -> None:
    where = site()
    where.remote(kind).cim.query(SYSTEM)
    assert where.host.messages["Create"] == (1 if kind == "winrm" else 0)  # Ansible's winrm connection opens one whatever we do


@pytest.mark.parametrize("first_items", [0, 1, -1])
def test_enumerations_come_whole_in_any_split(site: Callable[..., Site], first_items: int) -> None:
    remote = site(winrm={"switches": {"first_items": first_items}}).remote()
    services = remote.cim.query(SERVICE)
    assert len(services) > 3
    assert len({service["Name"] for service in services}) == len(services)


def test_what_does_not_exist_is_not_found(site: Callable[..., Site]) -> None:
    cim = site().remote().cim
    with pytest.raises(NotFoundError):
        cim.query(CimClass("Win32_Nonsense", {"Name": str}))
    with pytest.raises(NotFoundError):
        cim.get(SERVICE, {"Name": "nonsense"})
    with pytest.raises(NotFoundError):
        cim.query(CimClass("Win32_Service", {"Name": str}, "root/nonsense"))
    assert cim.query(SERVICE, "Name = 'nonsense'") == []


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_password(site: Callable[..., Site], kind: str) -> None:
    with pytest.raises(ConnectError) as caught:
        site().remote(kind, changes={"ansible_password": "wrong"}).cim.query(SYSTEM)
    assert caught.value.cause == "the credentials were rejected"


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_listens(site: Callable[..., Site], kind: str) -> None:
    with pytest.raises(ConnectError) as caught:
        site().remote(kind, changes={"ansible_port": 1}).cim.query(SYSTEM)
    assert caught.value.cause == "the connection was refused"


def test_an_http_state_at_the_first_contact_is_explained(site: Callable[..., Site]) -> None:
    where = site()
    where.host.faults.add("status", status=503, times=0)
    with pytest.raises(ConnectError, match="503"):
        where.remote()


def test_variables_that_do_not_fit_together_are_told(site: Callable[..., Site]) -> None:
    with pytest.raises(OptionError, match="encryption"):
        site().remote("psrp", changes={"ansible_psrp_auth": "basic", "ansible_psrp_message_encryption": "always"})


def test_other_connections_are_refused_by_name() -> None:
    with pytest.raises(OptionError, match="local"):
        Session.of(connection_loader.get("local", PlayContext(), "/dev/null"))


def test_a_restricted_endpoint_is_refused_by_name(site: Callable[..., Site]) -> None:
    with pytest.raises(OptionError, match="JEA"):
        site().remote("psrp", changes={"ansible_psrp_configuration_name": "JEA"})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("message", ["Enumerate", "Pull"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_question_survives_a_cut_connection(site: Callable[..., Site], kind: str, message: str, when: str) -> None:
    where = site()
    remote = where.remote(kind)
    where.host.faults.add("cut", kind=message, when=when)
    assert len(remote.cim.query(SERVICE)) > 3
    assert remote.cim.query(SYSTEM)


def test_an_enumeration_that_is_given_up_is_released(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    where.host.faults.add("cut", kind="Pull", when="before")
    assert len(remote.cim.query(SERVICE)) > 3
    assert where.host.messages["Release"] == 1


@pytest.mark.parametrize("status", [400, 500])
def test_a_question_survives_a_passing_http_error(site: Callable[..., Site], status: int) -> None:
    where = site()
    remote = where.remote()
    where.host.faults.add("status", kind="Enumerate", status=status)
    assert remote.cim.query(SYSTEM)


def test_lasting_trouble_is_told(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    where.host.faults.add("status", kind="Enumerate", status=503, times=0)
    with pytest.raises(ConnectError, match="503"):
        remote.cim.query(SYSTEM)


@pytest.mark.parametrize("message", ["Command", "Send", "Receive"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_command_is_never_run_twice(site: Callable[..., Site], message: str, when: str) -> None:
    where = site()
    remote = where.remote()
    where.host.faults.add("cut", kind=message, when=when)
    with pytest.raises(ConnectionLost):
        remote.programs.run("findstr.exe", ["once"], stdin=b"once")
    lines = [line.text for line in where.host.machine.log_lines if "once" in line.text and line.kind == "cmd"]
    assert len(lines) <= 1
    assert remote.programs.shell_builtin("echo again").text == "again\r\n"


def test_an_idle_connection_is_renewed_before_a_command(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows drops it after two minutes; here both sides are in more of a hurry."""
    monkeypatch.setattr(session_module, "_IDLE_SECONDS", 0.2)
    remote = site(winrm={"limits": {"connection_idle": 0.5}}).remote()
    remote.cim.query(SYSTEM)
    time.sleep(1)
    assert remote.programs.shell_builtin("echo hi").text == "hi\r\n"


def test_a_question_survives_an_idle_drop_that_came_early(site: Callable[..., Site]) -> None:
    remote = site(winrm={"limits": {"connection_idle": 0.5}}).remote()
    remote.cim.query(SYSTEM)
    time.sleep(1)
    assert remote.cim.query(SYSTEM)


@pytest.mark.parametrize("kind", KINDS)
def test_a_late_answer_to_a_question_is_asked_for_again(site: Callable[..., Site], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where = site()
    remote = where.remote(kind)
    carrier = remote.session._carrier
    monkeypatch.setattr(session_module, "_READ_MARGIN", -59.0)  # questions have 60 s on the host: give up after one
    carrier.read_seconds = carrier.operation_seconds
    where.host.faults.add("delay", kind="Enumerate", seconds=3.0, when="after")
    assert remote.cim.query(SYSTEM)


def test_a_host_that_fell_silent_is_given_up_soon(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> None:
    """The clean-up does not wait for each farewell."""
    monkeypatch.setattr(session_module, "_READ_MARGIN", 0.5)
    monkeypatch.setattr(envelope, "_FAREWELL_SECONDS", 1.0)
    where = site()
    remote = where.remote(environment={"A": "1"}, changes={"ansible_winrm_operation_timeout_sec": 1, "ansible_winrm_read_timeout_sec": 2})
    where.host.faults.add("delay", nth=3, times=0, seconds=30)
    started = time.monotonic()
    with pytest.raises(ConnectionLost, match="did not answer within"):
        remote.programs.run("reg.exe", ["query", "HKLM\\SOFTWARE"])
    remote.programs.close()
    assert time.monotonic() - started < 8
    assert where.host.messages["Delete"] == 0


def test_shell_quota_is_explained(site: Callable[..., Site]) -> None:
    remote = site(winrm={"limits": {"max_shells_per_user": 1}}).remote(environment={"A": "1"})
    with pytest.raises(QuotaError) as caught:
        remote.programs.shell_builtin("echo hi")
    assert caught.value.code == 2150859173
    assert "MaxShellsPerUser" in caught.value.advice


def test_the_operations_quota_is_freed_by_a_new_shell(site: Callable[..., Site]) -> None:
    where = site(winrm={"limits": {"max_operations_per_user": 5}})
    remote = where.remote()
    for number in range(12):
        assert remote.programs.shell_builtin(f"echo {number}").text == f"{number}\r\n"
    assert where.host.messages["Create"] >= 3


def test_siblings_are_counted_together(site: Callable[..., Site]) -> None:
    where = site()
    remote = where.remote()
    twin = remote.session.sibling()
    remote.cim.query(SYSTEM)
    type(remote.cim)(twin).query(SYSTEM)
    twin.close()
    assert remote.session.messages == twin.messages == 2


def test_no_shell_left_for_the_connection_itself(site: Callable[..., Site]) -> None:
    where = site(winrm={"limits": {"max_shells_per_user": 1}})
    where.remote()
    with pytest.raises(ConnectError) as caught:
        where.remote()
    assert "remote shells" in caught.value.cause


@pytest.mark.parametrize("missing", [1, 2])
def test_registry(site: Callable[..., Site], missing: int) -> None:
    registry = site(missing_value_result=missing).remote().registry
    key = "SOFTWARE\\Winfleet Test\\below"
    assert registry.subkeys("SOFTWARE\\Winfleet Test") is None
    registry.create_key(key)
    registry.create_key(key)
    assert registry.subkeys("SOFTWARE\\Winfleet Test") == ["below"]
    assert registry.value_names(key) == []
    text = '<a> & "b" %PATH% ü€\t\''
    registry.set_string(key, "s", text)
    registry.set_dword(key, "d", 0xFFFFFFFF)
    registry.set_strings(key, "m", ["one", "two & three"])
    assert registry.string(key, "s") == text
    assert registry.dword(key, "d") == 0xFFFFFFFF
    assert registry.strings(key, "m") == ["one", "two & three"]
    assert sorted(registry.value_names(key) or []) == ["d", "m", "s"]
    registry.delete_value(key, "s")
    registry.delete_value(key, "s")
    assert registry.string(key, "s") is None
    assert registry.string("SOFTWARE\\None", "s") is None
    with pytest.raises(NotFoundError, match="Winfleet Test.missing"):
        registry.set_string("SOFTWARE\\Winfleet Test\\missing", "s", "x")
