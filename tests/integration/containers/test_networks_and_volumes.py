# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules ``network`` and ``volume`` on simulated hosts: predicted, made, found unchanged, replaced, removed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.modules import network, volume
from ansible_collections.winfleet.containers.plugins.plugin_utils.networks.network import Network
from ansible_collections.winfleet.containers.plugins.plugin_utils.volumes import Volume
from simulator.engine import networks as simulated
from simulator.engine import routes_networks, texts
from simulator.fleet import RunningFleet

from .conftest import IMAGE, PING, Done, Site

Start = Callable[..., Site]
NETWORK = {name: spec.get("default") for name, spec in network.ARGUMENT_SPEC.items()}
VOLUME = {name: spec.get("default") for name, spec in volume.ARGUMENT_SPEC.items()}
#: What only the engine knows.
UNKNOWN = ("id", "created", "mountpoint", "driver_options", "ipam_config")


def _network(where: Site, check: bool = False, **options: Any) -> Done:
    return where.run(lambda remote: Network(remote, {**NETWORK, "name": "shop", **options}), check)


def _volume(where: Site, check: bool = False, **options: Any) -> Done:
    return where.run(lambda remote: Volume(remote, {**VOLUME, "name": "Data", **options}), check)


def _known(result: Any) -> dict[str, Any]:
    return {name: value for name, value in (result or {}).items() if name not in UNKNOWN}


def _converges(task: Callable[..., Done], what: str, where: Site, **options: Any) -> Done:
    """Check mode predicts the run, the run does it, and a second run finds nothing to do."""
    predicted = task(where, check=True, **options)
    done = task(where, **options)
    assert not predicted.error and not done.error, predicted.error + done.error
    assert predicted.actions == done.actions
    assert _known(predicted.result[what]) == _known(done.result[what])
    assert not task(where, **options).changed
    return done


def test_the_life_of_a_network(site: Start) -> None:
    where = site()
    assert not where.container(image=IMAGE, command=PING).error
    first = {"driver": "nat", "ipam_config": [{"subnet": "172.30.8.0/24", "gateway": "172.30.8.1"}], "labels": {"owner": "shop"}}
    made = _converges(_network, "network", where, **first)
    assert made.result["network"]["ipam_config"] == first["ipam_config"]
    assert _converges(_network, "network", where, connected=["web"]).actions == ["connect"]

    moved = {"ipam_config": [{"subnet": "172.30.9.0/24"}]}
    refused = _network(where, **moved)
    assert "it would have to be replaced (ipam_config), and containers are connected to it: web" in refused.error
    done = _converges(_network, "network", where, **moved, force=True)
    assert done.actions == ["disconnect", "remove", "create", "connect"]
    assert done.result["network"]["labels"] == {"owner": "shop"}, "what the task does not give is kept"
    container = where.there()
    assert container is not None and container.networks["shop"]["IPAddress"].startswith("172.30.")

    taken = _network(where, name="other", ipam_config=[{"subnet": "172.30.0.0/16"}])
    assert (
        'Cannot provide network "other" on ws2022: the subnet 172.30.0.0/16 overlaps with 172.30.9.0/24 of the network shop' in taken.error
    )
    assert "containers are connected to it: web" in _network(where, state="absent").error
    assert _converges(_network, "network", where, state="absent", force=True).result == {"network": None}


def test_a_network_that_cannot_be_replaced_comes_back(site: Start, monkeypatch: Any) -> None:
    where = site()
    assert not where.container(image=IMAGE, command=PING).error
    assert not _network(where, driver="nat", connected=["web"], ipam_config=[{"subnet": "172.30.8.0/24"}]).error
    make = simulated.make_network

    def refuse(networks: Any, body: dict[str, Any], version: Any) -> Any:
        if body["IPAM"]["Config"][0]["Subnet"] == "10.9.0.0/24":
            raise texts.ApiError(500, "HNS failed with error : The parameter is incorrect.")
        return make(networks, body, version)

    monkeypatch.setattr(routes_networks, "make_network", refuse)
    done = _network(where, ipam_config=[{"subnet": "10.9.0.0/24"}], force=True)
    assert "the host's network service refused (HNS failed with error" in done.error
    [there] = [one for one in where.engine.state.networks.networks if one.name == "shop"]
    container = where.there()
    assert container is not None and there.subnet == "172.30.8.0/24" and "shop" in container.networks


def test_the_life_of_a_volume(site: Start) -> None:
    where = site()
    made = _converges(_volume, "volume", where, labels={"owner": "shop"})
    assert (made.result["volume"]["name"], made.result["volume"]["driver"]) == ("data", "local")
    assert not where.container(image=IMAGE, command=PING, volumes=["data:C:\\data"]).error
    for options in ({"state": "absent"}, {"labels": {}, "recreate": "options-changed"}):
        assert "it is in use by web. Remove those containers first" in _volume(where, **options).error
    assert not where.container(state="absent").error
    assert _converges(_volume, "volume", where, labels={"owner": "back"}, recreate="options-changed").actions == ["remove", "create"]
    assert _converges(_volume, "volume", where, state="absent").result == {"volume": None}


def test_both_are_planned_where_no_engine_is_yet(fleet: Callable[..., RunningFleet]) -> None:
    running = fleet({"name": "ws2022", "profile": "server-2022"})
    where = Site(running.hosts["ws2022"], running)
    assert _network(where, check=True, connected=["web"]).actions == ["create", "connect"]
    assert _volume(where, check=True).actions == ["create"]
    assert not _volume(where, check=True, state="absent").changed
    assert "no Docker Engine is installed" in _network(where).error


def test_what_cannot_be_in_a_network_is_refused_before_anything_is_touched(site: Start) -> None:
    where = site()
    where.add_network("shop", IPAM={"Config": [{"Subnet": "172.30.8.0/24", "Gateway": "172.30.8.1"}]})
    task: dict[str, Any] = {"image": IMAGE, "command": PING}
    shop = [{"name": "shop", "ipv4_address": "172.30.8.9"}]
    assert not where.container(name="db", **task, networks=shop).error
    there = len(where.requests())
    for networks, said in (
        ([{"name": "shop", "ipv4_address": "172.31.0.9"}], 'the address 172.31.0.9 lies outside the network "shop" (172.30.8.0/24)'),
        (shop, 'the address 172.30.8.9 of the network "shop" is in use by the container db'),
        ([{"name": "nowhere"}], 'there is no network "nowhere"'),
    ):
        assert said in where.container(**task, networks=networks).error
    assert 'there is no container "nobody"' in where.container(**task, volumes_from=["nobody:ro"]).error
    assert 'there is no container "nobody"' in where.container(**task, network_mode="container:nobody").error
    assert not [line for line in where.requests()[there:] if not line.startswith("GET ")]
    assert where.container(check=True, **task, networks=[{"name": "nowhere"}]).plan.assumptions == ('there is no network "nowhere" yet',)
    assert not where.container(name="db", recreate=True, networks=shop).error, "its own address is no obstacle"
    both = [{"name": name, **task, "networks": [{"name": "shop", "ipv4_address": "172.30.8.10"}]} for name in ("one", "two")]
    assert "both ask for the address 172.30.8.10" in where.containers(both).error
    gone = [{"name": "db", "state": "absent"}, {"name": "one", **task, "network_mode": "container:db"}]
    assert 'the container "one" needs "db", whose state is to be absent' in where.containers(gone).error
    moved = [{"name": "db", "networks": [{"name": "shop", "ipv4_address": "172.30.8.7"}]}, {"name": "new", **task, "networks": shop}]
    assert not where.containers(moved).error, "the first leaves the address to the second"
    assert where.names() == ["db: running", "new: running"]


@pytest.mark.parametrize("engine", ["24.0.9", "28.5.2", "29.1.0"])
def test_an_address_that_is_lost_later_is_told_of(site: Start, engine: str) -> None:
    where = site(engine)
    where.add_network("shop", IPAM={"Config": [{"Subnet": "172.30.8.0/24"}]})
    shop = [{"name": "shop", "ipv4_address": "172.30.8.9"}]
    for name, state in (("late", "present"), ("db", "started")):
        assert not where.container(name=name, image=IMAGE, command=PING, networks=shop, state=state).error
    assert 'Cannot start container "late" on ws2022: a static address is in use or reserved' in where.container(name="late").error

    async def move() -> None:
        where.engine.state.networks.find("shop").subnet = "172.30.0.0/24"

    where.fleet.call(move)
    assert re.search(r"address .*lies outside", where.container(name="late").error)
