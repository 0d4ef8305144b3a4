# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pulls that outlive the connection, and tasks that join them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from .conftest import IMAGE, Site

Start = Callable[..., Site]


@pytest.fixture
def slow(site: Start) -> Site:
    """A host whose registry takes its time until it is hurried."""
    where = site()
    _pace(where, 12e6, 0.25)
    return where


def _pace(where: Site, bytes_per_second: float, tick: float) -> None:
    registry = where.engine.registry
    where.fleet.call(lambda: vars(registry).update(bytes_per_second=bytes_per_second, tick=tick))


def _hurry(where: Site) -> None:
    _pace(where, 1e11, 0.001)


def _hurry_once(where: Site, said: str) -> threading.Thread:
    """Hurry as soon as a line of progress says so."""

    def watch() -> None:
        deadline = time.monotonic() + 15
        while not any(said in line for line in where.progress) and time.monotonic() < deadline:
            time.sleep(0.02)
        _hurry(where)

    watcher = threading.Thread(target=watch)
    watcher.start()
    return watcher


def _processes(where: Site) -> list[str]:
    return [row.command_line or "" for row in where.machine.processes.named("cmd.exe") if "pull" in (row.command_line or "")]


def _wait(where: Site) -> None:
    deadline = time.monotonic() + 15
    while _processes(where) and time.monotonic() < deadline:
        time.sleep(0.05)


def test_it_goes_on_without_us_and_is_joined(slow: Site) -> None:
    predicted = slow.image(detached=True, check=True)
    assert predicted.result["pull"]["state"] == "started" and _processes(slow) == [], predicted.error
    begun = slow.image(detached=True)
    assert begun.actions == predicted.actions == ["start_pull"] and begun.result["image"]["id"] is None, begun.error
    assert begun.result["pull"]["state"] == "started" and begun.result["pull"]["process_id"] > 0
    assert len(_processes(slow)) == 1, "it outlives the task's connection"
    again = slow.image(detached=True)
    assert not again.changed and again.result["pull"]["state"] == "running", again.error
    assert again.result["pull"]["process_id"] == begun.result["pull"]["process_id"]
    watcher = _hurry_once(slow, "joining the pull that runs on the host")
    joined = slow.image()
    watcher.join()
    assert joined.actions == ["pull"] and joined.result["image"]["os_version"], joined.error
    assert any("joining the pull that runs on the host" in line for line in slow.progress)
    assert len(slow.engine.downloads.fetched) == len(set(slow.engine.downloads.fetched)), "no layer is downloaded twice"
    _wait(slow)
    done = slow.image(detached=True, pull="always")
    assert not done.changed and done.result["pull"] == {"state": "done", "process_id": None, "message": None}, done.error


def test_it_ends_by_itself(slow: Site) -> None:
    assert slow.base_image(detached=True).error == ""
    _hurry(slow)
    _wait(slow)
    done = slow.base_image(detached=True, keep=1)
    assert not done.changed and done.result["image"]["tags"] == [IMAGE], done.error


def test_an_ended_pull_without_an_image_is_told_and_begun_again(slow: Site) -> None:
    assert slow.image(detached=True).error == ""

    def kill() -> None:
        for row in slow.machine.processes.all():
            if row.name.lower() in ("cmd.exe", "docker.exe") and row.kill and "pull" in (row.command_line or ""):
                row.kill()

    slow.fleet.call(kill)
    _wait(slow)
    done = slow.image(detached=True)
    assert done.changed and any("ended without the image" in warning for warning in done.plan.warnings), (done.error, done.plan)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"registry_username": "u", "registry_password": "p"}, "would need them on its command line or in a file"),
        ({"source": "local"}, "is for pulls"),
    ],
)
def test_what_cannot_be_detached_is_refused(site: Start, options: dict[str, object], said: str) -> None:
    where = site()
    done = where.image(detached=True, **options)
    assert said in done.error, done.error


def test_windows_may_refuse_the_process(site: Start) -> None:
    where = site()
    where.fleet.call(lambda: setattr(where.machine.switches, "wmi_creation_blocked", True))
    done = where.image(detached=True)
    assert "Windows did not start the pull: access is denied" in done.error and "pull without detached" in done.error, done.error
