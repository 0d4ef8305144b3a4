# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's daemon.json: which keys Windows takes, how a change is merged, and what is refused. Pure, but for that table.

The keys stand in daemon_json.yml. Source of what is refused: docker-on-windows.md section 1, "daemon.json".
"""

from __future__ import annotations

import codecs
import json
import ntpath
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..errors import OptionError
from .config_values import check_values

#: The default of ``--data-root``; the configuration lies below it (docker-on-windows.md section 1, 8).
DATA_ROOT = r"C:\ProgramData\docker"

#: Flags that are written differently from their key.
_FLAG_KEYS = {
    "H": "hosts",
    "host": "hosts",
    "D": "debug",
    "G": "group",
    "b": "bridge",
    "l": "log-level",
    "s": "storage-driver",
    "p": "pidfile",
    "label": "labels",
    "exec-opt": "exec-opts",
    "log-opt": "log-opts",
    "storage-opt": "storage-opts",
    "dns-opt": "dns-opts",
    "insecure-registry": "insecure-registries",
    "registry-mirror": "registry-mirrors",
    "authorization-plugin": "authorization-plugins",
}
_BROKEN = "Correct the file, delete it, or set config_mode of docker_engine to replace"
_LOOPBACK = re.compile(r"tcp://(?:127\.|localhost|\[::1\])", re.IGNORECASE)
_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')


def parse(content: bytes | None, path: str) -> dict[str, Any]:
    """The keys of a daemon.json; empty when there is no file. A byte order mark is accepted.

    Raises:
        OptionError: The file is not a JSON object; merging into it would lose what it says.
    """
    if content is None or not content.strip():
        return {}
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        parsed = json.loads(content.decode(encoding))
    except ValueError as error:
        raise OptionError(f'the file "{path}" is not valid JSON ({error})', _BROKEN) from error
    if not isinstance(parsed, dict):
        raise OptionError(f'the file "{path}" does not hold a JSON object', _BROKEN)
    return parsed


def parse_or_nothing(content: bytes | None) -> dict[str, Any]:
    """As :func:`parse`; what is broken counts as empty, where it is going to be replaced anyway."""
    try:
        return parse(content, "")
    except OptionError:
        return {}


def is_broken(content: bytes | None) -> bool:
    """Whether there is a file that is no JSON object."""
    try:
        parse(content, "")
    except OptionError:
        return True
    return False


def has_byte_order_mark(content: bytes | None) -> bool:
    """Whether engines before 23 would call the file invalid JSON for its first bytes."""
    return content is not None and content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def serialise(config: Mapping[str, Any]) -> bytes:
    """The file's content: ASCII without a byte order mark, which every version reads."""
    return (json.dumps(config, indent=4) + "\n").encode("ascii")


def merge(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the file shall hold: keys of ``wanted`` win, mappings are merged key by key, None removes a key."""
    merged = dict(current)
    for key, value in wanted.items():
        before = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = merge(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def replace(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the file shall hold when it is replaced: ``wanted`` alone, without the keys that are None."""
    return merge({}, wanted)


def data_root(config: Mapping[str, Any], service_flags: Mapping[str, str]) -> str:
    """The folder in which the engine keeps images and containers."""
    return str(config.get("data-root") or config.get("graph") or service_flags.get("data-root") or DATA_ROOT)


def same_path(one: str, other: str) -> bool:
    """Whether two paths of Windows name the same folder, as far as their text tells."""
    return ntpath.normcase(ntpath.normpath(one)) == ntpath.normcase(ntpath.normpath(other))


def check(wanted: Mapping[str, Any], major: int) -> None:
    """Refuse keys and values that would keep the engine from starting.

    Args:
        wanted: The option ``config``.
        major: The engine's major version.

    Raises:
        OptionError: Names the key and, where one is near, the key that may be meant.
    """
    for key in wanted:
        _check_key(key, major)
    check_values(wanted)


@cache
def keys() -> dict[str, Any]:
    """The table of keys: ``windows``, ``elsewhere``, ``since``, ``removed``."""
    table: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "daemon_json.yml").read_text(encoding="utf-8"))
    return table


def _check_key(key: str, major: int) -> None:
    known = keys()
    if key in known["elsewhere"]:
        raise OptionError(f'the option config holds the key "{key}", which the engine does not have on Windows', "Remove the key")
    if key not in known["windows"]:
        near = get_close_matches(key, known["windows"], n=2)
        hint = f"Perhaps {' or '.join(near)} is meant" if near else "See the documentation of dockerd for its keys"
        raise OptionError(f'the option config holds the key "{key}", which the engine does not know', hint)
    if major >= known["removed"].get(key, 999):
        raise OptionError(f'the option config holds the key "{key}", which engine {major} no longer has', "Remove the key")
    if major < known["since"].get(key, 0):
        since = known["since"][key]
        advice = "Use the option environment for it" if key.endswith("-proxy") else "Remove the key"
        raise OptionError(f'the option config holds the key "{key}", which the engine has only from version {since} on', advice)


def check_pipe_is_served(config: Mapping[str, Any], pipe: str) -> None:
    """Refuse a configuration in which the engine would not listen where the tunnel looks for it. Raises OptionError."""
    hosts = config.get("hosts")
    if not isinstance(hosts, list):
        return
    served = {ntpath.basename(str(host).replace("/", "\\")) or "docker_engine" for host in hosts if str(host).lower().startswith("npipe:")}
    if pipe.lower() not in {name.lower() for name in served}:
        raise OptionError(
            f'the key hosts of daemon.json does not name the pipe "{pipe}", through which this collection reaches the engine',
            f'Add "npipe:////./pipe/{pipe}" to it, or set the option engine_pipe to a pipe it names',
        )


def exposures(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Warnings about addresses of ``hosts`` behind which everybody may command the engine."""
    hosts = config.get("hosts")
    if not isinstance(hosts, list) or config.get("tlsverify") is True:
        return ()
    beyond = [str(host) for host in hosts if str(host).startswith("tcp://") and not _LOOPBACK.match(str(host))]
    warning = (
        "Whoever reaches {} is administrator of this host, because tlsverify is not set in daemon.json; this collection needs no open port."
    )
    return tuple(warning.format(host) for host in beyond)


def flags(command: str) -> dict[str, str]:
    """The flags of the service's image path, by the daemon.json key they stand for; the last value of each."""
    words = [word.replace('"', "") for word in _WORD.findall(command)][1:]
    found: dict[str, str] = {}
    for index, word in enumerate(words):
        if not word.startswith("-"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not equals and index + 1 < len(words) and not words[index + 1].startswith("-"):
            value = words[index + 1]
        found[_FLAG_KEYS.get(name, name)] = value
    return found


def file_path(service_flags: Mapping[str, str]) -> str:
    """Where the engine reads its configuration from."""
    given = service_flags.get("config-file")
    return given or ntpath.join(service_flags.get("data-root") or DATA_ROOT, "config", "daemon.json")


def check_flags(wanted: Iterable[str], service_flags: Mapping[str, str]) -> None:
    """Refuse keys that the service's own command line sets: the engine would not start with both. Raises OptionError."""
    both = sorted(key for key in wanted if key in service_flags)
    if both:
        raise OptionError(
            f"the option config sets {', '.join(both)}, which the service's own command line sets too, and the engine takes only one of them",
            "Remove the flag from the service or the key from the option",
        )
