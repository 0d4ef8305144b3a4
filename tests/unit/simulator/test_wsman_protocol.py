# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single messages over a plain socket: what WinRM says to each, quotas, time-outs and switches included."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from simulator.plain_client import CMD, REPLY_TO, WIN32, Answer, Client, envelope, options
from simulator.wsman import names, sealing


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition, and fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- HTTP ----------------------------------------------------------------------------------------------------------------------


def test_get_is_not_allowed(plain: Any) -> None:
    status, response, body = plain()[1].http("", method="GET")
    assert (status, response.getheader("Allow"), response.reason, body) == (405, "POST", "", b"")
    assert response.getheader("Server") == "Microsoft-HTTPAPI/2.0"


def test_without_credentials_the_schemes_are_offered(winrm: Any) -> None:
    client = Client(winrm())
    client._authorization = ""
    status, response, body = client.http("")
    assert (status, response.reason, body) == (401, "", b"")
    assert response.headers.get_all("WWW-Authenticate") == ["Negotiate", "Kerberos"]


def test_basic_is_offered_when_it_is_on(winrm: Any) -> None:
    client = Client(winrm(basic=True))
    client._authorization = "Digest x"
    assert client.http("")[1].headers.get_all("WWW-Authenticate") == ["Negotiate", "Kerberos", 'Basic realm="WSMAN"']


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("{}", {"Content_Type": "application/json"}, 415),
        ("no xml", {}, 400),
        ("<a/>", {}, 400),
        ("x" * 501 * 1024, {}, 413),
        ("x", {"Content_Type": sealing.content_type(sealing.SPNEGO)}, 400),
        (envelope("t/Get", names.CONFIG), {}, 200),
    ],
)
def test_status_of_odd_bodies(plain: Any, body: str, headers: dict[str, str], status: int) -> None:
    found, _unused, content = plain()[1].http(body, **headers)
    assert found == status
    assert status == 200 or content == b""


def test_a_sealed_body_on_an_unauthenticated_connection_is_401(winrm: Any) -> None:
    client = Client(winrm())
    client._authorization = ""
    body = sealing.frame([sealing.Part(b"s" * 16, b"x" * 10, 10)], sealing.SPNEGO)
    assert client.http(body, Content_Type=sealing.content_type(sealing.SPNEGO))[0] == 401


@pytest.mark.parametrize("anonymous", [True, False])
def test_identify(plain: Any, anonymous: bool) -> None:
    client = plain()[1]
    body = f'<s:Envelope xmlns:s="{names.SOAP}"><s:Header/><s:Body><i:Identify xmlns:i="{names.IDENTITY}"/></s:Body></s:Envelope>'
    headers = {"WSMANIDENTIFY": "unauthenticated", "Authorization": ""} if anonymous else {}
    status, _unused, content = client.http(body, **headers)
    version = "OS: 0.0.0 SP: 0.0 Stack: 3.0" if anonymous else "OS: 10.0.20348 SP: 0.0 Stack: 3.0"
    assert status == 200
    assert f"<wsmid:ProductVersion>{version}</wsmid:ProductVersion>" in content.decode()


def test_a_silent_connection_is_dropped(plain: Any) -> None:
    rig, _unused = plain(limits={"connection_idle": 0.2})
    with socket.create_connection((rig.endpoint.split("//")[1].split(":")[0], 5985), timeout=5) as connection:
        assert connection.recv(1) == b""


# --- headers -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"reply_to": ""}, 2150858769),
        ({"reply_to": REPLY_TO.replace("anonymous", "other")}, 2150858870),
        ({"message_id": ""}, 2150858767),
        ({"timeout": "PT-1S"}, 2150858767),
        ({"timeout": "soon"}, 2150858767),
        ({"size": "4096"}, 2150858805),
        ({"header": '<w:Locale xml:lang="de-DE" s:mustUnderstand="true"/>'}, 2150858818),
        ({"resource": ""}, 2150858769),
        ({"resource": "http://schemas.microsoft.com/wbem/wsman/1/other"}, 2150858752),
        ({"resource": f"{names.WMI}root/nothing/Win32_Service"}, 2150858752),
        ({"resource": f"{WIN32}Win32_Nothing"}, 2150858752),
        ({"resource": f"{WIN32}Win32_Service", "action": "t/Put"}, 2150858771),
        ({"resource": CMD}, 2150858771),
    ],
)
def test_faults_of_wrong_headers(plain: Any, settings: dict[str, str], code: int) -> None:
    answer = plain()[1].send(**{"action": "t/Get", "resource": names.CONFIG, **settings})
    assert (answer.status, answer.code) == (500, code)


def test_an_answer_relates_to_its_request(plain: Any) -> None:
    answer = plain()[1].send("t/Get", names.CONFIG, message_id="any text &amp; more")
    assert answer.root.findtext(f".//{{{names.ADDRESSING}}}RelatesTo") == "any text & more"


# --- shells --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["<rsp:Colour>red</rsp:Colour>", "<rsp:IdleTimeOut>60</rsp:IdleTimeOut>", "<Shell/>"])
def test_a_wrong_shell_is_a_schema_fault(plain: Any, body: str) -> None:
    assert plain()[1].create(body).code == 2150858817


def test_shells_per_user(plain: Any) -> None:
    rig, client = plain(limits={"max_shells_per_user": 2})
    shells = [client.shell(), client.shell()]
    refused = client.create()
    assert (refused.status, refused.code) == (500, 2150859173)
    assert "RelatesTo" not in refused.text
    assert Client(rig, "other", "secret").create().status == 200
    client.delete(shells[0])
    assert client.create().status == 200


def test_a_shell_dies_when_idle_but_not_while_something_waits(plain: Any) -> None:
    _unused, client = plain()
    shell = client.shell("<rsp:IdleTimeOut>PT0.3S</rsp:IdleTimeOut>")
    command = client.command(shell, "sleep 1").identifier("CommandId")
    assert client.receive(shell, command).state == "Done"
    time.sleep(0.8)
    assert client.receive(shell, command).code == 2150858843


def test_a_shell_belongs_to_its_user(plain: Any) -> None:
    rig, client = plain()
    shell = client.shell()
    assert Client(rig, "other", "secret").command(shell, "echo").code == 2150858843
    assert Client(rig).command(shell.lower(), "echo").status == 200


def test_an_account_without_rights_is_refused(plain: Any) -> None:
    rig, client = plain(not_administrators=["other"])
    assert Client(rig, "other", "secret").create().code == 5
    assert client.create().status == 200


def test_shells_are_listed(plain: Any) -> None:
    _unused, client = plain()
    shell = client.shell()
    body = "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>10</w:MaxElements></n:Enumerate>"
    assert client.send("n/Enumerate", names.SHELL, body).identifier("ShellId") == shell


def test_operations_count_until_the_shell_is_deleted(plain: Any) -> None:
    _unused, client = plain(limits={"max_operations_per_user": 3})
    shell = client.shell()
    for _unused in range(3):
        command = client.command(shell, "echo x").identifier("CommandId")
        client.output(shell, command)
        client.signal(shell, command, "terminate")
    assert client.command(shell, "echo x").code == 2150859174
    client.delete(shell)
    assert client.command(client.shell(), "echo x").status == 200


@pytest.mark.parametrize(("position", "code"), [("refuse", 170), ("run", 0)])
def test_second_command(plain: Any, position: str, code: int) -> None:
    _unused, client = plain(switches={"second_command": position})
    shell, command = client.start("cat")
    assert client.command(shell, "echo x").code == code
    client.signal(shell, command, "terminate")
    assert client.command(shell, "echo x").code == 0


def test_a_crash_of_the_simulator_is_an_exit_code_and_a_line_in_the_log(plain: Any) -> None:
    rig, client = plain()
    assert "<rsp:ExitCode>3221225477</rsp:ExitCode>" in client.receive(*client.start("crash")).text
    assert "a bug of the simulator" in rig.machine.log_lines[-1]


# --- Receive -------------------------------------------------------------------------------------------------------------------


def test_receive_times_out_and_may_be_repeated(plain: Any) -> None:
    _unused, client = plain()
    shell, command = client.start("sleep 0.6")
    started = time.monotonic()
    answer = client.receive(shell, command, timeout="PT0.3S")
    assert (answer.status, answer.code) == (500, 2150858793)
    assert 0.25 < time.monotonic() - started < 0.6
    assert client.receive(shell, command).state == "Done"


def test_the_operation_timeout_is_capped(plain: Any) -> None:
    _unused, client = plain(limits={"max_timeout_ms": 200})
    shell, command = client.start("sleep 30")
    started = time.monotonic()
    assert client.receive(shell, command, timeout="PT20S").code == 2150858793
    assert time.monotonic() - started < 2


def test_the_first_bytes_come_at_once(plain: Any) -> None:
    _unused, client = plain()
    shell, command = client.start("cat")
    client.feed(shell, command, b"early")
    answer = client.receive(shell, command)
    assert (answer.state, answer.streams("stdout")) == ("Running", [b"early"])


@pytest.mark.parametrize(("size", "largest"), [("153600", 76800), ("512000", 256000)])
def test_answers_keep_to_half_of_the_envelope_size(plain: Any, size: str, largest: int) -> None:
    _unused, client = plain()
    shell, command = client.start("big 16")
    time.sleep(0.3)
    sizes, data = [], b""
    while True:
        answer = client.receive(shell, command, size=size)
        sizes.append(len(answer.text))
        data += b"".join(answer.streams("stdout"))
        if answer.state == "Done":
            break
    assert data == bytes(range(256)) * 256 * 16
    assert largest * 0.6 < max(sizes) <= largest


def test_output_can_be_cut_anywhere(plain: Any) -> None:
    _unused, client = plain(switches={"receive_bytes": 3, "stream_bytes": 2, "empty_running": True})
    assert client.output(*client.start("echo grüße")) == "grüße\r\n".encode()


def test_an_unread_process_waits(plain: Any) -> None:
    _unused, client = plain()
    shell, command = client.start("big 20")
    time.sleep(0.3)
    assert client.signal(shell, command, "ctrl_c").status == 200
    data, code = b"", ""
    while not code:
        answer = client.receive(shell, command)
        data += b"".join(answer.streams("stdout"))
        code = answer.root.findtext(f".//{{{names.SHELL}}}ExitCode") or ""
    assert code == str(0xC000013A)
    assert len(data) < 20 * 65536


@pytest.mark.parametrize(("switches", "markers", "codes"), [({}, 2, 1), ({"end_markers": False}, 0, 1), ({"exit_code": False}, 2, 0)])
def test_the_end_has_switches(plain: Any, switches: dict[str, bool], markers: int, codes: int) -> None:
    _unused, client = plain(switches=switches)
    answer = client.receive(*client.start("sleep 0.01"))
    assert (answer.state, answer.text.count('End="true"'), answer.text.count("<rsp:ExitCode>")) == ("Done", markers, codes)


def test_after_done_the_command_is_unknown_to_receive_but_not_to_signal(plain: Any) -> None:
    _unused, client = plain()
    shell, command = client.start("echo x")
    client.output(shell, command)
    assert client.receive(shell, command).code == 2150858843
    assert client.feed(shell, command, b"x").code == 109
    assert client.signal(shell, command, "terminate").status == 200


# --- Send, Signal, Delete ------------------------------------------------------------------------------------------------------


def test_one_send_may_carry_several_streams(plain: Any) -> None:
    _unused, client = plain()
    shell, command = client.start("cat")
    client.feed(shell, command, b"one ", b"two")
    client.feed(shell, command, b"", end="true")
    assert client.output(shell, command) == b"one two"


def test_a_send_nobody_reads_times_out_goes_on_and_refuses_others(plain: Any) -> None:
    _unused, client = plain()
    shell, command = client.start("sleep 30")
    assert client.feed(shell, command, b"x" * 200_000, timeout="PT0.2S").code == 2150858793
    assert client.feed(shell, command, b"y").code == 170
    client.signal(shell, command, "terminate")
    until(lambda: client.feed(shell, command, b"z").code == 109)


def test_console_mode_converts_and_hides_the_end(plain: Any) -> None:
    _unused, client = plain(switches={"console_mode_stdin": "converts"})
    shell = client.shell(header=options(WINRS_CODEPAGE="437"))
    command = client.command(shell, "cat", options(WINRS_CONSOLEMODE_STDIN="TRUE")).identifier("CommandId")
    client.feed(shell, command, b"\x81", end="true")
    assert client.receive(shell, command).streams("stdout") == [b"\xfc"]
    assert client.receive(shell, command, timeout="PT0.2S").code == 2150858793


@pytest.mark.parametrize(("how", "code"), [("signal", 0), ("delete", 995)])
def test_a_waiting_receive_ends_with_its_command(plain: Any, how: str, code: int) -> None:
    rig, client = plain()
    shell, command = client.start("sleep 30")
    found: list[Answer] = []
    waiting = threading.Thread(target=lambda: found.append(Client(rig).receive(shell, command)))
    waiting.start()
    until(rig.receives)
    client.signal(shell, command, "terminate") if how == "signal" else client.delete(shell)
    waiting.join(5)
    assert found[0].code == code


def test_an_operation_without_a_command_is_refused(plain: Any) -> None:
    _rig, client = plain()
    shell, _command = client.start("sleep 5")
    assert client.receive(shell, "").code == 87
    assert client.receive(shell, "11111111-1111-1111-1111-111111111111").code == 2150858843


def test_an_unknown_signal_is_refused(plain: Any) -> None:
    _unused, client = plain()
    assert client.signal(*client.start("cat"), "hangup").code == 87


# --- enumeration, Get, Invoke --------------------------------------------------------------------------------------------------


def query(wql: str, most: int = 32000, optimize: bool = True, dialect: str = names.WQL) -> str:
    hint = "<w:OptimizeEnumeration/>" if optimize else ""
    return f'<n:Enumerate>{hint}<w:MaxElements>{most}</w:MaxElements><w:Filter Dialect="{dialect}">{wql}</w:Filter></n:Enumerate>'


def pull(client: Client, context: str | None, most: int = 32000, verb: str = "Pull") -> Answer:
    body = f"<n:{verb}><n:EnumerationContext>{context}</n:EnumerationContext><n:MaxElements>{most}</n:MaxElements></n:{verb}>"
    return client.send(f"n/{verb}", f"{WIN32}*", body)


@pytest.mark.parametrize(("first_items", "shown"), [(1, 1), (0, 0), (-1, 200)])
def test_the_first_answer_has_a_switch(plain: Any, first_items: int, shown: int) -> None:
    _unused, client = plain(switches={"first_items": first_items})
    answer = client.send("n/Enumerate", f"{WIN32}*", query("select Name from Win32_Service"))
    assert answer.text.count("<w:XmlFragment") == shown
    assert ("<w:EndOfSequence/>" in answer.text) == (shown == 200)


def test_pulls_bring_the_rest_whatever_the_split(plain: Any) -> None:
    _unused, client = plain()
    answer = client.send("n/Enumerate", f"{WIN32}*", query("select * from Win32_Service", optimize=False))
    assert "Items" not in answer.text
    found, contexts = 0, []
    while answer.context:
        contexts.append(answer.context)
        answer = pull(client, answer.context, most=70)
        found += answer.text.count("<p:Win32_Service ")
    assert (found, len(set(contexts)), "<n:EndOfSequence/>" in answer.text) == (200, 3, True)
    assert pull(client, contexts[-1]).code == 2150858779


def test_a_pull_keeps_to_the_envelope_size(plain: Any) -> None:
    _unused, client = plain()
    first = client.send("n/Enumerate", f"{WIN32}*", query("select * from Win32_Service"))
    assert len(pull(client, first.context).text) <= 76800


def test_an_enumeration_can_be_released_and_expires(plain: Any) -> None:
    _unused, client = plain(limits={"enumeration_timeout_ms": 200, "max_operations_per_user": 1})
    first = client.send("n/Enumerate", f"{WIN32}*", query("select Name from Win32_Service"))
    assert client.send("n/Enumerate", f"{WIN32}*", query("select Name from Win32_Service")).code == 2150859174
    assert pull(client, first.context, verb="Release").status == 200
    second = client.send("n/Enumerate", f"{WIN32}*", query("select Name from Win32_Service"))
    time.sleep(0.3)
    assert pull(client, second.context).code == 2150858779


def test_nothing_found_is_an_empty_end(plain: Any) -> None:
    rig, client = plain()
    rig.machine.cim.instances["win32_service"][1].clear()
    answer = client.send("n/Enumerate", f"{WIN32}*", query("select Name from Win32_Service"))
    assert "<w:Items></w:Items><w:EndOfSequence/>" in answer.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (query("select * from Win32_Nothing"), 2150858778),
        (query("choose * from Win32_Service"), 2150858778),
        (query("select * from Win32_Service", dialect="http://example.com/xpath"), 2150858777),
    ],
)
def test_wrong_queries(plain: Any, body: str, code: int) -> None:
    assert plain()[1].send("n/Enumerate", f"{WIN32}*", body).code == code


def test_a_class_without_a_filter_is_listed(plain: Any) -> None:
    body = "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>5</w:MaxElements></n:Enumerate>"
    answer = plain()[1].send("n/Enumerate", f"{WIN32}Win32_OperatingSystem", body)
    values = {element.tag.rpartition("}")[2]: element for element in next(answer.root.iter(f"{{{names.WSMAN}}}Items"))[0]}
    assert values["Caption"].text == "Windows & <more>"
    assert values["CSDVersion"].get(f"{{{names.XSI}}}nil") == "true"
    assert values["LastBootUpTime"].findtext(f"{{{names.CIM}}}Datetime") == "2026-11-01T06:30:05.488171Z"
    assert values["Uptime"].findtext(f"{{{names.CIM}}}Interval") == "P2DT3H0M0S"
    assert (values["Debug"].text, values["FreePhysicalMemory"].text) == ("false", "1099511627776")


@pytest.mark.parametrize("suffix", ["", "=@"])
def test_a_singleton_needs_no_selector(plain: Any, suffix: str) -> None:
    assert "<p:BuildNumber>20348<" in plain()[1].send("t/Get", f"{WIN32}Win32_OperatingSystem{suffix}").text


def test_a_method_takes_lists_nulls_and_embedded_objects(plain: Any) -> None:
    rig, client = plain()
    uri = f"{WIN32}Win32_Service"
    body = (
        f'<p:Change_INPUT xmlns:p="{uri}" xmlns:xsi="{names.XSI}"><p:Text xsi:nil="true"/><p:List>1</p:List><p:List>2</p:List>'
        '<p:Startup xmlns:q="urn:q"><q:ShowWindow>0</q:ShowWindow></p:Startup></p:Change_INPUT>'
    )
    answer = client.send(f"{uri}/Change", uri, body)
    assert answer.text.index("<p:Flags>1</p:Flags><p:Flags>2</p:Flags>") < answer.text.index(
        "<p:ReturnValue>21</p:ReturnValue></p:Change_OUTPUT>"
    )
    assert rig.machine.cim.invoked[0][2] == {"Text": None, "List": ["1", "2"], "Startup": {"ShowWindow": "0"}}


# --- trouble on purpose, reboot ------------------------------------------------------------------------------------------------


def test_a_connection_is_cut_after_the_second_receive(plain: Any) -> None:
    rig, client = plain()
    rig.faults.add("cut", kind="Command", when="after", nth=2)
    shell = client.shell()
    client.output(shell, client.command(shell, "echo x").identifier("CommandId"))
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.command(shell, "echo lost")
    assert [started[0] for started in rig.machine.started] == ["echo x", "echo lost"]


def test_a_connection_is_cut_before_a_command_runs(plain: Any) -> None:
    rig, client = plain()
    shell = client.shell()
    rig.faults.add("cut", kind="Command")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.command(shell, "echo lost")
    assert rig.machine.started == []


def test_statuses_and_delays(plain: Any) -> None:
    rig, client = plain()
    rig.faults.add("status", status=503, times=2)
    rig.faults.add("delay", kind="Get", seconds=0.3, times=0)
    assert [client.http(envelope("t/Get", names.CONFIG))[0] for _unused in range(2)] == [503, 503]
    started = time.monotonic()
    assert client.send("t/Get", names.CONFIG).status == 200
    assert time.monotonic() - started >= 0.3
    rig.faults.clear()


def test_idle_connections_can_be_dropped_at_will(plain: Any) -> None:
    rig, client = plain()
    client.send("t/Get", names.CONFIG)
    assert rig.call(rig.server.disconnect_idle) == 1
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.send("t/Get", names.CONFIG)


def test_an_unknown_setting_is_refused(winrm: Any) -> None:
    with pytest.raises(ValueError, match="unknown setting of the WinRM service: colour"):
        winrm(switches={"colour": "red"})


def test_reboot(plain: Any) -> None:
    rig, client = plain(after_boot=["reset", 401])
    shell, command = client.start("sleep 30")
    lost = (ConnectionError, http.client.HTTPException)
    waiting = threading.Thread(target=lambda: pytest.raises(lost, Client(rig).receive, shell, command))
    waiting.start()
    until(rig.receives)
    rig.call(lambda: rig.machine.power("going down"))
    waiting.join(5)
    assert not waiting.is_alive()
    with pytest.raises(ConnectionRefusedError):
        Client(rig).send("t/Get", names.CONFIG)
    rig.call(lambda: rig.machine.power("up"))
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        Client(rig).send("t/Get", names.CONFIG)
    assert Client(rig).http(envelope("t/Get", names.CONFIG))[0] == 401
    assert Client(rig).receive(shell, command).code == 2150858843


def test_going_down_may_end_with_a_fault_and_a_silent_port(plain: Any) -> None:
    rig, client = plain(going_down="fault", while_down="silent")
    shell, command = client.start("sleep 30")
    found: list[Answer] = []
    waiting = threading.Thread(target=lambda: found.append(Client(rig).receive(shell, command)))
    waiting.start()
    until(rig.receives)
    rig.call(lambda: rig.machine.power("going down"))
    waiting.join(5)
    assert found[0].code == 995
    with socket.create_connection((client.address, 5985), timeout=0.3) as connection, pytest.raises(TimeoutError):
        connection.recv(1)
    rig.call(lambda: rig.machine.power("up"))
    assert Client(rig).send("t/Get", names.CONFIG).status == 200
