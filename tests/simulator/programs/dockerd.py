# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dockerd.exe: registers itself as a service, checks its configuration, and is the engine behind the named pipe.

Which release it is stands in the file itself: the download mirror's files carry ``Docker Engine simulated X.Y.Z``.
Facts: docker-on-windows.md 1.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..engine import Engine, EngineState, Registry
from ..engine.daemon_config import ConfigError, check_values, pipe_names, read_config
from ..engine.machine_host import MachineHost
from ..engine.versions import EngineVersion
from ..streams import Duplex
from ..windows.service import Service
from ..windows.services import SERVICE_MAINS, executable
from . import argv
from .process import Process, program

if TYPE_CHECKING:
    from ..windows.machine import Machine

#: What each machine's data roots hold; it outlives services and boots.
_STATES: WeakKeyDictionary[Machine, dict[str, EngineState]] = WeakKeyDictionary()
#: The engine that runs on a machine, for tests and for the bridge between layers.
ENGINES: WeakKeyDictionary[Machine, Engine] = WeakKeyDictionary()
#: What the last engine of a machine knew; its networks stay with the host's network service after it.
LAST_STATES: WeakKeyDictionary[Machine, EngineState] = WeakKeyDictionary()
_REGISTRIES: WeakKeyDictionary[Machine, Registry] = WeakKeyDictionary()
EVENT_SOURCES = "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application"
_LIST_FLAGS = {"-H": "hosts", "--host": "hosts", "--exec-opt": "exec-opts", "--label": "labels", "--registry-mirror": "registry-mirrors",
               "--insecure-registry": "insecure-registries", "--storage-opt": "storage-opts", "--dns": "dns"}  # fmt: skip
_TEXT_FLAGS = {"--data-root": "data-root", "-G": "group", "--group": "group", "--bridge": "bridge", "-b": "bridge", "--fixed-cidr": "fixed-cidr",
               "-l": "log-level", "--log-level": "log-level", "-p": "pidfile", "--pidfile": "pidfile", "--tlscacert": "tlscacert",
               "--tlscert": "tlscert", "--tlskey": "tlskey", "--log-driver": "log-driver"}  # fmt: skip
_SWITCHES = {"-D": "debug", "--debug": "debug", "--experimental": "experimental", "--tls": "tls", "--tlsverify": "tlsverify"}


class UsageError(Exception):
    """The command line is wrong."""


def version_of(machine: Machine, path: str) -> EngineVersion:
    """The release of a docker.exe or dockerd.exe on disk. Raises UsageError for a file that is none."""
    found = re.search(rb"Docker Engine simulated (\d+\.\d+\.\d+)", machine.files.read(path))
    if not found:
        raise UsageError(f"{path} is not a program of the simulated Docker Engine")
    return EngineVersion.parse(found[1].decode())


@dataclass
class Options:
    """The command line, taken apart."""

    config_file: str = ""
    service_name: str = "docker"
    register: bool = False
    unregister: bool = False
    run_service: bool = False
    validate: bool = False
    version: bool = False
    flags: dict[str, Any] = field(default_factory=dict)  #: daemon.json keys given as flags
    kept: list[str] = field(default_factory=list)  #: arguments that go into the service's image path

    @classmethod
    def parse(cls, arguments: list[str]) -> Options:
        """Raises UsageError for an unknown flag."""
        options, rest = cls(), list(arguments)
        while rest:
            word = rest.pop(0)
            name, sign, value = word.partition("=")
            if name in _LIST_FLAGS or name in _TEXT_FLAGS or name in ("--config-file", "--service-name"):
                taken = [word] if sign else [word, *rest[:1]]
                text = value if sign else (rest.pop(0) if rest else "")
                options._value(name, text)
                options.kept += taken
            else:
                options._switch(name, word)
        return options

    def _value(self, name: str, text: str) -> None:
        if name == "--config-file":
            self.config_file = text
        elif name == "--service-name":
            self.service_name = text
        elif name in _LIST_FLAGS:
            self.flags.setdefault(_LIST_FLAGS[name], []).append(text)
        else:
            self.flags[_TEXT_FLAGS[name]] = text

    def _switch(self, name: str, word: str) -> None:
        own = {"--register-service": "register", "--unregister-service": "unregister", "--run-service": "run_service",
               "--validate": "validate", "--version": "version", "-v": "version"}  # fmt: skip
        if name in own:
            setattr(self, own[name], True)
        elif name in _SWITCHES:
            self.flags[_SWITCHES[name]] = True
            self.kept.append(word)
        elif name.startswith("-"):
            raise UsageError(f"unknown flag: {name}\nSee 'dockerd --help'.")
        else:
            raise UsageError(f"unknown command: dockerd {word}\nSee 'dockerd --help'.")


@program("dockerd.exe")
async def dockerd(process: Process) -> int:
    """The program on the command line."""
    machine = process.machine
    try:
        version = version_of(machine, process.path)
        options = Options.parse(process.arguments[1:])
        if options.version:
            await process.print(f"Docker version {version}, build simulated\n")
            return 0
        if options.register or options.unregister:
            return await _service_change(process, options, version)
        if options.validate and version.major < 23:
            raise UsageError("unknown flag: --validate\nSee 'dockerd --help'.")  # new with 23.0: moby pull request 42393
        config = configuration(machine, options, version)
    except (UsageError, ConfigError) as error:
        await process.complain(f"{error}\n")
        return 1
    if options.validate:
        await process.complain("configuration OK\n")
        return 0
    try:
        await run_engine(machine, version, config, process.pid, asyncio.Event(), lambda: None)
    except ConfigError as error:
        await process.complain(f"{fatal(str(error))}\n")
        return 1
    return 0


def fatal(text: str) -> str:
    """A line of the daemon's log."""
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f'time="{moment}000Z" level=fatal msg="{text}"'


async def _service_change(process: Process, options: Options, version: EngineVersion) -> int:
    if options.register and options.unregister:
        await process.complain(f"{fatal('--register-service and --unregister-service cannot be used together')}\n")
        return 1
    if not process.elevated:
        await process.complain(f"{fatal('Access is denied.')}\n")
        return 1
    if options.unregister:
        return await _unregister(process, options)
    return await _register(process, options, version)


async def _register(process: Process, options: Options, version: EngineVersion) -> int:
    machine, name = process.machine, options.service_name
    quoted = [f'"{word}"' if " " in word else word for word in options.kept]
    path = " ".join([f'"{process.path}"', "--run-service", *quoted])
    missing = "" if version < EngineVersion(29, 2) else requirements(machine, version)
    if missing and version == EngineVersion(29, 2):
        await process.complain(f"{fatal(missing)}\n")
        return 1
    needed = ["ConDrv"] if machine.profile.build == 14393 else []  # cmd/dockerd/service_windows.go until 20.10: needed on this build only
    code = machine.services.create(name, path, display_name="Docker Engine", start_mode="Auto", dependencies=needed)
    if code:
        text = "The specified service already exists." if code in (1073, 1078) else "The specified service has been marked for deletion."
        await process.complain(f"{fatal(text)}\n")
        return 1
    service = machine.services.get(name)
    if service is not None:
        delay = recovery_delay(version)
        service.failure_reset, service.failure_actions = 86400, [("restart", delay), ("restart", delay), ("", 0)]
        machine.services.save(service)
    machine.registry.set(f"{EVENT_SOURCES}\\{name}", "TypesSupported", 7)
    machine.registry.set(f"{EVENT_SOURCES}\\{name}", "EventMessageFile", process.path)
    if missing:
        await process.complain(f"Windows service registration was successful but system requirements were not met: {missing}\n")
    return 0


def recovery_delay(version: EngineVersion) -> int:
    """Milliseconds before the service manager restarts a failed engine.

    The facts disagree (native-tools.md 2: 60 s; docker-on-windows.md 1.6: 15 s), and both are right: moby's service_windows.go says 60 s at
    commit 04472304 (20.10), 15 s at commit 16db27c8 (29). Where it changed in between is *unverified*: with 23, when that code was rewritten.
    """
    return 60_000 if version < EngineVersion(23, 0) else 15_000


async def _unregister(process: Process, options: Options) -> int:
    machine, name = process.machine, options.service_name
    code = machine.services.delete(name)
    if code:
        text = (
            "The specified service does not exist as an installed service."
            if code == 1060
            else "The specified service has been marked for deletion."
        )
        await process.complain(f"{fatal(text)}\n")
        return 1
    machine.registry.delete_key(f"{EVENT_SOURCES}\\{name}")
    return 0


def requirements(machine: Machine, version: EngineVersion) -> str:
    """What the system lacks, in dockerd's words; empty when it lacks nothing (facts 1.10 and 1.11)."""
    if machine.profile.build < version.minimum_build:
        return f"this version of Windows does not support the docker daemon (Windows build {version.minimum_build} or higher is required)"
    if machine.services.get("vmcompute") is None and machine.services.get("hns") is None:
        return "failed to load vmcompute.dll, ensure that the Containers feature is installed"
    for name in ("hns", "vmcompute"):
        if machine.services.get(name) is None:
            text = "The specified service does not exist as an installed service."
            return f"a required service is not installed, ensure the Containers feature is installed: failed to open service {name}: {text}"
    return ""


def configuration(machine: Machine, options: Options, version: EngineVersion) -> dict[str, Any]:
    """daemon.json (missing is fine unless named) and flags together. Raises ConfigError."""
    root = options.flags.get("data-root") or "C:\\ProgramData\\docker"
    file = options.config_file or f"{root}\\config\\daemon.json"
    if not machine.files.is_file(file):
        if options.config_file:
            text = f"open {file}: The system cannot find the file specified."
            raise ConfigError(f"unable to configure the Docker daemon with file {file}: {text}")
        check_values(options.flags, version)
        return dict(options.flags)
    return read_config(machine.files.read(file), file, options.flags, version)


def _state(machine: Machine, data_root: str) -> EngineState:
    """What lies under a data root; a root that was deleted starts empty."""
    states = _STATES.setdefault(machine, {})
    marker = f"{data_root}\\engine-id"
    state = states.get(data_root.lower())
    if state is None or not machine.files.is_file(marker):
        state = states[data_root.lower()] = EngineState()
        machine.files.write(marker, state.id.encode(), parents=True)
        for folder in ("containers", "image", "network", "tmp", "volumes", "windowsfilter"):
            machine.files.make_folder(f"{data_root}\\{folder}")
    return state


def use_registry(machine: Machine, registry: Registry) -> None:
    """Tell the engines of a machine which registries they reach (a fleet shares one set)."""
    _REGISTRIES[machine] = registry


def _registry(machine: Machine) -> Registry:
    """The fleet's registries; a machine outside a fleet gets the standard ones."""
    if machine not in _REGISTRIES:
        _REGISTRIES[machine] = Registry.standard()
    return _REGISTRIES[machine]


class EnginePipe:
    """The engine's end of a named pipe.

    Attributes:
        byte_mode: The pipe is in byte mode (a switch for tests): a client cannot half-close it (docker-on-windows.md 9.3).
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.byte_mode = False

    async def __call__(self, end: Duplex) -> None:
        await self.engine.serve(end)


async def run_engine(machine: Machine, version: EngineVersion, config: Mapping[str, Any], pid: int, stop: asyncio.Event, up: Any) -> None:
    """Be the engine until ``stop``. Raises ConfigError when it cannot start."""
    missing = requirements(machine, version)
    if missing:
        prefix = "system requirements not met: " if version >= EngineVersion(29, 2) else ""
        raise ConfigError(f"{prefix}{missing}")
    names = pipe_names(config)
    for name in names:
        if name in machine.pipes:
            raise ConfigError(f"failed to load listeners: open //./pipe/{name}: Access is denied.")
    root = str(config.get("data-root") or "C:\\ProgramData\\docker")
    state = _state(machine, root)
    host = MachineHost(machine, pid)
    engine = Engine(host, version=str(version), config=config, registry=_registry(machine), state=state, boot=machine.power.boots)
    machine.files.write(f"{root}\\docker.pid", str(pid).encode())
    await engine.start()
    ENGINES[machine] = engine
    LAST_STATES[machine] = state
    for name in names:
        machine.pipes[name] = EnginePipe(engine)
    up()
    try:
        await stop.wait()
    finally:
        for name in names:
            machine.pipes.pop(name, None)
        ENGINES.pop(machine, None)
        await engine.stop()
        if machine.files.is_file(f"{root}\\docker.pid"):
            machine.files.delete(f"{root}\\docker.pid")


async def run_service(machine: Machine, service: Service) -> int:
    """dockerd as a service: 0 after a stop, 1067 when it cannot start; the reason goes to the event log."""
    try:
        version = version_of(machine, executable(service.path))
        options = Options.parse(argv.split(service.path)[1:])
        config = configuration(machine, options, version)
        await run_engine(machine, version, config, service.pid, service.stop_requested, service.running)
    except (UsageError, ConfigError) as error:
        _report(machine, service, str(error))
        return 1067
    return 0


def _report(machine: Machine, service: Service, text: str) -> None:
    """A fatal entry: event 4 of the service's source in the Application log (facts 1.7; it begins with ``fatal: ``, 1 daemon.json)."""
    machine.application_events.append((machine.now(), service.name, 4, f"fatal: {text}"))
    machine.log("service", f"{service.name}: fatal: {text}")


SERVICE_MAINS["dockerd.exe"] = run_service
