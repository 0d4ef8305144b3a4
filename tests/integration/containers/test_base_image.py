# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``base_image`` on simulated hosts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.images.base_image import BaseImage

from .conftest import IMAGE, NANO, Done, Site

Start = Callable[..., Site]


def _provide(where: Site, family: str = "nanoserver", release: str = "auto", check: bool = False) -> Done:
    return where.run(lambda remote: BaseImage(remote, family, release, "docker_engine"), check)


def _pulls(where: Site) -> list[str]:
    return [request for request in where.requests() if request.startswith("POST")]


def test_the_image_that_fits_is_pulled_once(site: Start) -> None:
    where = site()
    predicted = _provide(where, check=True)
    assert _pulls(where) == []
    done = _provide(where)
    assert (done.actions, done.result["image"]["reference"]) == (["pull"], IMAGE), done.error
    image = done.result["image"]
    assert image["os_version"] == predicted.result["image"]["os_version"] == "10.0.20348.3807"
    assert image["digest"] == predicted.result["image"]["digest"] == done.plan.differences[0].after
    assert image["id"].startswith("sha256:") and image["size"] > 0
    again = _provide(where)
    assert not again.changed and again.result == done.result
    assert len(_pulls(where)) == 1


def test_progress_is_shown_while_it_runs(site: Start) -> None:
    where = site()
    _provide(where)
    shown = [line for line in where.progress if "layers ready" in line]
    assert len(shown) >= 2 and "MB downloaded" in shown[-1] and "100 %" in shown[-1]


@pytest.mark.parametrize(
    ("profile", "engine", "tag"),
    [("server-2019", "28.5.2", "1809"), ("server-2025", "29.4.3", "ltsc2025"), ("windows-11-24h2", "28.5.2", "ltsc2025")],
)
def test_each_host_gets_its_own(site: Start, profile: str, engine: str, tag: str) -> None:
    done = _provide(site(profile=profile, engine=engine))
    assert done.result["image"]["reference"] == f"{NANO}:{tag}", done.error


def test_an_image_of_another_revision_is_told_where_that_matters(site: Start) -> None:
    done = _provide(site(profile="server-2016", engine="20.10.24"), check=True)
    assert [warning.partition(":")[0] for warning in done.plan.warnings] == ["this image runs here with Hyper-V isolation only"], done.error
    assert "equal revisions" in done.plan.warnings[0]


@pytest.mark.parametrize(
    ("family", "release", "said"),
    [
        ("nanoserver", "ltsc1999", ['no release "ltsc1999"', "ltsc2022"]),
        ("nanoserver", "10.0.20348.99999", ['has no tag "10.0.20348.99999"', "ltsc2022"]),
        ("nanoserver", "ltsc2025", ["26100", "newer"]),
        ("nanoserver", "10.0.26100.4349", ["26100", "newer"]),
        ("windows", "auto", ["ltsc2022", "nanoserver"]),
    ],
)
def test_refusals_come_before_the_pull(site: Start, family: str, release: str, said: list[str]) -> None:
    where = site()
    done = _provide(where, family, release)
    assert done.error.startswith("Cannot provide base image") and all(text in done.error for text in said), done.error
    assert _pulls(where) == []


def test_an_error_inside_the_stream_is_an_error(site: Start) -> None:
    where = site()
    where.fleet.call(lambda: setattr(where.machine.files, "free_bytes", 1_000_000))
    done = _provide(where)
    assert "disk is full" in done.error and done.error.startswith("Cannot "), done.error


def test_a_tag_that_moved_is_pulled_again(site: Start) -> None:
    where = site()
    _provide(where)

    def move() -> None:
        tags = where.engine.registry.repositories[NANO]
        tags["ltsc2022"] = tags["10.0.20348.1487"]

    where.fleet.call(move)
    done = _provide(where)
    assert done.actions == ["pull"] and done.result["image"]["os_version"] == "10.0.20348.1487", done.error
    assert not _provide(where).changed
