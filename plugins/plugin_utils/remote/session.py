# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WS-Management session over the connection the user already configured.

The only file that uses private names of Ansible's connection plugins, and the only one that imports ``winrm`` or ``pypsrp``.
Faults travel as raw answers up to :mod:`.envelope`; HTTP states and network errors are mapped here, once.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from typing import Any
from xml.etree import ElementTree

from ..errors import ConnectError, ContainersError, OptionError, ProtocolError
from . import network
from .envelope import Request, parse_answer
from .network import ConnectionLost, HttpRefused

#: Windows drops idle HTTP connections after about two minutes, and the sealing keys with them (facts/wsman.md 0.5).
_IDLE_SECONDS = 90.0
#: Raw bytes per Send; Ansible's own file transfers use the same against the default limit of 500 KB (facts/wsman.md 3.3).
_SEND_BYTES = 250_000
_SMALLEST_SEND = 16_000
#: The collection's own connection plugin, for tasks inside a container.
_CONTAINER = "winfleet.containers.container"
#: How much longer than the host's own time limit an answer may take on a busy host (facts/wsman.md 3.2).
_READ_MARGIN = 10.0


class Counter:
    """Counts messages of a session and its siblings, which live in other threads.

    Attributes:
        value: All messages.
        cim: Those that ask CIM, each Pull included.
        commands: Those that start a command in a shell.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.value = self.cim = self.commands = 0

    def add(self, request: Request) -> None:
        with self._lock:
            self.value += 1
            self.cim += request.is_cim
            self.commands += request.is_command


class Carrier(ABC):
    """Carries one envelope to the host and its answer back; the twin of pywinrm's and pypsrp's transports.

    Attributes:
        operation_seconds: The host's time limit for one operation, as the user configured the connection.
        read_seconds: The longest silence of the socket the user configured.
        shell_id: A shell that Ansible has opened already, or None.
    """

    operation_seconds: float = 20.0
    read_seconds: float = 30.0
    shell_id: str | None = None

    @abstractmethod
    def post(self, envelope: bytes, read_seconds: float) -> bytes:
        """Send once. Raises what the library raises; :func:`.network.translate` maps it."""

    @abstractmethod
    def reset(self) -> None:
        """Drop the HTTP connection and its keys; the next post authenticates anew."""

    @abstractmethod
    def clone(self) -> Carrier:
        """An independent carrier with the same configuration, without a shell."""

    @abstractmethod
    def finish(self) -> None:
        """End of the task."""

    def disown_shell(self) -> None:
        """Ansible's shell was deleted by us; it must not be used, nor deleted, again."""
        self.shell_id = None

    def forget(self) -> None:
        """Before or after a reboot: end politely if the host still listens, and drop everything."""
        self.reset()


class WinrmCarrier(Carrier):
    """Over a pywinrm Protocol. Its transport is used directly, so that faults arrive whole instead of in pieces."""

    def __init__(self, protocol: Any, connection: Any, shell_id: str | None = None) -> None:
        self._protocol, self._connection = protocol, connection
        self.shell_id = shell_id
        self.operation_seconds, self.read_seconds = float(protocol.operation_timeout_sec), float(protocol.read_timeout_sec)

    def post(self, envelope: bytes, read_seconds: float) -> bytes:
        transport = self._protocol.transport
        transport.read_timeout_sec = read_seconds
        answer: bytes = transport.send_message(envelope)
        return answer

    def reset(self) -> None:
        self._protocol.transport.close_session()

    def clone(self) -> Carrier:
        from winrm.protocol import Protocol

        origin = self._protocol
        # The keyword arguments already hold user name and password (facts/wsman.md 7).
        arguments = dict(self._connection._winrm_kwargs)
        arguments["operation_timeout_sec"] = origin.operation_timeout_sec
        arguments["read_timeout_sec"] = origin.read_timeout_sec
        return WinrmCarrier(Protocol(origin.transport.endpoint, transport=origin.transport.auth_method, **arguments), self._connection)

    def finish(self) -> None:
        """Nothing: what Ansible opened, Ansible closes, and the items of a loop share it."""

    def disown_shell(self) -> None:
        self.shell_id = self._connection.shell_id = None

    def forget(self) -> None:
        connection = self._connection
        try:
            connection.close()
        except Exception:  # whatever the dying host answered, the connection is given up
            self.reset()
        connection.protocol, connection.shell_id, connection._connected = None, None, False


class PsrpCarrier(Carrier):
    """Over a pypsrp WSMan built from the psrp connection's own arguments; no runspace is ever opened."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        from pypsrp.wsman import WSMan

        self._arguments = arguments
        self._transport = WSMan(**arguments).transport
        self.operation_seconds, self.read_seconds = float(arguments["operation_timeout"]), float(arguments["read_timeout"])

    def post(self, envelope: bytes, read_seconds: float) -> bytes:
        # No retries: pypsrp would repeat a message after a read time-out and so lose or double bytes.
        answer: bytes = self._transport.send(envelope, timeout=(float(self._arguments["connection_timeout"]), read_seconds))
        return answer

    def reset(self) -> None:
        self._transport.close()
        self._transport.session = self._transport.encryption = None

    def clone(self) -> Carrier:
        return PsrpCarrier(self._arguments)

    def finish(self) -> None:
        self.reset()


class Session:
    """Sends envelopes and returns parsed answers over one authenticated connection. One thread at a time.

    Attributes:
        send_bytes: Raw bytes one Send may carry; halved when the host refuses an envelope as too large.
        patience: While a host restarts: the most seconds an answer may take, and nothing is asked twice; None in normal times.
    """

    def __init__(self, carrier: Carrier, counter: Counter | None = None, patience: float | None = None) -> None:
        self._carrier = carrier
        self.patience = patience
        self._counter = counter or Counter()
        self._last_answer = time.monotonic()
        self._failures = 0
        self.send_bytes = _SEND_BYTES

    @classmethod
    def of(cls, connection: Any, patience: float | None = None) -> Session:
        """The session of an Ansible ``winrm`` or ``psrp`` connection.

        Args:
            connection: The connection plugin of the task.
            patience: Seconds to wait for the host to answer, instead of the configured connection time-out.

        Raises:
            OptionError: Another connection plugin, or a psrp ``configuration_name`` other than the default.
            ConnectError: No route, refused, time-out, wrong credentials.
        """
        transport = str(getattr(connection, "transport", ""))
        opener = {"winrm": _open_winrm, "psrp": _open_psrp}.get(transport)
        if transport == _CONTAINER:
            raise OptionError(
                "this is a container, and the modules of this collection manage hosts",
                "Let the task go to its host, with delegate_to: '{{ winfleet_container_host }}'",
            )
        if opener is None:
            name = getattr(connection, "ansible_name", None) or getattr(connection, "transport", "unknown")
            raise OptionError(f'the connection plugin "{name}" cannot carry WS-Management', "Set ansible_connection to winrm or psrp")
        if patience is None:
            return cls(opener(connection))
        configured = connection.get_option("connection_timeout")
        connection.set_option("connection_timeout", int(patience))
        try:
            return cls(opener(connection), patience=patience)
        finally:
            connection.set_option("connection_timeout", configured)

    @property
    def messages(self) -> int:
        """WS-Man messages sent so far by this session and its siblings (not those of Ansible's own connection plugin)."""
        return self._counter.value

    @property
    def counter(self) -> Counter:
        """The same by kind."""
        return self._counter

    @property
    def shell_id(self) -> str | None:
        """The shell Ansible's winrm connection opened when it connected."""
        return self._carrier.shell_id

    def disown_shell(self) -> None:
        """Say that Ansible's shell is no more, because it had to be deleted to free its quota."""
        self._carrier.disown_shell()

    @property
    def operation_seconds(self) -> float:
        """The time limit of one operation on the host; Windows caps it at 60 s."""
        return min(self._carrier.operation_seconds, 60.0)

    def relax(self) -> None:
        """The host is steadily back: normal time limits again."""
        self.patience = None
        self._carrier.operation_seconds = max(self._carrier.operation_seconds, Carrier.operation_seconds)
        self._carrier.read_seconds = max(self._carrier.read_seconds, Carrier.read_seconds)

    def sibling(self) -> Session:
        """An independent session (own HTTP connection, own authentication) to the same host, for another thread."""
        twin = Session(self._carrier.clone(), self._counter)
        twin.send_bytes = self.send_bytes
        return twin

    def send(self, request: Request) -> ElementTree.Element:
        """Send one envelope and return the body of its answer.

        A request that may be repeated survives one broken connection; any other is sent exactly once.

        Raises:
            ConnectError: The host cannot be reached, does not accept the credentials, or the connection broke (ConnectionLost).
            ContainersError: The fault that the host answered.
        """
        if request.farewell and self._failures > 1:
            raise ConnectionLost("the host no longer answers")
        if time.monotonic() - self._last_answer > _IDLE_SECONDS:
            self._carrier.reset()
        try:
            return parse_answer(self._post(request), request)
        except (ConnectionLost, HttpRefused) as error:
            may_heal = isinstance(error, ConnectionLost) or error.status in (400, 500)
            hopeless = self.patience is not None or (request.farewell and self._failures > 1)
            if not request.repeatable or not may_heal or hopeless:
                raise
        return parse_answer(self._post(request), request)

    def _post(self, request: Request) -> bytes:
        self._counter.add(request)
        seconds = request.seconds + max(_READ_MARGIN, self._carrier.read_seconds - self._carrier.operation_seconds)
        if self.patience is not None:
            seconds = min(seconds, self.patience)
        try:
            answer = self._carrier.post(request.text.encode("utf-8"), seconds)
        except Exception as error:
            translated = network.translate(error, seconds)
            if isinstance(translated, bytes):
                return self._answered(translated)
            self._failures += 1
            # The host may not have unsealed the message: the keys of both sides no longer fit (facts/wsman.md 3.2).
            self.close()
            raise translated from error
        except BaseException:
            # The keyword timeout interrupts anywhere; the clean-up that follows needs a connection that is not in mid-answer.
            self.close()
            raise
        return self._answered(answer)

    def _answered(self, answer: bytes) -> bytes:
        self._last_answer, self._failures = time.monotonic(), 0
        return answer

    def shrink(self) -> bool:
        """Halve what a Send carries, after HTTP 413; False when it is small already."""
        if self.send_bytes <= _SMALLEST_SEND:
            return False
        self.send_bytes //= 2
        return True

    def close(self) -> None:
        """Drop the HTTP connection. Never raises."""
        network.quietly(self._carrier.reset)

    def finish(self) -> None:
        """End of the task: close what Ansible will not close. Never raises."""
        network.quietly(self._carrier.finish)

    def forget(self) -> None:
        """Around a reboot: delete Ansible's shell if the host still answers, and drop the connection. Never raises."""
        network.quietly(self._carrier.forget)


def _open_winrm(connection: Any) -> Carrier:
    from ansible.errors import AnsibleError

    try:
        connection._connect()
    except AnsibleError as error:
        raise network.connect_error(str(error)) from error
    except Exception as error:
        raise _as_error(error) from error
    if connection.protocol is None:
        raise ProtocolError("Ansible's winrm connection did not connect")
    return WinrmCarrier(connection.protocol, connection, connection.shell_id)


def _open_psrp(connection: Any) -> Carrier:
    from ansible.errors import AnsibleError

    try:
        connection._build_kwargs()
    except AnsibleError as error:
        raise network.connect_error(str(error)) from error
    configuration = connection.get_option("configuration_name")
    if configuration not in (None, "Microsoft.PowerShell"):
        raise OptionError(
            f'the psrp option configuration_name "{configuration}" asks for a restricted PowerShell endpoint, which cannot start programs',
            "Remove ansible_psrp_configuration_name for this host, or use the winrm connection",
        )
    try:
        return PsrpCarrier(dict(connection._psrp_conn_kwargs))
    except Exception as error:
        raise _as_error(error) from error


def _as_error(error: Exception) -> ContainersError:
    """For what is raised before anything was sent."""
    translated = network.translate(error, 0)
    if isinstance(translated, (ConnectError, OptionError)):
        return translated
    return OptionError(f"the variables of the connection do not work: {error}", "Correct them for this host")
