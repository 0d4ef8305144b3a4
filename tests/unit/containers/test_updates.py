# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which containers are behind, as data."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.updates import (
    LocalImage,
    Tag,
    leave_out,
    report,
    tagged,
    to_ask,
    users_of,
)

NANO = "mcr.microsoft.com/windows/nanoserver"
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def image(
    name: str, *tags: str, digests: tuple[str, ...] = (), layers: tuple[str, ...] = ("a",), version: str = "10.0.20348.1"
) -> LocalImage:
    return LocalImage.of(
        {"Id": name, "RepoTags": list(tags), "RepoDigests": list(digests), "OsVersion": version, "RootFS": {"Layers": list(layers)}}
    )


def container(name: str, reference: str, image_id: str, running: bool = True) -> dict[str, Any]:
    return {"Name": f"/{name}", "Config": {"Image": reference}, "Image": image_id, "State": {"Running": running}}


@pytest.mark.parametrize(
    ("reference", "digests", "asked"),
    [
        ("python:3", (f"python@{OLD}",), True),
        ("docker.io/library/python:3", (f"python@{OLD}",), True),
        ("python:3", (), False),  # built or loaded here
        ("python:3", (f"mirror.example.com/python@{OLD}",), False),
        (f"{NANO}:10.0.20348.1", (f"{NANO}@{OLD}",), False),
        (f"{NANO}:ltsc2022", (f"{NANO}@{OLD}",), True),
        (f"{NANO}@{OLD}", (f"{NANO}@{OLD}",), False),
    ],
)
def test_a_registry_is_asked_only_for_what_it_could_have_moved(reference: str, digests: tuple[str, ...], asked: bool) -> None:
    local = image(OLD, reference.removeprefix("docker.io/library/").partition("@")[0], digests=digests)
    found = to_ask([local], users_of([container("web", reference, OLD)]))
    assert bool([entry for entry in found if entry.tag in reference]) is asked


def test_what_is_excluded_in_vain_is_told() -> None:
    reference = tagged("python:3")
    assert reference
    asked = {reference: image(OLD, "python:3")}
    assert leave_out(asked, ["docker.io/library/python:3"]) == ({}, ())
    assert leave_out(asked, ["python", "python:4", "Python:3", "python:3"]) == ({}, ("python", "python:4", "Python:3"))
    assert leave_out(asked, []) == (asked, ())


def test_a_container_put_aside_by_an_interrupted_run_is_finished() -> None:
    """Also where its successor exists already, half-made or not."""
    rows = [
        container("web.winfleet-previous", "python:3", OLD, running=False),
        container("job.winfleet-previous", "x", OLD),
        container("job", "x", NEW),
    ]
    shown = report([], users_of(rows), [])["containers"]
    assert [(row["name"], row["running"], row["outdated"]) for row in shown] == [("job", True, True), ("web", True, True)]


@pytest.mark.parametrize("running", [True, False])
def test_only_containers_that_stand_on_another_image_are_outdated(running: bool) -> None:
    local = [image(OLD, digests=(f"python@{OLD}",)), image(NEW, "python:3", digests=(f"python@{NEW}",))]
    users = users_of(
        [container("old", "python:3", OLD, running), container("new", "python:3", NEW), container("pinned", f"python@{OLD}", OLD)]
    )
    reference = tagged("python:3")
    assert reference
    shown = report(local, users, [Tag(reference, local[1], NEW, None)])["containers"]
    assert {row["name"]: row["reason"] for row in shown if row["outdated"]} == {"old": "python:3 names another image by now"}


def test_an_image_that_is_pulled_anew_is_not_stale_and_one_of_another_build_neither() -> None:
    bases = [
        image(OLD, f"{NANO}:ltsc2022", digests=(f"{NANO}@{OLD}",)),
        image(NEW, f"{NANO}:ltsc2025", layers=("b",), version="10.0.26100.9"),
    ]
    pulled = image("sha256:3", "python:3", digests=(f"python@{OLD}",), layers=("a", "p"))
    built = image("sha256:4", "shop:1", layers=("a", "s"))
    base, app = tagged(f"{NANO}:ltsc2022"), tagged("python:3")
    assert base and app
    newer = LocalImage.of({"Id": "x", "OsVersion": "10.0.20348.2"}).version
    stale = report([*bases, pulled, built], (), [Tag(base, bases[0], NEW, newer), Tag(app, pulled, NEW, None)])["stale"]
    assert [(row["image"], row["base"], row["newest"]) for row in stale] == [("shop:1", "nanoserver 10.0.20348.1", "10.0.20348.2")]
    shown = report([*bases, pulled, built], (), [Tag(base, bases[0], NEW, newer), Tag(app, pulled, OLD, None)])
    assert [(row["image"], row["published"]) for row in shown["stale"]] == [("python:3", True), ("shop:1", False)]
    assert [warning.rpartition(": ")[2] for warning in shown["warnings"]] == ["wait for the publisher", "build it anew"]
