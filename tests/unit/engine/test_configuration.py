# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""daemon.json: merging, refusals, and what the service's own command line says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winfleet.containers.plugins.plugin_utils.engine import configuration
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.config_values import check_log_options
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
CONFIG = st.dictionaries(st.text(max_size=3), JSON, max_size=4)


@given(CONFIG, CONFIG)
def test_merging_twice_changes_nothing_more(current: dict[str, Any], wanted: dict[str, Any]) -> None:
    once = configuration.merge(current, wanted)
    assert configuration.merge(once, wanted) == once
    assert configuration.parse(configuration.serialise(once), "x") == once


def test_mappings_are_merged_lists_replaced_and_none_removes() -> None:
    current = {"log-opts": {"max-size": "1m"}, "hosts": ["npipe://"], "debug": True, "labels": ["a=1"]}
    wanted = {"log-opts": {"max-file": "3"}, "labels": ["b=2"], "debug": None, "group": None}
    assert configuration.merge(current, wanted) == {
        "log-opts": {"max-size": "1m", "max-file": "3"},
        "hosts": ["npipe://"],
        "labels": ["b=2"],
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_obstacle(encoding: str) -> None:
    content = '{"group": "büro"}'.encode(encoding)
    assert configuration.parse(content, "x") == {"group": "büro"}
    assert configuration.has_byte_order_mark(content) is (encoding != "utf-8")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe{"])
def test_a_broken_file_is_not_merged_into(content: bytes) -> None:
    with pytest.raises(OptionError, match="daemon.json"):
        configuration.parse(content, r"C:\ProgramData\docker\config\daemon.json")


@pytest.mark.parametrize("content", [None, b"", b"\r\n"])
def test_no_file_has_no_keys(content: bytes | None) -> None:
    assert configuration.parse(content, "x") == {}


@pytest.mark.parametrize(
    ("config", "major", "words"),
    [
        ({"default-address-pools": []}, 28, "does not have on Windows"),
        ({"registry-mirror": []}, 28, "registry-mirrors"),
        ({"exec-opt": []}, 28, "exec-opts"),
        ({"isolation": "process"}, 28, "does not know"),
        ({"http-proxy": "http://p"}, 20, "only from version 23"),
        ({"graph": "D:\\d"}, 28, "no longer has"),
        ({"exec-opts": ["isolation=none"]}, 28, "isolation=none"),
        ({"exec-opts": ["native.cgroupdriver=systemd"]}, 28, "native.cgroupdriver"),
        ({"exec-opts": "isolation=process"}, 28, "a list"),
        ({"storage-opts": ["dm.basesize=20G"]}, 28, "size=127GB"),
        ({"log-level": "warning"}, 28, "Perhaps warn is meant"),
        ({"log-driver": "journald"}, 28, "json-file"),
        ({"log-opts": {"max-file": 3}}, 28, 'Write max-file: "3"'),
        ({"log-opts": {"max-size": "ten"}}, 28, "log-opts.max-size"),
        ({"log-opts": {"max-file": "0"}}, 28, "from 1 on"),
        ({"data-root": "docker"}, 28, "absolute path"),
        ({"tlscacert": "/etc/ca.pem"}, 28, "absolute path"),
        ({"tlsverify": "yes"}, 28, "only true or false"),
        ({"registry-mirrors": ["https://mirror/path"]}, 28, "without a path"),
        ({"insecure-registries": ["http://registry:5000"]}, 28, "name:port"),
        ({"http-proxy": "proxy:3128"}, 28, "http or https"),
        ({"features": {"containerd-snapshotter": "yes"}}, 28, "true or false"),
        ({"hosts": ["fd://"]}, 28, "npipe://"),
        ({"max-concurrent-downloads": -1}, 28, "a whole number"),
        ({"group": ""}, 28, "a text"),
        ({"dns": ["8.8.8"]}, 28, "addresses of name servers"),
        ({"fixed-cidr": "10.0.0.0/33"}, 28, "CIDR"),
        ({"storage-driver": "overlay2"}, 28, "only windowsfilter"),
    ],
)
def test_keys_that_would_stop_the_engine_are_refused(config: dict[str, Any], major: int, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        configuration.check(config, major)
    assert words in caught.value.sentence("ws2022")


@pytest.mark.parametrize("proxy", ["ftp://me:hunter2@proxy", "me:hunter2@proxy", "http://me:hunter/2@proxy:0", ["http://me:hunter2@proxy"]])
def test_a_refused_proxy_is_named_without_its_password(proxy: Any) -> None:
    with pytest.raises(OptionError) as caught:
        configuration.check({"http-proxy": proxy}, 28)
    assert "hunter" not in caught.value.sentence("ws2022")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"log-opts": {"max-sise": "1m"}}, "max-size"),
        ({"log-driver": "local", "log-opts": {"gelf-address": "udp://x"}}, "It knows max-size"),
    ],
)
def test_options_of_a_log_driver_are_refused_with_near_names(config: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_log_options(config)
    assert words in caught.value.sentence("ws2022")
    check_log_options({"log-driver": "gelf", "log-opts": {"gelf-address": "udp://x"}})


def test_good_keys_pass() -> None:
    configuration.check(
        {
            "insecure-registries": ["registry:5000", "10.0.0.0/8", "localhost"],
            "storage-opts": ["size=40GB"],
            "log-opts": {"max-size": "10m", "max-file": "3"},
            "registry-mirrors": ["https://mirror.example.com:8443/"],
            "http-proxy": "http://me:hunter2@proxy:3128",
            "tlscacert": "C:\\ProgramData\\docker\\certs.d\\ca.pem",
            "group": "Users,docker-users",
            "features": {"containerd-snapshotter": True},
        },
        28,
    )
    configuration.check({"exec-opts": ["isolation=hyperv"], "hosts": ["npipe://"], "debug": None, "dns": ["1.1.1.1"]}, 28)
    configuration.check({"graph": "D:\\d"}, 20)


@pytest.mark.parametrize(
    ("hosts", "pipe", "served"),
    [
        (None, "docker_engine", True),
        (["npipe://"], "docker_engine", True),
        (["npipe:////./pipe/docker_engine"], "docker_engine", True),
        (["npipe:////./pipe/other", "tcp://127.0.0.1:2375"], "other", True),
        (["tcp://127.0.0.1:2375"], "docker_engine", False),
        (["npipe:////./pipe/other"], "docker_engine", False),
    ],
)
def test_the_engine_must_listen_where_the_tunnel_looks(hosts: list[str] | None, pipe: str, served: bool) -> None:
    config = {} if hosts is None else {"hosts": hosts}
    if served:
        configuration.check_pipe_is_served(config, pipe)
    else:
        with pytest.raises(OptionError, match="engine_pipe|hosts"):
            configuration.check_pipe_is_served(config, pipe)


COMMAND = r'"C:\Program Files\Docker\dockerd.exe" --run-service -H npipe:// -H 0.0.0.0:2376 --tlsverify --tlscacert=C:\ca.pem'


def test_a_key_is_not_set_beside_the_flag_of_the_service() -> None:
    found = configuration.flags(COMMAND)
    with pytest.raises(OptionError, match="hosts, tlsverify"):
        configuration.check_flags(["debug", "tlsverify", "hosts"], found)
    configuration.check_flags(["debug"], found)


@pytest.mark.parametrize(
    ("flags", "path"),
    [
        ("", r"C:\ProgramData\docker\config\daemon.json"),
        (r" --data-root D:\docker", r"D:\docker\config\daemon.json"),
        (r' --config-file="D:\my config\d.json" --data-root D:\docker', r"D:\my config\d.json"),
    ],
)
def test_the_file_is_where_the_service_reads_it(flags: str, path: str) -> None:
    assert configuration.file_path(configuration.flags('"C:\\d\\dockerd.exe" --run-service' + flags)) == path
