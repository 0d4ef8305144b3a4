# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What host_info makes of answers: services, storage, protection, WinRM's limits, and the choice of subsets."""

from __future__ import annotations

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.antivirus import Product, judge
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.info import PARTS
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.runtimes import (
    container_services,
    engine_state,
    has_desktop,
    program_of,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.storage import storage_problems
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.subsets import ALL, DEFAULT, choose
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import Instance
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.winrm_config import tight_settings

DOCKER = r'"C:\Program Files\docker\dockerd.exe" --run-service'


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["default"], DEFAULT),
        ([], DEFAULT),
        (["all"], ALL),
        (["min"], ("os",)),
        (["!all"], ("os",)),
        (["!all", "!min"], ()),
        (["engine"], ("os", "engine")),
        (["!min", "engine"], ("engine",)),
        (["!all", "engine", "winrm"], ("os", "engine", "winrm")),
        (["!engine"], tuple(name for name in DEFAULT if name != "engine")),
        (["all", "!updates"], tuple(name for name in ALL if name != "updates")),
        (["default", "storage"], tuple(name for name in ALL if name in (*DEFAULT, "storage"))),
        (["!default", "storage"], ("os", "storage")),
        (["updates", "!updates"], ("os",)),
    ],
)
def test_subsets(wanted: list[str], chosen: tuple[str, ...]) -> None:
    assert choose(wanted) == chosen


@pytest.mark.parametrize(
    ("name", "words"), [("strage", "Did you mean storage"), ("!networking", "networks"), ("", "Known are min, default")]
)
def test_unknown_subsets(name: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        choose(["all", name])
    assert words in caught.value.advice


def test_every_subset_reports_something() -> None:
    assert set(PARTS) == set(ALL)


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (DOCKER, r"C:\Program Files\docker\dockerd.exe"),
        (r"C:\Program Files\containerd\containerd.exe --run-service", r"C:\Program Files\containerd\containerd.exe"),
        (r"c:\k\nssm.exe", r"c:\k\nssm.exe"),
        (r'"C:\Program Files\Docker\Docker\com.docker.service"', r"C:\Program Files\Docker\Docker\com.docker.service"),
        ("dockerd --run-service", "dockerd"),
        ("", ""),
    ],
)
def test_programs_of_services(command: str, program: str) -> None:
    assert program_of(command) == program


@pytest.mark.parametrize(
    ("services", "state"),
    [
        ([], "absent"),
        ([{"Name": "docker", "PathName": DOCKER, "State": "Running"}], "running"),
        ([{"Name": "docker", "PathName": DOCKER, "State": "Stopped"}], "stopped"),
        ([{"Name": "a", "PathName": DOCKER, "State": "Stopped"}, {"Name": "b", "PathName": DOCKER, "State": "Running"}], "running"),
        ([{"Name": "x", "PathName": r"C:\x.exe --note dockerd.exe", "State": "Running"}], "absent"),
    ],
)
def test_the_state_of_the_engine(services: list[Instance], state: str) -> None:
    assert engine_state(services) == state


def test_services_by_their_names() -> None:
    services: list[Instance] = [{"Name": "HNS"}, {"Name": "vmcompute"}, {"Name": "com.docker.service"}, {"Name": "containerd"}]
    assert container_services(services) == {"hns", "vmcompute"}
    assert has_desktop(services) and not has_desktop(services[:2])


@pytest.mark.parametrize(
    ("known", "filesystem", "denied", "words"),
    [
        (True, "NTFS", False, ""),
        (True, "ReFS", False, "need NTFS"),
        (False, "", False, "no drive D:"),
        (True, "NTFS", True, "FDVDenyWriteAccess"),
    ],
)
def test_storage(known: bool, filesystem: str, denied: bool, words: str) -> None:
    problems = storage_problems("D:", known, filesystem, denied)
    assert len(problems) == bool(words)
    assert words in "".join(problems)


DEFENDER: list[Instance] = [{"AntivirusEnabled": False, "RealTimeProtectionEnabled": False, "AMProductVersion": "4.18"}]


@pytest.mark.parametrize(
    ("centre", "defender", "products", "problem"),
    [
        (None, None, None, "missing"),
        (None, DEFENDER, (Product("Microsoft Defender Antivirus", False, False, "4.18"),), "missing"),
        ([{"displayName": "Windows Defender"}, {"displayName": "Other"}], DEFENDER,
         (Product("Other"), Product("Microsoft Defender Antivirus", False, False, "4.18")), ""),
        ([{"displayName": "Windows Defender"}], None, (Product("Windows Defender"),), ""),
        ([], None, (), ""),
    ],
)  # fmt: skip
def test_protection(
    centre: list[Instance] | None, defender: list[Instance] | None, products: tuple[Product, ...] | None, problem: str
) -> None:
    found = judge(centre, defender, "missing")
    assert found.products == products
    assert found.problem == problem


def test_tight_settings() -> None:
    defaults: dict[str, int | bool | None] = {"max_envelope_kb": 500, "max_shells_per_user": 30, "allow_remote_shell": True}
    assert tight_settings(defaults) == ()
    assert tight_settings({**defaults, "max_shells_per_user": 2147483647, "max_connections": None}) == ()
    assert tight_settings({**defaults, "max_shells_per_user": 5}) == ("MaxShellsPerUser is 5, the default of Windows is 30",)
    assert "no program can be started" in tight_settings({"allow_remote_shell": False})[0]
