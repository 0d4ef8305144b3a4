# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The compatibility rules against the documented matrix, and tags against what is published."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.images import compatibility as subject
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.compatibility import HostVersion, ImageVersion, ProductType

FACTS = Path(os.environ.get("WINFLEET_FACTS") or Path(__file__).resolve().parents[3].parent / "shared" / "facts") / "compatibility.yml"
WS2016 = HostVersion(14393, 7259, "server")
WS2019 = HostVersion(17763, 6893, "server")
WS2022 = HostVersion(20348, 3207, "server")
WS23H2 = HostVersion(25398, 1000, "server")
WS2025 = HostVersion(26100, 3476, "server")
W10 = HostVersion(19045, 5000, "workstation")
W11_23H2 = HostVersion(22631, 5000, "workstation")
W11 = HostVersion(26100, 3476, "workstation")


def _documented() -> list[tuple[str, str, str, object]]:
    """(host id, image id, mode, stated) for every pair the facts print, without the row they mark as contradicted."""
    if not FACTS.exists():
        return []
    matrix = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["matrix"]
    return [
        (host, str(image), mode, stated)
        for table in matrix.values()
        for host, images in table.items()
        for image, modes in images.items()
        for mode, stated in modes.items()
        if stated is not None and (host, image) != ("w10_21h1", "ltsc2022")
    ]


def _hosts(identifier: str) -> list[HostVersion]:
    kinds: tuple[ProductType, ...] = ("server", "workstation")
    rows = [(row, kind) for kind in kinds for row in subject.facts()["hosts"][kind]]
    exact = [HostVersion(row["build"], 5000, kind) for row, kind in rows if row["id"] == identifier]
    exceptions = subject.facts()["rules"]["process"]["client_exceptions"]
    return exact or [
        HostVersion(row["build"], 5000, kind)
        for row, kind in rows
        if row["id"].startswith(identifier + "_") and row["build"] >= 17763 and row["build"] not in exceptions
    ]


def _build(image: str) -> int:
    return next(int(row["build"]) for row in subject.facts()["image_releases"] if str(row["id"]).lower() == image.lower())


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded facts are not here")
@pytest.mark.parametrize(("host", "image", "mode", "stated"), _documented())
def test_agrees_with_the_documented_matrix(host: str, image: str, mode: str, stated: object) -> None:
    build = _build(image)
    for version in _hosts(host):
        expected = version.build >= 26100 if stated == "build>=26100" else stated
        verdict = subject.isolation_modes(version, ImageVersion(build, 5000)).of(mode)
        assert verdict.allowed is expected, (version, build, verdict.reason)


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded facts are not here")
def test_carries_the_tags_of_the_facts() -> None:
    theirs = {
        str(row["id"]).lower(): (row["build"], {family: [str(tag) for tag in tags] for family, tags in row["tags"].items()})
        for row in yaml.safe_load(FACTS.read_text(encoding="utf-8"))["image_releases"]
    }
    ours = {
        str(row["id"]).lower(): (row["build"], {family: [str(tag) for tag in tags] for family, tags in row["tags"].items()})
        for row in subject.facts()["image_releases"]
    }
    assert ours == theirs


@pytest.mark.parametrize(
    ("host", "image", "process", "reason"),
    [
        (HostVersion(14393, 100, "server"), "10.0.14393.100", True, "share build"),
        (HostVersion(14393, 100, "server"), "10.0.14393.101", False, "equal revisions"),
        (HostVersion(17763, 500, "server"), "10.0.17763.1039", False, "2020-02-11"),
        (HostVersion(17763, 1039, "server"), "10.0.17763.900", False, "2020-02-11"),
        (HostVersion(17763, None, "server"), "10.0.17763.900", True, "share build"),
        (WS2025, "10.0.20348.1", True, "from build 20348"),
        (WS2025, "10.0.17763.1", False, "20348 to 26100"),
        (WS2022, "10.0.17763.1", False, "needs an image of the same build"),
        (WS2022, "10.0.26100.1", False, "newer than the host's build"),
        (W10, "10.0.17763.1039", False, "Hyper-V isolation only"),
    ],
)
def test_process_isolation(host: HostVersion, image: str, process: bool, reason: str) -> None:
    mode = subject.isolation_modes(host, ImageVersion.parse(image)).process
    assert mode.allowed is process
    assert reason in mode.reason


@pytest.mark.parametrize(
    ("host", "image", "words"),
    [
        (WS2022, "10.0.20348.9999", "0xc0370106"),
        (HostVersion(26200, 1, "workstation"), "10.0.26100.1", "0xc0370112"),
        (HostVersion(14393, None, "server"), "10.0.14393.1", "unknown"),
    ],
)
def test_warns_of_what_may_still_fail(host: HostVersion, image: str, words: str) -> None:
    mode = subject.isolation_modes(host, ImageVersion.parse(image)).process
    assert mode.allowed
    assert words in " ".join(mode.warnings)


def test_an_image_of_the_hosts_own_revision_or_older_warns_of_nothing() -> None:
    host = HostVersion(20348, 3807, "server")
    assert [subject.isolation_modes(host, ImageVersion(20348, revision)).process.warnings for revision in (3807, 3806)] == [(), ()]


def test_the_annual_channel_host_is_honest_about_hyperv() -> None:
    assert "no documentation" in subject.isolation_modes(WS23H2, ImageVersion(20348)).hyperv.warnings[0]


@pytest.mark.parametrize(
    ("host", "family", "release", "tag"),
    [
        (WS2016, "servercore", "auto", "ltsc2016"),
        (WS2016, "nanoserver", "auto", "sac2016"),
        (WS2019, "nanoserver", "auto", "1809"),
        (WS2019, "servercore", "auto", "ltsc2019"),
        (WS2019, "windows", "auto", "1809"),
        (WS2022, "server", "auto", "ltsc2022"),
        (WS23H2, "servercore", "auto", "ltsc2022"),
        (WS2025, "nanoserver", "auto", "ltsc2025"),
        (W11, "nanoserver", "auto", "ltsc2025"),
        (W11_23H2, "nanoserver", "auto", "ltsc2022"),
        (W10, "servercore", "auto", "ltsc2019"),
        (WS2022, "nanoserver", "ltsc2019", "ltsc2019"),
        (WS2022, "nanoserver", "1809", "1809"),
        (WS2022, "nanoserver", "20h2", "20H2"),
        (WS2022, "nanoserver", "LTSC2022", "ltsc2022"),
        (WS2022, "nanoserver", "ltsc2022-amd64", "ltsc2022-amd64"),
        (WS2022, "servercore", "1809-KB4493509", "1809-KB4493509"),
        (WS2022, "nanoserver", "ltsc2016", "sac2016"),
        (WS2022, "nanoserver", "10.0.20348.2340", "10.0.20348.2340"),
    ],
)
def test_tag(host: HostVersion, family: str, release: str, tag: str) -> None:
    assert subject.base_image_tag(host, family, release) == tag


@pytest.mark.parametrize(
    ("family", "release", "words"),
    [
        ("nano", "auto", 'no base image family "nano"'),
        ("windows", "auto", "no image of the generation ltsc2022"),
        ("server", "ltsc2019", "no release ltsc2019"),
        ("nanoserver", "ltsc2023", 'no release "ltsc2023"'),
        ("nanoserver", "latest", 'no release "latest"'),
        ("nanoserver", "ltsc2025", "newer than the host's build"),
        ("nanoserver", "10.0.26100.1", "newer than the host's build"),
    ],
)
def test_refuses_what_is_not_published_or_cannot_run(family: str, release: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        subject.base_image_tag(WS2022, family, release)


def test_offers_the_near_release() -> None:
    with pytest.raises(OptionError) as error:
        subject.base_image_tag(WS2022, "nanoserver", "ltsc2023")
    assert 'Did you mean "ltsc202' in error.value.advice


def test_tags_of_all_families() -> None:
    assert subject.base_image_tags(WS2022) == {"nanoserver": "ltsc2022", "servercore": "ltsc2022", "server": "ltsc2022", "windows": None}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (WS2019, "Windows Server 2019"),
        (WS2025, "Windows Server 2025"),
        (W11, "Windows 11 24H2"),
        (HostVersion(99999, 1, "server"), "Windows build 99999"),
    ],
)
def test_release_name(host: HostVersion, name: str) -> None:
    assert subject.release_name(host) == name


@pytest.mark.parametrize("text", ["", "latest", "10.0", "20348"])
def test_a_version_that_is_none(text: str) -> None:
    with pytest.raises(OptionError, match="is not a Windows version"):
        ImageVersion.parse(text)
