# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container is replaced while the way to the host breaks, at each of the engine's answers in turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import IMAGE, PING, Site

Start = Callable[..., Site]
#: The Receive that carries the answer to each request; the five before them only read.
ANSWERS = {"stop": 6, "rename": 7, "create": 8, "start": 9, "remove": 10}


@pytest.mark.parametrize("request_name", ANSWERS)
def test_the_service_goes_on_and_the_next_runs_converge(site: Start, request_name: str) -> None:
    where = site()
    assert not where.container(image=IMAGE, command=PING, env={"A": "1"}).error
    where.host.faults.add("cut", kind="Receive", when="after", nth=ANSWERS[request_name])
    broken = where.container(image=IMAGE, command=PING, env={"A": "2"})
    assert broken.error.startswith(f'Cannot {request_name} container "web" on ws2022: the tunnel to the engine broke')
    assert any(name.endswith(": running") for name in where.names()), where.names()
    assert not where.container(image=IMAGE, command=PING, env={"A": "2"}).error
    settled = where.container(image=IMAGE, command=PING, env={"A": "2"})
    assert (settled.error, settled.actions, where.names()) == ("", [], ["web: running"])
