# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host's WinRM service allows a user: one Get of its configuration (facts/wsman.md 2.2, 6; recording config-get)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ..errors import ProtocolError
from . import envelope

if TYPE_CHECKING:
    from .session import Session

#: Where each setting stands below the root, our name for it, and the default of WinRM 3 (facts/wsman.md 6; None: no limit of interest).
_SETTINGS: tuple[tuple[str, str, int | None], ...] = (
    ("MaxEnvelopeSizekb", "max_envelope_kb", 500),
    ("MaxTimeoutms", "max_timeout_ms", 60000),
    ("MaxBatchItems", "max_batch_items", 32000),
    ("Service/MaxConcurrentOperationsPerUser", "max_operations_per_user", 1500),
    ("Service/MaxConnections", "max_connections", 300),
    ("Winrs/MaxShellsPerUser", "max_shells_per_user", 30),
    ("Winrs/MaxConcurrentUsers", "max_concurrent_users", 10),
    ("Winrs/MaxProcessesPerShell", "max_processes_per_shell", 25),
    ("Winrs/MaxMemoryPerShellMB", "max_memory_per_shell_mb", 1024),
    ("Winrs/IdleTimeout", "idle_timeout_ms", None),
)
_FLAGS: tuple[tuple[str, str], ...] = (
    ("Winrs/AllowRemoteShellAccess", "allow_remote_shell"),
    ("Service/AllowUnencrypted", "allow_unencrypted"),
)


def read_winrm(session: Session) -> dict[str, int | bool | None]:
    """The settings by our names; None for one that the host does not tell. Raises RemoteError, as for a user who is no administrator."""
    return parse_config(session.send(envelope.get_config()))


def parse_config(body: ElementTree.Element) -> dict[str, int | bool | None]:
    """The settings in the body of an answer. Pure. Raises ProtocolError for another answer."""
    root = body.find("*")
    if root is None or envelope.local_name(root) != "Config":
        raise ProtocolError("the host answered a Get of WinRM's configuration with something else")
    texts = dict(_texts(root))
    settings: dict[str, int | bool | None] = {name: _number(texts.get(path)) for path, name, _unused in _SETTINGS}
    settings.update({name: texts[path] == "true" if path in texts else None for path, name in _FLAGS})
    return settings


def tight_settings(settings: dict[str, int | bool | None]) -> tuple[str, ...]:
    """What is below the default of Windows, clauses; pure."""
    found = []
    for path, name, default in _SETTINGS:
        value = settings.get(name)
        if default is not None and isinstance(value, int) and value < default:
            found.append(f"{path.rpartition('/')[2]} is {value}, the default of Windows is {default}")
    if settings.get("allow_remote_shell") is False:
        found.append("AllowRemoteShellAccess is false, so no program can be started")
    return tuple(found)


def _texts(element: ElementTree.Element, path: str = "") -> list[tuple[str, str]]:
    """Every leaf with its path below the root."""
    found: list[tuple[str, str]] = []
    for child in element:
        place = f"{path}{envelope.local_name(child)}"
        found += _texts(child, f"{place}/") if len(child) else [(place, (child.text or "").strip())]
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
