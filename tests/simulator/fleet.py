# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet: many simulated machines behind WinRM in one event loop, from a file or a dictionary."""

from __future__ import annotations

import asyncio
import errno
import inspect
import resource
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml

from . import fleet_file
from .addresses import Addresses
from .control import Control
from .engine.mirror import Mirror
from .engine.registry import Registry
from .faults import Faults
from .programs.dockerd import use_registry
from .windows.machine import LogLine, Machine
from .wsman.server import WinrmServer
from .wsman.settings import WinrmSettings

T = TypeVar("T")
DEFAULT_PORT = 5985
#: Keys of a fleet.
KEYS = ("hosts", "defaults", "faults", "registry", "mirror", "ports", "control")
#: Keys of a host's entry that do not belong to the machine.
_OWN_KEYS = ("name", "profile", "address", "port", "winrm", "faults")


class Host:
    """One machine and its WinRM.

    Attributes:
        name: As in the fleet file (the machine's own name is in capitals, at most 15 characters).
        machine: The Windows.
        winrm: The listener.
        faults: Trouble on purpose.
    """

    def __init__(self, entry: Mapping[str, Any], addresses: Addresses) -> None:
        self.name: str = str(entry["name"])
        overrides = {key: value for key, value in entry.items() if key not in _OWN_KEYS}
        self.machine = Machine(self.name, entry["profile"], **overrides)
        self.port = int(entry.get("port", DEFAULT_PORT))
        wanted = entry.get("address")
        if wanted:
            self.address = addresses.take(str(wanted), self.port)
        else:
            self.address, self.port = addresses.next(self.port)
        self.faults = Faults(entry.get("faults", ()))
        settings = WinrmSettings.load(entry.get("winrm", {}))
        if settings.https_port and not wanted and addresses.by_port:
            settings.https_port = addresses.next(0)[1]
        self.winrm = WinrmServer(self.machine, self.address, self.port, settings, self.faults)

    @property
    def messages(self) -> Counter[str]:
        """WS-Man messages so far, by kind."""
        return self.winrm.messages

    @property
    def settings(self) -> WinrmSettings:
        """Quotas and switches of the WinRM service; may be changed while it runs."""
        return self.winrm.settings

    def inventory(self) -> dict[str, Any]:
        """The host's variables for Ansible: the first account, NTLM over HTTP with sealed messages."""
        user, password = next(iter(self.machine.accounts.items()))
        return {
            "ansible_host": self.address,
            "ansible_port": self.port,
            "ansible_user": user,
            "ansible_password": password,
        }


class Fleet:
    """Use as ``async with Fleet.load(data) as fleet``.

    Attributes:
        hosts: By name.
        machines: By name, for short.
        registry: The container registries all engines of the fleet reach.
        mirror: Where the engine's archives are downloaded from.
        control: Looks into the running fleet and makes trouble; starts on its own: ``await fleet.control.start()``.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        fleet_file.check(data, KEYS)
        _raise_open_files()
        self._addresses = Addresses(data.get("ports", 0))
        self.control = Control(self, data.get("control", 0))
        with fleet_file.naming("registry"):
            self.registry = Registry.standard(data.get("registry"))
        with fleet_file.naming("mirror"):
            self.mirror = Mirror.load(data.get("mirror"))
        defaults, faults = data.get("defaults", {}), list(data.get("faults", ()))
        self.hosts = {host.name: host for host in (self._host({**defaults, **entry}, faults) for entry in data.get("hosts", ()))}
        self.machines = {name: host.machine for name, host in self.hosts.items()}
        self._log_listeners: list[Callable[[str, LogLine], None]] = []
        for host in self.hosts.values():
            use_registry(host.machine, self.registry)
            host.machine.log_listeners.append(partial(self._log, host.name))

    def _host(self, entry: Mapping[str, Any], faults: list[Mapping[str, Any]]) -> Host:
        with fleet_file.naming(f'host "{entry["name"]}"'):
            return Host({**entry, "faults": [*faults, *entry.get("faults", ())]}, self._addresses)

    @classmethod
    def load(cls, source: Mapping[str, Any] | str | Path) -> Fleet:
        """From a dictionary or a YAML file. Raises FleetError on what it does not know."""
        return cls(source if isinstance(source, Mapping) else fleet_file.read(Path(source)))

    async def __aenter__(self) -> Fleet:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open all ports. Raises FleetError when one is taken; then none stays open."""
        try:
            await self.mirror.start()
            for host in self.hosts.values():
                with _listening(host):
                    await host.winrm.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close everything and end all that runs, without a word."""
        self._log_listeners.clear()
        await self.control.stop()
        for host in self.hosts.values():
            await host.winrm.close()
            host.machine.running = False  # so that no service recovers from what follows
            # An engine that is only cancelled would wait for ever for containers that were cancelled with it.
            await host.machine.services.shut_down()
            await host.machine.kill_tasks()
        await self.mirror.close()
        self._addresses.release()

    def on_log(self, listener: Callable[[str, LogLine], None]) -> None:
        """Call ``listener(host name, line)`` for every line of every machine."""
        self._log_listeners.append(listener)

    def _log(self, name: str, line: LogLine) -> None:
        for listener in self._log_listeners:
            listener(name, line)

    def inventory(self) -> dict[str, Any]:
        """An inventory for Ansible's YAML plugin: group ``windows`` with all hosts."""
        variables = {
            "ansible_connection": "winrm",
            "ansible_winrm_scheme": "http",
            "ansible_winrm_transport": "ntlm",
            "ansible_winrm_server_cert_validation": "ignore",
            "winfleet_mirror_url": self.mirror.url,
            "winfleet_engine_sha256": self.mirror.sha256,
        }
        if self.control.running:
            variables["winfleet_control_url"] = self.control.url
        hosts = {name: host.inventory() for name, host in self.hosts.items()}
        return {"all": {"children": {"windows": {"hosts": hosts, "vars": variables}}}}


class RunningFleet:
    """A fleet that runs in a thread of its own, for tests that block."""

    def __init__(self, fleet: Fleet, loop: asyncio.AbstractEventLoop) -> None:
        self.fleet, self._loop = fleet, loop

    @property
    def hosts(self) -> dict[str, Host]:
        return self.fleet.hosts

    @property
    def machines(self) -> dict[str, Machine]:
        return self.fleet.machines

    @property
    def mirror_url(self) -> str:
        """The folder the engine's archives lie in: ``<mirror_url>/docker-28.5.2.zip``."""
        return self.fleet.mirror.url

    def inventory(self) -> dict[str, Any]:
        """See :meth:`Fleet.inventory`."""
        return self.fleet.inventory()

    def write_inventory(self, path: str | Path) -> Path:
        """Write the inventory to a file for ``ansible-playbook -i``; that file."""
        target = Path(path)
        target.write_text(yaml.safe_dump(self.inventory(), sort_keys=False), encoding="utf-8")
        return target

    def call(self, work: Any, timeout: float = 30) -> Any:
        """Run a coroutine, or call a function, in the fleet's thread; its result. Touch state only in this way."""

        async def run() -> Any:
            result = work() if callable(work) else work
            return await result if inspect.isawaitable(result) else result

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout)


@contextmanager
def running_fleet(source: Mapping[str, Any] | str | Path) -> Iterator[RunningFleet]:
    """A started fleet for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fleet", daemon=True)
    thread.start()

    async def start() -> Fleet:
        fleet = Fleet.load(source)
        await fleet.start()
        return fleet

    try:
        fleet = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        try:
            yield RunningFleet(fleet, loop)
        finally:
            asyncio.run_coroutine_threadsafe(fleet.stop(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        _finish(loop)


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left, so that nothing complains when the loop is collected."""
    # An engine that is cancelled gives its containers their time to end, as at a shutdown; the second time nobody is left to wait.
    for seconds in (0.1, 2):
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=seconds))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@contextmanager
def _listening(host: Host) -> Iterator[None]:
    """Say which host cannot have its port, and why."""
    try:
        yield
    except OSError as problem:
        where = f"the address {host.address} with port {host.port}"
        reasons = {errno.EADDRINUSE: f"{where} is in use", errno.EADDRNOTAVAIL: f"{host.address} is no address of this computer"}
        cause = reasons.get(problem.errno or 0, f"{where} cannot be listened on ({problem.strerror or problem})")
        advice = "End the program that has it, or give the host another address or port"
        raise fleet_file.FleetError(f'host "{host.name}": {cause}', advice) from problem


def _raise_open_files() -> None:
    """Many hosts need many sockets: use what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
