#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``base_image``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: base_image
short_description: Provide the Windows base image that matches the host
version_added: 0.1.0
description:
  - Finds the tag of a Microsoft base image that matches the Windows build of the host, and pulls it when the host does not have the image that the
    registry currently offers.
  - Asks the registry, through the engine, before anything is pulled, and refuses an image that is newer than the host.
  - Pulls the image from another registry where O(registry) names one, and still gives it Microsoft's name.
  - Removes old images of the same family and Windows release, if O(keep) says how many to keep.
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
  - module: winfleet.containers.host_info
  - module: winfleet.containers.container
notes:
  - The digest decides whether the image is up to date, so with O(pull=always) the registry is asked in every run.
  - The engine cancels a pull whose connection is lost, and keeps at most the layers it had registered. The next run pulls again.
  - C(windows) is published for Windows Server 2019 and older releases only, C(server) for Windows Server 2022 and later.
options:
  family:
    description: Family of the base image.
    type: str
    required: true
    choices: [nanoserver, servercore, server, windows]
  release:
    description:
      - V(auto) chooses the image generation of the host's own release, or the newest one that the host can run.
      - Otherwise a release as in the image's tags (V(ltsc2022), V(1809)), or a full version (V(10.0.20348.2340)).
    type: str
    default: auto
  source:
    description:
      - Where the image comes from.
      - V(pull) takes it from its registry.
      - V(load) takes it from an archive, or from another host, as O(path), O(remote_path) or O(from_host) says. It is loaded when the image of that
        name on the host is a different one.
    type: str
    choices: [pull, load]
    default: pull
  pull:
    description:
      - With O(source=pull), V(always) asks the registry in every run, and pulls when it offers a different image from that on the host.
      - V(missing) pulls only when the host has no image of that name.
      - V(never) fails when the host has none.
    type: str
    choices: [always, missing, never]
    default: always
  registry:
    description:
      - Address of the registry the image is pulled from, instead of C(mcr.microsoft.com), including a path if the images are below one.
      - The repositories keep their names, so V(registry.example.com/mirror) stands for C(registry.example.com/mirror/windows/nanoserver).
      - The image also gets Microsoft's name, so that Dockerfiles and other tasks find it. The engine's own mirrors (C(registry-mirrors))
        serve Docker Hub only.
    type: str
  digest:
    description:
      - Digest of the manifest, or manifest list, that the image must have. It is pulled by this digest, whatever its tag points to.
    type: str
  keep:
    description:
      - How many images of this family and Windows release to keep on the host, including the one that the task provides.
      - The oldest are removed first. Images are never removed if a container uses them, another image was built on them, they have a name in
        another repository, or they are of another Windows release.
      - If not given, nothing is removed.
    type: int
"""

EXAMPLES = r"""
- name: Provide the Nano Server image that fits each host
  winfleet.containers.base_image:
    family: nanoserver

- name: Provide an older Server Core image, to be run with Hyper-V isolation
  winfleet.containers.base_image:
    family: servercore
    release: ltsc2019

- name: Provide one fixed version of an image
  winfleet.containers.base_image:
    family: nanoserver
    release: 10.0.20348.1487
  register: base

- name: Pin an image by its digest, wherever its tag points
  winfleet.containers.base_image:
    family: nanoserver
    digest: sha256:e4ce8c20390c3785c3cbeef15c579d186b3599d37525c596590cf4508e38d3ff

- name: Follow the monthly updates, and keep this month's and last month's image
  winfleet.containers.base_image:
    family: servercore
    keep: 2

- name: Pull it from an internal registry, and give it Microsoft's name
  winfleet.containers.base_image:
    family: nanoserver
    registry: registry.example.com/mirror
    registry_username: puller
    registry_password: "{{ vault_registry_password }}"

- name: Start a long pull that outlives the connection
  winfleet.containers.base_image:
    family: servercore
    detached: true

- name: Join it, and wait until it has finished
  winfleet.containers.base_image:
    family: servercore

- name: Keep an archive of it on the controller
  winfleet.containers.image:
    name: mcr.microsoft.com/windows/nanoserver:ltsc2022
    save_to: "{{ playbook_dir }}/nanoserver-ltsc2022.tar"

- name: Load it from there, on hosts that cannot reach any registry
  winfleet.containers.base_image:
    family: nanoserver
    source: load
    path: "{{ playbook_dir }}/nanoserver-ltsc2022.tar"

- name: Remove an image that is no longer used
  winfleet.containers.base_image:
    family: servercore
    release: ltsc2019
    state: absent

- name: Use what was found
  winfleet.containers.container:
    name: ping
    image: "{{ base.image.reference }}"
    command: [ping, -t, localhost]
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

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "family": {"type": "str", "required": True, "choices": ["nanoserver", "servercore", "server", "windows"]},
    "release": {"type": "str", "default": "auto"},
    "source": {"type": "str", "default": "pull", "choices": ["pull", "load"]},
    "pull": {"type": "str", "default": "always", "choices": ["always", "missing", "never"]},
    "registry": {"type": "str"},
    "digest": {"type": "str"},
    "keep": {"type": "int"},
    **IMAGE_ARGUMENTS,
    **ENGINE_ARGUMENTS,
}
ARGUMENT_RULES: dict[str, Any] = IMAGE_RULES


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **ARGUMENT_RULES)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
