# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated programs against outputs of real ones, line by line (../shared/facts/native).

Left out of every comparison: blanks at line ends, blank lines at both ends, and dism's progress bar (it is missing when its output is
captured, native-tools.md 1.1).
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.console import Finished, play, run, run_lines
from simulator.windows.features import State
from simulator.windows.machine import Machine
from simulator.windows.services import Service

#: Features of a Server that this simulation does without.
_LEFT_OUT = {"RightsManagementServicesManagementTools", "Security-SPP-Vmw", "Windows-Defender-Gui"}


@pytest.fixture(scope="module")
def native(facts: Path) -> Path:
    return facts / "native"


def lines(text: str) -> list[str]:
    kept = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n") if not line.startswith("[====")]
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def recorded(native: Path, name: str) -> list[str]:
    return lines((native / name).read_text(encoding="utf-8"))


def body(text: list[str]) -> list[str]:
    """What dism prints after its banner, whose versions differ on every patched host."""
    start = next(index for index, line in enumerate(text) if line.startswith("Image Version:"))
    return text[start + 2 :]


def one(machine: Machine, *commands: str) -> Finished:
    return run_lines(machine, *commands)[-1]


# --- dism -------------------------------------------------------------------------------------------------------------------


def test_an_unknown_feature(native: Path) -> None:
    machine = Machine("ws2016", "server-2016", revision=3241, dism_revision=3750)
    done = one(machine, "dism.exe /online /enable-feature /featurename:Microsoft-Windows-Subsystem-Linux /all /norestart")
    assert lines(done.text) == recorded(native, "dism-unknown-feature-server2016.txt")


def test_a_feature_that_is_enabled_already(native: Path) -> None:
    machine = Machine("w11", "windows-11-24h2")
    for name in ("Microsoft-Hyper-V-All", "Microsoft-Hyper-V"):
        machine.features.set_state(name, State.ENABLED)
    done = one(machine, "DISM /Online /Enable-Feature /All /NoRestart /FeatureName:Microsoft-Hyper-V")
    assert done.code == 0
    assert body(lines(done.text)) == body(recorded(native, "dism-enable-feature-ok-win10-20h2.txt"))


def test_error_50_while_servicing_waits(native: Path) -> None:
    machine = Machine("w11", "windows-11-24h2", servicing_pending=True)
    done = one(machine, "dism.exe /online /enable-feature /featurename:VirtualMachinePlatform /all /norestart")
    expected = body(recorded(native, "dism-enable-feature-error50-no-parent-list-win10-20h2.txt"))
    assert body(lines(done.text)) == expected


def test_a_missing_parent(native: Path) -> None:
    machine = Machine("ws2019", "server-2019")
    done = one(machine, "dism /online /enable-feature -featurename:IIS-ASPNET45")
    found = " ".join(body(lines(done.text)))
    wrapped = body(recorded(native, "dism-enable-feature-parent-missing-server2012r2.txt"))
    # the console broke the long line at 80 characters, in the middle of words
    unwrapped = re.sub(r"(.{80})\n", r"\1", "\n".join(line if len(line) < 80 else line[:80] for line in wrapped))
    parents = "IIS-WebServer IIS-WebServerRole"  # where the recorded host had these enabled already
    assert found.replace(f" {parents}", "") == " ".join(unwrapped.split("\n"))


def test_the_question_for_a_restart(native: Path) -> None:
    done = one(Machine("w11", "windows-11-24h2"), "dism /online /enable-feature /featurename:Microsoft-Windows-Subsystem-Linux /all")
    assert body(lines(done.text)) == body(recorded(native, "dism-enable-feature-restart-prompt-win10-1909.txt"))


def test_a_missing_source_on_windows_8_has_the_same_block(native: Path) -> None:
    done = one(Machine("ws2022", "server-2022"), "dism /online /enable-feature /featurename:NetFx3 /norestart")
    shape = [re.sub("downloaded|found|0x800f0906|0x800f081f", "*", line).lower() for line in body(lines(done.text))]
    old = body(recorded(native, "dism-enable-feature-source-not-downloaded-server2012r2.txt"))
    expected = [re.sub("downloaded|found|0x800f0906|0x800f081f", "*", line).lower().replace("http://", "https://") for line in old]
    assert shape == expected


def test_the_list_of_features(native: Path) -> None:
    machine = Machine("w11", "windows-11-24h2", dism_revision=5074)
    found = lines(one(machine, "dism /online /get-features").text)
    real = recorded(native, "dism-get-features-win11-24h2-head.txt")
    assert found[:7] == real[:7]
    states = dict(zip(real[7::3], real[8::3], strict=False))
    ours = dict(zip(found[7:-1:3], found[8:-1:3], strict=False))
    states["Feature Name : VirtualMachinePlatform"] = "State : Disabled"  # that host had enabled it
    assert states.items() <= ours.items()
    assert found[-1] == "The operation completed successfully."


def test_the_recorded_features_of_a_server_exist(native: Path) -> None:
    machine = Machine("ws2016", "server-2016")
    names = re.findall(
        "^Feature Name : (.*)$", (native / "dism-get-features-server2016-partial-hyperv.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    unknown = [name for name in names if machine.features.find(name.strip()) is None]
    assert set(unknown) == _LEFT_OUT


def test_the_table_of_features(native: Path) -> None:
    real = recorded(native, "dism-get-features-table-win10-iis.txt")
    found = [
        line for line in lines(one(Machine("w11", "windows-11-24h2"), "dism /online /get-features /format:table").text) if " | " in line
    ]
    for text in (real, found):
        assert re.fullmatch(r"-+ \| -+", text[0])
        assert re.fullmatch(r"Feature Name +\| State", text[1])
        assert len({line.index(" | ") for line in text}) == 1


def test_which_names_a_server_knows(native: Path) -> None:
    machine = Machine("ws2022", "server-2022")
    for line in recorded(native, "dism-feature-names-server-known-unknown.tsv")[1:]:
        name, known = line.split("\t")
        assert (machine.features.find(name) is not None) == (known == "known"), name


@pytest.mark.parametrize(
    ("profile", "name", "pattern"),
    [
        ("windows-11-24h2", "ps-optional-features-client-hyperv-containers.txt", r"^(\S+) +(?:Enabled|Disabled)$"),
        ("server-2019", "ps-optional-features-server2019-hyperv.txt", r"^FeatureName : (\S+)$"),
        ("server-2016", "ps-optional-feature-hyperv-server2016-partial.txt", r"^FeatureName +: (\S+)$"),
    ],
)
def test_recorded_feature_names_exist(native: Path, profile: str, name: str, pattern: str) -> None:
    machine = Machine("host", profile)
    names = re.findall(pattern, (native / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert names
    assert [one for one in names if machine.features.find(one) is None] == []


# --- services ---------------------------------------------------------------------------------------------------------------


def test_sc_qc(native: Path) -> None:
    real = recorded(native, "sc-qc-docker-server2019.txt")
    path = next(line.partition(": ")[2] for line in real if "BINARY_PATH_NAME" in line)
    machine = Machine("ws2019", "server-2019")
    machine.services.create("docker", path, display_name="Docker Engine", start_mode="Auto")
    assert lines(one(machine, "sc.exe qc docker").text) == real


def test_sc_query(native: Path) -> None:
    machine = Machine("ws2019", "server-2019")
    machine.services.create("clussvc", "C:\\Windows\\cluster\\clussvc.exe", start_mode="Auto")
    service = machine.services.get("clussvc")
    assert isinstance(service, Service)
    service.state, service.exit_code = "Running", 0
    found = [line.replace("ACCEPTS_SHUTDOWN", "ACCEPTS_PRESHUTDOWN") for line in lines(one(machine, "sc query clussvc").text)]
    assert found == recorded(native, "sc-query-clussvc-server2012r2.txt")


def test_sc_query_of_a_missing_service(native: Path) -> None:
    done = one(Machine("ws2019", "server-2019"), "sc query nosuch")
    assert done.code == 1060
    assert lines(done.text) == recorded(native, "sc-query-missing-service.txt")


def test_recovery_actions_as_stored(native: Path) -> None:
    machine = Machine("ws2019", "server-2019")
    one(machine, "sc create k binPath= C:\\k.exe", "sc failure k reset= 86400 actions= restart/60000")
    data = machine.registry.data("SYSTEM\\CurrentControlSet\\Services\\k", "FailureActions")
    line = next(text for text in recorded(native, "service-registry-failureactions-kubeproxy.txt") if text.startswith("FailureActions  "))
    first = [int(number) for number in re.findall(r"\d+", line)]
    assert isinstance(data, bytes)
    assert list(data[: len(first)]) == first


# --- others -----------------------------------------------------------------------------------------------------------------


def test_certutil(native: Path) -> None:
    real = recorded(native, "certutil-hashfile-sha256.txt")
    machine = Machine("ws2022", "server-2022")
    machine.files.write("C:\\Users\\Public\\Tuffix.2022.Edition.ova", b"x")

    async def scene() -> Finished:
        return await run(machine, "CertUtil -hashfile Tuffix.2022.Edition.ova SHA256", working_directory="C:\\Users\\Public")

    found = lines(play(scene).text)
    assert (found[0], found[2]) == (real[0], real[2])
    assert re.fullmatch("[0-9a-f]{64}", found[1])


def test_netsh(native: Path) -> None:
    machine = Machine("ws2022", "server-2022")
    name = "Open Port 61001 for admin router"
    add = f'netsh advfirewall firewall add rule name="{name}" dir=in action=allow protocol=TCP localport=61001'
    found = one(machine, add, f'netsh advfirewall firewall show rule name="{name}"')
    assert lines(found.text) == recorded(native, "netsh-show-rule-open-port.txt")
    missing = one(machine, "netsh advfirewall firewall show rule name=nope")
    assert lines(missing.text) == recorded(native, "netsh-show-rule-no-match.txt")


def test_netsh_shows_every_rule_of_a_name(native: Path) -> None:
    done = one(Machine("w11", "windows-11-24h2"), 'netsh advfirewall firewall show rule name="Windows Remote Management (HTTP-In)"')
    found = [
        line.replace("Enabled:                              Yes", "Enabled:                              No")
        for line in lines(done.text)
        if line
    ]
    assert found == [line for line in recorded(native, "netsh-show-rule-winrm-two-rules-one-name.txt") if line]


@pytest.mark.parametrize(
    ("settings", "name"),
    [({}, "shutdown-already-scheduled.txt"), ({"remote_shutdown": False}, "shutdown-no-remote-shutdown-privilege.txt")],
)
def test_shutdown(native: Path, settings: dict[str, Any], name: str) -> None:
    done = run_lines(Machine("ws2022", "server-2022", **settings), "shutdown /r /f /t 900", "shutdown /r /f /t 10")[-1]
    assert lines(done.error_text) == recorded(native, name)


def test_tar(native: Path) -> None:
    machine = Machine("w11", "windows-11-24h2", tar="3.5.2")
    assert lines(one(machine, "tar --version").text) == recorded(native, "tar-version-windows-client.txt")
    machine.files.write("C:\\packer.exe", b"x")
    done = one(machine, "tar -cf C:\\packer.tar -C C:\\ packer.exe", "tar -xvf C:\\packer.tar -C C:\\Users packer.exe")
    assert lines(done.error_text) == recorded(native, "tar-xvf-zip-one-member.txt")


def test_hcsdiag(native: Path) -> None:
    machine = Machine("ws2022", "server-2022", features={"Containers": "enabled"})
    machine.compute_systems["cowork-vm-1699151a"] = ("VM", "Running", "de1517ec-bf1d-5a0b-b459-77a48cb1ad97", "cowork-vm-1699151a")
    assert lines(one(machine, "hcsdiag list").text) == recorded(native, "hcsdiag-list-one-vm.txt")


def test_bcdedit(native: Path) -> None:
    machine = Machine("ws2022", "server-2022", features={"Microsoft-Hyper-V-Online": "enabled"})
    real = recorded(native, "bcdedit-enum-boot-loader-win8.txt")
    found = lines(one(machine, "bcdedit /enum").text)
    assert found[:2] == real[:2]
    assert found[-1] == real[-1]
    assert {line.split()[0] for line in found[2:]} <= {line.split()[0] for line in real[2:]}


def test_systeminfo(native: Path) -> None:
    machine = Machine("ws2016", "server-2016")
    found = lines(one(machine, "systeminfo").text)
    for line in recorded(native, "systeminfo-server2016-selected-lines.txt")[:-1]:
        assert line in found
    guest = lines(one(Machine("ws2019", "server-2019", platform="hyperv-guest"), "systeminfo").text)
    assert guest[-1:] == recorded(native, "systeminfo-hyperv-line-server2019.txt")


def test_the_properties_of_a_computer_system(native: Path) -> None:
    real = {line.partition(":")[0].strip() for line in recorded(native, "wmi-computersystem-msi-laptop.txt")}
    machine = Machine("ws2022", "server-2022")
    assert real <= set(machine.cim.find("root/cimv2", "Win32_ComputerSystem").properties)


def test_the_operating_system_of_a_core_server(native: Path) -> None:
    machine = Machine("core", "server-2022-core")
    instance = machine.cim.get("root/cimv2", "Win32_OperatingSystem", {})[1]
    for line in recorded(native, "wmi-operatingsystem-sku-server2022-core.txt"):
        name, _unused, value = line.partition(":")
        assert str(instance[name.strip()]) == value.strip()


def test_a_folder_as_dir_shows_it(facts: Path) -> None:
    text = (facts / "wsman" / "receive-directory-listing.response.xml").read_text(encoding="utf-8")
    streams = re.findall('<rsp:Stream Name="stdout"[^>]*>([^<]+)<', text)
    real = lines(b"".join(base64.b64decode(stream) for stream in streams).decode())
    machine = Machine("ws2016", "server-2016", accounts={"vagrant": "x"})
    home = "C:\\Users\\vagrant"
    for line in real:
        match = re.match(r"(\d\d/\d\d/\d{4}  \d\d:\d\d [AP]M) +(<DIR>|\d+) +(.+)", line)
        if match:
            path = home if match[3] in (".", "..") else f"{home}\\{match[3]}"
            machine.files.make_folder(path) if match[2] == "<DIR>" else machine.files.write(path, b"x" * int(match[2]))
            node = machine.files.find(path)
            assert node is not None
            node.modified = datetime.strptime(match[1], "%m/%d/%Y  %I:%M %p").replace(tzinfo=UTC)
    machine.files.free_bytes = int(re.sub(r"\D", "", real[-1].partition("Dir(s)")[2]))
    found = lines(one(machine, f"dir {home}").text)
    start = real.index(" Directory of C:\\Users\\vagrant")
    assert [line for line in found[3:] if line] == [line for line in real[start:] if line]


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("wmi-enumerate-operatingsystem-2012", "Win32_OperatingSystem"),
        ("wmi-enumerate-computersystem", "Win32_ComputerSystem"),
        ("wmi-enumerate-logicaldisk", "Win32_LogicalDisk"),
        ("wmi-enumerate-service", "Win32_Service"),
    ],
)
def test_every_recorded_property_exists(facts: Path, name: str, class_name: str) -> None:
    text = (facts / "wsman" / f"{name}.response.xml").read_text(encoding="utf-8")
    real = set(re.findall(r"<p:(\w+)", text)) - {class_name}
    assert real <= set(Machine("ws2022", "server-2022").cim.find("root/cimv2", class_name).properties)
