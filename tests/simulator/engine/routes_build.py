# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes that make images: build and commit."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import AsyncIterator
from typing import Any

from ..http import Response
from . import build, texts
from .api import Call, empty, json_response, route
from .dockerfile import apply_changes
from .references import parse_reference

Json = dict[str, Any]


def _mapping(call: Call, name: str) -> dict[str, str]:
    """A parameter that is a JSON object. Raises ApiError 400."""
    text = call.text(name)
    try:
        parsed = json.loads(text) if text else {}
    except ValueError as error:
        raise texts.ApiError(400, f"error reading {name}: {error}") from error
    return {str(key): str(value) for key, value in (parsed or {}).items()}


def _accounts(call: Call) -> dict[str, tuple[str, str]]:
    """Registry to user and password, from ``X-Registry-Config``; what cannot be read counts as none."""
    header = call.request.header("X-Registry-Config")
    try:
        document = json.loads(base64.urlsafe_b64decode(header)) if header else {}
    except ValueError:
        return {}
    return {host: (one.get("username", ""), one.get("password", "")) for host, one in document.items()}


@route("POST", "/build")
async def build_image(call: Call) -> Response:
    if call.text("version") == "2":
        raise texts.ApiError(400, "buildkit not supported by daemon")
    if call.text("remote"):
        raise texts.ApiError(500, f"the simulated engine builds from the request only, not from {call.text('remote')}")
    tags = call.query.get("t", [])
    for tag in tags:
        parse_reference(tag)
    options = build.Options(
        call.text("dockerfile") or "Dockerfile",
        tags,
        _mapping(call, "buildargs"),
        _mapping(call, "labels"),
        call.text("target").lower(),
        call.flag("q"),
        call.flag("nocache"),
        call.text("rm", "1") not in ("0", "false"),
        call.text("isolation").lower(),
        _accounts(call),
    )
    try:
        work = build.Build(call.engine, build.context_of(call.request.body), options)
        instructions = work.read()
    except texts.ApiError as error:
        # The head is out before the Dockerfile is read when the context came with the request and is whole.
        raise texts.ApiError(error.status, error.message) from error

    async def lines() -> AsyncIterator[bytes]:
        async for message in work.run(instructions):
            if not options.quiet or "error" in message:
                yield json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode() + b"\r\n"
        if options.quiet and work.stages:
            yield json.dumps({"stream": f"{work.stages[-1].image.id}\n"}).encode() + b"\r\n"

    return Response(200, lines(), [("Content-Type", "application/json")])


@route("POST", "/build/prune")
async def prune_build_cache(call: Call) -> Response:
    """The classic builder keeps its cache as images."""
    call.engine.events.pruned("builder", 0)
    return json_response({"CachesDeleted": None, "SpaceReclaimed": 0})


@route("POST", "/session")
async def session(call: Call) -> Response:
    raise texts.page_not_found()


@route("POST", "/commit")
async def commit(call: Call) -> Response:
    """An image from a container, which must not run (docker-on-windows.md 7)."""
    engine = call.engine
    container = engine.find_container(call.text("container"))
    if container.state.running:
        raise texts.commit_running()
    name = str(parse_reference(call.text("repo"), call.text("tag"))) if call.text("repo") else ""
    config = copy.deepcopy({key: value for key, value in container.config.items() if key not in ("Hostname", "Image")})
    config |= {key: value for key, value in call.json().items() if value}
    config = apply_changes(config, [one for text in call.query.get("changes", []) for one in text.split("\n") if one])
    image = build.new_image(
        container.image, config, container.files.copy(), comment=call.text("comment"), made_by=" ".join([container.path, *container.args])
    )
    image.author = call.text("author")
    engine.host.reserve(image.size - container.image.size)
    engine.state.images.add(image)
    if name:
        engine.state.images.tag(image, name)
    engine.events.container(container, "commit", comment=call.text("comment"), imageID=image.id, imageRef=name)
    return json_response({"Id": image.id}, 201)


__all__ = ["build_image", "commit", "empty", "prune_build_cache", "session"]
