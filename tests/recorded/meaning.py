# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer means, read twice: plainly from its XML here, and by the collection's client. Both must agree."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

from ansible_collections.winfleet.containers.plugins.plugin_utils import errors
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote import envelope, faults
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.values import parse_instance

from .replay import NIL, N, R, Recording, W, value

#: Exceptions a number must become; all others are plain errors of the host.
KINDS: dict[int, type[Exception]] = {
    2150858793: faults.OperationTimedOut, 2150858843: errors.ShellGoneError, 2150859173: errors.QuotaError,
    2150859174: errors.QuotaError, 2150858752: errors.NotFoundError, 2150858778: errors.NotFoundError, 32768: errors.NotFoundError,
}  # fmt: skip


def plainly(recording: Recording) -> dict[str, Any]:
    """What stands in the XML."""
    if recording.code is not None:
        return {"error": KINDS.get(recording.code, errors.RemoteError).__name__}
    root, found = recording.root, {}
    streams = list(root.iter(R + "Stream"))
    if recording.kind == "Receive":
        state = next(root.iter(R + "CommandState")).get("State", "").rpartition("/")[2]
        code = root.findtext(f".//{R}ExitCode")
        found = {"done": state == "Done", "exit_code": None if code is None else int(code)}
        for name in ("stdout", "stderr"):
            found[name] = b"".join(base64.b64decode(stream.text or "") for stream in streams if stream.get("Name") == name)
    elif recording.kind == "Create":
        found = {
            "shell": next((selector.text or "").strip() for selector in root.iter(W + "Selector") if selector.get("Name") == "ShellId")
        }
    elif recording.kind == "Command":
        found = {"command": root.findtext(f".//{R}CommandId")}
    elif recording.kind in ("Enumerate", "Pull"):
        context = root.findtext(f".//{N}EnumerationContext") or ""
        ended = any(element.tag.endswith("}EndOfSequence") for element in root.iter())
        found = {"items": [texts(item) for item in recording.items], "more": bool(context.strip()) and not ended}
    elif recording.items:
        found = {"items": [texts(item) for item in recording.items]}
    return found


def texts(item: ET.Element) -> dict[str, Any]:
    """Property to its text or moment, a list where it is repeated, None where it is null."""
    found: dict[str, Any] = {}
    for element in item:
        name = element.tag.rpartition("}")[2]
        text = None if element.get(NIL) == "true" else value(element) if len(element) else element.text or ""
        known = found.get(name)
        found[name] = text if name not in found else [*(known if isinstance(known, list) else [known]), text]
    return found


def by_the_client(recording: Recording) -> dict[str, Any]:
    """What the client makes of it."""
    try:
        body = envelope.parse_answer(recording.response.encode())
    except errors.ContainersError as error:
        return {"error": type(error).__name__}
    if recording.kind == "Receive":
        got = envelope.parse_received(body)
        return {"done": got.done, "exit_code": got.exit_code, "stdout": got.stdout, "stderr": got.stderr}
    if recording.kind == "Create":
        return {"shell": envelope.parse_shell_id(body)}
    if recording.kind == "Command":
        return {"command": envelope.parse_command_id(body)}
    if recording.kind in ("Enumerate", "Pull"):
        batch = envelope.parse_batch(body)
        return {"items": [parse_instance(item, moments(item)) for item in batch.items], "more": batch.context is not None}
    if recording.items:
        return {"items": [parse_instance(item, moments(item)) for item in body]}
    return {}


def moments(item: ET.Element) -> dict[str, type[datetime]]:
    """The properties that the client would ask for as moments."""
    return {element.tag.rpartition("}")[2]: datetime for element in item if len(element)}
