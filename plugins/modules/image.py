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
  - Pulls, loads or builds an image, or uses one that the host has; gives it additional tags, saves it to an archive, or removes it.
  - Asks the registry, through the engine, which Windows versions are behind the name before anything is pulled. An image that cannot run on the
    host in either isolation mode is refused; for one that can run in one mode only, the result says so.
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
  - The engine cancels a pull whose connection is lost, and keeps at most the layers it had registered. The next run pulls again.
options:
  name:
    description:
      - The image, as C(repository:tag), C(repository@sha256:digest) or C(repository:tag@sha256:digest). Without a tag it is C(latest).
      - With a digest, the image is pulled by it, and also gets the tag if one is given.
      - An image that the host has can also be named by its id.
    type: str
    required: true
  source:
    description:
      - Where the image comes from, with O(state=present).
      - V(pull) takes it from its registry.
      - V(load) takes it from an archive, or from another host, as O(path), O(remote_path) or O(from_host) says. It is loaded when the image of that
        name on the host is a different one, and gets the name where it comes without one.
      - V(build) builds it from a folder on the controller, as O(build) says.
      - V(local) uses the image on the host, and fails when there is none.
    type: str
    choices: [pull, load, build, local]
    default: pull
  pull:
    description:
      - With O(source=pull), V(missing) pulls only when the host has no image of that name.
      - V(always) asks the registry in every run, and pulls when it offers a different image from that on the host.
      - V(never) fails when the host has none.
    type: str
    choices: [always, missing, never]
    default: missing
  tags:
    description:
      - Additional names of the image, each as C(repository:tag). A name that another image has is moved to this one.
    type: list
    elements: str
  build:
    description:
      - How the image is built with O(source=build).
      - It is built when the host has no image of that name that was built from the same files, Dockerfile, arguments, labels and target. They are
        compared by a digest, which the image carries in the label C(winfleet.containers.build). A change of the image it is built on is not
        detected; O(force) builds in any case.
      - The engine builds with its classic builder, the only one on Windows. C(RUN --mount), heredocs and other BuildKit features are not available.
      - O(registry_username) is used for the registry that O(name) begins with.
    type: dict
    suboptions:
      path:
        description:
          - Absolute path of the build context, a folder on the controller.
          - It is streamed through the connection, without what its C(.dockerignore) excludes.
        type: path
        required: true
      dockerfile:
        description: Path of the Dockerfile, relative to the context.
        type: str
        default: Dockerfile
      args:
        description:
          - Build arguments. They stay readable in the image's history, so do not use them for secrets.
        type: dict
      target:
        description: The stage to build.
        type: str
      labels:
        description: Labels of the image.
        type: dict
      isolation:
        description: Isolation in which the steps run. If not given, the engine decides.
        type: str
        choices: [default, process, hyperv]
      pull:
        description: Check the registries for newer versions of the images it is built on.
        type: bool
        default: false
      nocache:
        description: Carry out every step, without using the build cache.
        type: bool
        default: false
  save_to:
    description:
      - Absolute path on the controller to which an archive of the image is written, as C(docker save) does. The folder must exist.
      - It is written when there is no archive of this image yet. An existing file of that name stays as it is until the new one is complete.
    type: path
  force:
    description:
      - Load or build an image even if the host has it, and remove an image even if stopped containers use it.
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

- name: Point a name to an image by its id, as before an update
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

- name: Build an image from a folder on the controller
  winfleet.containers.image:
    name: example/shop:4
    source: build
    build:
      path: "{{ playbook_dir }}/shop"
      args:
        VERSION: "4"
      labels:
        org.example.team: shop

- name: Load an image from another host in the inventory
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
  description: The image on the host. In check mode, where it would have been pulled, what the registry says about it.
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
      description: Windows version in the image. V(null) if the image does not state it.
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
      description: Whether each isolation mode could run the image on this host, and why. V(null) if the image does not state its version.
      type: dict
      sample:
        process: {possible: true, reason: host and image share build 20348, warnings: []}
        hyperv: {possible: true, reason: "Hyper-V isolation runs images up to the host's build 20348, the image is of build 20348", warnings: []}
candidates:
  description: What the registry offers under the name, one entry for each platform.
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
      description: Whether it is the one that the engine chooses on this host.
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
  description: What is known about the pull on the host.
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
      description: The last line the pull has written. V(null) when none runs, or it has not written any yet.
      type: str
      sample: "0d1b8fb04c8c: Pull complete"
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
