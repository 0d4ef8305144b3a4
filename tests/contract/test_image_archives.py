# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images saved, loaded, named, removed and built from a context of ours, on both engines."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.conftest import IMAGE, Side
from docker.errors import APIError

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.context import BuildContext
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.archive import archived_images

COPY = "contract/copy:1"


@pytest.fixture
def names(side: Side) -> Iterator[list[str]]:
    """Names that are taken away afterwards."""
    made: list[str] = []
    yield made
    for name in made:
        if side.api.images(name):
            side.api.remove_image(name, force=True)


def _saved(side: Side, name: str) -> bytes:
    return b"".join(side.api.get_image(name))


def _images(data: bytes) -> Any:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:

        def member(name: str) -> bytes:
            file = archive.extractfile(name)
            assert file is not None
            return file.read()

        return archived_images(member)


def test_an_archive_tells_the_id_and_the_name_it_was_saved_by(side: Side, names: list[str]) -> None:
    names.append(COPY)
    side.api.tag(IMAGE, "contract/copy", "1")
    (saved,) = _images(_saved(side, COPY))
    assert (saved.id, saved.names) == (side.api.inspect_image(IMAGE)["Id"], (COPY,))
    (nameless,) = _images(_saved(side, saved.id))
    assert nameless.names == ()


def test_what_was_saved_is_loaded_under_its_name_and_id(side: Side, names: list[str]) -> None:
    names.append(COPY)
    side.api.tag(IMAGE, "contract/copy", "1")
    identifier, data = side.api.inspect_image(COPY)["Id"], _saved(side, COPY)
    side.api.remove_image(COPY)
    # As the collection feeds it: in pieces, with no length told beforehand.
    lines = list(side.api.load_image(iter([data[:1000], data[1000:]])))
    assert any(f"Loaded image: {COPY}" in str(line.get("stream")) for line in lines), lines
    assert side.api.inspect_image(COPY)["Id"] == identifier


def test_what_is_no_archive_is_refused(side: Side) -> None:
    """By status, or by a line of the stream."""
    try:
        said = [str(line["error"]) for line in side.api.load_image(b"no archive at all" * 100) if "error" in line]
    except APIError as error:
        said = [str(error.explanation)]
    assert said and "Loaded" not in said[0]


def test_a_name_moves_and_the_last_one_takes_the_image_along(side: Side, names: list[str]) -> None:
    names += ["contract/one:1", "contract/two:1"]
    built = [_build(side, f"FROM {IMAGE}\nLABEL number={number}\n", f"contract/{name}:1") for number, name in enumerate(("one", "two"))]
    side.api.tag("contract/two:1", "contract/one", "1", force=True)
    assert side.api.inspect_image("contract/one:1")["Id"] == built[1]
    assert side.api.inspect_image(built[0])["RepoTags"] == []
    side.api.remove_image(built[0])
    with pytest.raises(APIError):
        side.api.inspect_image(built[0])
    gone = side.api.remove_image("contract/two:1")
    assert [next(iter(one)) for one in gone] == ["Untagged"]
    assert "Deleted" in {next(iter(one)) for one in side.api.remove_image("contract/one:1")}


def _build(side: Side, dockerfile: str, tag: str) -> str:
    list(side.api.build(fileobj=io.BytesIO(dockerfile.encode()), tag=tag, rm=True, decode=True))
    return str(side.api.inspect_image(tag)["Id"])


def test_a_context_is_built_without_what_it_excludes(side: Side, names: list[str], tmp_path: Path) -> None:
    names.append("contract/built:1")
    (tmp_path / "Dockerfile").write_text(
        f"ARG BASE=nothing/there:1\nFROM ${{BASE}} AS first\nCOPY . /site\nFROM {IMAGE} AS second\nLABEL which=second\n"
    )
    (tmp_path / "index.txt").write_text("hello")
    (tmp_path / "big.iso").write_text("no")
    (tmp_path / ".dockerignore").write_text("*.iso\n")
    with BuildContext(tmp_path, "Dockerfile").open() as file:
        pieces = iter([file.read()])
        lines = list(
            side.api.build(
                fileobj=pieces, custom_context=True, dockerfile="Dockerfile", tag="contract/built:1", rm=True, decode=True,
                buildargs={"BASE": IMAGE}, target="first", labels={"ours": "x"},
            )
        )  # fmt: skip
    assert not [line for line in lines if "error" in line], lines
    steps = [str(line["stream"]) for line in lines if str(line.get("stream")).startswith("Step ")]
    assert [step.split(" : ")[0] for step in steps] == [f"Step {number}/4" for number in range(1, 5)], steps
    assert steps[-1].strip() == "Step 4/4 : LABEL ours=x"
    image = side.api.inspect_image("contract/built:1")
    assert image["Config"]["Labels"]["ours"] == "x" and "which" not in image["Config"]["Labels"]
    made = side.api.create_container("contract/built:1", ["true"])["Id"]
    stream, _stat = side.api.get_archive(made, "/site")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        found = {Path(member.name).name for member in archive if member.isfile()}
    assert {"Dockerfile", "index.txt"} <= found and "big.iso" not in found
