# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be set per host: the quotas of WinRM, and switches for what Windows leaves uncertain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .bindings import LEVELS


@dataclass
class Limits:
    """Quotas with the defaults of WinRM 3 (facts/wsman.md 6)."""

    max_envelope_kb: int = 500
    max_timeout_ms: int = 60000
    max_batch_items: int = 32000
    max_operations_per_user: int = 1500
    max_shells_per_user: int = 30
    max_concurrent_users: int = 10
    max_processes_per_shell: int = 25
    max_memory_per_shell_mb: int = 1024
    max_connections: int = 300
    idle_timeout_ms: int = 7200000
    enumeration_timeout_ms: int = 240000
    #: Seconds after which a silent HTTP connection is dropped (facts/wsman.md 0.5).
    connection_idle: float = 120.0


#: What WinRM 2 (Windows Server 2008 R2) has instead (facts/wsman.md 6).
_LIMITS_OF_2 = {
    "max_envelope_kb": 150, "max_operations_per_user": 15, "max_shells_per_user": 5, "max_concurrent_users": 5,
    "max_processes_per_shell": 15, "max_memory_per_shell_mb": 150, "max_connections": 25, "idle_timeout_ms": 180000,
    "enumeration_timeout_ms": 60000,
}  # fmt: skip
#: WinRM 2 knows no ActivityId, and honours both options of a command (facts/wsman.md 0.1, 2.2; README of the recordings).
_SWITCHES_OF_2 = {"activity_id": False, "skip_cmd_shell": "honoured", "console_mode_stdin": "converts"}


@dataclass
class Switches:
    """Behaviour that the facts leave open; the collection must work in every position.

    Attributes:
        second_command: ``refuse`` or ``run`` a second command while one runs in a shell (facts/wsman.md 0.2).
        end_markers: Whether Done comes with empty Stream elements ``End="true"`` (facts/wsman.md 4.4).
        exit_code: Whether Done holds an ExitCode (optional in the specification).
        stream_bytes: At most this many bytes in one Stream element (32 KiB recorded, facts/wsman.md 3.3).
        receive_bytes: At most this many bytes in one answer, to cut output at odd places; 0: what the envelope allows.
        empty_running: Every second Receive is answered at once with Running and no output.
        console_mode_stdin: ``ignored`` (facts/wsman.md 0.1) or ``converts``: text through the console code page, no end of file (4.5).
        skip_cmd_shell: ``ignored`` (facts/wsman.md 0.1), or ``honoured``: the program must exist, else 2147942402.
        first_items: Items of the first Enumerate answer: 1 as recorded, 0, or -1 for all that fit (facts/wsman.md 5.1).
        unencrypted_status: HTTP status for a plain body while AllowUnencrypted is false (401 and 500 both reported, facts/wsman.md 1).
        activity_id: Whether answers carry ``p:ActivityId``.
    """

    second_command: str = "refuse"
    end_markers: bool = True
    exit_code: bool = True
    stream_bytes: int = 32768
    receive_bytes: int = 0
    empty_running: bool = False
    console_mode_stdin: str = "ignored"
    skip_cmd_shell: str = "ignored"
    first_items: int = 1
    unencrypted_status: int = 401
    activity_id: bool = True


@dataclass(frozen=True)
class CertificateMapping:
    """A client certificate that logs an account on.

    Args:
        subject: User principal name in the certificate, such as ``vagrant@localhost``.
        account: Local account.
        certificate: PEM file of the client's certificate, or of its issuer.
    """

    subject: str
    account: str
    certificate: str


@dataclass
class WinrmSettings:
    """The WinRM service of one host.

    Attributes:
        basic: Whether Basic is offered (off by default: facts/wsman.md 1).
        negotiate: Whether Negotiate is offered (and taken, with NTLM in it).
        kerberos: Whether Kerberos is offered.
        keytab: Path of the machine's keys; without them it belongs to no domain and refuses every ticket.
        credssp: Whether CredSSP is offered (off by default).
        certificate_mappings: Client certificates taken on the HTTPS listener; Certificate is offered there if there are any.
        cbt_hardening: Channel bindings over HTTPS: ``none``, ``relaxed`` (Windows' default) or ``strict``, see bindings.py.
        allow_unencrypted: Whether plain bodies over HTTP are taken.
        allow_remote_shell: Whether shells may be created (policy AllowRemoteShellAccess).
        not_administrators: Accounts that may log on but do nothing: every message is refused with code 5 (facts/wsman.md 1.1).
        https_port: A second listener with a self-signed certificate; 0: none. There plain bodies are always taken.
        stack: WinRM 3, or 2 as on Windows Server 2008 R2: other limits, faults and answers.
        going_down: How connections end when the machine goes down: ``reset``, or ``fault`` (waiting operations get 995 first).
        while_down: The port meanwhile is ``refused``, or ``silent``: connections come about and nothing answers (facts/wsman.md 1.2).
        after_boot: What the first requests after a boot meet, in order: ``reset`` or an HTTP status such as 401, 500, 503
            (facts/wsman.md 1.2).
    """

    basic: bool = False
    negotiate: bool = True
    kerberos: bool = True
    keytab: str = ""
    credssp: bool = False
    certificate_mappings: list[CertificateMapping] = field(default_factory=list)
    cbt_hardening: str = "relaxed"
    allow_unencrypted: bool = False
    allow_remote_shell: bool = True
    not_administrators: list[str] = field(default_factory=list)
    https_port: int = 0
    stack: int = 3
    going_down: str = "reset"
    while_down: str = "refused"
    after_boot: list[str | int] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    switches: Switches = field(default_factory=Switches)

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> WinrmSettings:
        """From the ``winrm`` entry of a fleet file. Raises ValueError on unknown names and values."""
        rest = dict(data)
        older = rest.get("stack", 3) == 2
        limits = _fill(Limits, {**(_LIMITS_OF_2 if older else {}), **rest.pop("limits", {})})
        switches = _fill(Switches, {**(_SWITCHES_OF_2 if older else {}), **rest.pop("switches", {})})
        mappings = [_fill(CertificateMapping, entry) for entry in rest.pop("certificate_mappings", ())]
        settings: WinrmSettings = _fill(cls, rest)
        settings.limits, settings.switches, settings.certificate_mappings = limits, switches, mappings
        if settings.cbt_hardening not in LEVELS:
            raise ValueError(f"unknown cbt_hardening: {settings.cbt_hardening} (known: {', '.join(LEVELS)})")
        if settings.stack not in (2, 3):
            raise ValueError(f"unknown stack of WinRM: {settings.stack} (known: 2, 3)")
        return settings


def _fill(kind: Any, data: Mapping[str, Any]) -> Any:
    known = {item.name for item in fields(kind)}
    if unknown := sorted(set(data) - known):
        raise ValueError(f"unknown setting of the WinRM service: {', '.join(unknown)} (known: {', '.join(sorted(known))})")
    return kind(**data)
