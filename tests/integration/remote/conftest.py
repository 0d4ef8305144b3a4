# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated host, reached over Ansible's own connection plugins as an action plugin would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session
from simulator.fleet import Host, RunningFleet


class Site:
    """One host of a fleet and the ways to it."""

    def __init__(self, host: Host, fleet: RunningFleet) -> None:
        self.host, self.fleet = host, fleet
        self.lines: list[str] = []
        self._remotes: list[RemoteHost] = []
        self._connections: list[Any] = []

    def connection(self, kind: str = "winrm", **changes: Any) -> Any:
        """A connection plugin with its options set the way a task sets them."""
        variables = {
            "ansible_winrm_transport": "ntlm",
            "ansible_winrm_scheme": "http",
            "ansible_psrp_protocol": "http",
            "ansible_psrp_auth": "ntlm",
            **self.host.inventory(),
            **changes,
        }
        plugin = connection_loader.get(kind, PlayContext(), "/dev/null")
        extras = {name: value for name, value in variables.items() if name.startswith(f"ansible_{kind}_")}
        plugin.set_options(var_options={**variables, "_extras": extras})
        self._connections.append(plugin)
        return plugin

    def remote(self, kind: str = "winrm", **settings: Any) -> RemoteHost:
        """The host as the collection reaches it."""
        changes = settings.pop("changes", {})
        plugin = self.connection(kind, **changes)
        remote = RemoteHost(
            self.host.name,
            Session.of(plugin),
            progress=self.lines.append,
            reconnect=lambda: Session.of(plugin, 10),
            **settings,
        )
        self._remotes.append(remote)
        return remote

    def close(self) -> None:
        self.host.faults.clear()
        for remote in self._remotes:
            remote.close()
        for plugin in self._connections:
            plugin.close()

    def programs(self) -> list[str]:
        """Command lines of the programs that were started."""
        return [line.text for line in self.host.machine.log_lines if line.kind == "program"]


@pytest.fixture
def site(fleet: Callable[..., RunningFleet]) -> Iterator[Callable[..., Site]]:
    """Start one simulated host: ``site(profile="server-2022", ...)``."""
    sites: list[Site] = []

    def start(**entry: Any) -> Site:
        running = fleet({"name": "ws2022", "profile": "server-2022", "boot_seconds": 0.3, **entry})
        sites.append(Site(running.hosts["ws2022"], running))
        return sites[-1]

    yield start
    for each in sites:
        each.close()
