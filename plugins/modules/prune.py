#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``prune``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: prune
short_description: Remove unused containers, images, networks and volumes from a Windows host
version_added: 0.1.0
description:
  - Removes stopped containers, and images, networks and volumes that nothing uses, as filters select them.
  - What would be removed is determined from the engine's lists by the engine's own rules, so check mode names it, and a run with nothing to remove
    changes nothing.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.image
  - module: winfleet.containers.image_info
  - module: winfleet.containers.container_info
notes:
  - The order is containers, images, networks, volumes, builder cache. What only a removed container used is then unused, and is removed in the same
    task.
  - On Windows the engine does not measure containers and volumes, so the space they free counts as 0.
options:
  containers:
    description: Whether to remove stopped containers.
    type: bool
    default: false
  containers_filters:
    description:
      - Which of them to remove; each filter is a string or a list of strings.
      - C(until) (a duration such as V(24h), or a time) for those created before, C(label) for those that have all these labels, C(label!) for those
        that do not.
    type: dict
  images:
    description: Whether to remove images that have no tag and that no container uses.
    type: bool
    default: false
  images_filters:
    description:
      - Which of them to remove; each filter is a string or a list of strings.
      - C(dangling); with V(false), all images that no container uses.
      - C(until) (a duration such as V(24h), or a time) for those created before, C(label) for those that have all these labels, C(label!) for those
        that do not.
    type: dict
  networks:
    description: Whether to remove networks that no running container is connected to. Those of stopped containers are removed too.
    type: bool
    default: false
  networks_filters:
    description:
      - Which of them to remove; each filter is a string or a list of strings.
      - C(until) (a duration such as V(24h), or a time) for those created before, C(label) for those that have all these labels, C(label!) for those
        that do not.
    type: dict
  volumes:
    description: Whether to remove volumes that no container uses, with their contents.
    type: bool
    default: false
  volumes_filters:
    description:
      - Which of them to remove; each filter is a string or a list of strings.
      - C(all); with V(true), also volumes that have a name. Engines before 23 always remove those too.
      - C(label) for those that have all these labels, C(label!) for those that do not.
    type: dict
  builder_cache:
    description: Whether to remove the builder's cache. The classic builder, the one Windows has, keeps its cache as images.
    type: bool
    default: false
  builder_cache_filters:
    description:
      - Which of them to remove; each filter is a string or a list of strings.
      - C(until), C(id), C(parent), C(type), C(description), C(inuse), C(shared) and C(private).
    type: dict
  builder_cache_all:
    description: Whether to remove all entries of the cache, not only those that nothing depends on.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Remove stopped containers that were created more than a day ago
  winfleet.containers.prune:
    containers: true
    containers_filters:
      until: 24h

- name: Remove images that no container uses, except those with a label
  winfleet.containers.prune:
    images: true
    images_filters:
      dangling: false
      label!: keep
  register: pruned

- name: Show how much space that freed
  ansible.builtin.debug:
    msg: "{{ pruned.images_space_reclaimed | ansible.builtin.human_readable }}"
  when: pruned.images_space_reclaimed is not none

- name: Remove what builds left behind
  winfleet.containers.prune:
    builder_cache: true
    builder_cache_all: true

- name: Remove networks, and volumes with and without a name, that no container uses
  winfleet.containers.prune:
    networks: true
    volumes: true
    volumes_filters:
      all: true
"""

RETURN = r"""
containers:
  description: Names of the removed containers.
  returned: with O(containers=true)
  type: list
  elements: str
  sample: [web]
containers_space_reclaimed:
  description: Bytes freed. V(null) in check mode when something would be removed.
  returned: with O(containers=true)
  type: int
  sample: 0
images:
  description: Ids of the removed images.
  returned: with O(images=true)
  type: list
  elements: str
  sample: ['sha256:8a09fa9e06cd9128dc86b7b2561072877cfe13e38b0527223f42b03b90c4af3d']
images_untagged:
  description: Names that were removed from images.
  returned: with O(images=true)
  type: list
  elements: str
  sample: ['mcr.microsoft.com/windows/nanoserver:ltsc2019']
images_space_reclaimed:
  description: Bytes freed. V(null) in check mode when something would be removed.
  returned: with O(images=true)
  type: int
  sample: 292000000
networks:
  description: Names of the removed networks.
  returned: with O(networks=true)
  type: list
  elements: str
  sample: [shop-net]
volumes:
  description: Names of the removed volumes.
  returned: with O(volumes=true)
  type: list
  elements: str
  sample: [shop-data]
volumes_space_reclaimed:
  description: Bytes freed. V(null) in check mode when something would be removed.
  returned: with O(volumes=true)
  type: int
  sample: 0
builder_cache:
  description: Ids of the removed entries.
  returned: with O(builder_cache=true)
  type: list
  elements: str
  sample: []
builder_cache_space_reclaimed:
  description: Bytes freed. V(null) in check mode when something would be removed.
  returned: with O(builder_cache=true)
  type: int
  sample: 0
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
  sample: [remove the containers api, web]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "containers": {"type": "bool", "default": False},
    "containers_filters": {"type": "dict"},
    "images": {"type": "bool", "default": False},
    "images_filters": {"type": "dict"},
    "networks": {"type": "bool", "default": False},
    "networks_filters": {"type": "dict"},
    "volumes": {"type": "bool", "default": False},
    "volumes_filters": {"type": "dict"},
    "builder_cache": {"type": "bool", "default": False},
    "builder_cache_filters": {"type": "dict"},
    "builder_cache_all": {"type": "bool", "default": False},
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
