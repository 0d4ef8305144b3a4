# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection plugin has the options of core's own winrm connection, and the inventory plugin sets what it has."""

from __future__ import annotations

from typing import Any

import yaml
from ansible.plugins.connection import winrm

from ansible_collections.winfleet.containers.plugins.connection import container
from ansible_collections.winfleet.containers.plugins.inventory import containers
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.inventory import connection_variables, facts_of
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session

OURS: dict[str, Any] = yaml.safe_load(container.DOCUMENTATION)["options"]
CORE: dict[str, Any] = yaml.safe_load(winrm.DOCUMENTATION)["options"]
SHARED = ("type", "elements", "default", "choices", "vars", "ini", "keyword", "aliases")


def test_the_way_to_the_host_has_the_options_of_core() -> None:
    assert set(container.WINRM) == set(CORE), "an option of a newer core has to be handed on"
    for name in container.WINRM:
        expected = {key: CORE[name][key] for key in SHARED if key in CORE[name]}
        if name == "remote_addr":  # the container's own name is no address
            expected = {**expected, "vars": [each for each in expected["vars"] if each["name"] != "inventory_hostname"]}
            expected.pop("default")
        assert {key: OURS[name][key] for key in SHARED if key in OURS[name]} == expected, name


def test_the_inventory_sets_variables_that_the_connection_knows() -> None:
    known = {each["name"] for option in OURS.values() for each in option.get("vars", ())}
    names = ["ansible_user", "ansible_winrm_server_cert_validation", "ansible_connection", "other", "ansible_winrm_x y"]
    made = connection_variables("h1", "psrp", names, "other_pipe", "nanoserver")
    assert set(made) - known == {"ansible_connection", "ansible_shell_type", "ansible_winrm_server_cert_validation"}
    assert made["ansible_user"] == "{{ hostvars[winfleet_container_host]['ansible_user'] }}" and "h1" not in made["ansible_user"]
    assert (made["ansible_host"], made["winfleet_container_host_connection"], made["winfleet_engine_pipe"]) == ("h1", "psrp", "other_pipe")
    assert connection_variables("h1", "winrm", ["ansible_host"], "docker_engine", None) == {
        "ansible_connection": container.Connection.transport,
        "ansible_shell_type": "powershell",
        "winfleet_container_host": "h1",
        "ansible_host": "{{ hostvars[winfleet_container_host]['ansible_host'] }}",
    }
    assert facts_of({"name": "web", "isolation": "process"})["winfleet_container_isolation"] == "process"


def test_names_that_stand_in_two_files_are_the_same() -> None:
    assert yaml.safe_load(containers.DOCUMENTATION)["options"]["plugin"]["choices"] == [containers.InventoryModule.NAME]
    assert Session.of.__func__.__globals__["_CONTAINER"] == container.Connection.transport


def test_the_examples_name_options_that_exist() -> None:
    documented = set(yaml.safe_load(containers.DOCUMENTATION)["options"]) | {
        "keyed_groups", "groups", "compose", "cache", "cache_plugin", "cache_connection",
    }  # fmt: skip
    for example in yaml.safe_load_all(containers.EXAMPLES):
        assert set(example) <= documented
    [group] = yaml.safe_load(container.EXAMPLES).values()
    known = {each["name"] for option in OURS.values() for each in option.get("vars", ())}
    assert set(group["vars"]) - known == {"ansible_connection", "ansible_shell_type"}
