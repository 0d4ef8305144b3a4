# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What running containers suffer from a step, said before it is done; and what is refused for their sake. Pure.

Live restore does not exist on Windows: containers stop with the engine's service (docker-on-windows.md section 1, 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import OptionError
from . import configuration
from .options import EngineOptions
from .releases import parse_version
from .state import Load, ObservedEngine, RunningContainer

_SHOWN = 8


def names(items: Iterable[str]) -> str:
    """A list a person reads: at most eight names."""
    all_names = list(items)
    shown = ", ".join(all_names[:_SHOWN])
    return f"{shown} and {len(all_names) - _SHOWN} more" if len(all_names) > _SHOWN else shown


def fate(options: EngineOptions, load: Load | None, lead: str = ", and with it") -> str:
    """What a stop of the engine means for its containers, as the end of a step's description; empty when none runs."""
    if load is None or not load.running:
        return ""
    if options.state == "absent":
        return f"{lead} the running containers {names(one.name for one in load.running)}"
    if options.drain:
        return ""  # the steps around it say it
    parts = []
    returning = [one.name for one in load.running if one.returns]
    staying = [one.name for one in load.running if not one.returns]
    if returning:
        parts.append(f"{names(returning)} (started again by restart policy)")
    if staying:
        parts.append(f"{names(staying)} (stopped for good: no restart policy)")
    return f"{lead} the running containers {' and '.join(parts)}"


def warnings(options: EngineOptions, load: Load | None) -> tuple[str, ...]:
    """What a user should know before the restart happens."""
    if load is not None and load.problem:
        return (
            f"Whether containers run in the engine could not be learned, so none is stopped in order or started again: {load.problem}.",
        )
    staying = [one.name for one in load.running if not one.returns] if load else []
    if not staying or options.drain or options.state == "absent":
        return ()
    return (f"The restart of the engine stops {names(staying)}, which no restart policy starts again; the option drain would.",)


def check_restart(options: EngineOptions, load: Load | None, why: str) -> None:
    """Refuse to stop an engine under running containers unless the task allows it. Raises OptionError."""
    if options.allow_restart or load is None:
        return
    if load.problem:
        raise OptionError(
            f"{why} stops the engine, and whether containers run in it could not be learned: {load.problem}",
            "Set allow_restart to true if they may be stopped",
        )
    if load.running:
        count = len(load.running)
        noun = "container runs" if count == 1 else "containers run"
        raise OptionError(
            f"{why} stops the engine, in which {count} {noun}: {_lot(options, load.running)}",
            "Set allow_restart to true, and drain to have them stopped in order and started again"
            if options.state != "absent"
            else "Stop them, or set allow_restart to true",
        )


def _lot(options: EngineOptions, running: Sequence[RunningContainer]) -> str:
    staying = [one.name for one in running if not one.returns]
    text = names(one.name for one in running)
    if staying and options.state != "absent":
        text += f" (of these, {names(staying)} would stay stopped)"
    return text


def check_downgrade(options: EngineOptions, observed: ObservedEngine, target: str) -> tuple[str, ...]:
    """Refuse to give data of a newer engine to an older one, unless the task allows it.

    No release promises to read what a later major release has written. Within a major release a warning will do.

    Raises:
        OptionError: With what would be at risk.
    """
    if observed.version is None or parse_version(target) >= parse_version(observed.version):
        return ()
    step = f"engine {observed.version} would be taken back to {target}"
    if parse_version(target)[0] == parse_version(observed.version)[0]:
        return (f"{step[0].upper()}{step[1:]}: an older engine may not read all that a newer one has written.",)
    holds = contents(observed)
    if options.allow_downgrade or not holds:
        return ()
    raise OptionError(
        f"{step}, and no engine promises to read what a later major version has written; {observed.data_root} holds {holds}",
        "Set allow_downgrade to true, if images and containers may be lost",
    )


def check_data_root(options: EngineOptions, observed: ObservedEngine, after: str) -> None:
    """Refuse to let the engine forget what it holds: its data is not moved with the key. Raises OptionError."""
    before = observed.data_root
    if options.allow_data_root_change or observed.service is None or configuration.same_path(before, after):
        return
    holds = contents(observed)
    if holds:
        raise OptionError(
            f"the key data-root would change from {before} to {after}, and the engine would no longer see what {before} holds: {holds}",
            "Set allow_data_root_change to true, if they are to be pulled and created anew; the old folder stays where it is",
        )


def contents(observed: ObservedEngine) -> str:
    """What an engine's data root holds, as far as anybody knows; empty when nothing that could be missed."""
    load = observed.load
    if load is not None and not load.problem:
        counts = [(load.containers, "containers"), (load.images, "images")]
        return " and ".join(f"{count} {noun if count != 1 else noun[:-1]}" for count, noun in counts if count)
    return "data of an engine that does not answer" if load is not None or observed.data else ""
