# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a container cannot be asked for: refused by name, with a reason and a way out, before anything is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winfleet.containers.plugins.module_utils.container_options import CONTAINER_ARGUMENTS, REFUSED, ROWS
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.kinds import KINDS
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.state import Desired
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import OptionError

#: Options, and a word of the cause. Each kind of mistake once.
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a name with a blank": ({"name": "a b"}, "is not a container name"),
    "a name for containers being replaced": ({"name": "web.winfleet-previous"}, "being replaced"),
    "a negative time": ({"wait_timeout": -1}, "wait_timeout is -1"),
    "a command of another type": ({"command": 5}, "neither a list nor a text"),
    "an empty command line": ({"entrypoint": " "}, "the option entrypoint is an empty line"),
    "a truth value for a text": ({"env": {"A": True}}, '"A" in the option env is true or false'),
    "variables that differ in case": ({"env": {"Path": "a", "PATH": "b"}}, "differ in case only"),
    "a variable without a name": ({"env": {"": "a"}}, "cannot be an environment variable"),
    "a relative folder": ({"working_dir": "app"}, "not an absolute path"),
    "a size without sense": ({"memory": "much"}, "which is not a size"),
    "too little memory": ({"memory": "4M"}, "less than 8 MB"),
    "no processor": ({"cpus": -1}, "cpus is -1"),
    "less of a processor than can be told": ({"cpus": 0.001}, "cpus is 0.001"),
    "too many percent": ({"cpu_percent": 101}, "cpu_percent is 101"),
    "too many shares": ({"cpu_shares": 10001}, "cpu_shares is 10001"),
    "processors and percent": ({"cpus": 1, "cpu_percent": 50}, "cpus cannot go along"),
    "storage of another kind": ({"storage_opts": {"dm.basesize": "1G"}}, "knows only size"),
    "a signal Windows lacks": ({"stop_signal": "SIGUSR1"}, "a Windows engine does not take"),
    "a duration without sense": ({"healthcheck": {"interval": "often"}}, "which is not a duration"),
    "a duration too short": ({"healthcheck": {"interval": "1us"}}, "less than a millisecond"),
    "an empty check": ({"healthcheck": {"test": []}}, "is empty"),
    "the host's network": ({"network_mode": "host"}, "which Windows does not have"),
    "no network at all": ({"networks": []}, "empty list"),
    "a network twice": ({"networks": [{"name": "a1"}, {"name": "a1"}]}, "named twice"),
    "a network and none": ({"network_mode": "none", "networks": [{"name": "a1"}]}, "leaves no network"),
    "ports of another's network": ({"network_mode": "container:x", "published_ports": ["80"]}, "leaves no network"),
    "an IPv6 address": ({"networks": [{"name": "a1", "ipv4_address": "fe80::1"}]}, "only IPv4"),
    "no address": ({"networks": [{"name": "a1", "ipv4_address": "here"}]}, "not an IP address"),
    "no card's address": ({"networks": [{"name": "a1", "mac_address": "1:2"}]}, "not a MAC address"),
    "no name server": ({"dns_servers": ["dns"]}, "not an IP address"),
    "a host's address": ({"published_ports": ["127.0.0.1:80:80"]}, "host IP addresses"),
    "a range of the host": ({"published_ports": ["80-90:80"]}, "is a range"),
    "a port out of range": ({"exposed_ports": ["0"]}, "is not a port"),
    "a share": ({"volumes": ["\\\\server\\share:C:\\x"]}, "network share"),
    "one target twice": ({"volumes": ["a1:C:\\x", "b1:c:\\X"]}, "have the target"),
    "one target as volume and mount": (
        {"volumes": ["a1:C:\\x"], "mounts": [{"type": "volume", "source": "b1", "target": "c:\\X"}]},
        "have the target",
    ),
    "a device of Linux": ({"devices": ["/dev/sda:/dev/sda"]}, "by their class only"),
    "an absolute credential spec": ({"credential_spec": "file://C:\\x.json"}, "must lie in the folder"),
    "a credential spec from elsewhere": ({"credential_spec": "file://..\\x.json"}, "must lie in the folder"),
    "a credential spec without form": ({"credential_spec": "x.json"}, "neither file://"),
    "a credential spec without content": ({"credential_spec": "raw://{"}, "not JSON"),
    "a log driver of Linux": ({"log_driver": "journald"}, "a Windows engine does not have"),
    "what is stopped and removed": ({"auto_remove": True, "state": "stopped"}, "removes a container that is stopped"),
    "auto_remove and a policy": ({"auto_remove": True, "restart_policy": "always"}, "cannot go along with the restart policy always"),
    "retries of another policy": ({"restart_retries": 3, "restart_policy": "always"}, "restart_retries cannot go along"),
    "another platform": ({"platform": "linux/amd64"}, "runs images for Windows"),
    "a comparison of nothing": ({"comparisons": {"state": "ignore"}}, "which is not compared"),
    "a comparison without a mode": ({"comparisons": {"env": "loose"}}, 'comparisons has "loose"'),
    "more of a single value": ({"comparisons": {"memory": "allow_more_present"}}, "one value only"),
    "more of everything": ({"comparisons": {"*": "allow_more_present"}}, 'for "*"'),
    "the end of what is stopped": ({"detach": False, "state": "stopped"}, "detach: false waits"),
    "the end of what never ends": ({"detach": False, "restart_policy": "always"}, "no end to wait for"),
    "output that is gone": ({"detach": False, "auto_remove": True}, "the output is gone"),
    "cleaning up in the background": ({"cleanup": True}, "waited for"),
    "a base image without a tag": ({"image": "mcr.microsoft.com/windows/nanoserver"}, 'has no tag "latest"'),
    "no reference": ({"image": "A b"}, "is not an image reference"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case: str) -> None:
    options, words = WRONG[case]
    with pytest.raises(OptionError) as caught:
        Desired.of({"name": "web", "image": "example.com/web:1", **options})
    assert words in caught.value.cause
    assert caught.value.advice
    assert not caught.value.cause.endswith(".") and not caught.value.advice.endswith(".")


@pytest.mark.parametrize("option", REFUSED)
def test_what_windows_has_no_use_for_is_refused_with_its_reason(option: str) -> None:
    with pytest.raises(OptionError) as caught:
        Desired.of({"name": "web", option: "anything"})
    assert caught.value.cause.startswith(f"the option {option} cannot be used on Windows: ")
    assert caught.value.advice
    assert Desired.of({"name": "web", option: None}).name == "web", "an option that is omitted is not given"


def test_the_table_is_whole() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert not set(names) & set(REFUSED) and not set(CONTAINER_ARGUMENTS) & set(REFUSED)
    assert {row.kind for row in ROWS} == set(KINDS), "every kind is used, and every row has one"
    assert {row.path.partition(".")[0] for row in ROWS} == {"Config", "HostConfig", "Networks"}
