# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is at the other end of a connection, and how its messages are sealed (facts/wsman.md 1.1 and 8.2).

Basic and certificates stand in every request. NTLM, Negotiate (raw NTLM, or SPNEGO around NTLM or Kerberos), Kerberos and CredSSP are
conversations that belong to the connection; pyspnego is their acceptor, and what it ends with seals the messages.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import spnego
from spnego._negotiate import NegotiateProxy
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError

from . import sealing
from .accounts import Accounts
from .bindings import acceptable, end_point
from .certificate import principal_name
from .sealing import CannotUnseal, Part
from .settings import WinrmSettings

BASIC_CHALLENGE = 'Basic realm="WSMAN"'
#: Name and challenge of authentication by client certificate.
CERTIFICATE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"


@dataclass(frozen=True)
class Line:
    """What authentication may know of the connection.

    Args:
        encrypted: TLS.
        peer_certificate: The client's certificate (DER), verified against those of the mappings; empty without one.
        server_certificate: The listener's own (DER): channel bindings are made from it.
    """

    encrypted: bool = False
    peer_certificate: bytes = b""
    server_certificate: bytes = b""


@dataclass(frozen=True)
class Verdict:
    """What one Authorization header led to.

    Args:
        user: The account, when the logon is complete.
        token: What goes back in ``WWW-Authenticate``, complete or not.
    """

    user: str = ""
    token: str = ""


#: What Windows calls a wrong name or password (0xC000006D; the field is signed).
STATUS_LOGON_FAILURE = 0xC000006D - 0x100000000


class _Logon(NegotiateProxy):
    """The logon inside CredSSP; it tells the client of a failure as Windows does."""

    def __init__(self) -> None:
        super().__init__(usage="accept")

    def step(self, in_token: bytes | None = None, *, channel_bindings: GssChannelBindings | None = None) -> bytes | None:
        try:
            return super().step(in_token, channel_bindings=channel_bindings)
        except SpnegoError as problem:
            vars(problem)["_SSPI_CODE"] = STATUS_LOGON_FAILURE
            raise


class Login:
    """The authentication state of one connection.

    Attributes:
        user: The account once a conversation is complete; empty for Basic and certificates, which authenticate single requests.
    """

    def __init__(self, accounts: Accounts, settings: WinrmSettings, line: Line) -> None:
        self._accounts, self._settings, self._line = accounts, settings, line
        self._context: spnego.ContextProxy | None = None
        self.user = ""

    @property
    def schemes(self) -> list[str]:
        """What a 401 offers, in Windows' order (facts/wsman/http-www-authenticate-values.txt)."""
        settings = self._settings
        offered = {
            "Negotiate": settings.negotiate,
            "Kerberos": settings.kerberos,
            CERTIFICATE: bool(settings.certificate_mappings) and self._line.encrypted,
            BASIC_CHALLENGE: settings.basic,
            "CredSSP": settings.credssp,
        }
        return [name for name, wanted in offered.items() if wanted]

    def offers(self, header: str) -> bool:
        """Whether the scheme of an Authorization header is among them, by that very name; also for no header at all."""
        scheme = header.partition(" ")[0].lower()
        return not scheme or scheme in [name.partition(" ")[0].lower() for name in self.schemes]

    def present(self, header: str) -> Verdict:
        """Take an Authorization header. An empty Verdict refuses it."""
        scheme, _blank, credential = header.partition(" ")
        kind = scheme.lower()
        if kind == "basic" and self._settings.basic:
            return Verdict(self._accounts.basic(credential.strip()))
        if header.strip().lower() == CERTIFICATE:
            return Verdict(self._mapped())
        conversations = {
            "negotiate": self._settings.negotiate, "ntlm": self._settings.negotiate, "kerberos": self._settings.kerberos,
            "credssp": self._settings.credssp,
        }  # fmt: skip
        return self._step(scheme, credential.strip()) if conversations.get(kind) else Verdict()

    def _mapped(self) -> str:
        """The local account that the client's certificate is mapped to: by issuer (TLS has verified it) and principal name."""
        if not self._line.peer_certificate:
            return ""
        name = principal_name(self._line.peer_certificate)
        for mapping in self._settings.certificate_mappings:
            if name and mapping.subject.lower() == name.lower():
                return self._accounts.local(mapping.account)
        return ""

    # --- conversations ---------------------------------------------------------------------------------------------------------

    def _step(self, scheme: str, credential: str) -> Verdict:
        try:
            token = base64.b64decode(credential, validate=True)
            if not token:
                raise ValueError("no token")
            out = self._spoken(scheme.lower(), token)
        except (binascii.Error, SpnegoError, ValueError):
            self._context = None
            return Verdict()
        text = f"{scheme} {base64.b64encode(out).decode()}" if out else ""
        if self._context is None or not self._context.complete:
            return Verdict(token=text)
        self.user = self._principal(self._context)
        return Verdict(self.user, text)

    def _spoken(self, scheme: str, token: bytes) -> bytes | None:
        """One step of the conversation. Raises SpnegoError."""
        with self._accounts.selected():
            if self._context is None or self._context.complete:
                self._context, self.user = self._acceptor(scheme, token), ""
            out = self._context.step(token, **self._bindings(scheme, token))
        bound = self._settings.cbt_hardening
        if scheme != "credssp" and self._line.encrypted and not acceptable(bound, token, self._context, self._line.server_certificate):
            self._context = None
            raise ValueError("the channel bindings do not fit this connection")
        return out

    def _acceptor(self, scheme: str, token: bytes) -> spnego.ContextProxy:
        if scheme == "credssp":
            return spnego.server(protocol="credssp", credssp_negotiate_context=_Logon())
        if token.startswith(b"NTLMSSP\0"):
            if scheme == "kerberos":
                raise ValueError("NTLM under the name of Kerberos")
            return spnego.server(protocol="ntlm")
        return spnego.server(protocol="negotiate")

    def _bindings(self, scheme: str, token: bytes) -> dict[str, GssChannelBindings]:
        """For Kerberos, whose acceptor checks them itself; NTLM's would refuse clients that send none."""
        wanted = self._line.encrypted and scheme != "credssp" and self._settings.cbt_hardening != "none" and b"NTLMSSP\0" not in token
        return {"channel_bindings": end_point(self._line.server_certificate)} if wanted else {}

    def _principal(self, context: spnego.ContextProxy) -> str:
        name = context.client_principal or ""
        if context.negotiated_protocol == "kerberos":
            return self._accounts.of_domain(name)
        return self._accounts.known(name)

    # --- sealing -----------------------------------------------------------------------------------------------------------------

    def unseal(self, body: bytes) -> bytes:
        """The plain message. Raises CannotUnseal."""
        if self._context is None or not self.user:
            raise CannotUnseal("nothing was agreed on")
        plain = [self._unseal(self._context, part) for part in sealing.unframe(body)]
        return b"".join(plain)

    @staticmethod
    def _unseal(context: spnego.ContextProxy, part: Part) -> bytes:
        try:
            plain = context.unwrap_winrm(part.signature, part.sealed)
        except SpnegoError as problem:
            raise CannotUnseal(str(problem)) from problem
        if len(plain) != part.length:
            raise CannotUnseal("the length is another one")
        return plain

    def seal(self, plain: bytes, protocol: str) -> tuple[bytes, str]:
        """Body and Content-Type of a sealed answer."""
        context = self._context
        if context is None:
            raise CannotUnseal("nothing was agreed on")
        pieces = [plain]
        if protocol == sealing.CREDSSP:
            pieces = [plain[start : start + sealing.PART] for start in range(0, len(plain), sealing.PART)]
        parts = []
        for piece in pieces:
            wrapped = context.wrap_winrm(piece)
            parts.append(Part(wrapped.header, wrapped.data, len(piece) + wrapped.padding_length))
        return sealing.frame(parts, protocol), sealing.content_type(protocol, len(parts))
