# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's Windows service: where its programs lie and whether it runs."""

from __future__ import annotations

import ntpath
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..errors import RemoteError, RemoteTimeout, doing, refusal
from ..remote.cim import CimClass, Instance, quote
from .errors import EngineNotInstalledError
from .failures import meaning, one_line

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

WIN32_SERVICE = CimClass(
    "Win32_Service",
    {
        "Name": str,
        "DisplayName": str,
        "PathName": str,
        "State": str,
        "StartMode": str,
        "DelayedAutoStart": bool,
        "ProcessId": int,
        "ExitCode": int,
    },
)
#: What the event log keeps of the engine: source is the service's name, 3 panic, 4 fatal (docker-on-windows.md section 1, 7).
NT_LOG_EVENT = CimClass("Win32_NTLogEvent", {"EventCode": int, "TimeGenerated": datetime, "Message": str, "InsertionStrings": [str]})
_LAST_WORDS = "Logfile='Application' AND SourceName={name} AND (EventCode=3 OR EventCode=4)"
#: Results of Win32_Service's methods that say more than their number (native-tools.md 2).
_METHOD_RESULTS = {
    2: ("access is denied", "Connect as an administrator of the host"),
    3: ("other services that depend on it are running", "Stop them first"),
    7: ("it did not answer in time", "Look into the host's Application event log"),
    9: ("its program does not exist", "Run the module docker_engine, which puts it back"),
    11: ("the service database is locked", "Run the task again"),
    13: ("a service it depends on is missing or does not start", "Look into the host's System event log"),
    14: ("the service is disabled", "Set its start mode to automatic"),
    15: ("its account could not log on", "Check the account the service runs under"),
    16: ("it is marked for deletion", "Close every program that shows services on the host, or reboot it"),
}
#: A service that is asked to do what it does already (native-tools.md 2: 10 already running, 5 and 6 not active).
_ALREADY = {"StartService": (10,), "StopService": (5, 6)}
_POLL = 0.5
_CLOCK = CimClass("Win32_OperatingSystem", {"LocalDateTime": datetime})
#: Older entries of the log belong to another failure.
_RECENT = timedelta(minutes=10)

#: The image path may be quoted, holds flags, and names dockerd with or without ``.exe`` (docker-on-windows.md section 1, 6).
_IMAGE = re.compile(r'^\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>.+?dockerd(?:\.exe)?))(?:\s|$)', re.IGNORECASE)


@dataclass(frozen=True)
class EngineService:
    """A service that runs dockerd.

    Args:
        name: Service name, ``docker`` unless somebody chose another.
        path: Full path of ``dockerd.exe``.
        state: ``Running``, ``Stopped``, ``Start Pending`` ... as CIM spells it.
        start_mode: ``Auto``, ``Manual`` or ``Disabled``.
        command: The whole image path with its flags.
        delayed: Whether it starts a while after the others.
    """

    name: str
    path: str
    state: str
    start_mode: str = "Auto"
    command: str = ""
    delayed: bool = False

    @property
    def folder(self) -> str:
        """Where ``dockerd.exe`` and ``docker.exe`` lie."""
        return ntpath.dirname(self.path)

    @property
    def client(self) -> str:
        """Full path of ``docker.exe``; the archive holds it beside dockerd (docker-on-windows.md section 1, 1)."""
        return ntpath.join(self.folder, "docker.exe")

    @property
    def running(self) -> bool:
        return self.state == "Running"


def parse_service(instance: Instance) -> EngineService | None:
    """The service of one Win32_Service instance; None when its program is not dockerd."""
    command = str(instance.get("PathName") or "")
    match = _IMAGE.match(command)
    path = (match["quoted"] or match["bare"]) if match else ""
    if ntpath.basename(path).lower() not in ("dockerd.exe", "dockerd"):
        return None
    return EngineService(
        str(instance.get("Name") or ""),
        path,
        str(instance.get("State") or ""),
        str(instance.get("StartMode") or ""),
        command,
        bool(instance.get("DelayedAutoStart")),
    )


def choose_service(services: list[EngineService]) -> EngineService | None:
    """The engine to use where several are installed: one that runs, then the usual name, then the first by name."""
    ranked = sorted(services, key=lambda service: (not service.running, service.name.lower() != "docker", service.name.lower()))
    return ranked[0] if ranked else None


def find_service(host: RemoteHost) -> EngineService | None:
    """Ask the host, in one CIM query, which service runs dockerd."""
    instances = host.cim.query(WIN32_SERVICE, where="PathName LIKE '%dockerd%'")
    return choose_service([service for instance in instances if (service := parse_service(instance))])


def require_service(host: RemoteHost) -> EngineService:
    """As :func:`find_service`. Raises EngineNotInstalledError."""
    service = find_service(host)
    if service is None:
        raise EngineNotInstalledError(
            "no Docker Engine is installed (no service runs dockerd.exe)",
            "Install it with the module docker_engine or the role container_host",
        )
    return service


def read_service(host: RemoteHost, name: str) -> Instance | None:
    """One service by its name; None when it does not exist."""
    instances = host.cim.query(WIN32_SERVICE, where=f"Name={quote(name)}")
    return instances[0] if instances else None


def start_service(host: RemoteHost, name: str, timeout: float = 120) -> None:
    """Start the engine's service and wait until its API is up: only then it is Running (docker-on-windows.md section 1, 9).

    Raises:
        RemoteError: It does not start; gives the reason as far as the host tells it.
        RemoteTimeout: It is neither running nor stopped after ``timeout`` seconds.
    """
    with doing("start", "the service", name):
        _call(host, name, "StartService")
        instance = _settle(host, name, timeout)
        if instance.get("State") == "Running":
            return
        code = instance.get("ExitCode")
        error = refusal(code) if isinstance(code, int) and code else RemoteError("the service stopped again")
        words = last_words(host, name)
        known = meaning(words)
        look = "Correct what it names and run the task again" if words else f'Look into the host\'s Application event log, source "{name}"'
        raise RemoteError(
            f"{error.cause}; the engine said: {words}" if words else error.cause,
            known.advice if known else look,
            code=error.code,
            text=words,
        )


def stop_service(host: RemoteHost, name: str, timeout: float = 300) -> None:
    """Stop the engine's service, and with it its containers, and wait for its end. Raises as :func:`start_service`."""
    with doing("stop", "the service", name):
        _call(host, name, "StopService")
        if _settle(host, name, timeout).get("State") != "Stopped":
            raise RemoteError("the service went on running", f'Look into the host\'s Application event log, source "{name}"')


def _call(host: RemoteHost, name: str, method: str) -> None:
    result = host.cim.invoke(WIN32_SERVICE, method, selectors={"Name": name}).get("ReturnValue")
    if result in (0, *_ALREADY[method]) or not isinstance(result, int):
        return
    raise method_refusal(method, result)


def method_refusal(method: str, result: int) -> RemoteError:
    """What a result of one of Win32_Service's methods means."""
    cause, advice = _METHOD_RESULTS.get(result, (f"Win32_Service.{method} gave {result}", "Look into the host's System event log"))
    return RemoteError(cause, advice, code=result)


def _settle(host: RemoteHost, name: str, timeout: float) -> Instance:
    """Wait until no start or stop is under way."""
    deadline = time.monotonic() + timeout
    while True:
        instance = read_service(host, name)
        if instance is None:
            raise RemoteError("the service disappeared", "Run the task again")
        if not str(instance.get("State")).endswith("Pending"):
            return instance
        if time.monotonic() > deadline:
            raise RemoteTimeout(f"it is {str(instance.get('State')).lower()} after {timeout:.0f} seconds", "Run the task again later")
        time.sleep(_POLL)


def last_words(host: RemoteHost, name: str) -> str:
    """The newest fatal entry of the engine in the event log; empty when there is none of late, or it cannot be read."""
    try:
        events = host.cim.query(NT_LOG_EVENT, where=_LAST_WORDS.format(name=quote(name)))
        now = host.cim.get(_CLOCK).get("LocalDateTime")
    except RemoteError:
        # The log explains a failure that is known already; not being able to read it must not hide that failure.
        return ""
    return newest_message(events, now if isinstance(now, datetime) else None)


def newest_message(events: list[Instance], now: datetime | None) -> str:
    """The text of the newest event, unless it is old. Pure."""
    timed = [(moment, event) for event in events if isinstance(moment := event.get("TimeGenerated"), datetime)]
    if not timed:
        return ""
    moment, event = max(timed, key=lambda entry: entry[0])
    if now is not None and now - moment > _RECENT:
        return ""
    strings = event.get("InsertionStrings")
    text = str(event.get("Message") or (strings[0] if isinstance(strings, list) and strings else ""))
    return one_line(text).removeprefix("fatal: ")
