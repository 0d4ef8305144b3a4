# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes that stream: logs, attach, exec."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

from ..http import Response, Stream, Upgrade
from ..streams import Pipe
from . import texts
from .api import Call, empty, json_response, route
from .containers import Container
from .output import STDERR, STDOUT, Entry, LogQuery, frame, lines_of
from .terminal import Terminal, until_left
from .values import flag

RAW = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"


def _content_type(call: Call, tty: bool) -> tuple[str, str]:
    """From API 1.42 on a framed stream has a type of its own."""
    return ("Content-Type", MULTIPLEXED if not tty and call.api >= (1, 42) else RAW)


def hijack(call: Call, tty: bool, upgrade: Upgrade) -> Response:
    """101 when the client asks for an upgrade, else 200 and raw bytes behind the head."""
    if "upgrade" in call.request.header("connection").lower():
        upgrade.status, upgrade.reason = 101, b"UPGRADED"
        upgrade.headers = [_content_type(call, tty), ("Connection", "Upgrade"), ("Upgrade", "tcp")]
    else:
        upgrade.status, upgrade.reason, upgrade.headers = 200, b"OK", [_content_type(call, tty)]
    return upgrade


@route("GET", "/containers/{id}/logs")
async def logs(call: Call) -> Response:
    if not (call.flag("stdout") or call.flag("stderr")):
        raise texts.ApiError(400, "Bad parameters: you must choose at least one stream")
    container = call.engine.find_container(call.path["id"])
    query = _log_query(call, container)

    async def lines() -> AsyncIterator[bytes]:
        position = len(container.output.entries)
        for entry in query.stored(container.output.entries):
            yield query.show(entry)
        if call.flag("follow"):
            async for piece in container.output.follow(position):
                for line in lines_of(piece):
                    if query.wants(line):
                        yield query.show(line)

    return Response(200, lines(), [_content_type(call, container.config["Tty"])])


def _log_query(call: Call, container: Container) -> LogQuery:
    streams = frozenset(number for number, name in ((STDOUT, "stdout"), (STDERR, "stderr")) if call.flag(name))
    tail = call.text("tail")
    return LogQuery(
        streams,
        int(tail) if tail.isdecimal() else None,
        moment(call.text("since")),
        moment(call.text("until")),
        call.flag("timestamps"),
        bool(container.config["Tty"]),
    )


def moment(text: str) -> float:
    """Seconds since 1970, or a time as text. Raises ApiError 400."""
    if not text:
        return 0.0
    try:
        return float(text)
    except ValueError:
        try:
            return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
        except ValueError as error:
            raise texts.ApiError(400, f'parsing time "{text}": cannot parse') from error


@route("POST", "/containers/{id}/attach")
async def attach(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    tty = bool(container.config["Tty"])
    if container.state.paused:
        raise texts.ApiError(409, f"container {container.id} is paused, unpause the container before attach")
    call.engine.events.container(container, "attach")
    return hijack(call, tty, Upgrade(handler=lambda stream: _attached(call, container, stream)))


async def _attached(call: Call, container: Container, stream: Stream) -> None:
    """Old output with ``logs``, then with ``stream`` the live one until the container stops."""
    output, tty = container.output, bool(container.config["Tty"])
    wanted = {number for number, name in ((STDOUT, "stdout"), (STDERR, "stderr")) if call.flag(name)}
    stdin = container.stdin if call.flag("stdin") else None
    reader = call.engine.spawn(_feed(container, stdin, stream)) if stdin is not None else None
    now = len(output.entries)

    async def send(entry: Entry) -> None:
        if entry.stream in wanted:
            await stream.write(entry.data if tty else frame(entry.stream, entry.data))

    async def show() -> None:
        for entry in output.entries[:now] if call.flag("logs") else ():
            await send(entry)
        if call.flag("stream"):
            async for entry in output.follow(now, next_end=True):
                await send(entry)

    output_shown = call.engine.spawn(show())
    try:
        await until_left(output_shown, reader, tty)
    finally:
        output_shown.cancel()


async def _feed(container: Container, stdin: Pipe, stream: Stream) -> None:
    terminal = Terminal(stdin, partial(container.output.write, STDOUT), unix=container.image.busybox) if container.config["Tty"] else None
    try:
        while data := await stream.read():
            await (terminal.type(data) if terminal else stdin.write(data))
        if container.config["StdinOnce"] and terminal is None:
            await stdin.end()
    except (ConnectionError, BrokenPipeError):
        return


@route("POST", "/containers/{id}/exec")
async def create_exec(call: Call) -> Response:
    body = call.json()
    if not body.get("Cmd"):
        raise texts.ApiError(400, "No exec command specified")
    container = call.engine.find_container(call.path["id"])
    return json_response({"Id": call.engine.execs.create(container, body).id}, 201)


@route("POST", "/exec/{id}/start")
async def start_exec(call: Call) -> Response:
    engine, body = call.engine, call.json()
    instance = engine.execs.find(call.path["id"])
    if flag(str(body.get("Detach", ""))):
        engine.execs.check_start(instance)
        engine.spawn(engine.execs.run(instance, None))
        return empty(200)
    tty = bool(instance.config["Tty"])
    return hijack(call, tty, Upgrade(handler=lambda stream: engine.execs.run(instance, stream)))


@route("GET", "/exec/{id}/json")
async def inspect_exec(call: Call) -> Response:
    return json_response(call.engine.execs.find(call.path["id"]).shown())


@route("POST", "/exec/{id}/resize")
async def resize_exec(call: Call) -> Response:
    call.engine.execs.find(call.path["id"])
    return empty(201)
