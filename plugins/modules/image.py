#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``image``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Manage container images on a Windows host
version_added: 0.1.0
description:
  - Pulls an image, or takes one that the host has, gives it further tags, or removes it.
  - Asks the registry, through the engine, which Windows versions are behind the name before anything is pulled. An image that cannot run
    on the host in either isolation mode is refused then, and one that can run in one mode only is told.
  - Shows the progress of the pull while it runs.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
  - winfleet.containers.image
  - winfleet.containers.registry
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.base_image
  - module: winfleet.containers.container
notes:
  - A pull whose connection is cut is given up by the engine, which keeps at most the layers it had registered. The next run pulls again.
options:
  name:
    description:
      - The image, as C(repository:tag), C(repository@sha256:digest) or C(repository:tag@sha256:digest). Without a tag it is C(latest).
      - With a digest the image is pulled by it, and gets the tag where one is given as well.
      - An image that the host has can also be named by its id.
    type: str
    required: true
  source:
    description:
      - Where the image comes from when it is to be provided.
      - V(pull) takes it from its registry.
      - V(load) takes it from an archive, or from another host, as O(path), O(remote_path) or O(from_host) says. It is loaded when the image of
        that name is another one than there, and gets the name where it comes without one.
      - V(build) builds it, as O(build) says, from a folder of the controller.
      - V(local) takes it from the host, and fails when it is not there.
    type: str
    choices: [pull, load, build, local]
    default: pull
  pull:
    description:
      - With O(source=pull), V(missing) pulls only when the host has no image of that name.
      - V(always) asks the registry in every run, and pulls when it offers another image than the host has.
      - V(never) fails when the host has none.
    type: str
    choices: [always, missing, never]
    default: missing
  tags:
    description:
      - Further names of the image, each as C(repository:tag). A name that another image has is taken from it.
    type: list
    elements: str
  build:
    description:
      - How the image is built with O(source=build).
      - It is built when the host has no image of that name that was built from the same files, Dockerfile, arguments, labels and target.
        They are compared by a digest, which the image carries in the label C(winfleet.containers.build). That an image which it begins from
        has changed is not seen; O(force) builds in any case.
      - The engine builds with its classic builder, as a Windows engine has no other one. C(RUN --mount), heredocs and other features of BuildKit
        are not there.
      - O(registry_username) is used at the registry that O(name) begins with.
    type: dict
    suboptions:
      path:
        description:
          - Absolute path of the build context, a folder on the controller.
          - It is streamed through the connection, without what its C(.dockerignore) excludes.
        type: path
        required: true
      dockerfile:
        description: Path of the Dockerfile, below the context.
        type: str
        default: Dockerfile
      args:
        description:
          - Build arguments. They stay readable in the history of the image, so they are no place for secrets.
        type: dict
      target:
        description: The stage to build.
        type: str
      labels:
        description: Labels of the image.
        type: dict
      isolation:
        description: Isolation in which the steps run. Left out, the engine decides.
        type: str
        choices: [default, process, hyperv]
      pull:
        description: Ask the registries for newer images to begin from.
        type: bool
        default: false
      nocache:
        description: Carry out every step, whatever the engine has built before.
        type: bool
        default: false
  save_to:
    description:
      - Absolute path on the controller where an archive of the image is written, as C(docker save) does it. Its folder must exist.
      - It is written when there is no archive of this image yet. The file of that name stays as it is until the new one is whole.
    type: path
  force:
    description:
      - Load an image although the host has it, and remove an image although stopped containers use it.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Provide an image
  winfleet.containers.image:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022

- name: Follow a tag that moves
  winfleet.containers.image:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
    pull: always
  register: nano

- name: Give it another name
  winfleet.containers.image:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
    source: local
    tags: [example/base:1]

- name: Let a name point at an image by its id, as before an update
  winfleet.containers.image:
    name: "{{ nano.image.id }}"
    source: local
    tags: [example/base:previous]
  when: not ansible_check_mode

- name: Keep an archive of it on the controller
  winfleet.containers.image:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
    source: local
    save_to: "{{ playbook_dir }}/nanoserver-ltsc2022.tar"

- name: Load it, on a host that cannot reach the registry
  winfleet.containers.image:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
    source: load
    path: "{{ playbook_dir }}/nanoserver-ltsc2022.tar"

- name: Build an image from a folder of the controller
  winfleet.containers.image:
    name: example/shop:4
    source: build
    build:
      path: "{{ playbook_dir }}/shop"
      args:
        VERSION: "4"
      labels:
        org.example.team: shop

- name: Take an image from another host of the inventory
  winfleet.containers.image:
    name: example/base:4
    source: load
    from_host: builder

- name: Remove a name
  winfleet.containers.image:
    name: example/base:1
    state: absent
"""

RETURN = r"""
image:
  description: The image on the host. In check mode, where it would have been pulled, what the registry says of it.
  returned: success
  type: dict
  contains:
    reference:
      description: Repository and tag.
      type: str
      sample: mcr.microsoft.com/windows/nanoserver:ltsc2022
    id:
      description: Id of the image. V(null) in check mode, before a pull.
      type: str
      sample: sha256:8a09fa9e06cd9128dc86b7b2561072877cfe13e38b0527223f42b03b90c4af3d
    os_version:
      description: Windows version in the image. V(null) if the image does not tell.
      type: str
      sample: 10.0.20348.2340
    digest:
      description: Digest of the manifest, or manifest list, under which the registry offers the image.
      type: str
      sample: sha256:b4248836dea118c48481b821d9fbb40daf7e207b48f5e6edc9da6837050b0f65
    size:
      description: Size on disk in bytes. V(null) in check mode, before a pull.
      type: int
      sample: 296000000
    tags:
      description: All repository tags the image has on the host.
      type: list
      elements: str
      sample: [mcr.microsoft.com/windows/nanoserver:ltsc2022]
    isolation:
      description: Whether each isolation mode could run the image on this host, and why. V(null) if the image does not tell its version.
      type: dict
      sample:
        process: {possible: true, reason: host and image share build 20348, warnings: []}
        hyperv: {possible: true, reason: "Hyper-V isolation runs images up to the host's build 20348, the image is of build 20348", warnings: []}
candidates:
  description: What the registry has behind the name, one entry for each platform, where it was asked.
  returned: when the registry was asked
  type: list
  elements: dict
  contains:
    os:
      description: Operating system.
      type: str
      sample: windows
    architecture:
      description: Processor architecture.
      type: str
      sample: amd64
    os_version:
      description: Windows version.
      type: str
      sample: 10.0.20348.2340
    chosen:
      description: Whether it is the one that the engine takes on this host.
      type: bool
      sample: true
    isolation:
      description: The isolation modes that could run it on this host.
      type: list
      elements: str
      sample: [process, hyperv]
removed:
  description: Names and ids that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
pull:
  description: What is known of a pull on the host.
  returned: when O(detached=true)
  type: dict
  contains:
    state:
      description: V(started) by this task, V(running) since an earlier one, or V(done).
      type: str
      sample: running
    process_id:
      description: Process id on the host. V(null) when none runs.
      type: int
      sample: 4120
    message:
      description: The last line the pull has written. V(null) when none runs, or it has not written any.
      type: str
      sample: "0d1b8fb04c8c: Pull complete"
elapsed:
  description: Seconds that the steps took, also of a task that failed amid them.
  returned: when steps were carried out
  type: float
  sample: 71.4
progress:
  description: The steps that were carried out, one after the other. Of a task that failed amid them, the last one is that which failed.
  returned: when steps were carried out
  type: list
  elements: dict
  contains:
    action:
      description: The kind of step, a word that stays the same.
      returned: always
      type: str
      sample: pull
    step:
      description: The step as in RV(plan).
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
      returned: for steps that transfer a file or an image and count it
      type: int
      sample: 120391823
plan:
  description: The steps that were carried out, or would be in check mode.
  returned: changed
  type: list
  elements: str
  sample: ["pull the image mcr.microsoft.com/windows/nanoserver:ltsc2022"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS
from ansible_collections.winfleet.containers.plugins.module_utils.image_arguments import IMAGE_ARGUMENTS, IMAGE_RULES

_BUILD: dict[str, dict[str, object]] = {
    "path": {"type": "path", "required": True},
    "dockerfile": {"type": "str", "default": "Dockerfile"},
    "args": {"type": "dict"},
    "target": {"type": "str"},
    "labels": {"type": "dict"},
    "isolation": {"type": "str", "choices": ["default", "process", "hyperv"]},
    "pull": {"type": "bool", "default": False},
    "nocache": {"type": "bool", "default": False},
}

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "str", "required": True},
    "source": {"type": "str", "default": "pull", "choices": ["pull", "load", "build", "local"]},
    "pull": {"type": "str", "default": "missing", "choices": ["always", "missing", "never"]},
    "tags": {"type": "list", "elements": "str"},
    "build": {"type": "dict", "options": _BUILD},
    "save_to": {"type": "path"},
    "force": {"type": "bool", "default": False},
    **IMAGE_ARGUMENTS,
    **ENGINE_ARGUMENTS,
}
ARGUMENT_RULES: dict[str, Any] = {**IMAGE_RULES, "required_if": [*IMAGE_RULES["required_if"], ("source", "build", ("build",))]}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **ARGUMENT_RULES)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
