# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is at the other end of a connection: Basic, NTLM and Negotiate (facts/wsman.md 1.1 and 8.2).

pyspnego is the acceptor. It reads the accounts from the file that ``NTLM_USER_FILE`` names and the machine's name from the socket
module; both belong to the whole process, so both are set right before each (synchronous) step and put back after it.
"""

from __future__ import annotations

import base64
import binascii
import os
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import spnego
from spnego._ntlm_raw.crypto import ntowfv1
from spnego.exceptions import SpnegoError

#: Fleets in several threads of one process take turns.
_PROCESS = threading.Lock()
BASIC_CHALLENGE = 'Basic realm="WSMAN"'


@dataclass(frozen=True)
class Verdict:
    """What one Authorization header led to.

    Args:
        user: The account, when the logon is complete.
        token: What goes back in ``WWW-Authenticate``, complete or not.
        context: The sealing context of NTLM and Negotiate.
    """

    user: str = ""
    token: str = ""
    context: spnego.ContextProxy | None = None


class Accounts:
    """The accounts of one machine and the file that pyspnego reads them from."""

    def __init__(self, machine_name: str, passwords: Mapping[str, str]) -> None:
        self.machine_name = machine_name
        self._passwords = {name.lower(): (name, password) for name, password in passwords.items()}
        handle, path = tempfile.mkstemp(prefix="winfleet-accounts-")
        self._file = Path(path)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.writelines(self._lines(passwords))

    def _lines(self, passwords: Mapping[str, str]) -> Iterator[str]:
        """Every way a client may write the account's domain; hashes, so that a password may hold any character."""
        for name, password in passwords.items():
            digest = ntowfv1(password).hex().upper()
            spellings = (name, f"{self.machine_name}\\{name}", f".\\{name}", f"{name}@{self.machine_name}")
            yield from (f"{spelling}:0:{'0' * 32}:{digest}:[U]:LCT-0\n" for spelling in spellings)

    def close(self) -> None:
        """Remove the file."""
        self._file.unlink(missing_ok=True)

    def known(self, name: str) -> str:
        """The account as Windows spells it, from any spelling of a client."""
        plain = name.rsplit("\\", 1)[-1].split("@", 1)[0]
        return self._passwords.get(plain.lower(), (plain, ""))[0]

    def basic(self, header: str) -> str:
        """The account of a Basic credential; empty when it is wrong."""
        try:
            credential = base64.b64decode(header, validate=True)
        except binascii.Error:
            return ""
        for encoding in ("utf-8", "latin-1"):  # clients differ; which one Windows takes is unverified
            name, _unused, password = credential.decode(encoding, "replace").partition(":")
            stored = self._passwords.get(self.known(name).lower())
            if stored is not None and stored[1] == password:
                return stored[0]
        return ""

    @contextmanager
    def selected(self) -> Iterator[None]:
        """Make this machine's accounts and name the process's, for one synchronous step."""
        with _PROCESS:
            before, gethostname = os.environ.get("NTLM_USER_FILE"), socket.gethostname
            os.environ["NTLM_USER_FILE"] = str(self._file)
            socket.gethostname = lambda: self.machine_name
            try:
                yield
            finally:
                socket.gethostname = gethostname
                if before is None:
                    del os.environ["NTLM_USER_FILE"]
                else:
                    os.environ["NTLM_USER_FILE"] = before


class Login:
    """The authentication state of one connection."""

    def __init__(self, accounts: Accounts, *, basic: bool) -> None:
        self._accounts, self._basic = accounts, basic
        self._context: spnego.ContextProxy | None = None
        self.user = ""  #: the account once authenticated by NTLM or Negotiate
        self.sealing: spnego.ContextProxy | None = None

    @property
    def schemes(self) -> list[str]:
        """What a 401 offers, in Windows' order (facts/wsman/http-www-authenticate-values.txt)."""
        return ["Negotiate", "Kerberos", *([BASIC_CHALLENGE] if self._basic else [])]

    def present(self, header: str) -> Verdict:
        """Take an Authorization header. An empty Verdict refuses it."""
        scheme, _unused, credential = header.partition(" ")
        if scheme.lower() == "basic" and self._basic:
            return Verdict(self._accounts.basic(credential.strip()))
        if scheme.lower() in ("negotiate", "ntlm"):
            return self._step(scheme, credential.strip())
        return Verdict()

    def _step(self, scheme: str, credential: str) -> Verdict:
        try:
            token = base64.b64decode(credential, validate=True)
            with self._accounts.selected():
                if self._context is None or self._context.complete:
                    self._context = spnego.server(protocol="ntlm" if token.startswith(b"NTLMSSP\0") else "negotiate")
                out = self._context.step(token)
        except (binascii.Error, SpnegoError, ValueError):
            self._context = None
            return Verdict()
        text = f"{scheme} {base64.b64encode(out).decode()}" if out else ""
        if not self._context.complete:
            return Verdict(token=text)
        self.user, self.sealing = self._accounts.known(self._context.client_principal or ""), self._context
        return Verdict(self.user, text, self._context)
