# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a host forbids the engine asked for, said before anything is touched. Pure."""

from __future__ import annotations

from ..errors import OptionError
from .options import EngineOptions
from .releases import parse_version
from .state import SERVICE_NAME, ObservedEngine

#: docker-on-windows.md section 1, 10.
MINIMUM_BUILD = 17763
LAST_VERSION_BELOW = 20
#: tar.exe and curl.exe came with this build (native-tools.md 4; uncertain there).
TOOLS_BUILD = 17134


def runs(version: str, build: int) -> bool:
    """Whether an engine version runs on a build of Windows."""
    return build >= MINIMUM_BUILD or parse_version(version)[0] <= LAST_VERSION_BELOW


def check_host(options: EngineOptions, observed: ObservedEngine, target: str) -> None:
    """Refuse what this Windows, its features, its other software or its drives do not let be. Raises OptionError."""
    if not runs(target, observed.build):
        raise OptionError(
            f"engine {target} needs Windows build {MINIMUM_BUILD} (Server 2019) or later, and this host is build {observed.build}",
            "Choose version 20.10.x, or a newer Windows",
        )
    if observed.build < TOOLS_BUILD and (observed.version != target or not observed.client) and options.source == "host":
        raise OptionError(
            f"Windows build {observed.build} has no tar.exe, with which an archive on the host is unpacked",
            "Set source to controller, and path to the archive on the controller",
        )
    if not observed.containers and not options.ahead:
        raise OptionError(
            "the Windows feature Containers is not active (there is no service hns), and without it the engine does not start",
            "Enable it with the module host_feature and reboot the host",
        )
    _check_others(options, observed)
    _check_dependencies(options, observed)
    if observed.missing_files:
        key, path = next(iter(observed.missing_files.items()))
        raise OptionError(f'the key {key} in config names the file "{path}", which the host does not have', "Copy it there before")
    if observed.drive_problems:
        raise OptionError(observed.drive_problems[0], "Correct the option install_path, or the key data-root in config")


def _check_others(options: EngineOptions, observed: ObservedEngine) -> None:
    """Software that has taken the service's name, or the pipe."""
    if observed.taken:
        raise OptionError(
            f'a service "{SERVICE_NAME}" is there that does not start dockerd.exe itself, but {observed.taken}',
            f"Remove that service, for example with 'sc delete {SERVICE_NAME}' on the host, and run the task again",
        )
    if observed.desktop_engine and not observed.running and options.pipe == "docker_engine":
        raise OptionError(
            "Docker Desktop's own Windows engine runs there, which holds the named pipe docker_engine and the folder C:\\ProgramData\\docker",
            "Switch it to Linux containers, remove it, or give this engine another pipe and another folder (engine_pipe, and hosts and "
            "data-root in config)",
        )


def _check_dependencies(options: EngineOptions, observed: ObservedEngine) -> None:
    """A service that depends on one that is not there does not start any more, and that shows only at the next boot."""
    wanted = options.service.dependencies or ()
    itself = [name for name in wanted if name.lower() == observed.service_name.lower()]
    if itself:
        raise OptionError(f'the option service.dependencies names the engine\'s own service "{itself[0]}"', "Remove the name")
    # In a prediction the feature that brings a service may still be missing.
    if observed.missing_services and (observed.containers or not options.ahead):
        raise OptionError(
            f'the option service.dependencies names the service "{observed.missing_services[0]}", which the host does not have',
            "Give names as 'sc query' shows them",
        )
