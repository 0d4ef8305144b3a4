# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README names all that is there, and its tables say what the data files say."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.preflight import MINIMUM_BUILD
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import (
    HostVersion,
    ImageVersion,
    base_image_tag,
    default_isolation,
    isolation_modes,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import facts as compatibility

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REQUIREMENTS = yaml.safe_load((ROOT / "plugins" / "plugin_utils" / "host" / "prerequisites.yml").read_text())
#: Windows of the support matrix, by their ids in compatibility.yml.
RELEASES = ("ws2025", "ws2022", "ws2019", "ws2016", "w11_25h2", "w11_24h2", "w11_23h2", "w10_22h2")
GENERATIONS = ("ltsc2025", "ltsc2022", "ltsc2019", "ltsc2016")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    below = README.split(f"\n{heading}\n", 1)[1]
    lines = re.findall(r"^\|(.*)\|$", below.split("\n## ")[0].split("\n### ")[0], re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def names(folder: str, pattern: str = "*.py") -> set[str]:
    """What the collection has of a kind."""
    return {path.stem for path in (ROOT / folder).glob(pattern) if path.stem != "__init__"}


@pytest.mark.parametrize(
    ("heading", "there"),
    [
        ("### Modules", names("plugins/modules")),
        ("### Roles", names("roles", "*")),
        ("### Playbooks", names("playbooks", "*.yml")),
        (
            "### Plugins and commands",
            {
                *(f"{name} ({kind})" for kind in ("filter", "test", "connection", "inventory") for name in names(f"plugins/{kind}")),
                *(f"{name} (command)" for name in names("scripts", "*")),
            },
        ),
        ("### Guides", {path.stem for path in (ROOT / "docs" / "docsite" / "rst").glob("*.rst")}),
    ],
)
def test_everything_is_in_its_table(heading: str, there: set[str]) -> None:
    rows = table(heading)
    named = [(name, row[1]) for row in rows for name in re.findall(r"`(\w+)`|rst/(\w+)\.rst", row[0])]
    if heading == "### Plugins and commands":
        assert sorted(f"{name} ({kind})" for (name, _guide), kind in named) == sorted(there)
    else:
        assert sorted(name or guide for (name, guide), _what in named) == sorted(there)
    assert all(row[-1] for row in rows)


def expected_row(release: str) -> list[str]:
    """The row of the support matrix, from the data the modules decide by."""
    kind, host = next((kind, row) for kind, rows in compatibility()["hosts"].items() for row in rows if row["id"] == release)
    version = HostVersion(host["build"], None, "server" if kind == "server" else "workstation")
    images: dict[str, Any] = {row["id"]: row["build"] for row in compatibility()["image_releases"]}

    def runs(mode: str) -> str:
        fitting = [name for name in GENERATIONS if isolation_modes(version, ImageVersion(images[name])).of(mode).allowed]
        return ", ".join(name.removeprefix("ltsc") for name in fitting) or "none"

    ends = REQUIREMENTS["servers"][host["build"]]["end"] if kind == "server" else REQUIREMENTS["clients"][host["build"]]["pro"]
    engine = "20.10 and later" if host["build"] >= MINIMUM_BUILD else f"{REQUIREMENTS['minimums']['newest_engine_below']} only"
    tag = f"`{base_image_tag(version, 'nanoserver')}`"
    return [host["name"], str(host["build"]), ends, engine, default_isolation(version.product_type), runs("process"), runs("hyperv"), tag]


def test_the_support_matrix_is_what_the_modules_decide_by() -> None:
    assert table("### Windows") == [expected_row(release) for release in RELEASES]


def test_the_versions_of_the_controller_are_those_that_are_enforced() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    core = runtime["requires_ansible"].split(",")[0].removeprefix(">=").removesuffix(".0")
    for text in (README, (ROOT / "docs" / "docsite" / "rst" / "guide_first_host.rst").read_text()):
        assert set(re.findall(r"ansible-core (\d\.\d+) or later", text)) == {core}
    assert re.findall(r"package_pip: ansible-core>=(.+)", (ROOT / "docs" / "docsite" / "rst" / "guide_fleet.rst").read_text()) == [core]
    assert re.findall(r"cores=\$\{\*:-([\d.]+) ", (ROOT / "tests" / "tools" / "matrix").read_text()) == [core]


def test_the_libraries_that_pages_name_are_those_of_the_requirements() -> None:
    """The pages name the oldest Docker SDK, the other libraries without a version."""
    (oldest,) = re.findall(r"^docker>=(\d+\.\d+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    pages = [
        path.read_text() for folder in ("connection", "inventory", "doc_fragments") for path in (ROOT / "plugins" / folder).glob("*.py")
    ]
    named = [version for page in pages for version in re.findall(r"Docker SDK for Python \(C\(docker\)\) (\d+\.\d+) or later", page)]
    assert named
    assert set(named) == {oldest}


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "images").glob("*.svg")), ids=lambda path: path.name)
def test_a_picture_is_for_light_and_dark_and_says_what_it_shows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    svg = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{svg}title") and root.findtext(f"{svg}desc")
    assert "prefers-color-scheme: dark" in text
    assert "href" not in text and "url(http" not in text
