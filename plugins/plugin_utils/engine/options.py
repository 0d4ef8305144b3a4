# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks of the engine, and what of it can be refused without looking at the host. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ..errors import OptionError
from ..remote.command_line import command_line, quote_path
from . import configuration
from .releases import Range, check_checksums, official_url, parse_range, parse_version
from .service_options import ServiceOptions, check_service
from .transport import check_pipe

_DRIVE_PATH = re.compile(r"[A-Za-z]:\\[^:]+")
_VERSION_MARK = "{version}"


@dataclass(frozen=True)
class EngineOptions:
    """What the task asks for; names and meanings are those of the module's options.

    Args:
        version: A version or a range.
        url: Of the archive; None for the publisher's.
        sha256: Of the archive, or sums by version; None for those of the collection's table.
        install_path: Folder for a new installation, and with ``move`` for an existing one.
        config: Keys of daemon.json.
        pipe: Named pipe the engine listens on.
        path: Of the archive, on the controller or on the host.
        environment: Of the service; secret and other variables together.
        ahead: Whether only a prediction is asked for, so that what tasks before this one would do may still be missing.
    """

    version: str = "latest"
    url: str | None = None
    sha256: str | Mapping[str, str] | None = None
    install_path: str = r"C:\Program Files\docker"
    config: Mapping[str, Any] = field(default_factory=dict)
    pipe: str = "docker_engine"
    state: str = "present"
    source: str = "download"
    path: str | None = None
    existing_installation: str = "adopt"
    config_mode: str = "merge"
    allow_restart: bool = False
    allow_downgrade: bool = False
    allow_data_root_change: bool = False
    drain: bool = False
    drain_timeout: int = 30
    purge: bool = False
    add_to_path: bool = False
    firewall_ports: tuple[int, ...] | None = None
    service: ServiceOptions = field(default_factory=ServiceOptions)
    ahead: bool = False

    @property
    def range(self) -> Range:
        """The versions the option allows."""
        return parse_range(self.version)

    @property
    def move(self) -> bool:
        """Whether an engine that lies elsewhere is to be moved into ``install_path``."""
        return self.existing_installation == "move"

    def address(self, version: str) -> str:
        """Where the archive of a version is fetched from."""
        return (self.url or official_url(version)).replace(_VERSION_MARK, version)

    def origin(self, version: str) -> str:
        """The same, or the path of the archive, for people."""
        return str(self.path) if self.source in ("controller", "host") else self.address(version)


def check_options(options: EngineOptions) -> EngineOptions:
    """The options, normalised. Raises OptionError for what can be refused without looking at the host."""
    check_pipe(options.pipe)
    check_checksums(options.sha256)
    options = replace(options, install_path=_folder(options.install_path))
    if options.drain_timeout < 0:
        raise OptionError(f"the option drain_timeout is {options.drain_timeout}", "Use 0 or more seconds")
    if options.state == "absent":
        return options
    wanted = options.range
    if options.source in ("download", "push"):
        _check_url(options.address(wanted.exact or "28.5.2"))
    _check_path(options)
    _check_ranges(options, wanted)
    if wanted.exact:
        configuration.check(options.config, parse_version(wanted.exact)[0])
    check_service(options.service)
    bad = next((port for port in options.firewall_ports or () if not 0 < port < 65536), None)
    if bad is not None:
        raise OptionError(f"the option firewall_ports holds {bad}, which is not a TCP port", "Use ports from 1 to 65535")
    return options


def _folder(path: str) -> str:
    folder = path.replace("/", "\\").rstrip("\\")
    if not _DRIVE_PATH.fullmatch(folder):
        raise OptionError(
            f'the option install_path is "{path}", which is not a folder on a drive of the host',
            r"Give an absolute path, for example C:\Program Files\docker",
        )
    quote_path(folder)
    command_line(folder + r"\dockerd.exe")
    return folder


def _check_ranges(options: EngineOptions, wanted: Range) -> None:
    """An archive given by hand is of one version. A range in which there may be several must say how to tell them apart."""
    if wanted.exact:
        return
    fixed = options.source in ("controller", "host") or (options.url is not None and _VERSION_MARK not in options.url)
    if fixed:
        raise OptionError(
            f'the option version is the range "{options.version}", and the archive given can only be of one version',
            "Write the version in full, or put {version} where it stands in the option url",
        )
    if isinstance(options.sha256, str) and options.sha256:
        raise OptionError(
            f'the option version is the range "{options.version}", and the option sha256 gives only one checksum',
            "Write the version in full, or give sha256 as checksums by version",
        )


def _check_path(options: EngineOptions) -> None:
    needed = options.source in ("controller", "host")
    if needed and not options.path:
        raise OptionError(
            f"the option source is {options.source}, and the option path is missing", "Give the path of the archive docker-<version>.zip"
        )
    if not needed and options.path:
        raise OptionError(
            f"the option path is given, and the option source is {options.source}, which does not use it",
            "Set source to controller or host",
        )
    if options.source == "host":
        quote_path(str(options.path))


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OptionError(
            f'the option url is "{url}", which is not an HTTP or HTTPS address', "Give the address of the archive docker-<version>.zip"
        )
    if "@" in parts.netloc:
        raise OptionError(
            "the option url holds credentials, which would stand in a command line on the host", "Use an address that needs none"
        )
    command_line("curl.exe", [url])
