# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host that is asked: connections to it as a task would have them, and what a question may write there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible.vars.manager import VariableManager

from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.cim import CimClass, quote
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.envelope import parse_command_id
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.shell import Command, Shell

#: Everything that is written bears this name.
MARK = "winfleet-contract"
FOLDER = f"C:\\Windows\\Temp\\{MARK}"
KEY = f"SOFTWARE\\{MARK}"
#: Pings that wait for something are told by their target.
TARGET = "127.0.0.77"
PROCESS = CimClass("Win32_Process", {"ProcessId": int, "CommandLine": str, "Handle": str})
_SERVICE = CimClass("Win32_Service", {"Name": str})


class NoSuchHost(Exception):
    """The inventory does not name that host; says so in a sentence."""


def variables_of(inventory: Path, name: str) -> dict[str, Any]:
    """All variables Ansible has for a host, templates resolved. Raises NoSuchHost."""
    loader = DataLoader()
    manager = InventoryManager(loader=loader, sources=[str(inventory)])
    host = manager.get_host(name) if name in manager.hosts else None
    if host is None:
        known = ", ".join(sorted(manager.hosts)[:10]) or "none"
        raise NoSuchHost(f'Cannot ask "{name}": {inventory} names no such host (it names: {known}). Give CONFIRM exactly one of them.')
    variables = VariableManager(loader=loader, inventory=manager).get_vars(host=host)
    templar = Templar(loader=loader, variables=variables)
    return {key: templar.template(value) if key.startswith("ansible_") else value for key, value in variables.items()}


def connect(variables: Mapping[str, Any]) -> Any:
    """The connection plugin a task would get."""
    kind = variables.get("ansible_connection", "winrm")
    connection = connection_loader.get(kind, PlayContext())
    extras = {name: value for name, value in variables.items() if name.startswith(f"ansible_{kind}_")}
    connection.set_options(var_options={"ansible_host": variables["inventory_hostname"], **variables, "_extras": extras})
    return connection


class Site:
    """One host.

    Attributes:
        name: Inventory name.
        variables: Its variables; secrets are among them.
        host: The host as the collection reaches it.
    """

    def __init__(self, name: str, variables: Mapping[str, Any]) -> None:
        self.name, self.variables = name, variables
        self._connection = connect(variables)
        self.host = RemoteHost(name, Session.of(self._connection), reconnect=lambda: Session.of(self._connection, 10))

    @property
    def session(self) -> Session:
        return self.host.session

    def close(self) -> None:
        self.host.close()
        self._connection.close()

    @contextmanager
    def folder(self) -> Iterator[str]:
        """A folder for files, removed afterwards."""
        self.host.files.make_folder(FOLDER)
        try:
            yield FOLDER
        finally:
            self.host.files.remove(FOLDER)

    @contextmanager
    def key(self) -> Iterator[str]:
        """A registry key, removed afterwards."""
        self.host.registry.create_key(KEY)
        try:
            yield KEY
        finally:
            self.host.programs.run("reg.exe", ["delete", f"HKLM\\{KEY}", "/f"])

    @contextmanager
    def running(self, line: str, *, console: bool = False, skip_shell: bool = False) -> Iterator[tuple[Shell, Command]]:
        """A command in a shell of its own, with the two options as given; ended afterwards."""
        with Shell(self.session) as shell:
            body = self.session.send(command_request(shell.shell_id, line, console=console, skip_shell=skip_shell))
            command = Command(self.session, shell.shell_id, parse_command_id(body))
            try:
                yield shell, command
            finally:
                command.terminate()

    def pings(self) -> Sequence[Mapping[str, Any]]:
        """The pings of ours that run on the host."""
        return self.host.cim.query(PROCESS, f"Name = 'ping.exe' and CommandLine like '%{TARGET}%'")

    def pings_end(self, seconds: float) -> bool:
        """Whether they all end by themselves within that time."""
        give_up = time.monotonic() + seconds
        while self.pings():
            if time.monotonic() > give_up:
                return False
            time.sleep(0.3)
        return True

    def clean_up(self) -> list[str]:
        """Remove whatever a question that failed left behind; what could not be removed."""
        left = []
        for process in self.pings():
            self.host.cim.invoke(PROCESS, "Terminate", {"Reason": 1}, {"Handle": str(process["Handle"])})
        if self.host.files.exists(FOLDER):
            self.host.files.remove(FOLDER)
        if self.host.registry.value_names(KEY) is not None:
            self.host.programs.run("reg.exe", ["delete", f"HKLM\\{KEY}", "/f"])
        if self.host.cim.query(_SERVICE, f"Name = {quote(MARK)}"):
            self.host.programs.run("sc.exe", ["delete", MARK])
        left += [f"the folder {FOLDER}"] if self.host.files.exists(FOLDER) else []
        left += [f"the registry key HKLM\\{KEY}"] if self.host.registry.value_names(KEY) is not None else []
        left += [f"the service {MARK}"] if self.host.cim.query(_SERVICE, f"Name = {quote(MARK)}") else []
        left += [f"{len(self.pings())} processes ping.exe"] if not self.pings_end(5) else []
        return left


def command_request(shell_id: str, line: str, *, console: bool = False, skip_shell: bool = False) -> envelope.Request:
    """As the collection starts commands, but with the two options as given."""
    options = {"WINRS_CONSOLEMODE_STDIN": str(console).upper(), "WINRS_SKIP_CMD_SHELL": str(skip_shell).upper()}
    body = f"<rsp:CommandLine><rsp:Command>{envelope.text(line)}</rsp:Command></rsp:CommandLine>"
    return envelope.build(envelope.SHELL_ACTION + "Command", envelope.SHELL, body, selectors={"ShellId": shell_id}, options=options)
