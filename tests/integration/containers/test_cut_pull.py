# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pulls that are cut off: what is told, what is left, and what the next run makes of it."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Site

Start = Callable[..., Site]


class _Cut(list[str]):
    """Collects progress, and ends the tunnel as soon as a pull has come somewhere."""

    def __init__(self, where: Site) -> None:
        super().__init__()
        self._where = where

    def append(self, line: str) -> None:
        super().append(line)
        if " downloaded" in line:
            self._where.fleet.call(self._kill)

    def _kill(self) -> None:
        for row in self._where.machine.processes.named("docker.exe"):
            if row.kill:
                row.kill()


def _pace(where: Site, speed: float, tick: float) -> None:
    def set_pace() -> None:
        where.engine.registry.bytes_per_second, where.engine.registry.tick = speed, tick

    where.fleet.call(set_pace)


def test_a_cut_connection_is_told_as_it_is_and_made_up_for(site: Start) -> None:
    where = site()
    _pace(where, 120e6, 0.1)
    free = where.machine.files.free_bytes
    where.progress = _Cut(where)
    cut = where.base_image()
    assert "the pull was cut off" in cut.error and " MB downloaded" in cut.error, cut.error
    assert "keeps at most the layers it had registered" in cut.error and "Run the task again" in cut.error
    _pace(where, 4e9, 0.05)
    where.progress = []
    done = where.base_image()
    assert done.actions == ["pull"] and done.result["image"]["id"], done.error
    assert where.machine.files.free_bytes == free - done.result["image"]["size"], "the given up download took no room"
    assert not where.base_image().changed


def test_silence_is_limited_and_not_the_time_it_takes(site: Start) -> None:
    where = site()
    _pace(where, 60e6, 0.3)  # takes longer than the silence that is allowed
    done = where.base_image(silence_timeout=1)
    assert done.error == "" and done.changed
    _pace(where, 1e3, 60)
    silent = where.base_image(release="1809", silence_timeout=1, check_free_space=False)
    assert "the engine was silent for 1 seconds" in silent.error and "detached: true" in silent.error, silent.error
