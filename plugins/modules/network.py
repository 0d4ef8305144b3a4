#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``network``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Manage container networks on a Windows host
version_added: 0.1.0
description:
  - Creates, replaces and removes a network of Docker Engine, and connects containers to it.
  - A network cannot be changed in place. Where an option differs it is replaced, and the containers that were connected are connected again as they
    were. If the new network is refused, the old one is restored.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.container
  - module: winfleet.containers.prune
  - module: winfleet.containers.docker_engine
notes:
  - Options that are not given are not compared, and are carried over from a network that is replaced. With another O(driver), driver options and
    subnets are not carried over.
  - The networks V(nat) and V(none) belong to the engine. Containers can be connected to V(nat), but nothing else about it can be changed. Its
    subnet is set by C(fixed-cidr) in the engine's configuration.
  - All V(nat) networks of a host share its one NAT, so their subnets must not overlap. Some engines (20.10 before 20.10.18, and 28) lose
    user-defined V(nat) networks when the host reboots. Run the task again then.
  - When a network is replaced, a container keeps its fixed address only where it is in the new subnets.
  - If a run is interrupted between the removal and the creation of a network, the next run creates it from the options of its task alone.
  - A network that needs an external switch (V(transparent), V(l2bridge), V(l2tunnel)) takes over a network adapter of the host, and connections of
    the host, including Ansible's, may break for some seconds when it is created.
  - On Windows there is no C(host) driver, and networks have no IPv6, no address ranges or auxiliary addresses, and no option C(internal).
options:
  name:
    description: Name of the network.
    type: str
    required: true
    aliases: [network_name]
  state:
    description:
      - Whether the network exists.
      - A network with connected containers is not removed without O(force). In check mode this is only a warning, since an earlier task of the play
        may be about to remove them.
    type: str
    choices: [present, absent]
    default: present
  driver:
    description:
      - Driver of the network. If not given, a new network gets the engine's default, V(nat).
      - One of V(nat), V(transparent), V(l2bridge), V(l2tunnel), V(overlay), V(internal), V(private) and V(ics). V(overlay) requires a swarm.
    type: str
  driver_options:
    description:
      - Options for the driver, by their full names (V(com.docker.network.windowsshim.vlanid)) or without the common prefix (V(vlanid)).
      - The options are C(networkname), C(hnsid), C(interface), C(vlanid), C(vsid), C(dnssuffix), C(dnsservers), C(macpool), C(sourcemac),
        C(disableicc), C(disable_dns), C(disable_gatewaydns), C(enable_outboundnat) and C(outboundnat_exceptions). For V(overlay) also
        C(com.docker.network.driver.overlay.vxlanid_list).
      - Other options of the network are not compared, since the engine adds some of its own.
    type: dict
  ipam_config:
    description: Subnets of the network. If not given, the host's network service chooses them, or DHCP for V(transparent).
    type: list
    elements: dict
    suboptions:
      subnet:
        description: IPv4 subnet, as V(172.30.0.0/24).
        type: str
        required: true
      gateway:
        description: Gateway in the subnet. Not compared if not given.
        type: str
      iprange:
        description: Refused. Networks on Windows have no address ranges.
        type: str
      aux_addresses:
        description: Refused. Networks on Windows have no auxiliary addresses.
        type: dict
  labels:
    description: Labels. Put V(true), V(yes) and the like in quotes.
    type: dict
  attachable:
    description: Whether containers that do not belong to a swarm service may be connected to an V(overlay) network.
    type: bool
  connected:
    description:
      - Names of containers to connect. They need not be running.
      - Other containers are disconnected, unless O(appends=true).
      - If not given, connections are left alone.
    type: list
    elements: str
    aliases: [containers]
  appends:
    description: Whether containers that O(connected) does not list stay connected.
    type: bool
    default: false
    aliases: [incremental]
  force:
    description:
      - Whether containers may be disconnected so that the network can be replaced or removed. Without it, a network with containers
        is neither replaced nor removed.
      - Their traffic through this network is interrupted. After a replacement they are connected again.
    type: bool
    default: false
  recreate:
    description:
      - When to replace an existing network.
      - With V(never) it is kept, and a warning names the options that differ.
    type: str
    choices: [options-changed, always, never]
    default: options-changed
  internal:
    description: Refused when true. Use O(driver=internal) for a network without outside access.
    type: bool
    default: false
  enable_ipv6:
    description: Refused when true. The engine's networks have no IPv6 on Windows.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Create a network for a shop
  winfleet.containers.network:
    name: shop-net
    driver: nat
    ipam_config:
      - subnet: 172.30.8.0/24
        gateway: 172.30.8.1
    labels:
      owner: shop

- name: Create an internal network with a DNS suffix
  winfleet.containers.network:
    name: back-net
    driver: internal
    driver_options:
      dnssuffix: back.example.org

- name: Run a container
  winfleet.containers.container:
    name: shop
    image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    command: ping -t localhost

- name: Connect it, and leave other containers connected
  winfleet.containers.network:
    name: shop-net
    connected: [shop]
    appends: true

- name: Move the network to another subnet, even while containers are connected
  winfleet.containers.network:
    name: shop-net
    ipam_config:
      - subnet: 172.30.9.0/24
    force: true

- name: Remove both
  winfleet.containers.network:
    name: "{{ item }}"
    state: absent
    force: true
  loop: [shop-net, back-net]
"""

RETURN = r"""
network:
  description: The network. V(null) when it is absent.
  returned: success
  type: dict
  contains:
    id:
      description: Id. V(null) in check mode for a network that is to be created.
      type: str
      sample: 613343e5debb00c5b509cde6c9cdf814aa35f679e249a5f27db19f1874024887
    name:
      description: Name.
      type: str
      sample: shop-net
    driver:
      description: Driver.
      type: str
      sample: nat
    scope:
      description: Scope.
      type: str
      sample: local
    created:
      description: When it was created. V(null) in check mode for a network that is to be created.
      type: str
      sample: '2026-11-24T08:00:00.0315338+02:00'
    ipam_config:
      description: Subnets with their gateways.
      type: list
      elements: dict
      sample: [{subnet: 172.30.8.0/24, gateway: 172.30.8.1}]
    driver_options:
      description: Options of the driver, including those the engine added.
      type: dict
      sample: {com.docker.network.windowsshim.hnsid: A546A47A-7368-444A-90EC-4599C874DB0B}
    labels:
      description: Labels.
      type: dict
      sample: {owner: shop}
    attachable:
      description: Whether containers outside a swarm may be connected.
      type: bool
      sample: false
    containers:
      description: Names of the connected containers, running or not.
      type: list
      elements: str
      sample: [shop]
elapsed:
  description: Seconds that the steps took, also when the task failed partway.
  returned: when steps were carried out
  type: float
  sample: 71.4
progress:
  description: The steps that were carried out, in order. When the task failed partway, the last one is the step that failed.
  returned: when steps were carried out
  type: list
  elements: dict
  contains:
    action:
      description: The kind of step, a stable keyword.
      returned: always
      type: str
      sample: pull
    step:
      description: The step, worded as in RV(plan).
      returned: always
      type: str
      sample: pull the image mcr.microsoft.com/windows/nanoserver:ltsc2022
    elapsed:
      description: Seconds that it took.
      returned: always
      type: float
      sample: 70.9
    bytes:
      description: Bytes that it transferred.
      returned: for steps that transfer a file or an image and count the bytes
      type: int
      sample: 120391823
plan:
  description: The steps that were carried out, or would be in check mode.
  returned: changed
  type: list
  elements: str
  sample: ["create the network shop-net (nat, 172.30.8.0/24)"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

_IPAM: dict[str, dict[str, object]] = {
    "subnet": {"type": "str", "required": True},
    "gateway": {"type": "str"},
    "iprange": {"type": "str"},
    "aux_addresses": {"type": "dict"},
}

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "str", "required": True, "aliases": ["network_name"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "driver": {"type": "str"},
    "driver_options": {"type": "dict"},
    "ipam_config": {"type": "list", "elements": "dict", "options": _IPAM},
    "labels": {"type": "dict"},
    "attachable": {"type": "bool"},
    "connected": {"type": "list", "elements": "str", "aliases": ["containers"]},
    "appends": {"type": "bool", "default": False, "aliases": ["incremental"]},
    "force": {"type": "bool", "default": False},
    "recreate": {"type": "str", "choices": ["options-changed", "always", "never"], "default": "options-changed"},
    "internal": {"type": "bool", "default": False},
    "enable_ipv6": {"type": "bool", "default": False},
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
