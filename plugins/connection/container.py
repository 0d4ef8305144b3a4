# -*- coding: utf-8 -*-
# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection into a Windows container: Ansible's own winrm connection to its host, and the Engine API through it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: container
short_description: Run tasks inside a Windows container, through the WinRM connection of its host
version_added: 0.1.0
description:
  - Runs commands in a running container of a Windows host, and copies files into it and out of it.
  - It works like the modules of this collection. Ansible's own P(ansible.builtin.winrm#connection) connection reaches the host, and the Engine API
    travels inside it. The container needs no network, no WinRM and no SSH, and the host no open port besides WinRM's.
  - Commands run as an exec of the engine. Files are transferred with C(tar.exe) in the container, which works with both isolation modes, and are
    verified there.
  - Modules for Windows run in a container whose image has Windows PowerShell (Server Core, Server, Windows). In one without it (Nano Server), only
    M(ansible.builtin.raw) runs, with C(ansible_shell_type) set to V(cmd).
  - P(winfleet.containers.containers#inventory) finds the containers of a fleet and sets all variables of this plugin.
author:
  - The winfleet.containers authors (@winfleet)
seealso:
  - plugin: winfleet.containers.containers
    plugin_type: inventory
  - module: winfleet.containers.container_exec
  - module: ansible.builtin.raw
notes:
  - The variables of the host's winrm connection are given to the container, under the same names. For a container named by hand, let them
    refer to those of its host, as the example does.
  - The modules of this collection manage hosts and refuse this connection. Delegate such a task to the container's host.
  - C(become) is refused. O(user) sets the user that runs the commands.
  - The engine's events show the command line of a raw command to everyone who may read them. They do not show a command's input, which contains the
    options of every module.
requirements:
  - pywinrm and the Docker SDK for Python (C(docker)) 7.0 or later on the controller.
options:
  container:
    description: Name of the container, or at least 12 digits of its id. By default its name in the inventory.
    type: str
    vars:
      - name: inventory_hostname
      - name: winfleet_container
  user:
    description:
      - User that runs the commands in the container, such as V(ContainerAdministrator) or V(ContainerUser).
      - By default the user of the container.
    type: str
    default: ''
    vars:
      - name: winfleet_container_user
  engine_pipe:
    description: Name of the named pipe the host's engine listens on, without C(\\.\pipe\).
    type: str
    default: docker_engine
    vars:
      - name: winfleet_engine_pipe
  host:
    description: Name of the host in error messages. By default its address.
    type: str
    vars:
      - name: winfleet_container_host
  host_connection:
    description: The connection plugin that reaches the host. Only V(winrm) can be used, and V(psrp) is refused by name.
    type: str
    default: winrm
    vars:
      - name: winfleet_container_host_connection
  remote_addr:
    description: Address of the container's host.
    type: str
    vars:
      - name: ansible_host
      - name: ansible_winrm_host
  remote_user:
    description: User that logs on to the host.
    type: str
    vars:
      - name: ansible_user
      - name: ansible_winrm_user
    keyword:
      - name: remote_user
  remote_password:
    description: The password of O(remote_user).
    type: str
    vars:
      - name: ansible_password
      - name: ansible_winrm_pass
      - name: ansible_winrm_password
    aliases:
      - password
  port:
    description: The port of WinRM on the host.
    type: integer
    default: 5986
    vars:
      - name: ansible_port
      - name: ansible_winrm_port
    keyword:
      - name: port
  scheme:
    description: Protocol of WinRM. By default V(http) on port 5985, otherwise V(https).
    type: str
    choices: [http, https]
    vars:
      - name: ansible_winrm_scheme
  path:
    description: The path of WinRM on the host.
    type: str
    default: /wsman
    vars:
      - name: ansible_winrm_path
  transport:
    description: Authentication methods, tried in this order. By default as P(ansible.builtin.winrm#connection) chooses.
    type: list
    elements: string
    vars:
      - name: ansible_winrm_transport
  kerberos_command:
    description: The program that obtains a Kerberos ticket.
    type: str
    default: kinit
    vars:
      - name: ansible_winrm_kinit_cmd
  kinit_args:
    description: Arguments of O(kerberos_command).
    type: str
    vars:
      - name: ansible_winrm_kinit_args
  kinit_env_vars:
    description: Environment variables passed to O(kerberos_command).
    type: list
    elements: str
    default: []
    ini:
      - section: winrm
        key: kinit_env_vars
    vars:
      - name: ansible_winrm_kinit_env_vars
  kerberos_mode:
    description: Whether Ansible obtains the ticket (V(managed)) or uses an existing one (V(manual)).
    type: str
    choices: [managed, manual]
    vars:
      - name: ansible_winrm_kinit_mode
  connection_timeout:
    description: Seconds a WinRM operation may take.
    type: int
    vars:
      - name: ansible_winrm_connection_timeout
"""

EXAMPLES = r"""
# A container named by hand in an inventory. Its host, ws2022, has the variables of its own winrm connection.
containers_by_hand:
  hosts:
    web:
  vars:
    winfleet_container_host: ws2022
    ansible_connection: winfleet.containers.container
    ansible_host: "{{ hostvars[winfleet_container_host].ansible_host | default(winfleet_container_host) }}"
    ansible_user: "{{ hostvars[winfleet_container_host].ansible_user }}"
    ansible_password: "{{ hostvars[winfleet_container_host].ansible_password }}"
    ansible_port: "{{ hostvars[winfleet_container_host].ansible_port | default(omit) }}"
    ansible_winrm_transport: "{{ hostvars[winfleet_container_host].ansible_winrm_transport | default(omit) }}"
    # Nano Server has no PowerShell:
    ansible_shell_type: cmd
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.plugins.connection import ConnectionBase
from ansible.plugins.loader import connection_loader
from ansible.utils.display import Display

from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.inside import Inside
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.invocation import (
    Invocation,
    cmd_line,
    encoded,
    powershell_line,
    unquoted,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.client import EngineClient
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.errors import (
    EngineConflictError,
    EngineDownError,
    EngineNotFoundError,
    TunnelLostError,
)
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ConnectError, ContainersError, OptionError, doing
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.network import quietly
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.shell import Shell

display = Display()
#: Options that are those of the winrm connection.
WINRM = (
    "remote_addr",
    "remote_user",
    "remote_password",
    "port",
    "scheme",
    "path",
    "transport",
    "kerberos_command",
    "kinit_args",
    "kinit_env_vars",
    "kerberos_mode",
    "connection_timeout",
)
#: The container can no longer be reached, as far as Ansible is concerned.
_GONE = (ConnectError, EngineConflictError, EngineDownError, EngineNotFoundError, TunnelLostError)


def _without_shell(session: Session) -> Session:
    """Delete the shell that core's connection opens and nobody needs here: the containers of a host share its user's 30 shells."""
    if session.shell_id:
        Shell.adopt(session, session.shell_id).discard()
    return session


class Connection(ConnectionBase):  # type: ignore[misc]  # core ships no types
    """Tasks inside a container; one tunnel for all commands of a task."""

    transport = "winfleet.containers.container"
    # As core's own winrm connection: modules go to PowerShell's stdin and need no file.
    module_implementation_preferences = (".ps1", ".exe", "")
    allow_executable = False
    has_pipelining = True
    always_pipeline_modules = True
    has_native_async = True
    has_tty = False
    #: Variables like ansible_winrm_server_cert_validation, which core hands to pywinrm.
    allow_extras = True
    extras_prefix = "winrm"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._shell_type = "powershell"
        super().__init__(*args, **kwargs)
        self._host: RemoteHost | None = None
        self._inside: Inside | None = None

    def _connect(self) -> Connection:
        """Reach the host, its engine and the container.

        Raises:
            AnsibleConnectionFailure: One of them cannot be reached; UNREACHABLE.
            AnsibleError: become, psrp, or options that cannot be used.
        """
        super()._connect()
        if self._inside is None:
            with self._translated("reach", True):
                self._refuse()
                self._inside = self._open()
            self._connected = True
        return self

    def _refuse(self) -> None:
        if self.become is not None:
            raise OptionError(
                "become is set, and an exec of the engine has no second user to become",
                "Remove become, and set winfleet_container_user to the user of the container that shall run the commands",
            )
        kind = str(self.get_option("host_connection")).rpartition(".")[2]
        if kind != "winrm":
            raise OptionError(
                f'its host is reached by the connection plugin "{kind}", and tasks inside a container need winrm',
                "Set ansible_connection to winrm for the host, or use the module winfleet.containers.container_exec on the host",
            )
        if not self.get_option("remote_addr"):
            raise OptionError("the address of its host is not known", "Set ansible_host to the address of the container's host")

    def _open(self) -> Inside:
        carrier = connection_loader.get("winrm", self._play_context, os.devnull)
        options = {name: self.get_option(name) for name in WINRM}
        carrier.set_options(var_options={"_extras": self.get_option("_extras")}, direct=options)
        try:
            self._host = RemoteHost(self._host_name, _without_shell(Session.of(carrier)))
        except BaseException:
            quietly(carrier.close)
            raise
        self._host.on_close(lambda: quietly(carrier.close))
        engine = EngineClient.open(self._host, str(self.get_option("engine_pipe")))
        return Inside(engine, self._container, str(self.get_option("user") or ""))

    @property
    def _container(self) -> str:
        return str(self.get_option("container"))

    @property
    def _host_name(self) -> str:
        return str(self.get_option("host") or self.get_option("remote_addr"))

    @contextmanager
    def _translated(self, verb: str, reaching: bool = False) -> Iterator[None]:
        """Errors of ours become one of core's, with one sentence; nothing is chained, because core would print what lies below."""
        try:
            with doing(verb, "container", self._container):
                yield
            return
        except ContainersError as error:
            unreachable = isinstance(error, _GONE) or (reaching and not isinstance(error, OptionError))
            sentence = error.sentence(self._host_name)
        except AnsibleConnectionFailure as error:
            unreachable, sentence = True, f"Cannot reach {self._host_name}: {error}"
        if reaching or unreachable:
            self.close()
        raise (AnsibleConnectionFailure if unreachable else AnsibleError)(sentence)

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a command of Ansible's shell plugin: exit code, stdout and stderr."""
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        with self._translated("run a command in"):
            done = self._opened.run(self._invocation(cmd), in_data or None)
        return 1 if done.exit_code is None else done.exit_code, done.stdout, done.stderr

    def _invocation(self, cmd: str) -> Invocation:
        """PowerShell with a script is started as it is; anything else is a line for the shell of the container."""
        found = encoded(cmd)
        if found is None and self._shell.SHELL_FAMILY == "powershell" and not cmd.startswith("type "):
            found = powershell_line(cmd)
        return found or cmd_line(cmd)

    @property
    def _opened(self) -> Inside:
        if self._inside is None:
            raise AnsibleConnectionFailure(f"Cannot reach {self._host_name}: the connection is closed")
        return self._inside

    def put_file(self, in_path: str, out_path: str) -> None:
        """Copy a file of the controller into the container."""
        super().put_file(in_path, out_path)
        if not Path(in_path).is_file():
            raise AnsibleFileNotFound(f'There is no file "{in_path}" on the controller.')
        target = unquoted(out_path)
        display.vvv(f'PUT "{in_path}" TO "{target}"', host=self._container)
        with self._translated(f'copy the file "{target}" into'):
            self._opened.put(Path(in_path), target)

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Copy a file of the container to the controller."""
        super().fetch_file(in_path, out_path)
        source = unquoted(in_path)
        display.vvv(f'FETCH "{source}" TO "{out_path}"', host=self._container)
        with self._translated(f'copy the file "{source}" out of'):
            try:
                with Path(out_path).open("wb") as target:
                    self._opened.fetch(source, target)
            except ContainersError:
                Path(out_path).unlink(missing_ok=True)  # nobody shall take a part for the whole
                raise

    def reset(self) -> None:
        """Give everything up; the next command connects anew."""
        self.close()

    def close(self) -> None:
        """End the tunnel and delete the shells. Never raises."""
        host, self._host, self._inside, self._connected = self._host, None, None, False
        if host is not None:
            host.close()
