# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdicts on isolation, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.host.readiness import (
    Evidence,
    ProcessorFlags,
    Verdict,
    isolation_readiness,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("readiness_cases.yml").read_text(encoding="utf-8"))


def evidence(given: dict[str, Any]) -> Evidence:
    given = {"platform": "metal", "hypervisor_present": False, "containers": "enabled", "hyperv": "enabled", **given}
    version = HostVersion(given.pop("build", 20348), 3207, given.pop("product_type", "server"))
    flags = ProcessorFlags(*given.pop("flags", (True, True, True)))
    services = frozenset(given.pop("services", ("hns", "vmcompute", "vmms")))
    return Evidence(version=version, processor=flags, services=services, **given)


def matches(verdict: Verdict, expected: dict[str, Any]) -> None:
    assert (verdict.verdict, verdict.ready) == (expected["verdict"], expected["ready"]), verdict
    assert expected.get("reason", "") in verdict.reason
    assert expected.get("missing", "") in " / ".join(verdict.missing)
    assert expected.get("advice", "") in verdict.advice


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_verdicts(case: dict[str, Any]) -> None:
    readiness = isolation_readiness(evidence(dict(case["evidence"])))
    matches(readiness.process, case["process"])
    matches(readiness.hyperv, case["hyperv"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_verdict_has_a_reason_that_fits_a_sentence(case: dict[str, Any]) -> None:
    readiness = isolation_readiness(evidence(dict(case["evidence"])))
    for verdict in (readiness.process, readiness.hyperv):
        for text in (verdict.reason, *verdict.missing, verdict.advice):
            assert not text.endswith(".")
        assert verdict.reason
        assert verdict.ready is (verdict.verdict == "yes" and not verdict.missing)
