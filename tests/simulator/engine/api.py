# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP face of the engine: routes, version negotiation, errors as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from ..http import Request, Response
from . import texts
from .values import flag
from .versions import ApiVersion, parse_api, show_api

if TYPE_CHECKING:
    from .engine import Engine

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request, taken apart."""

    engine: Engine
    request: Request
    api: ApiVersion
    path: dict[str, str]
    query: dict[str, list[str]]

    def text(self, name: str, default: str = "") -> str:
        """A parameter of the query string."""
        return self.query.get(name, [default])[0]

    def flag(self, name: str) -> bool:
        return flag(self.text(name))

    def number(self, name: str, default: int) -> int:
        """Raises ApiError 400 when it is no number."""
        value = self.text(name)
        if not value:
            return default
        try:
            return int(value)
        except ValueError as error:
            raise texts.ApiError(400, f'strconv.Atoi: parsing "{value}": invalid syntax') from error

    def filters(self) -> dict[str, list[str]]:
        """``filters`` as name to values; both JSON notations are accepted. Raises ApiError 400."""
        raw = self.text("filters")
        if not raw:
            return {}
        try:
            parsed = json.loads(raw)
            return {key: [one for one in values if not isinstance(values, dict) or values[one]] for key, values in parsed.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise texts.ApiError(400, "invalid filter") from error

    def json(self) -> Json:
        """The body. Raises ApiError 400 when it is no JSON object."""
        if not self.request.body:
            return {}
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise texts.invalid_json(error, self.engine.version) from error
        if not isinstance(body, dict):
            raise texts.ApiError(400, "invalid JSON: an object is wanted")
        return body


Action = Callable[[Call], Awaitable[Response]]
_ROUTES: list[tuple[str, re.Pattern[str], Action]] = []


def route(method: str, pattern: str) -> Callable[[Action], Action]:
    """Register a handler; ``{name}`` is one path segment, ``{name:.*}`` any number of them."""
    expression = re.sub(r"\{(\w+)(?::([^}]+))?\}", lambda match: f"(?P<{match[1]}>{match[2] or '[^/]+'})", pattern)

    def register(action: Action) -> Action:
        _ROUTES.append((method, re.compile(expression + r"\Z"), action))
        return action

    return register


def json_response(data: Any, status: int = 200) -> Response:
    """An answer with a JSON body, ended by a line feed as Go's encoder does."""
    body = json.dumps(data, separators=(",", ":")).encode() + b"\n"
    return Response(status, body, [("Content-Type", "application/json")])


def empty(status: int = 204) -> Response:
    """An answer without a body."""
    return Response(status)


async def answer(engine: Engine, request: Request) -> Response:
    """Answer one request of the Engine API."""
    parts = urlsplit(request.target)
    engine.requests.append(f"{request.method} {parts.path}")
    engine.host.log(f"{request.method} {request.target}")
    try:
        response = await _dispatch(engine, request, parts.path, parse_qs(parts.query, keep_blank_values=True))
    except texts.ApiError as error:
        response = json_response({"message": texts.as_released(error.message, engine.version)}, error.status)
    except Exception as error:  # a fault of the simulation itself must be seen, and the client must get an answer
        engine.host.log(f"the simulated engine failed: {request.method} {request.target}: {error!r}")
        response = json_response({"message": f"the simulated engine failed: {error!r}"}, 500)
    response.headers = [*response.headers, *_common_headers(engine)]
    response.reason = response.reason or HTTPStatus(response.status).phrase.encode()
    return response


async def _dispatch(engine: Engine, request: Request, path: str, query: dict[str, list[str]]) -> Response:
    api = engine.version.api
    if match := re.match(r"/v(\d+\.\d+)(/.*)", path):
        api, path = parse_api(match[1]), match[2]
        if api > engine.version.api:
            raise texts.api_too_new(api, engine.version)
        if api < engine.version.min_api:
            raise texts.api_too_old(api, engine.version)
    for method, pattern, action in _ROUTES:
        if method == request.method and (found := pattern.match(path)):
            values = {key: unquote(value) for key, value in found.groupdict().items()}
            return await action(Call(engine, request, api, values, query))
    engine.host.log(f"no such route in this simulation: {request.method} {path}")
    raise texts.page_not_found()


def _common_headers(engine: Engine) -> Sequence[tuple[str, str]]:
    return [
        ("Api-Version", show_api(engine.version.api)),
        ("Docker-Experimental", "true" if engine.config.get("experimental") else "false"),
        ("Ostype", "windows"),
        ("Server", f"Docker/{engine.version} (windows)"),
    ]
