# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at the engine a host has: service, programs, configuration."""

from __future__ import annotations

import ntpath
import re
from typing import TYPE_CHECKING

from ..host.facts import read_version as read_host_version
from ..remote.command_line import quote_path
from . import configuration
from .desired import EngineOptions, ObservedEngine
from .service import WIN32_SERVICE, choose_service, parse_service

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_VERSION = re.compile(r"version (\d+\.\d+\.\d+)")


def read_version(host: RemoteHost, program: str) -> str | None:
    """What ``dockerd.exe --version`` says; None when it is missing or does not run here.

    The line begins with cmd's ``if``, so that cmd does not strip the quotes around the program's path.
    """
    quoted = quote_path(program)
    done = host.programs.shell_builtin(f"if exist {quoted} ({quoted} --version)")
    match = _VERSION.search(done.text)
    return match[1] if match else None


def observe(host: RemoteHost, options: EngineOptions) -> ObservedEngine:
    """Read all that the plan depends on: three CIM requests, two lines of cmd."""
    instances = host.cim.query(WIN32_SERVICE, where="PathName LIKE '%dockerd%' OR Name='hns'")
    services = [service for instance in instances if (service := parse_service(instance))]
    service = choose_service(services)
    folder = service.folder if service else options.install_path
    path = configuration.file_path(configuration.flags(service.command) if service else {})
    return ObservedEngine(
        build=read_host_version(host).build,
        containers=any(str(instance.get("Name")).lower() == "hns" for instance in instances),
        service=service,
        folder=folder,
        version=read_version(host, ntpath.join(folder, "dockerd.exe")),
        config_path=path,
        config=host.files.read(path),
    )
