# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second host of the inventory in one task, reached as a task of its own would reach it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible import constants as C
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from .errors import OptionError, ProtocolError
from .remote.host import RemoteHost
from .remote.session import Session


def open_peer(name: str, task_vars: Mapping[str, Any]) -> RemoteHost:
    """Open another host with its own connection variables; the caller closes it.

    Raises:
        OptionError: The inventory has no such host.
        ConnectError: It cannot be reached, or refuses the credentials.
    """
    hostvars = task_vars.get("hostvars") or {}
    if name not in hostvars:
        raise OptionError(f'the inventory has no host "{name}"', "Name a host as the inventory does")
    return connect(name, load_connection(hostvars[name]))


def load_connection(variables: Mapping[str, Any]) -> Any:
    """The connection plugin that these variables describe, not connected yet. Core's loader serves one thread at a time.

    Raises:
        ProtocolError: There is no such plugin.
    """
    kind = str(variables.get("ansible_connection") or "ssh")
    plugin = connection_loader.get(kind, PlayContext(), os.devnull)
    if plugin is None:
        raise ProtocolError(f'there is no connection plugin "{kind}"')
    plugin.set_options(var_options=_options(plugin, variables))
    return plugin


def connect(name: str, plugin: Any) -> RemoteHost:
    """The host behind a connection plugin, which is closed with it. Raises ConnectError."""
    host = RemoteHost(name, Session.of(plugin))
    host.on_close(plugin.close)
    return host


def _options(plugin: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What core's own task executor hands to a connection: the variables it knows, and the rest under its prefix."""
    known = C.config.get_plugin_vars("connection", plugin._load_name)
    options: dict[str, Any] = {key: variables[key] for key in known if key in variables}
    prefix = f"ansible_{getattr(plugin, 'extras_prefix', '')}_"
    extras = {key: variables[key] for key in variables if str(key).startswith(prefix) and key not in options}
    return {**options, "_extras": extras if getattr(plugin, "allow_extras", False) else {}}
