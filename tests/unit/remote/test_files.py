# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure parts of file transfer."""

from __future__ import annotations

import io
import tarfile

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import RemoteError
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.files import parse_certutil, tar_of

DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
PAIRS = " ".join(DIGEST[start : start + 2] for start in range(0, 64, 2))


@pytest.mark.parametrize("name", ["daemon.json", "größe €.txt", "a" * 120])
@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 300])
def test_the_archive_holds_exactly_the_file(name: str, content: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(tar_of(name, content)), mode="r:gz") as archive:
        [member] = archive.getmembers()
        stream = archive.extractfile(member)
        assert stream is not None
        assert (member.name, stream.read()) == (name, content)


def test_the_archive_is_reproducible() -> None:
    assert tar_of("a", b"b") == tar_of("a", b"b")


@pytest.mark.parametrize(
    "text",
    [
        f"SHA256 hash of C:\\x:\r\n{DIGEST}\r\nCertUtil: -hashfile command completed successfully.\r\n",
        f"SHA256 hash of file C:\\x:\r\n{PAIRS}\r\nCertUtil: -hashfile command completed successfully.\r\n",
        f"SHA256-Hash von C:\\x:\r\n{DIGEST.upper()}\r\nCertUtil: -hashfile-Befehl wurde erfolgreich ausgeführt.\r\n",
    ],
    ids=["new", "old", "german"],
)
def test_digests_in_every_release_and_language(text: str) -> None:
    assert parse_certutil(text) == DIGEST


def test_no_digest_is_an_error() -> None:
    with pytest.raises(RemoteError):
        parse_certutil("CertUtil: unheard of")
