#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub of the module ``container_exec``: documentation and options. The work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_exec
short_description: Run a command in a Windows container
version_added: 0.1.0
description:
  - Runs a command in a running container, and returns its standard output, its standard error and its exit code.
  - The rules are those of M(ansible.builtin.command). An exit code other than 0 fails the task, unless C(failed_when) says otherwise, and
    a task that ran the command has changed something, unless C(changed_when) says otherwise.
  - The command is not run by a shell. For pipes, redirections and variables, run C(cmd.exe /C) or the PowerShell of the image.
extends_documentation_fragment:
  - winfleet.containers.attributes
  - winfleet.containers.attributes.actiongroup_engine
  - winfleet.containers.engine
  - winfleet.containers.progress
attributes:
  check_mode:
    description: Says what would change without changing anything.
    support: partial
    details:
      - The command is not run. The task is skipped; where O(creates) or O(removes) is given and the file shows that the command is needed, it is
        changed, as with M(ansible.builtin.command). That file is looked for in check mode too.
  diff_mode:
    description: Shows the properties that differ, before and after.
    support: N/A
    details: What the command changes is not known.
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - module: winfleet.containers.container
  - module: winfleet.containers.container_info
  - module: ansible.builtin.command
notes:
  - Values of O(env) appear in no result and no log of this collection. The command is in the result and in the engine's events, so a secret belongs
    in O(env) or O(stdin).
  - The task keyword C(timeout) ends the wait only. The command keeps running in the container, since the engine can start commands but not end
    them.
  - Output is decoded with O(encoding). Most programs in Windows containers write in the console's code page, which is C(cp437) in the usual base
    images, and differs from UTF-8 only beyond ASCII. C(chcp 65001) before a command of C(cmd.exe) changes it.
options:
  container:
    description: The container, by its exact name or by at least 12 digits of its id. It must be running.
    type: str
    required: true
  command:
    description:
      - The command as a Windows command line. It is split into arguments the way Windows programs do it; backslashes are kept.
      - Exactly one of O(command) and O(argv) is required.
    type: str
  argv:
    description: The command as a list. Every element reaches the container as one argument, unchanged.
    type: list
    elements: str
  stdin:
    description: Text for the command's standard input, which is closed after it. Without it, the command has no input.
    type: str
  stdin_add_newline:
    description: Whether a Windows line ending is appended to O(stdin).
    type: bool
    default: true
  env:
    description:
      - Environment variables, in addition to those of the container.
      - Put V(true), V(yes) and the like in quotes.
    type: dict
  user:
    description: User in the container, such as V(ContainerAdministrator). The container's own user if not given.
    type: str
  chdir:
    description: Folder in the container in which the command starts. The container's own working folder if not given.
    type: str
  creates:
    description:
      - The command is not run when this file or folder exists in the container. The name may contain the wildcards C(*) and C(?).
      - C(cmd.exe) in the container looks for it, because the engine cannot look into a running container with Hyper-V isolation.
    type: str
  removes:
    description: The command is not run when this file or folder does not exist in the container. Otherwise like O(creates).
    type: str
  detach:
    description: Whether to return as soon as the command has started. There is then no output and no exit code.
    type: bool
    default: false
  strip_empty_ends:
    description: Whether trailing line endings are removed from both streams.
    type: bool
    default: true
  encoding:
    description: Encoding of O(stdin) and of both streams, by its name in Python. Bytes that are invalid in it show as replacement characters.
    type: str
    default: utf-8
"""

EXAMPLES = r"""
- name: Run a container to run commands in
  winfleet.containers.container:
    name: tools
    image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    command: ping -t localhost

- name: Create a file, unless it exists
  winfleet.containers.container_exec:
    container: tools
    command: cmd.exe /C "echo ready>C:\ready.txt"
    creates: C:\ready.txt

- name: Show it
  winfleet.containers.container_exec:
    container: tools
    argv: [cmd.exe, /C, type, 'C:\ready.txt']
  register: ready
  changed_when: false
  failed_when: ready.rc != 0 or ready.stdout != 'ready'

- name: Remove it, if it exists
  winfleet.containers.container_exec:
    container: tools
    argv: [cmd.exe, /C, del, ready.txt]
    chdir: C:\
    user: ContainerAdministrator
    removes: C:\ready.txt

- name: Run a command with input and a variable
  winfleet.containers.container_exec:
    container: tools
    command: cmd.exe /C more
    stdin: one line
    env:
      STAGE: test
"""

RETURN = r"""
cmd:
  description: The command, split into arguments.
  returned: success
  type: list
  elements: str
  sample: [cmd.exe, /C, ver]
rc:
  description: Exit code. It is 0 where the command was not run.
  returned: unless O(detach=true)
  type: int
  sample: 0
stdout:
  description: What the command wrote to standard output.
  returned: unless O(detach=true), or in check mode
  type: str
  sample: ready
stdout_lines:
  description: The same in lines.
  returned: unless O(detach=true), or in check mode
  type: list
  elements: str
  sample: [ready]
stderr:
  description: What the command wrote to standard error.
  returned: unless O(detach=true), or in check mode
  type: str
  sample: ''
stderr_lines:
  description: The same in lines.
  returned: unless O(detach=true), or in check mode
  type: list
  elements: str
  sample: []
start:
  description: When the command was started, by the controller's clock.
  returned: when it ran to completion
  type: str
  sample: '2026-11-24 11:40:00.000000+00:00'
end:
  description: When the command had ended, by the controller's clock.
  returned: when it ran to completion
  type: str
  sample: '2026-11-24 11:40:01.000000+00:00'
delta:
  description: How long it took, including the way to the host and back.
  returned: when it ran to completion
  type: str
  sample: '0:00:01.000000'
msg:
  description: Why it was not run, or failed.
  returned: when it was not run, or failed
  type: str
  sample: Did not run command since 'C:\ready.txt' exists
exec_id:
  description: Id of the exec in the engine.
  returned: with O(detach=true)
  type: str
  sample: 8a09fa9e06cd9128dc86b7b2561072877cfe13e38b0527223f42b03b90c4af3d
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
  sample: ["run cmd.exe in the container web"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.winfleet.containers.plugins.module_utils.engine_arguments import ENGINE_ARGUMENTS

ARGUMENT_SPEC: dict[str, dict[str, object]] = {
    "container": {"type": "str", "required": True},
    "command": {"type": "str"},
    "argv": {"type": "list", "elements": "str"},
    "stdin": {"type": "str"},
    "stdin_add_newline": {"type": "bool", "default": True},
    "env": {"type": "dict"},
    "user": {"type": "str"},
    "chdir": {"type": "str"},
    "creates": {"type": "str"},
    "removes": {"type": "str"},
    "detach": {"type": "bool", "default": False},
    "strip_empty_ends": {"type": "bool", "default": True},
    "encoding": {"type": "str", "default": "utf-8"},
    **ENGINE_ARGUMENTS,
}
ARGUMENT_RULES: dict[str, object] = {"mutually_exclusive": [("command", "argv")], "required_one_of": [("command", "argv")]}


def main() -> None:
    """Refuse to run on a host: the action plugin does the work."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **ARGUMENT_RULES)
    module.fail_json(msg="this module runs on the controller through its action plugin")


if __name__ == "__main__":
    main()
