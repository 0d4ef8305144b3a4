# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What containers do over time: health and roll-back, new images, the foreground, evidence, several in one task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.fleet import running_fleet

from .conftest import HYPERV, IMAGE, NANO, PING, Site, prepare

Start = Callable[..., Site]
WELL = {"test": ["cmd", "/c", "exit 0"], "interval": "100ms"}
ILL = {"test": ["cmd", "/c", "echo broken & exit 1"], "interval": "100ms", "retries": 2}


@pytest.fixture(scope="module")
def host() -> Iterator[Site]:
    """One host for all of this file, with Hyper-V and two networks."""
    with running_fleet({"hosts": [{"name": "ws2022", "profile": "server-2022", "platform": "metal", **HYPERV}]}) as fleet:
        site = prepare(fleet)
        site.add_network("front")
        site.add_network("back", IPAM={"Config": [{"Subnet": "172.30.0.0/24"}]})
        yield site


@pytest.fixture
def where(host: Site) -> Iterator[Site]:
    yield host
    for name in [entry.partition(":")[0] for entry in host.names()]:
        host.container(name=name, state="absent", force_kill=True)


def test_healthy_waits_for_the_check(where: Site) -> None:
    done = where.container(image=IMAGE, command=PING, healthcheck=WELL, state="healthy")
    assert where.progress[-1] == "wait until the container web is healthy: its health check says healthy"
    assert done.result["container"]["health"] == "healthy", done.error
    assert done.plan.steps[-1].description.endswith("start it and wait until it is healthy")
    assert not where.container(image=IMAGE, command=PING, healthcheck=WELL, state="healthy").changed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"healthcheck": ILL}, "is unhealthy (its check ended with 1 and said: broken)"),
        ({"healthcheck": {"test": ["cmd", "/c", "exit 0"], "interval": "1h"}, "wait_timeout": 0.1}, "not healthy within 0.1 seconds"),
        (
            {"command": ["cmd", "/c", "echo no license for %KEY%& exit 4"], "env": {"KEY": "s3cret-value"}},
            "did not keep running, it ended with exit code 4; it said last: no license for ********. Correct its command",
        ),
        ({"command": ["nonsense.exe"]}, "does not exist in the image"),
        ({"log_driver": "json-file", "log_options": {"max-size": "much"}}, "the log driver cannot work with its options"),
        ({"user": "nobody"}, "the container has no such user"),
        ({"working_dir": "D:\\nowhere"}, "the container has no such working folder"),
    ],
    ids=["unhealthy", "never healthy", "ends", "cannot start", "no such log", "no such user", "no such folder"],
)
def test_a_replacement_that_does_not_get_healthy_makes_place_for_the_old_one(where: Site, options: dict[str, Any], said: str) -> None:
    where.container(image=IMAGE, command=PING)
    old = where.there()
    done = where.container(**{"image": IMAGE, "command": PING, "state": "healthy", "healthy_after": 0.1, **options})
    assert said in done.error and "s3cret" not in str(done)
    assert where.there() is old and where.names() == ["web: running"]
    assert (done.result.get("output") == "no license for ********\r\n") is ("env" in options), "it is gone, and its log with it"


def test_without_a_check_a_container_has_to_keep_running(where: Site) -> None:
    done = where.container(image=IMAGE, command=PING, state="healthy", healthy_after=0.2)
    assert done.result["container"]["health"] is None and not done.error
    assert not where.container(state="healthy").changed


def test_a_predecessor_left_behind_stays_until_the_new_one_is_healthy(where: Site) -> None:
    """The controller died while it waited for the new container to become healthy, which it never did."""
    task: dict[str, Any] = {"image": IMAGE, "command": PING, "healthcheck": ILL}
    where.container(name="old", image=IMAGE, command=PING, state="stopped")
    where.container(**task)

    def rename() -> None:
        old = where.there("old")
        assert old is not None
        old.name = "web.winfleet-previous"

    where.fleet.call(rename)
    assert "is unhealthy" in where.container(**task, state="healthy").error
    assert where.there("web.winfleet-previous") is not None
    done = where.container(**task)
    assert done.actions == ["remove"] and where.names() == ["web: running"], "without that wish the new one has proved good"


def test_update_image_follows_the_name(where: Site) -> None:
    where.container(image=IMAGE, command=PING, env={"A": "1"})
    assert not where.container(update_image=True).changed
    where.container(name="other", image=f"{NANO}:10.0.20348.1487", command=PING)

    async def retag() -> None:
        images = where.engine.state.images
        newer = images.find(f"{NANO}:10.0.20348.1487")
        images.find(IMAGE).tags.remove(IMAGE)
        newer.tags.append(IMAGE)

    where.fleet.call(retag)
    assert not where.container(state="started").changed, "nobody asked for it"
    predicted = where.container(check=True, update_image=True)
    done = where.container(update_image=True)
    assert (done.actions, done.result["differences"]) == (["replace"], ["image"]), done.error
    assert predicted.plan.steps == done.plan.steps
    assert (done.result["container"]["image"], done.result["container"]["env"]) == (IMAGE, ["A"])
    assert not where.container(update_image=True).changed


def test_pull_always_asks_the_registry(where: Site) -> None:
    where.container(image=IMAGE, command=PING, pull="always")
    assert not where.container(image=IMAGE, command=PING, pull="always").changed
    requests = len(where.requests())
    where.container(image=IMAGE, command=PING, pull="always", check=True)
    assert sum("/distribution/" in request for request in where.requests()[requests:]) == 1


def test_the_foreground_gives_output_and_status(where: Site) -> None:
    task: dict[str, Any] = {"image": IMAGE, "command": ["cmd", "/c", "echo hello & echo there"], "detach": False}
    done = where.container(**task)
    assert (done.result["status"], done.result["output"].split()) == (0, ["hello", "there"]), done.error
    assert done.result["container"]["status"] == "exited"
    assert where.container(**task).actions == ["start", "wait_end"], "each run runs it"
    gone = where.container(**task, cleanup=True)
    assert gone.result["container"] is None and where.names() == []
    failed = where.container(**{**task, "command": ["cmd", "/c", "echo oh no & exit 3"]})
    assert "its command ended with exit code 3 and said last: oh no" in failed.error
    assert (failed.result["changed"], failed.result["status"], failed.result["output"].split()) == (True, 3, ["oh", "no"])
    slow = where.container(**{**task, "command": PING, "wait_timeout": 0.2})
    assert "had not ended within 0.2 seconds" in slow.error


def test_the_isolation_is_proved(where: Site) -> None:
    for mode in ("process", "hyperv"):
        done = where.container(image=IMAGE, command=PING, isolation=mode, verify=True)
        assert done.result["isolation"]["verdict"] == mode, done.error or done.result
    there = where.there()
    assert there is not None

    def lie() -> None:
        there.host_config["Isolation"] = "process"

    where.fleet.call(lie)
    done = where.container(image=IMAGE, command=PING, isolation="process", verify=True)
    assert "should run with process isolation, and the evidence is for hyperv" in done.error


def test_what_works_with_one_isolation_only(where: Site) -> None:
    device = ["class/5B45201D-F2F2-4F3B-85BB-30FF1F953599"]
    refused = where.container(image=IMAGE, command=PING, devices=device, isolation="hyperv")
    assert "devices are assigned to it, which works with process isolation only" in refused.error
    done = where.container(image=IMAGE, command=PING, devices=device, isolation="auto")
    assert done.result["isolation"]["mode"] == "process", done.error
    assert "nanoserver lacks" in done.plan.warnings[0]
    shared = where.container(name="second", image=IMAGE, command=PING, network_mode="container:web", isolation="hyperv")
    assert "network of another container" in shared.error
    assert not where.container(name="second", image=IMAGE, command=PING, network_mode="container:web").error
    where.container(image=IMAGE, state="stopped")
    for name, said in (("web", 'the container "web", whose network it uses, does not run'), ("nobody", 'there is no container "nobody"')):
        failed = where.container(name="third", image=IMAGE, command=PING, network_mode=f"container:{name}")
        assert said in failed.error and where.there("third") is None


def test_what_another_container_and_the_engine_choose(where: Site) -> None:
    where.container(name="data", image=IMAGE, command=PING, volumes=["store:C:\\store"], state="stopped")
    task: dict[str, Any] = {
        "image": IMAGE,
        "command": PING,
        "volumes_from": ["data:ro"],
        "publish_all_ports": True,
        "exposed_ports": ["80"],
    }
    done = where.container(**task)
    assert [(mount["source"], mount["read_only"]) for mount in done.result["container"]["mounts"]] == [("store", True)], done.error
    there = where.there()
    assert there is not None and there.ports["80/tcp"]
    assert not where.container(**task).changed


def test_a_container_the_engine_removes_by_itself(where: Site) -> None:
    task: dict[str, Any] = {"image": IMAGE, "command": PING, "auto_remove": True}
    where.container(**task)
    done = where.container(**task, env={"A": "1"})
    assert (done.actions, where.names()) == (["replace"], ["web: running"]), done.error
    assert "cannot come back" in done.plan.warnings[0]
    assert not where.container(**task, env={"A": "1"}).changed
    assert not where.container(state="absent", removal_wait_timeout=5).error
    assert where.names() == []


def test_a_mode_nobody_asked_for_is_kept(where: Site) -> None:
    where.container(image=IMAGE, command=PING, isolation="hyperv")
    done = where.container(image=IMAGE, command=PING, env={"A": "1"})
    assert done.result["isolation"]["mode"] == "hyperv" and "had hyperv before" in done.result["isolation"]["reason"]


def test_counts_of_the_licence_only_warn(where: Site) -> None:
    done = [where.container(name=name, image=IMAGE, command=PING, isolation="hyperv") for name in ("one", "two", "three")]
    assert [bool(entry.plan.warnings) for entry in done] == [False, False, True], [entry.error for entry in done]
    assert "covers 2 containers with Hyper-V isolation, and 2 others run already" in done[2].plan.warnings[0]


def test_several_in_the_order_of_their_needs(where: Site) -> None:
    entries: list[dict[str, Any]] = [
        {"name": "api", "depends_on": ["db"], "networks": [{"name": "front"}, {"name": "back", "aliases": ["api"]}]},
        {"name": "sidecar", "network_mode": "container:api"},
        {"name": "db", "networks": [{"name": "back", "ipv4_address": "172.30.0.10"}], "restart_policy": "always"},
    ]
    common = {"image": IMAGE, "command": PING, "isolation": "process"}
    predicted = where.containers(entries, check=True, **common)
    done = where.containers(entries, **common)
    assert predicted.plan.steps == done.plan.steps, done.error
    assert [entry["name"] for entry in done.result["containers"]] == ["db", "api", "sidecar"]
    assert all(entry["changed"] for entry in done.result["containers"])
    assert [step.action for step in done.plan.steps].count("pull") <= 1
    requests, programs = len(where.requests()), len(where.machine.started_programs)
    again = where.containers(entries, **common)
    assert not again.changed, again.plan
    assert len(where.requests()) - requests <= 3 + len(entries), "version, list, image, and each container"
    assert len(where.machine.started_programs) - programs == 1, "one tunnel for all"
    there = where.there("api")
    assert there is not None and sorted(there.networks) == ["back", "front"] and there.networks["back"]["Aliases"] == ["api"]

    changed = where.containers([{**entries[0], "env": {"A": "1"}}, *entries[1:]], **common)
    assert [(entry["name"], entry["changed"], entry["differences"]) for entry in changed.result["containers"]] == [
        ("db", False, []),
        ("api", True, ["env"]),
        ("sidecar", True, []),
    ]
    assert changed.plan.steps[-1].description == "restart the container sidecar, which uses the network of api"
    assert not where.containers([{**entries[0], "env": {"A": "1"}}, *entries[1:]], **common).changed


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{"name": "a1", "depends_on": ["b1"]}, {"name": "b1", "depends_on": ["a1"]}], "depend on each other in a circle"),
        ([{"name": "a1"}, {"name": "a1"}], 'names "a1" twice'),
        ([{"name": "a1", "depends_on": ["c1"]}], 'depends on "c1"'),
        (
            [{"name": "a1", "imag": "x"}],
            'Cannot run container "a1" on ws2022: an entry of containers has the unknown option "imag". Did you mean "image"?',
        ),
        ([{"name": "a1", "privileged": True}], 'Cannot run container "a1" on ws2022: the option privileged cannot be used'),
        ([{"image": IMAGE}], "this entry of containers has no name"),
        ([{"name": "a1", "cpu_count": "many"}], 'Cannot run container "a1" on ws2022: '),
    ],
)
def test_several_that_cannot_be(where: Site, entries: list[dict[str, Any]], said: str) -> None:
    done = where.containers(entries, image=IMAGE, command=PING)
    assert said in done.error
    assert where.names() == []


def test_an_error_of_one_says_what_was_changed_before(where: Site) -> None:
    entries = [{"name": "good"}, {"name": "bad", "command": ["nonsense.exe"]}, {"name": "never"}]
    done = where.containers(entries, image=IMAGE, command=PING)
    assert done.error.startswith('Cannot start container "bad" on ws2022: ') and "changed before it: good" in done.error
    assert done.result["changed"] and [entry for entry in done.result["containers"] if entry["failed"] or entry["skipped"]] == [
        {"name": "bad", "changed": False, "failed": True, "skipped": False},
        {"name": "never", "changed": False, "failed": False, "skipped": True},
    ]
    assert where.names() == ["good: running"]


def test_what_an_older_engine_would_drop_is_refused(site: Start) -> None:
    old = site(engine="24.0.7")
    old.add_network("front")
    late = old.container(image=IMAGE, command=PING, healthcheck={**WELL, "start_interval": "1s"})
    assert "needs Docker Engine 25" in late.error
    cards = [{"name": "nat"}, {"name": "front", "mac_address": "00-15-5D-01-02-03"}]
    assert "needs Docker Engine 25" in old.container(image=IMAGE, command=PING, networks=cards).error
    assert not old.container(image=IMAGE, command=PING, networks=cards[::-1]).error
    there = old.there()
    assert there is not None and there.networks["front"]["MacAddress"] == "00:15:5d:01:02:03"
    assert not old.container(image=IMAGE, command=PING, networks=cards[::-1]).changed


def test_a_credential_spec_is_looked_for_before_anything_is_made(where: Site) -> None:
    root, key = (
        "C:\\ProgramData\\docker\\CredentialSpecs",
        "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Virtualization\\Containers\\CredentialSpecs",
    )
    for spec, place in (("file://team/web.json", f"{root}\\team\\web.json"), ("registry://web", f"HKLM\\{key}\\web")):
        for check in (True, False):
            failed = where.container(image=IMAGE, command=PING, credential_spec=spec, check=check)
            assert f"the host has no such credential spec: {place}. Put it there first" in failed.error
    assert where.there() is None
    where.fleet.call(lambda: where.machine.files.write(f"{root}\\team\\web.json", b"{}", parents=True))
    assert not where.container(image=IMAGE, command=PING, credential_spec="file://team/web.json").error
    assert not where.container(image=IMAGE, command=PING, credential_spec="file://team/web.json").changed
