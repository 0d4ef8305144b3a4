# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From CIM instances to facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ProtocolError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host import facts as subject
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion, ProductType
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import Instance

BOOT = datetime(2026, 11, 24, 8, 0, 0, 500000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "word", "kind"), [(1, "workstation", "workstation"), (2, "domain_controller", "server"), (3, "server", "server")]
)
def test_product_types(number: int, word: str, kind: ProductType) -> None:
    instance: Instance = {"BuildNumber": "20348", "ProductType": number}
    assert subject.product_type(instance) == word
    assert subject.host_version(instance, 7) == HostVersion(20348, 7, kind)


@pytest.mark.parametrize(
    "instance", [{"BuildNumber": "20348"}, {"BuildNumber": "", "ProductType": 3}, {"BuildNumber": "x", "ProductType": 3}]
)
def test_an_answer_that_makes_no_sense(instance: Instance) -> None:
    with pytest.raises(ProtocolError, match="which is none"):
        subject.host_version(instance, None)


def event(code: int, seconds: float) -> Instance:
    return {"EventCode": code, "TimeGenerated": (BOOT + timedelta(seconds=seconds)).replace(microsecond=0)}


@pytest.mark.parametrize(
    ("events", "launch"),
    [
        ([], "unknown"),
        ([event(1, 5)], "started"),
        ([event(41, 5)], "failed"),
        ([event(1, 0)], "started"),
        ([event(1, -500)], "unknown"),
        ([event(1, -500), event(41, 5)], "failed"),
        ([event(41, -500), event(1, 5)], "started"),
    ],
)
def test_only_this_boot_counts(events: list[Instance], launch: str) -> None:
    assert subject.hypervisor_launch(events, BOOT) == launch
