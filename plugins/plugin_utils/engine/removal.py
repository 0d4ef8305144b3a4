# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take an engine away: the plan (pure), and carrying it out.

With ``purge`` its data goes too, and the engine itself is asked to delete it while it still runs: the layers below ``windowsfilter`` hold
junctions that lead out to the host and files that not even administrators may touch (docker-on-windows.md section 1, 13). Rights are never
changed there and ownership never taken: that would reach through the junctions. What resists is said.
"""

from __future__ import annotations

import ntpath
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..desired_state import Difference, Plan, Step
from ..errors import ContainersError, RemoteError, doing
from . import configuration, impact, surroundings
from .archive import PROGRAMS
from .client import EngineClient
from .desired import firewall_steps, public
from .errors import EngineNotFoundError
from .options import EngineOptions
from .service import require_service, stop_service
from .state import SYSTEM32, ObservedEngine, staging_of

if TYPE_CHECKING:
    from ..remote.host import RemoteHost

#: The network that an engine makes for itself and that no request removes (docker-on-windows.md section 6).
DEFAULT_NETWORK = "nat"
_PREDEFINED = (DEFAULT_NETWORK, "none", "host")


def plan_removal(options: EngineOptions, observed: ObservedEngine) -> Plan:
    """The steps to no engine. Raises OptionError when containers run and the task does not allow to stop them."""
    if observed.running:
        impact.check_restart(options, observed.load, "the removal")
    steps = []
    if options.purge and observed.running:
        steps.append(Step("empty", f"let the engine remove all it holds{_contents(observed)}"))
    if observed.running:
        steps.append(Step("stop", f'stop the service "{observed.service_name}"{impact.fate(options, observed.load)}'))
    if observed.service is not None:
        steps.append(Step("unregister", f'remove the service "{observed.service_name}"'))
    if _has_programs(observed):
        steps.append(Step("clear", f"remove docker.exe and dockerd.exe from {observed.folder}"))
    if observed.machine_path and observed.machine_path.holds(observed.folder):
        after = observed.machine_path.without_folder(observed.folder)
        steps.append(Step("path", f"remove {observed.folder} from the machine's PATH", {"value": after}))
    steps += firewall_steps((), observed.firewall_ports or ())
    if options.purge and observed.kept:
        steps.append(Step("purge", f"delete {' and '.join(observed.kept)}", {"folders": observed.kept}))
    if options.purge and DEFAULT_NETWORK in (observed.networks or ()):
        steps.append(Step("network", f'remove the HNS network "{DEFAULT_NETWORK}"'))
    if observed.untidy:
        steps.append(Step("tidy", "remove what an interrupted run left"))
    return Plan(tuple(steps), _differences(options, observed), _unclear_networks(options, observed) if steps else ())


def _unclear_networks(options: EngineOptions, observed: ObservedEngine) -> tuple[str, ...]:
    """Only a running engine can say which networks are its own; the host may hold those of Hyper-V or Kubernetes as well."""
    others = [name for name in observed.networks or () if name.lower() not in _PREDEFINED]
    if not options.purge or observed.running or not others:
        return ()
    return (f"The engine does not run, so nobody can tell whose the HNS networks {impact.names(others)} are; they stay.",)


def _contents(observed: ObservedEngine) -> str:
    found = impact.contents(observed)
    return f": {found}" if found else ""


def _has_programs(observed: ObservedEngine) -> bool:
    return observed.version is not None or observed.client or observed.service is not None


def data_places(observed: ObservedEngine) -> list[str]:
    """Where an engine keeps what it has: its data root, the default one, and its configuration if that lies elsewhere."""
    places = [observed.data_root]
    if not configuration.same_path(observed.data_root, configuration.DATA_ROOT):
        places.append(configuration.DATA_ROOT)
    if not any(_below(observed.config_path, place) for place in places):
        places.append(observed.config_path)
    return places


def _below(path: str, folder: str) -> bool:
    return ntpath.normcase(path).startswith(ntpath.normcase(folder).rstrip("\\") + "\\")


def _differences(options: EngineOptions, observed: ObservedEngine) -> tuple[Difference, ...]:
    rows = [
        ("version", observed.version, None),
        ("service", observed.service.name if observed.service else None, None),
        ("leftovers", list(observed.remains) or None, None),
        ("data", list(observed.kept) if options.purge and observed.kept else None, None),
    ]
    return tuple(Difference(name, before, after) for name, before, after in rows if before is not None)


def report_removal(observed: ObservedEngine) -> dict[str, Any]:
    """The result, from what is there."""
    return {
        "version": observed.version,
        "service": observed.service.name if observed.service else None,
        "path": observed.folder if _has_programs(observed) else None,
        "config": public(configuration.parse_or_nothing(observed.config)),
        "data_root": observed.kept[0] if observed.kept else None,
        "start_mode": observed.start_mode,
        "restarted": False,
        "left_behind": _left_behind(observed),
    }


def _left_behind(observed: ObservedEngine) -> list[str]:
    return [*observed.kept] + [f"HNS network {name}" for name in observed.networks or () if name == DEFAULT_NETWORK]


def predicted_removal(options: EngineOptions, observed: ObservedEngine) -> dict[str, Any]:
    """What a run would read back, if nothing resists."""
    kept = () if options.purge else observed.kept
    return {
        "version": None,
        "service": None,
        "path": None,
        "config": {} if options.purge else public(configuration.parse_or_nothing(observed.config)),
        "data_root": kept[0] if kept else None,
        "start_mode": None,
        "restarted": False,
        "left_behind": [] if options.purge else _left_behind(observed),
    }


class Removal:
    """One run of a plan to no engine. What is gone stays gone when a later step fails: the next run goes on from there."""

    def __init__(self, host: RemoteHost, options: EngineOptions, observed: ObservedEngine) -> None:
        self._host, self._options, self._observed = host, options, observed

    def run(self, plan: Plan) -> None:
        """Carry out all steps."""
        deeds: dict[str, Callable[[Step], None]] = {
            "empty": self._empty,
            "stop": lambda step: stop_service(self._host, self._observed.service_name),
            "unregister": self._unregister,
            "clear": self._clear,
            "path": lambda step: surroundings.write_path(self._host, step.arguments["value"]),
            "close_port": lambda step: surroundings.close_port(self._host, step.arguments["port"]),
            "purge": self._purge,
            "network": self._remove_network,
            "tidy": self._tidy,
        }
        for step in plan.steps:
            self._host.begin(step)
            deeds[step.action](step)

    def _tidy(self, step: Step) -> None:
        for path in (staging_of(self._observed.folder), *self._observed.litter):
            self._host.files.remove(path)

    def _empty(self, step: Step) -> None:
        """Containers, networks, images, volumes, through the engine's own API: it alone can delete its layers cleanly.

        What it refuses stays for the deletion of the folder, which says what resisted.
        """
        engine = EngineClient.open(self._host, self._options.pipe, require_service(self._host))
        api = engine.api
        with doing("empty", "the engine"), engine.errors():
            for container in api.containers(all=True):
                self._try(engine, partial(api.remove_container, container["Id"], force=True, v=True))
            for network in api.networks():
                if str(network["Name"]).lower() not in _PREDEFINED:
                    self._try(engine, partial(api.remove_network, network["Id"]))
            for image in api.images(all=True):
                self._try(engine, partial(api.remove_image, image["Id"], force=True))
            for volume in (api.volumes().get("Volumes")) or []:
                self._try(engine, partial(api.remove_volume, volume["Name"], force=True))
        engine.close()

    def _try(self, engine: EngineClient, deed: Callable[[], Any]) -> None:
        try:
            with engine.errors():
                deed()
        except EngineNotFoundError:
            return  # removed together with another one
        except ContainersError as error:
            self._host.progress(f"the engine does not remove it: {error.cause}")

    def _unregister(self, step: Step) -> None:
        """By sc, which needs no program of the engine: that may be missing. The event source goes with it."""
        name = self._observed.service_name
        surroundings.remove_service(self._host, name)

    def _clear(self, step: Step) -> None:
        folder = self._observed.folder
        for name in PROGRAMS:
            self._host.files.remove(ntpath.join(folder, name))
        if not configuration.same_path(folder, SYSTEM32):
            self._host.files.remove_if_empty(folder)

    def _purge(self, step: Step) -> None:
        """Delete the folders. ``rmdir`` removes junctions without following them."""
        for folder in step.arguments["folders"]:
            try:
                self._host.files.remove(folder)
            except RemoteError as error:
                raise RemoteError(
                    f'the engine is removed, but "{folder}" resists: Windows keeps layers below windowsfilter even from administrators',
                    "Reboot the host and run the task again; if that does not help, delete the folder with docker-ci-zap, "
                    "never by taking ownership of what is in it",
                    text=error.text,
                ) from error

    def _remove_network(self, step: Step) -> None:
        network = (surroundings.read_networks(self._host) or {}).get(DEFAULT_NETWORK)
        if network:
            surroundings.remove_network(self._host, DEFAULT_NETWORK, network)
