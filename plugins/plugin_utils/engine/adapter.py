# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain the Docker SDK expects: socket-like object, urllib3 connection, pool, requests adapter mounted on a scheme."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, Protocol, cast

from .errors import TunnelLostError
from .failures import one_line
from .libraries import HTTPAdapter, HTTPConnection, HTTPConnectionPool, PreparedRequest, RequestException, Response, Timeout
from .tunnel import READ_BUFFER


class Socket(Protocol):
    """What a connection needs to know of its socket beside the usual."""

    @property
    def usable(self) -> bool:
        """Whether another request may be sent over it."""

    def close(self) -> None: ...


class TunnelConnection(HTTPConnection):
    """One HTTP connection through one tunnel, kept alive across requests."""

    def __init__(self, connect: Callable[[], Socket]) -> None:
        super().__init__("localhost")
        self._connect = connect
        # The size of the pieces a file body is read in; the default of 16 KiB would cost one message each.
        self.blocksize = READ_BUFFER

    def connect(self) -> None:
        self.sock = cast(Any, self._connect())

    @property
    def is_connected(self) -> bool:
        # The default polls a file descriptor, which a tunnel does not have.
        return self.sock is not None and cast(Socket, self.sock).usable


class TunnelPool(HTTPConnectionPool):
    """Keeps one idle tunnel; a request made while another one's answer is still being read gets a tunnel of its own."""

    def __init__(self, connect: Callable[[], Socket]) -> None:
        super().__init__("localhost", maxsize=1)
        self._connect = connect

    def _new_conn(self) -> TunnelConnection:
        return TunnelConnection(self._connect)

    def _get_conn(self, timeout: float | None = None) -> TunnelConnection:
        # Replaces the base's look at the socket, which differs between urllib3 1 and 2 and needs a file descriptor in both.
        try:
            connection = cast(Any, self.pool).get(block=False)
        except (queue.Empty, AttributeError):
            connection = None
        if connection is not None and not connection.is_connected:
            connection.close()
        return connection or self._new_conn()


class TunnelAdapter(HTTPAdapter):
    """Sends requests through tunnels, counts them, and repeats those that are safe to repeat after a tunnel was lost.

    Args:
        connect: Opens a tunnel; raises errors of ours.
    """

    def __init__(self, connect: Callable[[], Socket]) -> None:
        super().__init__()
        self._pool = TunnelPool(connect)
        self.requests = 0

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        return self._pool

    def get_connection(self, url: Any, proxies: Any = None) -> Any:
        """The same for requests before 2.32."""
        return self._pool

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Only the path: there is no proxy inside a tunnel."""
        return str(request.path_url)

    def send(self, request: PreparedRequest, stream: bool = False, *arguments: Any, **options: Any) -> Response:
        """Send one request.

        Raises:
            TunnelLostError: The tunnel broke; a GET was repeated once before over a new one.
        """
        try:
            return self._send_once(request, stream, *arguments, **options)
        except TunnelLostError as lost:
            if request.method not in ("GET", "HEAD"):
                raise TunnelLostError(
                    f"{lost.cause} while {request.method} {path_of(request)} was under way, so it is unknown whether the engine carried it out",
                    "Run the task again: it reads the state first",
                ) from lost
        return self._send_once(request, stream, *arguments, **options)

    def _send_once(self, request: PreparedRequest, stream: bool, *arguments: Any, **options: Any) -> Response:
        self.requests += 1
        try:
            response = super().send(request, stream, *arguments, **options)
            if not stream:
                # Read here and not in the session, so that a loss inside the body is seen as well.
                response.content  # noqa: B018 (the property reads)
        except Timeout:
            raise
        except RequestException as error:
            raise TunnelLostError(f"the tunnel to the engine broke ({one_line(str(error))})", "Run the task again") from error
        return response

    def close(self) -> None:
        super().close()
        self._pool.close()


def path_of(request: PreparedRequest) -> str:
    """The path of a request without its query, which may hold a user's values."""
    return str(request.path_url).partition("?")[0]
