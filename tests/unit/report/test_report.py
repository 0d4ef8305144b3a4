# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as data, and the three forms it is written in."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.container_tables import months_behind
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.exports import as_csv, as_json
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.folded import folded
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.gathered import Gathered
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.model import Report, build
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.outlook import next_release, outlooks
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.page import as_html
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.resource import files, parse_timestamp
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.table import Cell, Column, Row, Table

from .fleet import CORE, EVIL, FLEET, NANO, TIMESTAMP, container, host, image, offer, system

TODAY = date(2026, 11, 24)


def report(*hosts: dict[str, Any]) -> Report:
    return build(hosts or FLEET, "Windows container hosts", parse_timestamp(TIMESTAMP))


def table(key: str, *hosts: dict[str, Any]) -> list[dict[str, Any]]:
    return next(entry for entry in report(*hosts).tables if entry.key == key).records()


def outlook(
    release: str, build: int, revision: Any, image_version: str | None, isolation: str, offered: str = "", **more: Any
) -> tuple[str, str, str]:
    """Tones after the reboot, the next revision, and the upgrade, of one container on one host."""
    tag = f"{NANO}:x"
    updates = {"images": [offer(tag, image_version or "", offered)], "containers": [], "stale": []} if offered else None
    info = system(release, build, revision, "Professional" if release.startswith("Windows 1") else "ServerStandard")
    entry = host("h", "g", info, [container("c", tag, isolation, **more)], [image(tag, image_version)], None, updates)
    (found,) = outlooks(Gathered.of(entry), TODAY)
    return found.reboot.tone, found.revision.tone, found.upgrade.tone if found.upgrade else "none"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # Windows Server 2016 needs equal revisions (windows-containers.md 3.2), whatever Hyper-V isolation does.
        (("Windows Server 2016", 14393, 8868, "10.0.14393.8868", "process"), ("good", "bad", "watch")),
        (("Windows Server 2016", 14393, 8868, "10.0.14393.8868", "hyperv"), ("good", "good", "good")),
        # The image that comes with the next update is there already, and its host is one update behind.
        (("Windows Server 2016", 14393, 8868, "10.0.14393.8900", "process", "10.0.14393.8900"), ("good", "good", "watch")),
        (("Windows Server 2016", 14393, None, "10.0.14393.8868", "process"), ("good", "unknown", "watch")),
        # The break of 2020-02-11.
        (("Windows Server 2019", 17763, 973, "10.0.17763.914", "process"), ("good", "bad", "watch")),
        (("Windows Server 2019", 17763, 7434, "10.0.17763.7000", "process"), ("good", "good", "watch")),
        # From Server 2022 on, process isolation survives an upgrade.
        (("Windows Server 2022", 20348, 3807, "10.0.20348.3807", "process"), ("good", "good", "good")),
        (("Windows Server 2025", 26100, 4349, "10.0.20348.3807", "process"), ("good", "good", "none")),
        # Field reports of Windows 11 25H2 with images of Server 2025.
        (("Windows 11 24H2", 26100, 4349, "10.0.26100.4349", "hyperv"), ("good", "good", "watch")),
        (("Windows Server 2022", 20348, 3807, None, "process"), ("good", "unknown", "unknown")),
    ],
)
def test_what_starts_after_an_update(arguments: tuple[Any, ...], expected: tuple[str, str, str]) -> None:
    assert outlook(*arguments) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"policy": "no"}, "watch"),
        ({"policy": "on-failure"}, "watch"),
        ({"policy": "always"}, "good"),
        ({"policy": "unless-stopped"}, "good"),
        ({"policy": "no", "running": False}, "off"),
    ],
)
def test_what_comes_back_after_a_reboot(more: dict[str, Any], expected: str) -> None:
    assert outlook("Windows Server 2022", 20348, 3807, "10.0.20348.3807", "process", **more)[0] == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (HostVersion(14393, 1, "server"), 17763),
        (HostVersion(17763, 1, "server"), 20348),
        (HostVersion(25398, 1, "server"), 26100),
        (HostVersion(26100, 1, "server"), None),
        (HostVersion(19045, 1, "workstation"), 26100),  # all between them are no longer supported
        (HostVersion(26100, 1, "workstation"), 26200),
        (HostVersion(28000, 1, "workstation"), None),
    ],
)
def test_the_next_release_is_one_that_is_supported(version: HostVersion, expected: int | None) -> None:
    found = next_release(version, TODAY)
    assert (found.build if found else None) == expected


@pytest.mark.parametrize(
    ("created", "today", "expected"),
    [
        ("2026-11-03", "2026-11-24", 0),
        ("2026-10-13", "2026-11-09", 0),  # the second Tuesday of November 2026 is the 10th
        ("2026-10-13", "2026-11-10", 1),
        ("2025-11-11", "2026-11-24", 12),
        ("2027-01-01", "2026-11-24", 0),
    ],
)
def test_months_are_counted_by_patch_tuesdays(created: str, today: str, expected: int) -> None:
    assert months_behind(date.fromisoformat(created), date.fromisoformat(today)) == expected


def test_what_needs_action_stands_first_and_says_what_to_do() -> None:
    found = table("findings")
    assert [entry["urgency"] for entry in found] == sorted(entry["urgency"] for entry in found)
    assert all(entry["advice"] for entry in found)
    told = {(entry["host"], entry["what"]): entry["subjects"] for entry in found}
    assert told["gone", "Cannot reach the host: connection refused"] == ()
    assert told["locked", "Cannot read the facts of the host: access is denied"] == ()
    assert told["web01", "the evidence speaks against the isolation these containers asked for"] == ("web",)
    assert told["web01", "3 containers run with Hyper-V isolation, and one licence of the edition Standard covers 2"] == (
        "tenant-a",
        "tenant-b",
        "tenant-c",
    )
    assert told["web01", "a reboot is pending: Windows Update waits for a reboot"] == ()
    assert told["web01", "the registry has newer ones of these images"] == (f"{NANO}:ltsc2022",)
    assert told["legacy", "containers will not start after the next update of Windows"] == ("erp",)
    assert told["legacy", "the end of support is near or not certain: support ends on 2027-01-12"] == ()
    assert not [entry for entry in found if entry["host"] == "build1"]


def test_a_fleet_in_order_needs_no_action() -> None:
    quiet = report(next(entry for entry in FLEET if entry["name"] == "build1"))
    assert {tile.tone for tile in quiet.tiles} <= {"", "good"}
    assert table("findings", *[entry for entry in FLEET if entry["name"] == "build1"]) == []
    assert "Nothing. Every host was reached" in as_html(quiet)


def test_no_host_at_all_is_a_report_too() -> None:
    empty = build([], "None", parse_timestamp(TIMESTAMP))
    assert all(not entry.rows for entry in empty.tables)
    assert "No hosts." in as_html(empty)
    for nothing_seen in (empty, report(next(entry for entry in FLEET if entry["name"] == "gone"))):
        assert "good" not in {tile.tone for tile in nothing_seen.tiles}, "of hosts that nobody saw nothing is known"
        assert "Every container comes back" not in as_html(nothing_seen)


def test_what_nobody_could_learn_is_told_as_unknown() -> None:
    rows = {row["host"]: row for row in table("hosts")}
    assert rows["gone"]["state"] == "unreachable" and rows["locked"]["state"] == "failed"
    assert rows["gone"]["build"] is None
    containers = {row["container"]: row for row in table("containers")}
    assert containers["nightly-job"]["proved"] is None
    assert containers["shop"]["proved"] == "unproved"
    releases = {(row["release"], row["build"]): row["hosts"] for row in table("releases")}
    assert releases["not reached", None] == ("gone", "locked")


def test_a_pinned_base_is_measured_by_what_the_fleet_knows() -> None:
    rows = {(row["host"], row["image"]): row for row in table("images")}
    pinned = rows["web01", f"{CORE}:10.0.20348.3692"]
    assert (pinned["newest"], pinned["months"]) == ("10.0.20348.4405", 4)
    assert "will not move" in pinned["state"]
    assert rows["build1", f"{NANO}:ltsc2025"]["state"] == "up to date"
    assert rows["web01", f"{NANO}:ltsc2022"]["newest"] == "10.0.20348.4405"


def test_the_same_facts_give_the_same_files_in_any_order() -> None:
    once, again = files(report(*FLEET)), files(report(*reversed(FLEET)))
    assert once == again
    assert sorted(once)[:2] == ["fleet-report-containers.csv", "fleet-report-engines.csv"]
    with pytest.raises(OptionError, match='"tomorrow" is not a moment'):
        parse_timestamp("tomorrow")


def test_json_and_csv_hold_the_same_rows() -> None:
    whole = report()
    data = json.loads(as_json(whole))
    assert data["generated"] == TIMESTAMP and data["groups"]["web01"] == ["windows", "web"]
    for entry in whole.tables:
        rows = list(csv.DictReader(io.StringIO(as_csv(entry))))
        assert len(rows) == len(data["tables"][entry.key]) == len(entry.rows)
        for row, record in zip(rows, data["tables"][entry.key], strict=True):
            for key, value in record.items():
                shown = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
                assert row[key].removeprefix("'") == shown


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", '"=1', "\t=1", "\r=1", "\uff1d1", "|calc", "%1"])
def test_no_text_is_a_formula_to_a_spreadsheet(text: str) -> None:
    (line,) = csv.reader(as_csv(Table("t", "", "", (Column("a", "A"),), (Row((Cell(text),)),), "")).splitlines()[1:])
    assert line[0].startswith("'")


def test_numbers_stay_numbers_and_invisible_characters_are_shown_as_blanks() -> None:
    columns = (Column("a", "A"), Column("b", "B"))
    text = as_csv(Table("t", "", "", columns, (Row((Cell(-42), Cell("a\u202eb\x00c\nd"))),), ""))
    assert text == "a,b\r\n-42,a b c d\r\n"


class Page(HTMLParser):
    """A page's elements, with their attributes; refuses what is not closed in order."""

    VOID = {"meta", "input", "wbr", "br", "img", "link"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: Counter[str] = Counter()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words[data.strip()] += 1

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_is_whole_and_needs_nothing_beside_it() -> None:
    text = as_html(report())
    page = Page(text)
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for _tag, attributes in page.elements if "href" in attributes]
    assert all(link and link.startswith("#") and link[1:] in ids for link in links)
    assert not any(
        "src" in attributes or "style" in attributes or any(key.startswith("on") for key in attributes)
        for _tag, attributes in page.elements
    )
    assert not page.all("img") and not page.all("link") and not page.all("iframe")
    assert not re.search(r"https?://|url\(|@import", text)
    policy = next(attributes["content"] for attributes in page.all("meta") if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none'") and "unsafe" not in policy


def test_the_page_can_be_read_without_eyes() -> None:
    page = Page(as_html(report()))
    assert page.all("html")[0]["lang"] == "en"
    tables = len(page.all("table"))
    assert tables == len(page.all("caption")) == len(page.all("thead")) == sum(bool(entry.rows) for entry in report().tables)
    assert {attributes.get("scope") for attributes in page.all("th")} == {"col", "row"}
    names = {attributes["id"] for _tag, attributes in page.elements if "id" in attributes}
    assert all(attributes["aria-labelledby"] in names for attributes in page.all("div"))
    assert all(attributes.get("tabindex") == "0" and attributes.get("role") == "region" for attributes in page.all("div"))
    assert [tag for tag, _attributes in page.elements if tag in ("h1", "h2", "h3")] == ["h1", *["h2"] * len(report().tables)]
    # A colour never speaks alone: whatever has a tone has words, and a mark that screen readers pass over.
    marked = [cell for entry in report().tables for row in entry.rows for cell in row.cells if cell.tone]
    assert marked and all(cell.lines for cell in marked)


def test_what_several_hosts_have_in_common_is_said_once() -> None:
    twins = [{**entry, "name": f"{entry['name']}-{number}"} for number in range(3) for entry in FLEET]
    once, thrice = ({table.key: folded(table) for table in report(*hosts).tables} for hosts in (FLEET, twins))
    assert len(once) == 9
    for key in once:
        if once[key].where:
            assert len(thrice[key].rows) == len(once[key].rows)
            assert all(len(row.where) % 3 == 0 for row in thrice[key].rows)
        else:
            assert key in ("hosts", "containers") and len(thrice[key].rows) == 3 * len(once[key].rows)
    refused = next(row for row in once["findings"].rows if "License it again or with Datacenter" in row.cells[-1].lines[0])
    assert refused.where == (("web01", ("tenant-a", "tenant-b", "tenant-c")),)
    worst = [row.tone for row in thrice["findings"].rows]
    assert worst == sorted(worst)


def test_a_host_more_costs_the_page_little() -> None:
    """Explanations are long: they may stand there once, not with every host."""
    few, many = (
        len(as_html(report(*({**entry, "name": f"{entry['name']}-{number:03}"} for number in range(times) for entry in FLEET))))
        for times in (10, 20)
    )
    assert (many - few) / (10 * len(FLEET)) < 1_500


def test_what_comes_from_hosts_is_only_text() -> None:
    text = as_html(
        build([{**FLEET[0], "name": EVIL, "groups": ['"><script>']}, *FLEET[1:]], "</title><script>", parse_timestamp(TIMESTAMP))
    )
    page = Page(text)
    assert len(page.all("script")) == 1 and not page.all("img")
    assert EVIL not in text and page.words[EVIL] >= 2
