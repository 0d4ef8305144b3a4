# -*- coding: utf-8 -*-
# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers of a fleet as hosts of the inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: containers
short_description: The Windows containers of a fleet as inventory hosts
version_added: 0.1.0
description:
  - Asks the engines of Windows hosts which containers they have, over the hosts' own WinRM connections, and adds each container as a host
    with all variables that P(winfleet.containers.container#connection) needs.
  - The hosts come from the inventory sources before this one. Give it after them, or sort it after them in the inventory folder, whose files are
    read in the order of their names.
  - The file name must end with C(winfleet.yml) or C(winfleet.yaml), such as C(containers.winfleet.yml).
author:
  - The winfleet.containers authors (@winfleet)
extends_documentation_fragment:
  - constructed
  - inventory_cache
seealso:
  - plugin: winfleet.containers.container
    plugin_type: connection
  - module: winfleet.containers.container_info
notes:
  - A host's variables are those of the inventory, including C(group_vars) and C(host_vars) beside the inventory's sources, and extra variables.
    Those beside a playbook, and passwords entered at a prompt, are not known while an inventory is read.
  - No secret is copied. The connection variables of a container refer to those of its host.
  - Containers are grouped by their host (C(containers_of_<host>)), image (C(image_<image>)), isolation (C(isolation_<mode>)), and labels
    (C(label_<key>_<value>)). All are in the group O(group).
requirements:
  - pywinrm or pypsrp, and the Docker SDK for Python (C(docker)) 7.0 or later on the controller.
options:
  plugin:
    description: Marks the file as a source for this plugin.
    type: str
    required: true
    choices: [winfleet.containers.containers]
  hosts:
    description:
      - Which hosts are asked, by names of hosts or groups, or by patterns with C(*) and C(?). Entries that begin with C(!) are excluded.
      - Only hosts whose C(ansible_connection) is V(winrm) or V(psrp) are asked.
      - A name that matches no host or group causes a warning, and so does asking no host at all, unless O(on_error) is V(ignore).
    type: list
    elements: str
    default: [all]
  filters:
    description: Only containers that match these filters of the engine, as in O(winfleet.containers.container_info#module:filters).
    type: dict
    default:
      status: running
  engine_pipe:
    description: Name of the named pipe the engines listen on, without C(\\.\pipe\). A host's variable C(winfleet_engine_pipe) overrides it.
    type: str
    default: docker_engine
  hostname:
    description: Names of the containers in the inventory. C({host}) and C({container}) stand for the names of host and container.
    type: str
    default: '{host}_{container}'
  group:
    description: Name of the group of all containers.
    type: str
    default: winfleet_containers
  group_by:
    description: What containers are additionally grouped by.
    type: list
    elements: str
    choices: [host, image, isolation, labels, status]
    default: [host, image, isolation, labels]
  on_error:
    description: What happens when a host cannot be asked. V(warn) and V(ignore) continue without its containers.
    type: str
    choices: [warn, fail, ignore]
    default: warn
  parallel:
    description: How many hosts are asked at the same time. Hosts for which Ansible obtains Kerberos tickets are asked one by one.
    type: int
    default: 10
"""

EXAMPLES = r"""
# containers.winfleet.yml, used as: ansible-playbook -i fleet.yml -i containers.winfleet.yml site.yml
# Only plugin and hosts are needed. This one takes also containers that do not run, except those of the build hosts.
plugin: winfleet.containers.containers
hosts: [all, '!build*']
filters: {}
group_by: [host]
# A group for each value of a label
keyed_groups:
  - key: winfleet_container_labels['com.example.tier']
    prefix: tier
groups:
  unhealthy: winfleet_container_health == 'unhealthy'
compose:
  winfleet_container_user: "'ContainerAdministrator'"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /tmp/containers
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import reduce
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.helpers import get_group_vars, sort_groups
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.template import Templar
from ansible.utils.vars import combine_vars
from ansible.vars.plugins import get_vars_from_inventory_sources

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.info import FILTERS
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.inventory import (
    connection_variables,
    facts_of,
    host_name,
    read_containers,
    reference,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.lookup import checked_filters
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, OptionError, doing
from ansible_collections.winfleet.containers.plugins.plugin_utils.peers import connect, load_connection
from ansible_collections.winfleet.containers.plugins.plugin_utils.values import meant

try:  # since ansible-core 2.19 a text is data unless it is marked as a template
    from ansible.template import trust_as_template
except ImportError:  # before, a text was a template unless it was marked as data
    from ansible.utils.unsafe_proxy import wrap_var as as_data

    def trust_as_template(value: str) -> str:
        """Leave it as it is: a template."""
        return value

else:

    def as_data(value: Any) -> Any:
        """Leave it as it is: data."""
        return value


Containers = list[dict[str, Any]]
_GROUPS = {
    "host": {"key": "winfleet_container_host", "prefix": "containers_of"},
    "image": {"key": "winfleet_container_image", "prefix": "image"},
    "isolation": {"key": "winfleet_container_isolation", "prefix": "isolation"},
    "labels": {"key": "winfleet_container_labels", "prefix": "label"},
    "status": {"key": "winfleet_container_status", "prefix": "status"},
}
_PIPE = "winfleet_engine_pipe"
#: Variables whose values are words of ours.
_CONSTANT = ("ansible_connection", "ansible_shell_type")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]  # core ships no types
    """Ask the engines of earlier hosts, and add what they have."""

    NAME = "winfleet.containers.containers"

    def verify_file(self, path: str) -> bool:
        """Whether the file may be for this plugin."""
        return bool(super().verify_file(path)) and path.endswith(("winfleet.yml", "winfleet.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the containers.

        Raises:
            AnsibleParserError: Bad options, two containers of one name, or (``on_error: fail``) a host that could not be asked.
        """
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        try:
            self._refuse_unknown(config)
            self._filters = checked_filters("filters", self.get_option("filters"), FILTERS)
        except ContainersError as error:
            problem = f"{path}: {error.cause}. {error.advice}."
        else:
            self._add_all(self._containers(path, cache))
            return
        raise AnsibleParserError(problem)

    def _refuse_unknown(self, config: Collection[str]) -> None:
        """Core overlooks options that a plugin does not have, so that a misspelt one would be without effect."""
        known = set(self.option_definitions)
        for name in sorted(set(config) - known):
            advice = f"{meant(name, known)}See 'ansible-doc -t inventory {self.NAME}'"
            raise OptionError(f'there is no option "{name}"', advice)

    # -- reading --------------------------------------------------------------------------------------------------------------------

    def _containers(self, path: str, cache: bool) -> dict[str, Containers]:
        """The containers of each host; a host that the cache does not hold is asked."""
        self._variables = {name: self._host_variables(name) for name in self._chosen()}
        self._kinds = {name: self._kind(name, found) for name, found in self._variables.items()}
        hosts = {name: found for name, found in self._variables.items() if self._kinds[name] in ("winrm", "psrp")}
        self._warn_of_nobody(hosts)
        key, caching = self._key(path), bool(self.get_option("cache"))
        known: dict[str, Containers] = dict(self._cache.get(key) or {}) if caching and cache else {}
        found = {name: known[name] for name in hosts if name in known}
        found.update(self._ask_all({name: hosts[name] for name in hosts if name not in known}))
        if caching:
            self._cache[key] = found
        return found

    def _key(self, path: str) -> str:
        """The cache's key, of the file and of what decides the answers: with other filters, another question is asked."""
        asked = json.dumps([self._filters, self.get_option("engine_pipe")], sort_keys=True)
        return f"{self.get_cache_key(path)}_{hashlib.sha256(asked.encode()).hexdigest()[:12]}"

    def _chosen(self) -> list[str]:
        """Names of the hosts that the option ``hosts`` means, in the inventory's order."""
        chosen: set[str] = set()
        for pattern in self.get_option("hosts"):
            names = self._matching(str(pattern).removeprefix("!"))
            if not names and not str(pattern).startswith("!") and self.inventory.hosts:
                self._warn(f'The option hosts names "{pattern}", and the inventory sources before have no such host or group.')
            chosen = chosen - names if str(pattern).startswith("!") else chosen | names
        return [name for name in self.inventory.hosts if name in chosen]

    def _matching(self, pattern: str) -> set[str]:
        names = {name for name in self.inventory.hosts if pattern == "all" or fnmatchcase(name, pattern)}
        groups = [group for name, group in self.inventory.groups.items() if fnmatchcase(name, pattern)]
        return names | {host.name for group in groups for host in group.get_hosts()}

    def _host_variables(self, name: str) -> dict[str, Any]:
        """What the inventory says of a host; not evaluated."""
        host, sources = self.inventory.hosts[name], getattr(self.inventory, "processed_sources", [])
        everything = [self.inventory.groups["all"]]  # whose children the groups of an INI file are only when all sources are read
        groups = sort_groups([group for group in host.get_groups() if group.name != "all"])

        def beside(entities: list[Any]) -> dict[str, Any]:
            return dict(get_vars_from_inventory_sources(self.loader, sources, entities, "all"))

        # The order of core's VariableManager.
        layers = get_group_vars(everything), get_group_vars(groups), beside(everything), beside(groups), host.get_vars(), beside([host])
        return dict(reduce(combine_vars, layers))

    def _kind(self, name: str, variables: Mapping[str, Any]) -> str:
        """The host's connection plugin; empty where it has none, or none that can be told."""
        try:
            return str(self._value(name, variables, "ansible_connection") or "").rpartition(".")[2]
        except AnsibleError as error:
            self._complain(f"Cannot list the containers on {name}: its variables cannot be used: {error}")
            return ""

    def _value(self, name: str, variables: Mapping[str, Any], key: str) -> Any:
        """One variable of a host, as a task would see it. Raises AnsibleError."""
        merged = combine_vars({**variables, "inventory_hostname": name}, self._vars)
        return Templar(loader=self.loader, variables=merged).template(merged.get(key))

    def _warn_of_nobody(self, hosts: Collection[str]) -> None:
        if not hosts:
            self._warn("No host is asked for containers: none that the option hosts means has ansible_connection winrm or psrp in the "
                       "inventory sources before this one.")  # fmt: skip

    def _warn(self, text: str) -> None:
        if self.get_option("on_error") != "ignore":
            self.display.warning(text)

    def _ask_all(self, hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Containers]:
        evaluated = {name: self._evaluated(name, variables) for name, variables in hosts.items()}
        # A ticket that Ansible gets lies where a variable of this process says.
        alone = any(_uses_tickets(variables) for variables in evaluated.values() if isinstance(variables, dict))
        plugins = [variables if isinstance(variables, str) else load_connection(variables) for variables in evaluated.values()]
        pipes = [str(self._pipe(variables)) for variables in evaluated.values()]
        with ThreadPoolExecutor(1 if alone else max(1, self.get_option("parallel"))) as pool:
            answers = pool.map(self._ask, evaluated, plugins, pipes)
        found = dict(zip(evaluated, answers, strict=True))
        for problem in (answer for answer in found.values() if isinstance(answer, str)):
            self._complain(problem)
        return {name: answer for name, answer in found.items() if isinstance(answer, list)}

    def _evaluated(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any] | str:
        """The variables of the connection, as a task would see them, or why they cannot be used."""
        merged = combine_vars({**variables, "inventory_hostname": name}, self._vars)
        templar = Templar(loader=self.loader, variables=merged)
        wanted = [key for key in merged if key.startswith("ansible_") or key in ("inventory_hostname", _PIPE)]
        try:
            return {key: templar.template(merged[key]) for key in wanted}
        except AnsibleError as error:
            return f"Cannot list the containers on {name}: its variables cannot be used: {error}"

    def _ask(self, name: str, plugin: Any, pipe: str) -> Containers | str:
        """The containers of one host, or why they are not known; on a thread of its own."""
        if isinstance(plugin, str):
            return plugin
        try:
            with doing("list", "the containers"), connect(name, plugin) as host:
                return read_containers(EngineClient.open(host, pipe), self._filters)
        except ContainersError as error:
            return error.sentence(name)
        except AnsibleError as error:
            return f"Cannot reach {name}: {error}"

    def _pipe(self, variables: Mapping[str, Any] | str) -> Any:
        """Of a host's variables; those that cannot be used are a text that says why."""
        own = None if isinstance(variables, str) else variables.get(_PIPE)
        return own or self.get_option("engine_pipe")

    def _complain(self, problem: str) -> None:
        if self.get_option("on_error") == "fail":
            raise AnsibleParserError(problem)
        if self.get_option("on_error") == "warn":
            self.display.warning(problem)

    # -- adding ---------------------------------------------------------------------------------------------------------------------

    def _add_all(self, found: Mapping[str, Containers]) -> None:
        self.inventory.add_group(self.get_option("group"))
        for host, entries in found.items():
            for entry in entries:
                self._add(host, entry)

    def _add(self, host: str, entry: Mapping[str, Any]) -> None:
        name = host_name(self.get_option("hostname"), host, str(entry["name"]))
        if name in self.inventory.hosts:
            raise AnsibleParserError(
                f'Cannot add the container "{entry["name"]}" of {host}: the inventory has a host "{name}" already. Change the option hostname.'
            )
        self.inventory.add_host(name, group=self.get_option("group"))
        for key, value in self._all_variables(host, entry).items():
            self.inventory.set_variable(name, key, value)
        self._construct(name)

    def _all_variables(self, host: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        own = self._variables[host]
        connection = connection_variables(host, self._kinds[host], own, self.get_option("engine_pipe"), entry.get("image_family"))
        # What the engine tells is data and never a template; a reference to a variable of the host is one.
        trusted = {key: trust_as_template(value) for key, value in connection.items() if value == reference(key) or key in _CONSTANT}
        return {**as_data(facts_of(entry)), **{key: as_data(value) for key, value in connection.items()}, **trusted}

    def _construct(self, name: str) -> None:
        strict, variables = self.get_option("strict"), self.inventory.hosts[name].get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        variables = self.inventory.hosts[name].get_vars()
        own = [{key: trust_as_template(value) for key, value in _GROUPS[kind].items()} for kind in self.get_option("group_by")]
        self._add_host_to_keyed_groups(own, variables, name, strict=True, fetch_hostvars=False)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict, fetch_hostvars=False)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict, fetch_hostvars=False)


def _uses_tickets(variables: Mapping[str, Any]) -> bool:
    """Whether core's winrm connection may get a Kerberos ticket."""
    transport = variables.get("ansible_winrm_transport")
    return "kerberos" in str(transport) if transport else "@" in str(variables.get("ansible_user") or "")
