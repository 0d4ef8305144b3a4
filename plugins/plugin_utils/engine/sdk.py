# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Docker SDK's client on top of a tunnel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from .adapter import TunnelAdapter
from .libraries import APIClient, AuthConfig, ProxyConfig, Response
from .streams import STDOUT, Frame, RawStream, frames, is_raw, socket_of

#: Seconds the engine may take for one request: starting a hyperv container takes minutes on a busy host.
REQUEST_TIMEOUT = 600
#: And for its first answer.
VERSION_TIMEOUT = 60
_HIJACKED = re.compile(r"/(?P<kind>exec|containers)/(?P<id>[^/?]+)/(?:start|attach)")

#: ``(kind, id) -> bool``: whether the exec (kind ``exec``) or container (kind ``containers``) has ended.
Ended = Callable[[str, str], bool]


class OwnCredentials(AuthConfig):
    """Only what a task gives. Never empty for the SDK: it would then read the controller's own Docker configuration, and send what stands
    there to the engine of the host."""

    is_empty = False


class TunnelClient(APIClient):
    """``docker.APIClient`` whose requests go through an adapter of ours.

    Nothing of the controller's own Docker set-up takes part: neither the credentials nor the proxies of its
    ``~/.docker/config.json``, nor a ``.netrc`` or proxy variables.

    Args:
        adapter: Carries the requests.
        version: Engine API version; None until it is known.
        ended: Asked when a hijacked stream is silent.
    """

    def __init__(self, adapter: TunnelAdapter, version: str | None, ended: Ended) -> None:
        # The address is a placeholder that the SDK accepts: its own schemes all bring a transport of their own along.
        super().__init__(base_url="http://localhost:2375", version=version or "1.24", timeout=REQUEST_TIMEOUT)
        for scheme in ("http://", "https://"):
            self.adapters.pop(scheme)
        self.mount("http+docker://", adapter)
        self.base_url = "http+docker://tunnel"
        self.trust_env = False
        self._general_configs: dict[str, Any] = {}
        self._auth_configs = OwnCredentials({"auths": {}})
        self._proxy_configs = ProxyConfig()
        self._ended = ended
        self._silence: int | None = None

    def log_in(self, registry: str, credentials: dict[str, str]) -> None:
        """Send these credentials along with a build, which asks the registries by itself. Pulls take theirs as an argument."""
        self._auth_configs.add_auth(registry, credentials)

    def negotiate(self) -> dict[str, Any]:
        """Ask for the engine's version and speak its API from now on; the answer of ``/version``."""
        self.timeout = VERSION_TIMEOUT
        try:
            answer: dict[str, Any] = self.version(api_version=False)
        finally:
            self.timeout = REQUEST_TIMEOUT
        self._version = str(answer["ApiVersion"])
        return answer

    @contextmanager
    def patience(self, silence: int) -> Iterator[None]:
        """A block in which no answer, and no pause inside one, may take longer; also of calls that the SDK lets wait for ever (pull, build)."""
        before, self._silence, self.timeout = (self._silence, self.timeout), silence, silence
        try:
            yield
        finally:
            self._silence, self.timeout = before

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        if self._silence is not None and kwargs.get("timeout") is None:
            kwargs["timeout"] = self._silence
        return cast("dict[str, Any]", cast(Any, super())._set_request_timeout(kwargs))

    def _get_raw_response_socket(self, response: Response) -> Any:
        """The connection of an answer: a RawStream where it was upgraded, else the socket (which has the time-out)."""
        cast(Any, self)._raise_for_status(response)
        return RawStream(response) if is_raw(response) else socket_of(response)

    def _read_from_socket(self, response: Response, stream: bool, tty: bool = True, demux: bool = False) -> Any:
        """Frames of an upgraded answer, as the SDK's own method gives them."""
        cast(Any, self)._raise_for_status(response)
        pieces = self._pieces(response, tty)
        if stream:
            return (_split(frame) if demux else frame.data for frame in pieces)
        if demux:
            return _collect(pieces)
        return b"".join(frame.data for frame in pieces)

    def _pieces(self, response: Response, tty: bool) -> Iterator[Frame]:
        raw = RawStream(response)
        try:
            yield from frames(raw, lambda: self.has_ended(response), tty)
        finally:
            raw.close()

    def has_ended(self, response: Response) -> bool:
        """Whether what a hijacked answer belongs to has ended."""
        match = _HIJACKED.search(str(response.request.path_url))
        return match is not None and self._ended(match["kind"], match["id"])


def _split(frame: Frame) -> tuple[bytes | None, bytes | None]:
    return (frame.data, None) if frame.stream == STDOUT else (None, frame.data)


def _collect(pieces: Iterator[Frame]) -> tuple[bytes | None, bytes | None]:
    """stdout and stderr; None for one that had nothing, as the SDK does."""
    output: dict[bool, bytearray] = {True: bytearray(), False: bytearray()}
    for frame in pieces:
        output[frame.stream == STDOUT] += frame.data
    return bytes(output[True]) or None, bytes(output[False]) or None
