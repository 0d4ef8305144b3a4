# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's page in a real browser, skipped where no Chromium is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.report.model import build
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.page import as_html
from ansible_collections.winfleet.containers.plugins.plugin_utils.report.resource import parse_timestamp

from .browser import PROGRAM, Browser
from .fleet import FLEET, TIMESTAMP

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed")

COLUMN = "(table, n) => [...document.querySelectorAll(`#${table} tbody tr:not([hidden])`)].map(row => row.cells[n].textContent)"
#: Every text on the page whose contrast with what lies below it is too low to read: WCAG 2 asks for 4.5.
CONTRAST = """
(() => {
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => {
    const [r, g, b] = numbers(color).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const below = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (numbers(color).length === 3) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.getClientRects().length) continue;
    seen += 1;
    const [one, other] = [light(getComputedStyle(element).color), light(below(element))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) poor.push(texts.currentNode.data);
  }
  return {seen, poor};
})()
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "fleet-report.html"
    path.write_text(as_html(build(FLEET, "Windows container hosts", parse_timestamp(TIMESTAMP))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser, page: Path) -> Browser:
    chromium.size(1500)
    chromium.media()
    chromium.open(page)
    return chromium


def column(browser: Browser, table: str, index: int) -> list[str]:
    """The texts of a column, of the rows that are shown."""
    found: list[str] = browser.evaluate(f'({COLUMN})("{table}", {index})')
    return found


def test_it_loads_without_a_word_and_asks_for_nothing(browser: Browser, page: Path) -> None:
    browser.evaluate("new Promise(done => setTimeout(done, 50))")
    told = [
        method
        for method, _parameters in browser.events
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
    ]
    assert told == []
    asked = {parameters["request"]["url"] for method, parameters in browser.events if method == "Network.requestWillBeSent"}
    assert asked == {page.as_uri()}
    assert browser.evaluate("document.title") == "Windows container hosts"
    assert browser.evaluate("document.querySelectorAll('img').length") == 0


def test_rows_are_sorted_with_the_keyboard(browser: Browser) -> None:
    shown = column(browser, "hosts", 0)
    browser.evaluate("document.querySelector('#hosts th:nth-child(5) button').focus()")
    browser.press("Enter")
    revisions = column(browser, "hosts", 4)
    assert revisions == ["3807", "4349", "4349", "4405", "7434", "8868", "", ""]  # as numbers, and what is empty last
    assert browser.evaluate("document.querySelector('#hosts th:nth-child(5)').getAttribute('aria-sort')") == "ascending"
    browser.press(" ")
    assert column(browser, "hosts", 4) == ["8868", "7434", "4405", "4349", "4349", "3807", "", ""]
    assert browser.evaluate("document.querySelector('#hosts th:nth-child(5)').getAttribute('aria-sort')") == "descending"
    browser.evaluate("document.querySelector('#hosts th button').click()")
    assert column(browser, "hosts", 0) == shown
    assert browser.evaluate("document.querySelectorAll('[aria-sort]').length") == 1
    browser.evaluate("document.querySelector('#hosts th:nth-child(11) button').click()")
    assert column(browser, "hosts", 10)[-3:] == ["pending", "", ""]


def test_rows_are_filtered_by_words_group_and_urgency(browser: Browser) -> None:
    browser.evaluate("document.getElementById('words').focus()")
    browser.type("WEB01 tenant")
    assert set(column(browser, "containers", 1)) == {"tenant-a", "tenant-b", "tenant-c"}
    assert browser.evaluate("document.querySelector('#containers .count').textContent") == "3 of 9"
    assert browser.evaluate("document.getElementById('filtered').textContent").endswith("rows shown")
    browser.evaluate("document.querySelector('form.filters [type=reset]').click()")
    browser.evaluate("new Promise(done => setTimeout(done, 20))")
    assert len(column(browser, "containers", 1)) == 9 and browser.evaluate("document.getElementById('filtered').textContent") == ""

    choose = "group.value = 'erp'; group.dispatchEvent(new Event('input', {bubbles: true}))"
    browser.evaluate(f"(() => {{ const group = document.getElementById('group'); {choose} }})()")
    assert column(browser, "hosts", 0) == ["legacy"]
    assert column(browser, "releases", 5) == ["legacy"]
    browser.evaluate("document.querySelector('form.filters').reset()")
    browser.evaluate("document.getElementById('urgent').click()")
    browser.evaluate("new Promise(done => setTimeout(done, 20))")
    assert column(browser, "hosts", 0) == ["dev-pc", "gone", "legacy", "locked", "new", "web01"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser: Browser, scheme: str) -> None:
    browser.media(scheme=scheme)
    found = browser.evaluate(CONTRAST)
    assert found["seen"] > 250 and found["poor"] == []
    assert (browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 246, 248)") is (scheme == "light")


@pytest.mark.parametrize("width", [1500, 1024, 400])
def test_no_window_is_too_narrow_for_it(browser: Browser, width: int) -> None:
    browser.size(width)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_is_light_and_has_no_controls(browser: Browser) -> None:
    browser.media("print", "dark")
    shown = "e => getComputedStyle(e).display !== 'none'"
    assert (
        browser.evaluate(f"[...document.querySelectorAll('thead button, .filters label, .filters button, .skip')].filter({shown}).length")
        == 0
    )
    assert browser.evaluate(f"[...document.querySelectorAll('thead .paper')].every({shown})")
    assert browser.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(26, 34, 48)"
    assert browser.evaluate(CONTRAST)["poor"] == []
    paper = browser.call("Page.printToPDF", preferCSSPageSize=True)["data"]
    assert len(paper) > 10_000


def test_a_row_of_many_hosts_names_those_that_fit(chromium: Browser, tmp_path: Path) -> None:
    fleet = [{**entry, "name": f"{entry['name']}-{number}"} for number in range(6) for entry in FLEET]
    page = tmp_path / "many.html"
    page.write_text(as_html(build(fleet, "Many", parse_timestamp(TIMESTAMP))), encoding="utf-8")
    chromium.media()
    chromium.open(page)
    licence = "[...document.querySelectorAll('#findings tbody tr')].find(row => row.textContent.includes('License it again')).querySelector('details')"
    named = f"[...{licence}.querySelectorAll('li')].filter(item => item.getClientRects().length).map(item => item.textContent)"
    assert chromium.evaluate(f"{licence}.querySelector('summary').textContent") == "6 hosts"
    assert chromium.evaluate(f"{licence}.open") is False
    chromium.evaluate("document.getElementById('words').focus()")
    chromium.type("web01-4 license")
    assert chromium.evaluate(named) == ["web01-4 tenant-a, tenant-b, tenant-c"]
    assert chromium.evaluate(f"{licence}.querySelector('summary').textContent") == "1 of 6 hosts"
    assert column(chromium, "findings", 0) == ["act"] and column(chromium, "hosts", 0) == []
    chromium.evaluate("document.querySelector('form.filters').reset()")
    chromium.evaluate("new Promise(done => setTimeout(done, 20))")
    assert chromium.evaluate(f"{licence}.open") is False
    chromium.media("print")
    assert len(chromium.evaluate(named)) == 6, "what is folded away on the screen stands on paper"


def test_it_is_complete_without_scripts(chromium: Browser, page: Path) -> None:
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(page)
        assert len(column(chromium, "containers", 1)) == 9
        assert chromium.evaluate("document.querySelector('form.filters').getClientRects().length") == 0
        assert chromium.evaluate("document.querySelectorAll('thead button').length") == 0
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)
