# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of the guides say what the code does."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from compare.guide import GUIDE, OPTIONS, filled, names, option_tables
from compare.run import peer_version

from ansible_collections.winfleet.containers.plugins.module_utils.container_options import REFUSED
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import (
    HostVersion,
    ImageVersion,
    facts,
    isolation_modes,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.report import model

RST = GUIDE.parent
PEERS = os.environ.get("PEERS", "")


def rows(guide: str, first: str) -> list[list[str]]:
    """The rows of the table of a guide whose first cell is the one given."""
    table = next(
        part for part in (RST / guide).read_text().split(".. list-table::") if re.search(rf"^   \* - {first}$", part, re.MULTILINE)
    )
    lines = table.split("\n\n", 1)[1].partition("\n\n")[0]
    return [row.strip().split("\n     - ") for row in f"\n{lines}".split("\n   * - ")[1:]]


def test_the_tables_of_options_are_those_of_the_modules() -> None:
    """They are made of options.yml, ROWS and REFUSED: python -m compare.guide writes them."""
    text = GUIDE.read_text(encoding="utf-8")
    assert filled(text, "the options", option_tables()) == text


def test_no_refusal_is_left_out() -> None:
    """Every refused option is one of theirs, or an alias or an older name of one."""
    older = {"cgroup_ns_mode", "purge_networks"}
    assert set(REFUSED) - older <= {*OPTIONS["connection"], *OPTIONS["modules"]["docker_container"]["options"]}
    assert not set(REFUSED) & names("container")


@pytest.mark.skipif(not peer_version(PEERS), reason="PEERS names no folder with ansible_collections/community/docker")
def test_the_options_are_those_of_the_peer() -> None:
    modules = Path(PEERS) / "ansible_collections" / "community" / "docker" / "plugins" / "modules"
    assert OPTIONS["collection"] == f"community.docker {peer_version(PEERS)}"
    assert {path.stem for path in modules.glob("*.py")} == {*OPTIONS["modules"], *OPTIONS["not_for_windows_hosts"]}
    for name, entry in OPTIONS["modules"].items():
        if entry["here"] is not None:
            assert set(entry["options"]) == set(_documented(modules / f"{name}.py")), name


def _documented(module: Path) -> dict[str, Any]:
    found = re.search(r'^DOCUMENTATION = r?"""(.*?)^"""', module.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return dict(yaml.safe_load(found[1])["options"]) if found else {}


def test_the_guide_to_isolation_has_the_rules_of_the_code() -> None:
    hosts = {row["name"]: (row["build"], kind) for kind in ("server", "workstation") for row in facts()["hosts"][kind]}
    images = {"2025": 26100, "2022": 20348, "2019": 17763, "2016": 14393}
    header, *table = rows("guide_isolation.rst", "Host")
    assert header == ["Host", *(f"image {release}" for release in images)]
    words = {("process", "hyperv"): "both", ("hyperv",): "hyperv", ("process",): "process", (): "none"}
    for name, *cells in table:
        build, kind = hosts[name]
        allowed = [isolation_modes(HostVersion(build, None, kind), ImageVersion(image)).allowed for image in images.values()]  # type: ignore[arg-type]
        assert cells == [words[modes] for modes in allowed], name
    assert len(table) == 7


def test_the_guide_to_the_report_has_its_fields() -> None:
    """Also in the order of the columns: an empty report has all tables."""
    _header, *listed = rows("guide_fleet_report.rst", "Table")
    found: dict[str, list[str]] = {}
    for table, field, meaning in listed:
        found.setdefault(table.strip("`"), []).append(field.strip("`"))
        assert meaning
    tables = model.build([], "", datetime(2026, 11, 24, tzinfo=UTC)).tables
    assert found == {table.key: [column.key for column in table.columns] for table in tables}


def test_the_guide_to_images_has_the_tags_of_the_code() -> None:
    releases = {row["build"]: row for row in facts()["image_releases"]}
    _header, *table = rows("guide_images.rst", "Release")
    for _release, build, tags, hosts in table:
        known = releases[int(build)]["tags"]
        named = set(re.findall(r"``([^`]+)``", tags))
        assert named == set(known["nanoserver"]) | set(known["servercore"]), build
        assert hosts
    assert len(table) == 4
