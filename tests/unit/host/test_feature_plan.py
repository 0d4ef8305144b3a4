# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The feature planner as data: asked, observed, steps; and the judgement on what was read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Step
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, RemoteError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host import feature_plan as subject
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.feature_plan import FeatureRequest, ObservedFeatures
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.features import dism_name
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.readiness import Readiness, Verdict

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("feature_plan_cases.yml").read_text(encoding="utf-8"))


def request_of(case: dict[str, Any]) -> FeatureRequest:
    ask = dict(case["ask"])
    return FeatureRequest(tuple(ask.pop("names")), **ask)


def observed_of(case: dict[str, Any]) -> ObservedFeatures:
    names = {name: dism_name(name) for name in case["ask"]["names"]}
    readiness = Readiness(Verdict("yes", "it can"), Verdict(case.get("hyperv", "yes"), "for a reason", advice="Do something"))
    further = {name: case[name] for name in ("winrm_start", "hypervisor_launch", "hypervisor_idle") if name in case}
    return ObservedFeatures(names, case["states"], case.get("servicing_pending", False), case.get("restart", {}), readiness, **further)


def words(step: Step) -> str:
    return " ".join([step.action, *step.arguments.get("names", ()), *([step.arguments["mode"]] if "mode" in step.arguments else [])])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_plan(case: dict[str, Any]) -> None:
    asked, observed = request_of(case), observed_of(case)
    if "refused" in case:
        with pytest.raises(OptionError, match=case["refused"]):
            subject.plan_features(asked, observed)
        return
    plan = subject.plan_features(asked, observed)
    assert [words(step) for step in plan.steps] == case["steps"]
    assert plan.reboot_required is case["reboot_required"]
    assert case.get("warning", "") in " ".join(plan.warnings)
    assert subject.predicted_states(asked, observed, plan) == case["after"]
    assert bool(plan.differences) is plan.changed
    assert case.get("difference", "") in "".join(difference.name for difference in plan.differences)
    assert not (case.get("no_warning") and plan.warnings)


def test_the_refusal_says_how_to_go_on() -> None:
    case = next(case for case in CASES if case["name"] == "hyperv where nobody knows")
    with pytest.raises(OptionError) as error:
        subject.plan_features(request_of(case), observed_of(case))
    assert error.value.advice == "Do something, or set force to true to try it"


def after(states: dict[str, Any], pending: bool = False, readiness: Readiness | None = None, **further: Any) -> ObservedFeatures:
    return ObservedFeatures({name: name for name in states}, states, pending, readiness=readiness, **{"winrm_start": "delayed", **further})


ASKED = FeatureRequest(("Containers", "Microsoft-Hyper-V"), winrm_start="delayed")
YES = Verdict("yes", "it can", True)


@pytest.mark.parametrize(
    ("observed", "rebooted", "said"),
    [
        (after({"Containers": "disabled"}), True, "undid the change at boot (Containers is disabled)"),
        (after({"Containers": "disabled"}, pending=True), False, "did not make it (Containers is disabled)"),
        (after({"Containers": "enabled"}, readiness=Readiness(Verdict("yes", "", False, ("no hns",)), YES)), True, "no hns"),
        (after({"Microsoft-Hyper-V": "enabled"}, readiness=Readiness(YES, Verdict("no", "event 41"))), True, "of no use: event 41"),
        (after({"Microsoft-Hyper-V": "enabled"}, hypervisor_launch="off"), False, "still told not to launch the hypervisor"),
        (
            after({"Microsoft-Hyper-V": "enabled"}, readiness=Readiness(YES, YES), hypervisor_idle=True),
            True,
            "does not run after the reboot",
        ),
        (after({"Containers": "enabled"}, winrm_start="automatic"), False, "WinRM's start at boot is still automatic"),
    ],
)
def test_a_change_that_did_not_hold(observed: ObservedFeatures, rebooted: bool, said: str) -> None:
    with pytest.raises(RemoteError) as error:
        subject.verify(ASKED, observed, rebooted)
    assert said in error.value.cause


@pytest.mark.parametrize(
    ("observed", "rebooted"),
    [
        (after({"Containers": "enable_pending"}, pending=True), False),
        (after({"Containers": "enabled", "Microsoft-Hyper-V": "enabled"}, readiness=Readiness(YES, YES)), True),
        (after({"Microsoft-Hyper-V": "enabled"}, readiness=Readiness(YES, Verdict("unknown", "no log"))), True),
    ],
)
def test_a_change_that_held(observed: ObservedFeatures, rebooted: bool) -> None:
    subject.verify(ASKED, observed, rebooted)


def test_what_a_reboot_could_not_prove_is_a_warning() -> None:
    doubt = Readiness(YES, Verdict("unknown", "the log is silent"))
    assert subject.unproved(after({"Microsoft-Hyper-V": "enabled"}, readiness=doubt)) == [
        "it could not be proved that the hypervisor runs: the log is silent"
    ]
    assert subject.unproved(after({"Microsoft-Hyper-V": "enabled"}, readiness=Readiness(YES, YES))) == []
    assert subject.unproved(after({"Containers": "enabled"}, readiness=doubt)) == []
