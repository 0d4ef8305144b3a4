# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In each variant Windows might be, the questions recognise it, and what the collection relies on holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from simulator.fleet import RunningFleet
from simulator.windows.switches import Switches as MachineSwitches
from simulator.wsman.settings import Switches

from .conftest import ENGINES, pull, variables
from .question import QUESTIONS, Settings
from .runner import ask
from .variants import VARIANTS, Variant

#: Trouble and conditions of a test, not what Windows might be.
NO_VARIANTS = {
    "time_scale", "elevated", "remote_shutdown", "refuses_reboot", "never_returns", "boot_time_follows_clock", "program_seconds",
    "revocation_reachable", "ignores_remote_shutdown", "delayed_start_seconds",
}  # fmt: skip
#: What every variant is asked that the collection must live with; those that restart the host are asked where they tell something.
RELIED_ON = [key for key, each in QUESTIONS.items() if each.contract and not each.group and key not in ("tunnel", "exit-code")]


def differences(wanted: Settings, found: Settings) -> dict[str, Any]:
    """What ``found`` does not say as ``wanted`` does."""
    missing: dict[str, Any] = {}
    for key, value in wanted.items():
        inner = differences(value, found.get(key, {})) if isinstance(value, Mapping) else found.get(key) != value and value
        if inner or (not isinstance(value, Mapping) and found.get(key) != value):
            missing[key] = inner
    return missing


def named(variant: Variant) -> str:
    return variant.name


def test_every_switch_has_a_variant() -> None:
    positions = [{**each.position, **each.position.get("winrm", {}).get("switches", {})} for each in VARIANTS]
    switches = {item.name for kind in (Switches, MachineSwitches) for item in fields(kind)}
    assert switches - {name for position in positions for name in position} == NO_VARIANTS


@pytest.mark.parametrize("variant", [each for each in VARIANTS if each.tells], ids=named)
def test_a_variant_is_recognised(hosts: RunningFleet, variant: Variant) -> None:
    if variant.name in ENGINES:
        pull(hosts, variant.name, "ltsc2022")
    entries = [ask(variant.name, variables(hosts, variant.name), QUESTIONS[key]) for key in variant.tells]
    assert all(entry.answer for entry in entries), [entry.problem for entry in entries]
    if variant.breaks:
        assert any(entry.breaks for entry in entries)
        return
    assert not any(entry.breaks for entry in entries)
    assert any(not differences(variant.position, entry.answer.position) for entry in entries if entry.answer), entries


@pytest.mark.parametrize("variant", [each for each in VARIANTS if not each.breaks], ids=named)
def test_what_the_collection_relies_on_holds(hosts: RunningFleet, variant: Variant) -> None:
    entries = [ask(variant.name, variables(hosts, variant.name), QUESTIONS[key]) for key in RELIED_ON]
    assert {entry.question.key: entry.answer or entry.problem for entry in entries if entry.breaks} == {}
