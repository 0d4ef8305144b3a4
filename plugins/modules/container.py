#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``container``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container
short_description: Run Windows containers with the isolation you ask for
version_added: 0.1.0
description:
  - Creates, starts, stops, changes and removes a container on a Windows host, by comparing what is asked for with what is there.
  - Before anything is pulled or created it is decided, from the builds and revisions of host and image, whether the isolation can work.
  - A container is replaced only when an option differs that the engine cannot change. The old container is put aside for that, and
    comes back if the new one cannot be created or started.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.base_image
  - module: winfleet.containers.isolation_info
notes:
  - Options that are not given are not compared. An option that is given with an empty value asks for nothing of its kind to be there
    beyond what the image brings.
  - A container that is replaced is made anew from the options of the task alone. What the old one had beyond them is not kept; the task
    warns of it and shows it in the diff, also in check mode.
  - The result and the diff show the names of environment variables, never their values. They do show commands and labels, so a secret
    belongs into O(env), not into O(command).
  - While a container is being replaced its predecessor bears its name with C(.winfleet-previous) at the end. What an interrupted run
    leaves under that name, the next run brings back or removes.
options:
  name:
    description: Name of the container.
    type: str
    required: true
  image:
    description:
      - Image as repository and tag, repository and digest, or the full id (V(sha256:) and 64 digits) of an image that the host
        has.
      - Needed where a container has to be created.
    type: str
  command:
    description:
      - What runs in the container instead of the image's own command.
      - As a list, every element arrives in the container as one argument, unchanged.
      - As a text, a Windows command line. It is split into arguments as Windows programs do it, backslashes kept.
    type: raw
  env:
    description:
      - Environment variables. Those of the image stay unless their name is given here. Letter case of names does not matter.
      - Numbers are turned into text. Put V(true), V(yes) and the like in quotes.
    type: dict
  published_ports:
    description:
      - Ports of the container to publish on the host, as V(8080:80) (the host's port first), V(8080:80/udp), or V(80) for a port of the
        host that the engine chooses.
      - Put them in quotes. YAML takes V(80:22) without quotes for a number to the base of 60.
      - Windows publishes on all addresses of the host, one port at a time. Addresses and ranges are refused.
    type: list
    elements: str
  volumes:
    description:
      - Folders of the host, named volumes and named pipes, as V(C:\\data:C:\\app\\data), V(data:C:\\data) or
        V(\\\\.\\pipe\\docker_engine:\\\\.\\pipe\\docker_engine), with V(:ro) at the end for read-only. Slashes may be used instead of
        backslashes.
      - A folder of the host must exist. Single files and network shares cannot be mapped.
    type: list
    elements: str
  mounts:
    description: The same, in parts. Unlike in O(volumes) the letter case is kept.
    type: list
    elements: dict
    suboptions:
      type:
        description: A folder of the host, a named volume, or a named pipe.
        type: str
        choices: [bind, volume, npipe]
        default: volume
      source:
        description: Folder, volume name or pipe.
        type: str
        required: true
      target:
        description: Absolute path, or pipe, in the container.
        type: str
        required: true
      read_only:
        description: Whether the container can only read it.
        type: bool
        default: false
  restart_policy:
    description: When the engine starts the container again by itself. Changed without replacing the container.
    type: str
    choices: ['no', always, on-failure, unless-stopped]
  labels:
    description: Labels. Those of the image stay unless their name is given here.
    type: dict
  isolation:
    description:
      - Not given, the engine decides when the container is created, and later runs do not compare it.
      - V(default) is the mode the engine has as its default now.
      - V(process) and V(hyperv) are that mode, or an error with the reason why it cannot work.
      - V(auto) is the engine's default if it can work for host and image, else the other mode. An existing container, also one that is
        replaced, keeps its mode while that still works.
    type: str
    choices: [default, process, hyperv, auto]
  state:
    description:
      - V(started) is a container that runs, V(stopped) one that exists but does not run, V(absent) none.
      - V(absent) also stops the container, within O(stop_timeout), and ignores the other options.
    type: str
    choices: [started, stopped, absent]
    default: started
  recreate:
    description: Replace an existing container even if nothing differs.
    type: bool
    default: false
  pull:
    description: Whether an image that the host does not have is pulled, or an error.
    type: str
    choices: [missing, never]
    default: missing
  stop_timeout:
    description:
      - Seconds the container gets to stop by itself when this task stops it. It is not compared.
      - The engine's own default on Windows is 30.
    type: int
"""

EXAMPLES = r"""
- name: Run a container that pings itself, isolated as well as the host can
  winfleet.containers.container:
    name: ping
    image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    command: [ping, -t, localhost]
    isolation: auto

- name: Run a web server in a virtual machine of its own
  winfleet.containers.container:
    name: web
    image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
    isolation: hyperv
    published_ports:
      - '8080:80'
    volumes:
      - C:\sites\shop:C:\inetpub\wwwroot:ro
    env:
      STAGE: production
    restart_policy: unless-stopped

- name: Give a build agent the engine's pipe and a command line with backslashes
  winfleet.containers.container:
    name: agent
    image: mcr.microsoft.com/windows/servercore:ltsc2022
    command: 'cmd /c "C:\agent\run.cmd" --work C:\work\'
    mounts:
      - type: npipe
        source: \\.\pipe\docker_engine
        target: \\.\pipe\docker_engine

- name: Stop it, but keep it
  winfleet.containers.container:
    name: agent
    state: stopped
    stop_timeout: 60

- name: Remove it
  winfleet.containers.container:
    name: agent
    state: absent
"""

RETURN = r"""
container:
  description:
    - The container as read back from the engine. V(null) when it is absent.
    - In check mode V(null) stands for what only the engine will know.
  returned: success
  type: dict
  contains:
    id:
      description: Id of the container. V(null) in check mode, before it is created.
      type: str
      sample: bee7f05d3210417371c2d17005cbbc2a551e26acf1e1a5de3dfc0d926b54a9dc
    name:
      description: Name.
      type: str
      sample: web
    image:
      description: Image as it was named when the container was created.
      type: str
      sample: mcr.microsoft.com/windows/nanoserver:ltsc2022
    image_id:
      description: Id of the image.
      type: str
      sample: sha256:8a09fa9e06cd9128dc86b7b2561072877cfe13e38b0527223f42b03b90c4af3d
    created:
      description: When it was created.
      type: str
      sample: '2026-11-24T08:00:00.3720658Z'
    status:
      description: State in the engine's words, V(created), V(running), V(paused), V(restarting) or V(exited).
      type: str
      sample: running
    running:
      description: Whether it runs.
      type: bool
      sample: true
    exit_code:
      description: Exit code of its last run.
      type: int
      sample: 0
    started_at:
      description: When it was last started.
      type: str
      sample: '2026-11-24T08:00:01.3280773Z'
    finished_at:
      description: When it last ended.
      type: str
      sample: '0001-01-01T00:00:00Z'
    pid:
      description: Id of its first process.
      type: int
      sample: 5620
    isolation:
      description: Isolation mode as the engine keeps it. M(winfleet.containers.isolation_info) proves it.
      type: str
      sample: process
    command:
      description: Entry point and command.
      type: list
      elements: str
      sample: [ping, -t, localhost]
    env:
      description: Names of the environment variables.
      type: list
      elements: str
      sample: [STAGE]
    labels:
      description: Labels.
      type: dict
      sample: {}
    published_ports:
      description: Published ports.
      type: list
      elements: str
      sample: ['8080:80/tcp']
    mounts:
      description: Folders, volumes and pipes as the engine understood them.
      type: list
      elements: dict
      sample: [{type: bind, source: 'c:\sites\shop', target: 'c:\inetpub\wwwroot', read_only: true}]
    restart_policy:
      description: Restart policy.
      type: str
      sample: 'no'
    networks:
      description: Address in each network. V(null) while the container does not run.
      type: dict
      sample: {nat: 172.27.8.29}
isolation:
  description: The isolation of the container and why it has it. V(null) when the container is absent.
  returned: success
  type: dict
  contains:
    mode:
      description: V(process) or V(hyperv).
      type: str
      sample: process
    reason:
      description: Why.
      type: str
      sample: process is the engine's default; host and image share build 20348
differences:
  description: The options that made it necessary to replace the container. Empty when it was not replaced.
  returned: success
  type: list
  elements: str
  sample: [image, env]
plan:
  description: The steps that were carried out, or would be in check mode.
  returned: changed
  type: list
  elements: str
  sample: ["create the container web and start it"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

_MOUNT: dict[str, dict[str, object]] = {
    "type": {"type": "str", "choices": ["bind", "volume", "npipe"], "default": "volume"},
    "source": {"type": "str", "required": True},
    "target": {"type": "str", "required": True},
    "read_only": {"type": "bool", "default": False},
}

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "name": {"type": "str", "required": True},
    "image": {"type": "str"},
    "command": {"type": "raw"},
    "env": {"type": "dict"},
    "published_ports": {"type": "list", "elements": "str"},
    "volumes": {"type": "list", "elements": "str"},
    "mounts": {"type": "list", "elements": "dict", "options": _MOUNT},
    "restart_policy": {"type": "str", "choices": ["no", "always", "on-failure", "unless-stopped"]},
    "labels": {"type": "dict"},
    "isolation": {"type": "str", "choices": ["default", "process", "hyperv", "auto"]},
    "state": {"type": "str", "choices": ["started", "stopped", "absent"], "default": "started"},
    "recreate": {"type": "bool", "default": False},
    "pull": {"type": "str", "choices": ["missing", "never"], "default": "missing"},
    "stop_timeout": {"type": "int"},
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
