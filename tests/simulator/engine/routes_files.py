# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes about a container's files: ``docker cp`` (archive), changes, export, checkpoints. Facts: docker-on-windows.md 2.8, 5, 7."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime

from ..http import Response
from . import texts
from .api import Call, json_response, route
from .containers import Container
from .files import Node, spelt


def _target(call: Call) -> tuple[Container, str]:
    """The container and the path asked for. Raises ApiError 400, 404, 500."""
    path = call.text("path")
    if not path:
        raise texts.empty_parameter("path", call.engine.version)
    container = call.engine.find_container(call.path["id"])
    if container.state.running and container.isolation == "hyperv":
        raise texts.ApiError(500, "filesystem operations against a running Hyper-V container are not supported")
    if re.match(r"[a-zA-Z]:", path) and path[0].lower() != "c":
        raise texts.not_system_drive(call.engine.version)
    return container, path


def _found(call: Call) -> tuple[Container, str, Node]:
    container, path = _target(call)
    node = container.files.find(path)
    if node is None:
        raise texts.ApiError(404, f"Could not find the file {path} in container {call.path['id']}")
    return container, path, node


def _stat(path: str, node: Node) -> tuple[str, str]:
    """The header that tells of the file."""
    moment = datetime.fromtimestamp(node.modified, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = spelt(path).rpartition("/")[2] or "/"
    size = len(node.data) if node.kind == "file" else 4096
    document = {"name": name, "size": size, "mode": node.go_mode, "mtime": moment, "linkTarget": node.target}
    return "X-Docker-Container-Path-Stat", base64.b64encode(json.dumps(document).encode()).decode()


@route("HEAD", "/containers/{id}/archive")
async def stat(call: Call) -> Response:
    _container, path, node = _found(call)
    return Response(200, b"", [_stat(path, node)])


@route("GET", "/containers/{id}/archive")
async def read(call: Call) -> Response:
    container, path, node = _found(call)
    name = spelt(path).rpartition("/")[2] or "/"
    call.engine.events.container(container, "archive-path")
    return Response(200, container.files.tar(path, name), [("Content-Type", "application/x-tar"), _stat(path, node)])


@route("PUT", "/containers/{id}/archive")
async def write(call: Call) -> Response:
    container, path = _target(call)
    node = container.files.find(path)
    if node is None:
        raise texts.ApiError(404, f"Could not find the file {path} in container {call.path['id']}")
    if node.kind != "directory":
        # moby daemon/archive.go: a class since 24.
        raise texts.ApiError(400 if call.engine.version.major >= 24 else 500, "extraction point is not a directory")
    container.files.untar(path, call.request.body, keep_kind=call.flag("noOverwriteDirNonDir"))
    call.engine.events.container(container, "extract-to-dir")
    return Response(200)


@route("GET", "/containers/{id}/changes")
async def changes(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    if container.state.running:
        raise texts.ApiError(500, "Windows does not support diff of a running container")
    found = container.files.changes(container.image.files)
    rows = [{"Path": path if container.image.busybox else f"C:{path.replace('/', chr(92))}", "Kind": kind} for kind, path in found]
    return json_response(rows or None)


@route("GET", "/containers/{id}/export")
async def export(call: Call) -> Response:
    container = call.engine.find_container(call.path["id"])
    raise texts.export_refused(container.name, call.engine.version)


@route("GET", "/containers/{id}/checkpoints")
@route("POST", "/containers/{id}/checkpoints")
async def checkpoint(call: Call) -> Response:
    """Checkpoints are an experimental route; on Windows none can be made."""
    if not call.engine.config.get("experimental"):
        raise texts.page_not_found()
    container = call.engine.find_container(call.path["id"])
    if call.request.method == "GET":
        return json_response([])
    if not container.state.running:
        raise texts.not_running(container.id, call.engine.version)
    raise texts.ApiError(500, f"Cannot checkpoint container {container.name}: Windows: Containers do not support checkpoints")
