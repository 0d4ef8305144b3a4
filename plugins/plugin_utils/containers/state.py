# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for and what was observed, as values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import OptionError
from ..images.references import Reference
from .isolation import Situation
from .mounts import refuse_double_targets
from .options import Inspected, parse_options

#: A replaced container is kept under its name plus this until the new one has proved good.
BACKUP_SUFFIX = ".winfleet-previous"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


@dataclass(frozen=True)
class Desired:
    """A container as the task describes it; what was not given is None or missing from ``values``."""

    name: str
    state: str
    image: Reference | None
    isolation: str | None
    recreate: bool
    pull: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Desired:
        """From a task's options. Raises OptionError for whatever can be refused without looking at the host."""
        name = str(options["name"])
        if not _NAME.fullmatch(name):
            raise OptionError(
                f'"{name}" is not a container name', "It has at least two of letters, digits, and after the first character also . _ -"
            )
        if name.endswith(BACKUP_SUFFIX):
            raise OptionError(f"names ending in {BACKUP_SUFFIX} are used for containers being replaced", "Choose another name")
        state = options.get("state") or "started"
        stop_timeout = options.get("stop_timeout")
        if stop_timeout is not None and stop_timeout < 0:
            raise OptionError(f"the option stop_timeout is {stop_timeout}", "Give it in seconds, 0 or more")
        if state == "absent":
            return cls(name, state, None, None, False, "never")
        values = parse_options(options)
        refuse_double_targets((*values.get("volumes", ()), *values.get("mounts", ())))
        return cls(
            name,
            state,
            Reference.parse(options["image"]) if options.get("image") is not None else None,
            options.get("isolation"),
            bool(options.get("recreate")),
            options.get("pull") or "missing",
            values,
        )

    @property
    def backup_name(self) -> str:
        return self.name + BACKUP_SUFFIX

    @property
    def host_folders(self) -> tuple[str, ...]:
        """Folders of the host that must exist before a container can be made."""
        mounts = (*self.values.get("volumes", ()), *self.values.get("mounts", ()))
        return tuple(sorted({mount.host_folder for mount in mounts if mount.host_folder}))


@dataclass(frozen=True)
class Preflight:
    """What is looked up only when a container is about to be made.

    Attributes:
        situation: What the isolation is decided from; None when the registry offers nothing that fits the host.
        refusal: Why no image fits, then.
        missing_folders: Those of :attr:`Desired.host_folders` that the host does not have.
    """

    situation: Situation | None = None
    refusal: OptionError | None = None
    missing_folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observed:
    """A host as far as one container is concerned.

    Attributes:
        container: Inspected, or None.
        backup: What an interrupted run left under the backup name, or None.
        image: The wanted image (without one: the container's own), inspected; None when the host does not have it.
        default_isolation: The engine's default, where it was needed.
        preflight: None while nothing has to be made.
        installed: False in check mode on a host that has no engine yet.
    """

    container: Inspected | None = None
    backup: Inspected | None = None
    image: Inspected | None = None
    default_isolation: str = ""
    preflight: Preflight | None = None
    installed: bool = True


def running(container: Inspected) -> bool:
    """Whether its processes exist."""
    return bool((container.get("State") or {}).get("Running"))


def paused(container: Inspected) -> bool:
    """Whether its processes exist, but stand still."""
    return bool((container.get("State") or {}).get("Paused"))


def status(container: Inspected) -> str:
    """``created``, ``running``, ``paused``, ``restarting``, ``exited`` ..."""
    return str((container.get("State") or {}).get("Status") or "")


def isolation_of(container: Inspected) -> str:
    """``process`` or ``hyperv``; the engine keeps an explicit odd case as sent (docker-on-windows.md section 2, 4)."""
    return str((container.get("HostConfig") or {}).get("Isolation") or "").lower()
