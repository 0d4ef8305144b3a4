#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``docker_engine``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_engine
short_description: Install, upgrade, configure, repair and remove Docker Engine on Windows
version_added: 0.1.0
description:
  - Installs Docker Engine, or upgrades or downgrades it to a version, registers and starts its service, and writes its C(daemon.json). Or removes
    it.
  - The archive comes from the publisher, from a mirror, from the controller or from the host itself. Its checksum is always verified before
    anything in it is used, and what was streamed is verified again on the host.
  - An existing engine is repaired - a missing program, a disabled service, an image path that does not start a service - and stays where it is, or
    is moved.
  - The engine that is going to run checks a new C(daemon.json) before the old engine is stopped (from engine 23 on). When the engine does not start
    with the changes, the previous programs and the previous C(daemon.json) are restored, the containers that ran are started again, and the task
    fails with the reason, as far as the host reports it.
  - Containers stop with the engine. Nothing that stops running containers is done unless O(allow_restart) says so, and check mode shows which
    containers each step would stop and which of them come back.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_feature
  - module: winfleet.containers.base_image
  - module: winfleet.containers.host_info
notes:
  - The Windows feature Containers must be active. Enable it with M(winfleet.containers.host_feature) and reboot. Check mode plans the engine even
    where the feature is not active yet, with a warning.
  - Where the host reaches the download server only through a proxy, set C(HTTPS_PROXY) in the task keyword C(environment), or let the controller
    fetch the archive with O(source=push).
  - Engine 23 and later need Windows build 17763 (Server 2019).
  - Windows Server 2016 has neither C(curl.exe) nor C(tar.exe). There the controller fetches the archive and streams the two programs, each with one
    literal line of PowerShell, the only one in this collection. An engine whose programs are already in O(install_path) needs none.
options:
  state:
    description:
      - V(present) ensures that an engine of the given version, or of any version in the given range, runs.
      - V(latest) ensures that the newest known engine in the range runs.
      - V(absent) removes the engine; its data stays unless O(purge) is set.
    type: str
    choices: [present, latest, absent]
    default: present
  version:
    description:
      - A full version, for example V(28.5.2); or a range such as V("28"), V("28.5") or V(">=28,<29"), or V(latest).
      - The versions in a range are those of this collection's own dated table, or those that O(sha256) names. An installed version within the range
        is left alone with O(state=present).
      - V(latest) is the newest version in the table that the host's Windows can run.
      - Write a range as a string, in quotes.
      - Required unless O(state=absent).
    type: str
  source:
    description:
      - Where the archive comes from.
      - V(download) lets the host fetch O(url) with C(curl.exe).
      - V(push) lets the controller fetch O(url) and stream the programs through WinRM, for hosts without internet access.
      - V(controller) streams the archive O(path) from the controller through WinRM.
      - V(host) uses the archive O(path) that is already on the host.
    type: str
    choices: [download, push, controller, host]
    default: download
  url:
    description:
      - Address of the archive C(docker-<version>.zip), for a mirror. C({version}) in it stands for the version.
      - The default is the publisher's download server.
      - It appears on a command line on the host, so it must contain neither credentials nor percent signs.
    type: str
  path:
    description:
      - Absolute path of the archive, on the controller with O(source=controller), on the host with O(source=host).
    type: str
  sha256:
    description:
      - Checksum of the archive, 64 hexadecimal digits; or a dictionary of versions and their checksums, from which a range then chooses.
      - The publisher provides none with the archives. The default is this collection's own table of known releases.
    type: raw
  install_path:
    description:
      - Folder for C(docker.exe) and C(dockerd.exe) of a new installation.
      - An engine that is registered as a service stays in its folder, unless O(existing_installation=move).
    type: str
    default: C:\Program Files\docker
  existing_installation:
    description:
      - What to do with an engine in another folder than O(install_path), such as that of Microsoft's script in C(System32).
      - V(adopt) manages it where it is. V(move) moves its programs, points the service to them, and removes the old ones.
    type: str
    choices: [adopt, move]
    default: adopt
  config:
    description:
      - Keys of C(daemon.json), such as C(group), C(hosts), C(tls), C(http-proxy), C(registry-mirrors), C(insecure-registries), C(exec-opts),
        C(storage-opts), C(log-driver), C(log-opts) or C(data-root).
      - Keys that the engine does not know or does not support on Windows, values it would not start with, and certificates and drives that the host
        does not have, are refused before anything is changed.
      - A key with the value V(null) is removed from the file.
    type: dict
    default: {}
  config_mode:
    description:
      - V(merge) merges O(config) into the existing file, dictionaries key by key, lists as a whole.
      - V(replace) makes the file contain O(config) and nothing else.
    type: str
    choices: [merge, replace]
    default: merge
  allow_restart:
    description:
      - Whether the engine may be stopped while containers run in it.
    type: bool
    default: false
  drain:
    description:
      - Whether running containers are stopped in order before the engine restarts, and all of them started again afterwards, including those
        without a restart policy. Requires O(allow_restart) as well.
    type: bool
    default: false
  drain_timeout:
    description:
      - Seconds each container is given to stop.
    type: int
    default: 30
  allow_downgrade:
    description:
      - Whether an engine with images or containers may be downgraded to an earlier major version, which may not be able to read them.
    type: bool
    default: false
  allow_data_root_change:
    description:
      - Whether C(data-root) may change although the engine has images or containers. They are not moved, and the engine no longer sees them.
    type: bool
    default: false
  service:
    description:
      - Settings of the engine's Windows service. What is not given stays as it is; a disabled service becomes automatic.
    type: dict
    suboptions:
      start_mode:
        description:
          - When it starts. V(delayed) means a while after the other automatic services.
        type: str
        choices: [auto, delayed, manual]
      recovery:
        description:
          - What Windows does after its first, second and further failures.
        type: list
        elements: dict
        suboptions:
          action:
            description:
              - What to do. V(reboot) reboots the host.
            type: str
            required: true
            choices: [restart, reboot, none]
          delay:
            description:
              - Seconds to wait before that.
            type: int
            default: 0
      recovery_reset:
        description:
          - Seconds without a failure after which the count starts again from zero. Requires O(service.recovery).
        type: int
      dependencies:
        description:
          - Names of services that must be running before it starts. An empty list removes all.
        type: list
        elements: str
  environment:
    description:
      - Variables of the service's own environment, for example proxies for engine 20.10. V(null) removes a variable; others are kept.
      - Values are never shown, only names.
    type: dict
  secret_environment:
    description:
      - Like O(environment), for values that must not be logged even with the task's arguments.
    type: dict
  add_to_path:
    description:
      - Whether the folder of C(docker.exe) is added to the machine's PATH. Variables in PATH are kept. New logons see the change.
      - O(state=absent) removes it again.
    type: bool
    default: false
  firewall_ports:
    description:
      - TCP ports on which the firewall allows inbound connections to the engine, by rules named C(winfleet-docker-tcp-<port>). Such rules for other
        ports are removed. Without this option the firewall is left alone.
      - This collection needs no open port. Open one only for other clients, and only with TLS.
    type: list
    elements: int
  purge:
    description:
      - Whether O(state=absent) also deletes containers, images, volumes, networks, configuration and the data root.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Install Docker Engine from the publisher
  winfleet.containers.docker_engine:
    version: 28.5.2

- name: Install it from a mirror, with a checksum of your own
  winfleet.containers.docker_engine:
    version: 28.5.2
    url: https://mirror.example.com/docker/docker-{version}.zip
    sha256: be76f32e6d92f4d3c64b8eb5e0e86e9597c00eb75ee41b5cc23e7674c5514810

- name: Provide the newest known engine 28, on a host without internet access
  winfleet.containers.docker_engine:
    version: "28"
    state: latest
    source: push

- name: Stream an archive that is beside the playbook
  winfleet.containers.docker_engine:
    version: 28.5.2
    source: controller
    path: "{{ playbook_dir }}/files/docker-28.5.2.zip"

- name: Configure it for Hyper-V isolation and a registry mirror
  winfleet.containers.docker_engine:
    version: ">=28,<29"
    config:
      exec-opts: [isolation=hyperv]
      registry-mirrors: [https://registry.example.com]
      log-opts:
        max-size: 10m
        max-file: "3"
      debug: null

- name: Upgrade with running containers, which are stopped in order and started again
  winfleet.containers.docker_engine:
    version: 28.5.2
    allow_restart: true
    drain: true
    drain_timeout: 60

- name: Move the engine of Microsoft's script out of System32, and add docker to PATH
  winfleet.containers.docker_engine:
    version: 28.5.2
    existing_installation: move
    add_to_path: true

- name: Let Windows restart it after the first two failures, and set a proxy
  winfleet.containers.docker_engine:
    version: 28.5.2
    service:
      start_mode: delayed
      recovery:
        - action: restart
          delay: 15
        - action: restart
          delay: 60
        - action: none
      recovery_reset: 86400
    secret_environment:
      HTTPS_PROXY: "{{ proxy_with_password }}"

- name: Remove the engine and all its data
  winfleet.containers.docker_engine:
    state: absent
    purge: true
    allow_restart: true
"""

RETURN = r"""
version:
  description: Version of the installed C(dockerd.exe); null when there is none.
  type: str
  returned: success
  sample: 28.5.2
service:
  description: Name of the engine's Windows service; null when there is none.
  type: str
  returned: success
  sample: docker
path:
  description: Folder of C(docker.exe) and C(dockerd.exe).
  type: str
  returned: success
  sample: C:\Program Files\docker
config:
  description: All keys of C(daemon.json), without credentials in addresses.
  type: dict
  returned: success
  sample:
    exec-opts: [isolation=hyperv]
data_root:
  description: Folder of images and containers; null when it has been deleted.
  type: str
  returned: success
  sample: C:\ProgramData\docker
start_mode:
  description: When the service starts, V(auto), V(delayed), V(manual) or V(disabled).
  type: str
  returned: success
  sample: auto
restarted:
  description: Whether a running engine was stopped and started again.
  type: bool
  returned: success
left_behind:
  description: What is still on the host - data that was to be kept, or a network that could not be deleted.
  type: list
  elements: str
  returned: when O(state=absent)
  sample: ['C:\ProgramData\docker']
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
  description: The steps that were carried out, or would be in check mode, and how they affect running containers.
  type: list
  elements: str
  returned: when something changes
  sample: ['stop the service "docker", and with it the running containers web (started again by restart policy)']
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "state": {"type": "str", "choices": ["present", "latest", "absent"], "default": "present"},
    "version": {"type": "str"},
    "source": {"type": "str", "choices": ["download", "push", "controller", "host"], "default": "download"},
    "url": {"type": "str"},
    "path": {"type": "str"},
    "sha256": {"type": "raw"},
    "install_path": {"type": "str", "default": "C:\\Program Files\\docker"},
    "existing_installation": {"type": "str", "choices": ["adopt", "move"], "default": "adopt"},
    "config": {"type": "dict", "default": {}},
    "config_mode": {"type": "str", "choices": ["merge", "replace"], "default": "merge"},
    "allow_restart": {"type": "bool", "default": False},
    "drain": {"type": "bool", "default": False},
    "drain_timeout": {"type": "int", "default": 30},
    "allow_downgrade": {"type": "bool", "default": False},
    "allow_data_root_change": {"type": "bool", "default": False},
    "service": {
        "type": "dict",
        "options": {
            "start_mode": {"type": "str", "choices": ["auto", "delayed", "manual"]},
            "recovery": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "action": {"type": "str", "required": True, "choices": ["restart", "reboot", "none"]},
                    "delay": {"type": "int", "default": 0},
                },
            },
            "recovery_reset": {"type": "int"},
            "dependencies": {"type": "list", "elements": "str"},
        },
    },
    "environment": {"type": "dict"},
    "secret_environment": {"type": "dict", "no_log": True},
    "add_to_path": {"type": "bool", "default": False},
    "firewall_ports": {"type": "list", "elements": "int"},
    "purge": {"type": "bool", "default": False},
    **ENGINE_ARGUMENTS,
}
ARGUMENT_RULES: dict[str, object] = {"required_if": [("state", "present", ["version"]), ("state", "latest", ["version"])]}


def main() -> None:
    """Never does the work: the action plugin runs instead of the module."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **ARGUMENT_RULES)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
