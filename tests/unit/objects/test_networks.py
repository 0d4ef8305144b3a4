# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of networks, tested as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.modules.network import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Plan
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.networks.options import Desired
from ansible_collections.winfleet.containers.plugins.plugin_utils.networks.plan import Observed, plan_network

CASES = yaml.safe_load(Path(__file__).with_name("network_cases.yml").read_text())
DEFAULTS = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
NAT: dict[str, Any] = {
    "Name": "shop",
    "Driver": "nat",
    "IPAM": {"Driver": "default", "Config": [{"Subnet": "172.30.0.0/24", "Gateway": "172.30.0.1"}]},
    "Options": {"com.docker.network.windowsshim.hnsid": "X"},
    "Labels": {},
    "Attachable": False,
}


def _planned(case: dict[str, Any], ahead: bool = False) -> Plan:
    desired = Desired.of({**DEFAULTS, "name": "shop", **case["given"]})
    network = {**NAT, **case["network"]} if "network" in case else None
    others = {name: tuple(subnets) for name, subnets in case.get("others", {}).items()}
    observed = Observed(network, case.get("attached", {}), tuple(case.get("missing", ())), others)
    return plan_network(desired, observed, ahead)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rule(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(OptionError) as caught:
            _planned(case)
        assert case["error"] in caught.value.cause and case.get("advice", "") in caught.value.advice
        return
    plan = _planned(case)
    assert [step.action for step in plan.steps] == case.get("steps", [])
    if "differences" in case:
        assert [difference.name for difference in plan.differences] == case["differences"]
    if "request" in case:
        assert next(step.arguments["request"] for step in plan.steps if step.action == "create") == case["request"]
    if "settings" in case:
        connects = [step.arguments for step in plan.steps if step.action == "connect"]
        assert {one["container"]: one["settings"] for one in connects} == case["settings"]
    assert case.get("warning", "") in "".join(plan.warnings) and bool(plan.warnings) is ("warning" in case)


def test_in_check_mode_a_container_may_be_one_that_was_only_predicted() -> None:
    case = {"given": {"connected": ["ghost"]}, "network": {}, "missing": ["ghost"]}
    assert [step.action for step in _planned(case, ahead=True).steps] == ["connect"]


def test_in_check_mode_containers_may_use_what_goes_once_they_are_gone() -> None:
    plan = _planned({"given": {"state": "absent"}, "network": {}, "attached": {"web": {}}}, ahead=True)
    assert [step.action for step in plan.steps] == ["remove"] and "web" in plan.assumptions[0]
