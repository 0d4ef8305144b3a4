# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a folder goes into a build, and when it is another one."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.context import BuildContext
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "Dockerfile": "FROM a:1\n",
        "app/main.txt": "main",
        "app/debug.log": "noise",
        "secret/key.pem": "key",
        "secret/public.pem": "public",
        ".dockerignore": "# what stays here\n*/*.log\nsecret\n!secret/public.pem\nDockerfile\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def _members(context: BuildContext) -> set[str]:
    with context.open() as file, tarfile.open(fileobj=file) as archive:
        return {member.name for member in archive if member.isfile()}


def test_what_dockerignore_excludes_stays_here_but_for_the_dockerfile(root: Path) -> None:
    assert _members(BuildContext(root, "Dockerfile")) == {".dockerignore", "Dockerfile", "app/main.txt", "secret/public.pem"}


def test_only_what_makes_another_image_makes_another_digest(root: Path) -> None:
    def digest(**settings: str) -> str:
        return BuildContext(root, "Dockerfile").digest(settings)

    first = digest()
    assert first == digest() and first.startswith("sha256:")
    (root / "app" / "debug.log").write_text("other noise")
    (root / "app" / "main.txt").touch()
    assert digest() == first
    assert digest(target="x") != first
    (root / "app" / "main.txt").write_text("other")
    changed = digest()
    assert changed != first
    (root / "app" / "main.txt").rename(root / "app" / "renamed.txt")
    assert digest() not in (first, changed)


@pytest.mark.parametrize(
    ("dockerfile", "bases"),
    [
        ("FROM a:1\nRUN x\n", ("a:1",)),
        (
            "ARG TAG=ltsc2022\nFROM --platform=windows/amd64 n/s:${TAG} AS build\nFROM build\nFROM scratch\nfrom n/c:$TAG as x\n",
            ("n/s:7", "n/c:7"),
        ),
        ("ARG OTHER\nFROM x:$UNKNOWN\nFROM y:${OTHER:-1}\n", ()),
    ],
)
def test_the_images_a_dockerfile_begins_from(root: Path, dockerfile: str, bases: tuple[str, ...]) -> None:
    (root / "Dockerfile").write_text(dockerfile)
    assert BuildContext(root, "Dockerfile").bases({"TAG": "7"}) == bases


@pytest.mark.parametrize("dockerfile", ["Missing", "../Dockerfile", "/etc/hostname", "app"])
def test_the_dockerfile_lies_in_the_context(root: Path, dockerfile: str) -> None:
    with pytest.raises(OptionError, match="has no file"):
        BuildContext(root, dockerfile)
    with pytest.raises(OptionError, match="there is no folder"):
        BuildContext(root / "nowhere", "Dockerfile")


def test_what_cannot_be_read_is_told(root: Path) -> None:
    (root / ".dockerignore").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OptionError, match="cannot be read on the controller"):
        BuildContext(root, "Dockerfile")
