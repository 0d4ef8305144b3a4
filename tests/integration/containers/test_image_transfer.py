# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images as archives: saved on the controller, loaded from there, from the host, and from another host."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.fleet import RunningFleet

from .conftest import IMAGE, NANO, PING, Site, install_engine

Start = Callable[..., Site]
OTHER = "example/base:1"


def _forget(where: Site) -> None:
    """Take every image from the engine."""
    where.fleet.call(where.engine.state.images.images.clear)


def _save(where: Site, path: Path, name: str = IMAGE) -> None:
    assert where.image(name=name, save_to=str(path)).error == ""
    _forget(where)


def test_an_image_is_saved_on_the_controller_once(site: Start, tmp_path: Path) -> None:
    where, path = site(), tmp_path / "nano.tar"
    predicted = where.image(save_to=str(path), check=True)
    assert predicted.actions == ["pull", "save"] and not path.exists()
    done = where.image(save_to=str(path))
    assert done.actions == predicted.actions and path.stat().st_size > 0, done.error
    assert list(tmp_path.iterdir()) == [path], "no part of a file is left"
    assert not where.image(save_to=str(path)).changed
    path.write_bytes(b"something else")
    assert where.image(save_to=str(path)).actions == ["save"]


def test_an_archive_of_the_controller_is_streamed(site: Start, tmp_path: Path) -> None:
    where, path = site(), tmp_path / "nano.tar"
    _save(where, path)
    predicted = where.base_image(source="load", path=str(path), check=True)
    done = where.base_image(source="load", path=str(path))
    assert done.actions == predicted.actions == ["load"], done.error
    assert done.result["image"]["id"] == predicted.result["image"]["id"] and done.result["image"]["os_version"] == "10.0.20348.3807"
    assert any(line.startswith(f"load {IMAGE}: ") and " %, " in line for line in where.progress), where.progress
    assert not where.base_image(source="load", path=str(path)).changed
    assert where.container(image=IMAGE, command=PING, pull="never").error == ""


def test_a_packed_archive_gets_the_name_it_does_not_bring(site: Start, tmp_path: Path) -> None:
    where, path = site(), tmp_path / "nano.tar"
    _save(where, path)
    packed = tmp_path / "nano.tar.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    done = where.image(name=OTHER, source="load", path=str(packed), tags=["example/base:latest"])
    assert done.actions == ["load", "tag", "tag"] and done.result["image"]["tags"] == ["example/base:1", "example/base:latest", IMAGE], (
        done.error
    )
    assert not where.image(name=OTHER, source="load", path=str(packed)).changed
    assert where.image(name=OTHER, source="load", path=str(packed), force=True).actions[0] == "load"


def test_an_archive_on_the_host_is_loaded_there(site: Start, tmp_path: Path) -> None:
    where, path = site(), tmp_path / "nano.tar"
    _save(where, path)
    place = "D:\\images of ours\\nano.tar"
    where.fleet.call(lambda: where.machine.files.write(place.replace("D:", "C:"), path.read_bytes(), parents=True))
    options = {"name": IMAGE, "source": "load", "remote_path": place.replace("D:", "C:")}
    done = where.image(**options)
    assert done.actions == ["load"] and done.result["image"]["tags"] == [IMAGE], done.error
    assert not where.image(**options).changed
    assert "there is no file" in where.image(**{**options, "remote_path": place}).error


def test_an_image_goes_from_host_to_host(fleet: Callable[..., RunningFleet]) -> None:
    features = {"Containers": "enabled"}
    running = fleet(*({"name": name, "profile": "server-2022", "features": features} for name in ("source", "target")))
    source, target = (install_engine(running, host, "28.5.2") for host in running.hosts.values())
    assert source.image(tags=[OTHER]).error == ""
    options = {"name": OTHER, "source": "load", "from_host": "source"}
    done = target.image(**options)
    assert done.actions == ["load"] and done.result["image"]["tags"] == [OTHER], done.error
    assert any(line.startswith(f"load {OTHER} from source: ") for line in target.progress)
    assert not target.image(**options).changed
    assert "the host source has no such image" in target.image(**{**options, "name": "example/none:1"}).error
    running.call(lambda: source.machine.services.stop("docker"))
    assert "on the host source, " in target.image(force=True, **options).error
    assert 'the inventory has no host "nowhere"' in target.image(**{**options, "from_host": "nowhere"}).error


@pytest.mark.parametrize(
    ("content", "said"), [(b"no archive", "is not an archive"), (None, "cannot be read on the controller (No such file or directory)")]
)
def test_what_is_no_archive_is_refused(site: Start, tmp_path: Path, content: bytes | None, said: str) -> None:
    where, path = site(), tmp_path / "x.tar"
    if content is not None:
        path.write_bytes(content)
    done = where.image(source="load", path=str(path))
    assert said in done.error, done.error
    assert "is not absolute on the controller" in where.image(source="load", path="x.tar").error


def test_an_image_that_cannot_run_here_is_not_loaded(site: Start, tmp_path: Path) -> None:
    path = tmp_path / "nano.tar"
    _save(site(profile="server-2025", engine="29.4.3"), path, f"{NANO}:ltsc2025")
    where = site()
    done = where.image(name=f"{NANO}:ltsc2025", source="load", path=str(path))
    assert "a newer image never runs on an older host" in done.error, done.error
    assert not any("load" in request for request in where.requests())
