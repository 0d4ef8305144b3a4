# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rings of the design: who may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
FILES = sorted(PLUGINS.rglob("*.py"))
OURS = ("ansible_collections", "winfleet", "containers", "plugins")

#: Files without I/O: they decide, parse or quote, and know neither Ansible nor a library that talks to anything.
PURE = {
    "plugin_utils/desired_state.py",
    "plugin_utils/errors.py",
    "plugin_utils/host/readiness.py",
    "plugin_utils/host/prerequisites.py",
    "plugin_utils/host/subsets.py",
    "plugin_utils/remote/command_line.py",
    "plugin_utils/remote/envelope.py",
    "plugin_utils/engine/exchange.py",
    "plugin_utils/engine/failures.py",
    "plugin_utils/engine/preflight.py",
    "plugin_utils/images/compatibility.py",
    "plugin_utils/images/desired.py",
    "plugin_utils/images/given.py",
    "plugin_utils/images/keep.py",
    "plugin_utils/images/plan.py",
    "plugin_utils/images/references.py",
    "plugin_utils/images/report.py",
    "plugin_utils/images/selection.py",
    "plugin_utils/sizes.py",
    "plugin_utils/images/space.py",
    "plugin_utils/images/state.py",
    "plugin_utils/networks/options.py",
    "plugin_utils/networks/plan.py",
    "plugin_utils/pruning/rules.py",
    "plugin_utils/values.py",
    "plugin_utils/containers/command_line.py",
    "plugin_utils/containers/evidence.py",
    "plugin_utils/containers/draft.py",
    "plugin_utils/containers/forms.py",
    "plugin_utils/containers/invocation.py",
    "plugin_utils/containers/kinds.py",
    "plugin_utils/containers/making.py",
    "plugin_utils/containers/networks.py",
    "plugin_utils/containers/values.py",
    "module_utils/container_options.py",
    "plugin_utils/containers/isolation.py",
    "plugin_utils/containers/mounts.py",
    "plugin_utils/containers/options.py",
    "plugin_utils/containers/plan.py",
    "plugin_utils/containers/ports.py",
    "plugin_utils/containers/report.py",
    "plugin_utils/containers/state.py",
    "plugin_utils/containers/updates.py",
    "module_utils/engine_arguments.py",
    "plugin_utils/report/container_tables.py",
    "plugin_utils/report/exports.py",
    "plugin_utils/report/findings.py",
    "plugin_utils/report/gathered.py",
    "plugin_utils/report/model.py",
    "plugin_utils/report/outlook.py",
    "plugin_utils/report/page.py",
    "plugin_utils/report/table.py",
    "plugin_utils/report/tables.py",
}
IMPURE = {"ansible", "docker", "requests", "urllib3", "winrm", "pypsrp", "socket", "subprocess", "threading", "http", "urllib"}

#: Folder below plugin_utils: the folders it may import from.
RINGS = {
    "remote": {"remote"},
    "host": {"remote", "host", "images"},
    "engine": {"remote", "host", "engine", "images"},
    "images": {"remote", "host", "engine", "images"},
    "containers": {"remote", "host", "engine", "images", "containers"},
    "networks": {"remote", "engine", "networks"},
    "pruning": {"remote", "engine", "pruning"},
    "report": {"host", "images", "report"},
}


def imported(path: Path) -> Iterator[tuple[str, ...]]:
    """Every module a file imports, as parts; relative and absolute imports of our own start with ``plugins``."""
    here = ("plugins", *path.relative_to(PLUGINS).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = (*here[: len(here) - node.level + 1], *(node.module.split(".") if node.module else ()))
            names = [base] if node.module else [(*base, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [tuple(str(node.module).split("."))]
        else:
            continue
        for name in names:
            yield name[3:] if name[:4] == OURS else name


def relative(path: Path) -> str:
    return path.relative_to(PLUGINS).as_posix()


def tops(path: Path) -> set[str]:
    return {name[0] for name in imported(path)}


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_libraries_are_used_where_they_belong(path: Path) -> None:
    name, names = relative(path), tops(path)
    if not name.startswith("plugin_utils/engine/"):
        assert "docker" not in names, "only engine/ talks to the Docker SDK"
    if name != "plugin_utils/remote/session.py":
        assert not names & {"winrm", "pypsrp"}, "only remote/session.py knows the WinRM libraries"
    assert not names & {"tests", "simulator"}, "nothing in plugins/ needs tests/"


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_inner_rings_do_not_import_outer_ones(path: Path) -> None:
    name = relative(path)
    ring = name.split("/")[1] if name.startswith("plugin_utils/") and name.count("/") > 1 else ""
    if name in PURE:
        assert not tops(path) & IMPURE
    if ring:
        used = {target[2] for target in imported(path) if target[:2] == ("plugins", "plugin_utils") and len(target) > 3}
        assert used <= RINGS[ring]
        assert ("plugins", "action") not in {target[:2] for target in imported(path)}


def test_the_pure_files_exist() -> None:
    assert [name for name in sorted(PURE) if not (PLUGINS / name).is_file()] == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_plugins_hold_no_assert(path: Path) -> None:
    """Python drops asserts under -O: what must hold is raised."""
    assert [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)] == []
