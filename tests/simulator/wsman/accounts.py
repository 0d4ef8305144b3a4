# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts of one machine, in the form that pyspnego's acceptors read (facts/wsman.md 8.2).

pyspnego takes local accounts from the file that ``NTLM_USER_FILE`` names and the machine's name from the socket module; Kerberos takes the
machine's keys from the file that ``KRB5_KTNAME`` names. All three belong to the whole process, so they are set right before each
(synchronous) step and put back after it.
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
from pathlib import Path

from spnego._ntlm_raw.crypto import ntowfv1

#: Fleets in several threads of one process take turns.
_PROCESS = threading.Lock()
_NO_KEYTAB = "FILE:/nonexistent/keytab"


class Accounts:
    """Local accounts with their passwords, and the keys of a machine that belongs to a domain.

    Args:
        machine_name: As Windows knows it.
        passwords: Account to password.
        keytab: Path of the machine's keytab; empty for a machine of no domain.
    """

    def __init__(self, machine_name: str, passwords: Mapping[str, str], keytab: str = "") -> None:
        self.machine_name, self.keytab = machine_name, keytab
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

    def local(self, name: str) -> str:
        """The local account of that very name, empty if there is none."""
        return self._passwords.get(name.lower(), ("", ""))[0]

    @staticmethod
    def of_domain(principal: str) -> str:
        """A Kerberos principal as Windows shows the account; that the short domain name is the realm's first label is a guess."""
        name, _at, realm = principal.partition("@")
        return f"{realm.partition('.')[0].upper()}\\{name}"

    def basic(self, header: str) -> str:
        """The account of a Basic credential; empty when it is wrong. Local accounts only (facts/wsman.md 1.1)."""
        try:
            credential = base64.b64decode(header, validate=True)
        except binascii.Error:
            return ""
        for encoding in ("utf-8", "latin-1"):  # clients differ; which one Windows takes is unverified
            name, _colon, password = credential.decode(encoding, "replace").partition(":")
            stored = self._passwords.get(self.known(name).lower())
            if stored is not None and stored[1] == password:
                return stored[0]
        return ""

    @contextmanager
    def selected(self) -> Iterator[None]:
        """Make this machine's accounts, keys and name the process's, for one synchronous step."""
        wanted = {"NTLM_USER_FILE": str(self._file), "KRB5_KTNAME": self.keytab or _NO_KEYTAB}
        with _PROCESS:
            before, gethostname = {name: os.environ.get(name) for name in wanted}, socket.gethostname
            os.environ.update(wanted)
            socket.gethostname = lambda: self.machine_name
            try:
                yield
            finally:
                socket.gethostname = gethostname
                for name, value in before.items():
                    if value is None:
                        del os.environ[name]
                    else:
                        os.environ[name] = value
