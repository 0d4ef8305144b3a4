# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdicts on isolation, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.host.prerequisites import Support
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.readiness import (
    Evidence,
    ProcessorFlags,
    Verdict,
    exposed,
    isolation_readiness,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("readiness_cases.yml").read_text(encoding="utf-8"))


def evidence(given: dict[str, Any]) -> Evidence:
    given = {"platform": "metal", "hypervisor_present": False, "containers": "enabled", "hyperv": "enabled", **given}
    version = HostVersion(given.pop("build", 20348), 3207, given.pop("product_type", "server"))
    flags = ProcessorFlags(*given.pop("flags", (True, True, True)))
    services = frozenset(given.pop("services", ("hns", "vmcompute", "vmms")))
    if ended := given.pop("support_ended", ""):
        given["support"] = Support("no", "ended", ended)
    return Evidence(version=version, processor=flags, services=services, **given)


def matches(verdict: Verdict, expected: dict[str, Any]) -> None:
    assert (verdict.verdict, verdict.ready) == (expected["verdict"], expected["ready"]), verdict
    assert expected.get("reason", "") in verdict.reason
    assert expected.get("missing", "") in " / ".join(verdict.missing)
    assert expected.get("advice", "") in verdict.advice
    assert expected.get("note", "") in " / ".join(verdict.notes)
    assert expected.get("next", "") in " / ".join(verdict.next_steps)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_verdicts(case: dict[str, Any]) -> None:
    readiness = isolation_readiness(evidence(dict(case["evidence"])))
    matches(readiness.process, case["process"])
    matches(readiness.hyperv, case["hyperv"])
    if "engine" in case:
        matches(readiness.engine, case["engine"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_verdict_has_a_reason_that_fits_a_sentence(case: dict[str, Any]) -> None:
    readiness = isolation_readiness(evidence(dict(case["evidence"])))
    for verdict in (readiness.process, readiness.hyperv, readiness.engine):
        for text in (*verdict.reasons, *verdict.next_steps):
            assert not text.endswith(".")
        assert verdict.reason
        assert verdict.ready is (verdict.verdict == "yes" and not verdict.missing)
        assert verdict.next_steps or verdict.ready or not verdict.missing


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"flags": (True, True, True)}, "yes"),
        ({"flags": (True, True, False)}, "no"),
        ({"flags": (None, None, None)}, "unknown"),
        ({"flags": (False, False, False), "hypervisor_present": True}, "yes"),
        ({"flags": (False, False, False), "hypervisor_present": True, "platform": "vmware"}, "unknown"),
        ({"flags": (True, True, True), "hypervisor_present": True, "platform": "vmware"}, "yes"),
        ({"flags": (False, False, False), "hypervisor_present": True, "platform": "hyperv", "hypervisor_launch": "started"}, "yes"),
        ({"flags": (False, False, False), "hypervisor_present": None}, "unknown"),
    ],
)
def test_what_a_flag_proves(given: dict[str, Any], answer: str) -> None:
    assert exposed(evidence(given)) == answer
