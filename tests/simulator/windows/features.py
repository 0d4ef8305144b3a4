# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional features and their servicing: what dism, Win32_OptionalFeature and the next boot agree on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .profiles import read_data

if TYPE_CHECKING:
    from .machine import Machine

REBOOT_PENDING_KEY = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending"


class State(Enum):
    """A feature's state in the words dism prints (native-tools.md 1.1)."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    ENABLE_PENDING = "Enable Pending"
    DISABLE_PENDING = "Disable Pending"
    REMOVED = "Disabled with Payload Removed"
    PARTIALLY_INSTALLED = "Partially Installed"
    STAGED = "Staged"


@dataclass
class Feature:
    """One optional feature; see features.yml."""

    name: str
    display: str
    restart: str
    state: State = State.DISABLED
    parent: str | None = None
    default: bool = False
    provides: tuple[str, ...] = ()
    id: int | None = None
    custom: tuple[str, ...] = ()

    @property
    def on(self) -> bool:
        """Enabled, or going to be."""
        return self.state in (State.ENABLED, State.ENABLE_PENDING)


@dataclass(frozen=True)
class Outcome:
    """What one servicing run came to: an exit code of dism's, and the feature and parents its text names."""

    code: int
    feature: str = ""
    parents: tuple[str, ...] = ()


class Features:
    """The features of one machine.

    Attributes:
        rollback: Names whose enabling fails at the next boot and is undone (native-tools.md 1.3).
        failing: Names whose enabling or disabling ends with this exit code of dism's, and nothing changes (native-tools.md 1.2).
        source_missing: Names whose payload cannot be found (exit 0x800f081f).
        rollback_listeners: Told of a roll-back with the machine and the names.
        strict_pending: While a servicing reboot is pending nothing more can be enabled (native-tools.md 1.3); off: it is accepted.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.rollback: set[str] = set()
        self.source_missing: set[str] = set()
        self.failing: dict[str, int] = {}
        self.strict_pending = True
        self.rollback_listeners: list[Callable[[Machine, list[str]], None]] = []
        self._payload_removed: set[str] = set()
        self._features: dict[str, Feature] = {}
        kind = "server" if machine.profile.is_server else "client"
        for name, row in read_data("features.yml")[kind].items():
            if machine.profile.build >= row.get("since", 0) and name not in machine.profile.lacks:
                provides = () if name in machine.profile.barren else tuple(row.get("provides", ()))
                self._features[name.lower()] = Feature(
                    name,
                    row["display"],
                    row["restart"],
                    State[row.get("state", "disabled").upper()],
                    row.get("parent"),
                    row.get("default", False),
                    provides,
                    row.get("id"),
                    tuple(row.get("custom", ())),
                )

    def all(self) -> list[Feature]:
        return list(self._features.values())

    def find(self, name: str) -> Feature | None:
        """By name, without case (native-tools.md 1.1)."""
        return self._features.get(name.lower())

    def enabled(self, name: str) -> bool:
        """Whether a feature is enabled and the machine has started with it."""
        feature = self.find(name)
        return feature is not None and feature.state is State.ENABLED

    def set_state(self, name: str, state: str | State) -> None:
        """Put a feature into a state, as a machine set up before the simulation began. ``state``: ``enabled``, ``removed`` ..."""
        feature = self.find(name)
        if feature is None:
            raise KeyError(name)
        feature.state = state if isinstance(state, State) else State[state.upper()]

    @property
    def reboot_pending(self) -> bool:
        """The registry key that component based servicing leaves."""
        return self.machine.registry.key(REBOOT_PENDING_KEY) is not None

    def mark_reboot_pending(self) -> None:
        self.machine.registry.create(REBOOT_PENDING_KEY, volatile=True)

    def provided(self) -> set[str]:
        """What enabled features bring: ``hns``, ``vmcompute``, ``vmms``, ``hypervisor``."""
        return {thing for feature in self.all() if feature.state is State.ENABLED for thing in feature.provides}

    # --- servicing ---------------------------------------------------------------------------------------------------------

    def enable(self, names: Iterable[str], *, parents: bool = False, source: str = "") -> Outcome:
        """Enable features; ``parents`` is dism's ``/all``, ``source`` a folder with the payload. Codes: 0, 3010, 50, 0x800f080c, 0x800f081f."""
        wanted: list[Feature] = []
        for name in names:
            feature = self.find(name)
            if feature is None:
                return Outcome(0x800F080C, name)
            wanted.append(feature)
        for feature in wanted:
            missing = self._missing_parents(feature)
            if missing and not parents and not all(parent in wanted for parent in missing):
                return Outcome(50, feature.name, tuple(parent.name for parent in missing))
        todo = [feature for feature in self._with_relatives(wanted) if not feature.on]
        failed = next((one for one in todo if one.name in self.failing), None)
        if failed:
            return Outcome(self.failing[failed.name], failed.name)
        missing_source = next((one for one in todo if one.name in self.source_missing or one.state is State.REMOVED), None)
        if missing_source and not (source and self.machine.files.is_folder(source)):
            return Outcome(0x800F081F, missing_source.name)
        if todo and self.reboot_pending and self.strict_pending:
            self.machine.log("feature", f"{todo[0].name}: deferred, a servicing reboot is pending")
            return Outcome(50, todo[0].name)
        return self._change(todo, State.ENABLED, State.ENABLE_PENDING)

    def disable(self, names: Iterable[str], *, remove: bool = False) -> Outcome:
        """Disable features with their children; ``remove`` takes the payload away too. Codes: 0, 3010, 0x800f080c."""
        wanted: list[Feature] = []
        for name in names:
            feature = self.find(name)
            if feature is None:
                return Outcome(0x800F080C, name)
            wanted += [feature, *self._descendants(feature)]
        failed = next((one for one in wanted if one.name in self.failing), None)
        if failed:
            return Outcome(self.failing[failed.name], failed.name)
        self._payload_removed |= {one.name for one in wanted} if remove else set()
        outcome = self._change([one for one in wanted if one.on], State.DISABLED, State.DISABLE_PENDING)
        self._take_payload_away()
        return outcome

    def _take_payload_away(self) -> None:
        """What was disabled with /remove loses its payload once it is really off."""
        for name in list(self._payload_removed):
            feature = self.find(name)
            if feature and feature.state is State.DISABLED:
                feature.state = State.REMOVED
                self._payload_removed.discard(name)

    def _change(self, todo: list[Feature], now: State, pending: State) -> Outcome:
        restart = False
        undone = {State.ENABLED: State.DISABLE_PENDING, State.DISABLED: State.ENABLE_PENDING}[now]
        for feature in todo:
            needs_restart = feature.restart != "No" and feature.state is not undone
            feature.state = pending if needs_restart else now
            restart = restart or needs_restart
            self.machine.log("feature", f"{feature.name}: {feature.state.value}")
        if restart:
            self.mark_reboot_pending()
        return Outcome(3010 if restart else 0)

    def _missing_parents(self, feature: Feature) -> list[Feature]:
        missing = []
        parent = self.find(feature.parent) if feature.parent else None
        while parent:
            if not parent.on:
                missing.append(parent)
            parent = self.find(parent.parent) if parent.parent else None
        return missing

    def _descendants(self, feature: Feature, *, defaults_only: bool = False) -> list[Feature]:
        found: list[Feature] = []
        for child in self.all():
            if child.parent == feature.name and (child.default or not defaults_only):
                found += [child, *self._descendants(child, defaults_only=defaults_only)]
        return found

    def _with_relatives(self, wanted: list[Feature]) -> list[Feature]:
        """Parents first, then the features, then the children that come by default with anything newly enabled."""
        todo: dict[str, Feature] = {}
        for feature in wanted:
            for one in [*reversed(self._missing_parents(feature)), feature]:
                todo[one.name] = one
        for feature in list(todo.values()):
            if not feature.on:
                todo.update({child.name: child for child in self._descendants(feature, defaults_only=True)})
        return list(todo.values())

    def waiting(self) -> list[Feature]:
        """Those whose change is made at the next boot."""
        return [one for one in self.all() if one.state in (State.ENABLE_PENDING, State.DISABLE_PENDING)]

    def carry_out(self) -> bool:
        """What happens between the boot loader and the services: pending changes are made, or rolled back. True: there were any."""
        pending = self.waiting()
        rolled_back = any(one.name in self.rollback for one in pending)
        for feature in pending:
            enabling = (feature.state is State.ENABLE_PENDING) != rolled_back
            feature.state = State.ENABLED if enabling else State.DISABLED
            self.machine.log("feature", f"{feature.name}: {feature.state.value}" + (" (rolled back)" if rolled_back else ""))
        if rolled_back:
            self.machine.log("feature", "servicing failed with 0x800f0922: the changes were undone")
            for listener in self.rollback_listeners:
                listener(self.machine, [one.name for one in pending])
        self._take_payload_away()
        return bool(pending)
