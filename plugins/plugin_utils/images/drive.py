# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drive of the engine's data, and the space free on it."""

from __future__ import annotations

import ntpath
from typing import TYPE_CHECKING

from ..errors import RemoteError
from ..host.facts import read_free_disk

if TYPE_CHECKING:
    from ..engine.client import EngineClient
    from ..remote.host import RemoteHost


def data_root(engine: EngineClient) -> str:
    """The folder of the engine's data."""
    with engine.errors():
        return str(engine.api.info().get("DockerRootDir") or "")


def free_space(host: RemoteHost, root: str) -> tuple[str, int | None]:
    """The drive of a folder and its free bytes; None where Windows does not tell. A mounted folder counts for its drive letter."""
    drive = ntpath.splitdrive(root)[0]
    try:
        return drive, read_free_disk(host, drive) if drive else None
    except RemoteError:
        return drive, None  # the check is a courtesy; the engine tells a full disk by itself
