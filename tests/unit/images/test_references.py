# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image references, and the choice from a manifest list, with recorded lists among them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.references import Reference, nothing_fits, select_platform

FACTS = Path(os.environ.get("WINFLEET_FACTS") or Path(__file__).resolve().parents[3].parent / "shared" / "facts") / "docker"
NANO = "mcr.microsoft.com/windows/nanoserver"
DIGEST = "sha256:" + "a" * 64


def _windows(version: str) -> dict[str, Any]:
    return {"architecture": "amd64", "os": "windows", "os.version": version}


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (f"{NANO}:ltsc2022", Reference(NANO, "ltsc2022")),
        (f"{NANO}@{DIGEST}", Reference(NANO, "", DIGEST)),
        (f"{NANO}:ltsc2022@{DIGEST}", Reference(NANO, "ltsc2022", DIGEST)),
        ("localhost:5000/team/app", Reference("localhost:5000/team/app", "latest")),
        ("hello-world", Reference("hello-world", "latest")),
        (DIGEST, Reference("", identifier=DIGEST)),
        ("a" * 64, Reference("", identifier=DIGEST)),
    ],
)
def test_forms(text: str, reference: Reference) -> None:
    assert Reference.parse(text) == reference


@pytest.mark.parametrize("text", ["", "Nano:1", "a b", "a:b:c", f"{NANO}:tag/x", "a@sha256:1"])
def test_nonsense(text: str) -> None:
    with pytest.raises(OptionError, match="not an image reference"):
        Reference.parse(text)


@pytest.mark.parametrize("text", [NANO, f"{NANO}:latest", "mcr.microsoft.com/windows"])
def test_base_images_have_no_latest(text: str) -> None:
    with pytest.raises(OptionError, match='has no tag "latest"') as caught:
        Reference.parse(text)
    assert "1809" in caught.value.advice


def test_digests() -> None:
    assert Reference.parse(f"{NANO}:ltsc2022").has_digest([f"other@{DIGEST}", f"{NANO}@{DIGEST}"], DIGEST)
    assert not Reference.parse(f"{NANO}:ltsc2022").has_digest([f"other@{DIGEST}"], DIGEST)
    assert Reference.parse("docker.io/library/hello-world").has_digest([f"hello-world@{DIGEST}"], DIGEST)


@pytest.mark.parametrize(
    ("build", "versions", "chosen"),
    [
        (20348, ["10.0.17763.1", "10.0.20348.1", "10.0.26100.1"], "10.0.20348.1"),
        (20348, ["10.0.17763.1", "10.0.14393.1"], "10.0.17763.1"),  # the first one wins, not the newest
        (20348, ["10.0.14393.1", "10.0.17763.1"], "10.0.14393.1"),
        (20348, ["10.0.20348.1", "10.0.20348.9"], "10.0.20348.1"),  # the revision plays no part
        (17763, ["10.0.20348.1"], None),
        (20348, ["10.0.26100.1", ""], ""),  # an entry without a version is kept
    ],
)
def test_choice(build: int, versions: list[str], chosen: str | None) -> None:
    entry = select_platform([{"architecture": "amd64", "os": "linux"}, *map(_windows, versions)], HostVersion(build, 1, "server"))
    assert (entry["os.version"] if entry else None) == chosen


def test_recorded_list() -> None:
    path = FACTS / "manifest-list-python-2023-linux-windows.json"
    if not path.is_file():
        pytest.skip("the recorded facts are not here")
    platforms = [entry["platform"] for entry in json.loads(path.read_text())["manifests"]]
    chosen = select_platform(platforms, HostVersion(20348, 1, "server"))
    assert chosen is not None and chosen["os.version"].startswith("10.0.20348.")
    older = select_platform(platforms, HostVersion(17763, 1, "server"))
    assert older is not None and older["os.version"].startswith("10.0.17763.")


def test_the_reason_why_nothing_fits() -> None:
    host = HostVersion(17763, 6893, "server")
    error = nothing_fits(Reference.parse(f"{NANO}:ltsc2022"), [_windows("10.0.20348.1487")], host)
    assert "is built for Windows 10.0.20348.1487, which is newer than Windows Server 2019 (10.0.17763.6893)" in error.cause
    assert "base_image" in error.advice
    assert "linux/arm64" in nothing_fits(Reference.parse("x"), [{"os": "linux", "architecture": "arm64"}], host).cause
