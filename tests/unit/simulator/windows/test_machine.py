# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine is: releases, editions, languages, its clock, and that CIM says the same as the programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from simulator.console import play, run, run_lines
from simulator.windows.cim import CimError
from simulator.windows.machine import Machine
from simulator.windows.profiles import profile, read_data

CIMV2, REGISTRY = "root/cimv2", "root/default"
VERSION_KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
HKLM = 2147483650


def system(machine: Machine) -> dict[str, Any]:
    return machine.cim.get(CIMV2, "Win32_OperatingSystem", {})[1]


def invoke(machine: Machine, namespace: str, name: str, method: str, selectors: dict[str, str] | None = None, **parameters: Any) -> Any:
    async def scene() -> Any:
        return (await machine.cim.invoke(namespace, name, method, selectors or {}, parameters))[1]

    return play(scene)


@pytest.mark.parametrize("name", list(read_data("profiles.yml")))
def test_every_profile_is_a_machine_that_agrees_with_itself(name: str) -> None:
    machine = Machine("host", name)
    instance = system(machine)
    one = machine.profile
    assert instance["Caption"] == one.caption
    assert instance["BuildNumber"] == machine.registry.data(VERSION_KEY, "CurrentBuild") == str(one.build)
    assert instance["ProductType"] == (1 if name.startswith("windows") else 3)
    assert machine.registry.data(VERSION_KEY, "UBR") == one.revision
    assert ("Server Core" in str(machine.registry.data(VERSION_KEY, "InstallationType"))) == (
        name.endswith("-core") or name == "server-23h2"
    )
    assert f"[Version 10.0.{one.build}.{one.revision}]" in run_lines(machine, "ver")[0].text
    for cim_class in machine.cim.classes():
        for row in cim_class.instances(machine):
            assert list(row) == list(cim_class.properties), cim_class.name
            assert list(row) == sorted(row, key=str.lower), cim_class.name


@pytest.mark.parametrize(
    ("name", "edition", "sku", "caption"),
    [
        ("server-2019", "datacenter", 8, "Microsoft Windows Server 2019 Datacenter"),
        ("server-2022", "datacenter", 8, "Microsoft Windows Server 2022 Datacenter"),
        ("server-2022-core", "datacenter-azure", 407, "Microsoft Windows Server 2022 Datacenter: Azure Edition"),
        ("server-2019", "standard-evaluation", 79, "Microsoft Windows Server 2019 Standard Evaluation"),
        ("windows-11-24h2", "home", 101, "Microsoft Windows 11 Home"),
        ("windows-10-22h2", "enterprise", 4, "Microsoft Windows 10 Enterprise"),
    ],
)
def test_editions(name: str, edition: str, sku: int, caption: str) -> None:
    instance = system(Machine("host", name, edition=edition))
    assert (instance["OperatingSystemSKU"], instance["Caption"]) == (sku, caption)


def test_an_edition_that_release_never_had() -> None:
    with pytest.raises(KeyError, match="no edition 'datacenter-azure' of server-2019; there are standard, datacenter"):
        profile("server-2019", "datacenter-azure")


def test_home_has_neither_containers_nor_hyperv() -> None:
    line = "dism /online /english /enable-feature /featurename:{} /all /norestart"
    machine = Machine("home", "windows-11-24h2", edition="home")
    assert [one.code for one in run_lines(machine, line.format("Containers"), line.format("Microsoft-Hyper-V-All"))] == [-2146498548] * 2


def test_essentials_enables_containers_and_gets_no_service() -> None:
    machine = Machine("essentials", "server-2019", edition="essentials", boot_seconds=0.01)

    async def scene() -> None:
        await run(machine, "dism /online /english /enable-feature /featurename:Containers /norestart")
        await machine.reboot()

    play(scene)
    assert machine.features.enabled("Containers")
    assert machine.services.get("hns") is None


# --- the clock --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("follows", [True, False])
def test_a_clock_that_is_set_moves_the_time_and_perhaps_the_boot_time(follows: bool) -> None:
    machine = Machine("host", "server-2022", boot_time_follows_clock=follows)
    before = system(machine)
    wanted = before["LocalDateTime"] + timedelta(hours=3)
    assert invoke(machine, CIMV2, "Win32_OperatingSystem", "SetDateTime", LocalDateTime=wanted)["ReturnValue"] == 0
    after = system(machine)
    assert abs(after["LocalDateTime"] - wanted) < timedelta(seconds=5)
    moved = after["LastBootUpTime"] - before["LastBootUpTime"]
    assert abs(moved - timedelta(hours=3 if follows else 0)) < timedelta(seconds=5)


def test_files_and_processes_go_by_the_machines_clock() -> None:
    machine = Machine("host", "server-2022", clock_shift=-86400 * 365)
    machine.files.write("C:\\x", b"")
    node = machine.files.find("C:\\x")
    assert node is not None and abs(node.modified - machine.now()) < timedelta(seconds=10)
    assert all(abs(row.created - machine.now()) < timedelta(seconds=10) for row in machine.processes.all() if row.pid > 4)


def test_a_clock_that_goes_back_while_the_machine_is_down() -> None:
    machine = Machine("host", "server-2022", boot_seconds=0.01, clock_jump_at_boot=-7200.0)
    before: datetime = system(machine)["LocalDateTime"]
    play(machine.reboot)
    after = system(machine)
    assert after["LastBootUpTime"] < before
    assert abs(after["LocalDateTime"] - after["LastBootUpTime"]) < timedelta(seconds=10)


# --- power ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "parameters", "settings", "result"),
    [
        ("Reboot", {}, {}, 0),
        ("Reboot", {}, {"remote_shutdown": False}, 1314),
        ("Win32Shutdown", {"Flags": "6"}, {}, 0),
        ("Win32Shutdown", {"Flags": "0"}, {}, 0),
        ("Win32Shutdown", {"Flags": "64"}, {}, 87),
        ("Win32ShutdownTracker", {"Timeout": "900", "Comment": "c", "ReasonCode": "2147614724", "Flags": "6"}, {}, 0),
    ],
)
def test_windows_is_told_to_end(method: str, parameters: dict[str, str], settings: dict[str, Any], result: int) -> None:
    machine = Machine("host", "server-2022", **settings)
    assert invoke(machine, CIMV2, "Win32_OperatingSystem", method, **parameters)["ReturnValue"] == result


def test_a_second_order_is_refused_with_its_code() -> None:
    machine = Machine("host", "server-2022")

    async def scene() -> list[int]:
        results = []
        for _unused in range(2):
            out = (await machine.cim.invoke(CIMV2, "Win32_OperatingSystem", "Win32ShutdownTracker", {}, {"Timeout": "900", "Flags": "2"}))[
                1
            ]
            results.append(out["ReturnValue"])
        return [*results, (await run(machine, "shutdown /a")).code]

    assert play(scene) == [0, 1190, 0]


# --- CIM and the programs ---------------------------------------------------------------------------------------------------


def test_what_servers_have_and_clients_have_not() -> None:
    namespace = "root/Microsoft/Windows/ServerManager"
    server = Machine("server", "server-2022", features={"Containers": "enabled"})
    rows = server.cim.query(namespace, "SELECT * FROM MSFT_ServerManagerServerComponent WHERE UniqueName='Containers'").instances
    assert rows[0]["Installed"] == 1
    client = Machine("client", "windows-11-24h2")
    with pytest.raises(CimError) as namespace_error:
        client.cim.query(namespace, "SELECT * FROM MSFT_ServerManagerServerComponent")
    with pytest.raises(CimError) as class_error:
        client.cim.query(CIMV2, "SELECT * FROM Win32_ServerFeature")
    assert (namespace_error.value.code, class_error.value.code) == (0x8004100E, 0x80041010)


def test_hyperv_shows_as_a_server_feature_only_when_it_is_there() -> None:
    query = "SELECT * FROM Win32_ServerFeature WHERE ID=20"
    assert Machine("a", "server-2022").cim.query(CIMV2, query).instances == ()
    machine = Machine("b", "server-2022", features={"Microsoft-Hyper-V": "enabled"})
    assert machine.cim.query(CIMV2, query).instances[0]["Name"] == "Hyper-V"


@pytest.mark.parametrize(
    ("kind", "parameter", "value"),
    [
        ("String", "sValue", "x"),
        ("ExpandedString", "sValue", "x"),
        ("MultiString", "sValue", ["a", "b"]),
        ("DWORD", "uValue", "7"),
        ("QWORD", "uValue", "70000000000"),
        ("Binary", "uValue", ["1", "255"]),
    ],
)
def test_the_registry_of_cim_is_the_registry_of_reg(kind: str, parameter: str, value: Any) -> None:
    machine = Machine("host", "server-2022")
    place = {"hDefKey": str(HKLM), "sSubKeyName": "SOFTWARE\\Probe"}
    assert invoke(machine, REGISTRY, "StdRegProv", "CreateKey", **place)["ReturnValue"] == 0
    assert invoke(machine, REGISTRY, "StdRegProv", f"Set{kind}Value", **place, sValueName="v", **{parameter: value})["ReturnValue"] == 0
    read = invoke(machine, REGISTRY, "StdRegProv", f"Get{kind}Value", **place, sValueName="V")
    assert [str(one) for one in (read[parameter] if isinstance(read[parameter], list) else [read[parameter]])] == (
        value if isinstance(value, list) else [value]
    )
    assert "    v    REG_" in run_lines(machine, "reg query HKLM\\SOFTWARE\\Probe /v v")[0].text
    assert invoke(machine, REGISTRY, "StdRegProv", "DeleteValue", **place, sValueName="v")["ReturnValue"] == 0
    assert run_lines(machine, "reg query HKLM\\SOFTWARE\\Probe /v v")[0].code == 1
    assert invoke(machine, REGISTRY, "StdRegProv", "DeleteKey", **place)["ReturnValue"] == 0


def test_access_can_be_asked_for_and_security_read() -> None:
    machine = Machine("host", "server-2022")
    place = {"hDefKey": str(HKLM), "sSubKeyName": VERSION_KEY}
    assert invoke(machine, REGISTRY, "StdRegProv", "CheckAccess", **place, uRequired="1")["bGranted"] is True
    machine.registry.denied.add(VERSION_KEY.lower())
    assert invoke(machine, REGISTRY, "StdRegProv", "CheckAccess", **place, uRequired="2") == {"bGranted": False, "ReturnValue": 5}
    assert invoke(machine, REGISTRY, "StdRegProv", "CheckAccess", **place, uRequired="1") == {"bGranted": True, "ReturnValue": 0}


def test_processes_have_an_owner_and_an_end() -> None:
    machine = Machine("host", "server-2022")

    async def scene() -> list[Any]:
        out = (await machine.cim.invoke(CIMV2, "Win32_Process", "Create", {}, {"CommandLine": "ping -t localhost"}))[1]
        key = {"Handle": str(out["ProcessId"])}
        owner = (await machine.cim.invoke(CIMV2, "Win32_Process", "GetOwner", key, {}))[1]
        sid = (await machine.cim.invoke(CIMV2, "Win32_Process", "GetOwnerSid", key, {}))[1]
        ended = (await machine.cim.invoke(CIMV2, "Win32_Process", "Terminate", key, {"Reason": "1"}))[1]
        kernel = (await machine.cim.invoke(CIMV2, "Win32_Process", "Terminate", {"Handle": "4"}, {}))[1]
        return [out["ReturnValue"], owner, sid["ReturnValue"], ended, kernel]

    created, owner, sid, ended, kernel = play(scene)
    assert (created, sid, ended, kernel) == (0, 0, {"ReturnValue": 0}, {"ReturnValue": 2})
    assert owner == {"Domain": "NT AUTHORITY", "User": "SYSTEM", "ReturnValue": 0}


# --- language ---------------------------------------------------------------------------------------------------------------


def test_a_german_windows_talks_german_and_keeps_its_codes() -> None:
    german, english = Machine("de", "server-2022", language="de-DE"), Machine("en", "server-2022")
    lines = [
        "sc query nosuch",
        "net start nosuch",
        "reg query HKLM\\nosuch",
        "certutil -hashfile C:\\Windows\\System32\\cmd.exe SHA256",
        "systeminfo",
        "netsh advfirewall firewall show rule name=nosuch",
        "icacls C:\\Windows",
        "nosuch",
        "type C:\\nosuch",
        "dism /online /get-featureinfo /featurename:nosuch",
        "schtasks /run /tn nosuch",
    ]
    for line, ours, theirs in zip(lines, run_lines(english, *lines), run_lines(german, *lines), strict=True):
        assert ours.code == theirs.code, line
        assert (ours.out, ours.error) != (theirs.out, theirs.error), line
    assert system(german)["OSLanguage"] == 1031
    assert system(german)["MUILanguages"] == ["de-DE"]


def test_dism_speaks_english_when_told_to() -> None:
    machine = Machine("de", "server-2022", language="de-DE")
    line = "dism /online {} /get-featureinfo /featurename:TelnetClient"
    english, german = run_lines(machine, line.format("/english"), line.format(""))
    assert "State : Disabled\n" in english.text
    assert "Status : Deaktiviert\n" in german.text
