# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode on a host that has no engine, because nobody has carried out the tasks before."""

from __future__ import annotations

from collections.abc import Callable

from simulator.fleet import RunningFleet

from .conftest import IMAGE, Site, prepare


def test_everything_is_planned_as_new(fleet: Callable[..., RunningFleet]) -> None:
    running = fleet({"name": "ws2022", "profile": "server-2022"})
    site = Site(running.hosts["ws2022"], running)

    image = site.base_image(check=True)
    assert (image.actions, image.result["image"]["reference"]) == (["pull"], IMAGE), image.error
    assert image.plan.assumptions == ("no engine is installed on this host yet, so everything is planned as new",)

    container = site.container(check=True, image=IMAGE, isolation="hyperv")
    assert container.result["container"]["isolation"] == "hyperv", container.error
    assert container.actions == ["pull", "create"]
    assert not site.container(check=True, state="absent").changed
    assert "Cannot run container" in site.container(check=True).error  # the image is not given

    refused = site.container(image=IMAGE)
    assert "no Docker Engine is installed" in refused.error


def test_a_stopped_engine_stays_an_error(fleet: Callable[..., RunningFleet]) -> None:
    site = prepare(fleet({"name": "ws2022", "profile": "server-2022", "features": {"Containers": "enabled"}}))
    site.fleet.call(lambda: site.machine.services.stop("docker"))
    assert "the engine does not run" in site.container(check=True, image=IMAGE).error
