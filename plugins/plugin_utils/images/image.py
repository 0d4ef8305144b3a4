# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image on a host, as a managed thing; the modules ``base_image`` and ``image`` differ only in how they name it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from ..desired_state import Plan, Resource, Step
from ..engine.client import EngineClient, planned_as_new
from ..errors import ProtocolError
from ..host.facts import read_version
from ..remote.host import RemoteHost
from .compatibility import HostVersion
from .desired import Desired, desired_base_image, desired_image
from .detached import DetachedPulls, ended_at_once
from .names import family_images, users_of
from .plan import plan_image
from .pull import pull
from .registry import Credentials, local_image, offered_image
from .removal import Removal
from .report import image_report
from .room import data_root, free_room
from .sizes import human_size
from .state import Observed, must_pull


class Image(Resource[Observed]):
    """One image on one host.

    Args:
        host: The host.
        options: Of the module ``base_image`` or ``image``, defaulted.
        name: For errors, until the image's reference is known.
        desire: What the options ask for; given a way to learn the host's version, which only base images need.
    """

    verb = "provide"
    thing = "image"

    def __init__(
        self, host: RemoteHost, options: Mapping[str, Any], name: str, desire: Callable[[Callable[[], HostVersion]], Desired]
    ) -> None:
        self.name = name
        self.verb = "remove" if options["state"] == "absent" else "provide"
        self._host = host
        self._options = options
        self._desire = desire
        user = options.get("registry_username")
        self._credentials = Credentials(user, options["registry_password"]) if user else None
        self._removed: list[str] = []
        self._kept: list[str] = []

    @cached_property
    def _opened(self) -> EngineClient | None:
        return EngineClient.open_or_plan(self._host, self._options["engine_pipe"])

    @property
    def engine(self) -> EngineClient:
        """The engine, opened when first needed."""
        if self._opened is None:
            raise ProtocolError("there is no engine")
        return self._opened

    @cached_property
    def _version(self) -> HostVersion:
        return read_version(self._host)

    @cached_property
    def desired(self) -> Desired:
        """What the task asks for on this host. Raises OptionError before the engine is asked anything."""
        desired = self._desire(lambda: self._version)
        self.name = str(desired.reference)
        return desired

    def read(self) -> Observed:
        """The host, the local image and, where it matters, the registry."""
        desired = self.desired
        if self._opened is None:
            return Observed(self._version, installed=False)
        observed = Observed(self._version, self._local(desired))
        if desired.state == "absent":
            return replace(observed, users=users_of(self.engine, observed.local))
        if desired.source == "pull":
            observed = self._read_offer(desired, observed)
        named = {name: str((local_image(self.engine, name) or {}).get("Id") or "") or None for name in desired.names}
        others = family_images(self.engine, desired) if desired.keep is not None else ()
        return replace(observed, named=named, others=others)

    def _local(self, desired: Desired) -> dict[str, Any] | None:
        """Under the name it has here; else under the one it is pulled by, as an interrupted run leaves it."""
        if desired.origin.digest:
            return local_image(self.engine, desired.origin.lookup)
        found = local_image(self.engine, desired.reference.lookup)
        if found is None and desired.origin != desired.reference:
            return local_image(self.engine, desired.origin.lookup)
        return found

    def _read_offer(self, desired: Desired, observed: Observed) -> Observed:
        """Ask the registry where its answer can matter, and the disk only when something will be pulled."""
        if desired.pull == "never" or not must_pull(desired.origin, desired.pull, observed.local, None):
            return observed
        observed = replace(observed, offer=offered_image(self.engine, desired.origin, self._credentials))
        if not must_pull(desired.origin, desired.pull, observed.local, observed.offer):
            return observed
        if desired.check_space:
            drive, free = free_room(self._host, self._data_root)
            observed = replace(observed, drive=drive, free_bytes=free)
        return replace(observed, detached=self._detached(observed).find(words=desired.detached))

    def _detached(self, observed: Observed) -> DetachedPulls:
        digest = observed.offer.digest if observed.offer else ""
        return DetachedPulls(self._host, self.engine, self.desired.origin, digest, self._data_root)

    @cached_property
    def _data_root(self) -> str:
        return data_root(self.engine)

    def plan(self, observed: Observed) -> Plan:
        found = plan_image(self.desired, observed)
        return found if observed.installed else planned_as_new(found)

    def apply(self, plan: Plan, observed: Observed) -> None:
        removal = Removal(self.engine)
        actions: dict[str, Callable[[Step], None]] = {
            "pull": lambda step: self._pull(observed),
            "start_pull": lambda step: self._detached(observed).start(),
            "tag": lambda step: self._tag(step.arguments["name"], observed if "pull" not in done else None),
            "remove_name": lambda step: removal.by_name(step.arguments["name"], force=step.arguments["force"]),
            "remove": lambda step: removal.superseded(step.arguments["id"], step.arguments["names"], self._current()),
        }
        done = [step.action for step in plan.steps]
        for step in plan.steps:
            self._host.progress(step.description)
            actions[step.action](step)
        self._removed, self._kept = removal.removed, removal.kept

    def _pull(self, observed: Observed) -> None:
        if observed.detached is not None:
            self._host.progress(f"joining the pull that runs on the host (process {observed.detached.process_id})")
        pull(self.engine, self._host, self.desired.origin, self._credentials, self._options["silence_timeout"])

    def _tag(self, name: str, observed: Observed | None) -> None:
        """Name the image that was there before; where there was a pull, what has come under the name it was pulled by."""
        repository, _colon, tag = name.rpartition(":")
        source = str(((observed.local if observed else None) or {}).get("Id") or self.desired.origin.lookup)
        with self.engine.errors():
            self.engine.api.tag(source, repository, tag, force=True)

    def _current(self) -> str:
        return str((self._local(self.desired) or {}).get("Id") or "")

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        """What a pull would bring: the registry tells digest and os.version, but neither id nor size."""
        return image_report(self.desired, observed, plan, predicted=True)

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        actions = [step.action for step in plan.steps]
        if "start_pull" in actions and observed.local is None and (observed.detached is None or observed.detached.process_id is None):
            raise ended_at_once(observed.detached)
        if "pull" in actions:
            size = human_size(int((observed.local or {}).get("Size") or 0))
            self._host.progress(f"{self.desired.reference} is there, {size} on disk")
        return {**image_report(self.desired, observed, plan, predicted=False), "removed": self._removed, "warnings": self._kept}


def base_image(host: RemoteHost, options: Mapping[str, Any]) -> Image:
    """The resource of the module ``base_image``."""
    resource = Image(host, options, options["family"], lambda version: desired_base_image(options, version()))
    resource.thing = "base image"
    return resource


def image(host: RemoteHost, options: Mapping[str, Any]) -> Image:
    """The resource of the module ``image``."""
    return Image(host, options, options["name"], lambda version: desired_image(options))
