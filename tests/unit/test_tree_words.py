# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words and leftovers that no file of the collection may hold."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"build", ".git", ".ansible", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "__pycache__"}

#: Written in pieces, so that this file does not hold them.
EVERYWHERE = {
    "a package registry": r"py" + r"pi\.org|registry\.npm" + r"js|files\.python" + r"hosted",
    "a path of somebody's machine": r"(?<![\w.])/(?:wo" + r"rk|ho" + r"me/\w+)/",
    "unfinished work": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
}
IN_PLUGINS = {
    "a PowerShell script": r"-Encoded" + r"Command|Invoke-" + r"Expression|New-PS" + r"Session",
    "an unfinished function": r"raise NotImpl" + r"ementedError",
}


@cache
def files() -> list[Path]:
    """The files of the repository; in a copy without git, all files that are not made by tools."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    names = done.stdout.split("\0") if done.returncode == 0 else []
    found = [ROOT / name for name in names if name] or [path for path in ROOT.rglob("*") if not SKIPPED & set(path.parts)]
    return [path for path in found if path.is_file() and path.name != "COPYING"]


def offenders(pattern: str, below: Path) -> list[str]:
    """``file:line: text`` of every match in the text files below a folder."""
    found = []
    for path in files():
        if not path.is_relative_to(below):
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if re.search(pattern, line)]
    return found


@pytest.mark.parametrize("what", EVERYWHERE)
def test_no_file_holds(what: str) -> None:
    assert offenders(EVERYWHERE[what], ROOT) == []


@pytest.mark.parametrize("what", IN_PLUGINS)
def test_no_plugin_holds(what: str) -> None:
    assert offenders(IN_PLUGINS[what], ROOT / "plugins") == []


def test_every_python_file_names_its_licence() -> None:
    assert [
        str(path.relative_to(ROOT))
        for path in files()
        if path.suffix == ".py" and path.stat().st_size and "SPDX-License-Identifier: GPL-3.0-or-later" not in path.read_text()[:1000]
    ] == []


def test_no_gate_has_an_exception() -> None:
    """ansible-lint skips no rule and reads every file that is not made by tools; ansible-test ignores nothing."""
    config = yaml.safe_load((ROOT / ".ansible-lint").read_text())
    assert config.keys() <= {"profile", "offline", "exclude_paths", "enable_list", "kinds"}
    assert config["profile"] == "production"
    assert set(config["exclude_paths"]) == {".ansible/", "build/"}
    assert [path for path in files() if path.name.startswith((".ansible-lint-ignore", "ignore-"))] == []
    assert [line for line in offenders("no" + "qa|skip_ansible_" + "lint|pylint: " + "disable", ROOT) if ".py:" not in line] == []
    assert offenders("pylint: " + "disable", ROOT / "plugins") == []
