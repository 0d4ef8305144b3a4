# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What filters and tests of playbooks answer, and that their documentation names what they take."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.images import given

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
PACKAGE = "ansible_collections.winfleet.containers.plugins"
CASES = yaml.safe_load(Path(__file__).with_name("given_cases.yml").read_text())
ALL = [(kind, path.stem) for kind in ("filter", "test") for path in sorted((PLUGINS / kind).glob("[a-z]*.py"))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['ask']} {case['given']}")
def test_answers(case: dict[str, Any]) -> None:
    ask = getattr(given, case["ask"])
    if "error" not in case:
        assert ask(*case["given"]) == case["answer"]
        return
    with pytest.raises(OptionError) as caught:
        ask(*case["given"])
    assert caught.value.cause.startswith(case["error"])


def test_a_verdict_is_that_of_the_modules() -> None:
    modes = given.modes("10.0.20348.3207", {"image": {"os_version": "10.0.17763.6532"}})
    assert modes["process"] == {
        "possible": False,
        "reason": "process isolation on build 20348 needs an image of the same build, the image is of build 17763",
        "warnings": [],
    }
    assert modes["hyperv"]["possible"]
    assert given.modes({"build": 14393, "revision": None}, 14393)["process"]["warnings"]


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_the_documented_options_are_the_arguments(kind: str, name: str) -> None:
    plugin = importlib.import_module(f"{PACKAGE}.{kind}.{name}")
    documented = yaml.safe_load(plugin.DOCUMENTATION)
    functions = plugin.FilterModule().filters() if kind == "filter" else plugin.TestModule().tests()
    assert documented["name"] == name and list(functions) == [name]
    arguments = list(inspect.signature(functions[name]).parameters.values())
    options = list(documented["options"].items())[1:]
    assert [(value.name, None if value.default is value.empty else value.default) for value in arguments[1:]] == [
        (option, values.get("default")) for option, values in options
    ]
    assert [value.name for value in arguments if value.default is value.empty][1:] == [
        name for name, values in options if values.get("required")
    ]
