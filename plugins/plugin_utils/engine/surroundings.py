# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of the service and what lies around an engine on the host: registry, PATH, firewall rules, HNS networks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import NotFoundError, RemoteError, doing, refusal
from ..remote.cim import CimClass, Value
from .machine_path import KEY, MachinePath, parse_query
from .service import WIN32_SERVICE, method_refusal
from .service_options import ServiceSettings, parse_environment, parse_recovery

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

_SERVICES = r"SYSTEM\CurrentControlSet\Services"
_EVENT_SOURCES = r"SYSTEM\CurrentControlSet\Services\EventLog\Application"
_BINARY = CimClass("StdRegProv", {"uValue": [int]}, "root/default")
_LOCAL_MACHINE = 2147483650
#: The service does not exist: somebody else was faster (native-tools.md 2).
_NO_SERVICE = (1060,)
_RULE = CimClass("MSFT_NetFirewallRule", {"ElementName": str}, "root/standardcimv2")
_RULE_NAME = "winfleet-docker-tcp-{port}"
_OUR_RULE = re.compile(r"winfleet-docker-tcp-(\d{1,5})", re.IGNORECASE)
#: Name and id in ``hnsdiag list networks`` (native/hnsdiag-list-all-server.txt).
_NETWORK = re.compile(r"^(\S.*?)\s+([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\s*$", re.MULTILINE)


def read_service_settings(host: RemoteHost, name: str) -> ServiceSettings:
    """What the registry says of a service: three CIM calls."""
    key = f"{_SERVICES}\\{name}"
    arguments: dict[str, Value] = {"hDefKey": _LOCAL_MACHINE, "sSubKeyName": key, "sValueName": "FailureActions"}
    data = host.cim.invoke(_BINARY, "GetBinaryValue", arguments, repeatable=True).get("uValue")
    numbers = [number for number in data if isinstance(number, int)] if isinstance(data, list) else None
    reset, recovery = parse_recovery(numbers)
    return ServiceSettings(
        recovery=recovery,
        recovery_reset=reset,
        dependencies=tuple(host.registry.strings(key, "DependOnService") or ()),
        environment=parse_environment(host.registry.strings(key, "Environment") or []),
    )


def configure_service(host: RemoteHost, name: str, arguments: Sequence[str]) -> None:
    """Run ``sc config`` or ``sc failure``, whose exit code is the Win32 code (native-tools.md 2)."""
    with doing("configure", "the service", name):
        done = host.programs.run("sc.exe", arguments, timeout=60)
        if done.exit_code:
            raise refusal(done.exit_code, done.text)


def set_environment(host: RemoteHost, name: str, values: Sequence[str]) -> None:
    """Write the service's environment, which its next start sees (docker-on-windows.md section 1, 15)."""
    key = f"{_SERVICES}\\{name}"
    if values:
        host.registry.set_strings(key, "Environment", values)
    else:
        host.registry.delete_value(key, "Environment")


def repoint_service(host: RemoteHost, name: str, command: str, program: str) -> None:
    """Give a service another image path, and its event source the new program."""
    with doing("change", "the service", name):
        result = host.cim.invoke(WIN32_SERVICE, "Change", {"PathName": command}, {"Name": name}).get("ReturnValue")
        if isinstance(result, int) and result:
            raise method_refusal("Change", result)
        try:
            host.registry.set_expanded_string(f"{_EVENT_SOURCES}\\{name}", "EventMessageFile", program)
        except NotFoundError:
            return  # a service that was not registered by dockerd has no event source


def read_path(host: RemoteHost) -> MachinePath:
    """The machine's PATH, unexpanded. Raises RemoteError."""
    done = host.programs.run("reg.exe", ["query", f"HKLM\\{KEY}", "/v", "Path"], timeout=60)
    if done.exit_code:
        return MachinePath("")
    return parse_query(done.stdout)


def write_path(host: RemoteHost, value: MachinePath) -> None:
    """Write it with its variables and its type kept. Logons from now on see it."""
    if value.expands:
        host.registry.set_expanded_string(KEY, "Path", value.text)
    else:
        host.registry.set_string(KEY, "Path", value.text)


def read_firewall_ports(host: RemoteHost) -> tuple[int, ...]:
    """Ports opened by rules of ours, known by their names; CIM, because netsh speaks the host's language (native-tools.md 5)."""
    rules = host.cim.query(_RULE, where="ElementName LIKE 'winfleet-docker-tcp-%'")
    names = [str(rule.get("ElementName")) for rule in rules]
    return tuple(dict.fromkeys(int(match[1]) for name in names if (match := _OUR_RULE.fullmatch(name))))


def open_port(host: RemoteHost, port: int) -> None:
    """Let TCP connections to a port in."""
    words = ["add", "rule", f"name={_RULE_NAME.format(port=port)}", "dir=in", "action=allow", "protocol=TCP", f"localport={port}"]
    _netsh(host, words, port)


def close_port(host: RemoteHost, port: int) -> None:
    """Remove the rule again."""
    _netsh(host, ["delete", "rule", f"name={_RULE_NAME.format(port=port)}"], port)


def _netsh(host: RemoteHost, words: Sequence[str], port: int) -> None:
    with doing("change", "the firewall rule", _RULE_NAME.format(port=port)):
        done = host.programs.run("netsh.exe", ["advfirewall", "firewall", *words], timeout=120)
        if done.exit_code:
            raise refusal(done.exit_code, done.text)


def read_networks(host: RemoteHost) -> dict[str, str] | None:
    """Names and ids of the host's HNS networks; None when they cannot be known (no hnsdiag.exe)."""
    done = host.programs.run("hnsdiag.exe", ["list", "networks"], timeout=60)
    return None if done.exit_code else dict(_NETWORK.findall(done.text))


def remove_network(host: RemoteHost, name: str, network: str) -> None:
    """Delete one HNS network (``hnsdiag delete networks``, as Microsoft's guide to Kubernetes on Windows has it)."""
    with doing("remove", "the HNS network", name):
        done = host.programs.run("hnsdiag.exe", ["delete", "networks", network], timeout=60)
        if done.exit_code:
            raise RemoteError(
                f"hnsdiag.exe ended with code {done.exit_code}", "Remove it by hand, or reboot the host and run the task again"
            )


def remove_service(host: RemoteHost, name: str) -> None:
    """Delete a stopped service and its event source."""
    with doing("remove", "the service", name):
        done = host.programs.run("sc.exe", ["delete", name], timeout=60)
        if done.exit_code and done.exit_code not in _NO_SERVICE:
            raise refusal(done.exit_code, done.text)
        host.cim.invoke(_BINARY, "DeleteKey", {"hDefKey": _LOCAL_MACHINE, "sSubKeyName": f"{_EVENT_SOURCES}\\{name}"}, repeatable=True)
