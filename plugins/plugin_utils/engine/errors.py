# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the engine and of the way to it, and the one place where the Docker SDK's exceptions become ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import NotFoundError, ProtocolError, RemoteError, RemoteTimeout
from .failures import meaning, one_line
from .libraries import APIError, DockerException, HTTPError, ReadTimeoutError, RequestException, Timeout

#: What some engines append to an error of a container: all it was to be made from, the values of its environment variables among it
#: (docker/error-messages.json; docker/for-win#4320 for a process). They may be secrets, so nobody gets to see it.
_EXTRA_INFO = re.compile(r"\s*\(?extra info: .*", re.DOTALL)


class EngineError(RemoteError):
    """The engine refused a request.

    Args:
        status: HTTP status of the answer; None when the refusal came inside a stream (pull progress).
    """

    def __init__(self, cause: str, advice: str = "", *, status: int | None = None, text: str = "") -> None:
        super().__init__(cause, advice, code=status, text=text)
        self.status = status


class EngineNotFoundError(EngineError, NotFoundError):
    """The engine knows no such container, image, network or volume (HTTP 404)."""


class EngineConflictError(EngineError):
    """The request contradicts the state of the thing (HTTP 409): a name in use, a container that runs."""


class EngineNotInstalledError(EngineError):
    """No service of this host runs ``dockerd.exe``."""


class EngineDownError(EngineError):
    """Nothing listens on the engine's named pipe."""


class EngineAccessError(EngineError):
    """The user may not open the engine's named pipe."""


class PipeModeError(EngineError):
    """The named pipe is in byte mode, which ``docker system dial-stdio`` cannot half-close."""


class TunnelLostError(EngineError):
    """The tunnel broke while a request was under way; whether the engine carried it out is unknown."""


#: By the entry of the table of failures.
_DIAL_ERRORS: dict[str, type[EngineError]] = {
    "pipe_mode": PipeModeError,
    "pipe_denied": EngineAccessError,
    "engine_down": EngineDownError,
    "pipe_missing": EngineDownError,
    "client_missing": EngineError,
}


def refusal(error: APIError) -> EngineError:
    """The engine's own answer as one of our errors."""
    status = error.status_code
    text = _EXTRA_INFO.sub("", str(error.explanation or error.args[0] if error.args else error))
    kind = {404: EngineNotFoundError, 409: EngineConflictError}.get(status or 0, EngineError)
    found = meaning(text)
    if found is not None:
        return kind(found.cause, found.advice, status=status, text=text)
    return kind(f"the engine answered: {one_line(text)}", status=status, text=text)


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn what the Docker SDK, requests and urllib3 raise inside the block into errors of ours."""
    try:
        yield
    except APIError as error:
        raise refusal(error) from error
    except (Timeout, ReadTimeoutError) as error:
        raise RemoteTimeout(
            "the engine did not answer in time", "Look at the engine's load and at its entries in the Application event log"
        ) from error
    except (RequestException, HTTPError) as error:
        raise TunnelLostError(f"the connection to the engine broke ({one_line(str(error))})", "Run the task again") from error
    except DockerException as error:
        raise ProtocolError(f"the engine's answer cannot be used ({one_line(str(error))})") from error


def dial_error(pipe: str, text: str, service: str, state: str) -> EngineError:
    """Why ``docker system dial-stdio`` ended before the engine said a word (docker-on-windows.md section 9, 3).

    The part of the text that comes from Windows is in the host's language, so where it is not English the state of the
    service decides.

    Args:
        pipe: Name of the named pipe.
        text: What the program wrote to stderr.
        service: Name of the engine's service.
        state: The service's state as CIM spells it (``Running``, ``Stopped`` ...).
    """
    condition = state.lower() or "in an unknown state"
    found = meaning(f"{text} [service state: {state}]", "dial", pipe=pipe, service=service, condition=condition)
    if found is not None and found.id in _DIAL_ERRORS:
        return _DIAL_ERRORS[found.id](found.cause, found.advice, text=text)
    said = one_line(text) or "nothing"
    return EngineError(f'docker.exe could not reach the named pipe "{pipe}" of the engine; it said: {said}', text=text)
