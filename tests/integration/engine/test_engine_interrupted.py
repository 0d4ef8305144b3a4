# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker_engine cut off after the n-th message: the next run finds its way, installs nothing twice and leaves nothing half."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError

from .engines import DAEMON_JSON, FOLDER, Engines

Start = Callable[..., Engines]
#: Sampled message numbers.
CUTS = (3, 17, 31, 44, 52, 58, 66, 75, 83, 91, 99, 107, 118, 130, 145)


def interrupted(one: Engines, message: int, version: str, **options: object) -> bool:
    """Run until that message, from which on nothing arrives any more; False when the run was over before."""
    one.site.host.faults.add("cut", kind="*", when="after", nth=message, times=0)
    try:
        resource = one.resource(version, **options)
        observed = resource.read()
        plan = resource.plan(observed)
        resource.apply(plan, observed)
        resource.read()
        return False
    except ContainersError:
        return True
    finally:
        one.site.host.faults.clear()
        one.host = one.site.remote()


@pytest.mark.parametrize("message", CUTS)
def test_a_first_installation_converges(engines: Start, message: int) -> None:
    one = engines()
    options = {"config": {"debug": True}, "add_to_path": True}
    interrupted(one, message, "28.5.2", **options)
    _unused, result = one.converge("28.5.2", **options)
    assert (result["version"], result["config"], one.version()) == ("28.5.2", {"debug": True}, "28.5.2")
    assert (one.state(), one.leftovers()) == ("Running", [])


@pytest.mark.parametrize("message", CUTS)
def test_an_upgrade_under_load_converges(engines: Start, message: int) -> None:
    one = engines()
    one.converge("28.5.1")
    one.run_container("web", "always")
    one.run_container("job")
    options = {"config": {"debug": True}, "allow_restart": True, "drain": True}
    interrupted(one, message, "28.5.2", **options)
    one.converge("28.5.2", **options)
    assert (one.version(), one.running(), one.leftovers()) == ("28.5.2", {"web", "job"}, [])


@pytest.mark.parametrize("message", CUTS[::3])
def test_a_removal_converges(engines: Start, message: int) -> None:
    one = engines()
    one.converge("28.5.2")
    options = {"state": "absent", "purge": True, "allow_restart": True}
    interrupted(one, message, "28", **options)
    _unused, result = one.converge("28", **options)
    assert (result["left_behind"], one.state(), one.exists(FOLDER), one.leftovers()) == ([], None, False, [])


def test_a_configuration_nobody_proved_gives_way_to_the_one_before(engines: Start) -> None:
    """As after an interruption between the file and the start: the next run finds that the engine does not start with it."""
    one = engines()
    one.converge(config={"debug": True})
    bad = b'{"hosts": ["npipe://", "npipe:////./pipe/taken"]}'
    one.machine.pipes["taken"] = PermissionError("denied")

    async def interrupt() -> None:
        await one.machine.services.stop("docker")
        service = one.machine.services.get("docker")
        if service is not None:
            await service.settled()
        one.machine.files.write(DAEMON_JSON + ".winfleet-previous", one.machine.files.read(DAEMON_JSON))
        one.machine.files.write(DAEMON_JSON, bad)

    one.site.fleet.call(interrupt)
    with pytest.raises(ContainersError, match="failed to load listeners"):
        one.converge()
    _unused, result = one.converge()
    assert (result["config"], one.state()) == ({"debug": True}, "Running")
