# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of volumes, tested as data."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.modules.volume import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.volumes import Desired, Observed, plan_volume

DEFAULTS = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
THERE: dict[str, Any] = {"Name": "data", "Driver": "local", "Labels": {"a": "b"}, "Options": None}


def _desired(**options: Any) -> Desired:
    return Desired.of({**DEFAULTS, "name": "data", **options})


@pytest.mark.parametrize(
    ("options", "volume", "steps"),
    [
        ({}, None, ["create"]),
        ({}, THERE, []),
        ({"labels": {"a": "b"}}, THERE, []),
        ({"labels": {}, "recreate": "options-changed"}, THERE, ["remove", "create"]),
        ({"labels": {"a": "b"}, "driver": "local", "recreate": "options-changed"}, THERE, []),
        ({"recreate": "always"}, THERE, ["remove", "create"]),
        ({"recreate": "always"}, None, ["create"]),
        ({"state": "absent"}, THERE, ["remove"]),
        ({"state": "absent"}, None, []),
    ],
)
def test_steps(options: dict[str, Any], volume: dict[str, Any] | None, steps: list[str]) -> None:
    plan = plan_volume(_desired(**options), Observed(volume))
    assert [step.action for step in plan.steps] == steps
    assert not plan.warnings


def test_a_difference_that_stays_is_told() -> None:
    plan = plan_volume(_desired(labels={"a": "c"}), Observed(THERE))
    assert not plan.changed
    assert plan.warnings == ("the volume data has another value of labels, and stays because of recreate: never",)


def test_a_new_volume_keeps_what_the_task_does_not_give() -> None:
    [_unused, create] = plan_volume(_desired(recreate="always"), Observed(THERE)).steps
    assert create.arguments["request"] == {"driver": "local", "driver_opts": None, "labels": {"a": "b"}}


@pytest.mark.parametrize("options", [{"state": "absent"}, {"recreate": "always"}])
def test_a_volume_in_use_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="it is in use by db, web"):
        plan_volume(_desired(**options), Observed(THERE, ("db", "web")))


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"name": "x"}, "is not a volume name"),
        ({"name": "NUL"}, "is not a volume name"),
        ({"name": "com1.data"}, "is not a volume name"),
        ({"name": "C:\\data"}, "is not a volume name"),
        ({"driver_options": {"o": "bind"}}, "takes no options on Windows"),
        ({"labels": {"a": True}}, "is not text"),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], cause: str) -> None:
    with pytest.raises(OptionError, match=cause):
        _desired(**options)


def test_in_check_mode_a_volume_may_be_in_use_by_what_is_only_predicted_to_go() -> None:
    plan = plan_volume(_desired(state="absent"), Observed(THERE, ("db", "web")), ahead=True)
    assert [step.action for step in plan.steps] == ["remove"] and "in use by db, web" in plan.assumptions[0]
