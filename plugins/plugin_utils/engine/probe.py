# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at the engine a host has: service, programs, configuration, and what else a task needs to know."""

from __future__ import annotations

import ntpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..host.facts import read_version as read_host_version
from ..host.runtimes import DESKTOP_SERVICE, desktop_engine_runs, program_of
from ..host.storage import read_drives, storage_problems
from ..remote.cim import quote
from ..remote.command_line import quote_path
from . import configuration, surroundings
from .config_values import CERTIFICATES
from .load import Drain
from .options import EngineOptions
from .service import WIN32_SERVICE, choose_service, parse_service
from .state import DRAINED_NAME, LITTER, SERVICE_NAME, STRAY, SYSTEM32, ObservedEngine, staging_of

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_VERSION = re.compile(r"version (\d+\.\d+\.\d+)")
_LEFTOVER = "winfleet-leftover"
_CLIENT = "winfleet-client"


def read_version(host: RemoteHost, program: str) -> str | None:
    """What ``dockerd.exe --version`` says; None when it is missing or does not run here.

    The line begins with cmd's ``if``, so that cmd does not strip the quotes around the program's path.
    """
    quoted = quote_path(program)
    return _version(host.programs.shell_builtin(f"if exist {quoted} ({quoted} --version)").text)


def _version(text: str) -> str | None:
    match = _VERSION.search(text)
    return match[1] if match else None


def observe(host: RemoteHost, options: EngineOptions) -> ObservedEngine:
    """Read all that every plan depends on: three CIM requests, two lines of cmd."""
    dependencies = options.service.dependencies or ()
    wanted = "".join(f" OR Name={quote(name)}" for name in ("hns", DESKTOP_SERVICE, SERVICE_NAME, *dependencies))
    instances = host.cim.query(WIN32_SERVICE, where=f"PathName LIKE '%dockerd%'{wanted}")
    commands = {str(instance.get("Name")).lower(): str(instance.get("PathName")) for instance in instances}
    services = [service for instance in instances if (service := parse_service(instance))]
    service = choose_service(services)
    folder = service.folder if service else options.install_path
    path = configuration.file_path(configuration.flags(service.command) if service else {})
    program, client = (quote_path(ntpath.join(folder, name)) for name in ("dockerd.exe", "docker.exe"))
    staging = quote_path(staging_of(options.install_path if options.move else folder))
    beside = ntpath.dirname(path)
    config_folder = quote_path(beside)
    done = host.programs.shell_builtin(
        f"(if exist {program} ({program} --version)) & (if exist {client} (echo {_CLIENT})) & (if exist {staging} (echo {_LEFTOVER})) & "
        f"(if exist {config_folder} (dir /B /A {config_folder}))"
    )
    lines = [line.strip() for line in done.text.splitlines()]
    return ObservedEngine(
        build=read_host_version(host).build,
        containers="hns" in commands,
        service=service,
        folder=folder,
        version=_version(done.text),
        config_path=path,
        config=host.files.read(path),
        client=_CLIENT in lines,
        leftover=_LEFTOVER in lines,
        litter=tuple(ntpath.join(beside, name) for name in lines if LITTER in name),
        drained=Drain(host, options.pipe, ntpath.join(beside, DRAINED_NAME)).read() if DRAINED_NAME in lines else (),
        desktop=DESKTOP_SERVICE in commands,
        taken="" if service else program_of(commands.get(SERVICE_NAME, "")),
        missing_services=tuple(name for name in dependencies if name.lower() not in commands),
    )


def observe_surroundings(host: RemoteHost, options: EngineOptions, observed: ObservedEngine) -> ObservedEngine:
    """What only some options make worth a look."""
    absent, service = options.state == "absent", observed.service
    if service and options.service.asks and not absent:
        observed = replace(observed, settings_of_service=surroundings.read_service_settings(host, service.name))
    moves = options.move and not configuration.same_path(observed.folder, options.install_path)
    if options.add_to_path or absent or moves:
        observed = replace(observed, machine_path=surroundings.read_path(host))
    if options.firewall_ports is not None or absent:
        observed = replace(observed, firewall_ports=surroundings.read_firewall_ports(host))
    if options.move and not configuration.same_path(observed.folder, SYSTEM32):
        observed = replace(observed, stray=host.files.exists(STRAY))
    if observed.desktop and not observed.running and not absent:
        observed = replace(observed, desktop_engine=desktop_engine_runs(host))
    if absent:
        return observed
    return replace(observed, missing_files=_missing_files(host, options, observed), drive_problems=_drive_problems(host, options, observed))


def _missing_files(host: RemoteHost, options: EngineOptions, observed: ObservedEngine) -> dict[str, str]:
    """Certificates the task names anew and the host does not have: the engine would stop for the change and not start with it."""
    before = configuration.parse_or_nothing(observed.config)
    named = {key: str(path) for key in CERTIFICATES if (path := options.config.get(key)) and path != before.get(key)}
    return {key: path for key, path in named.items() if not host.files.exists(path)}


def _drive_problems(host: RemoteHost, options: EngineOptions, observed: ObservedEngine) -> tuple[str, ...]:
    """What is wrong with drives an engine would move to; Windows' own, on which all defaults lie, needs no look."""
    places = {"data-root": str(options.config.get("data-root") or observed.data_root)}
    if options.move or observed.service is None:
        places["programs"] = options.install_path
    before = {"data-root": observed.data_root, "programs": observed.folder} if observed.running else {}
    drives = {use: ntpath.splitdrive(place)[0].upper() for use, place in places.items() if place != before.get(use)}
    asked = sorted(set(drives.values()) - {"C:"})
    if not asked:
        return ()
    found = read_drives(host, asked)
    return tuple(
        problem
        for use, drive in drives.items()
        if drive in asked
        for problem in storage_problems(drive, drive in found, found.get(drive, "") if use == "data-root" else "", False)
    )
