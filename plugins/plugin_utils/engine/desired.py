# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the engine as it is to the engine as it shall be. Pure."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..desired_state import Difference, Plan, Step
from ..errors import OptionError
from . import configuration, impact
from .config_values import check_log_options
from .machine_path import MachinePath
from .options import EngineOptions
from .preflight import TOOLS_BUILD, check_host, runs
from .releases import accepted_checksums, known_versions, parse_version, table
from .service_plan import ServiceChange, plan_service
from .state import SERVICE_NAME, SYSTEM32, ObservedEngine, staging_of

#: First major version with ``dockerd --validate`` (moby pull request 42393, released with 23.0).
VALIDATES = 23
_DESKTOP = (
    "Docker Desktop is installed. While its own Windows engine runs, it holds the named pipe docker_engine and the folder C:\\ProgramData\\docker; "
    "switch it to Linux containers, or give this engine another pipe (hosts and data-root in config, and engine_pipe)."
)
_NO_CONTAINERS_YET = (
    "the Windows feature Containers is not active on this host yet (there is no service hns); the engine is planned as if it were, "
    "and cannot be installed before it is active"
)
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


@dataclass(frozen=True)
class Changes:
    """What differs, before anybody asks whether it may be changed.

    Args:
        target: The version to have.
        folder: Where its programs shall lie.
        install: Whether programs must be fetched.
        carry: Whether the programs that are there are only moved into another folder.
        client: Whether only ``docker.exe`` is missing, which can be put back while the engine runs.
        command: The service's new image path; None when it stays.
        settings: What daemon.json shall hold.
        configure: Whether it must be written.
        service: Changes to the service's settings.
    """

    target: str
    folder: str
    install: bool
    carry: bool
    client: bool
    command: str | None
    settings: Mapping[str, Any]
    configure: bool
    service: ServiceChange

    @property
    def restart(self) -> bool:
        """Whether an engine that runs must be stopped for it."""
        return bool(self.install or self.carry or self.command or self.configure or self.service.restart)

    @property
    def reason(self) -> str:
        """What needs the restart, for a refusal."""
        if self.install:
            return f"installing version {self.target}"
        if self.carry or self.command:
            return "moving the engine"
        return "a change of daemon.json" if self.configure else "a change of the service's environment"


def compare(options: EngineOptions, observed: ObservedEngine) -> Changes:
    """What differs. Raises OptionError where the host cannot have what is asked for, or the engine would not start with it."""
    target = _target(options, observed)
    check_host(options, observed, target)
    configuration.check(options.config, parse_version(target)[0])
    folder = options.install_path if options.move else observed.folder
    moved = not configuration.same_path(folder, observed.folder)
    install = observed.version != target or (moved and not observed.client)  # a missing one cannot be moved
    settings = _wanted_settings(options, observed)
    return Changes(
        target=target,
        folder=folder,
        install=install,
        carry=moved and not install,
        client=not install and not observed.client,
        command=_command(observed, folder),
        settings=settings,
        configure=settings != configuration.parse_or_nothing(observed.config) or _must_be_rewritten(target, observed),
        service=plan_service(options.service, observed),
    )


def plan_engine(options: EngineOptions, observed: ObservedEngine) -> Plan:
    """The steps to the engine asked for.

    Raises:
        OptionError: The host cannot run this engine, the archive's checksum is not known, the configuration would keep the
            engine from starting, or containers and data would suffer what the task does not allow.
    """
    changes = compare(options, observed)
    warnings = impact.check_downgrade(options, observed, changes.target)
    impact.check_data_root(options, observed, configuration.data_root(changes.settings, observed.flags))
    interrupt = observed.running and changes.restart
    if observed.desktop and observed.service is None:
        warnings += (_DESKTOP,)
    if changes.configure:
        warnings += configuration.exposures(changes.settings)
    if interrupt:
        impact.check_restart(options, observed.load, changes.reason)
        warnings += impact.warnings(options, observed.load)
    steps = (
        *_prepare(options, observed, changes),
        *(_interrupt(options, observed) if interrupt else ()),
        *_change(options, observed, changes),
        *_resume(options, observed, changes, interrupt=interrupt),
        *_surroundings(options, observed, changes),
    )
    assumptions = () if observed.containers else (_NO_CONTAINERS_YET,)
    return Plan(steps, _differences(options, observed, changes), warnings, assumptions=assumptions)


def _target(options: EngineOptions, observed: ObservedEngine) -> str:
    known = [version for version in known_versions(options.sha256) if runs(version, observed.build)]
    installed = observed.version if observed.version and runs(observed.version, observed.build) else None
    chosen = options.range.choose(known, installed, upgrade=options.state == "latest")
    if chosen is None:
        newest = max(known, key=parse_version, default="none")
        source = "the option sha256" if isinstance(options.sha256, Mapping) else f"the table of this collection, of {table()[0]},"
        raise OptionError(
            f'{source} has no engine version in the range "{options.version}" that runs on Windows build {observed.build}',
            f"The newest it has is {newest}; choose another range, or give a version in full with its sha256",
        )
    return chosen


def _wanted_settings(options: EngineOptions, observed: ObservedEngine) -> dict[str, Any]:
    replaces = options.config_mode == "replace"
    # What is to be replaced as a whole may be broken; what is merged into may not.
    current = configuration.parse_or_nothing(observed.config) if replaces else observed.settings
    wanted = configuration.replace(options.config) if replaces else configuration.merge(current, options.config)
    if observed.service is not None:
        changed = [key for key, value in wanted.items() if key not in current or current[key] != value]
        configuration.check_flags(changed, observed.flags)
    if "log-opts" in options.config or "log-driver" in options.config:
        check_log_options(wanted)
    configuration.check_pipe_is_served(wanted, options.pipe)
    return wanted


def _must_be_rewritten(target: str, observed: ObservedEngine) -> bool:
    """A file the engine cannot read; those before 23 call a byte order mark invalid JSON (docker-on-windows.md section 1, daemon.json)."""
    if configuration.is_broken(observed.config):
        return True
    return parse_version(target)[0] < 23 and configuration.has_byte_order_mark(observed.config)


def _command(observed: ObservedEngine, folder: str) -> str | None:
    """The image path the service should have: its program in that folder, started as a service; None when it is so."""
    service = observed.service
    if service is None or not service.command:
        return None
    text = service.command.strip()
    rest = text[len(service.path) + 2 :] if text.startswith('"') else text[len(service.path) :]
    # Without quotes the program takes the end of its own path for a command, and the service ends at once.
    torn = " " in service.path and not text.startswith('"')
    if "--run-service" not in rest.split():
        rest = f" --run-service{rest}"
    elif configuration.same_path(service.folder, folder) and not torn:
        return None
    return f'"{ntpath.join(folder, "dockerd.exe")}"{rest}'


def _prepare(options: EngineOptions, observed: ObservedEngine, changes: Changes) -> tuple[Step, ...]:
    """What is done while the engine still runs."""
    steps = []
    if changes.install or changes.client:
        checksums = accepted_checksums(changes.target, options.sha256)
        arguments = {"version": changes.target, "checksums": checksums, "staging": staging_of(changes.folder)}
        steps.append(Step("stage", _stage_text(options, observed, changes.target), arguments))
    elif changes.carry:
        text = f"copy docker.exe and dockerd.exe from {observed.folder}"
        steps.append(Step("copy", text, {"version": changes.target, "staging": staging_of(changes.folder)}))
    if changes.configure and parse_version(changes.target)[0] >= VALIDATES:
        content = configuration.serialise(changes.settings)
        steps.append(Step("validate", f"let dockerd {changes.target} check the new {observed.config_path}", {"content": content}))
    return tuple(steps)


def _stage_text(options: EngineOptions, observed: ObservedEngine, version: str) -> str:
    origin = options.origin(version)
    if options.source == "host":
        return f"unpack {origin} and verify it"
    if options.source == "controller":
        return f"stream {origin} from the controller and verify it"
    if options.source == "push" or observed.build < TOOLS_BUILD:
        return f"download {origin} on the controller, verify it and stream it to the host"
    return f"download {origin} and verify it"


def _interrupt(options: EngineOptions, observed: ObservedEngine) -> tuple[Step, ...]:
    stop = Step("stop", f'stop the service "{observed.service_name}"{impact.fate(options, observed.load)}')
    running = [one.name for one in observed.load.running] if observed.load else []
    if not options.drain or not running:
        return (stop,)
    text = f"stop the containers {impact.names(running)}, each within {options.drain_timeout} seconds"
    return (Step("drain", text, {"names": running}), stop)


def _change(options: EngineOptions, observed: ObservedEngine, changes: Changes) -> tuple[Step, ...]:
    steps = []
    if changes.install or changes.carry:
        steps.append(Step("place", f"put docker.exe and dockerd.exe into {changes.folder}", {"folder": changes.folder}))
    elif changes.client:
        steps.append(Step("place", f"put docker.exe into {changes.folder}", {"folder": changes.folder, "programs": ("docker.exe",)}))
    if observed.service is None:
        steps.append(Step("register", f'register the service "{SERVICE_NAME}"', {"folder": changes.folder}))
    if changes.command:
        # Before the service is known elsewhere: afterwards nobody could tell which entry was the old one.
        steps += _path_steps(options, observed, changes)
        arguments = {"command": changes.command, "folder": changes.folder}
        steps.append(Step("repoint", f'let the service "{observed.service_name}" start {changes.command}', arguments))
    steps += changes.service.steps
    if changes.configure:
        steps.append(Step("configure", f"write {observed.config_path}", {"content": configuration.serialise(changes.settings)}))
    return tuple(steps)


def _resume(options: EngineOptions, observed: ObservedEngine, changes: Changes, *, interrupt: bool) -> tuple[Step, ...]:
    steps = []
    if interrupt or not observed.running:
        steps.append(Step("start", f'start the service "{observed.service_name}"'))
    stopped = [one.name for one in observed.load.running] if interrupt and options.drain and observed.load else []
    again = list(dict.fromkeys([*observed.drained, *stopped]))
    if again:
        steps.append(Step("resume", f"start the containers {impact.names(again)} again", {"names": again}))
    if changes.carry or (changes.install and not configuration.same_path(changes.folder, observed.folder)):
        steps.append(Step("clear", f"remove docker.exe and dockerd.exe from {observed.folder}", {"folder": observed.folder}))
    elif observed.stray:
        steps.append(Step("clear", "remove docker.exe and dockerd.exe from System32", {"folder": SYSTEM32}))
    return tuple(steps)


def _surroundings(options: EngineOptions, observed: ObservedEngine, changes: Changes) -> tuple[Step, ...]:
    """What lies around the engine and needs no restart of it."""
    steps = []
    if not changes.command:
        steps += _path_steps(options, observed, changes)
    if options.firewall_ports is not None and observed.firewall_ports is not None:
        steps += firewall_steps(options.firewall_ports, observed.firewall_ports)
    if observed.untidy:
        steps.append(Step("tidy", "remove what an interrupted run left"))
    return tuple(steps)


def _path_steps(options: EngineOptions, observed: ObservedEngine, changes: Changes) -> list[Step]:
    path = _path(options, observed, changes)
    return [Step("path", f"have {changes.folder} in the machine's PATH", {"value": path})] if path else []


def _path(options: EngineOptions, observed: ObservedEngine, changes: Changes) -> MachinePath | None:
    """The machine's PATH as it should be; None when it is. The entry of an engine that moves goes with it."""
    before = observed.machine_path
    if before is None:
        return None
    moved = not configuration.same_path(observed.folder, changes.folder) and before.holds(observed.folder)
    after = before.without_folder(observed.folder) if moved else before
    if (moved or options.add_to_path) and not after.holds(changes.folder):
        after = after.with_folder(changes.folder)
    return after if after != before else None


def firewall_steps(wanted: tuple[int, ...], found: tuple[int, ...]) -> list[Step]:
    """Rules to add and to remove."""
    opened = [port for port in dict.fromkeys(wanted) if port not in found]
    closed = [port for port in found if port not in wanted]
    add = [Step("open_port", f"open TCP port {port} in the firewall", {"port": port}) for port in opened]
    return add + [Step("close_port", f"remove the firewall rule for TCP port {port}", {"port": port}) for port in closed]


def _differences(options: EngineOptions, observed: ObservedEngine, changes: Changes) -> tuple[Difference, ...]:
    service = observed.service
    path = _path(options, observed, changes)
    ports = options.firewall_ports
    rows = [
        (observed.version != changes.target, "version", observed.version, changes.target),
        (service is None, "service", None, SERVICE_NAME),
        (changes.client, "client", None, ntpath.join(changes.folder, "docker.exe")),
        (bool(changes.command), "command", service.command if service else None, changes.command),
        (changes.configure, "config", public(configuration.parse_or_nothing(observed.config)), public(changes.settings)),
        (not observed.running, "state", service.state if service else None, "Running"),
        (bool(observed.remains), "leftovers", list(observed.remains), []),
        (bool(observed.drained), "stopped_containers", list(observed.drained), []),
        (path is not None, "path_entry", None, changes.folder),
        (
            ports is not None and observed.firewall_ports is not None and set(ports) != set(observed.firewall_ports),
            "firewall_ports",
            sorted(observed.firewall_ports or ()),
            sorted(set(ports or ())),
        ),
    ]
    found = [Difference(name, before, after) for differs, name, before, after in rows if differs]
    return (*found, *changes.service.differences)


def public(value: Any) -> Any:
    """A setting without the credentials that addresses in it may hold (proxies)."""
    if isinstance(value, str):
        return _CREDENTIALS.sub("//***@", value)
    if isinstance(value, Mapping):
        return {key: public(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [public(inner) for inner in value]
    return value


def predicted(options: EngineOptions, observed: ObservedEngine, plan: Plan) -> dict[str, Any]:
    """The result check mode gives: what a run would read back."""
    changes = compare(options, observed)
    return {
        "version": changes.target,
        "service": observed.service_name,
        "path": changes.folder,
        "config": public(changes.settings),
        "data_root": configuration.data_root(changes.settings, observed.flags),
        "start_mode": changes.service.start_mode,
        "restarted": restarts(plan),
    }


def restarts(plan: Plan) -> bool:
    """Whether the plan stops a running engine and starts it again."""
    return {"stop", "start"} <= {step.action for step in plan.steps}
