# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Message encryption over HTTP: the multipart framing of sealed envelopes (facts/wsman.md 1.1, spec-encryption-example)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

PLAIN_TYPE = "application/soap+xml;charset=UTF-8"
SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
CREDSSP = "application/HTTP-CredSSP-session-encrypted"
#: CredSSP seals records of TLS, so longer messages are cut into parts of this size.
PART = 16384
_BOUNDARY = b"--Encrypted Boundary"
_END = _BOUNDARY + b"--\r\n"
_LENGTH = re.compile(rb"OriginalContent:.*?Length=(\d+)", re.IGNORECASE)
_PROTOCOL = re.compile(r'protocol="([^"]*)"', re.IGNORECASE)


class CannotUnseal(Exception):
    """The framing or the sealing is wrong: answered with HTTP 400."""


@dataclass(frozen=True)
class Part:
    """A sealed piece of a message and the length of its plain text."""

    signature: bytes
    sealed: bytes
    length: int


def is_sealed(content_type: str) -> bool:
    """Whether a body of this Content-Type is sealed."""
    return content_type.replace(" ", "").lower().startswith(("multipart/encrypted", "multipart/x-multi-encrypted"))


def protocol_of(content_type: str) -> str:
    """The protocol a client names; ours is the same in the answer."""
    found = _PROTOCOL.search(content_type)
    return found.group(1) if found else SPNEGO


def content_type(protocol: str, parts: int = 1) -> str:
    """Of a sealed body."""
    kind = "multipart/encrypted" if parts == 1 else "multipart/x-multi-encrypted"
    return f'{kind};protocol="{protocol}";boundary="Encrypted Boundary"'


def unframe(body: bytes) -> list[Part]:
    """The sealed parts. Raises CannotUnseal."""
    if not body.startswith(_BOUNDARY) or not body.endswith(_END):
        raise CannotUnseal("not between boundaries")
    pieces = body[len(_BOUNDARY) : -len(_END)].split(_BOUNDARY + b"\r\n")
    if len(pieces) % 2:
        raise CannotUnseal("a head without its content")
    return [_part(head, content) for head, content in zip(pieces[::2], pieces[1::2], strict=True)]


def _part(head: bytes, content: bytes) -> Part:
    found = _LENGTH.search(head)
    _type, separator, payload = content.partition(b"application/octet-stream\r\n")
    if found is None or not separator or len(payload) < 4:
        raise CannotUnseal("a part is missing")
    (size,) = struct.unpack("<I", payload[:4])
    if size > len(payload) - 4:
        raise CannotUnseal("the signature is longer than the part")
    return Part(payload[4 : 4 + size], payload[4 + size :], int(found.group(1)))


def frame(parts: list[Part], protocol: str) -> bytes:
    """The body of a sealed message."""
    return b"".join(_framed(part, protocol) for part in parts) + _END


def _framed(part: Part, protocol: str) -> bytes:
    return b"".join((
        _BOUNDARY, f"\r\n\tContent-Type: {protocol}\r\n".encode(),
        f"\tOriginalContent: type={PLAIN_TYPE};Length={part.length}\r\n".encode(),
        _BOUNDARY, b"\r\n\tContent-Type: application/octet-stream\r\n",
        struct.pack("<I", len(part.signature)), part.signature, part.sealed,
    ))  # fmt: skip
