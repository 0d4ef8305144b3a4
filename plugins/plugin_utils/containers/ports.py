# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Published ports: what a user writes, what the engine keeps. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import OptionError

_PORT = re.compile(r"(?:(?P<host>\d+):)?(?P<container>\d+)(?:/(?P<protocol>tcp|udp))?", re.IGNORECASE)
#: A published port as it is compared: container port with protocol, and host port (empty: the engine chooses one).
Published = tuple[str, str]


def parse_ports(entries: Iterable[Any]) -> tuple[Published, ...]:
    """Read the option ``published_ports``: ``80``, ``8080:80``, ``8080:80/udp``.

    Raises:
        OptionError: A form Windows cannot publish (docker-on-windows.md section 6), a port out of range, or a host port used twice.
    """
    ports = [_parse(str(entry).strip()) for entry in entries]
    seen: set[tuple[str, str]] = set()
    for container, host in ports:
        used = (host, container.partition("/")[2])
        if host and used in seen:
            raise OptionError(f"published_ports uses the host's port {host}/{used[1]} twice", "Publish each port of the host once")
        seen.add(used)
    return tuple(sorted(set(ports)))


def _parse(entry: str) -> Published:
    match = _PORT.fullmatch(entry)
    if match is None:
        raise _refusal(entry)
    for port in (match["host"], match["container"]):
        if port is not None and not 1 <= int(port) <= 65535:
            raise OptionError(f'the published port "{entry}" is out of range, which goes from 1 to 65535', _range_advice(entry))
    host = str(int(match["host"])) if match["host"] else ""
    return f"{int(match['container'])}/{(match['protocol'] or 'tcp').lower()}", host


def _range_advice(entry: str) -> str:
    if ":" not in entry:
        return "Put it in quotes: without them YAML takes a port below 60 after a colon for a number to the base of 60"
    return "Choose a port of that range, or write the container's port alone to let the engine choose the host's"


def _refusal(entry: str) -> OptionError:
    body = entry.rpartition("/")[0] or entry
    if "-" in body and re.fullmatch(r"[\d:-]+", body):
        return OptionError(
            f'the published port "{entry}" is a range, and Windows does not support more than one host port in NAT settings',
            "List every port on its own",
        )
    if body.count(":") >= 2 or re.match(r"\d+\.\d+\.\d+\.\d+:", body) or body.startswith("["):
        return OptionError(
            f'the published port "{entry}" names an address of the host, and Windows does not support host IP addresses in NAT settings',
            "Leave the address out; to limit who may connect use the host's firewall",
        )
    return OptionError(f'"{entry}" is not a published port', "Write 80, 8080:80 or 8080:80/udp (the host's port first)")


def parse_exposed(entries: Iterable[Any]) -> tuple[str, ...]:
    """Read the option ``exposed_ports``: ``80``, ``53/udp``, ``8000-8010``; each as ``80/tcp``. Raises OptionError."""
    ports: dict[str, None] = {}
    for entry in entries:
        match = re.fullmatch(r"(\d+)(?:-(\d+))?(?:/(tcp|udp))?", str(entry).strip(), re.IGNORECASE)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if match is None or not 1 <= first <= last <= 65535:
            raise OptionError(f'"{entry}" in exposed_ports is not a port', "Write 80, 53/udp or 8000-8010, from 1 to 65535")
        ports |= dict.fromkeys(f"{number}/{(match[3] or 'tcp').lower()}" for number in range(first, last + 1))
    return tuple(ports)


def observed_ports(bindings: Mapping[str, Any] | None) -> tuple[Published, ...]:
    """The same, from ``HostConfig.PortBindings``; the host's address is ignored, on Windows it can only be unspecified."""
    found = {
        (container.lower() if "/" in container else f"{container}/tcp", str(entry.get("HostPort") or ""))
        for container, entries in (bindings or {}).items()
        for entry in (entries or [{}])
    }
    return tuple(sorted((container, "" if host == "0" else host) for container, host in found))


def port_bindings(ports: Iterable[Published]) -> dict[str, list[dict[str, str]]]:
    """``HostConfig.PortBindings``. The host's address stays empty: 18.09 refuses even ``0.0.0.0``."""
    bindings: dict[str, list[dict[str, str]]] = {}
    for container, host in ports:
        bindings.setdefault(container, []).append({"HostIp": "", "HostPort": host})
    return bindings


def port_texts(ports: Iterable[Published]) -> list[str]:
    """As a user would write them."""
    return [f"{host}:{container}" if host else container for container, host in ports]
