# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM: WQL, keys, methods, platforms and the registry's provider."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.console import play, run_lines
from simulator.windows.cim import CimError
from simulator.windows.machine import Machine

LOCAL_MACHINE = "2147483650"
CURRENT_VERSION = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine("ws2022", "server-2022")


def names(machine: Machine, where: str) -> list[str]:
    return [str(one["Name"]) for one in machine.cim.query("root/cimv2", f"select Name from Win32_Service where {where}").instances]


def registry(machine: Machine, method: str, key: str, **parameters: Any) -> dict[str, Any]:
    async def scene() -> Any:
        arguments = {"hDefKey": LOCAL_MACHINE, "sSubKeyName": key, **parameters}
        return (await machine.cim.invoke("root/default", "StdRegProv", method, {}, arguments))[1]

    found: dict[str, Any] = play(scene)
    return found


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'winrm'", ["WinRM"]),
        ('Name="WinRM" AND State = "Running"', ["WinRM"]),
        ("Name = 'WinRM' or Name = 'Spooler'", ["Spooler", "WinRM"]),
        ("not State = 'Running' and not StartMode = 'Manual'", ["RemoteRegistry"]),
        ("Name <> 'WinRM' and Name like 'win%'", ["Winmgmt"]),
        ("Name like '_pooler'", ["Spooler"]),
        ("Name like '[RS]p%'", ["RpcSs", "Spooler"]),
        ("PathName = 'C:\\\\Windows\\\\System32\\\\spoolsv.exe'", ["Spooler"]),
        ("(Started = true) and ProcessId > 0 and Name = 'WinRM'", ["WinRM"]),
        ("Started = false and StartMode = 'Disabled'", ["RemoteRegistry"]),
        ("Description is not null", []),
        ("InstallDate is null and Name = 'WinRM'", ["WinRM"]),
        ("DelayedAutoStart != false", []),
    ],
)
def test_where(machine: Machine, where: str, expected: list[str]) -> None:
    assert names(machine, where) == expected


@pytest.mark.parametrize(
    ("namespace", "wql", "code"),
    [
        ("root/cimv2", "select * from Win32_Nope", 0x80041010),
        ("root/nope", "select * from Win32_Service", 0x8004100E),
        ("root/virtualization/v2", "select * from Msvm_ComputerSystem", 0x8004100E),
        ("root/cimv2", "select Nope from Win32_Service", 0x80041017),
        ("root/cimv2", "select * from Win32_Service where Nope = 1", 0x80041017),
        ("root/cimv2", "select * from Win32_Service where Name", 0x80041017),
        ("root/cimv2", "select * from Win32_Service where Name = 'x", 0x80041017),
        ("root/cimv2", "delete from Win32_Service", 0x80041017),
    ],
)
def test_refusals(machine: Machine, namespace: str, wql: str, code: int) -> None:
    with pytest.raises(CimError) as caught:
        machine.cim.query(namespace, wql)
    assert caught.value.code == code
    assert machine.log_lines[-1].kind == "refused"


def test_hyper_v_brings_its_namespace() -> None:
    machine = Machine("host", "server-2022", features={"Microsoft-Hyper-V": "enabled"})
    with pytest.raises(CimError) as caught:
        machine.cim.query("root/virtualization/v2", "select * from Msvm_ComputerSystem")
    assert caught.value.code == 0x80041010


def test_columns_keep_the_spelling_of_the_class(machine: Machine) -> None:
    found = machine.cim.query("root\\CIMV2", "SELECT caption, BUILDNUMBER FROM win32_operatingsystem")
    assert found.columns == ("Caption", "BuildNumber")
    assert found.cim_class.name == "Win32_OperatingSystem"
    assert found.instances[0]["BuildNumber"] == "20348"


def test_get_wants_the_whole_key(machine: Machine) -> None:
    assert machine.cim.get("root/cimv2", "Win32_LogicalDisk", {"deviceid": "c:"})[1]["DriveType"] == 3
    assert machine.cim.get("root/cimv2", "Win32_OperatingSystem", {})[1]["ProductType"] == 3
    for selectors in ({"DeviceID": "X:"}, {}):
        with pytest.raises(CimError) as caught:
            machine.cim.get("root/cimv2", "Win32_LogicalDisk", selectors)
        assert caught.value.code == 0x80041002


@pytest.mark.parametrize(
    "profile", ["server-2016", "server-2019", "server-2019-core", "server-2022", "server-2022-core", "server-2025", "windows-11-24h2"]
)
def test_every_class_answers_with_its_own_types(profile: str) -> None:
    machine = Machine("host", profile)
    kinds = {"string": str, "boolean": bool, "datetime": object}
    for cim_class in machine.cim.classes():
        for instance in cim_class.instances(machine):
            assert list(instance) == list(cim_class.properties)
            assert all(instance[key] is not None for key in cim_class.keys)
            for name, value in instance.items():
                kind = kinds.get(cim_class.properties[name].removesuffix("[]"), int)
                values = value if cim_class.properties[name].endswith("[]") and value is not None else [value]
                assert all(item is None or isinstance(item, kind) for item in values), f"{cim_class.name}.{name}"


@pytest.mark.parametrize(
    ("platform", "manufacturer", "model", "present", "flags"),
    [
        ("metal", "Dell Inc.", "PowerEdge R650", False, True),
        ("hyperv-guest", "Microsoft Corporation", "Virtual Machine", True, False),
        ("azure", "Microsoft Corporation", "Virtual Machine", True, False),
        ("vmware", "VMware, Inc.", "VMware7,1", True, False),
        ("ec2", "Amazon EC2", "c5ad.xlarge", True, False),
        ("kvm", "QEMU", "KVM", True, False),
    ],
)
def test_platforms(platform: str, manufacturer: str, model: str, present: bool, flags: bool) -> None:
    machine = Machine("host", "server-2022", platform=platform)
    computer = machine.cim.get("root/cimv2", "Win32_ComputerSystem", {"Name": "host"})[1]
    processor = machine.cim.get("root/cimv2", "Win32_Processor", {"DeviceID": "CPU0"})[1]
    assert (computer["Manufacturer"], computer["Model"], computer["HypervisorPresent"]) == (manufacturer, model, present)
    names = ("VMMonitorModeExtensions", "SecondLevelAddressTranslationExtensions", "VirtualizationFirmwareEnabled")
    assert [processor[name] for name in names] == [flags] * 3


def test_azure_is_told_by_its_asset_tag() -> None:
    machine = Machine("host", "server-2022", platform="azure")
    (enclosure,) = machine.cim.query("root/cimv2", "select SMBIOSAssetTag from Win32_SystemEnclosure").instances
    assert enclosure["SMBIOSAssetTag"] == "7783-7084-3265-9085-8269-3286-77"


def test_the_registry_reads(machine: Machine) -> None:
    assert registry(machine, "GetDWORDValue", CURRENT_VERSION, sValueName="ubr") == {"uValue": 5499, "ReturnValue": 0}
    assert registry(machine, "GetStringValue", CURRENT_VERSION, sValueName="InstallationType") == {"sValue": "Server", "ReturnValue": 0}
    assert registry(machine, "GetStringValue", CURRENT_VERSION, sValueName="nope") == {"sValue": None, "ReturnValue": 2}
    assert registry(machine, "GetStringValue", "SOFTWARE\\Nope", sValueName="x") == {"sValue": None, "ReturnValue": 2}
    assert registry(machine, "EnumKey", "SOFTWARE\\Nope") == {"sNames": None, "ReturnValue": 2}
    assert "Microsoft" in registry(machine, "EnumKey", "SOFTWARE")["sNames"]
    values = registry(machine, "EnumValues", CURRENT_VERSION)
    assert dict(zip(values["sNames"], values["Types"], strict=True))["UBR"] == 4


def test_the_registry_writes() -> None:
    machine = Machine("ws2022", "server-2022")
    key = "SOFTWARE\\Mine"
    assert registry(machine, "SetStringValue", key, sValueName="a", sValue="x") == {"ReturnValue": 2}
    assert registry(machine, "CreateKey", key) == {"ReturnValue": 0}
    written: dict[str, dict[str, Any]] = {
        "String": {"sValue": "x"},
        "DWORD": {"uValue": "7"},
        "MultiString": {"sValue": ["a", "b"]},
        "Binary": {"uValue": ["1", "255"]},
    }
    for method, data in written.items():
        assert registry(machine, f"Set{method}Value", key, sValueName=method, **data) == {"ReturnValue": 0}
    assert registry(machine, "SetExpandedStringValue", key, sValueName="e", sValue="%SystemRoot%\\x") == {"ReturnValue": 0}
    assert registry(machine, "GetDWORDValue", key, sValueName="DWORD")["uValue"] == 7
    assert registry(machine, "GetMultiStringValue", key, sValueName="MultiString")["sValue"] == ["a", "b"]
    assert registry(machine, "GetBinaryValue", key, sValueName="Binary")["uValue"] == [1, 255]
    assert registry(machine, "GetExpandedStringValue", key, sValueName="e")["sValue"] == "C:\\Windows\\x", "the provider expands"
    assert machine.registry.data(key, "e") == "%SystemRoot%\\x"
    assert registry(machine, "DeleteValue", key, sValueName="e") == {"ReturnValue": 0}
    machine.registry.denied.add(key.lower())
    assert registry(machine, "SetDWORDValue", key, sValueName="DWORD", uValue="8") == {"ReturnValue": 5}


@pytest.mark.parametrize(
    ("method", "parameters", "code"),
    [("Nope", {}, 0x8004102E), ("EnumKey", {"nope": "1"}, 0x80041008), ("EnumKey", {"hDefKey": "x"}, 0x80041008)],
)
def test_methods_refuse(machine: Machine, method: str, parameters: dict[str, str], code: int) -> None:
    with pytest.raises(CimError) as caught:
        play(lambda: machine.cim.invoke("root/default", "StdRegProv", method, {}, parameters))
    assert caught.value.code == code


def test_processes_are_created_and_terminated() -> None:
    machine = Machine("ws2022", "server-2022")

    async def scene() -> list[Any]:
        created = (await machine.cim.invoke("root/cimv2", "Win32_Process", "Create", {}, {"CommandLine": "hostname.exe"}))[1]
        missing = (await machine.cim.invoke("root/cimv2", "Win32_Process", "Create", {}, {"CommandLine": "nope.exe"}))[1]
        return [created["ReturnValue"], created["ProcessId"] > 0, missing["ReturnValue"]]

    assert play(scene) == [0, True, 9]
    assert machine.started_programs == ["hostname.exe"]


def test_access_can_be_denied() -> None:
    machine = Machine("ws2022", "server-2022")
    machine.cim.denied.add("win32_service")
    with pytest.raises(CimError) as caught:
        machine.cim.query("root/cimv2", "select * from Win32_Service")
    assert caught.value.code == 0x80041003


@pytest.mark.parametrize(
    ("profile", "settings", "role", "name"),
    [
        ("windows-11-24h2", {}, 0, "WORKGROUP"),
        ("windows-11-24h2", {"domain": "corp.example.org"}, 1, "corp.example.org"),
        ("server-2022", {}, 2, "WORKGROUP"),
        ("server-2022", {"domain": "corp.example.org"}, 3, "corp.example.org"),
        ("server-2022", {"domain": "corp.example.org", "product_type": 2}, 5, "corp.example.org"),
    ],
)
def test_membership(profile: str, settings: dict[str, Any], role: int, name: str) -> None:
    found = Machine("host", profile, **settings).cim.query("root/cimv2", "select * from Win32_ComputerSystem").instances[0]
    assert (found["DomainRole"], found["Domain"], found["PartOfDomain"]) == (role, name, "domain" in settings)
    assert found["Workgroup"] == (None if "domain" in settings else "WORKGROUP")


def test_the_zone_moves_local_time_but_not_the_moment() -> None:
    east, here = Machine("east", "server-2022", utc_offset_minutes=330), Machine("here", "server-2022")
    times = [machine.cim.get("root/cimv2", "Win32_OperatingSystem", {})[1] for machine in (east, here)]
    assert [row["CurrentTimeZone"] for row in times] == [330, 0]
    assert times[0]["LocalDateTime"].hour != times[1]["LocalDateTime"].hour
    assert abs((times[0]["LocalDateTime"] - times[1]["LocalDateTime"]).total_seconds()) < 5


def test_a_server_has_no_security_centre_and_defender_only_as_a_feature(machine: Machine) -> None:
    defender = "root/Microsoft/Windows/Defender"
    with pytest.raises(CimError) as caught:
        machine.cim.query("root/SecurityCenter2", "select * from AntiVirusProduct")
    assert caught.value.code == 0x8004100E
    assert machine.cim.query(defender, "select AntivirusEnabled from MSFT_MpComputerStatus").instances[0]["AntivirusEnabled"] is True
    machine.features.set_state("Windows-Defender", "disabled")
    with pytest.raises(CimError) as caught:
        machine.cim.query(defender, "select AntivirusEnabled from MSFT_MpComputerStatus")
    assert caught.value.code == 0x8004100E


def test_runtimes_of_a_machine() -> None:
    machine = Machine("kube", "server-2022", runtimes={"containerd": {"version": "1.7.33"}})
    assert run_lines(machine, '"C:\\Program Files\\containerd\\containerd.exe" --version')[-1].text.split()[2] == "v1.7.33"
    assert machine.cim.get("root/cimv2", "Win32_Service", {"Name": "containerd"})[1]["State"] == "Running"
    with pytest.raises(ValueError, match="there is no runtime 'podman'; there are docker_desktop, containerd"):
        Machine("host", "server-2022", runtimes={"podman": {}})
