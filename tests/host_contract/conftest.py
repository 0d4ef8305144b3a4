# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host for the questions: the simulator's, or a real one named by WINFLEET_INVENTORY and WINFLEET_HOST (``make test-host``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible.vars.manager import VariableManager

from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session
from simulator.fleet import running_fleet

SIMULATED = {"hosts": [{"name": "contract", "profile": "server-2022"}]}


def variables_of(inventory: Path, host: str) -> dict[str, Any]:
    """All variables Ansible has for a host of an inventory, templates resolved by nobody: plain values only."""
    loader = DataLoader()
    hosts = InventoryManager(loader=loader, sources=[str(inventory)])
    variables: dict[str, Any] = VariableManager(loader=loader, inventory=hosts).get_vars(host=hosts.get_host(host))
    return variables


def connect(variables: dict[str, Any]) -> Any:
    """The connection plugin a task would get."""
    kind = variables.get("ansible_connection", "winrm")
    connection = connection_loader.get(kind, PlayContext())
    extras = {name: value for name, value in variables.items() if name.startswith(f"ansible_{kind}_")}
    connection.set_options(var_options={"ansible_host": variables["inventory_hostname"], **variables, "_extras": extras})
    return connection


@pytest.fixture(scope="session")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Inventory file and host name."""
    if "WINFLEET_INVENTORY" in os.environ:
        yield Path(os.environ["WINFLEET_INVENTORY"]).resolve(), os.environ["WINFLEET_HOST"]
        return
    with running_fleet(SIMULATED) as fleet:
        path = tmp_path_factory.mktemp("contract") / "inventory.yml"
        write_inventory(path, fleet.inventory())
        yield path, "contract"


def write_inventory(path: Path, inventory: Any) -> None:
    import yaml

    path.write_text(inventory if isinstance(inventory, str) else yaml.safe_dump(inventory))


@pytest.fixture
def host(inventory: tuple[Path, str]) -> Iterator[RemoteHost]:
    """The host as the collection reaches it, with a connection of its own."""
    path, name = inventory
    connection = connect(variables_of(path, name))
    try:
        session = Session.of(connection)

        def again() -> Session:
            connection.close()
            return Session.of(connection)

        with RemoteHost(name, session, reconnect=again) as remote:
            yield remote
    finally:
        connection.close()
