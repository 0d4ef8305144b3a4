# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Channel bindings (CbtHardeningLevel): a logon over HTTPS says for which certificate it was meant.

``none`` never looks, ``relaxed`` (Windows' default) refuses bindings of another channel and takes clients that send none, ``strict`` wants them
(facts/wsman.md 1.1; RFC 5929 tls-server-end-point).
"""

from __future__ import annotations

import hashlib

import spnego
from cryptography import x509
from spnego._ntlm_raw.messages import Authenticate, AvId, NTClientChallengeV2
from spnego.channel_bindings import GssChannelBindings

LEVELS = ("none", "relaxed", "strict")
_NTLM_AUTHENTICATE = b"NTLMSSP\0\x03\0\0\0"
#: GSS_C_CHANNEL_BOUND_FLAG: both sides had bindings, and they agree.
_CHANNEL_BOUND = 0x800


def end_point(certificate: bytes) -> GssChannelBindings:
    """The bindings of a TLS connection to the server with this certificate (DER): the hash of its signature, SHA-256 at least."""
    algorithm = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    name = algorithm.name if algorithm and algorithm.name not in ("md5", "sha1") else "sha256"
    return GssChannelBindings(application_data=b"tls-server-end-point:" + hashlib.new(name, certificate).digest())


def acceptable(level: str, token: bytes, context: spnego.ContextProxy, certificate: bytes) -> bool:
    """Whether a step of a logon may stand; only the step that ends an NTLM or Kerberos logon can be wrong."""
    if level == "none" or not context.complete:
        return True
    if context.negotiated_protocol == "kerberos":
        return level != "strict" or _kerberos_bound(context)
    sent = _ntlm_bindings(token)
    if sent is None:
        return level != "strict"
    return sent == hashlib.md5(end_point(certificate).pack(), usedforsecurity=False).digest()


def _ntlm_bindings(token: bytes) -> bytes | None:
    """The hash that the client's proof covers; None if it sent none (missing, or zeros)."""
    start = token.find(_NTLM_AUTHENTICATE)
    if start < 0:
        return None
    response = Authenticate.unpack(token[start:]).nt_challenge_response or b""
    if len(response) <= 24:
        return None
    pairs = NTClientChallengeV2.unpack(response[16:]).av_pairs
    found = pairs.get(AvId.channel_bindings)
    return bytes(found) if found and found != bytes(16) else None


def _kerberos_bound(context: spnego.ContextProxy) -> bool:
    inner = context
    while hasattr(inner, "_context") and not hasattr(inner, "actual_flags"):
        inner = inner._context
    return bool(int(getattr(inner, "actual_flags", 0)) & _CHANNEL_BOUND)
