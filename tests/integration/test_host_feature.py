# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``host_feature``: what it does, what it says it would do, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet

from .conftest import Play, Run, foretellable, programs, reboots

NAME = "winfleet.containers.host_feature"
REBOOT = "winfleet.containers.host_reboot"
BOTH = ["containers", "hyperv"]
#: One host for each story, so that no test depends on what another one left.
FLEET = {
    "defaults": {"boot_seconds": 0.3, "servicing_seconds": 0.1, "time_scale": 0.1},
    "hosts": [
        {"name": "full2019", "profile": "server-2019"},
        {"name": "full2022", "profile": "server-2022", "platform": "hyperv-guest-nested"},
        {"name": "full2025", "profile": "server-2025"},
        {"name": "full11", "profile": "windows-11-24h2"},
        {"name": "steps", "profile": "server-2022-core"},
        {"name": "doubtful", "profile": "server-2022", "pending_install_state": 1},
        {"name": "pending", "profile": "server-2022", "servicing_pending": True},
        {"name": "allowed", "profile": "server-2022", "servicing_pending": True},
        {"name": "rollback", "profile": "server-2022", "rollback_features": ["Containers"]},
        {"name": "guest", "profile": "server-2022", "platform": "hyperv-guest"},
        {"name": "forced", "profile": "server-2022", "platform": "hyperv-guest"},
        {"name": "firmware", "profile": "server-2022", "virtualization_firmware": False},
        {"name": "source", "profile": "server-2022", "source_missing": ["Containers"]},
        {"name": "plain", "profile": "server-2022"},
        {"name": "off", "profile": "server-2022", "features": {"Microsoft-Hyper-V": "enabled", "Microsoft-Hyper-V-Online": "enabled"}},
        {"name": "late", "profile": "server-2022", "language": "de-DE", "delayed_start_seconds": 10, "network_disturbance": 0.5},
        {"name": "bare", "profile": "server-2022", "features": {"TelnetClient": "removed"}},
        {"name": "undone", "profile": "server-2022", "rollback_features": ["Containers"], "remote_shutdown": False},
        {"name": "limited", "profile": "server-2022", "elevated": False},
        {"name": "signed", "profile": "server-2022", "signed_exit_codes": False, "source_missing": ["Containers"]},
    ],
}


@pytest.fixture(scope="module")
def fleet() -> Iterator[RunningFleet]:
    with running_fleet(FLEET) as running:
        yield running


def state(fleet: RunningFleet, host: str, name: str) -> str:
    """What the machine itself says of a feature."""
    feature = fleet.call(lambda: fleet.machines[host].features.find(name))
    return str(feature.state.value)


def changes(fleet: RunningFleet, host: str) -> list[str]:
    """The runs of dism that change something."""
    return [line for line in programs(fleet, host) if "able-feature" in line.lower()]


FULL = ["full2019", "full2022", "full2025", "full11"]


@pytest.fixture(scope="module")
def whole_way(fleet: RunningFleet, play: Play) -> Run:
    """Predicted, done, and done again, on four hosts at once."""
    options = {"name": BOTH, "reboot": True}
    return play(
        fleet,
        [
            {"name": "Predict", NAME: options, "check_mode": True, "diff": True},
            {"name": "Do", NAME: options, "diff": True},
            {"name": "Do it again", NAME: options},
        ],
        hosts=",".join(FULL),
    )


@pytest.mark.parametrize("host", FULL)
def test_the_whole_way_in_one_task(fleet: RunningFleet, whole_way: Run, host: str) -> None:
    """As predicted, with one dism and one reboot, and the second time without a change."""
    predicted, done, again = (whole_way.result(task, host) for task in ("Predict", "Do", "Do it again"))
    assert predicted == foretellable(done)
    assert done["features"] == {"containers": "enabled", "hyperv": "enabled"}
    assert [step["step"] for step in done["progress"]] == done["plan"] and done["elapsed"] > 1
    assert (done["changed"], done["reboot_required"], done["rebooted"]) == (True, False, True)
    assert (again["changed"], again["reboot_required"], again["rebooted"]) == (False, False, False)
    assert state(fleet, host, "Containers") == state(fleet, host, "Microsoft-Hyper-V") == "Enabled"
    assert fleet.call(lambda: fleet.machines[host].hypervisor_running)
    assert len(changes(fleet, host)) == 1
    assert reboots(fleet, host) == 1
    assert all("/english" in line and "/norestart" in line for line in programs(fleet, host) if "dism" in line.lower())


def test_with_the_reboot_left_to_another_task(fleet: RunningFleet, play: Play) -> None:
    """Also where CIM shows a pending feature as enabled already."""
    task = {NAME: {"name": ["containers"]}}
    run = play(
        fleet,
        [
            {"name": "Predict", **task, "check_mode": True},
            {"name": "Do", **task},
            {"name": "Do it again", **task},
            {"name": "Reboot", REBOOT: {}},
            {"name": "Look", **task},
        ],
        hosts="steps,doubtful",
    )
    assert run.ok, run.output
    for host in ("steps", "doubtful"):
        assert run.result("Predict", host) == foretellable(run.result("Do", host))
        assert run.result("Do", host)["features"] == {"containers": "enable_pending"}
        results = [run.result(name, host) for name in ("Do", "Do it again", "Look")]
        assert [(result["changed"], result["reboot_required"]) for result in results] == [(True, True), (False, True), (False, False)]
        assert run.result("Look", host)["features"] == {"containers": "enabled"}


def refused(play: Play, fleet: RunningFleet, host: str, *options: str, **arguments: Any) -> str:
    """The message of a task that must fail without changing anything."""
    run = play(fleet, [{"name": "Ask", NAME: arguments}], *options, hosts=host)
    result = run.result("Ask", host)
    assert not run.ok, run.output
    assert result["changed"] is False
    assert "Traceback" not in run.output
    message: str = result["msg"]
    return message


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_pending_servicing_is_refused(fleet: RunningFleet, play: Play, options: tuple[str, ...]) -> None:
    message = refused(play, fleet, "pending", *options, name=["containers"])
    assert message == (
        'Cannot enable feature "containers" on pending: Windows servicing waits for a reboot, and until then no feature can be changed '
        "reliably. Set reboot to true, or reboot the host first with the module host_reboot."
    )
    assert changes(fleet, "pending") == []


def test_pending_servicing_is_finished_first_when_allowed(fleet: RunningFleet, play: Play) -> None:
    options = {"name": ["containers"], "reboot": True}
    run = play(fleet, [{"name": "Predict", NAME: options, "check_mode": True}, {"name": "Do", NAME: options}], hosts="allowed")
    assert run.ok, run.output
    assert run.result("Predict") == foretellable(run.result("Do"))
    assert reboots(fleet, "allowed") == 2
    assert state(fleet, "allowed", "Containers") == "Enabled"


def test_a_roll_back_at_boot_is_noticed(fleet: RunningFleet, play: Play) -> None:
    run = play(fleet, [{"name": "Do", NAME: {"name": ["containers"], "reboot": True}}], hosts="rollback")
    assert run.result("Do")["msg"] == (
        'Cannot enable feature "containers" on rollback: Windows undid the change at boot (Containers is disabled). '
        "Look into C:\\Windows\\Logs\\CBS\\CBS.log on the host."
    )


def test_hyperv_where_nobody_knows_is_refused_and_nothing_else_done(fleet: RunningFleet, play: Play) -> None:
    message = refused(play, fleet, "guest", name=BOTH)
    assert message.startswith(
        'Cannot enable feature "hyperv" on guest: it is not known whether Hyper-V can run here: the machine is a guest'
    )
    assert "ExposeVirtualizationExtensions" in message
    assert "force" in message
    assert state(fleet, "guest", "Containers") == "Disabled"
    assert programs(fleet, "guest") == []


def test_hyperv_by_force_is_judged_after_the_reboot(fleet: RunningFleet, play: Play) -> None:
    run = play(fleet, [{"name": "Do", NAME: {"name": ["hyperv"], "force": True, "reboot": True}}], hosts="forced")
    assert "of no use: Hyper-V is enabled, but its hypervisor failed to start at this boot" in run.result("Do")["msg"]


@pytest.mark.parametrize("force", [False, True])
def test_hyperv_without_virtualization_is_refused(fleet: RunningFleet, play: Play, force: bool) -> None:
    message = refused(play, fleet, "firmware", name=["hyperv"], force=force)
    assert message == (
        'Cannot enable feature "hyperv" on firmware: Hyper-V cannot run here: the processor lacks: virtualization enabled in firmware. '
        "Enable Intel VT-x or AMD-V in the machine's firmware settings."
    )
    assert programs(fleet, "firmware") == []


UNKNOWN: dict[str, list[str]] = {
    'Cannot enable feature "Container" on plain: this Windows knows no feature of that name. Did you mean Containers?': ["Container"],
    'feature "Zzzzz" on plain: this Windows knows no feature of that name. List the names': ["containers", "Zzzzz"],
    'feature "Microsoft-Hyper-V-All" on plain: this Windows knows no feature of that name. Did you mean': ["Microsoft-Hyper-V-All"],
    '"a & calc" cannot be the name of a feature': ["a & calc"],
    '"%PATH%" cannot be the name of a feature': ["%PATH%"],
    '"" cannot be the name of a feature': [""],
    "the option name is empty": [],
}
BAD_SOURCE: dict[str, dict[str, Any]] = {
    "which is neither an absolute path nor a share": {"name": ["NetFx3"], "source": "sources"},
    "the option source cannot be passed on": {"name": ["NetFx3"], "source": "D:\\%TEMP%"},
    "source is given, and state is absent": {"name": ["NetFx3"], "source": "D:\\sxs", "state": "absent"},
    "value of winrm_start must be one of": {"name": ["NetFx3"], "winrm_start": "never"},
}


def test_unknown_names_and_bad_options(fleet: RunningFleet, play: Play) -> None:
    wrong = {**{words: {"name": names} for words, names in UNKNOWN.items()}, **BAD_SOURCE}
    run = play(fleet, [{"name": words, NAME: options, "ignore_errors": True} for words, options in wrong.items()], hosts="plain")
    for words in wrong:
        assert words in run.result(words)["msg"]
    assert changes(fleet, "plain") == []


def test_a_feature_without_a_reboot_comes_and_goes(fleet: RunningFleet, play: Play) -> None:
    """In any letter case, and with an empty plan the second time."""
    tasks = []
    for wanted in ("present", "absent"):
        options = {"name": ["telnetclient"], "state": wanted}
        tasks += [
            {"name": f"Predict {wanted}", NAME: options, "check_mode": True},
            {"name": f"Do {wanted}", NAME: options},
            {"name": f"Again {wanted}", NAME: options},
        ]
    run = play(fleet, tasks, hosts="plain")
    assert run.ok, run.output
    for wanted, word in (("present", "enabled"), ("absent", "disabled")):
        assert run.result(f"Predict {wanted}") == foretellable(run.result(f"Do {wanted}"))
        assert run.result(f"Do {wanted}")["features"] == {"telnetclient": word}
        assert run.result(f"Do {wanted}")["reboot_required"] is False
        assert run.result(f"Again {wanted}")["changed"] is False


@pytest.mark.parametrize("host", ["source", "signed"])
def test_a_refusal_of_dism_is_explained(fleet: RunningFleet, play: Play, host: str) -> None:
    """Whichever form of the exit code the host sends."""
    message = refused(play, fleet, host, name=["containers"])
    assert f'Cannot enable feature "containers" on {host}: the feature\'s source files could not be found' in message
    named = refused(play, fleet, host, name=["containers"], source="D:\\sources\\sxs")
    assert 'source is "D:\\sources\\sxs", where Windows did not find the files of the feature (code 0x800f081f)' in named


def test_without_elevation(fleet: RunningFleet, play: Play) -> None:
    assert "elevated" in refused(play, fleet, "limited", name=["containers"])


def switch_the_hypervisor_off(fleet: RunningFleet, host: str) -> None:
    """As if an administrator had done it and rebooted."""
    machine = fleet.machines[host]
    machine.power.hypervisor_launch, machine.hypervisor_running = "Off", False


def tasks_of(host: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Predict, do, do again, on one host."""
    task = {NAME: options, "when": f"inventory_hostname == '{host}'", "diff": True}
    return [{"name": "Predict", **task, "check_mode": True}, {"name": "Do", **task}, {"name": "Do it again", **task}]


@pytest.fixture(scope="module")
def stories(fleet: RunningFleet, play: Play) -> Run:
    """Four hosts, each with a story of its own, all at once."""
    fleet.call(lambda: switch_the_hypervisor_off(fleet, "off"))
    fleet.call(lambda: fleet.machines["bare"].files.make_folder("C:\\media\\sources\\sxs"))
    wanted = {
        "off": {"name": ["hyperv"], "reboot": True},
        "late": {"name": ["hyperv"], "reboot": True, "winrm_start": "delayed"},
        "bare": {"name": ["TelnetClient"], "source": "C:\\media\\sources\\sxs"},
    }
    undone: list[dict[str, Any]] = [
        {"name": "Enable", NAME: {"name": ["containers"]}},
        {"name": "Reboot", REBOOT: {}},
    ]
    tasks = [task for host, options in wanted.items() for task in tasks_of(host, options)]
    tasks += [{**task, "when": "inventory_hostname == 'undone'"} for task in undone]
    run = play(fleet, tasks, hosts="off,late,bare,undone", strategy="ansible.builtin.free")
    assert run.ok, run.output
    return run


@pytest.mark.parametrize("host", ["off", "late", "bare"])
def test_a_story_ends_as_predicted(stories: Run, host: str) -> None:
    predicted, done, again = (stories.result(task, host) for task in ("Predict", "Do", "Do it again"))
    assert predicted == foretellable(done)
    assert (done["changed"], done["reboot_required"]) == (True, False)
    assert (again["changed"], again["reboot_required"], again["rebooted"]) == (False, False, False)


def test_a_hypervisor_that_is_not_launched_is_repaired(fleet: RunningFleet, stories: Run) -> None:
    done = stories.result("Do", "off")
    assert done["plan"] == [
        "let the boot loader launch the hypervisor (bcdedit hypervisorlaunchtype auto)",
        "reboot, so that the hypervisor is launched",
    ]
    assert done["diff"]["before"]["hypervisor_launch"] == "off"
    assert done["diff"]["after"]["hypervisor_launch"] == "auto"
    assert fleet.call(lambda: fleet.machines["off"].hypervisor_running)
    assert changes(fleet, "off") == []
    assert sum("bcdedit" in line for line in programs(fleet, "off")) == 3  # read in both modes, set once


def test_winrm_starts_late_and_the_disturbed_network_is_waited_out(fleet: RunningFleet, stories: Run) -> None:
    done = stories.result("Do", "late")
    assert done["plan"][0] == "let WinRM start a while after the other services at boot"
    assert done["winrm_start"] == "delayed"
    assert done["diff"]["before"]["winrm_start"] == "automatic"
    assert fleet.call(lambda: fleet.machines["late"].services.get("WinRM").delayed)
    assert done["features"] == {"hyperv": "enabled"}


def test_a_removed_payload_comes_from_the_source(fleet: RunningFleet, stories: Run) -> None:
    assert stories.result("Do", "bare")["features"] == {"TelnetClient": "enabled"}
    assert '"/source:C:\\media\\sources\\sxs"' in changes(fleet, "bare")[0]


def test_a_reboot_tells_what_windows_undid(fleet: RunningFleet, stories: Run) -> None:
    """Even one that took a task of SYSTEM."""
    done = stories.result("Reboot", "undone")
    assert (done["rolled_back"], done["method"]) == (["Containers"], "scheduled_task")
    assert "so a scheduled task of SYSTEM rebooted the host and was removed again" in done["warnings"][0]
    assert "Windows undid the change of Containers at boot" in done["warnings"][1]
    assert fleet.call(fleet.machines["undone"].tasks.all) == []
