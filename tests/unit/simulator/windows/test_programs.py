# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that administrators know: what they print, what they return, and that what one changes another shows."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from simulator.console import Finished, play, run, run_lines
from simulator.windows.machine import Machine

PORTPROXY = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp"


@pytest.fixture
def machine() -> Machine:
    return Machine("ws2022", "server-2022", boot_seconds=0.01, time_scale=0.001)


def codes(machine: Machine, *lines: str) -> list[int]:
    return [one.code for one in run_lines(machine, *lines)]


# --- netsh ------------------------------------------------------------------------------------------------------------------


def test_forwardings_stand_in_the_registry(machine: Machine) -> None:
    add = "netsh interface portproxy add v4tov4 listenport=2222 listenaddress=192.168.226.64 connectport=22 connectaddress=10.4.226.215"
    empty, added, shown, query, gone, again = run_lines(
        machine,
        "netsh interface portproxy show all",
        add,
        "netsh int portproxy show v4tov4",
        f"reg query {PORTPROXY}",
        "netsh interface portproxy delete v4tov4 listenport=2222 listenaddress=192.168.226.64",
        "netsh interface portproxy delete v4tov4 listenport=2222 listenaddress=192.168.226.64",
    )
    assert (empty.text, added.code, gone.code, again.code) == ("", 0, 0, 1)
    assert "192.168.226.64  2222        10.4.226.215    22\n" in shown.text
    assert "    192.168.226.64/2222    REG_SZ    10.4.226.215/22\n" in query.text


def test_firewall_rules_are_changed_by_netsh_and_seen_by_cim(machine: Machine) -> None:
    name = 'name="Docker TLS"'
    firewall = "netsh advfirewall firewall"
    assert codes(
        machine,
        f"{firewall} add rule {name} dir=in action=allow protocol=TCP localport=2376 profile=domain,private",
        f"{firewall} set rule {name} new enable=no",
    ) == [0, 0]
    rule = machine.cim.query("root/StandardCimv2", "SELECT * FROM MSFT_NetFirewallRule WHERE ElementName='Docker TLS'").instances[0]
    assert [rule[key] for key in ("Enabled", "Direction", "Action", "Profiles")] == [2, 1, 2, 3]
    ports = machine.cim.get("root/StandardCimv2", "MSFT_NetProtocolPortFilter", {"InstanceID": rule["InstanceID"]})[1]
    assert (ports["Protocol"], ports["LocalPort"]) == ("TCP", ["2376"])

    async def enable() -> Any:
        return (await machine.cim.invoke("root/StandardCimv2", "MSFT_NetFirewallRule", "Enable", {"InstanceID": rule["InstanceID"]}, {}))[1]

    assert play(enable) == {"ReturnValue": 0}
    shown = run_lines(machine, f"{firewall} show rule {name} verbose")[0].text
    assert "Enabled:                              Yes\n" in shown
    assert "Rule source:                          Local Setting\n" in shown


@pytest.mark.parametrize("code", [0, 1])
def test_the_disputed_code_of_no_rule_is_a_switch(code: int) -> None:
    machine = Machine("host", "server-2022", netsh_no_match_code=code)
    assert codes(machine, "netsh advfirewall firewall show rule name=nope") == [code]


def test_icmp_rules_have_type_and_code(machine: Machine) -> None:
    shown = run_lines(machine, 'netsh advfirewall firewall show rule name="File and Printer Sharing (Echo Request - ICMPv4-In)"')[0].text
    assert f"Protocol:{'':29}ICMPv4\n{'':38}Type    Code\n{'':38}8       Any\n" in shown
    assert "LocalPort" not in shown


def test_changes_want_elevation() -> None:
    machine = Machine("host", "server-2022", elevated=False)
    lines = {
        "netsh advfirewall firewall add rule name=x dir=in action=allow": 1,
        "netsh interface portproxy reset": 1,
        "net stop spooler": 2,
        "dism /online /english /get-features": 740,
        "bcdedit": 1,
        "schtasks /create /tn x /tr cmd /sc once /st 00:00 /ru SYSTEM": 1,
        "icacls C:\\Windows /grant *S-1-1-0:F": 5,
    }
    assert codes(machine, *lines) == list(lines.values())


# --- tasks ------------------------------------------------------------------------------------------------------------------


def test_a_task_of_system_restarts_a_machine_whose_account_may_not() -> None:
    machine = Machine("host", "server-2022", remote_shutdown=False, boot_seconds=0.01, time_scale=0.001)
    create = 'schtasks /create /tn winfleet /tr "shutdown.exe /r /t 0 /f" /sc once /st 00:00 /ru SYSTEM /f'

    async def scene() -> list[Finished]:
        done = [
            await run(machine, line) for line in ("shutdown /r /t 0", create, "schtasks /query /tn winfleet", "schtasks /run /tn winfleet")
        ]
        while not machine.power.boots:
            await asyncio.sleep(0.01)
        while not machine.running:
            await asyncio.sleep(0.01)
        return [*done, await run(machine, "schtasks /delete /tn winfleet /f"), await run(machine, "schtasks /query /tn winfleet")]

    done = play(scene)
    assert [one.code for one in done] == [5, 0, 0, 0, 0, 1]
    assert done[1].text == 'SUCCESS: The scheduled task "winfleet" has successfully been created.\n'
    assert done[3].text == 'SUCCESS: Attempted to run the scheduled task "winfleet".\n'
    assert "Ready" in done[2].text
    assert "shutdown.exe /r /t 0 /f" in machine.started_programs


def test_what_no_task_can_be(machine: Machine) -> None:
    lines = {
        "schtasks /create /tn x /tr cmd /sc once /ru SYSTEM": 1,
        "schtasks /create /tn x /tr cmd /sc daily /st 10:00 /ru SYSTEM": 1,
        "schtasks /create /tn x /tr cmd /sc once /st 25:00 /ru SYSTEM": 1,
        "schtasks /run /tn nosuch": 1,
        "schtasks /frobnicate": 1,
    }
    assert codes(machine, *lines) == list(lines.values())
    assert machine.tasks.all() == []


# --- rights, processes, diagnosis -------------------------------------------------------------------------------------------


def test_icacls_takes_sids_and_lists(machine: Machine) -> None:
    machine.files.make_folder("C:\\data")
    done = run_lines(
        machine,
        "icacls C:\\data /inheritance:r /grant *S-1-5-32-544:(OI)(CI)F",
        "icacls C:\\data",
        "icacls C:\\nope",
        "icacls C:\\data /grant nobody:F",
        "icacls C:\\data /frobnicate",
    )
    assert [one.code for one in done] == [0, 0, 2, 1332, 87]
    assert done[0].text == "processed file: C:\\data\nSuccessfully processed 1 files; Failed processing 0 files\n"
    assert done[1].text == ("C:\\data BUILTIN\\Administrators:(OI)(CI)(F)\n\nSuccessfully processed 1 files; Failed processing 0 files\n")


def test_tasklist_filters_and_shapes(machine: Machine) -> None:
    pid = machine.processes.add("probe.exe", session=2)
    done = run_lines(
        machine,
        """tasklist /fi "imagename eq PROBE.exe" /fo csv /nh""",
        f"""tasklist /fi "pid eq {pid}" /nh""",
        '''tasklist /fi "imagename eq nosuch.exe"''',
        '''tasklist /fi "moon eq full"''',
        "tasklist /svc",
    )
    assert done[0].text == f'"probe.exe","{pid}","","2","8,192 K"\n'
    assert done[1].text.split()[:2] == ["probe.exe", str(pid)]
    assert done[2].text == "INFO: No tasks are running which match the specified criteria.\n"
    assert done[3].code == 1
    assert "WinRM" in done[4].text


def test_hnsdiag_without_an_engine_lists_nothing() -> None:
    machine = Machine("host", "server-2022", features={"Containers": "enabled"})
    done = run_lines(machine, "hnsdiag list all", "hnsdiag list moons")
    assert done[0].text.startswith("Networks:\nName             ID\n\nEndpoints:\n")
    assert [one.code for one in done] == [0, 1]
    assert codes(Machine("plain", "server-2022"), "hnsdiag list all") == [1]


# --- dism -------------------------------------------------------------------------------------------------------------------


def test_several_features_in_one_run(machine: Machine) -> None:
    line = "dism /online /english /enable-feature /featurename:containers /featurename:TelnetClient /norestart"
    assert codes(machine, line) == [3010]
    table = run_lines(machine, "dism /online /english /get-features /format:table")[0].text
    rows = dict(part.split(" | ") for part in (" ".join(row.split()) for row in table.splitlines()) if " | " in part)
    assert (rows["Containers"], rows["TelnetClient"]) == ("Enable Pending", "Enabled")


def test_the_payload_can_be_removed(machine: Machine) -> None:
    lines = [
        "/enable-feature /featurename:TelnetClient",
        "/disable-feature /featurename:TelnetClient /remove",
        "/get-featureinfo /featurename:telnetclient",
    ]
    done = run_lines(
        machine, *(f"dism /online /english {line}" for line in lines), "dism /online /english /enable-feature /featurename:TelnetClient"
    )
    assert "State : Disabled with Payload Removed\n" in done[2].text
    assert (done[3].code, "0x800f081f" in done[3].text) == (-2146498529, True)


@pytest.mark.parametrize(("code", "text"), [(0x800F0906, "0x800f0906"), (14098, "14098"), (0x80070490, "0x80070490")])
def test_servicing_can_fail_in_many_ways(code: int, text: str) -> None:
    machine = Machine("host", "server-2022", failing_features={"Containers": code})
    done = run_lines(machine, "dism /online /english /enable-feature /featurename:Containers /norestart")[0]
    assert done.code & 0xFFFFFFFF == code
    assert f"Error: {text}\n" in done.text
    assert not machine.features.reboot_pending


def test_a_roll_back_is_written_down() -> None:
    machine = Machine("host", "server-2022", rollback_features=["Containers"], boot_seconds=0.01)

    async def scene() -> None:
        await run(machine, "dism /online /english /quiet /norestart /enable-feature /featurename:Containers")
        await machine.reboot()

    play(scene)
    assert not machine.features.enabled("Containers")
    assert b"0x800f0922" in machine.files.read("C:\\Windows\\Logs\\CBS\\CBS.log")


# --- cmd --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("echo %OS:~0,3% %OS:~-2% %OS:~1,-2%", "Win NT indows_\n"),
        ("echo %OS:_=-% %OS:*s_=%", "Windows-NT NT\n"),
        ("echo %nosuch:~0,1% %OS:~x%", "%nosuch:~0,1% %OS:~x%\n"),
        ("if 2 lss 10 echo number", "number\n"),
        ("if b gtr a echo text", "text\n"),
        ("if not 1 equ 2 (echo no) else (echo yes)", "no\n"),
        ("call hostname", "WS2022\n"),
        ('start "" /b /wait hostname', "WS2022\n"),
        ("echo %CD%", "C:\\Windows\\System32\n"),
        ("cd C:\\Windows && cmd /c cd", "C:\\Windows\n"),
        ("(echo out & echo bad 1>&2) 2>nul", "out \n"),
        ("echo a 2>&1 | sort", "a  \n"),
    ],
)
def test_a_line_prints(machine: Machine, line: str, out: str) -> None:
    assert run_lines(machine, line)[0].text == out


def test_what_cmd_does_not_do_here_is_refused(machine: Machine) -> None:
    for line in ("for %i in (1 2) do echo %i", "call :label", "start /max notepad", "if moon==full echo x & goto end"):
        assert codes(machine, line) in ([0], [1])
    refused = [one.text for one in machine.log_lines if one.kind == "refused"]
    assert len(refused) == 4


# --- services ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "sc", "state"), [(1069, 1069, "Stopped"), (1053, 1053, "Stopped"), (1067, 0, "Stopped")])
def test_a_service_that_does_not_start(code: int, sc: int, state: str) -> None:
    machine = Machine("host", "server-2022", failing_services={"Spooler": code})

    async def scene() -> int:
        await run(machine, "net stop Spooler")
        done = await run(machine, "sc start Spooler")
        await asyncio.sleep(0.05)
        return done.code

    assert play(scene) == sc
    service = machine.services.get("spooler")
    assert service is not None and service.state == state


# --- what a program does not understand is said, never taken for something else ------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("ping -n", 1, "Value must be supplied for option -n."),
        ("ping -n x localhost", 1, "Bad value for option -n, valid range is from 1 to 4294967295."),
        ("ping -l 5 localhost", 1, "Usage: ping"),
        ("sc qc", 1639, "USAGE:"),
        ("sc start", 1639, "USAGE:"),
        ("sc query state= running", 1639, "USAGE:"),
        ("tasklist /fo foo", 1, "ERROR: Invalid value"),
        ("findstr /n text", 2, "FINDSTR: Bad command line"),
        ("sort /q", 1, "Invalid switch."),
        ("hostname -s", 1, "hostname -s is not supported."),
        (
            "netsh advfirewall firewall add rule name=x dir=in action=allow protocol=TCP localport=http",
            1,
            "A specified value is not valid.",
        ),
        ("netsh advfirewall firewall add rule name=x dir=up action=allow", 1, "A specified value is not valid."),
    ],
)
def test_what_a_program_does_not_understand(machine: Machine, line: str, code: int, words: str) -> None:
    done = run_lines(machine, line)[0]
    assert done.code == code
    assert words in done.text + done.error_text


def test_sc_query_lists_by_state(machine: Machine) -> None:
    running, stopped, both = run_lines(machine, "sc query", "sc query state= inactive", "sc queryex type= all state= all")
    assert "SERVICE_NAME: WinRM" in running.text and "STOPPED" not in running.text
    assert "SERVICE_NAME: wuauserv" in stopped.text and "RUNNING" not in stopped.text
    assert {"ConDrv", "WinRM", "wuauserv"} <= set(re.findall(r"SERVICE_NAME: (\S+)", both.text))


def test_findstr_inverts_and_takes_several_words(machine: Machine) -> None:
    several, inverted = run_lines(machine, 'echo Beta | findstr /i "alpha beta"', "echo Beta | findstr /v Beta")
    assert (several.code, several.text.strip(), inverted.code, inverted.text) == (0, "Beta", 1, "")
