# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks for hosts that are in service: taken out of it, and brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.fleet import RunningFleet, running_fleet
from simulator.programs.dockerd import ENGINES

from .conftest import MIRROR, VERSION, Play, Run, programs, reboots

REMOVE = "winfleet.containers.remove_hosts"
UPDATE = "winfleet.containers.update_base_images"
NANO = "mcr.microsoft.com/windows/nanoserver"
SHOP = "registry.example.com/shop/web"
HOSTS = ("first", "second", "third")
ENGINE = {"version": VERSION, "url": MIRROR["container_host_engine_url"], "sha256": MIRROR["container_host_engine_sha256"]}


@pytest.fixture(scope="module")
def old(play: Play) -> Iterator[RunningFleet]:
    """A host in service, with a container."""
    features = dict.fromkeys(("Containers", "Microsoft-Hyper-V", "Microsoft-Hyper-V-Online"), "enabled")
    host = {"name": "old", "profile": "server-2022", "platform": "metal", "layers_undeletable": False, "features": features}
    with running_fleet({"hosts": [host]}) as fleet:
        web = {"name": "web", "image": f"{NANO}:ltsc2022", "command": "ping -t localhost"}
        run = play(fleet, [{"winfleet.containers.docker_engine": ENGINE}, {"winfleet.containers.container": web}])
        assert run.ok, run.output
        yield fleet


def remove(play: Play, fleet: RunningFleet, *options: str, **variables: object) -> Run:
    return play(fleet, REMOVE, *options, variables={"winfleet_hosts": "old", **variables})


def test_nothing_is_removed_without_a_confirmation_that_names_the_hosts(play: Play, old: RunningFleet) -> None:
    before = programs(old, "old")
    run = remove(play, old, remove_hosts_confirm="windows")
    assert not run.ok and run.changed == []
    message = run.result("Stop unless the removal is confirmed")["msg"]
    assert message.startswith("Cannot remove the container host old: the removal is not confirmed.")
    assert programs(old, "old") == before


def test_a_removal_keeps_the_data_and_says_so(play: Play, old: RunningFleet) -> None:
    everything = {"remove_hosts_features": ["containers", "hyperv"], "remove_hosts_data": True}
    predicted = remove(play, old, "--check", **everything)
    assert predicted.ok, predicted.output
    assert predicted.changed == ["old: Remove the containers", "old: Remove the engine", "old: Disable the features"]
    assert predicted.result("Say what stayed")["msg"] == {
        "engine": None,
        "left_behind": [],
        "features": {"containers": "disabled", "hyperv": "disabled"},
        "reboot_required": False,
    }

    kept = remove(play, old, remove_hosts_confirm="old", remove_hosts_containers=False)
    assert not kept.ok and "in which 1 container runs: web" in kept.result("Remove the engine")["msg"]

    predicted_images = remove(play, old, "--check", remove_hosts_images=True)
    assert predicted_images.ok, predicted_images.output
    run = remove(play, old, remove_hosts_confirm="old", remove_hosts_images=True)
    assert run.ok, run.output
    assert run.changed == ["old: Remove the containers", "old: Remove the images", "old: Remove the engine"] == predicted_images.changed
    stayed = run.result("Say what stayed")["msg"]
    assert stayed["engine"] is None and stayed["features"]["containers"] == "enabled"
    assert "C:\\ProgramData\\docker" in stayed["left_behind"]

    rebooted = reboots(old, "old")
    run = remove(play, old, remove_hosts_confirm="old", **everything)
    assert run.ok, run.output
    assert run.changed == ["old: Remove the engine", "old: Disable the features"]
    assert reboots(old, "old") == rebooted + 1
    stayed = run.result("Say what stayed")["msg"]
    assert stayed == predicted.result("Say what stayed")["msg"]
    again = remove(play, old, remove_hosts_confirm="old", **everything)
    assert again.ok and again.changed == []
    bare = play(old, UPDATE, "--check", variables={"winfleet_hosts": "old"})
    assert bare.ok and bare.changed == []


def shop(revision: int, code: int = 0, base: str = "10.0.20348.3807") -> dict[str, Any]:
    """A web server as its publisher makes it, with a health check that ends with this code."""
    check = {"Test": ["CMD", "cmd", "/C", f"exit {code}"], "Interval": 200_000_000, "Retries": 1}
    config = {"Cmd": ["ping", "-t", "localhost"], "Healthcheck": check}
    return {"repository": SHOP, "tags": ["1"], "revision": revision, "built_on": [f"nanoserver {base}"], "size": 9, "config": config}


@pytest.fixture(scope="module")
def shops(play: Play) -> Iterator[RunningFleet]:
    """Three hosts, each with a web server."""
    hosts = [{"name": name, "profile": "server-2022", "features": {"Containers": "enabled"}} for name in HOSTS]
    with running_fleet({"hosts": hosts, "registry": {"applications": [shop(1)]}}) as fleet:
        web = {"name": "web", "image": f"{SHOP}:1", "labels": {"team": "shop"}, "restart_policy": "always"}
        tasks = [
            {"winfleet.containers.docker_engine": ENGINE},
            {"winfleet.containers.base_image": {"family": "nanoserver"}},
            {"winfleet.containers.container": web},
            {
                "winfleet.containers.container": {
                    "name": "job",
                    "image": f"{NANO}:ltsc2022",
                    "command": "ping -t localhost",
                    "state": "stopped",
                }
            },
        ]
        run = play(fleet, tasks)
        assert run.ok, run.output
        yield fleet


def standing(fleet: RunningFleet, host: str) -> dict[str, Any]:
    """Of each container id, image and whether it runs; of each tag its image."""

    def look() -> dict[str, Any]:
        state = ENGINES[fleet.machines[host]].state
        containers = {entry.name: (entry.id, entry.image.id, entry.state.status) for entry in state.containers.values()}
        return {**containers, **{tag: image.id for image in state.images.images.values() for tag in image.tags}}

    seen: dict[str, Any] = fleet.call(look)
    return seen


def publish(fleet: RunningFleet, *applications: dict[str, Any], bases: tuple[dict[str, Any], ...] = ()) -> None:
    fleet.call(lambda: fleet.fleet.registry.publish({"bases": list(bases), "applications": list(applications)}))


def update(play: Play, fleet: RunningFleet, *options: str, **variables: Any) -> Run:
    return play(fleet, UPDATE, *options, variables={"winfleet_hosts": "all", "update_base_images_healthy_after": 0, **variables})


def updated(seen: dict[str, Any]) -> bool:
    """Whether both containers are as before, on what their tags name now, and no others are left."""
    whole = {"web", "job", f"{SHOP}:1", f"{NANO}:ltsc2022"} == set(seen)
    return whole and (seen["web"][1:], seen["job"][1:]) == ((seen[f"{SHOP}:1"], "running"), (seen[f"{NANO}:ltsc2022"], "created"))


def images(seen: dict[str, Any]) -> dict[str, Any]:
    """The same without the ids of containers."""
    return {name: value if isinstance(value, str) else value[1:] for name, value in seen.items()}


def test_an_update_that_breaks_the_first_host_is_taken_back_and_goes_no_further(play: Play, shops: RunningFleet) -> None:
    before = {host: standing(shops, host) for host in HOSTS}
    patched = {"os_version": "10.0.20348.9999", "tags": ["ltsc2022"], "compressed": 9, "on_disk": 9}
    publish(shops, bases=({"repository": NANO, "versions": [patched]},))
    publish(shops, shop(2, code=1, base="10.0.20348.9999"))
    run = update(play, shops)
    assert not run.ok
    assert {line["host"] for line in run.recording.lines} == {"first"}
    message = run.result("Stop the rollout", "first")["msg"]
    assert message.startswith("Cannot bring first up to date, it is back on the old images: ") and '"web"' in message
    after = {host: standing(shops, host) for host in HOSTS}
    assert after["first"]["web"] == before["first"]["web"]  # the very container
    assert images(after["first"]) == images(before["first"])  # and of the one that had been replaced already, its image
    assert {**after, "first": {}} == {**before, "first": {}}


def test_an_update_is_taken_back_too_when_the_host_looks_wrong_from_outside(play: Play, shops: RunningFleet, tmp_path: Path) -> None:
    before = standing(shops, "first")
    publish(shops, shop(3, base="10.0.20348.9999"))
    looks = tmp_path / "looks.yml"
    nothing = update(play, shops, update_base_images_verify="looks.yml")
    assert nothing.result("Stop when the task file does not exist", "first")["failed"] and nothing.changed == []
    looks.write_text('- name: "Ask the shop\n  ansible.builtin.fail:')
    unreadable = update(play, shops, update_base_images_verify=str(looks))
    assert not unreadable.ok and unreadable.changed == [] and str(looks) in "".join(unreadable.output.split())
    looks.write_text('[{"name": "Ask the shop", "ansible.builtin.fail": {"msg": "The shop is shut."}}]')
    run = update(play, shops, update_base_images_verify=str(looks))
    assert not run.ok
    assert run.result("Stop the rollout", "first")["msg"].endswith("The shop is shut.")
    assert images(standing(shops, "first")) == images(before)


@pytest.mark.parametrize("nth", [75, 95])
def test_an_update_that_is_cut_off_is_finished_by_a_later_run(play: Play, shops: RunningFleet, nth: int) -> None:
    """The network goes away: once after the tags have moved here, once while a container is being replaced. No run can take that back."""
    shops.hosts["third"].faults.add("cut", nth=nth, times=0)
    run = update(play, shops, winfleet_hosts="third")
    assert not run.ok
    shops.hosts["third"].faults.clear()
    assert not updated(standing(shops, "third"))


def test_a_good_update_goes_through_the_fleet_once(play: Play, shops: RunningFleet) -> None:
    before = {host: standing(shops, host) for host in HOSTS}
    login = {"name": "registry.example.com", "username": "puller", "password": "open-sesame"}
    predicted = update(play, shops, "--check", "-vvv", update_base_images_registries=[login])
    assert predicted.ok and "open-sesame" not in predicted.output
    assert {host: standing(shops, host) for host in HOSTS} == before

    run = update(play, shops, update_base_images_serial=[1, "100%"])
    assert run.ok, run.output
    deeds = ("Pull the images that have moved", "Replace the containers that use old images")
    moved = {f"third: {deeds[0]}"}  # before it was cut off
    expected = {f"{host}: {deed}" for host in HOSTS for deed in deeds} - moved
    assert set(run.changed) == set(predicted.changed) == expected
    after = [standing(shops, host) for host in HOSTS]
    assert all(map(updated, after)) and images(after[0]) == images(after[1]) == images(after[2])
    assert not set(images(after[0]).values()) & set(images(before["first"]).values())
    web = shops.call(lambda: next(c for c in ENGINES[shops.machines["third"]].state.containers.values() if c.name == "web"))
    assert web.config["Labels"]["team"] == "shop"

    again = update(play, shops)
    assert again.ok and again.changed == []
