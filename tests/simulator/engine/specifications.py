# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a start checks before it makes the container: credential specs and devices. Always HTTP 500, whatever the cause.

Source: moby daemon/oci_windows.go; docker-on-windows.md 4.
"""

from __future__ import annotations

import ntpath
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .texts import ApiError

if TYPE_CHECKING:
    from .containers import Container
    from .engine import Engine

REGISTRY_KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Virtualization\\Containers\\CredentialSpecs"
_FORM = (
    "invalid credential spec security option - value must be prefixed by 'file://', 'registry://', or 'raw://' "
    "followed by a non-empty value"
)


def check_security(container: Container, engine: Engine) -> None:
    """Every ``SecurityOpt`` must be a credential spec that can be read. Raises ApiError 500."""
    for option in container.host_config.get("SecurityOpt") or ():
        key, sign, value = str(option).partition("=")
        if not sign:
            raise ApiError(500, f"invalid security option: no equals sign in supplied value {option}")
        if key.lower() != "credentialspec":
            raise ApiError(500, f"security option not supported: {key}")
        scheme, sign, rest = value.partition("://")
        if not sign or not rest or scheme.lower() not in ("file", "registry", "raw"):
            raise ApiError(500, _FORM)
        if scheme.lower() == "file":
            _check_file(container.id, rest, engine)
        elif scheme.lower() == "registry" and engine.host.credential_spec(rest) is None:
            raise ApiError(500, f'registry credential spec "{rest}" for container {container.id} was not found')


def _check_file(container_id: str, location: str, engine: Engine) -> None:
    location = location.replace("/", "\\")
    if ntpath.isabs(location) or location[1:2] == ":":
        raise ApiError(500, "invalid credential spec: file:// path cannot be absolute")
    base = f"{engine.data_root}\\CredentialSpecs"
    full = ntpath.normpath(f"{base}\\{location}")
    if not full.lower().startswith(base.lower()):
        raise ApiError(500, f"invalid credential spec: file:// path must be under {base}")
    if engine.host.kind_of(full) != "file":
        text = "The system cannot find the file specified."
        raise ApiError(500, f"failed to load credential spec for container {container_id}: open {full}: {text}")


def check_devices(devices: Iterable[Mapping[str, Any]]) -> None:
    """``class/<GUID>`` or ``<IDType>://<ID>``. Raises ApiError 500."""
    for device in devices:
        path = str(device.get("PathOnHost") or "")
        kind, sign, _id = ("class", "/", path[6:]) if path.startswith("class/") else path.partition("://")
        if not sign:
            raise ApiError(500, f"invalid device assignment path: '{path}', must be 'class/ID' or 'IDType://ID'")
        if not kind:
            raise ApiError(500, f"invalid device assignment path: '{path}', IDType cannot be empty")
        if kind not in ("class", "vpci-class-guid"):
            raise ApiError(500, f"device assignment of type '{kind}' is not supported")
