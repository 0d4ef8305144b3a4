# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image on a host, as a managed thing; the modules ``base_image`` and ``image`` differ only in how they name it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..desired_state import Plan, Step
from ..engine.lookup import find_image
from ..engine.object import EngineObject
from ..errors import OptionError, RemoteError
from ..host.facts import read_version
from ..remote.host import RemoteHost
from .archive import controller_path, is_saved
from .building import Building, built_from
from .compatibility import HostVersion
from .desired import Desired, desired_base_image, desired_image
from .detached import DetachedPulls, ended_at_once
from .drive import data_root, free_space
from .loading import OnController, Peer, Place, place_of
from .names import family_images, users_of
from .plan import plan_image
from .pull import pull
from .registry import Credentials, offered_image
from .removal import Removal
from .report import image_report
from .state import ArchivedImage, Observed, Recipe, must_pull
from .transfer import save, save_to


class Image(EngineObject[Observed]):
    """One image on one host.

    Args:
        host: The host.
        options: Of the module ``base_image`` or ``image``, defaulted.
        name: For errors, until the image's reference is known.
        peer: Opens another host of the inventory, for the option from_host.
        desire: What the options ask for; given a way to learn the host's version, which only base images need.
    """

    verb = "provide"
    thing = "image"

    def __init__(
        self,
        host: RemoteHost,
        options: Mapping[str, Any],
        name: str,
        desire: Callable[[Callable[[], HostVersion]], Desired],
        peer: Peer,
    ) -> None:
        super().__init__(host, options)
        self.name = name
        self._peer = peer
        self.verb = "remove" if options["state"] == "absent" else "provide"
        self._desire = desire
        user = options.get("registry_username")
        self._credentials = Credentials(user, options["registry_password"]) if user else None
        self._removed: list[str] = []
        self._kept: list[str] = []
        self._built = False

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
        if desired.state == "present" and desired.save_to:
            controller_path(desired.save_to, "save_to")
        if self.opened is None:
            return self._read_early(desired)
        observed = Observed(self._version, self._local(desired))
        if desired.state == "absent":
            return replace(observed, users=users_of(self.engine, observed.local))
        if desired.source == "pull":
            observed = self._read_offer(desired, observed)
        if desired.source == "load":
            observed = replace(observed, archived=self._archived)
        if desired.source == "build":
            observed = self._read_recipe(desired, observed)
        if desired.save_to:
            observed = replace(observed, saved=is_saved(Path(desired.save_to).expanduser(), observed.local))
        named = {name: str((find_image(self.engine, name) or {}).get("Id") or "") or None for name in desired.names}
        others = family_images(self.engine, desired) if desired.keep is not None else ()
        return replace(observed, named=named, others=others)

    def _read_early(self, desired: Desired) -> Observed:
        """In check mode without an engine: what lies on the controller is known, what shall lie on the host may be still to come."""
        early = self._archived if desired.source == "load" and isinstance(self._place, OnController) else None
        return Observed(self._version, installed=False, archived=early, recipe=self._recipe if desired.source == "build" else None)

    def _local(self, desired: Desired) -> dict[str, Any] | None:
        """Under the name it has here; else under the one it is pulled by, as an interrupted run leaves it."""
        if desired.origin.digest:
            return find_image(self.engine, desired.origin.lookup)
        found = find_image(self.engine, desired.reference.lookup)
        if found is None and desired.origin != desired.reference:
            return find_image(self.engine, desired.origin.lookup)
        return found

    def _read_offer(self, desired: Desired, observed: Observed) -> Observed:
        """Ask the registry where its answer can matter, and the disk only when something will be pulled."""
        if desired.pull == "never" or not must_pull(desired.origin, desired.pull, observed.local, None):
            return observed
        observed = replace(observed, offer=offered_image(self.engine, desired.origin, self._credentials))
        if not must_pull(desired.origin, desired.pull, observed.local, observed.offer):
            return observed
        if desired.check_space:
            drive, free = free_space(self._host, self._data_root)
            observed = replace(observed, drive=drive, free_bytes=free)
        return replace(observed, detached=self._detached(observed).find(words=desired.detached))

    @cached_property
    def _place(self) -> Place:
        return place_of(self._host, self._options, self._peer)

    @cached_property
    def _archived(self) -> ArchivedImage:
        """Read once: loading does not change it."""
        self._host.progress(f"look for {self.desired.reference} on {self._place.description}")
        return self._place.read(self.desired.reference)

    @cached_property
    def _recipe(self) -> Recipe:
        """Read once: what is built is what was planned."""
        return self._building.recipe()

    @cached_property
    def _building(self) -> Building:
        return Building(self._host, self._options["build"], self.desired.reference, self._credentials)

    def _read_recipe(self, desired: Desired, observed: Observed) -> Observed:
        """What to build from; the images it stands on are judged only when it will be built."""
        recipe, made_of = self._recipe, built_from(observed.local)
        if (observed.local is None or made_of != recipe.digest or desired.force) and not self._built:
            recipe = replace(recipe, warnings=(*recipe.warnings, *self._building.base_warnings(self.engine, self._version)))
        return replace(observed, recipe=recipe, built_from=made_of)

    def _build(self, digest: str) -> None:
        self._building.run(self.engine, digest, self._options["silence_timeout"])
        self._built = True

    def _detached(self, observed: Observed) -> DetachedPulls:
        digest = observed.offer.digest if observed.offer else ""
        return DetachedPulls(self._host, self.engine, self.desired.origin, digest, self._data_root)

    @cached_property
    def _data_root(self) -> str:
        return data_root(self.engine)

    def plan(self, observed: Observed) -> Plan:
        return self.planned(plan_image(self.desired, observed, ahead=self._host.check_mode))

    def apply(self, plan: Plan, observed: Observed) -> None:
        removal = Removal(self.engine)
        actions: dict[str, Callable[[Step], None]] = {
            "pull": lambda step: self._pull(observed),
            "build": lambda step: self._build(step.arguments["digest"]),
            "load": lambda step: self._place.load(self.engine, self.desired.reference, self._options["silence_timeout"]),
            "save": lambda step: self._save(step.arguments["path"]),
            "start_pull": lambda step: self._detached(observed).start(),
            "tag": lambda step: self._tag(step.arguments["name"], self._source(observed, done)),
            "remove_name": lambda step: removal.by_name(step.arguments["name"], force=step.arguments["force"]),
            "remove": lambda step: removal.superseded(step.arguments["id"], step.arguments["names"], self._current()),
        }
        done = [step.action for step in plan.steps]
        for step in plan.steps:
            self._host.begin(step)
            actions[step.action](step)
        self._removed, self._kept = removal.removed, removal.kept

    def _pull(self, observed: Observed) -> None:
        if observed.detached is not None:
            self._host.progress(f"joining the pull that runs on the host (process {observed.detached.process_id})")
        pull(self.engine, self._host, self.desired.origin, self._credentials, self._options["silence_timeout"])

    def _source(self, observed: Observed, done: Sequence[str]) -> str:
        """What is tagged: what has just come, else what was there before."""
        if "load" in done and observed.archived is not None:
            return observed.archived.id
        if {"pull", "build"} & set(done) or observed.local is None:
            return self.desired.origin.lookup
        return str(observed.local["Id"])

    def _tag(self, name: str, source: str) -> None:
        repository, _colon, tag = name.rpartition(":")
        with self.engine.errors():
            self.engine.api.tag(source, repository, tag, force=True)

    def _save(self, text: str) -> None:
        image = self._local(self.desired) or {}
        counter = self._host.counter(f"save {self.desired.reference}", int(image.get("Size") or 0))
        pieces = save(self.engine, self.desired.reference.name or str(image.get("Id")), self._options["silence_timeout"])
        save_to(counter.over(pieces), controller_path(text, "save_to"))

    def _current(self) -> str:
        return str((self._local(self.desired) or {}).get("Id") or "")

    def predict(self, plan: Plan, observed: Observed) -> dict[str, Any]:
        """What a pull would bring: the registry tells digest and os.version, but neither id nor size."""
        return image_report(self.desired, observed, plan, predicted=True)

    def report(self, observed: Observed, plan: Plan) -> dict[str, Any]:
        actions = [step.action for step in plan.steps]
        if "start_pull" in actions and observed.local is None and (observed.detached is None or observed.detached.process_id is None):
            raise ended_at_once(observed.detached)
        if "load" in actions and observed.local is None:
            raise RemoteError("the archive was loaded, and yet the host has no image of that name", "Look at the names in the archive")
        if "pull" in actions:
            self._verify(observed)
        return {
            **image_report(self.desired, observed, plan, predicted=False),
            "removed": self._removed,
            "warnings": self._kept,
        }

    def _verify(self, observed: Observed) -> None:
        """What came must be what was asked for: by its digest, or by the tag as the registry has it now."""
        if must_pull(self.desired.origin, self.desired.pull, observed.local, observed.offer):
            raise RemoteError("the pull is done, and yet the host has another image than the registry offers", "Run the task again")


def _no_peer(name: str) -> RemoteHost:
    raise OptionError(f'there is no way to the host "{name}"', "Use path or remote_path")


def base_image(host: RemoteHost, options: Mapping[str, Any], peer: Peer = _no_peer) -> Image:
    """The resource of the module ``base_image``."""
    resource = Image(host, options, options["family"], lambda version: desired_base_image(options, version()), peer)
    resource.thing = "base image"
    return resource


def image(host: RemoteHost, options: Mapping[str, Any], peer: Peer = _no_peer) -> Image:
    """The resource of the module ``image``."""
    return Image(host, options, options["name"], lambda version: desired_image(options), peer)
