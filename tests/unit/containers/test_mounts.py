# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes and mounts, by the rules of the engine's Windows parser."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.mounts import Mount, parse_mount, parse_volume
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.state import Desired
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        (r"C:\data:D:\app", Mount("bind", r"C:\data", r"D:\app")),
        (r"c:/data/:c:/app/:ro", Mount("bind", r"c:\data", r"c:\app", True)),
        (r"c:\data:d:", Mount("bind", r"c:\data", "d:")),
        (r"d:\:c:\data:RW", Mount("bind", "d:\\", r"c:\data")),
        (r"\\?\c:\data:c:\app", Mount("bind", r"\\?\c:\data", r"c:\app")),
        (r"C:\a b\50% & 'more':c:\x", Mount("bind", r"C:\a b\50% & 'more'", r"c:\x")),
        (r"Cache:c:\cache", Mount("volume", "cache", r"c:\cache")),
        (r"\\.\pipe\docker_engine:\\.\pipe\docker_engine", Mount("npipe", r"\\.\pipe\docker_engine", r"\\.\pipe\docker_engine")),
        ("//./pipe/x://./pipe/y", Mount("npipe", r"\\.\pipe\x", r"\\.\pipe\y")),
    ],
)
def test_forms(text: str, mount: Mount) -> None:
    assert parse_volume(text) == mount
    assert parse_volume(str(mount)) == mount


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"c:\data:c:", "system drive"),
        ("c:\\data:c:\\", "system drive"),
        (r"con:c:\data", "reserved word"),
        (r"LPT1:c:\data", "reserved word"),
        (r"c:\data:c:\app:z", "does not exist on Windows"),
        (r"c:\data:c:\app:ro,z", "does not exist on Windows"),
        (r"\\server\share:c:\data", "network share"),
        (r"c:\data", "names no source"),
        (r"c:\da*ta:c:\data", "no Windows path can have"),
        ('c:\\da"ta:c:\\data', "no Windows path can have"),
        ("c:\\da\nta:c:\\data", "no Windows path can have"),
        ("/data:/app", "source of the volume .* is not absolute"),
        (r".\data:c:\app", "source of the volume .* is not absolute"),
        (r"c:\data:app", "target of the volume .* has no drive letter"),
        (r"c:\data:/app", "target of the volume .* has no drive letter"),
        ("cache:/app", "target of the volume .* has no drive letter"),
        ("data", "cannot be understood"),
        (r"\\.\pipe\x:c:\data", "joins a pipe with something else"),
        (r"\\.\pipe\x:\\.\pipe\x:ro", "cannot be read-only"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        parse_volume(text)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"type": "bind", "source": "data", "target": "c:\\x"}, "is not an absolute folder"),
        ({"type": "volume", "source": "c:\\data", "target": "c:\\x"}, "is not the name of a volume"),
        ({"type": "npipe", "source": "c:\\data", "target": "c:\\x"}, "is not a pipe"),
        ({"type": "bind", "source": "c:\\data", "target": "x"}, "is not absolute"),
        ({"type": "bind", "source": "c:\\data", "target": "C:/"}, "system drive"),
    ],
)
def test_mount_refusals(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        parse_mount(entry)


def test_one_target_is_used_once() -> None:
    options = {"name": "web", "volumes": ["a:c:\\x"], "mounts": [{"type": "volume", "source": "b", "target": "C:/X"}]}
    with pytest.raises(OptionError, match="have the target"):
        Desired.of(options)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"name": "w"}, "not a container name"),
        ({"name": "a b"}, "not a container name"),
        ({"name": "web.winfleet-previous"}, "being replaced"),
        ({"name": "web", "env": {"A": True}}, '"A" in the option env is true or false, which is not text'),
        ({"name": "web", "env": {"A": {"value": "secret"}}}, '"A" in the option env is a dictionary, which is not text$'),
        ({"name": "web", "labels": {"A": None}}, '"A" in the option labels is empty, which is not text'),
        ({"name": "web", "env": {"a": "1", "A": "2"}}, "differ in case only"),
        ({"name": "web", "env": {"A=B": "1"}}, "cannot be an environment variable"),
        ({"name": "web", "image": "Web:1"}, "not an image reference"),
        ({"name": "web", "image": ""}, "not an image reference"),
        ({"name": "web", "stop_timeout": -1}, "stop_timeout is -1"),
        ({"name": "web", "command": ["a", None]}, "element 2 of the option command is empty, which is not text"),
        ({"name": "web", "command": 5}, "neither a list nor a text"),
    ],
)
def test_options_refused_without_looking_at_the_host(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        Desired.of(options)
