# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real thing: the Docker SDK through the tunnel, against a real dockerd behind the simulated host's WinRM."""

from __future__ import annotations

import hashlib
import io
import random
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.remote.conftest import Site

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import EngineConflictError, EngineNotFoundError
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError
from ansible_collections.winfleet.containers.plugins.plugin_utils.images import transfer
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.archive import read_on_controller
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.building import Building, built_from
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.references import Reference
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost

from .conftest import register_engine, shells

pytestmark = [pytest.mark.real_engine, pytest.mark.slow]
IMAGE = "tunnel:1"


def image() -> bytes:
    """A tar archive of a root file system with busybox and nothing else."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(str(shutil.which("busybox")), "bin/busybox")
        for name in ("sh", "cat", "echo", "sleep", "sha256sum"):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return packed.getvalue()


@pytest.fixture
def bridged(site: Callable[..., Site], real_engine: str) -> Site:
    """A host whose docker.exe reaches the real engine."""
    started = site(engine_bridge=real_engine)
    register_engine(started)
    return started


@pytest.fixture
def host(bridged: Site) -> RemoteHost:
    return bridged.remote()


@pytest.fixture
def engine(host: RemoteHost) -> EngineClient:
    return EngineClient.open(host)


@pytest.fixture
def container(engine: EngineClient) -> Iterator[str]:
    """A running container from an image that was imported through the tunnel."""
    api = engine.api
    with engine.hijacked() as uploads:
        uploads.import_image_from_data(image(), repository="tunnel", tag="1")
    command = ["/bin/sh", "-c", "echo out; echo err >&2; exec sleep 120"]
    created = api.create_container(IMAGE, command, name="web", host_config=api.create_host_config(network_mode="none"))
    api.start(created["Id"])
    yield created["Id"]
    api.remove_container(created["Id"], force=True)
    api.remove_image(IMAGE, force=True)


def test_the_whole_life_of_a_container(engine: EngineClient) -> None:
    api = engine.api
    assert engine.version["ApiVersion"] == api.api_version
    with engine.hijacked() as uploads:
        uploads.import_image_from_data(image(), repository="tunnel", tag="1")
    assert api.images(IMAGE)[0]["RepoTags"] == [IMAGE]
    command = ["/bin/sh", "-c", "echo out; echo err >&2; exit 4"]
    created = api.create_container(IMAGE, command, name="life", host_config=api.create_host_config(network_mode="none"))
    api.start("life")
    assert api.wait("life")["StatusCode"] == 4
    assert api.logs("life", stderr=False) == b"out\n"
    assert api.logs("life", stdout=False) == b"err\n"
    with pytest.raises(EngineConflictError), engine.errors():
        api.create_container(IMAGE, command, name="life")
    api.remove_container(created["Id"])
    with pytest.raises(EngineNotFoundError), engine.errors():
        api.inspect_container("life")
    api.remove_image(IMAGE)


def test_a_plain_request_costs_one_send_and_one_receive(engine: EngineClient, host: RemoteHost) -> None:
    before = host.session.messages
    engine.api.info()
    assert host.session.messages - before == 2
    assert engine.requests == 2


def test_exec_keeps_the_streams_apart_and_gives_the_exit_code(engine: EngineClient, container: str) -> None:
    result = engine.exec(container, ["/bin/sh", "-c", "echo one; echo two >&2; exit 7"])
    assert (result.exit_code, result.stdout, result.stderr) == (7, b"one\n", b"two\n")


@pytest.mark.parametrize("size", [0, 1, 1_000_000])
def test_exec_takes_input_and_its_end(engine: EngineClient, container: str, size: int) -> None:
    data = random.Random(size).randbytes(size)
    result = engine.exec(container, ["/bin/sh", "-c", "cat; exit 3"], stdin=data)
    assert (result.exit_code, result.stderr) == (3, b"")
    assert hashlib.sha256(result.stdout).digest() == hashlib.sha256(data).digest()


def test_input_that_is_not_read_is_no_error(engine: EngineClient, container: str) -> None:
    assert engine.exec(container, ["/bin/sh", "-c", "exit 5"], stdin=bytes(2_000_000)).exit_code == 5


def test_attach_streams_while_the_container_runs(engine: EngineClient, container: str) -> None:
    stream = engine.api.attach(container, stream=True, logs=True)
    seen = b""
    for piece in stream:
        seen += piece
        if b"out" in seen and b"err" in seen:
            break
    stream.close()
    assert engine.api.inspect_container(container)["State"]["Running"]


def test_the_sdks_own_calls_work_on_the_second_client(engine: EngineClient, container: str) -> None:
    with engine.hijacked() as client:
        sdk: Any = client
        assert sdk.exec_start(engine.api.exec_create(container, ["/bin/echo", "hi"]), demux=True) == (b"hi\n", None)
        stream = sdk.exec_start(engine.api.exec_create(container, ["/bin/cat"], stdin=True), socket=True)
        stream.give(b"typed")
        assert b"typed" in (stream.receive(10) or b"")
        stream.close()


def test_an_image_comes_back_as_it_went(engine: EngineClient, container: str) -> None:
    saved = b"".join(engine.api.get_image(IMAGE))
    with engine.hijacked() as uploads:
        sdk: Any = uploads
        assert any("Loaded image" in str(line) for line in sdk.load_image(saved))


def test_archives_and_build_contexts_go_through_in_pieces(engine: EngineClient, host: RemoteHost, container: str, tmp_path: Path) -> None:
    """As the module ``image`` sends them: with no length told beforehand."""
    archive, context = tmp_path / "saved.tar", tmp_path / "context"
    transfer.save_to(transfer.save(engine, IMAGE), archive)
    transfer.load(engine, transfer.file_pieces(archive), 60)
    (saved,) = read_on_controller(archive)
    assert (saved.id, saved.names) == (engine.api.inspect_image(IMAGE)["Id"], (IMAGE,))
    context.mkdir()
    (context / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY big /big\n")
    (context / "big").write_bytes(random.Random(1).randbytes(3_000_000))
    options = {"path": str(context), "dockerfile": "Dockerfile", "pull": False, "nocache": False, "labels": {"a": True}}
    building = Building(host, options, Reference.parse("tunnel:built"), None)
    building.run(engine, building.recipe().digest, 60)
    built = engine.api.inspect_image("tunnel:built")
    assert built_from(built) == building.recipe().digest and built["Config"]["Labels"]["a"] == "true"
    assert built["Size"] - engine.api.inspect_image(IMAGE)["Size"] >= 3_000_000
    engine.api.remove_image("tunnel:built")
    (context / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY missing /x\n")
    with pytest.raises(ContainersError, match="in Step 2/4 : COPY missing /x"):  # each label is a step of its own
        building.run(engine, "", 60)


def test_nothing_is_left_behind(bridged: Site, host: RemoteHost, engine: EngineClient, container: str) -> None:
    threads = threading.active_count()
    engine.exec(container, ["/bin/cat"], stdin=b"x")
    assert threading.active_count() == threads
    host.close()
    # What remains is the shell that Ansible's own connection opens and deletes.
    assert len(shells(bridged)) == 1
