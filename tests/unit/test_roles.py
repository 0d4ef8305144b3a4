# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the roles: specification, defaults, README and the modules behind them say the same."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from .test_documentation import PACKAGE, ROOT, comparable

ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
#: Roles whose variables are the options of one module; what is theirs alone, and which options that stands for.
MIRRORS = {
    "docker_engine": {"version": "version"},  # the role chooses one where nobody does
    "base_images": {"families": "family", "digests": "digest", "paths": "path", "remote_paths": "remote_path"},
}


def options(role: Path) -> dict[str, Any]:
    spec = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    found: dict[str, Any] = spec["argument_specs"]["main"]["options"]
    return found


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_defaults_are_those_of_the_specification(role: Path) -> None:
    def rendered(value: Any) -> Any:
        """Where nobody has set another variable."""
        templated = isinstance(value, str) and "{{" in value
        return Environment().compile_expression(value.strip("{} "))() if templated else value

    found = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    specified = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert {name: rendered(value) for name, value in found.items()} == specified


@pytest.mark.parametrize("name", MIRRORS)
def test_the_variables_are_the_options_of_the_module(name: str) -> None:
    module = importlib.import_module(f"{PACKAGE}.modules.{name.removesuffix('s')}")
    own = MIRRORS[name]
    mirrored = {f"{name}_{option}": comparable(spec) for option, spec in module.ARGUMENT_SPEC.items() if option not in own.values()}
    ours = {option: comparable(spec) for option, spec in options(ROOT / "roles" / name).items()}
    assert {ours.pop(f"{name}_{option}")["type"] for option in own} <= {"str", "list", "dict"}
    assert ours == mirrored


def test_no_readme_is_stale() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "tools" / "role_readmes", "--check"], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("module", ["network", "volume", "image"])
def test_an_entry_of_run_containers_takes_every_option_of_its_module(module: str) -> None:
    [task] = yaml.safe_load((ROOT / "roles" / "run_containers" / "tasks" / f"{module}s.yml").read_text(encoding="utf-8"))
    given = task[f"winfleet.containers.{module}"]
    specified = importlib.import_module(f"{PACKAGE}.modules.{module}").ARGUMENT_SPEC
    assert set(given) == set(specified)
    assert [option for option, value in given.items() if option != "name" and f"_wanted.{option} |" not in value] == []
