# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any container that can be asked for: check mode foretells the change, the change converges, and the next run finds nothing to do.

Hypothesis chooses two tasks after one another on engines of every age; the choice is the same in each run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.fleet import running_fleet

from .conftest import HYPERV, IMAGE, PING, Done, Site, install_engine

ENGINES = ("20.10.24", "23.0.6", "24.0.7", "25.0.5", "26.1.4", "27.5.1", "28.5.2", "29.4.3")
EXAMPLES = 16


ADDRESSES = {"front": "172.31.1.77", "back": "172.30.0.77", "nat": "172.27.0.77"}


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Site]]:
    """One host for each engine, with a folder, two networks and Hyper-V."""
    entry = {"profile": "server-2022", "platform": "metal", **HYPERV}
    with running_fleet({"hosts": [{"name": f"e{number}", **entry} for number in range(len(ENGINES))]}) as fleet:
        found = {}
        for host, version in zip(fleet.hosts.values(), ENGINES, strict=True):
            site = install_engine(fleet, host, version)
            fleet.call(lambda site=site: site.machine.files.make_folder("C:\\Data"))
            for name in ("front", "back"):
                site.add_network(name, IPAM={"Config": [{"Subnet": ADDRESSES[name].replace(".77", ".0/24")}]})
            site.container(name="warm", image=IMAGE, command=PING)
            found[version] = site
        yield found


texts = st.sampled_from(["a", "B c", "", 'q"uote', "C:\\x\\", "ünï"])
ports = st.lists(st.sampled_from(["8080:80", "8081:81/udp", "443"]), unique=True)


def _with_addresses(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each static address is one of its network."""
    return [{**one, "ipv4_address": ADDRESSES[one["name"]]} if "ipv4_address" in one else one for one in given]


networks = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["front", "back", "nat"])},
        optional={"aliases": st.lists(st.sampled_from(["db", "Web"]), unique=True, max_size=2), "ipv4_address": st.just("")},
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda network: network["name"],
).map(_with_addresses)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    # Only what does not end by itself: nobody can foretell when a command ends.
    "command": st.sampled_from([PING, "ping -t localhost", ["cmd", "/c", "ping -t localhost & rem a\\"]]),
    "entrypoint": st.sampled_from([["cmd", "/c", "ping -t localhost & rem"], [""]]),
    "env": st.dictionaries(st.sampled_from(["A", "b", "Path Ext"]), texts, max_size=2),
    "working_dir": st.sampled_from(["C:\\", "c:/app/", "C:\\App", ""]),
    "user": st.sampled_from(["ContainerAdministrator", ""]),
    "labels": st.dictionaries(st.sampled_from(["x", "y"]), texts, max_size=2),
    "healthcheck": st.sampled_from([{"test": ["cmd", "/c", "exit 0"], "interval": "1m30s"}, {"test": "NONE"}, {"retries": 5}]),
    "stop_signal": st.sampled_from(["SIGTERM", "9", "int"]),
    "stop_timeout": st.sampled_from([0, 7]),
    "hostname": st.sampled_from(["keeper", ""]),
    "domainname": st.sampled_from(["example.com", ""]),
    "networks": networks,
    "published_ports": ports,
    "exposed_ports": st.lists(st.sampled_from(["80", "90-92/udp"]), unique=True),
    "publish_all_ports": st.booleans(),
    "volumes_from": st.sampled_from([["warm"], []]),
    "tty": st.booleans(),
    "interactive": st.booleans(),
    "auto_remove": st.just(False),
    "restart_retries": st.sampled_from([0, 4]),
    "log_options": st.sampled_from([{"max-size": "10m"}, {}]),
    "network_mode": st.sampled_from(["nat", "default", "none", "back"]),
    "dns_servers": st.sampled_from([["10.0.0.53"], []]),
    "dns_search_domains": st.sampled_from([["example.com", "example.org"], []]),
    "volumes": st.sampled_from([["C:/Data:C:/data/:ro"], ["Cache:c:\\cache"], []]),
    "mounts": st.sampled_from([[{"type": "bind", "source": "c:\\data", "target": "C:\\More", "read_only": True}], []]),
    "credential_spec": st.sampled_from([{"CmsPlugins": ["ActiveDirectory"]}, ""]),
    "memory": st.sampled_from(["1G", "0", 600_000_000]),
    "cpu_count": st.sampled_from([0, 2]),
    "cpu_shares": st.sampled_from([0, 500]),
    "cpu_percent": st.sampled_from([0, 50]),
    "io_max_bandwidth": st.sampled_from(["50M", "0"]),
    "io_max_iops": st.sampled_from([0, 100]),
    "storage_opts": st.just({"size": "50GB"}),
    "log_driver": st.sampled_from(["json-file", "local", "none"]),
    "restart_policy": st.sampled_from(["no", "always", "on-failure"]),
    "isolation": st.sampled_from(["process", "hyperv", "auto", "default"]),
    "state": st.sampled_from(["started", "stopped", "present"]),
    "comparisons": st.sampled_from([{}, {"env": "allow_more_present", "labels": "ignore", "networks": "allow_more_present"}]),
}


def tasks() -> st.SearchStrategy[dict[str, Any]]:
    """Some of the options, never more than a reader could follow."""
    chosen = st.lists(st.sampled_from(sorted(OPTIONS)), max_size=6, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: OPTIONS[name] for name in names}))


def _converge(site: Site, task: dict[str, Any]) -> Done:
    """Foretell, do, and do again."""
    predicted = site.container(check=True, image=IMAGE, **task)
    done = site.container(image=IMAGE, **task)
    assert predicted.error == done.error
    if done.error:
        return done
    assert predicted.plan.steps == done.plan.steps
    assert predicted.plan.diff() == done.plan.diff()
    assert predicted.plan.warnings == done.plan.warnings
    for key, foretold in (predicted.result["container"] or {}).items():
        if foretold is not None:
            assert done.result["container"][key] == foretold, key
    again = site.container(image=IMAGE, **task)
    assert not again.changed, (again.plan, again.error)
    return done


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(version=st.sampled_from(ENGINES), first=tasks(), second=tasks())
def test_any_task_converges_as_foretold(sites: dict[str, Site], version: str, first: dict[str, Any], second: dict[str, Any]) -> None:
    site = sites[version]
    try:
        refused = _converge(site, {"command": PING, **first}).error
        _converge(site, {"command": PING, **second} if refused else second)
    finally:
        site.container(state="absent", force_kill=True)
