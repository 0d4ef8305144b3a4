# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans for images, as data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.desired import Desired, desired_base_image, desired_image
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.keep import superseded
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.plan import plan_image
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.references import Reference
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.report import image_report
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.selection import candidates, selection_warning
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.state import (
    ArchivedImage,
    DetachedPull,
    Observed,
    Offer,
    OtherImage,
    Recipe,
    User,
)

HOST = HostVersion(20348, 3807, "server")
NANO = "mcr.microsoft.com/windows/nanoserver"
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
WINDOWS = {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.3807"}
OFFER = Offer(NEW, (WINDOWS,))
BASE = {"family": "nanoserver", "release": "auto", "state": "present", "pull": "always"}
IMAGE = {"name": "example/shop:4", "state": "present", "source": "pull", "pull": "missing"}


def _local(digest: str = NEW, repository: str = NANO, *tags: str, **more: Any) -> dict[str, Any]:
    return {"Id": "sha256:id", "RepoDigests": [f"{repository}@{digest}"], "RepoTags": list(tags), "OsVersion": "10.0.20348.3807", **more}


def _actions(desired: Desired, **observed: Any) -> list[str]:
    return [step.action for step in plan_image(desired, Observed(HOST, **observed)).steps]


@pytest.mark.parametrize(
    ("options", "observed", "actions"),
    [
        ({}, {"offer": OFFER}, ["pull"]),
        ({}, {"offer": OFFER, "local": _local()}, []),
        ({}, {"offer": OFFER, "local": _local(OLD)}, ["pull"]),
        ({"pull": "missing"}, {"local": _local(OLD)}, []),
        ({"pull": "never"}, {"local": _local(OLD)}, []),
        ({"digest": OLD}, {"local": _local(OLD), "named": {f"{NANO}:ltsc2022": "sha256:id"}}, []),
        ({"digest": OLD}, {"local": _local(OLD), "named": {f"{NANO}:ltsc2022": "sha256:other"}}, ["tag"]),
        ({"digest": NEW}, {"offer": OFFER}, ["pull", "tag"]),
        ({"registry": "r.example.com"}, {"offer": OFFER, "local": _local()}, ["pull", "tag"]),
        ({"registry": "r.example.com"}, {"offer": OFFER, "local": _local(NEW, "r.example.com/windows/nanoserver")}, ["tag"]),
        ({"detached": True}, {"offer": OFFER}, ["start_pull"]),
        ({"detached": True}, {"offer": OFFER, "detached": DetachedPull(8)}, []),
        ({"detached": True}, {"offer": OFFER, "detached": DetachedPull(None, "x")}, ["start_pull"]),
        ({"detached": True, "keep": 1}, {"offer": OFFER}, ["start_pull"]),
        ({}, {"installed": False}, ["pull"]),
        ({"state": "absent"}, {}, []),
        ({"state": "absent"}, {"local": _local(OLD, NANO, f"{NANO}:ltsc2022")}, ["remove_name"]),
        ({"state": "absent", "digest": OLD}, {"local": _local(OLD, NANO)}, ["remove_name"]),
    ],
)
def test_plans_of_base_images(options: dict[str, Any], observed: dict[str, Any], actions: list[str]) -> None:
    assert _actions(desired_base_image({**BASE, **options}, HOST), **observed) == actions


ARCHIVED = ArchivedImage("sha256:id", ("example/shop:4",), "windows", "10.0.20348.1")


@pytest.mark.parametrize(
    ("options", "observed", "actions"),
    [
        ({"source": "load"}, {"archived": ARCHIVED}, ["load"]),
        ({"source": "load"}, {"archived": ARCHIVED, "local": _local(), "named": {"example/shop:4": "sha256:id"}}, []),
        ({"source": "load", "force": True}, {"archived": ARCHIVED, "local": _local(), "named": {"example/shop:4": "sha256:id"}}, ["load"]),
        ({"source": "load"}, {"archived": replace(ARCHIVED, names=())}, ["load", "tag"]),
        ({"source": "load", "tags": ["a:1"]}, {"archived": ARCHIVED}, ["load", "tag"]),
        ({"source": "load"}, {"installed": False}, ["load"]),
        ({"source": "build"}, {"recipe": Recipe("d")}, ["build"]),
        ({"source": "build"}, {"recipe": Recipe("d"), "local": _local(), "built_from": "d"}, []),
        ({"source": "build", "force": True}, {"recipe": Recipe("d"), "local": _local(), "built_from": "d"}, ["build"]),
        ({"source": "build"}, {"recipe": Recipe("d"), "local": _local(), "built_from": "c"}, ["build"]),
        ({"source": "local", "tags": ["a:1", "b:1"]}, {"local": _local(), "named": {"a:1": "sha256:id"}}, ["tag"]),
        ({"save_to": "/x.tar"}, {"local": _local()}, ["save"]),
        ({"save_to": "/x.tar"}, {"local": _local(), "saved": True}, []),
        (
            {"state": "absent"},
            {"local": _local(OLD, "example/shop", "example/shop:4"), "users": (User("web", False),), "force": True},
            None,
        ),
    ],
)
def test_plans_of_images(options: dict[str, Any], observed: dict[str, Any], actions: list[str] | None) -> None:
    force = observed.pop("force", False)
    desired = desired_image({**IMAGE, **options, **({"force": True} if force else {})})
    assert _actions(desired, **observed) == (actions if actions is not None else ["remove_name"])


@pytest.mark.parametrize(
    ("options", "observed", "said"),
    [
        ({"pull": "never"}, {}, "pull: never forbids"),
        ({}, {"offer": Offer(NEW, ({"os": "linux", "architecture": "amd64"},))}, "not made for windows/amd64"),
        ({}, {"offer": Offer(NEW, ({**WINDOWS, "os.version": "10.0.26100.1"},))}, "in either isolation mode"),
        ({}, {"offer": OFFER, "free_bytes": 1000, "drive": "D:"}, "the drive D: with the engine's data has 1 kB free"),
        (
            {"state": "absent"},
            {"local": _local(OLD, NANO, f"{NANO}:ltsc2022"), "users": (User("web", True),)},
            "running containers use it: web",
        ),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], observed: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said.replace("(", r"\(")):
        _actions(desired_base_image({**BASE, **options}, HOST), **observed)


def test_an_older_image_there_makes_the_room_a_guess() -> None:
    assert _actions(desired_base_image(BASE, HOST), offer=OFFER, local=_local(OLD), free_bytes=1000) == ["pull"]
    assert _actions(desired_base_image({**BASE, "check_free_space": False}, HOST), offer=OFFER, free_bytes=1000) == ["pull"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"registry": "https://r.example.com"}, "not the address of a registry"),
        ({"digest": "sha256:1"}, "not a digest"),
        ({"keep": 0}, "Give at least 1|stays"),
        ({"detached": True, "registry_username": "u"}, "on its command line or in a file"),
        ({"source": "load", "registry": "r.example.com"}, "source is load"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        desired_base_image({**BASE, **options}, HOST)


def _other(identifier: str, revision: int, **more: Any) -> OtherImage:
    return OtherImage(identifier, more.pop("names", (f"{NANO}:x",)), more.pop("build", 20348), revision, "", **more)


OTHERS = (
    _other("newest", 30),
    _other("used", 20, users=("web",)),
    _other("older", 15),
    _other("base", 12, base_of=True),
    _other("foreign", 11, names=(f"{NANO}:y", "example/base:1")),
    _other("oldest", 10, names=()),
    _other("other release", 5, build=17763),
)


@pytest.mark.parametrize(
    ("keep", "current", "gone"),
    [
        (1, ("newest",), ["older", "oldest"]),
        (2, ("newest",), ["older", "oldest"]),  # the one in use is the second newest
        (3, ("newest",), ["oldest"]),
        (1, (), ["newest", "older", "oldest"]),
        (2, (), ["older", "oldest"]),
        (9, ("newest",), []),
    ],
)
def test_what_is_kept(keep: int, current: tuple[str, ...], gone: list[str]) -> None:
    assert [one.id for one in superseded(OTHERS, keep, 20348, current, {NANO})] == gone


def test_the_choice_of_the_engine_is_explained() -> None:
    host = HostVersion(26100, 1, "server")
    entries = [{**WINDOWS, "os.version": version} for version in ("10.0.17763.1", "10.0.20348.1")]
    linux = {"os": "linux", "architecture": "amd64"}
    told = candidates([linux, *entries], entries[0], host)
    assert [(one["os_version"], one["chosen"], one["isolation"]) for one in told] == [
        (None, False, []),
        ("10.0.17763.1", True, ["hyperv"]),
        ("10.0.20348.1", False, ["process", "hyperv"]),
    ]
    (warning,) = selection_warning(entries, entries[0], host)
    assert "variant for Windows 10.0.17763.1" in warning and "the one for 10.0.20348.1 could run with process isolation" in warning
    assert selection_warning(entries, entries[1], host) == ()


def test_a_name_has_what_the_engine_needs() -> None:
    pinned = Reference.parse(f"{NANO}:ltsc2022@{NEW}")
    assert (pinned.lookup, pinned.name, pinned.registry) == (f"{NANO}@{NEW}", f"{NANO}:ltsc2022", "mcr.microsoft.com")
    assert [Reference.parse(text).registry for text in ("hello", "a/b:1", "localhost/a", "r:5000/a")] == [
        "docker.io", "docker.io", "localhost", "r:5000",
    ]  # fmt: skip
    assert desired_image({**IMAGE, "name": f"{NANO}:ltsc2022@{NEW}"}).names == (f"{NANO}:ltsc2022",)


def test_check_mode_tells_what_would_come() -> None:
    desired, observed = desired_image({**IMAGE, "source": "load"}), Observed(HOST, archived=ARCHIVED)
    report = image_report(desired, observed, plan_image(desired, observed), predicted=True)
    assert (report["image"]["id"], report["image"]["os_version"]) == (ARCHIVED.id, ARCHIVED.os_version)
    assert report["image"]["isolation"]["process"]["possible"] and report["removed"] == []
