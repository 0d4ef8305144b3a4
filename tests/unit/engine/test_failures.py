# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one table of failures: each entry against the real text it comes from, and against the place that text is recorded in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import EngineConflictError, EngineNotFoundError, refusal
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.failures import explain, meaning, table
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.libraries import APIError
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, RemoteError

ENTRIES = table()
KEYS = {"id", "pattern", "code", "when", "cause", "advice", "option", "text", "source", "quote"}
RECORDED = [entry for entry in ENTRIES if re.match(r"[\w/-]+\.(md|json)\b", entry["source"])]
KNOWN = {"ports": "8080:80/tcp", "pipe": "docker_engine", "service": "docker", "condition": "stopped"}


def test_the_entries_are_complete_and_have_names_of_their_own() -> None:
    names = [entry["id"] for entry in ENTRIES]
    assert len(names) == len(set(names))
    for entry in ENTRIES:
        assert set(entry) <= KEYS and {"id", "cause", "advice", "text", "source"} <= set(entry), entry["id"]
        assert "pattern" in entry or "code" in entry, entry["id"]
        assert not entry["cause"].endswith(".") and not entry["advice"].endswith("."), entry["id"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_the_real_text_gets_this_meaning(entry: dict[str, Any]) -> None:
    """No entry before it takes the text away, and every placeholder is filled from the match or by the caller."""
    found = meaning(entry["text"], entry.get("when", ""), **KNOWN)
    assert found is not None and found.id == entry["id"]
    assert found.cause and found.advice and found.option is bool(entry.get("option"))
    filled = re.findall(r"\{(\w+)\}", entry["cause"])
    pattern = re.compile(entry.get("pattern", "(?!)"), re.IGNORECASE)
    match = pattern.search(" ".join(entry["text"].split()).rstrip("."))
    given = {**KNOWN, "text": "x", **(match.groupdict() if match else {})}
    assert all(given.get(name) for name in filled), "an empty placeholder"
    assert not re.search(r"[{}]", found.cause.replace(entry["text"], ""))


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if "code" in entry], ids=lambda entry: entry["id"])
def test_a_code_is_enough_in_any_language(entry: dict[str, Any]) -> None:
    code = f"0x{entry['code']:x}"
    found = meaning(f"hcs::System::Start: Ein Fehler ist aufgetreten. ({code.upper().replace('X', 'x')})", entry.get("when", ""))
    assert found is not None and found.id == entry["id"]


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: entry["id"])
def test_the_text_stands_where_the_entry_says(facts: Path, entry: dict[str, Any]) -> None:
    """Without what is filled in: ids, names, and the marks of our own."""
    recorded = (facts / entry["source"].split()[0]).read_text().replace("\\\\", "\\").replace('\\"', '"')
    wanted = entry.get("quote") or entry["text"].partition(" [service state")[0]
    assert wanted.casefold() in " ".join(recorded.split()).casefold()


def test_a_refusal_keeps_its_kind() -> None:
    """Whoever looks for something must still see that it is not there."""
    assert isinstance(_refused(404, "No such container: web"), EngineNotFoundError)
    conflict = _refused(409, "container bee7f05d3210 is not running")
    assert isinstance(conflict, EngineConflictError) and conflict.cause == "the container does not run" and conflict.advice
    assert _refused(500, "what nobody has seen yet.").cause == "the engine answered: what nobody has seen yet"


def _refused(status: int, text: str) -> RemoteError:
    class Answer:
        status_code = status
        reason = "x"

    return refusal(APIError("x", Answer(), text))  # type: ignore[arg-type]


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
    error = explain(RemoteError("the engine answered", text=text, code=500), "pull")
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
    error = explain(RemoteError("the engine answered", text=text), ports="8080:80/tcp")
    assert error is not None and cause in error.cause and error.advice


def test_an_unknown_text_stays_as_it_is() -> None:
    assert explain(RemoteError("the engine answered: x", text="x")) is None
