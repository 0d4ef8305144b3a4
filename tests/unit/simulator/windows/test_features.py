# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dism, reboots and what they bring: one state for dism, CIM, services and the registry."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.console import Finished, play, run, run_lines
from simulator.windows.features import State
from simulator.windows.machine import Machine

CONTAINERS = "dism /online /english /enable-feature /featurename:Containers /norestart"
PENDING = 'reg query "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending"'


def make(profile: str = "server-2022", **settings: Any) -> Machine:
    return Machine("host", profile, boot_seconds=0.01, servicing_seconds=0.01, time_scale=0.01, **settings)


def install_state(machine: Machine, name: str) -> int:
    found = machine.cim.query("root/cimv2", f"select InstallState from Win32_OptionalFeature where Name = '{name}'")
    return int(found.instances[0]["InstallState"])


def test_containers_come_with_the_reboot() -> None:
    machine = make()

    async def scene() -> list[Finished]:
        before = [
            await run(machine, PENDING),
            await run(machine, CONTAINERS),
            await run(machine, PENDING),
            await run(machine, "sc query hns"),
        ]
        assert machine.features.find("containers").state is State.ENABLE_PENDING  # type: ignore[union-attr]
        await machine.reboot()
        return [*before, await run(machine, PENDING), await run(machine, "sc query hns"), await run(machine, CONTAINERS)]

    done = play(scene)
    assert [one.code for one in done] == [1, 3010, 0, 1060, 1, 0, 0]
    assert machine.features.enabled("Containers")
    assert install_state(machine, "Containers") == 1
    assert machine.services.get("vmcompute") is not None


@pytest.mark.parametrize("shown", [1, 2])
def test_cim_has_no_word_for_pending(shown: int) -> None:
    machine = make(pending_install_state=shown)
    run_lines(machine, CONTAINERS)
    assert install_state(machine, "Containers") == shown


def test_wql_compares_feature_names_with_case() -> None:
    machine = make()
    assert not machine.cim.query("root/cimv2", "select * from Win32_OptionalFeature where Name = 'containers'").instances


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("/enable-feature /featurename:Nope /norestart", 0x800F080C, ["Error: 0x800f080c", "Feature name Nope is unknown."]),
        ("/enable-feature /featurename:Microsoft-Hyper-V-All /norestart", 0x800F080C, ["Error: 0x800f080c"]),
        ("/enable-feature /featurename:NetFx3 /norestart", 0x800F081F, ["Error: 0x800f081f", "The source files could not be found."]),
        (
            "/enable-feature /featurename:IIS-ASPNET45 /norestart",
            50,
            ["Error: 50", "A required parent feature", "IIS-NetFxExtensibility45"],
        ),
        ("/enable-feature /featurename:TelnetClient /norestart", 0, ["The operation completed successfully."]),
        ("/enable-feature /norestart", 87, ["Error: 87", "missing a required argument"]),
        ("/enable-feature /featurename:Containers /nonsense", 87, ["Error: 87", "The nonsense option is unknown."]),
        ("/enable-feature /featurename:Containers /norestart /quiet", 3010, []),
        ("/disable-feature /featurename:Windows-Defender /norestart", 3010, ["Disabling feature(s)"]),
        ("/disable-feature /featurename:Containers /norestart", 0, ["The operation completed successfully."]),
        ("/get-featureinfo /featurename:Containers", 0, ["Feature Name : Containers", "State : Disabled"]),
        ("/get-featureinfo /featurename:Nope", 0x800F080C, ["Feature name Nope is unknown."]),
    ],
)
def test_exit_codes_and_texts(line: str, code: int, words: list[str]) -> None:
    machine = make(signed_exit_codes=False)
    (done,) = run_lines(machine, f"dism /online /english {line}")
    assert done.code == code
    assert all(word in done.text for word in words)
    if not words:
        assert done.out == b""


def test_hresults_may_be_negative() -> None:
    (done,) = run_lines(make(signed_exit_codes=True), "dism /online /enable-feature /featurename:Nope")
    assert done.code == -2146498548


def test_without_elevation() -> None:
    (done,) = run_lines(make(elevated=False), CONTAINERS)
    assert done.code == 740


def test_several_features_with_children_on_a_server() -> None:
    machine = make()
    done = run_lines(
        machine,
        "dism /online /enable-feature /featurename:containers /featurename:microsoft-hyper-v /all /norestart",
        "dism /online /get-features",
    )
    assert done[0].code == 3010
    for name in ("Containers", "Microsoft-Hyper-V", "Microsoft-Hyper-V-Online"):
        assert f"Feature Name : {name}\nState : Enable Pending\n" in done[1].text


def test_client_names() -> None:
    machine = make("windows-11-24h2")
    done = run_lines(
        machine,
        "dism /online /enable-feature /featurename:Microsoft-Hyper-V /norestart",
        "dism /online /enable-feature /featurename:Microsoft-Hyper-V /all /norestart",
    )
    assert [one.code for one in done] == [50, 3010]
    assert machine.features.find("Microsoft-Hyper-V-Hypervisor").on  # type: ignore[union-attr]


def test_enabling_while_a_servicing_reboot_is_pending_does_nothing() -> None:
    machine = make(servicing_pending=True)

    async def scene() -> list[Finished]:
        before = await run(machine, CONTAINERS)
        await machine.reboot()
        return [before, await run(machine, CONTAINERS)]

    done = play(scene)
    assert [one.code for one in done] == [50, 3010]
    assert "The operation is complete but Containers feature was not enabled." in done[0].text


def test_a_change_can_be_rolled_back_at_boot() -> None:
    machine = make(rollback_features=["Containers"])

    async def scene() -> None:
        await run(machine, CONTAINERS)
        await machine.reboot()

    play(scene)
    assert machine.features.find("Containers").state is State.DISABLED  # type: ignore[union-attr]
    assert machine.services.get("hns") is None


@pytest.mark.parametrize(
    ("platform", "runs", "present"),
    [
        ("metal", True, True),
        ("hyperv-guest", False, True),
        ("hyperv-guest-nested", True, True),
        ("azure-nested", True, True),
        ("vmware", False, True),
    ],
)
def test_hyper_v_needs_virtualisation(platform: str, runs: bool, present: bool) -> None:
    machine = make(platform=platform)

    async def scene() -> None:
        await run(machine, "dism /online /enable-feature /featurename:Microsoft-Hyper-V /all /norestart")
        await machine.reboot()

    play(scene)
    assert machine.features.enabled("Microsoft-Hyper-V")
    assert machine.services.get("vmms") is not None
    assert machine.hypervisor_running is runs
    assert machine.cim.get("root/cimv2", "Win32_ComputerSystem", {"Name": "HOST"})[1]["HypervisorPresent"] is present


def test_firmware_off_and_the_boot_loader_keep_the_hypervisor_away() -> None:
    enable = "dism /online /enable-feature /featurename:Microsoft-Hyper-V /all /norestart"

    async def scene(machine: Machine, *lines: str) -> bool:
        for line in lines:
            await run(machine, line)
        await machine.reboot()
        return machine.hypervisor_running

    assert not play(lambda: scene(make(virtualization_firmware=False), enable))
    assert not play(lambda: scene(make(), enable, "bcdedit /set hypervisorlaunchtype off"))


def test_without_norestart_it_asks_and_waits() -> None:
    machine = make()

    async def scene() -> Finished:
        return await run(machine, "dism /online /enable-feature /featurename:Containers", stdin=b"n\n")

    done = play(scene)
    assert done.code == 3010
    assert done.text.endswith("Do you want to restart the computer now? (Y/N) ")


def test_a_machine_may_start_with_features() -> None:
    machine = make(features={"Containers": "enabled", "Microsoft-Hyper-V": "enabled", "Microsoft-Hyper-V-Online": "enabled"})
    assert machine.hypervisor_running
    assert machine.services.get("hns").state == "Running"  # type: ignore[union-attr]
