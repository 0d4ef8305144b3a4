# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated host whose engine runs already, reached as an action plugin would, and the resources on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.winfleet.containers.plugins.modules.base_image import ARGUMENT_SPEC as BASE_IMAGE
from ansible_collections.winfleet.containers.plugins.modules.container import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.modules.image import ARGUMENT_SPEC as IMAGE_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.container import Container
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.several import Containers
from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Plan, Resource
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError, doing
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.image import base_image, image
from ansible_collections.winfleet.containers.plugins.plugin_utils.peers import open_peer
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session
from simulator.engine.containers import Container as SimulatedContainer
from simulator.engine.engine import Engine
from simulator.engine.mirror import program_bytes
from simulator.engine.networks import make_network
from simulator.fleet import Host, RunningFleet
from simulator.programs.dockerd import ENGINES
from simulator.windows.machine import Machine

FOLDER = "C:\\Program Files\\docker"
NANO = "mcr.microsoft.com/windows/nanoserver"
IMAGE = f"{NANO}:ltsc2022"
PING = ["ping", "-t", "localhost"]
HYPERV = {"features": {"Containers": "enabled", "Microsoft-Hyper-V": "enabled", "Microsoft-Hyper-V-Online": "enabled"}}
CLIENT_HYPERV = {
    "features": dict.fromkeys(("Containers", "Microsoft-Hyper-V", "Microsoft-Hyper-V-Hypervisor", "Microsoft-Hyper-V-Services"), "enabled")
}


@dataclass
class Done:
    """What one task gave: its plan, its result, or its error as a sentence."""

    plan: Plan = field(default_factory=Plan)
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def changed(self) -> bool:
        return self.plan.changed

    @property
    def actions(self) -> list[str]:
        return [step.action for step in self.plan.steps]


def defaults(spec: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the action base gives a module whose user gave nothing."""
    return {name: option.get("default") for name, option in spec.items()}


class Site:
    """One host, and tasks on it."""

    def __init__(self, host: Host, fleet: RunningFleet) -> None:
        self.host, self.fleet, self.machine = host, fleet, host.machine
        self.progress: list[str] = []

    def run(self, make: Callable[[RemoteHost], Resource[Any]], check: bool = False) -> Done:
        """A task's life without Ansible's part of it: connect, read, plan, apply, read back, close."""
        plugin = connection_loader.get("winrm", PlayContext(), "/dev/null")
        plugin.set_options(
            var_options={"ansible_winrm_transport": "ntlm", "ansible_winrm_scheme": "http", **self.host.inventory(), "_extras": {}}
        )
        try:
            with RemoteHost(self.host.name, Session.of(plugin), progress=self.progress.append, check_mode=check) as remote:
                return self._converge(make(remote), check)
        finally:
            plugin.close()

    def _converge(self, resource: Resource[Any], check: bool) -> Done:
        try:
            with doing(resource.verb, resource.thing, resource.name):
                observed = resource.read()
                plan = resource.plan(observed)
                if not plan.changed:
                    return Done(plan, resource.report(observed, plan))
                if check:
                    return Done(plan, resource.predict(plan, observed))
                resource.apply(plan, observed)
                return Done(plan, resource.report(resource.read(), plan))
        except ContainersError as error:
            return Done(result=error.result, error=error.sentence(self.host.name))

    def container(self, check: bool = False, **options: Any) -> Done:
        """The module ``container``."""
        defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
        return self.run(lambda remote: Container(remote, {**defaults, "name": "web", **options}), check)

    def base_image(self, check: bool = False, **options: Any) -> Done:
        """The module ``base_image``."""
        return self.run(lambda remote: base_image(remote, {**defaults(BASE_IMAGE), "family": "nanoserver", **options}), check)

    def image(self, check: bool = False, **options: Any) -> Done:
        """The module ``image``."""
        return self.run(lambda remote: image(remote, {**defaults(IMAGE_SPEC), "name": IMAGE, **options}, self._peer), check)

    def _peer(self, name: str) -> RemoteHost:
        """Another host of the fleet, reached as the action reaches it."""
        settings = {"ansible_connection": "winrm", "ansible_winrm_transport": "ntlm", "ansible_winrm_scheme": "http"}
        return open_peer(name, {"hostvars": {key: {**settings, **host.inventory()} for key, host in self.fleet.hosts.items()}})

    def containers(self, entries: list[dict[str, Any]], check: bool = False, **options: Any) -> Done:
        """The module ``container`` with its list."""
        defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
        given = {**options, "containers": entries}
        return self.run(lambda remote: Containers(remote, {**defaults, **given}, given), check)

    @property
    def engine(self) -> Engine:
        return ENGINES[self.machine]

    def requests(self) -> list[str]:
        """Engine requests so far, method and path."""
        return list(self.engine.requests)

    def add_network(self, name: str, **body: Any) -> None:
        """A network made by somebody else."""
        self.fleet.call(lambda: make_network(self.engine.state.networks, {"Name": name, "Driver": "nat", **body}, self.engine.version))

    def there(self, name: str = "web") -> SimulatedContainer | None:
        """The container as it is in the engine, seen behind WinRM's back."""
        return next((entry for entry in self.engine.state.containers.values() if entry.name == name), None)

    def names(self) -> list[str]:
        """All containers, ``name: status``."""
        return sorted(f"{entry.name}: {entry.state.status}" for entry in self.engine.state.containers.values())


async def _install(machine: Machine, version: str) -> None:
    for name in ("docker.exe", "dockerd.exe"):
        machine.files.write(f"{FOLDER}\\{name}", program_bytes(name, version), parents=True)
    machine.services.create("docker", f'"{FOLDER}\\dockerd.exe" --run-service', display_name="Docker Engine", start_mode="Auto")
    await machine.services.start("docker")


def install_engine(fleet: RunningFleet, host: Host, engine: str) -> Site:
    """A host of a fleet, with an engine that runs."""
    fleet.call(lambda: _install(host.machine, engine))
    return Site(host, fleet)


def prepare(fleet: RunningFleet, engine: str = "28.5.2") -> Site:
    """The first host of a fleet, with an engine that runs."""
    return install_engine(fleet, next(iter(fleet.hosts.values())), engine)


@pytest.fixture
def site(fleet: Callable[..., RunningFleet]) -> Callable[..., Site]:
    """Start one host with a running engine: ``site(engine="28.5.2", profile="server-2022", ...)``."""

    def start(engine: str = "28.5.2", **entry: Any) -> Site:
        return prepare(fleet({"name": "ws2022", "profile": "server-2022", "features": {"Containers": "enabled"}, **entry}), engine)

    return start
