# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``Get`` of the service's configuration, in the order of the recording config-get."""

from __future__ import annotations

from typing import Any

from . import names
from .envelope import escape
from .settings import WinrmSettings

_UNLIMITED = 4294967295
_PORTS = {"HTTP": 5985, "HTTPS": 5986}


def config(settings: WinrmSettings) -> str:
    """The body of the answer."""
    limits = settings.limits
    tree: dict[str, Any] = {
        "MaxEnvelopeSizekb": limits.max_envelope_kb,
        "MaxTimeoutms": limits.max_timeout_ms,
        "MaxBatchItems": limits.max_batch_items,
        "MaxProviderRequests": _UNLIMITED,
        "Client": _client(),
        "Service": _service(settings),
        "Winrs": _winrs(settings),
    }
    return f'<cfg:Config xmlns:cfg="{names.CONFIG}">{_elements(tree)}</cfg:Config>'


def _client() -> dict[str, Any]:
    auth = {"Basic": True, "Digest": True, "Kerberos": True, "Negotiate": True, "Certificate": True, "CredSSP": False}
    return {
        "NetworkDelayms": 5000, "URLPrefix": "wsman", "AllowUnencrypted": False, "Auth": auth, "DefaultPorts": _PORTS, "TrustedHosts": "",
    }  # fmt: skip


def _service(settings: WinrmSettings) -> dict[str, Any]:
    auth = {
        "Basic": settings.basic, "Kerberos": settings.kerberos, "Negotiate": settings.negotiate,
        "Certificate": bool(settings.certificate_mappings), "CredSSP": settings.credssp, "CbtHardeningLevel": settings.cbt_hardening.capitalize(),
    }  # fmt: skip
    return {
        "RootSDDL": "O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)",
        "MaxConcurrentOperations": _UNLIMITED,
        "MaxConcurrentOperationsPerUser": settings.limits.max_operations_per_user,
        "EnumerationTimeoutms": settings.limits.enumeration_timeout_ms,
        "MaxConnections": settings.limits.max_connections,
        "MaxPacketRetrievalTimeSeconds": 120,
        "AllowUnencrypted": settings.allow_unencrypted,
        "Auth": auth,
        "DefaultPorts": _PORTS,
        "IPv4Filter": "*", "IPv6Filter": "*", "EnableCompatibilityHttpListener": False, "EnableCompatibilityHttpsListener": False,
        "CertificateThumbprint": "", "AllowRemoteAccess": True,
    }  # fmt: skip


def _winrs(settings: WinrmSettings) -> dict[str, Any]:
    limits = settings.limits
    return {
        "AllowRemoteShellAccess": settings.allow_remote_shell, "IdleTimeout": limits.idle_timeout_ms,
        "MaxConcurrentUsers": limits.max_concurrent_users, "MaxShellRunTime": 2147483647,
        "MaxProcessesPerShell": limits.max_processes_per_shell, "MaxMemoryPerShellMB": limits.max_memory_per_shell_mb,
        "MaxShellsPerUser": limits.max_shells_per_user,
    }  # fmt: skip


def _elements(tree: dict[str, Any]) -> str:
    return "".join(f"<cfg:{name}>{_text(value)}</cfg:{name}>" for name, value in tree.items())


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return _elements(value)
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
