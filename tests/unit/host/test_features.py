# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of features, and what dism prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError, ProtocolError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host import features as subject

FACTS = Path(os.environ.get("WINFLEET_FACTS") or Path(__file__).resolve().parents[3].parent / "shared" / "facts") / "native"
LISTING = """
Deployment Image Servicing and Management tool
Version: 10.0.20348.681

Image Version: 10.0.20348.2340

Features listing for package : Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~~10.0.20348.1

Feature Name : Containers
State : Enable Pending

Feature Name : IAS NT Service
State : Disabled

Feature Name : RPC-HTTP_Proxy
State : Enabled

Feature Name : NetFx3
State : Disabled with Payload Removed

Feature Name : Odd
State : Superseded

The operation completed successfully.
"""


def test_reads_a_listing_with_the_line_ends_of_windows() -> None:
    assert subject.parse_features(LISTING.replace("\n", "\r\n")) == {
        "Containers": "enable_pending",
        "IAS NT Service": "disabled",
        "RPC-HTTP_Proxy": "enabled",
        "NetFx3": "removed",
        "Odd": "unknown",
    }


def test_a_listing_without_features_is_no_listing() -> None:
    with pytest.raises(ProtocolError, match="names no feature"):
        subject.parse_features("Deployment Image Servicing and Management tool\r\nVersion: 10.0.20348.681\r\n")


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded facts are not here")
@pytest.mark.parametrize(
    ("recording", "name", "state"),
    [
        ("dism-get-features-server2008r2.txt", "RPC-HTTP_Proxy", "disabled"),
        ("dism-get-features-server2016-partial-hyperv.txt", "Microsoft-Hyper-V", "enabled"),
        ("dism-get-features-win11-24h2-head.txt", "NetFx3", "removed"),
        ("dism-get-features-win11-24h2-head.txt", "VirtualMachinePlatform", "enabled"),
        ("dism-get-features-win10-1709-selected.txt", "Containers", None),
    ],
)
def test_reads_recorded_listings(recording: str, name: str, state: str | None) -> None:
    found = subject.parse_features((FACTS / recording).read_text(encoding="utf-8"))
    assert name in found
    assert state is None or found[name] == state
    assert "unknown" not in found.values()


@pytest.mark.parametrize(
    ("name", "dism"),
    [
        ("containers", "Containers"),
        ("Containers", "Containers"),
        ("hyperv", "Microsoft-Hyper-V"),
        ("Hyper-V", "Microsoft-Hyper-V"),
        ("microsoft-hyper-v", "Microsoft-Hyper-V"),
        ("Hyper-V-PowerShell", "Microsoft-Hyper-V-Management-PowerShell"),
        ("TelnetClient", "TelnetClient"),
        ("IAS NT Service", "IAS NT Service"),
    ],
)
def test_dism_name(name: str, dism: str) -> None:
    assert subject.dism_name(name) == dism


@pytest.mark.parametrize("name", ["", " x", "a/b", "a&b", "a%PATH%", 'a"b', "a\nb", "-x", "x" * 200])
def test_what_cannot_be_a_name(name: str) -> None:
    with pytest.raises(OptionError, match="cannot be the name of a feature"):
        subject.dism_name(name)


@pytest.mark.parametrize(
    ("name", "near"),
    [("Container", ["Containers"]), ("telnet", ["TelnetClient"]), ("Microsoft-HyperV", ["Microsoft-Hyper-V"]), ("zzzz", [])],
)
def test_near_names(name: str, near: list[str]) -> None:
    assert subject.near_names(name, ["Containers", "TelnetClient", "Microsoft-Hyper-V", "NetFx3"])[:1] == near


def test_the_refusal_of_an_unknown_name_offers_the_near_one() -> None:
    assert "Did you mean Containers?" in subject.unknown_feature("Container", ["Containers"]).sentence("web1")


@pytest.mark.parametrize(
    ("data", "percent"),
    [(b"\r[==   4.0%      ]\r[=====  37.5%   ] ", 37), (b"[====100.0%====]\r\n", 100), (b"Enabling feature(s)\r\n", None)],
)
def test_progress(data: bytes, percent: int | None) -> None:
    assert subject.parse_progress(data) == percent


def test_restart_of_a_feature() -> None:
    assert subject.parse_restart("Feature Name : TelnetClient\r\nRestart Required : No\r\nState : Disabled\r\n") == "No"
    assert subject.parse_restart("nothing of the kind") == ""
