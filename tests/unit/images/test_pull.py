# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress of a pull, and the meaning of its errors (docker/pull-texts.json among them)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.failures import CONTAINER_MEANINGS
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, RemoteError
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.failures import PULL_MEANINGS, explain
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.pull import PullProgress, human_size


def _message(layer: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    return {"id": layer, "status": status, "progressDetail": {"current": current, "total": total} if total else {}}


def test_lines_tell_how_far_it_is() -> None:
    progress = PullProgress("nano:1")
    lines = [progress.feed({"status": "Pulling from windows/nanoserver", "id": "ltsc2022"})]
    lines += [progress.feed(_message("a", "Already exists")), progress.feed(_message("b", "Pulling fs layer"))]
    lines += [progress.feed(_message("b", "Downloading", done, 100_000_000)) for done in range(0, 100_000_001, 1_000_000)]
    lines += [progress.feed(_message("b", status)) for status in ("Verifying Checksum", "Download complete")]
    lines += [progress.feed(_message("b", "Extracting", done, 100)) for done in range(101)]
    lines += [progress.feed(_message("b", "Pull complete")), progress.feed({"status": "Digest: sha256:0"})]
    shown = [line for line in lines if line]
    assert len(shown) <= 12
    assert "pull nano:1: 60 %, 40 MB of 100 MB downloaded, 1 of 2 layers ready" in shown
    assert shown[-1] == "pull nano:1: 100 %, 100 MB of 100 MB downloaded, 2 of 2 layers ready"


def test_layers_that_are_there_need_no_line() -> None:
    progress = PullProgress("nano:1")
    assert progress.feed(_message("a", "Already exists")) is None
    assert progress.feed({"status": "Status: Image is up to date for nano:1"}) is None


def test_layers_that_become_known_late_do_not_silence_it() -> None:
    progress = PullProgress("nano:1")
    assert progress.feed(_message("a", "Downloading", 90, 100)) == "pull nano:1: 45 %, 90 B of 100 B downloaded, 0 of 1 layers ready"
    for layer in "bcdefgh":
        progress.feed(_message(layer, "Waiting"))
    assert progress.feed(_message("b", "Downloading", 100, 100)) is None
    assert progress.feed(_message("b", "Extracting", 100, 100)) is not None


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (120_400_000, "120 MB"), (4_841_309_825, "4.8 GB"), (12_000_000_000, "12.0 GB")]
)
def test_sizes(count: int, text: str) -> None:
    assert human_size(count) == text


@pytest.mark.parametrize(
    ("text", "kind", "cause"),
    [
        (
            "a Windows version 10.0.20348-based image is incompatible with a 10.0.19045 host",
            OptionError,
            "the image is built for Windows 10.0.20348, which is newer than the host (10.0.19045)",
        ),
        ("no matching manifest for windows/amd64 10.0.17134 in the manifest list entries", OptionError, "fits the host"),
        ("no matching manifest for windows(10.0.17763)/amd64 in the manifest list entries", OptionError, "fits the host"),
        ("no matching manifest for linux/amd64 in the manifest list entries", OptionError, "runs Linux containers"),
        ('cannot download image with operating system "linux" when requesting "windows"', OptionError, "an image for Linux"),
        ("manifest for mcr.microsoft.com/x:latest not found: manifest unknown: manifest unknown", OptionError, "no such tag"),
        ("pull access denied for x, repository does not exist or may require 'docker login'", RemoteError, "refuses access"),
        ("write C:\\x: There is not enough space on the disk.", RemoteError, "disk is full"),
        ("Get https://x/v2/: dial tcp: lookup x: no such host", RemoteError, "cannot reach the registry"),
        (
            "failed to register layer: re-exec error: exit status 1: output: ProcessBaseLayer: Access is denied.",
            RemoteError,
            "unpack a layer",
        ),
    ],
)
def test_meanings_of_pull_errors(text: str, kind: type[Exception], cause: str) -> None:
    error = explain(RemoteError("the engine answered", text=text, code=500), PULL_MEANINGS)
    assert error.__class__ is kind and cause in error.cause and error.advice


ENDPOINT = "failed to create endpoint web on network nat: "


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            ENDPOINT + "hnsCall failed in Win32: O arquivo já está sendo usado por outro processo. (0x20).",
            "a port to be published (8080:80/tcp) is already in use",
        ),
        (ENDPOINT + "HNS failed with error : The process cannot access the file because it is being used by another process.", "in use"),
        (ENDPOINT + "Windows does not support host IP addresses in NAT settings.", "publishes ports on all addresses"),
        (
            'Conflict. The container name "/web" is already in use by container "bee7f05d3210417371c2". You have',
            "another container (bee7f05d3210)",
        ),
        ('invalid mount config for type "bind": bind source path does not exist: c:\\x', "does not exist on the host"),
        ("hcsshim::CreateComputeSystem x: The container operating system does not match the host operating system.", "another Windows"),
        ("The virtual machine could not be started because a required feature is not installed.", "cannot run Hyper-V isolation"),
        (
            "hcs::System::Start: failure in a Windows system call: The virtual machine or container exited unexpectedly. (0xc0370106).",
            "ended",
        ),
        (
            "container x encountered an error during hcsshim::System::CreateProcess: The system cannot find the file specified. (0x2)",
            "program does not exist in the image",
        ),
        ("hcsshim::CreateComputeSystem 09a5: The system cannot find the file specified.", "a layer of the image"),
        (ENDPOINT + "HNS failed with error : The specified port already exists. (0x803b0013)", "already in use"),
        ("could not find a network matching network mode 55059bc3...: network 55059bc3... not found", "network"),
    ],
)
def test_meanings_of_container_errors(text: str, cause: str) -> None:
    error = explain(RemoteError("the engine answered", text=text), CONTAINER_MEANINGS, ports="8080:80/tcp")
    assert error is not None and cause in error.cause and error.advice


def test_an_unknown_text_stays_as_it_is() -> None:
    assert explain(RemoteError("the engine answered: x", text="x"), CONTAINER_MEANINGS) is None
