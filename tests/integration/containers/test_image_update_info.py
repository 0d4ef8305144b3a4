# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is behind on a host after Patch Tuesday."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.winfleet.containers.plugins.modules.image_update_info import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.update_info import ImageUpdateInfo
from simulator.engine.images import image_of
from simulator.engine.registry import Layer
from simulator.fleet import RunningFleet

from .conftest import IMAGE, NANO, PING, Done, Site, defaults, prepare

HOST = {"name": "ws2022", "profile": "server-2022", "features": {"Containers": "enabled"}}
NEW = {"repository": NANO, "versions": [{"os_version": "10.0.20348.9999", "tags": ["ltsc2022"], "compressed": 9, "on_disk": 9}]}
PINNED = f"{NANO}:10.0.20348.1487"


def look(site: Site, *exclude: str, check: bool = False) -> Done:
    done = ask(site, {"exclude": list(exclude)}, check)
    assert not done.error
    return done


def ask(site: Site, options: dict[str, Any], check: bool = False) -> Done:
    return site.run(lambda remote: ImageUpdateInfo(remote, {**defaults(ARGUMENT_SPEC), **options}), check)


def outdated(done: Done) -> dict[str, str]:
    return {row["name"]: row["reason"] for row in done.result["containers"] if row["outdated"]}


def build_here(site: Site) -> None:
    """An image made on the host, on the base it has: one layer more, one tag, no digest."""
    store = site.engine.state.images
    base = store.find(IMAGE)
    own = type(base)("sha256:" + "5" * 64, base.os_version, (*base.layers, Layer("sha256:own", 1, 1)), base.config, base.created)
    store.tag(store.add(own), "shop:1.4")


def pull_here(site: Site) -> None:
    """As ``docker pull`` on the host."""
    store, listing = site.engine.state.images, site.fleet.fleet.registry.find(NANO, "ltsc2022")
    assert listing is not None
    image = store.add(image_of(listing.manifests[0]))
    image.digests.append(f"{NANO}@{listing.digest}")
    store.tag(image, IMAGE)


def test_patch_tuesday(fleet: Callable[..., RunningFleet]) -> None:
    site = prepare(fleet(HOST))
    site.container(name="plain", image=IMAGE, command=PING)
    site.container(name="pinned", image=PINNED, command=PING)
    site.fleet.call(lambda: build_here(site))
    site.container(name="shop", image="shop:1.4", command=PING, pull="never", state="stopped")

    before = look(site)
    assert (outdated(before), before.result["stale"], before.result["warnings"]) == ({}, [], [])
    assert [row["reference"] for row in before.result["images"]] == [IMAGE]  # neither what never moves nor what no registry has
    assert not [request for request in site.requests() if "distribution/shop" in request]

    site.fleet.call(lambda: site.fleet.fleet.registry.publish({"bases": [NEW]}))
    done = look(site)
    row: dict[str, Any] = done.result["images"][0]
    assert (row["outdated"], row["os_version"], row["offered_os_version"]) == (True, "10.0.20348.3807", "10.0.20348.9999")
    assert outdated(done) == {"plain": f"the registry has another image for {IMAGE}"}
    stale = done.result["stale"][0]
    assert (stale["image"], stale["base"], stale["containers"]) == ("shop:1.4", "nanoserver 10.0.20348.3807", ["shop"])
    assert "shop:1.4 (used by shop) is built on nanoserver 10.0.20348.3807, older than 10.0.20348.9999" in done.result["warnings"][0]
    assert done.result["before"] == [{"id": row["id"], "tags": [IMAGE]}]
    excluded = look(site, IMAGE, PINNED)
    assert outdated(excluded) == {}
    assert excluded.plan.warnings == (f'exclude names "{PINNED}", which is not a tag that this host would ask a registry for',)

    site.fleet.call(lambda: pull_here(site))  # the tag moves here too
    after = look(site)
    assert outdated(after) == {"plain": f"{IMAGE} names another image by now"}
    assert [row["image"] for row in after.result["stale"]] == ["shop:1.4"]
    assert after.result["before"] == done.result["before"]  # where the container stands, not where the tag is


def test_a_base_image_from_a_private_mirror_brings_its_names_along(fleet: Callable[..., RunningFleet]) -> None:
    mirror = "registry.example.com/mirror/windows/nanoserver"
    accounts = {"registry.example.com": {"puller": "let-me-in"}}
    site = prepare(fleet(HOST, registry={"accounts": accounts, "copies": {mirror: NANO}}))
    login = {"registry_username": "puller", "registry_password": "let-me-in"}
    assert not site.base_image(registry="registry.example.com/mirror", **login).error
    site.container(image=IMAGE, command=PING, pull="never")
    site.fleet.call(lambda: site.fleet.fleet.registry.publish({"bases": [{**NEW, "repository": mirror}]}))

    assert "registry.example.com" in ask(site, {}).error
    done = ask(site, {"registries": [{"name": "registry.example.com", "username": "puller", "password": "let-me-in"}]})
    row: dict[str, Any] = done.result["images"][0]
    assert len(done.result["images"]) == 1, done.error
    assert (row["reference"], row["aliases"], row["registry"]) == (f"{mirror}:ltsc2022", [IMAGE], "registry.example.com")
    assert outdated(done) == {"web": f"the registry has another image for {mirror}:ltsc2022"}
    assert sorted(done.result["before"][0]["tags"]) == [IMAGE, f"{mirror}:ltsc2022"]


def test_a_registry_that_does_not_answer_is_no_good_news(fleet: Callable[..., RunningFleet]) -> None:
    site = prepare(fleet(HOST))
    site.container(image=IMAGE, command=PING)
    site.fleet.fleet.registry.down = True
    done = ask(site, {})
    assert done.error.startswith(f'Cannot ask for the image "{IMAGE}" on ws2022: ')


def test_a_bare_host_in_check_mode_has_nothing(fleet: Callable[..., RunningFleet]) -> None:
    running = fleet({"name": "ws2022", "profile": "server-2022"})
    assert look(Site(running.hosts["ws2022"], running), check=True).result["containers"] == []
