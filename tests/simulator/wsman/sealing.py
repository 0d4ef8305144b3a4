# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Message encryption over HTTP: the multipart framing of sealed envelopes (facts/wsman.md 1.1, spec-encryption-example)."""

from __future__ import annotations

import re
import struct

CONTENT_TYPE = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
PLAIN_TYPE = "application/soap+xml;charset=UTF-8"
_BOUNDARY = b"--Encrypted Boundary"
_LENGTH = re.compile(rb"OriginalContent:.*?Length=(\d+)", re.IGNORECASE)


class CannotUnseal(Exception):
    """The framing or the sealing is wrong: answered with HTTP 400."""


def is_sealed(content_type: str) -> bool:
    """Whether a body of this Content-Type is sealed."""
    return content_type.replace(" ", "").lower().startswith("multipart/encrypted")


def unframe(body: bytes) -> tuple[bytes, bytes, int]:
    """Signature, sealed bytes and the length of the plain text. Raises CannotUnseal."""
    parts = body.split(_BOUNDARY, 2)
    if len(parts) != 3 or not body.endswith(_BOUNDARY + b"--\r\n"):
        raise CannotUnseal("not three boundaries")
    found = _LENGTH.search(parts[1])
    head, separator, payload = parts[2].partition(b"application/octet-stream\r\n")
    payload = payload[: -len(_BOUNDARY + b"--\r\n")]
    if found is None or not separator or len(payload) < 4:
        raise CannotUnseal("a part is missing")
    (size,) = struct.unpack("<I", payload[:4])
    if size > len(payload) - 4:
        raise CannotUnseal("the signature is longer than the part")
    return payload[4 : 4 + size], payload[4 + size :], int(found.group(1))


def frame(signature: bytes, sealed: bytes, plain_length: int) -> bytes:
    """The body of a sealed message."""
    return b"".join((
        _BOUNDARY, b"\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n",
        f"\tOriginalContent: type={PLAIN_TYPE};Length={plain_length}\r\n".encode(),
        _BOUNDARY, b"\r\n\tContent-Type: application/octet-stream\r\n",
        struct.pack("<I", len(signature)), signature, sealed,
        _BOUNDARY, b"--\r\n",
    ))  # fmt: skip
