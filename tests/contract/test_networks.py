# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks that users make: what the module ``network`` asks for is what both engines then show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import docker
import pytest
from contract.conftest import Side

from ansible_collections.winfleet.containers.plugins.plugin_utils.networks.options import Desired, Subnet
from ansible_collections.winfleet.containers.plugins.plugin_utils.networks.plan import create_request, differences, subnets_of
from ansible_collections.winfleet.containers.plugins.plugin_utils.pruning import rules


def _desired(side: Side, **more: Any) -> Desired:
    driver = "bridge" if side.platform.os == "linux" else "nat"
    return Desired("shop", "present", driver, ipam=(Subnet("172.30.77.0/24", "172.30.77.1"),), labels={"owner": "shop"}, **more)


@pytest.fixture
def network(side: Side) -> Iterator[Side]:
    """The network ``shop``; skips where the real engine may not make one."""
    try:
        side.api.create_network("shop", **create_request(_desired(side), None))
    except docker.errors.APIError as error:
        if side.name == "simulated":
            raise
        pytest.skip(f"the real engine may not make networks here: {error.explanation}")
    yield side
    for container in side.api.containers(all=True):
        side.api.remove_container(container["Id"], force=True)
    if any(row["Name"] == "shop" for row in side.api.networks()):
        side.api.remove_network("shop")


def test_what_was_asked_for_is_there(network: Side) -> None:
    shown = network.api.inspect_network("shop")
    assert differences(_desired(network), shown) == ()
    assert [one.name for one in differences(Desired("shop", "present", ipam=(Subnet("10.9.0.0/24"),), labels={}), shown)] == [
        "ipam_config",
        "labels",
    ]
    assert subnets_of(shown) == (Subnet("172.30.77.0/24", "172.30.77.1"),)


def test_what_replaces_it_is_the_same_but_for_the_differences(network: Side) -> None:
    request = create_request(Desired("shop", "present", labels={"owner": "back"}), network.api.inspect_network("shop"))
    network.api.remove_network("shop")
    network.api.create_network("shop", **request)
    shown = network.api.inspect_network("shop")
    assert shown["Labels"] == {"owner": "back"} and differences(Desired("shop", "present", ipam=_desired(network).ipam), shown) == ()


def test_a_name_twice_and_containers_that_are_connected(network: Side) -> None:
    with pytest.raises(docker.errors.APIError) as caught:
        network.api.create_network("shop", check_duplicate=True)
    assert (caught.value.status_code, str(caught.value.explanation)) == (409, "network with name shop already exists")
    made = network.api.create_container("contract/busybox:1", ["sleep", "60"], networking_config={"EndpointsConfig": {"shop": {}}})["Id"]
    rows = network.api.containers(all=True, filters={"network": "shop"})
    assert [row["Id"] for row in rows] == [made] and "shop" in rows[0]["NetworkSettings"]["Networks"]
    going = rules.networks_to_go(network.api.networks(), rows, {"label": ["owner=shop"]}, None)
    assert [row["Name"] for row in going] == ["shop"], "a container that does not run holds no network"
    assert network.api.prune_networks(filters={"label": ["owner=shop"]})["NetworksDeleted"] == ["shop"]


def test_an_address_that_cannot_be_had_is_refused_at_the_start(network: Side) -> None:
    """20.10 takes it when the container is created; in which words it is refused is a matter of the platform."""

    def made(address: str) -> str:
        endpoints = {"EndpointsConfig": {"shop": {"IPAMConfig": {"IPv4Address": address}}}}
        return str(network.api.create_container("contract/busybox:1", ["sleep", "60"], networking_config=endpoints)["Id"])

    first = made("172.30.77.9")
    network.api.start(first)
    assert network.api.inspect_container(first)["NetworkSettings"]["Networks"]["shop"]["IPAddress"] == "172.30.77.9"
    for address in ("172.30.77.9", "172.30.77.1", "10.9.9.9"):
        refused = made(address)
        with pytest.raises(docker.errors.APIError):
            network.api.start(refused)
        assert not network.api.inspect_container(refused)["State"]["Running"]
