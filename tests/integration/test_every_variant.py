# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules in every variant Windows might be: from bare to a proved container, one host a variant, all in one run."""

from __future__ import annotations

from typing import Any

import pytest
from host_contract.variants import VARIANTS, Variant, host_of

from simulator.fleet import running_fleet

from .conftest import MIRROR, VERSION, Play, Run

NAME = "winfleet.containers"
WORKING = [each for each in VARIANTS if not each.breaks]
BROKEN = [each for each in VARIANTS if each.breaks]
NANO = "{{ base.image.reference }}"
ENGINE = {
    "version": VERSION,
    "url": MIRROR["container_host_engine_url"].replace("{{ container_host_engine_version }}", VERSION),
    "sha256": MIRROR["container_host_engine_sha256"],
}
#: Where the processor's flags are hidden nobody can know beforehand whether Hyper-V runs; the module says so unless it is forced.
FORCE = "{{ inventory_hostname == 'flags-hidden' }}"
#: Every module once, each with something to do.
TASKS: list[dict[str, Any]] = [
    {"name": "Look at the bare host", f"{NAME}.host_info": {}},
    {
        "name": "Enable what might not run",
        f"{NAME}.host_feature": {"name": "hyperv"},
        "when": FORCE,
        "register": "refused",
        "failed_when": "refused is not failed or 'not known whether Hyper-V can run' not in refused.msg",
    },
    {"name": "Enable", f"{NAME}.host_feature": {"name": ["containers", "hyperv"], "force": FORCE}, "register": "feature"},
    {"name": "Restart", f"{NAME}.host_reboot": {"reboot_timeout": 60}, "when": "feature.reboot_required"},
    {"name": "Install", f"{NAME}.docker_engine": ENGINE},
    {"name": "Pull", f"{NAME}.base_image": {"family": "nanoserver"}, "register": "base"},
    {"name": "Run", f"{NAME}.container": {"name": "web", "image": NANO, "command": ["ping", "-t", "localhost"], "isolation": "auto"}},
    {"name": "Prove", f"{NAME}.isolation_info": {"name": ["web"]}},
    {"name": "Enable again", f"{NAME}.host_feature": {"name": ["containers", "hyperv"]}},
    {
        "name": "Run again",
        f"{NAME}.container": {"name": "web", "image": NANO, "command": ["ping", "-t", "localhost"], "isolation": "auto"},
    },
    {"name": "Look at the prepared host", f"{NAME}.host_info": {}},
]


@pytest.fixture(scope="module")
def run(play: Play) -> Run:
    """One playbook over all variants."""
    hosts = [host_of(each, platform="hyperv-guest-nested", features={}, time_scale=0.2) for each in VARIANTS]
    with running_fleet({"hosts": hosts}) as fleet:
        return play(fleet, TASKS, "--forks=10", timeout=200)


def named(variant: Variant) -> str:
    return variant.name


@pytest.mark.parametrize("variant", WORKING, ids=named)
def test_a_bare_host_becomes_a_proved_one(run: Run, variant: Variant) -> None:
    failed = [
        line["result"].get("msg")
        for line in run.recording.lines
        if line["host"] == variant.name and line["outcome"] not in ("ok", "skipped")
    ]
    assert failed == []
    bare, prepared = (run.result(f"Look at the {word} host", variant.name) for word in ("bare", "prepared"))
    assert (bare["features"], bare["engine"]["installed"]) == ({"containers": "disabled", "hyperv": "disabled"}, False)
    assert (prepared["features"], prepared["engine"]["version"]) == ({"containers": "enabled", "hyperv": "enabled"}, VERSION)
    isolation = "hyperv" if variant.host.get("profile", "").startswith("windows-") else "process"  # the engine's default
    assert [entry["verdict"] for entry in run.result("Prove", variant.name)["containers"]] == [isolation]
    assert not prepared["reboot"]["pending"]
    assert prepared["isolation"][isolation]["verdict"] == "yes"


@pytest.mark.parametrize("variant", WORKING, ids=named)
def test_a_second_time_changes_nothing(run: Run, variant: Variant) -> None:
    changed = [line.partition(": ")[2] for line in run.changed if line.startswith(f"{variant.name}: ")]
    assert changed == ["Enable", "Restart", "Install", "Pull", "Run"]


@pytest.mark.parametrize("variant", WORKING, ids=named)
def test_what_the_log_does_not_tell_is_unknown(run: Run, variant: Variant) -> None:
    """In a guest only the System log tells whether Hyper-V started: without it the verdict is honest, with it it is yes."""
    silent = variant.position.get("silent_hypervisor_log", False)
    verdict = run.result("Look at the prepared host", variant.name)["isolation"]["hyperv"]["verdict"]
    assert verdict == ("unknown" if silent else "yes")


@pytest.mark.parametrize("variant", BROKEN, ids=named)
def test_a_host_that_breaks_the_contract_is_an_error_and_no_success(run: Run, variant: Variant) -> None:
    failed = [line for line in run.recording.lines if line["host"] == variant.name and line["outcome"] == "failed"]
    assert len(failed) == 1
    assert failed[0]["result"]["msg"].startswith("Cannot ")
    assert "Traceback" not in failed[0]["result"]["msg"]
