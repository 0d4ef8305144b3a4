# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options, documentation, action groups and examples say the same."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NAME = "winfleet.containers"
PACKAGE = "ansible_collections.winfleet.containers.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
#: Keys of an option that documentation and argument spec both have.
SHARED = ("type", "elements", "required", "default", "choices", "aliases")


@cache
def documentation() -> dict[str, Any]:
    """What ``ansible-doc`` shows of every module, fragments merged, in one run."""
    command = [
        str(Path(sys.executable).with_name("ansible-doc")),
        "--type",
        "module",
        "--json",
        *(f"{NAME}.{module}" for module in MODULES),
    ]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def comparable(option: dict[str, Any], default_type: str = "str") -> dict[str, Any]:
    """An option reduced to what documentation and spec share, with the silent defaults filled in."""
    shared = {key: option[key] for key in SHARED if option.get(key) not in (None, [], ())}
    shared.setdefault("type", default_type)
    if not shared.get("required"):
        shared.pop("required", None)
    if "choices" in shared:
        shared["choices"] = [str(choice) for choice in shared["choices"]]
    nested = option.get("suboptions") or option.get("options")
    if nested:
        shared["options"] = {name: comparable(value) for name, value in nested.items()}
    return shared


def argument_spec(module: str) -> dict[str, Any]:
    spec: dict[str, Any] = importlib.import_module(f"{PACKAGE}.modules.{module}").ARGUMENT_SPEC
    return spec


def test_there_are_modules() -> None:
    assert MODULES


@pytest.mark.parametrize("module", MODULES)
def test_the_documented_options_are_the_options(module: str) -> None:
    documented = documentation()[f"{NAME}.{module}"]["doc"].get("options", {})
    assert {name: comparable(option) for name, option in documented.items()} == {
        name: comparable(option) for name, option in argument_spec(module).items()
    }


@pytest.mark.parametrize("module", [module for module in MODULES if not module.endswith(("_info", "_facts"))])
def test_a_module_that_changes_something_documents_its_plan(module: str) -> None:
    assert documentation()[f"{NAME}.{module}"]["return"]["plan"]["type"] == "list"


@pytest.mark.parametrize("module", [module for module in MODULES if not module.endswith(("_info", "_facts")) and module != "fleet_report"])
def test_a_module_that_changes_a_host_tells_its_progress_as_all_do(module: str) -> None:
    """The same option and the same return values: the base action gives them."""
    pages = [documentation()[f"{NAME}.{name}"] for name in (module, "image")]
    assert [page["doc"]["options"]["progress"] for page in pages] == [pages[1]["doc"]["options"]["progress"]] * 2
    for value in ("elapsed", "progress"):
        assert [page["return"][value] for page in pages] == [pages[1]["return"][value]] * 2


@pytest.mark.parametrize("module", MODULES)
def test_the_action_uses_the_options_of_its_module(module: str) -> None:
    action = importlib.import_module(f"{PACKAGE}.action.{module}").ActionModule
    assert action.argument_spec is argument_spec(module)


@pytest.mark.parametrize("module", MODULES)
def test_the_page_is_complete(module: str) -> None:
    page = documentation()[f"{NAME}.{module}"]
    doc = page["doc"]
    assert doc["short_description"]
    assert doc["description"]
    assert page["return"], "return values are documented"
    attributes = doc["attributes"]
    assert {"check_mode", "diff_mode", "platform", "action_group"} <= set(attributes)
    assert attributes["check_mode"]["support"] == ("partial" if module == "container_exec" else "full")
    assert all(value.get("description") for value in page["return"].values())


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_are_tasks_with_full_names(module: str) -> None:
    tasks = yaml.safe_load(documentation()[f"{NAME}.{module}"]["examples"])
    assert isinstance(tasks, list)
    assert any(f"{NAME}.{module}" in task for task in tasks)
    spec = argument_spec(module)
    for task in tasks:
        assert task["name"][0].isupper()
        actions = [key for key in task if "." in key]
        assert len(actions) == 1, f"one action with its full name in {task['name']!r}"
        if actions[0] == f"{NAME}.{module}":
            options = task[actions[0]] or {}
            assert set(options) <= set(spec)
            assert {name for name, option in spec.items() if option.get("required")} <= set(options)


def test_every_module_has_its_action_and_the_other_way_round() -> None:
    actions = sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py") if path.stem != "__init__")
    assert actions == MODULES


def test_the_action_groups_are_complete() -> None:
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
    engine = sorted(module for module in MODULES if "engine_pipe" in argument_spec(module))
    assert groups == {"host": [module for module in MODULES if module.startswith("host_")], "engine": engine}


def test_the_documented_group_is_the_real_one() -> None:
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
    for module in MODULES:
        membership = documentation()[f"{NAME}.{module}"]["doc"]["attributes"]["action_group"]["membership"]
        assert membership == [f"{NAME}.{group}" for group, members in groups.items() if module in members]


def test_the_security_guide_names_every_program() -> None:
    """And no other: whoever allows them on a host copies that list."""
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_security.rst").read_text()
    table = guide[guide.index(".. list-table::") : guide.index("is called for hashes only")]
    code = "\n".join(path.read_text() for path in (ROOT / "plugins").rglob("*.py"))
    started = set(re.findall(r'run\(\s*"([a-z]+\.exe)"', code)) | {"docker.exe", "dockerd.exe", "containerd.exe"}
    started |= set(re.findall(r"System32\\{1,2}([a-z]+\.exe)", code))  # lines that are literal as a whole
    assert set(re.findall(r"`([a-z]+\.exe)", table)) == started


def test_the_site_shows_every_guide() -> None:
    """A guide that is not listed is not shown, and one with a label of another form (a named link has one too) is left out without a word."""
    site = ROOT / "docs" / "docsite"
    listed = yaml.safe_load((site / "extra-docs.yml").read_text())["sections"][0]["toctree"]
    guides = {path.stem: path.read_text() for path in (site / "rst").glob("*.rst")}
    assert sorted(listed) == sorted(guides)
    labels = [(name, label) for name, text in guides.items() for label in re.findall(r"^\s*\.\. _([^:]+):", text, re.MULTILINE)]
    assert sorted(labels) == sorted((name, f"ansible_collections.{NAME}.docsite.{name}") for name in guides)
