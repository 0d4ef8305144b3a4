# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the engine as it is to the engine as it shall be. Pure."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..desired_state import Difference, Plan, Step
from ..errors import OptionError
from ..remote.command_line import command_line, quote_path
from . import configuration
from .releases import accepted_checksums, official_url, parse_version
from .service import EngineService
from .transport import check_pipe

#: docker-on-windows.md section 1, 10.
MINIMUM_BUILD = 17763
LAST_VERSION_BELOW = 20
#: tar.exe and curl.exe came with this build (native-tools.md 4; uncertain there).
TOOLS_BUILD = 17134
SERVICE_NAME = "docker"
_DRIVE_PATH = re.compile(r"[A-Za-z]:\\[^:]+")
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


@dataclass(frozen=True)
class EngineOptions:
    """What the task asks for.

    Args:
        version: ``28.5.2``.
        url: Of the archive; None for the publisher's.
        sha256: Of the archive; None for those of the collection's table.
        install_path: Folder for a new installation.
        config: Merged into daemon.json.
        pipe: Named pipe the engine listens on.
    """

    version: str
    url: str | None = None
    sha256: str | None = None
    install_path: str = r"C:\Program Files\docker"
    config: Mapping[str, Any] = field(default_factory=dict)
    pipe: str = "docker_engine"

    @property
    def source(self) -> str:
        """Where the archive is fetched from."""
        return self.url or official_url(self.version)


@dataclass(frozen=True)
class ObservedEngine:
    """What the host has.

    Args:
        build: The host's Windows build.
        containers: Whether the services of the Containers feature are there.
        service: The engine's service, if one is registered.
        folder: Where the engine's programs lie, or shall lie.
        version: Of ``dockerd.exe`` in that folder; None when there is none, or it does not run.
        config_path: The daemon.json this engine reads.
        config: Its content; None when there is no such file.
    """

    build: int
    containers: bool
    service: EngineService | None
    folder: str
    version: str | None
    config_path: str
    config: bytes | None

    @property
    def running(self) -> bool:
        return self.service is not None and self.service.running

    @property
    def settings(self) -> dict[str, Any]:
        """The keys of daemon.json. Raises OptionError when it is no JSON."""
        return configuration.parse(self.config, self.config_path)


def check_options(options: EngineOptions) -> EngineOptions:
    """The options, normalised. Raises OptionError for what can be refused without looking at the host."""
    major = parse_version(options.version)[0]
    if options.sha256:
        accepted_checksums(options.version, options.sha256)
    check_pipe(options.pipe)
    _check_url(options.source)
    configuration.check(options.config, major)
    folder = options.install_path.replace("/", "\\").rstrip("\\")
    if not _DRIVE_PATH.fullmatch(folder):
        raise OptionError(
            f'the option install_path is "{options.install_path}", which is no folder on a drive of the host',
            r"Give an absolute path, for example C:\Program Files\docker",
        )
    quote_path(folder)
    command_line(folder + r"\dockerd.exe")
    return EngineOptions(options.version, options.url, options.sha256, folder, options.config, options.pipe)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OptionError(
            f'the option url is "{url}", which is no address of HTTP or HTTPS', "Give the address of the archive docker-<version>.zip"
        )
    if "@" in parts.netloc:
        raise OptionError(
            "the option url holds credentials, which would stand in a command line on the host", "Use an address that needs none"
        )
    command_line("curl.exe", [url])


def plan_engine(options: EngineOptions, observed: ObservedEngine) -> Plan:
    """The steps to the engine asked for.

    Raises:
        OptionError: The host cannot run this engine, the archive's checksum is not known, or the configuration would keep the
            engine from starting.
    """
    _check_host(options, observed)
    install = observed.version != options.version
    checksums = accepted_checksums(options.version, options.sha256) if install else ()
    wanted = _wanted_settings(options, observed)
    configure = wanted != observed.settings or _must_lose_mark(options, observed)
    interrupt = observed.running and (install or configure)
    steps = []
    if install:
        steps.append(_stage(options, observed, checksums))
    if interrupt:
        steps.append(Step("stop", f'stop the service "{_service(observed)}"'))
    if install:
        steps.append(Step("place", f"put docker.exe and dockerd.exe into {observed.folder}"))
    if observed.service is None:
        steps.append(Step("register", f'register the service "{SERVICE_NAME}"'))
    if configure:
        steps.append(Step("configure", f"write {observed.config_path}", {"content": configuration.serialise(wanted)}))
    if interrupt or not observed.running:
        steps.append(Step("start", f'start the service "{_service(observed)}"'))
    return Plan(tuple(steps), _differences(options, observed, wanted, configure))


def _stage(options: EngineOptions, observed: ObservedEngine, checksums: tuple[str, ...]) -> Step:
    return Step(
        "stage",
        f"download {options.source} and verify it",
        {
            "url": options.source,
            "checksums": checksums,
            # Beside the target: on the same volume, so that putting in place is a rename, and writable by administrators only.
            "staging": ntpath.join(ntpath.dirname(observed.folder), f".winfleet-docker-{options.version}"),
        },
    )


def _check_host(options: EngineOptions, observed: ObservedEngine) -> None:
    major = parse_version(options.version)[0]
    if major > LAST_VERSION_BELOW and observed.build < MINIMUM_BUILD:
        raise OptionError(
            f"engine {options.version} needs Windows build {MINIMUM_BUILD} (Server 2019) or later, and this host is build {observed.build}",
            "Choose version 20.10.x, or a newer Windows",
        )
    if observed.build < TOOLS_BUILD and observed.version != options.version:
        raise OptionError(
            f"Windows build {observed.build} has neither curl.exe nor tar.exe, with which the archive is fetched and unpacked",
            "Install the engine by other means; installing on Windows Server 2016 is not supported yet",
        )
    if not observed.containers:
        raise OptionError(
            "the Windows feature Containers is not active (there is no service hns), and without it the engine does not start",
            "Enable it with the module host_feature and reboot the host",
        )


def _wanted_settings(options: EngineOptions, observed: ObservedEngine) -> dict[str, Any]:
    current = observed.settings
    wanted = configuration.merge(current, options.config)
    if observed.service is not None:
        changed = [key for key, value in wanted.items() if key not in current or current[key] != value]
        configuration.check_flags(changed, configuration.flags(observed.service.command))
    configuration.check_pipe_is_served(wanted, options.pipe)
    return wanted


def _must_lose_mark(options: EngineOptions, observed: ObservedEngine) -> bool:
    """Engines before 23 call a file with a byte order mark invalid JSON (docker-on-windows.md section 1, daemon.json)."""
    return parse_version(options.version)[0] < 23 and configuration.has_byte_order_mark(observed.config)


def _differences(options: EngineOptions, observed: ObservedEngine, wanted: dict[str, Any], configure: bool) -> tuple[Difference, ...]:
    found = []
    if observed.version != options.version:
        found.append(Difference("version", observed.version, options.version))
    if observed.service is None:
        found.append(Difference("service", None, SERVICE_NAME))
    if configure:
        found.append(Difference("config", public(observed.settings), public(wanted)))
    if not observed.running:
        found.append(Difference("state", observed.service.state if observed.service else None, "Running"))
    return tuple(found)


def _service(observed: ObservedEngine) -> str:
    return observed.service.name if observed.service else SERVICE_NAME


def public(value: Any) -> Any:
    """A setting without the credentials that addresses in it may hold (proxies)."""
    if isinstance(value, str):
        return _CREDENTIALS.sub("//***@", value)
    if isinstance(value, Mapping):
        return {key: public(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [public(inner) for inner in value]
    return value


def predicted(options: EngineOptions, observed: ObservedEngine, plan: Plan) -> dict[str, Any]:
    """The result check mode gives: what a run would read back."""
    settings = configuration.merge(observed.settings, options.config)
    return {
        "version": options.version,
        "service": _service(observed),
        "path": observed.folder,
        "config": public(settings),
        "restarted": restarts(plan),
    }


def restarts(plan: Plan) -> bool:
    """Whether the plan stops a running engine and starts it again."""
    return {"stop", "start"} <= {step.action for step in plan.steps}
