#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``docker_engine``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_engine
short_description: Install, upgrade, configure and start Docker Engine on Windows
version_added: 0.1.0
description:
  - Brings Docker Engine to the given version, newer or older, registers and starts its service, and merges keys into C(daemon.json).
  - The host fetches the archive itself with C(curl.exe). Its checksum is verified before anything in it is used.
  - When the engine does not start with what was changed, the previous programs and the previous C(daemon.json) are put back, and
    the task fails with the reason as far as the host tells it.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.host_feature
  - module: winfleet.containers.base_image
  - module: winfleet.containers.host_info
notes:
  - The Windows feature Containers must be active. Enable it with M(winfleet.containers.host_feature) and reboot.
  - An upgrade, and a change of O(config), restart the engine. Running containers stop with it, and come back by their restart policy.
  - Where the host reaches the download server only through a proxy, set C(HTTPS_PROXY) in the task's keyword C(environment).
  - Engine 23 and later need Windows build 17763 (Server 2019).
  - Hosts without C(curl.exe) and C(tar.exe), as Windows Server 2016, can be managed once the engine is there, but it is not installed there yet.
options:
  version:
    description:
      - Version of the engine, written in full.
    type: str
    required: true
  url:
    description:
      - Address of the archive C(docker-<version>.zip), for hosts that fetch it from a mirror.
      - The default is the publisher's download server.
      - It stands in a command line on the host, so it must hold neither credentials nor percent signs.
    type: str
  sha256:
    description:
      - Checksum of the archive, 64 hexadecimal digits.
      - The publisher gives none beside the archives. The default is this collection's own table of known releases.
    type: str
  install_path:
    description:
      - Folder for C(docker.exe) and C(dockerd.exe) of a new installation.
      - An engine that is registered as a service stays in its folder, whatever this says.
    type: str
    default: C:\Program Files\docker
  config:
    description:
      - Keys of C(daemon.json). They are merged into the file that is there, mappings key by key, lists as a whole.
      - A key with the value V(null) is removed from the file.
      - Keys that the engine does not know, or does not have on Windows, are refused before anything is changed.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Install Docker Engine from the publisher
  winfleet.containers.docker_engine:
    version: 28.5.2

- name: Install it from a mirror, with a checksum of your own
  winfleet.containers.docker_engine:
    version: 28.5.2
    url: https://mirror.example.com/docker/docker-28.5.2.zip
    sha256: be76f32e6d92f4d3c64b8eb5e0e86e9597c00eb75ee41b5cc23e7674c5514810

- name: Configure it for hyperv isolation and a registry mirror
  winfleet.containers.docker_engine:
    version: 28.5.2
    config:
      exec-opts: [isolation=hyperv]
      registry-mirrors: [https://registry.example.com]
      debug: null
"""

RETURN = r"""
version:
  description: Version of the installed C(dockerd.exe).
  type: str
  returned: success
  sample: 28.5.2
service:
  description: Name of the engine's Windows service.
  type: str
  returned: success
  sample: docker
path:
  description: Folder of C(docker.exe) and C(dockerd.exe).
  type: str
  returned: success
  sample: C:\Program Files\docker
config:
  description: All keys of C(daemon.json), credentials in addresses left out.
  type: dict
  returned: success
  sample:
    exec-opts: [isolation=hyperv]
restarted:
  description: Whether a running engine was stopped and started again.
  type: bool
  returned: success
plan:
  description: The steps that were carried out, or would be in check mode.
  type: list
  elements: str
  returned: when something changes
  sample: [start the service "docker"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "version": {"type": "str", "required": True},
    "url": {"type": "str"},
    "sha256": {"type": "str"},
    "install_path": {"type": "str", "default": "C:\\Program Files\\docker"},
    "config": {"type": "dict", "default": {}},
    **ENGINE_ARGUMENTS,
}


def main() -> None:
    """Never does the work: the action plugin runs instead of the module."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
