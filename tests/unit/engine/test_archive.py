# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's archive on the controller: verified, and re-packed as bsdtar takes it from a stream."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.archive import PROGRAMS, opened
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

CONTENTS = {name: random.Random(name).randbytes(size) for name, size in zip(PROGRAMS, (1_500_001, 512 * 4), strict=True)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "docker.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in CONTENTS.items():
            archive.writestr(f"docker/{name}", content)
    return made


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_stream_holds_the_programs_and_tells_how_far_it_is(path: Path) -> None:
    told: list[int] = []
    with opened(str(path), (checksum(path),)) as archive:
        pieces = list(archive.tar_gz(100_000, told.append))
        sums = {name: archive.sha256(name) for name in PROGRAMS}
    assert all(len(piece) >= 100_000 for piece in pieces[:-1])
    assert sum(told) == archive.size == sum(map(len, CONTENTS.values()))
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces)), mode="r:gz") as tar:
        found = {member.name: stream.read() for member in tar if (stream := tar.extractfile(member))}
    assert found == CONTENTS
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


def test_another_checksum_is_refused_with_both(path: Path) -> None:
    with pytest.raises(OptionError, match=f"{checksum(path)}, expected was {'a' * 64} or {'b' * 64}"):
        opened(str(path), ("a" * 64, "b" * 64)).__enter__()


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_of_an_engine_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    with pytest.raises(OptionError, match="not an archive of Docker Engine"):
        opened(str(path), (checksum(path),)).__enter__()
