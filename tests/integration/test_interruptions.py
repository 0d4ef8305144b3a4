# Copyright (c) 2026, the winfleet.containers authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that breaks at any message of a change leaves nothing half done: the next run comes to the same end.

Each change is run once undisturbed, to count its messages; then again and again on fresh hosts, cut at another message each time,
before it was carried out or after. Which messages are taken is spread over the whole change, so that the file stays quick.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from bench.interruptions import REGISTRY, hosts, problems

from ansible_collections.winfleet.containers.plugins.modules.container import ARGUMENT_SPEC
from ansible_collections.winfleet.containers.plugins.plugin_utils.containers.container import Container
from ansible_collections.winfleet.containers.plugins.plugin_utils.desired_state import Resource
from ansible_collections.winfleet.containers.plugins.plugin_utils.engine.resource import DockerEngine
from ansible_collections.winfleet.containers.plugins.plugin_utils.errors import ContainersError
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.feature_plan import FeatureRequest
from ansible_collections.winfleet.containers.plugins.plugin_utils.host.feature_resource import HostFeature
from ansible_collections.winfleet.containers.plugins.plugin_utils.images.image import image
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.host import RemoteHost
from ansible_collections.winfleet.containers.plugins.plugin_utils.remote.session import Session
from integration.containers.conftest import IMAGE, IMAGE_SPEC, PING, _install, defaults
from simulator.engine.engine import Engine
from simulator.fleet import RunningFleet, running_fleet
from simulator.programs.dockerd import ENGINES, version_of

ENTRY = {
    "name": "ws2022",
    "profile": "server-2022",
    "platform": "metal",
    "boot_seconds": 0.1,
    "servicing_seconds": 0.05,
    "time_scale": 0.01,
}
OLD, NEW = "27.5.1", "28.5.2"
PROGRAM = "C:\\Program Files\\docker\\dockerd.exe"


class Target:
    """A fresh host, and tasks on it as their actions run them."""

    def __init__(self, fleet: RunningFleet) -> None:
        self.fleet = fleet
        self.host = fleet.hosts["ws2022"]
        self.machine = self.host.machine

    def run(self, make: Callable[[RemoteHost, RunningFleet], Resource[Any]], progress: Callable[[str], None] = lambda line: None) -> bool:
        """Once through; whether it changed anything. Raises ContainersError."""
        plugin = connection_loader.get("winrm", PlayContext(), "/dev/null")
        plugin.set_options(
            var_options={"ansible_winrm_transport": "ntlm", "ansible_winrm_scheme": "http", **self.host.inventory(), "_extras": {}}
        )
        try:
            with RemoteHost(self.host.name, Session.of(plugin), progress=progress, reconnect=lambda: Session.of(plugin, 10)) as remote:
                resource = make(remote, self.fleet)
                observed = resource.read()
                plan = resource.plan(observed)
                if plan.changed:
                    resource.apply(plan, observed)
                    resource.report(resource.read(), plan)
                return plan.changed
        finally:
            with suppress(Exception):  # as core does: the end of a task is no reason to fail it
                plugin.close()

    @property
    def engine(self) -> Engine:
        return ENGINES[self.machine]

    def containers(self) -> dict[str, str]:
        return {entry.name: entry.state.status for entry in self.engine.state.containers.values()}

    def folders(self) -> list[str]:
        """What lies beside the engine's folder and should not."""
        return [entry.name for entry in self.machine.files.list("C:\\Program Files") if "winfleet" in entry.name]

    def end(self) -> dict[str, Any]:
        """All that a user could tell apart at the end."""
        service = self.machine.services.get("docker")
        engine = ENGINES.get(self.machine)
        return {
            "service": service.state if service else None,
            "engine": str(version_of(self.machine, PROGRAM)) if self.machine.files.is_file(PROGRAM) else None,
            "containers": self.containers() if engine else {},
            "images": sorted(name for entry in engine.state.images.images.values() for name in entry.tags) if engine else [],
            "features": [str(self.machine.features.find(name).state.value) for name in ("Containers", "Microsoft-Hyper-V")],
            "leftovers": self.folders(),
            "tasks": [task.name for task in self.machine.tasks.all()],
        }


def _container(**options: Any) -> Callable[[RemoteHost, RunningFleet], Resource[Any]]:
    defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return lambda host, fleet: Container(host, {**defaults, "name": "web", "image": IMAGE, "command": PING, **options})


def _engine(version: str = NEW, **options: Any) -> Callable[[RemoteHost, RunningFleet], Resource[Any]]:
    def make(host: RemoteHost, fleet: RunningFleet) -> Resource[Any]:
        mirror = fleet.fleet.mirror
        return DockerEngine(
            {
                "version": version,
                "url": f"{mirror.url}/docker-{version}.zip",
                "sha256": mirror.sha256[version],
                "install_path": "C:\\Program Files\\docker",
                "config": {"exec-opts": ["isolation=process"]},
                "engine_pipe": "docker_engine",
                "allow_restart": True,
                **options,
            },
            host,
        )

    return make


def _features(reboot: bool) -> Callable[[RemoteHost, RunningFleet], Resource[Any]]:
    return lambda host, fleet: HostFeature(host, FeatureRequest(("containers", "hyperv"), "present", reboot, False), 60)


@dataclass(frozen=True)
class Change:
    """What is done, and to which host.

    Attributes:
        task: The resource that is interrupted and run again.
        before: Tasks that have been done.
        engine: An engine that runs already.
        tries: At how many messages it is cut.
        keeps: What must be there at any time, after the interruption too.
        settings: Further settings of the host.
    """

    task: Callable[[RemoteHost, RunningFleet], Resource[Any]]
    before: tuple[Callable[[RemoteHost, RunningFleet], Resource[Any]], ...] = ()
    engine: str = ""
    features: tuple[str, ...] = ("Containers",)
    tries: int = 10
    keeps: Callable[[Target], bool] = lambda target: True
    settings: dict[str, Any] = field(default_factory=dict)

    def target(self, fleet: RunningFleet) -> Target:
        target = Target(fleet)
        if self.engine:
            fleet.call(lambda: _install(target.machine, self.engine))
        for task in self.before:
            target.run(task)
        return target


def _has_a_web(target: Target) -> bool:
    return any(name.startswith("web") for name in target.containers())


def _has_an_engine(target: Target) -> bool:
    service = target.machine.services.get("docker")
    return target.machine.files.is_file(PROGRAM) and service is not None and service.state == "Running"


CHANGES = {
    "install": Change(_engine(), tries=16),
    "upgrade": Change(_engine(), engine=OLD, tries=24, keeps=_has_an_engine),
    "configure": Change(_engine(OLD), engine=OLD, tries=8, keeps=_has_an_engine),
    "pull and name": Change(
        lambda host, fleet: image(host, {**defaults(IMAGE_SPEC), "name": IMAGE, "tags": ["example/base:1"]}), engine=NEW, tries=8
    ),
    "create": Change(_container(), engine=NEW, tries=10),
    "recreate": Change(_container(env={"A": "b"}), before=(_container(),), engine=NEW, tries=16, keeps=_has_a_web),
    "remove": Change(_container(state="absent"), before=(_container(),), engine=NEW, tries=8),
    "features": Change(_features(reboot=False), features=(), tries=10),
    "features and reboot": Change(_features(reboot=True), features=(), tries=3),
    "features and reboot by a task": Change(_features(reboot=True), features=(), tries=2, settings={"remote_shutdown": False}),
}


def _fleet(change: Change) -> Any:
    entry = {**ENTRY, "features": dict.fromkeys(change.features, "enabled"), **change.settings}
    return running_fleet({"hosts": [entry], "registry": {"bytes_per_second": 1e10, "tick": 0.01}})


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_was_cut_off_is_finished_by_the_next_run(name: str) -> None:
    change = CHANGES[name]
    with _fleet(change) as fleet:
        whole = change.target(fleet)
        before = sum(whole.host.messages.values())
        assert whole.run(change.task)
        messages = sum(whole.host.messages.values()) - before
        expected = whole.end()
    step = max(1, messages * 2 // change.tries)
    problems = []
    for position in range(0, messages * 2, step):
        nth, when = position // 2 + 1, ("before", "after")[(position // step) % 2]
        with _fleet(change) as fleet:
            problem = _interrupted(change, fleet, nth, when, expected)
        if problem:
            problems.append(f"cut {when} message {nth} of {messages}: {problem}")
    assert not problems, "\n".join(problems)


def _interrupted(change: Change, fleet: RunningFleet, nth: int, when: str, expected: dict[str, Any]) -> str:
    target = change.target(fleet)
    target.host.faults.add("cut", nth=nth, when=when)
    first = "no error"
    try:
        target.run(change.task)
    except ContainersError as error:
        first = error.sentence("ws2022")
    target.host.faults.clear()
    if not change.keeps(target):
        return f"lost what was there: {target.end()} ({first})"
    try:
        target.run(change.task)
        changed = target.run(change.task)
    except ContainersError as error:
        return f"{first} / the next run: {error.sentence('ws2022')}"
    if changed or target.end() != expected:
        return f"{first} / the next run ended with {target.end()}, and the one after it changed {'something' if changed else 'nothing'}"
    return ""


@pytest.mark.parametrize("step", ["put docker.exe", "start the service"])
def test_an_upgrade_that_the_user_breaks_off_is_put_back(step: str) -> None:
    change = CHANGES["upgrade"]

    def break_off(line: str) -> None:
        if line.startswith(step):
            raise KeyboardInterrupt

    with _fleet(change) as fleet:
        target = change.target(fleet)
        before = target.end()
        with pytest.raises(KeyboardInterrupt):
            target.run(change.task, break_off)
        assert target.end() == before


def test_the_role_goes_on_where_it_was_cut_off() -> None:
    """A sample; ``make interruptions`` cuts at every message. About 300 carry a bare machine to its base image."""
    cuts = [(nth, ("before", "after")[nth % 2]) for nth in (125, 180, 235)]
    with running_fleet({"hosts": hosts(cuts), "registry": REGISTRY}) as fleet:
        assert list(problems(fleet)) == []
