# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole fleet, as a file or in a test: what it refuses, what it prints, and independent clients against real machines of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml
from pypsrp.shell import Process, WinRS
from pypsrp.wsman import SelectorSet, WSMan
from winrm.protocol import Protocol

from simulator.addresses import Addresses
from simulator.fleet_file import FleetError

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root"
WS2022 = {"name": "ws2022", "profile": "server-2022", "boot_seconds": 0.2}


def pypsrp(variables: dict[str, Any]) -> WSMan:
    return WSMan(
        variables["ansible_host"],
        port=5985,
        ssl=False,
        auth="negotiate",
        username=variables["ansible_user"],
        password=variables["ansible_password"],
    )


def variables(fleet: Any, name: str = "ws2022") -> dict[str, Any]:
    found: dict[str, Any] = fleet.inventory()["all"]["children"]["windows"]["hosts"][name]
    return found


# --- the fleet -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"hosts": [{"name": "x"}]}, "lacks profile"),
        ({"machines": []}, "unknown keys in the fleet: machines"),
        ({"hosts": [{**WS2022, "colour": "red"}]}, "colour"),
        ({"hosts": [{**WS2022, "winrm": {"colour": "red"}}]}, "colour"),
        ({"hosts": [{**WS2022, "faults": [{"do": "explode"}]}]}, "unknown fault"),
    ],
)
def test_what_a_fleet_does_not_know_it_refuses(fleet: Any, data: dict[str, Any], message: str) -> None:
    hosts = data.pop("hosts", [])
    with pytest.raises((ValueError, TypeError), match=message):
        fleet(*hosts, **data)


def test_defaults_lie_under_every_host(fleet: Any) -> None:
    running = fleet(
        WS2022, {"name": "other", "profile": "server-2019", "accounts": {"own": "x"}}, defaults={"accounts": {"admin": "s:cret"}}
    )
    assert (variables(running)["ansible_user"], variables(running)["ansible_password"]) == ("admin", "s:cret")
    assert variables(running, "other")["ansible_user"] == "own"


def test_two_fleets_never_share_an_address(fleet: Any) -> None:
    one, two = fleet(WS2022), fleet(WS2022)
    assert variables(one)["ansible_host"] != variables(two)["ansible_host"]
    with pytest.raises(FleetError, match="in use by another fleet"):
        fleet({**WS2022, "address": variables(one)["ansible_host"]})


def test_a_fleet_does_not_take_the_address_another_one_has_given_up() -> None:
    first, second = Addresses(), Addresses()
    given_up, _port = first.next(5985)
    first.release()
    assert second.next(5985)[0] != given_up
    second.release()


def test_python_m_simulator(tmp_path: Path) -> None:
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump({"hosts": [WS2022]}))
    root = Path(__file__).resolve().parents[3]
    ready, inventory = tmp_path / "ready", tmp_path / "inventory.yml"
    command = [sys.executable, "-m", "simulator", str(tmp_path / "fleet.yml"), "--inventory", str(inventory), "--ready-file", str(ready)]
    environment = {**os.environ, "PYTHONPATH": str(root / "tests")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as process:
        try:
            give_up = time.monotonic() + 20
            while not ready.exists() and time.monotonic() < give_up and process.poll() is None:
                time.sleep(0.05)
            found = yaml.safe_load(inventory.read_text())["all"]["children"]["windows"]
            run(found["hosts"]["ws2022"], "ver")
        finally:
            process.send_signal(signal.SIGTERM)
            output, _unused = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "ws2022 cmd: cmd.exe /C ver" in output
    assert found["vars"]["ansible_winrm_transport"] == "ntlm"
    assert found["vars"]["winfleet_mirror_url"].startswith("http://127.")


# --- machines behind it --------------------------------------------------------------------------------------------------------


def run(host: dict[str, Any], line: str) -> bytes:
    """Run a line through pywinrm; its stdout."""
    client = Protocol(
        f"http://{host['ansible_host']}:{host['ansible_port']}/wsman",
        transport="ntlm",
        username=host["ansible_user"],
        password=host["ansible_password"],
    )
    shell = client.open_shell(codepage=65001)
    try:
        command = client.run_command(shell, line, console_mode_stdin=False)
        stdout, _unused, code = client.get_command_output(shell, command)
        client.cleanup_command(shell, command)
    finally:
        client.close_shell(shell)
    assert code == 0
    return bytes(stdout)


def test_pywinrm_runs_programs(fleet: Any) -> None:
    running = fleet(WS2022)
    assert b"10.0.20348" in run(variables(running), "ver")
    assert run(variables(running), "echo %COMPUTERNAME%") == b"WS2022\r\n"


def test_pypsrp_gets_and_invokes(fleet: Any) -> None:
    client = pypsrp(variables(fleet(WS2022)))
    uri = f"{WMI}/cimv2/Win32_OperatingSystem"
    assert client.get(uri).findtext(f".//{{{uri}}}BuildNumber") == "20348"
    selectors = SelectorSet()
    selectors.add_option("DeviceID", "C:")
    disk = f"{WMI}/cimv2/Win32_LogicalDisk"
    assert int(client.get(disk, selector_set=selectors).findtext(f".//{{{disk}}}Size") or 0) > 0
    registry = f"{WMI}/default/StdRegProv"
    arguments = ET.fromstring(
        f'<p:GetStringValue_INPUT xmlns:p="{registry}"><p:hDefKey>2147483650</p:hDefKey>'
        "<p:sSubKeyName>SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion</p:sSubKeyName><p:sValueName>CurrentBuildNumber</p:sValueName>"
        "</p:GetStringValue_INPUT>"
    )
    answer = client.invoke(f"{registry}/GetStringValue", registry, arguments)
    assert (answer.findtext(f".//{{{registry}}}sValue"), answer.findtext(f".//{{{registry}}}ReturnValue")) == ("20348", "0")


def test_pypsrp_runs_a_process(fleet: Any) -> None:
    with pypsrp(variables(fleet(WS2022))) as client, WinRS(client, codepage=65001) as shell:
        process = Process(shell, "cmd.exe", ["/C", "echo", "out&echo", "err>&2&exit", "3"])
        process.invoke()
        assert (process.stdout, process.stderr, process.rc) == (b"out\r\n", b"err\r\n", 3)


def test_a_reboot_through_winrm_closes_the_port_and_comes_back(fleet: Any) -> None:
    running = fleet(WS2022)
    host, machine = variables(running), running.machines["ws2022"]
    before = machine.boot_time
    run(host, "C:\\Windows\\System32\\shutdown.exe /r /t 1")
    give_up = time.monotonic() + 15
    while machine.boot_time == before and time.monotonic() < give_up:
        time.sleep(0.05)
    while True:
        try:
            assert b"10.0.20348" in run(host, "ver")
            break
        except OSError:
            assert time.monotonic() < give_up
            time.sleep(0.05)
    assert machine.boot_time > before
    assert [line.text for line in machine.log_lines if line.kind == "reboot"][-1] == "up"


def test_powershell_is_refused(fleet: Any) -> None:
    running = fleet(WS2022)
    with pytest.raises(AssertionError):
        run(variables(running), "powershell.exe -NoProfile -Command 1")
    assert any(line.kind == "refused" and "powershell" in line.text for line in running.machines["ws2022"].log_lines)
