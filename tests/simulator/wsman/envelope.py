# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP envelopes: requests parsed into a Message, answers written the way Windows writes them (one line, its prefixes)."""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from . import names

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class MalformedEnvelope(Exception):
    """Not XML, or not a SOAP envelope: answered with HTTP 400 (facts/wsman.md 1)."""


@dataclass
class Message:
    """One request.

    Attributes:
        kind: ``Create``, ``Command``, ``Receive``, ``Enumerate`` ... or ``Invoke``.
        selectors: Names in lower case (names and values are case-insensitive: facts/wsman.md 2.1).
        headers: The header element, for what has no attribute here.
        body: The first element of the body, None if it is empty.
        chunked: The request came in chunks.
        must_comply: Options the client insists on.
    """

    action: str
    kind: str
    resource: str
    message_id: str
    to: str
    headers: ET.Element
    body: ET.Element | None
    selectors: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    user: str = ""
    client: str = ""
    host: str = ""
    chunked: bool = False
    must_comply: tuple[str, ...] = ()

    def header(self, namespace: str, name: str) -> str | None:
        """The stripped text of one header, None if it is missing."""
        found = self.headers.find(f"{{{namespace}}}{name}")
        return None if found is None else (found.text or "").strip()


def escape(text: str) -> str:
    """Text as Windows escapes it; control characters become ``?`` (facts/wsman.md 5.1)."""
    return _UNSAFE.sub("?", re.sub("[&<>\"']", lambda match: _ESCAPES[match.group()], text))


def parse(data: bytes) -> Message:
    """Read an envelope. Raises MalformedEnvelope."""
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, LookupError, ValueError) as problem:
        raise MalformedEnvelope(str(problem)) from problem
    header = root.find(f"{{{names.SOAP}}}Header")
    body = root.find(f"{{{names.SOAP}}}Body")
    if root.tag != f"{{{names.SOAP}}}Envelope" or header is None or body is None:
        raise MalformedEnvelope("not a SOAP 1.2 envelope")
    message = Message("", "", "", "", "", header, body[0] if len(body) else None)
    message.action = message.header(names.ADDRESSING, "Action") or ""
    message.kind = names.KINDS.get(message.action, "Invoke")
    message.resource = message.header(names.WSMAN, "ResourceURI") or ""
    message.message_id = message.header(names.ADDRESSING, "MessageID") or ""
    message.to = message.header(names.ADDRESSING, "To") or ""
    message.selectors = {name.lower(): text.strip() for name, text in _named(header, "SelectorSet", "Selector").items()}
    message.options = _named(header, "OptionSet", "Option")
    options = header.iterfind(f"{{{names.WSMAN}}}OptionSet/{{{names.WSMAN}}}Option")
    message.must_comply = tuple(option.get("Name", "") for option in options if option.get("MustComply", "").lower() in ("true", "1"))
    return message


def _named(header: ET.Element, container: str, item: str) -> dict[str, str]:
    found = header.iterfind(f"{{{names.WSMAN}}}{container}/{{{names.WSMAN}}}{item}")
    return {element.get("Name", ""): element.text or "" for element in found}


def seconds(duration: str) -> float | None:
    """The length of an xs:duration without years and months; None if it is none, or negative."""
    match = _DURATION.fullmatch(duration)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, rest = (float(part or 0) for part in match.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + rest


def duration(value: float) -> str:
    """Windows' own spelling: ``PT7200.000S``."""
    return f"PT{value:.3f}S"


def identifier() -> str:
    """A new identifier in upper case, as Windows makes them."""
    return str(uuid.uuid4()).upper()


def attribute(element: ET.Element, name: str) -> str:
    """An attribute of a shell's element; a client was recorded that puts it into the shell's namespace, and Windows took it."""
    return element.get(name) or element.get(f"{{{names.SHELL}}}{name}") or ""


def answer(action: str, relates_to: str | None, body: str, prefixes: str, *, activity: bool = False, language: str = "en-US") -> str:
    """A whole answer.

    Args:
        action: Of the answer.
        relates_to: The request's MessageID; None leaves the header out (quota faults have none).
        body: What stands inside ``s:Body``.
        prefixes: Which prefixes the envelope declares, in order, separated by blanks.
        activity: Whether ``p:ActivityId`` is there (newer stacks: facts/wsman.md 2.2).
        language: ``xml:lang`` of the envelope.
    """
    declared = "".join(f' xmlns:{prefix}="{names.PREFIXES[prefix]}"' for prefix in prefixes.split())
    parts = [f'<s:Envelope xml:lang="{language}"{declared}><s:Header><a:Action>{action}</a:Action>']
    parts.append(f"<a:MessageID>uuid:{identifier()}</a:MessageID>")
    if activity:
        parts.append(f"<p:ActivityId>{identifier()}</p:ActivityId>")
    parts.append(f"<a:To>{names.ANONYMOUS}</a:To>")
    if relates_to is not None:
        parts.append(f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>")
    parts.append(f"</s:Header><s:Body>{body}</s:Body></s:Envelope>")
    return "".join(parts)
