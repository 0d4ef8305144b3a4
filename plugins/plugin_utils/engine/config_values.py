# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of daemon.json that would keep the engine from starting, or do nothing, on Windows. Pure.

Sources: docker-on-windows.md section 1, "daemon.json"; the drivers and their options from the documentation of dockerd.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from ..errors import OptionError

_ISOLATIONS = ("default", "process", "hyperv")
_LEVELS = ("debug", "info", "warn", "error", "fatal", "trace", "panic")
#: journald, and local syslog sockets, do not exist on Windows; etwlogs exists only there.
LOG_DRIVERS = ("json-file", "local", "none", "etwlogs", "fluentd", "gelf", "splunk", "syslog", "awslogs", "gcplogs")
#: Keys that name files of the host.
CERTIFICATES = ("tlscacert", "tlscert", "tlskey")
_FILE_OPTIONS = ("max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag", "mode", "max-buffer-size")
_SIZE = re.compile(r"\d+(?:\.\d+)? ?[kmgtKMGT]?(?:i?[bB])?")
_STORAGE_SIZE = re.compile(r"size=\d+(?:\.\d+)? ?[kmgtKMGT]i?[bB]?")
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")
_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/][^<>|?*:\"]*")


def check_values(config: Mapping[str, Any]) -> None:
    """Refuse values the engine would not start with. Raises OptionError that names key and value; None (remove the key) always passes."""
    for key, value in config.items():
        if value is not None and key in _CHECKS:
            _CHECKS[key](key, value)


def _refuse(key: str, value: object, wants: str, advice: str = "Correct the value") -> OptionError:
    return OptionError(f"the key {key} holds {_shown(value)}, but on Windows it takes {wants}", advice)


def _shown(value: object) -> str:
    """The value without credentials that an address in it may hold, also one that lacks its scheme."""
    return '"' + re.sub(r"^(\w+://)?.*@", r"\1***@", str(value), flags=re.DOTALL) + '"'


def _switch(key: str, value: object) -> None:
    if not isinstance(value, bool):
        raise _refuse(key, value, "only true or false")


def _text(key: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise _refuse(key, value, "a text")


def _number(key: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _refuse(key, value, "a whole number")


def _path(key: str, value: object) -> None:
    if not isinstance(value, str) or not _ABSOLUTE.fullmatch(value):
        raise _refuse(key, value, "an absolute path on the host", r"Write it with its drive, for example D:\docker")


def _list(check: Callable[[str, object], None]) -> Callable[[str, object], None]:
    def each(key: str, value: object) -> None:
        if not isinstance(value, list):
            raise _refuse(key, value, "a list")
        for item in value:
            check(key, item)

    return each


def _exec_option(key: str, value: object) -> None:
    name, _unused, mode = str(value).partition("=")
    if name != "isolation" or mode.lower() not in _ISOLATIONS:
        raise _refuse(key, value, "only isolation=default, isolation=process or isolation=hyperv")


def _storage_option(key: str, value: object) -> None:
    if not isinstance(value, str) or not _STORAGE_SIZE.fullmatch(value):
        raise _refuse(key, value, "only the size of a container's disk", 'Write for example "size=127GB"')


def _host(key: str, value: object) -> None:
    text = str(value)
    if not re.match(r"npipe://|tcp://|unix://", text):
        near = get_close_matches(text.partition(":")[0], ("npipe", "tcp"), n=1)
        raise _refuse(key, value, f"addresses that begin with {near[0] if near else 'npipe'}://", 'Write for example "npipe://"')


def _mirror(key: str, value: object) -> None:
    parts = _split(value)
    if parts is None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _refuse(key, value, "addresses of http or https without a path", 'Write for example "https://registry.example.com"')


def _proxy(key: str, value: object) -> None:
    if value != "" and _split(value) is None:
        raise _refuse(key, value, "an address of http or https", 'Write for example "http://proxy.example.com:3128"')


def _split(value: object) -> Any:
    try:
        parts = urlsplit(str(value))
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        return None
    return parts if usable else None


def _features(key: str, value: object) -> None:
    if not isinstance(value, Mapping) or not all(setting is None or isinstance(setting, bool) for setting in value.values()):
        raise _refuse(key, value, "names, each with true or false")


def _name_server(key: str, value: object) -> None:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        raise _refuse(key, value, "addresses of name servers", 'Write for example "10.0.0.53"') from None


def _subnet(key: str, value: object) -> None:
    try:
        ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        raise _refuse(key, value, "a network in CIDR form", 'Write for example "172.30.0.0/20"') from None


def _storage_driver(key: str, value: object) -> None:
    if value not in ("windowsfilter", "windows"):
        raise _refuse(key, value, "only windowsfilter, or windows for containerd's image store", "Correct the value or leave the key out")


def _insecure(key: str, value: object) -> None:
    text = str(value)
    if _HOST_NAME.fullmatch(text):
        return
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        wants = "registries as name, name:port or a network in CIDR form"
        raise _refuse(key, value, wants, 'Write for example "registry.example.com:5000"') from None


def _level(key: str, value: object) -> None:
    if value not in _LEVELS:
        near = get_close_matches(str(value), _LEVELS, n=1)
        raise _refuse(key, value, f"one of {', '.join(_LEVELS[:5])}", f"Perhaps {near[0]} is meant" if near else "Correct the value")


def _log_driver(key: str, value: object) -> None:
    if value not in LOG_DRIVERS:
        near = get_close_matches(str(value), LOG_DRIVERS, n=1)
        raise _refuse(key, value, f"one of {', '.join(LOG_DRIVERS)}", f"Perhaps {near[0]} is meant" if near else "Correct the value")


def _log_options(key: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise _refuse(key, value, "names and values")
    for name, setting in value.items():
        # The engine reads texts only: a number or a boolean here is invalid for it.
        if setting is not None and not isinstance(setting, str):
            raise OptionError(
                f"the key {key} holds {name}: {setting!r}, and the engine takes only texts there", f'Write {name}: "{setting}"'
            )
        if name == "max-size" and setting and setting != "-1" and not _SIZE.fullmatch(setting):
            raise _refuse(f"{key}.max-size", setting, "a size", 'Write for example "10m"')
        if name == "max-file" and setting and not (setting.isdigit() and int(setting)):
            raise _refuse(f"{key}.max-file", setting, "a number of files from 1 on", 'Write for example "3"')


def check_log_options(config: Mapping[str, Any]) -> None:
    """Refuse options that the log driver of the whole configuration does not have, with near names. Raises OptionError."""
    options = config.get("log-opts")
    if config.get("log-driver", "json-file") not in ("json-file", "local") or not isinstance(options, Mapping):
        return
    for name in options:
        if name not in _FILE_OPTIONS:
            near = get_close_matches(str(name), _FILE_OPTIONS, n=2)
            raise OptionError(
                f'the key log-opts holds "{name}", which the log driver {config.get("log-driver", "json-file")} does not know',
                f"Perhaps {' or '.join(near)} is meant" if near else f"It knows {', '.join(_FILE_OPTIONS)}",
            )


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    **dict.fromkeys(("debug", "experimental", "raw-logs", "tls", "tlsverify"), _switch),
    **dict.fromkeys(("group", "bridge", "default-runtime", "log-format", "no-proxy"), _text),
    **dict.fromkeys(("max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts", "mtu", "shutdown-timeout"), _number),
    **dict.fromkeys(("data-root", "pidfile", *CERTIFICATES), _path),
    **dict.fromkeys(("dns-opts", "dns-search", "labels", "authorization-plugins"), _list(_text)),
    **dict.fromkeys(("http-proxy", "https-proxy"), _proxy),
    "features": _features,
    "dns": _list(_name_server),
    "fixed-cidr": _subnet,
    "storage-driver": _storage_driver,
    "exec-opts": _list(_exec_option),
    "storage-opts": _list(_storage_option),
    "hosts": _list(_host),
    "registry-mirrors": _list(_mirror),
    "insecure-registries": _list(_insecure),
    "log-level": _level,
    "log-driver": _log_driver,
    "log-opts": _log_options,
}
