# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``base_image`` on simulated hosts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import IMAGE, NANO, PING, Done, Site

Start = Callable[..., Site]


def _provide(where: Site, family: str = "nanoserver", release: str = "auto", check: bool = False, **options: Any) -> Done:
    return where.base_image(check, family=family, release=release, **options)


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
    refused = _provide(where)
    assert "has 1 MB free, and the image takes about 414 MB" in refused.error and _pulls(where) == [], refused.error
    done = _provide(where, check_free_space=False)
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


def _moved(where: Site, release: str) -> None:
    """Let ltsc2022 point at another month's image."""

    def move() -> None:
        tags = where.engine.registry.repositories[NANO]
        tags["ltsc2022"] = tags[release]

    where.fleet.call(move)


def _here(where: Site) -> list[str]:
    return sorted(one.os_version for one in where.engine.state.images.images.values())


def test_old_images_go_but_never_one_in_use(site: Start) -> None:
    where = site()
    for month in ("10.0.20348.1487", "10.0.20348.3807", "10.0.20348.1487"):
        _moved(where, month)
        _provide(where)
    assert where.container(image=IMAGE, command=PING).error == ""  # uses .1487
    _provide(where, release="1809", check_free_space=False)
    _moved(where, "10.0.20348.3807")
    predicted = _provide(where, check=True, keep=1)
    done = _provide(where, keep=1)
    assert done.error == "" and done.result["image"]["os_version"] == "10.0.20348.3807"
    assert predicted.actions == done.actions and done.result["removed"] == []
    assert "10.0.20348.1487" in _here(where)
    assert where.container(state="absent").error == ""
    done = _provide(where, keep=1)
    assert done.actions == ["remove"] and done.result["removed"], done.error
    assert [version for version in _here(where) if version.startswith("10.0.20348")] == ["10.0.20348.3807"]
    assert any(version.startswith("10.0.17763") for version in _here(where)), "other releases stay"
    assert not _provide(where, keep=1).changed


def test_an_image_is_removed_unless_it_is_used(site: Start) -> None:
    where = site()
    assert not _provide(where, state="absent").changed
    assert where.container(image=IMAGE, command=PING).error == ""
    refused = _provide(where, state="absent")
    assert refused.error == (
        'Cannot remove base image "nanoserver" on ws2022: running containers use it: web. Remove these containers first.'
    )
    where.container(state="absent")
    predicted, done = _provide(where, state="absent", check=True), _provide(where, state="absent")
    assert done.changed and predicted.actions == done.actions == ["remove_name"], done.error
    assert done.result["image"]["id"] is None and IMAGE in done.result["removed"] and _here(where) == []


def test_it_comes_from_another_registry_under_microsofts_name(site: Start) -> None:
    where = site()
    own = "registry.example.com:5000/mirror"
    where.fleet.call(
        lambda: where.engine.registry.repositories.update({f"{own}/windows/nanoserver": where.engine.registry.repositories[NANO]})
    )
    done = _provide(where, registry=own)
    assert (done.actions, done.result["image"]["reference"]) == (["pull", "tag"], IMAGE), done.error
    assert done.result["image"]["tags"] == [IMAGE, f"{own}/windows/nanoserver:ltsc2022"] and done.result["image"]["digest"]
    assert not _provide(where, registry=own).changed
    assert where.container(image=IMAGE, command=PING, pull="never").error == ""


def test_a_private_registry_is_told_who_asks(site: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the task alone: what the controller's own Docker client knows is nobody else's business."""
    where = site()
    login = {"auths": {"private.example.com": {"auth": base64.b64encode(b"puller:right").decode()}}}
    (tmp_path / "config.json").write_text(json.dumps(login))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    own = "private.example.com"

    def lock() -> None:
        registry = where.engine.registry
        registry.repositories[f"{own}/windows/nanoserver"] = registry.repositories[NANO]
        registry.accounts[own] = {"puller": "right"}

    where.fleet.call(lock)
    for options in ({}, {"registry_username": "puller", "registry_password": "wrong"}):
        refused = _provide(where, registry=own, **options)
        assert "the registry refuses access" in refused.error and "credentials" in refused.error, refused.error
    done = _provide(where, registry=own, registry_username="puller", registry_password="right")
    assert done.actions == ["pull", "tag"], done.error


def test_a_digest_pins_the_image_behind_the_tag(site: Start) -> None:
    where = site()
    digest = where.fleet.call(lambda: where.engine.registry.repositories[NANO]["10.0.20348.1487"].digest)
    done = _provide(where, digest=digest)
    image = done.result["image"]
    assert (image["os_version"], image["digest"], image["tags"]) == ("10.0.20348.1487", digest, [IMAGE]), done.error
    requests = len(where.requests())
    assert not _provide(where, digest=digest).changed
    assert not any("distribution" in request for request in where.requests()[requests:]), "a digest never moves"
    wrong = _provide(where, digest="sha256:" + "0" * 64)
    assert "the registry has no" in wrong.error, wrong.error
