# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images built on simulated hosts from a folder of the controller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import HYPERV, IMAGE, NANO, Done, Site

Start = Callable[..., Site]
NAME = "example/shop:4"
DOCKERFILE = f"""
ARG BASE={IMAGE}
FROM ${{BASE}} AS build
ARG VERSION
COPY site /site
RUN echo built %VERSION%
FROM build AS last
LABEL kind=shop
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.txt").write_text("hello")
    (tmp_path / "site" / "big.iso").write_bytes(b"\0" * 1_000_000)
    (tmp_path / ".dockerignore").write_text("**/*.iso\n")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return tmp_path


def _build(where: Site, context: Path, check: bool = False, name: str = NAME, force: bool = False, **options: Any) -> Done:
    build = {"path": str(context), "dockerfile": "Dockerfile", "pull": False, "nocache": False, **options}
    return where.image(check, name=name, source="build", build=build, force=force)


def test_an_image_is_built_once_from_the_same_files(site: Start, context: Path) -> None:
    where = site()
    options: dict[str, Any] = {"args": {"VERSION": 4}, "labels": {"stage": "test"}}
    predicted = _build(where, context, check=True, **options)
    assert predicted.actions == ["build"] and predicted.result["image"]["id"] is None, predicted.error
    done = _build(where, context, **options)
    assert done.actions == ["build"] and done.result["image"]["tags"] == [NAME], done.error
    image = where.engine.state.images.find(NAME)
    assert image.config["Labels"]["kind"] == "shop" and image.config["Labels"]["stage"] == "test"
    assert image.files.find("/site/index.txt") is not None and image.files.find("/site/big.iso") is None
    assert any("send the context: 100 %" in line for line in where.progress) and any("Step 1/" in line for line in where.progress)
    again = _build(where, context, **options)
    assert not again.changed and again.result["image"]["id"] == done.result["image"]["id"], again.error
    (context / "site" / "big.iso").write_bytes(b"1")
    assert not _build(where, context, **options).changed, "what is excluded does not matter"
    (context / "site" / "index.txt").write_text("other")
    assert _build(where, context, **options).plan.differences[0].name == "built_from"
    assert _build(where, context, **{**options, "args": {"VERSION": 5}}, target="build").changed
    assert "kind" not in (where.engine.state.images.find(NAME).config.get("Labels") or {}), "the stage after the target is not built"
    assert _build(where, context, **{**options, "args": {"VERSION": 5}}, target="build", force=True).changed


def test_a_secret_among_the_arguments_is_warned_of(site: Start, context: Path) -> None:
    done = _build(site(), context, check=True, args={"DB_PASSWORD": "x", "VERSION": "1"})
    assert any("the build arguments DB_PASSWORD stay readable" in warning for warning in done.plan.warnings), done.error
    assert "VERSION" not in str(done.plan.warnings)


def test_a_failing_step_tells_what_it_printed(site: Start, context: Path) -> None:
    (context / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo almost & exit 7\n")
    done = _build(site(), context)
    assert "returned a non-zero code: 7 in Step 2/3 : RUN echo almost & exit 7" in done.error, done.error
    assert "before that it printed: almost" in done.error
    (context / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN --mount=type=cache,target=/x dir\n")
    assert "uses --mount, which only BuildKit knows" in _build(site(), context).error


@pytest.mark.parametrize(
    ("base", "options", "said"),
    [
        (f"{NANO}:ltsc2025", {}, "which is newer than Windows Server 2022"),
        (f"{NANO}:1809", {"isolation": "process"}, "process isolation on build 20348 needs an image of the same build"),
        ("example/none:1", {}, "Cannot use base image"),
    ],
)
def test_a_base_that_cannot_run_is_refused_before_the_build(
    site: Start, context: Path, base: str, options: dict[str, Any], said: str
) -> None:
    where = site()
    done = _build(where, context, args={"BASE": base}, **options)
    assert said in done.error and not any("/build" in request for request in where.requests()), done.error


def test_an_older_base_is_built_with_hyperv_isolation(site: Start, context: Path) -> None:
    where = site(**HYPERV)
    warned = _build(where, context, check=True, args={"BASE": f"{NANO}:1809"})
    assert any("set build.isolation: hyperv" in warning for warning in warned.plan.warnings), warned.error
    done = _build(where, context, args={"BASE": f"{NANO}:1809"}, isolation="hyperv")
    assert done.error == "" and done.result["image"]["os_version"].startswith("10.0.17763"), done.error


def test_a_private_base_is_fetched_with_the_credentials_of_the_names_registry(site: Start, context: Path) -> None:
    where = site()
    own = "private.example.com"

    def lock() -> None:
        registry = where.engine.registry
        registry.repositories[f"{own}/nano"] = registry.repositories[NANO]
        registry.accounts[own] = {"puller": "right"}

    where.fleet.call(lock)
    build = {"path": str(context), "dockerfile": "Dockerfile", "args": {"BASE": f"{own}/nano:ltsc2022"}, "pull": False, "nocache": False}
    options = {"name": f"{own}/shop:1", "source": "build", "build": build}
    assert "the registry refuses access" in where.image(**options).error
    done = where.image(registry_username="puller", registry_password="right", **options)
    assert done.actions == ["build"] and done.error == "", done.error
